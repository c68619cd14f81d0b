"""What people read: message catalogues, Swedish first with English beside it.

Each catalogue is a TOML file in this folder whose entries are ``key = {sv = "...", en = "..."}``; keys are unique over
all catalogues. Placeholders are ``str.format`` names. Never put a value from a plan into a text.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages."""

    sv: str
    en: str


@cache
def catalogue() -> dict[str, Text]:
    """All messages by their full key (``table.key``); raises `ValueError` when a key stands twice."""
    found: dict[str, Text] = {}
    for source in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if source.name.endswith(".toml"):
            _collect(tomllib.loads(source.read_text("utf-8")), "", found)
    return found


def _collect(table: dict[str, object], prefix: str, found: dict[str, Text]) -> None:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if not isinstance(value, dict):
            raise TypeError(f"catalogue entry {name} is not a table")
        if set(value) == {"sv", "en"}:
            if name in found:
                raise ValueError(f"catalogue key {name} stands twice")
            found[name] = Text(sv=str(value["sv"]), en=str(value["en"]))
        else:
            _collect(value, f"{name}.", found)


def text(key: str, /, **params: object) -> Text:
    """The message `key` with its placeholders filled; raises `KeyError` for an unknown key."""
    entry = catalogue()[key]
    return Text(sv=entry.sv.format(**params), en=entry.en.format(**params))
