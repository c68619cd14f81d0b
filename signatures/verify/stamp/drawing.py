"""A stamp's drawing, operator by operator, as a reader would carry it out (ISO 32000-1 §8 and §9).

What is not listed here, or stands where it may not, makes the drawing unreadable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pyhanko.pdf_utils.generic import StreamObject

from ..objects import entry, items, named, target
from ..widgets import box_of
from .canvas import UNMOVED, Box, Canvas, Matrix, around, corners, times, upright_box
from .fonts import Fonts
from .graphics import State, lightness
from .letters import Unreadable
from .operators import Name, Operator, operators
from .paths import Path

_MAX_STREAM = 100_000
_MAX_DRAWN = 250_000
_MAX_FORMS = 64
_MAX_DEPTH = 8
_FORM_KEYS = {"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Group", "/Length", "/Filter"} | {
    "/Name",
    "/LastModified",
    "/PieceInfo",
    "/Metadata",
    "/StructParent",
    "/StructParents",
}
_DEVICES = {"/DeviceGray", "/DeviceRGB", "/DeviceCMYK"}
_SOLID = 0.9  # opacity


def carry_out(form: StreamObject, moved: Matrix, boxes: tuple[Box, ...]) -> Canvas:
    """What a form paints, moved to its place and clipped to the boxes it is in. Raises Unreadable."""
    drawing = _Drawing()
    _Form(drawing, form, moved, State(boxes=boxes)).draw()
    return drawing.canvas


@dataclass(slots=True)
class _Drawing:
    """What all forms of one appearance have drawn together."""

    canvas: Canvas = field(default_factory=Canvas)
    fonts: Fonts = field(default_factory=Fonts)
    forms: int = 0
    read: int = 0

    def count(self, form: StreamObject) -> bytes:
        """The form's operators, if it is a plain one and all that is drawn is within bounds."""
        if not {str(key) for key in form} <= _FORM_KEYS or named(entry(form, "/Group"), "/CS") not in {None, *_DEVICES}:
            raise Unreadable
        data: bytes = form.data
        self.forms += 1
        self.read += len(data)
        if len(data) > _MAX_STREAM or self.read > _MAX_DRAWN or self.forms > _MAX_FORMS:
            raise Unreadable
        return data


class _Form:
    """One form's operators, followed as a reader that draws them would."""

    def __init__(self, drawing: _Drawing, form: StreamObject, outer: Matrix, state: State, depth: int = 0) -> None:
        self.drawing, self.canvas, self.depth = drawing, drawing.canvas, depth
        self.data = drawing.count(form)
        self.resources = entry(form, "/Resources")
        if any(str(key).startswith("/Default") for key in entry(self.resources, "/ColorSpace") or ()):
            raise Unreadable
        box, moved = box_of(entry(form, "/BBox")), times(matrix_of(form), outer)
        if box is None or depth > _MAX_DEPTH:
            raise Unreadable
        self.state, self.saved = replace(state, font=None, moved=moved), list[State]()
        self.state.boxes += (upright_box(box, moved),)
        if "/Group" in form:
            self.state.group, self.state.opacity, self.state.line_opacity = state.group * state.opacity, 1.0, 1.0
        self.inside = False  # of a text object
        self.line = self.text = UNMOVED
        self.path = Path()

    def draw(self) -> None:
        for operator in operators(self.data):
            act = (_INSIDE_ACTS if self.inside else _OUTSIDE_ACTS).get(operator.name)
            if act is None:
                raise Unreadable
            act(self, operator)
        if self.inside or self.saved:
            raise Unreadable

    def save(self, operator: Operator) -> None:
        self._alone(operator, 0)
        self.saved.append(replace(self.state))

    def restore(self, operator: Operator) -> None:
        self._alone(operator, 0)
        if not self.saved:
            raise Unreadable
        self.state = self.saved.pop()

    def _alone(self, operator: Operator, count: int) -> None:
        """Refuse what may not stand in the middle of a path."""
        if self.path.lines or len(operator.operands) != count:
            raise Unreadable

    def transform(self, operator: Operator) -> None:
        self._alone(operator, 6)
        self.state.moved = times(operator.matrix(), self.state.moved)

    def set_line(self, operator: Operator) -> None:
        self.state.line = operator.numbers(1)[0]

    def set_graphics(self, operator: Operator) -> None:
        self.state.take(entry(entry(self.resources, "/ExtGState"), operator.named()))

    def set_fill(self, operator: Operator) -> None:
        self.state.fill = lightness(operator)

    def set_stroke(self, operator: Operator) -> None:
        self.state.stroke = lightness(operator)

    def pass_over(self, operator: Operator) -> None:
        """Nothing that decides what is seen, unless a reader may switch it off."""
        if "/OC" in operator.operands:
            raise Unreadable

    def extend(self, operator: Operator) -> None:
        self.path.add(operator, self.state.moved)

    def cut(self, operator: Operator) -> None:
        operator.numbers(0)
        self.path.cutting = True

    def end_path(self, operator: Operator) -> None:
        operator.numbers(0)
        state, path = self.state, self.path
        if operator.name in {"s", "b", "b*"}:
            path.close(state.moved)
        if path.lines and operator.name in _FILLS:
            self.canvas.paint(path.filled(), state.fill or 0.0, state.opacity * state.group)
        if operator.name in _STROKES:
            for line in path.stroked(state.line, state.moved):
                self.canvas.paint(line, state.stroke or 0.0, state.line_opacity * state.group)
        state.boxes += path.cuts(state.moved)
        self.path = Path()

    def shade(self, operator: Operator) -> None:
        operator.named()
        self.canvas.paint(self.state.boxes[-1], 0.0, 1.0)

    def other(self, operator: Operator) -> None:
        found = entry(entry(self.resources, "/XObject"), operator.named())
        kind = named(found, "/Subtype")
        self._alone(operator, 1)
        if not isinstance(found, StreamObject) or kind not in {"/Form", "/Image"}:
            raise Unreadable
        if kind == "/Image":
            self.canvas.paint(around(corners((0.0, 0.0, 1.0, 1.0)), self.state.moved), 0.0, 1.0)
        else:
            _Form(self.drawing, found, self.state.moved, self.state, self.depth + 1).draw()

    def begin(self, operator: Operator) -> None:
        self._alone(operator, 0)
        self.inside, self.line, self.text = True, UNMOVED, UNMOVED

    def end(self, operator: Operator) -> None:
        operator.numbers(0)
        self.inside = False

    def set_font(self, operator: Operator) -> None:
        match operator.operands:
            case (Name() as name, float() as size):
                self.state.font, self.state.size = entry(entry(self.resources, "/Font"), str(name)), size
            case _:
                raise Unreadable

    def set_leading(self, operator: Operator) -> None:
        self.state.leading = operator.numbers(1)[0]

    def keep_plain(self, operator: Operator) -> None:
        """Spacing, stretch, rise and mode (ISO 32000-1 §9.3) as they are from the start, and nothing else."""
        if operator.numbers(1)[0] != (100 if operator.name == "Tz" else 0):
            raise Unreadable

    def move(self, operator: Operator) -> None:
        x, y = operator.numbers(2)
        if operator.name == "TD":
            self.state.leading = -y
        self._to(times((1.0, 0.0, 0.0, 1.0, x, y), self.line))

    def place(self, operator: Operator) -> None:
        self._to(operator.matrix())

    def next_line(self, operator: Operator) -> None:
        operator.numbers(0)
        self._next_line()

    def _next_line(self) -> None:
        self._to(times((1.0, 0.0, 0.0, 1.0, 0.0, -self.state.leading), self.line))

    def _to(self, place: Matrix) -> None:
        self.line = self.text = place

    def show(self, operator: Operator) -> None:
        self._show(operator.string())

    def show_next(self, operator: Operator) -> None:
        self._next_line()
        self._show(operator.string())

    def show_list(self, operator: Operator) -> None:
        for piece in operator.listed():
            if isinstance(piece, bytes):
                self._show(piece)
            elif isinstance(piece, float):
                self._go_on(-piece)
            else:
                raise Unreadable

    def _show(self, raw: bytes) -> None:
        state = self.state
        glyphs = self.drawing.fonts.glyphs(raw, state.font)
        wide = sum(glyph.advance for glyph in glyphs)
        light = 1.0 if state.fill is None or state.opacity * state.group < _SOLID else state.fill
        text = "".join(glyph.letter for glyph in glyphs)
        at = times(self.text, state.moved)
        self.canvas.write(text, at, state.size, wide * state.size / 1000, state.boxes, light)
        self._go_on(wide)

    def _go_on(self, thousandths: float) -> None:
        self.text = times((1.0, 0.0, 0.0, 1.0, thousandths * self.state.size / 1000, 0.0), self.text)


