"""Picture support for the easy-to-read plan: a pictogram for an insats's area of life, and when it is given.

The pictures in `templates/bilder` are the project's own, drawn in one colour, which becomes the dress's. None of them
says alone what it says: the words stand beside it, and each has an alternative text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.documents import outlines
from pipeline.documents.bundle import templates
from pipeline.documents.dress import Dress
from pipeline.documents.words import HIDDEN, Words, listed
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Insats, Nar

DAYS = ("man", "tis", "ons", "tor", "fre", "lor", "son")
_DRAWN = "#123456"
_PARTS_OF_DAY = {
    "förmiddag": "dag",
    "eftermiddag": "dag",
    "middag": "dag",
    "morgon": "morgon",
    "kväll": "kvall",
    "natt": "natt",
}
"""The words of a plan's `dygnsdel`, which is free text, and their pictures."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its name, and what it shows in words."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Support:
    """The pictures of one insats; None where the plan does not say."""

    area: Picture | None
    part_of_day: Picture | None
    days: Picture | None


def support(w: Words, plan: Genomforandeplan) -> tuple[Support, ...]:
    """The pictures of each insats of the reduced plan, in order."""
    return tuple(Support(_area(w, i), _part_of_day(w, i.nar), _days(w, i.nar)) for i in plan.insatser)


def _area(w: Words, insats: Insats) -> Picture | None:
    if insats.livsomrade in (None, HIDDEN):
        return None
    return Picture(insats.livsomrade, w("bild.livsomrade", ord=w(f"kod.livsomrade.{insats.livsomrade}")))


def _part_of_day(w: Words, nar: Nar | None) -> Picture | None:
    said = (nar.dygnsdel or "").casefold() if nar else ""
    found = next((picture for word, picture in _PARTS_OF_DAY.items() if word in said), None)
    return Picture(found, w("bild.dygnsdel", ord=w(f"bild.ord.{found}"))) if found else None


def _days(w: Words, nar: Nar | None) -> Picture | None:
    if nar is None or not set(nar.veckodagar) & set(DAYS):
        return None
    marked = "".join("1" if day in nar.veckodagar else "0" for day in DAYS)
    days = listed([w(f"kod.veckodag.{day}") for day in DAYS if day in nar.veckodagar])
    return Picture(f"dagar-{marked}", w("bild.dagar", dagar=days))


def served(w: Words, supports: tuple[Support, ...], dress: Dress) -> Iterator[tuple[str, bytes]]:
    """Each picture once, by name, as SVG in the dress's colour."""
    pictures = (p for s in supports for p in (s.area, s.part_of_day, s.days) if p is not None)
    for name in dict.fromkeys(p.name for p in pictures):
        svg = _week(w, name) if name.startswith("dagar-") else _pictogram(name)
        yield name, svg.replace(_DRAWN, dress.farger.rubrik).encode()


@cache
def _pictogram(name: str) -> str:
    return (templates() / "bilder" / f"{name}.svg").read_text("utf-8")


def _week(w: Words, name: str) -> str:
    """Seven boxes with the short names of the days, those marked filled."""
    boxes = "".join(_box(w, at, name[-7:][at] == "1") for at in range(7))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 704 84" width="704" height="84">{boxes}</svg>'


def _box(w: Words, at: int, marked: bool) -> str:  # noqa: FBT001  a day is marked or not
    shape, width = outlines.path(w(f"bild.veckodag.{DAYS[at]}"), "Bold" if marked else "Regular")
    ground, letters = (_DRAWN, "#ffffff") if marked else ("#ffffff", _DRAWN)
    box = f'x="{at * 100 + 4}" y="4" width="92" height="76" rx="10"'
    place = f"translate({at * 100 + 50 - width * 0.19:.1f} 55) scale(0.38)"
    return (
        f'<rect {box} fill="{ground}" stroke="{_DRAWN}" stroke-width="4"/>'
        f'<path fill="{letters}" d="{shape}" transform="{place}"/>'
    )
