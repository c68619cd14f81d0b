"""A stamp's drawing, operator by operator, as a reader would carry it out (ISO 32000-1 §8 and §9).

What is not listed here, or stands where it may not, makes the drawing unreadable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pyhanko.pdf_utils.generic import StreamObject

from ..objects import entry, named
from ..widgets import box_of, matrix_of
from .canvas import UNMOVED, Box, Canvas, Matrix, around, corners, times, upright_box
from .fonts import Glyph
from .graphics import State, lightness
from .letters import Unreadable
from .operators import Name, Operator, operators
from .paths import Path
from .spent import Drawing

_MAX_DEPTH = 8
_MAX_SAVED = 16
_SOLID = 0.9  # opacity


def carry_out(form: StreamObject, moved: Matrix, boxes: tuple[Box, ...]) -> Canvas:
    """What a form paints, moved to its place and clipped to the boxes it is in. Raises Unreadable."""
    drawing = Drawing()
    _Form(drawing, form, moved, State(boxes=boxes)).draw()
    return drawing.canvas


class _Form:
    """One form's operators, followed as a reader that draws them would."""

    def __init__(self, drawing: Drawing, form: StreamObject, outer: Matrix, state: State, depth: int = 0) -> None:
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
        self.marks = 0
        self.line = self.text = UNMOVED
        self.path = Path()

    def draw(self) -> None:
        for operator in operators(self.data):
            act = (_INSIDE_ACTS if self.inside else _OUTSIDE_ACTS).get(operator.name)
            if act is None or (self.path.begun and operator.name not in _ON_PATH):
                raise Unreadable
            act(self, operator)
        if self.inside or self.saved or self.marks or self.path.begun:
            raise Unreadable

    def save(self, operator: Operator) -> None:
        operator.numbers(0)
        if len(self.saved) >= _MAX_SAVED:
            raise Unreadable
        self.saved.append(replace(self.state))

    def restore(self, operator: Operator) -> None:
        operator.numbers(0)
        if not self.saved:
            raise Unreadable
        self.state = self.saved.pop()

    def transform(self, operator: Operator) -> None:
        self.state.moved = self.drawing.moved(operator.matrix(), self.state.moved)

    def set_line(self, operator: Operator) -> None:
        (self.state.line,) = operator.numbers(1)
        if self.state.line < 0:
            raise Unreadable

    def set_graphics(self, operator: Operator) -> None:
        self.state.take(entry(entry(self.resources, "/ExtGState"), operator.named()))

    def set_fill(self, operator: Operator) -> None:
        self.state.fill = lightness(operator)

    def set_stroke(self, operator: Operator) -> None:
        self.state.stroke = lightness(operator)

    def set_ends(self, operator: Operator) -> None:
        """How lines end and meet, which decides nothing that is asked here."""
        if operator.numbers(1)[0] not in {0, 1, 2}:
            raise Unreadable

    def set_dashes(self, operator: Operator) -> None:
        match operator.operands:
            case (list() as lengths, float()) if all(isinstance(n, float) and n >= 0 for n in lengths):
                return
        raise Unreadable

    def mark(self, operator: Operator) -> None:
        """Nothing that decides what is seen, unless a reader may switch it off."""
        count = 2 if operator.name == "BDC" else 1
        names = [each for each in operator.operands if isinstance(each, Name)]
        if not len(names) == len(operator.operands) == count or names[0] == "/OC":
            raise Unreadable
        self.marks += 1

    def end_mark(self, operator: Operator) -> None:
        operator.numbers(0)
        self.marks -= 1
        if self.marks < 0:
            raise Unreadable

    def extend(self, operator: Operator) -> None:
        self.path.add(operator, self.state.moved)

    def cut(self, operator: Operator) -> None:
        operator.numbers(0)
        self.path.cut()

    def end_path(self, operator: Operator) -> None:
        operator.numbers(0)
        state, path = self.state, self.path
        if not path.lines:
            raise Unreadable
        if operator.name in {"s", "b", "b*"}:
            path.close(state.moved)
        if operator.name in _FILLS:
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
        if not isinstance(found, StreamObject) or kind not in {"/Form", "/Image"}:
            raise Unreadable
        if kind == "/Image":
            self.canvas.paint(around(corners((0.0, 0.0, 1.0, 1.0)), self.state.moved), 0.0, 1.0)
        else:
            _Form(self.drawing, found, self.state.moved, self.state, self.depth + 1).draw()

    def begin(self, operator: Operator) -> None:
        operator.numbers(0)
        self.inside, self.line, self.text = True, UNMOVED, UNMOVED

    def end(self, operator: Operator) -> None:
        operator.numbers(0)
        self.inside = False

    def set_font(self, operator: Operator) -> None:
        match operator.operands:
            case (Name() as name, float() as size) if size > 0:
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
        self._to((1.0, 0.0, 0.0, 1.0, x, y), self.line)

    def place(self, operator: Operator) -> None:
        self._to(operator.matrix(), UNMOVED)

    def next_line(self, operator: Operator) -> None:
        operator.numbers(0)
        self._next_line()

    def _next_line(self) -> None:
        self._to((1.0, 0.0, 0.0, 1.0, 0.0, -self.state.leading), self.line)

    def _to(self, step: Matrix, start: Matrix) -> None:
        self.line = self.text = self.drawing.moved(step, start)
        times(self.text, self.state.moved)  # which is refused where it lies too far away

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
        light = 1.0 if state.fill is None or state.opacity * state.group < _SOLID else state.fill
        text = "".join(glyph.letter for glyph in glyphs)
        before, after = len(text) - len(text.lstrip()), len(text.rstrip())
        self._go_on(_wide(glyphs[:before]))
        wide = _wide(glyphs[before:after])
        at = times(self.text, state.moved)
        self.canvas.write(text.strip(), at, state.size, wide * state.size / 1000, state.boxes, light)
        self._go_on(_wide(glyphs[before:]))

    def _go_on(self, thousandths: float) -> None:
        step = (1.0, 0.0, 0.0, 1.0, thousandths * self.state.size / 1000, 0.0)
        self.text = self.drawing.moved(step, self.text)


def _wide(glyphs: list[Glyph]) -> float:
    return sum(glyph.advance for glyph in glyphs)


_FILLS = {"f", "F", "f*", "B", "B*", "b", "b*"}
_STROKES = {"S", "s", "B", "B*", "b", "b*"}
_LINES = ("m", "l", "c", "v", "y", "re", "h")
_ON_PATH = {*_LINES, "W", "W*", *_FILLS, *_STROKES, "n"}
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
    **dict.fromkeys(("J", "j"), _Form.set_ends),
    "d": _Form.set_dashes,
    **dict.fromkeys(("BMC", "BDC"), _Form.mark),
    "EMC": _Form.end_mark,
    "Tf": _Form.set_font,
    "TL": _Form.set_leading,
    **dict.fromkeys(("Tc", "Tw", "Tz", "Ts", "Tr"), _Form.keep_plain),
}
_OUTSIDE: dict[str, Callable[[_Form, Operator], None]] = {
    "q": _Form.save,
    "Q": _Form.restore,
    "cm": _Form.transform,
    **dict.fromkeys(_LINES, _Form.extend),
    **dict.fromkeys(("W", "W*"), _Form.cut),
    **dict.fromkeys((*_FILLS, *_STROKES, "n"), _Form.end_path),
    "sh": _Form.shade,
    "Do": _Form.other,
    "BT": _Form.begin,
}
"""Only outside of text objects."""
_INSIDE_ACTS, _OUTSIDE_ACTS = _BY_TEXT | _ANYWHERE, _OUTSIDE | _ANYWHERE