_FILLS = {"f", "F", "f*", "B", "B*", "b", "b*"}
_STROKES = {"S", "s", "B", "B*", "b", "b*"}
_BY_TEXT: dict[str, Callable[[_Form, Operator], None]] = {
    "ET": _Form.end,
    "Td": _Form.move,
    "TD": _Form.move,
    "Tm": _Form.place,
    "T*": _Form.next_line,
    "Tj": _Form.show,
    "'": _Form.show_next,
    "TJ": _Form.show_list,
}
"""Only in a text object."""
_ANYWHERE: dict[str, Callable[[_Form, Operator], None]] = {
    "gs": _Form.set_graphics,
    "w": _Form.set_line,
    **dict.fromkeys(("g", "rg", "k", "cs", "sc", "scn"), _Form.set_fill),
    **dict.fromkeys(("G", "RG", "K", "CS", "SC", "SCN"), _Form.set_stroke),
    **dict.fromkeys(("J", "j", "d", "i", "ri", "BMC", "BDC", "EMC", "MP", "DP"), _Form.pass_over),
    "Tf": _Form.set_font,
    "TL": _Form.set_leading,
    **dict.fromkeys(("Tc", "Tw", "Tz", "Ts", "Tr"), _Form.keep_plain),
}
_OUTSIDE: dict[str, Callable[[_Form, Operator], None]] = {
    "q": _Form.save,
    "Q": _Form.restore,
    "cm": _Form.transform,
    **dict.fromkeys(("m", "l", "c", "v", "y", "re", "h"), _Form.extend),
    **dict.fromkeys(("W", "W*"), _Form.cut),
    **dict.fromkeys((*_FILLS, *_STROKES, "n"), _Form.end_path),
    "sh": _Form.shade,
    "Do": _Form.other,
    "BT": _Form.begin,
}
"""Only outside of text objects."""
_INSIDE_ACTS, _OUTSIDE_ACTS = _BY_TEXT | _ANYWHERE, _OUTSIDE | _ANYWHERE


def matrix_of(form: StreamObject) -> Matrix:
    """A form's own matrix."""
    if "/Matrix" not in form:
        return UNMOVED
    try:
        a, b, c, d, e, f = (float(target(n)) for n in items(entry(form, "/Matrix")))  # type: ignore[arg-type]  # raises
    except (OverflowError, TypeError, ValueError):
        raise Unreadable from None
    return (a, b, c, d, e, f)
