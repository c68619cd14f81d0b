"""The signature fields that signing adds to a file or fills: what one may hold, and whether it shows (rule R5)."""

from __future__ import annotations

from decimal import Decimal

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject, StreamObject

from .objects import entry, items, number, target

# All that a signature field and its widget need (ISO 32000-2, tables 166, 226, 234 and 191). Actions are not among it,
# nor is anything that another kind of annotation would show or do.
_KEYS = frozenset(
    {"/Type", "/Subtype", "/FT", "/T", "/TU", "/TM", "/Ff", "/F", "/V", "/Rect", "/P", "/AP", "/Lock", "/SV"}
    | {"/NM", "/M", "/MK", "/BS", "/Border", "/DA", "/Q", "/Lang", "/StructParent"}
)

_NO_ZOOM, _NO_ROTATE = 1 << 3, 1 << 4

Box = tuple[float, float, float, float]


def is_filled_field(given: PdfObject) -> bool:
    """Whether this is a signature field that has been filled, and nothing else."""
    field = target(given)
    if not isinstance(field, DictionaryObject) or not {str(key) for key in field} <= _KEYS:
        return False
    kinds = entry(field, "/Type") in {None, "/Annot"} and entry(field, "/Subtype") in {None, "/Widget"}
    return kinds and entry(field, "/FT") == "/Sig" and entry(field, "/V") is not None


def is_widget_of(given: PdfObject, page: int) -> bool:
    """Whether a filled field is a widget as well, with a rectangle, that names no other page than number `page`."""
    field = target(given)
    if not isinstance(field, DictionaryObject) or entry(field, "/Subtype") != "/Widget":
        return False
    mine = "/P" not in field or number(field.raw_get("/P")) == page
    return mine and _box(entry(field, "/Rect")) is not None


def may_cover(field: PdfObject) -> bool:
    """Whether the appearance that a field was filled with may lie over what others had signed before.

    An appearance is clipped to its own box, which is fitted into the widget's rectangle (ISO 32000-2, 12.5.5 and
    8.10.2). So a person's stamp keeps within the rectangle that the field had from the start, and what it shows there
    is R8's question. A document time stamp has nothing to show (12.8.5), and nobody asks what it does.
    """
    if not _within(field):
        return True
    stamp = entry(entry(field, "/V"), "/Type") == "/DocTimeStamp"
    corners = _box(entry(field, "/Rect"))
    return stamp and bool(_looks(field)) and (corners is None or _has_area(corners))


def _within(field: PdfObject) -> bool:
    """Whether every appearance keeps within the widget's rectangle.

    It does where it has a box that clips it (without one, readers differ), and where the page does not turn or grow
    under it: the flags NoZoom and NoRotate (12.5.3) hold only a corner in its place.
    """
    looks = _looks(field)
    flags = entry(field, "/F") or 0
    held = isinstance(flags, int) and not flags & (_NO_ZOOM | _NO_ROTATE)
    return not looks or (held and all(_box(entry(look, "/BBox")) is not None for look in looks))


def _looks(field: PdfObject) -> list[PdfObject]:
    """The streams of a field's appearances, those of its states among them (ISO 32000-2, 12.5.5, table 170)."""
    drawn = [value for key in ("/N", "/R", "/D") if (value := entry(entry(field, "/AP"), key)) is not None]
    states = [entry(each, key) for each in drawn if not isinstance(each, StreamObject) for key in each]
    return [each for each in (*drawn, *states) if isinstance(each, StreamObject)]


def shows(widget: PdfObject, page: PdfObject) -> bool:
    """Whether a widget shows on the page that lists it: it has an area, and that touches the page's box."""
    if not _within(target(widget)):
        return True
    corners, box = _box(entry(target(widget), "/Rect")), _page_box(page)
    if corners is None or box is None:
        return True
    if not _has_area(corners):
        return False
    left, bottom, right, top = corners
    x0, y0, x1, y1 = box
    return left < x1 and right > x0 and bottom < y1 and top > y0


def _has_area(corners: Box) -> bool:
    return corners[0] != corners[2] and corners[1] != corners[3]


def _page_box(node: PdfObject | None) -> Box | None:
    """A page's crop box, else its media box, its own or inherited."""
    for _ in range(64):
        box = _box(entry(node, "/CropBox") or entry(node, "/MediaBox"))
        if box is not None:
            return box
        node = entry(node, "/Parent")
    return None


def _box(value: PdfObject | None) -> Box | None:
    """A rectangle with its lower left corner first; None for anything but four numbers."""
    found = [target(each) for each in items(value)]
    if len(found) != 4 or not all(isinstance(n, int | float | Decimal) for n in found):
        return None
    x0, y0, x1, y1 = (float(n) for n in found)  # type: ignore[arg-type]  # all are numbers, as was just asked
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
