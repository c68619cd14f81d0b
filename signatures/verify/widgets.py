"""The signature fields that signing adds to a file or fills: what one may hold, and whether it shows (rule R5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from pyhanko.pdf_utils.generic import DictionaryObject, NullObject, PdfObject, StreamObject

from .objects import entry, items, number, raw_entry, target
from .opening import MAX_FIELDS
from .stamp.canvas import FARTHEST, UNMOVED, Box, Matrix, times
from .stamp.letters import Unreadable
from .stamp.streams import form_data

# All that a signature field and its widget need (ISO 32000-2, tables 226 and 234; 166 and 191), whether they are one
# object or two. Actions are not among it, nor is anything that another kind of annotation would show or do.
_FIELD_KEYS = frozenset({"/FT", "/T", "/TU", "/TM", "/Ff", "/V", "/Lock", "/SV", "/DA", "/Q", "/Parent"})
_WIDGET_KEYS = frozenset(
    {"/Type", "/Subtype", "/F", "/Rect", "/P", "/AP", "/NM", "/M", "/MK", "/BS", "/Border", "/Lang", "/StructParent"}
    | {"/DA", "/Q", "/Parent"}
)
_NAME_KEYS = frozenset({"/T", "/Kids", "/Parent"})

_NO_ZOOM, _NO_ROTATE = 1 << 3, 1 << 4
_EMPTY = re.compile(rb"[ \t\r\n]*+(?:% DSBlank[ \t\r\n]*+)?")  # so marked by Acrobat and those that do as it does
_MAX_EMPTY = 2000
_MAX_ABOVE = 64
_LEAST = 1.0  # points: what is smaller, readers may round to nothing


@dataclass(slots=True)
class Form:
    """A revision's signature fields, found from the form's list down through /Kids, by object number.

    `names` are the nodes that only have further fields under them, `widgets` leads from a widget to its field (which
    may be the same object), `lists` from a list that is an object of its own to the nodes it belongs to, None for the
    form itself.
    """

    names: set[int] = field(default_factory=set)
    fields: dict[int, DictionaryObject] = field(default_factory=dict)
    widgets: dict[int, int | None] = field(default_factory=dict)
    lists: dict[int, list[int | None]] = field(default_factory=dict)


def form_of(root: PdfObject) -> Form:
    """The signature fields of a revision with this catalog; what does not name its place in the tree is left out."""
    found, seen = Form(), set[int]()
    form = entry(root, "/AcroForm")
    if (listed := number(raw_entry(form, "/Fields"))) is not None:
        found.lists[listed] = [None]
    waiting: list[tuple[PdfObject, int | None, PdfObject | None]]
    waiting = [(each, None, None) for each in items(entry(form, "/Fields"))]
    while waiting and len(seen) < MAX_FIELDS:
        given, above, kind = waiting.pop()
        at, node = number(given), target(given)
        if at is None or at in seen or not isinstance(node, DictionaryObject) or not _is_under(node, above):
            continue
        seen.add(at)
        kind = entry(node, "/FT") or kind
        if (listed := number(raw_entry(node, "/Kids"))) is not None:
            found.lists.setdefault(listed, []).append(at)
        kids = items(entry(node, "/Kids"))
        if any(map(_is_named, kids)) or (not kids and kind is None):
            found.names.add(at)
            waiting += [(kid, at, kind) for kid in kids]
        elif kind == "/Sig":
            found.fields[at] = node
            for widget in map(number, kids or [given]):
                if widget is not None:  # one that two fields have is neither's
                    found.widgets[widget] = None if widget in found.widgets else at
    return found


def is_added_field(given: PdfObject, above: int | None) -> bool:
    """Whether this is a filled signature field in its place under node `above` (None: the form), or a name of such."""
    at, node = number(given), target(given)
    kids = items(entry(node, "/Kids"))
    numbers = {number(kid) for kid in kids}
    if not isinstance(node, DictionaryObject) or not _is_under(node, above):
        return False
    if at is None or None in numbers or len(numbers) != len(kids):
        return False
    if any(map(_is_named, kids)):
        return {str(key) for key in node} <= _NAME_KEYS and all(is_added_field(kid, at) for kid in kids)
    return is_filled_field(node) and all(_is_kid(kid, at) for kid in kids)


def is_filled_field(node: PdfObject) -> bool:
    """Whether this is a signature field that has been filled, and nothing else but its widget."""
    if not isinstance(node, DictionaryObject) or entry(node, "/FT") != "/Sig" or entry(node, "/V") is None:
        return False
    keys = {str(key) for key in node}
    if "/Kids" in keys:
        return keys <= _FIELD_KEYS | {"/Kids"}
    kinds = entry(node, "/Type") in {None, "/Annot"} and entry(node, "/Subtype") in {None, "/Widget"}
    return kinds and keys <= _FIELD_KEYS | _WIDGET_KEYS


def is_widget_of(given: PdfObject, page: int, form: Form) -> bool:
    """Whether this is the widget of a filled field of the form, that names no other page than number `page`."""
    at, widget = number(given), target(given)
    holder = form.widgets.get(at) if at is not None else None
    if at is None or holder is None or not is_filled_field(form.fields[holder]):
        return False
    if (
        not isinstance(widget, DictionaryObject)
        or entry(widget, "/Subtype") != "/Widget"
        or box_of(entry(widget, "/Rect")) is None
    ):
        return False
    mine = "/P" not in widget or number(widget.raw_get("/P")) == page
    return mine and (holder == at or _is_kid(given, holder))


def shows(given: PdfObject) -> bool:
    """Whether a widget may show anywhere: it has an area, or something to paint.

    A signature field that is not to be seen has a rectangle without height and width, and its appearance is empty
    (ISO 32000-2 §12.7.5.5). Both are demanded, wherever the rectangle lies: readers differ in what they make of an
    appearance without a box, of a box without an area, and of one beside the page.
    """
    widget = target(given)
    corners = box_of(entry(widget, "/Rect"))
    if corners is None or corners[:2] != corners[2:]:
        return True
    colours = entry(widget, "/MK")
    return paints(entry(widget, "/AP")) or (colours is not None and len(colours) > 0)


def may_cover(widget: DictionaryObject, value: PdfObject | None) -> bool:
    """Whether the appearance that a field was filled with may lie over what others had signed before.

    An appearance is clipped to its own box, which is fitted into the widget's rectangle (ISO 32000-2 §12.5.5, §8.10.2).
    So a person's stamp keeps within the rectangle that the field had from the start, and what it shows there is R8's
    question. A document time stamp has nothing to show (§12.8.5), and nobody asks what it does.
    """
    stamp = entry(value, "/Type") == "/DocTimeStamp"
    return paints(entry(widget, "/AP")) and (stamp or not keeps_within(widget))


def keeps_within(widget: DictionaryObject) -> bool:
    """Whether every appearance of an annotation keeps within its rectangle.

    It does where both the rectangle and its own box have an area, without which readers differ, and where the page does
    not turn or grow under it: the flags NoZoom and NoRotate (§12.5.3) hold only a corner in its place.
    """
    flags = entry(widget, "/F") or 0
    held = isinstance(flags, int) and not flags & (_NO_ZOOM | _NO_ROTATE)
    return held and _has_area(entry(widget, "/Rect")) and all(map(_is_fitted, _looks(widget)))


def _is_fitted(look: StreamObject) -> bool:
    """Whether every reader can fit an appearance into a rectangle (ISO 32000-2 §12.5.5, algorithm)."""
    try:
        times(matrix_of(look), UNMOVED)
    except Unreadable:
        return False
    return _has_area(entry(look, "/BBox"))


def _looks(widget: DictionaryObject) -> list[StreamObject]:
    """The streams of a widget's appearances, those of its states among them (ISO 32000-2 §12.5.5, table 170)."""
    drawn = [value for key in ("/N", "/R", "/D") if (value := entry(entry(widget, "/AP"), key)) is not None]
    states = [entry(each, key) for each in drawn if not isinstance(each, StreamObject) for key in each]
    return [each for each in (*drawn, *states) if isinstance(each, StreamObject)]


