"""The signature fields that signing adds to a file or fills: what one may hold, and whether it shows (rule R5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from pyhanko.pdf_utils.generic import DictionaryObject, NullObject, PdfObject, StreamObject

from .objects import entry, items, number, raw_entry, target
from .opening import MAX_FIELDS
from .stamp.letters import Unreadable
from .stamp.operators import operators

Box = tuple[float, float, float, float]

# All that a signature field and its widget need (ISO 32000-2, tables 226 and 234; 166 and 191), whether they are one
# object or two. Actions are not among it, nor is anything that another kind of annotation would show or do.
_FIELD_KEYS = frozenset({"/FT", "/T", "/TU", "/TM", "/Ff", "/V", "/Lock", "/SV", "/DA", "/Q", "/Parent"})
_WIDGET_KEYS = frozenset(
    {"/Type", "/Subtype", "/F", "/Rect", "/P", "/AP", "/NM", "/M", "/MK", "/BS", "/Border", "/Lang", "/StructParent"}
    | {"/DA", "/Q", "/Parent"}
)
_NAME_KEYS = frozenset({"/T", "/Kids", "/Parent"})

# Operators that leave no mark on the page by themselves (ISO 32000-2, table 50).
_UNSEEN = frozenset({"q", "Q", "cm", "BMC", "BDC", "EMC", "MP", "DP", "BT", "ET", "n", "re", "W", "Do"})
_NO_ZOOM, _NO_ROTATE = 1 << 3, 1 << 4
_MAX_FORMS = 16
_MAX_EMPTY = 2000


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
    return _paints(entry(widget, "/AP")) or (colours is not None and len(colours) > 0)


def may_cover(widget: DictionaryObject, value: PdfObject | None) -> bool:
    """Whether the appearance that a field was filled with may lie over what others had signed before.

    An appearance is clipped to its own box, which is fitted into the widget's rectangle (ISO 32000-2 §12.5.5, §8.10.2).
    So a person's stamp keeps within the rectangle that the field had from the start, and what it shows there is R8's
    question. A document time stamp has nothing to show (§12.8.5), and nobody asks what it does.
    """
    stamp = entry(value, "/Type") == "/DocTimeStamp"
    return _paints(entry(widget, "/AP")) and (stamp or not _within(widget))


def _within(widget: DictionaryObject) -> bool:
    """Whether every appearance keeps within the widget's rectangle.

    It does where both the rectangle and its own box have an area, without which readers differ, and where the page does
    not turn or grow under it: the flags NoZoom and NoRotate (§12.5.3) hold only a corner in its place.
    """
    flags = entry(widget, "/F") or 0
    held = isinstance(flags, int) and not flags & (_NO_ZOOM | _NO_ROTATE)
    return held and all(map(_has_area, [entry(widget, "/Rect"), *(entry(look, "/BBox") for look in _looks(widget))]))


def _looks(widget: DictionaryObject) -> list[PdfObject]:
    """The streams of a widget's appearances, those of its states among them (ISO 32000-2 §12.5.5, table 170)."""
    drawn = [value for key in ("/N", "/R", "/D") if (value := entry(entry(widget, "/AP"), key)) is not None]
    states = [entry(each, key) for each in drawn if not isinstance(each, StreamObject) for key in each]
    return [each for each in (*drawn, *states) if isinstance(each, StreamObject)]


def _has_area(rectangle: PdfObject | None) -> bool:
    corners = box_of(rectangle)
    return corners is not None and corners[0] != corners[2] and corners[1] != corners[3]


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


def _paints(look: PdfObject | None) -> bool:
    """Whether an appearance may paint anything, itself or by a form that it uses; what cannot be read does."""
    waiting, forms = [look], 0
    while waiting:
        each = waiting.pop()
        drawn = each if each is None else target(each)
        forms += 1
        if forms > _MAX_FORMS:
            return True
        if isinstance(drawn, StreamObject):
            used = _used(drawn)
            if used is None:
                return True
            waiting += used
        elif isinstance(drawn, DictionaryObject):
            waiting += [drawn.raw_get(key) for key in drawn]
        elif not (drawn is None or isinstance(drawn, NullObject)):
            return True
    return False


def _used(form: StreamObject) -> list[PdfObject | None] | None:
    """The forms that a form uses, if it does nothing else that could be seen; else None."""
    data = form.data
    if len(data) > _MAX_EMPTY or entry(form, "/Subtype") not in {None, "/Form"}:
        return None
    found: list[PdfObject | None] = []
    known = entry(entry(form, "/Resources"), "/XObject")
    try:
        for operator in operators(data):
            if operator.name not in _UNSEEN:
                return None
            if operator.name == "Do":
                found.append(raw_entry(known, operator.named()))
    except Unreadable:
        return None
    return None if None in found else found


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
