"""Where a widget shows, and whether anything but the page lies under or over it (rule R8).

What the page itself shows is what was signed. An annotation is drawn after it and in its own order (ISO 32000-1
§12.5.2), and some may be hidden, moved or drawn as each reader likes: then it cannot be said what people see.
"""

from __future__ import annotations

from decimal import Decimal

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader

from ..objects import entry, items, named, number, target
from ..pagetree import pages
from ..widgets import box_of, keeps_within, page_box, paints
from .canvas import Box, overlap

_HIDDEN, _NO_ZOOM, _NO_ROTATE = 2, 8, 16  # ISO 32000-1 table 165
_IN_RECTANGLE = {"/Link", "/Widget", "/Popup"}  # drawn there if at all, with an appearance or without
_WIDEST = 1e6
_MAY_HIDE = ("/OC", "/BM", "/ca", "/CA")  # ISO 32000-2 table 166
_HARMLESS = 4 | 64 | 128 | 512  # to be printed, or locked


def sheet_of(reader: PdfFileReader, widget: DictionaryObject, at: int | None) -> Box | None:
    """The box of the page that shows a widget (object number `at`); None where it cannot be said that it is seen.

    The widget must be a visible one, on one page, that no other annotation touches.
    """
    place, flags = box_of(entry(widget, "/Rect")), _flags(widget)
    if place is None or at is None or any(key in widget for key in _MAY_HIDE) or flags & ~_HARMLESS:
        return None
    showing = [page for _, page in pages(reader.root) if any(number(a) == at for a in _annotations(page))]
    if len(showing) != 1 or _shrunk(showing[0]):
        return None
    others = (target(a) for a in _annotations(showing[0]) if number(a) != at)
    return None if any(_touches(other, place) for other in others) else page_box(showing[0])


def _annotations(page: DictionaryObject) -> list[PdfObject]:
    return items(entry(page, "/Annots"))


def _flags(annotation: DictionaryObject) -> int:
    found = entry(annotation, "/F")
    return int(found) if isinstance(found, int) else 0


def _shrunk(page: DictionaryObject) -> bool:
    """Whether the page's unit is not a point, or larger (ISO 32000-1 table 30)."""
    unit = entry(page, "/UserUnit")
    return unit is not None and not (isinstance(unit, int | float | Decimal) and unit >= 1)


def _touches(other: PdfObject, place: Box) -> bool:
    """Whether another annotation may be drawn where the widget is."""
    if not isinstance(other, DictionaryObject):
        return True
    flags, box, look = _flags(other), box_of(entry(other, "/Rect")), entry(other, "/AP")
    if flags & _HIDDEN:
        return False
    kept = named(other, "/Subtype") in _IN_RECTANGLE or isinstance(entry(look, "/N"), StreamObject)
    if box is None or not kept or flags & (_NO_ZOOM | _NO_ROTATE) or (paints(look) and not keeps_within(other)):
        return True
    by = _border(other)
    return overlap((box[0] - by, box[1] - by, box[2] + by, box[3] + by), place)


def _border(annotation: DictionaryObject) -> float:
    """The width of an annotation's border; 1 unless it says (ISO 32000-1 §12.5.4)."""
    listed = [target(n) for n in items(entry(annotation, "/Border"))]
    stated = entry(entry(annotation, "/BS"), "/W")
    found = stated if stated is not None else listed[2] if len(listed) > 2 else 1
    return float(found) if isinstance(found, int | float | Decimal) else _WIDEST
