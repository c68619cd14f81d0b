"""The fixed Swedish words of documents (`templates/texter/sv.toml`), and how days, minutes and lists are written."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.documents.bundle import templates

HIDDEN = "\ue000"
"""What stands for a masked text, a character that no font of ours can write and no plan can therefore carry."""


class HiddenDay(date):
    """A masked day."""


@dataclass(frozen=True, slots=True)
class Words:
    """A catalogue of fixed words: ``words("kod.satt.pa_plats")``; an unknown key raises `KeyError`."""

    entries: Mapping[str, str]
    months: tuple[str, ...]

    def __call__(self, key: str, **params: object) -> str:
        """The words under `key` with its placeholders filled; a masked code has none."""
        if HIDDEN in key:
            return HIDDEN
        entry = self.entries[key]
        return entry.format(**params) if params else entry

    def with_roles(self, words: Mapping[str, str]) -> "Words":
        """The same catalogue with a municipality's own words for the roles."""
        own = {f"kod.roll.{role}": word for role, word in words.items()}
        return Words({**self.entries, **own}, self.months)

    def day(self, day: date) -> str:
        """A day in plain Swedish: ``12 november 2026``."""
        if isinstance(day, HiddenDay):
            return HIDDEN
        return f"{day.day} {self.months[day.month - 1]} {day.year}"

    def every(self, period: str, nth: int = 1) -> str:
        """A recurring period: ``i veckan``, ``varannan vecka``, ``var sjätte månad``, ``vartannat år``.

        `period` is ``dag``, ``vecka``, ``2_veckor``, ``manad`` or ``ar``.
        """
        if period == "2_veckor":
            period, nth = "vecka", 2 * nth
        if nth == 1:
            return self(f"period.en.{period}")
        if nth == 2:
            return self(f"period.varannan.{period}")
        ordinal = _ORDINALS[nth - 3] if nth - 3 < len(_ORDINALS) else f"{nth}:e"
        return self(f"period.var.{period}", ordning=ordinal)

    def minutes(self, minutes: int) -> str:
        """A length of time in plain Swedish: ``3 timmar 30 minuter``, ``1 minut``."""
        hours, rest = divmod(minutes, 60)
        parts = []
        if hours:
            parts.append(f"{hours} timme" if hours == 1 else f"{hours} timmar")
        if rest or not hours:
            parts.append(f"{rest} minut" if rest == 1 else f"{rest} minuter")
        return " ".join(parts)


_ORDINALS = ("tredje", "fjärde", "femte", "sjätte", "sjunde", "åttonde", "nionde", "tionde", "elfte", "tolfte")


def listed(words: Sequence[str]) -> str:
    """Words in a row as Swedish writes them: ``a, b och c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} och {words[-1]}" if words else ""


def number(value: float) -> str:
    """A number with a decimal comma and no needless zeros: ``0,5``."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def grouped(digest: str) -> str:
    """A hexadecimal digest in groups of eight, so that it can be compared by eye."""
    return " ".join(digest[i : i + 8] for i in range(0, len(digest), 8))


def clock(w: Words, instant: datetime) -> str:
    """An instant in Swedish time: ``25 november 2026 kl. 14.05``."""
    at = instant.astimezone(ZoneInfo("Europe/Stockholm"))
    return f"{w.day(at.date())} kl. {at:%H.%M}"


def sentence(text: str) -> str:
    """The text with its first letter large, the rest as it stands."""
    return text[:1].upper() + text[1:]


def load(path: Path) -> Words:
    """The catalogue in a TOML file."""
    tree = tomllib.loads(path.read_text("utf-8"))
    months = tuple(tree.pop("manad")["namn"])
    return Words(dict(_flat(tree, "")), months)


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, str(value)))
    return found


@cache
def swedish() -> Words:
    """The catalogue that ships with the project."""
    return load(templates() / "texter" / "sv.toml")