def _has_area(rectangle: PdfObject | None) -> bool:
    left, bottom, right, top = box_of(rectangle) or (0.0, 0.0, 0.0, 0.0)
    wide, tall = right - left >= _LEAST, top - bottom >= _LEAST
    return wide and tall and all(abs(n) <= FARTHEST for n in (left, bottom, right, top))


def _is_named(given: PdfObject) -> bool:
    """Whether this is a field, which has a name of its own, rather than a mere widget (ISO 32000-2 §12.7.4.1)."""
    return entry(target(given), "/T") is not None


def _is_under(node: DictionaryObject, above: int | None) -> bool:
    """Whether a field says that it stands under that node; one that stands under none says nothing."""
    return "/Parent" not in node if above is None else number(raw_entry(node, "/Parent")) == above


def _is_kid(given: PdfObject, above: int) -> bool:
    """Whether this is a widget and no field, under a field; some writers leave out that it is."""
    widget = target(given)
    if not isinstance(widget, DictionaryObject) or not {str(key) for key in widget} <= _WIDGET_KEYS:
        return False
    kinds = entry(widget, "/Type") in {None, "/Annot"} and entry(widget, "/Subtype") == "/Widget"
    return kinds and (_is_under(widget, above) or "/Parent" not in widget)


def paints(look: PdfObject | None) -> bool:
    """Whether an appearance may paint anything: it does not where there is none, or only streams with nothing in them.

    What a stream with anything in it does is not asked, since readers would have to agree on it.
    """
    if look is None or isinstance(look, NullObject):
        return False
    if not isinstance(look, DictionaryObject) or isinstance(look, StreamObject):
        return True
    return not all(_is_empty(target(look.raw_get(key))) for key in look)


