"""The signature fields that signing adds to a file: what one may hold, and whether it shows on its page (rule R5)."""

from __future__ import annotations

from decimal import Decimal

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject

from .objects import entry, items, number, target

# All that a signature field and its widget need (ISO 32000-2, tables 166, 226, 234 and 191). Actions are not among it,
# nor is anything that another kind of annotation would show or do.
_KEYS = frozenset(
    {"/Type", "/Subtype", "/FT", "/T", "/TU", "/TM", "/Ff", "/F", "/V", "/Rect", "/P", "/AP", "/Lock", "/SV"}
    | {"/NM", "/M", "/MK", "/BS", "/Border", "/DA", "/Q", "/Lang", "/StructParent"}
)

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
    return mine and box_of(entry(field, "/Rect")) is not None


def shows(widget: PdfObject, page: PdfObject) -> bool:
    """Whether a widget shows on the page that lists it: it has an area, and that touches the page's box."""
    corners, box = box_of(entry(target(widget), "/Rect")), page_box(page)
    if corners is None or box is None:
        return True
    left, bottom, right, top = corners
    if left == right or bottom == top:
        return False
    x0, y0, x1, y1 = box
    return left < x1 and right > x0 and bottom < y1 and top > y0


def page_box(node: PdfObject | None) -> Box | None:
    """A page's crop box, else its media box, its own or inherited."""
    for _ in range(64):
        box = box_of(entry(node, "/CropBox") or entry(node, "/MediaBox"))
        if box is not None:
            return box
        node = entry(node, "/Parent")
    return None


def box_of(value: PdfObject | None) -> Box | None:
    """A rectangle with its lower left corner first; None for anything but four numbers."""
    found = [target(each) for each in items(value)]
    if len(found) != 4 or not all(isinstance(n, int | float | Decimal) for n in found):
        return None
    x0, y0, x1, y1 = (float(n) for n in found)  # type: ignore[arg-type]  # all are numbers, as was just asked
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
