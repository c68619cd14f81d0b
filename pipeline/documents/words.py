"""The fixed words of documents, a catalogue to a language (`templates/texter/<lang>.toml`), and how days are written.

Swedish has every word; another language falls back to it word by word. The plan itself is always Swedish.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.documents.bundle import templates

SWEDISH = "sv"
HIDDEN = "\ue000"
"""What stands for a masked text, a character that no font of ours can write and no plan can therefore carry."""


class HiddenDay(date):
    """A masked day."""


@dataclass(frozen=True, slots=True)
class Words:
    """A catalogue of fixed words: ``words("kod.satt.pa_plats")``; an unknown key raises `KeyError`."""

    entries: Mapping[str, str]
    months: tuple[str, ...]
    ordinals: tuple[str, ...]
    """From the third on, as a period counts them."""
    lang: str = SWEDISH

    def __call__(self, key: str, **params: object) -> str:
        """The words under `key` with its placeholders filled; a masked code has none."""
        if HIDDEN in key:
            return HIDDEN
        entry = self.entries[key]
        return entry.format(**params) if params else entry

    def with_roles(self, words: Mapping[str, str]) -> "Words":
        """The same catalogue with a municipality's own words for the roles."""
        own = {f"kod.roll.{role}": word for role, word in words.items()}
        return replace(self, entries={**self.entries, **own})

    def day(self, day: date) -> str:
        """A day in plain words: ``12 november 2026``."""
        if isinstance(day, HiddenDay):
            return HIDDEN
        return self("datum.dag", dag=day.day, manad=self.months[day.month - 1], ar=day.year)

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
        ordinal = self.ordinals[nth - 3] if nth - 3 < len(self.ordinals) else self("datum.ordningstal", tal=nth)
        return self(f"period.var.{period}", ordning=ordinal)

    def minutes(self, minutes: int) -> str:
        """A length of time in plain words: ``3 timmar 30 minuter``, ``1 minut``."""
        hours, rest = divmod(minutes, 60)
        parts = []
        if hours:
            parts.append(self("datum.timme" if hours == 1 else "datum.timmar", antal=hours))
        if rest or not hours:
            parts.append(self("datum.minut" if rest == 1 else "datum.minuter", antal=rest))
        return " ".join(parts)


def listed(words: Sequence[str], last: str = "och") -> str:
    """Words in a row: ``a, b och c``; `last` is the language's word before the last."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


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
    """The catalogue in a TOML file, named after its language."""
    tree = tomllib.loads(path.read_text("utf-8"))
    months, ordinals = tuple(tree.pop("manad")["namn"]), tuple(tree.pop("ordning")["namn"])
    return Words(dict(_flat(tree, "")), months, ordinals, path.stem)


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, str(value)))
    return found


@cache
def words(lang: str) -> Words:
    """The catalogue of a language over the Swedish one; the Swedish one where the language has none."""
    path = templates() / "texter" / f"{lang}.toml"
    swedish_words = load(templates() / "texter" / f"{SWEDISH}.toml")
    if lang == SWEDISH or not (lang.isalpha() and path.is_file()):
        return swedish_words
    own = load(path)
    return replace(own, entries={**swedish_words.entries, **own.entries})


def swedish() -> Words:
    """The catalogue of the plan itself."""
    return words(SWEDISH)