def _is_empty(look: PdfObject) -> bool:
    try:
        return isinstance(look, StreamObject) and _EMPTY.fullmatch(form_data(look, _MAX_EMPTY)) is not None
    except Unreadable:
        return False


def page_box(page: PdfObject | None) -> Box | None:
    """What is seen of a page: its crop box within its media box, each its own or inherited (ISO 32000-2 §14.11.2)."""
    nodes: list[PdfObject | None] = [page]
    while nodes[-1] is not None and len(nodes) < _MAX_ABOVE:
        nodes.append(entry(nodes[-1], "/Parent"))
    listed = [[entry(node, key) for node in nodes if entry(node, key) is not None] for key in ("/MediaBox", "/CropBox")]
    boxes = [box_of(found[0]) for found in listed if found]
    if nodes[-1] is not None or not listed[0] or None in boxes:
        return None
    left, bottom, right, top = zip(*(box for box in boxes if box is not None), strict=True)
    seen = (max(left), max(bottom), min(right), min(top))
    return seen if seen[0] < seen[2] and seen[1] < seen[3] else None


def box_of(value: PdfObject | None) -> Box | None:
    """A rectangle with its lower left corner first; None for anything but four numbers."""
    found = [target(each) for each in items(value)]
    if len(found) != 4 or not all(isinstance(n, int | float | Decimal) for n in found):
        return None
    x0, y0, x1, y1 = (float(n) for n in found)  # type: ignore[arg-type]  # all are numbers, as was just asked
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def matrix_of(form: StreamObject) -> Matrix:
    """A form's own matrix. Raises Unreadable for anything but six numbers."""
    if "/Matrix" not in form:
        return UNMOVED
    found = [target(n) for n in items(entry(form, "/Matrix"))]
    if len(found) != 6 or not all(isinstance(n, int | float | Decimal) for n in found):
        raise Unreadable
    a, b, c, d, e, f = (float(n) for n in found)  # type: ignore[arg-type]  # all are numbers, as was just asked
    return (a, b, c, d, e, f)
