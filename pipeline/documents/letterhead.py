"""What a dress puts round a document's text: the letterhead, the first page's foot, and the room that they take.

Measures are in points.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from pipeline.documents import fonts, own_font
from pipeline.documents.dress import Dress, Foot, Mark, Provider
from pipeline.documents.dress_file import Placement
from pipeline.documents.view import Frame
from pipeline.documents.words import Words

MM = 72 / 25.4
TYPE, LINE = 12, 12 * 1.35
"""The type size of head and foot, and how high a line of it is."""
_WIDTH = 470 / TYPE
"""How wide a line of the foot may be, in ems: somewhat less than what lies between the margins."""
_TOP, _BOTTOM = 34.0, 40.0
"""What stands free above and below, with the rules and their padding."""
_LEAST_GAP = 2 * MM
LOGOTYPE, ONE_COLOUR, PROVIDER = "dress:logotyp.svg", "dress:logotyp-enfargad.svg", "dress:utforare.svg"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the first page's head and foot hold beside the frame's own words."""

    provider: Provider | None
    top: bool
    """Whether the logotype stands in the head; otherwise in the foot, and the name in letters in the head."""
    lines: tuple[str, ...]
    """The lines of the first page's foot."""


@dataclass(frozen=True, slots=True)
class Margins:
    """The pages' upper and lower margins; the first page's differ."""

    top: float
    bottom: float
    first_top: float
    first_bottom: float


def letterhead(w: Words, frame: Frame, dress: Dress) -> Letterhead:
    """The letterhead of a document in a dress."""
    provider = dress.provider(frame.provider)
    foot = provider.foot if provider and provider.foot else dress.foot
    return Letterhead(provider, dress.placement.value.startswith("uppe"), (*foot.lines, *_fields(w, dress, foot)))


def served(dress: Dress, head: Letterhead) -> dict[str, tuple[str, bytes]]:
    """The pictures that templates may ask for, by address."""
    mark = dress.logotyp
    provider = head.provider.logotyp if head.provider else None
    found = {
        LOGOTYPE: mark.svg if mark else None,
        ONE_COLOUR: mark.one_colour if mark else None,
        PROVIDER: provider.svg if provider else None,
    }
    return {address: ("image/svg+xml", svg) for address, svg in found.items() if svg is not None}


def margins(frame: Frame, dress: Dress, head: Letterhead, size: int) -> Margins:
    """Room for head and foot; the page's number is set in the document's own type size."""
    foot = LINE * sum(lines_of(dress, text) for text in (*frame.marks, frame.secrecy))
    own = LINE * sum(lines_of(dress, text) for text in head.lines)
    running = f"{frame.title} {frame.plan_id} · {frame.version}  {frame.test or ''}"
    mark = None if head.top else dress.logotyp
    bottom = _BOTTOM + 1.35 * size + foot
    return Margins(
        top=_TOP + LINE * lines_of(dress, running),
        bottom=bottom,
        first_top=_TOP + (LINE if frame.test else 0),
        first_bottom=bottom + own + (gap(mark) + mark.height_mm * MM if mark else 0),
    )


def gap(mark: Mark) -> float:
    """How far from the logotype its neighbours stand."""
    return max(mark.clear_mm * MM, _LEAST_GAP)


def lines_of(dress: Dress, text: str) -> int:
    """How many lines of the foot a text takes."""
    return ceil(width(dress, text) / _WIDTH)


def width(dress: Dress, text: str, weight: own_font.Weight = "Regular") -> float:
    """How wide a line of text is in the dress's body font, in ems."""
    if dress.typsnitt is None:
        return fonts.width(text, weight)
    return fonts.measured(text, own_font.widths(dress.typsnitt, weight))


def _fields(w: Words, dress: Dress, foot: Foot) -> Iterator[str]:
    """The fields of the foot with their labels, as many on a line as it holds."""
    line = ""
    for text in _labelled(w, foot.kontakt.model_dump(exclude_none=True)):
        longer = f"{line} · {text}" if line else text
        if line and width(dress, longer) > _WIDTH:
            yield line
            longer = text
        line = longer
    if line:
        yield line


def _labelled(w: Words, told: Mapping[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        yield w(f"brev.{name}", varde=value) if f"brev.{name}" in w.entries else value


def placed(dress: Dress) -> str:
    """Where the logotype stands sideways: ``vanster``, ``hoger`` or ``mitten``."""
    sides = {Placement.UPPE_VANSTER: "vanster", Placement.NERE_MITTEN: "mitten"}
    return sides.get(dress.placement, "hoger")
