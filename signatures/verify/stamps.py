"""The words of a visible signature, read back from its appearance (rule R8).

The appearance is a small drawing; its text is glyph numbers of an embedded font, which the font's ToUnicode map turns
back into letters (`letters.py`). Text that nobody sees is left out: drawn in no colour, in white on nothing, or in no
size. What cannot be read back is None, never a guess, and so is a drawing larger than a stamp needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import hypot

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject, StreamObject

from .letters import Letters, Unreadable
from .objects import entry, items, target
from .operators import Name, Operand, Operator, operators

# Stands in the text where a line goes on after a gap, of which it is not known whether it is a space.
GAP = "\x1f"

_MAX_STREAM = 200_000
_MAX_DRAWN = 1_000_000
_MAX_FORMS = 64
_MAX_TEXT = 10_000
_SMALLEST = 0.1  # points: smaller type is no type
_PALE = 0.1  # from white
_FILLS = {"f", "F", "f*", "B", "B*", "b", "b*", "sh"}
_STROKES = {"S", "s"}
_UNSEEN = {3, 7}  # text rendering modes (ISO 32000-1 table 106)

_Numbers = tuple[float, ...]
_UNMOVED: _Numbers = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an appearance shows: its text in drawing order (None when unreadable), and whether it draws anything."""

    text: str | None
    drawn: bool


def shown_in(widget: DictionaryObject) -> Shown:
    """What a signature field's normal appearance shows."""
    normal = entry(entry(widget, "/AP"), "/N")
    if not isinstance(normal, StreamObject):
        return Shown(None, drawn=False)
    drawing = _Drawing()
    try:
        _Form(drawing, normal, _UNMOVED, _State()).draw()
    except Unreadable:
        return Shown(None, drawn=True)
    return Shown("".join(drawing.pieces), drawing.drawn)


@dataclass(slots=True)
class _State:
    font: DictionaryObject | None = None
    size: float = 0.0
    stretch: float = 100.0
    leading: float = 0.0
    mode: int = 0
    white: bool = False
    clear: bool = False
    moved: _Numbers = _UNMOVED


@dataclass(slots=True)
class _Drawing:
    """What all forms of one appearance have drawn together, and where the last text began."""

    pieces: list[str] = field(default_factory=list)
    letters: Letters = field(default_factory=Letters)
    drawn: bool = False
    painted: bool = False
    forms: int = 0
    read: int = 0
    length: int = 0
    box: _Numbers | None = None
    last: tuple[float, float] | None = None
    gap: bool = False

    def count(self, form: StreamObject) -> bytes:
        """The form's operators, if all that is drawn is within bounds."""
        data: bytes = form.data
        self.forms += 1
        self.read += len(data)
        if len(data) > _MAX_STREAM or self.read > _MAX_DRAWN or self.forms > _MAX_FORMS:
            raise Unreadable
        return data

    def add(self, text: str, at: _Numbers, size: float) -> None:
        """Text that begins at `at`; on a new line, after a gap, or joined to the text before it."""
        x, y, width = at[4], at[5], hypot(at[0], at[1])
        if self.last is not None and self.gap:
            apart = abs((x - self.last[0]) * at[1] - (y - self.last[1]) * at[0]) / width
            self.pieces.append("\n" if apart >= size / 2 else GAP)
        self.last, self.gap = (x, y), False
        self.length += len(text)
        if self.length > _MAX_TEXT:
            raise Unreadable
        self.pieces.append(text.replace(GAP, ""))


class _Form:
    """One form's operators, followed as a reader that draws them would."""

    def __init__(self, drawing: _Drawing, form: StreamObject, outer: _Numbers, state: _State) -> None:
        if "/OC" in form:
            raise Unreadable
        self.drawing, self.outer = drawing, outer
        self.data = drawing.count(form)
        self.resources = entry(form, "/Resources")
        self.box = _numbers(entry(form, "/BBox"), 4)
        drawing.box = drawing.box or self.box
        self.state, self.saved = replace(state, moved=_UNMOVED), list[_State]()
        self.line = self.text = _UNMOVED

    def draw(self) -> None:
        for operator in operators(self.data):
            if (act := _ACTS.get(operator.name)) is not None:
                act(self, operator)
            elif operator.name in _FILLS:
                self.drawing.drawn = self.drawing.painted = True
            elif operator.name in _STROKES:
                self.drawing.drawn = True

    def save(self, _: Operator) -> None:
        self.saved.append(replace(self.state))

    def restore(self, _: Operator) -> None:
        if self.saved:
            self.state = self.saved.pop()

    def transform(self, operator: Operator) -> None:
        self.state.moved = _times(operator.numbers(6), self.state.moved)

    def set_font(self, operator: Operator) -> None:
        self.state.font = entry(entry(self.resources, "/Font"), operator.named())
        self.state.size = operator.numbers(1)[0]

    def set_stretch(self, operator: Operator) -> None:
        self.state.stretch = operator.numbers(1)[0]

    def set_leading(self, operator: Operator) -> None:
        self.state.leading = operator.numbers(1)[0]

    def set_mode(self, operator: Operator) -> None:
        self.state.mode = int(operator.numbers(1)[0])

    def set_colour(self, operator: Operator) -> None:
        """Only plain white is told from other colours; a pattern or a colour space of its own is taken for seen."""
        white = {"g": (1.0,), "rg": (1.0, 1.0, 1.0), "k": (0.0, 0.0, 0.0, 0.0)}.get(operator.name)
        self.state.white = white is not None and all(
            abs(a - b) < _PALE for a, b in zip(operator.numbers(len(white)), white, strict=True)
        )

    def set_graphics(self, operator: Operator) -> None:
        found = entry(entry(self.resources, "/ExtGState"), operator.named())
        if entry(found, "/Font") is not None:
            raise Unreadable
        if (opacity := entry(found, "/ca")) is not None:
            self.state.clear = opacity == 0

    def begin(self, _: Operator) -> None:
        self.line = self.text = _UNMOVED
        self.drawing.gap = True

    def move(self, operator: Operator) -> None:
        x, y = operator.numbers(2)
        if operator.name == "TD":
            self.state.leading = -y
        self._to(_times((1.0, 0.0, 0.0, 1.0, x, y), self.line))

    def place(self, operator: Operator) -> None:
        self._to(operator.numbers(6))

    def next_line(self, _: Operator) -> None:
        self._to(_times((1.0, 0.0, 0.0, 1.0, 0.0, -self.state.leading), self.line))

    def _to(self, place: _Numbers) -> None:
        self.line = self.text = place
        self.drawing.gap = True

    def show(self, operator: Operator) -> None:
        self._show(operator.strings(1))

    def show_next(self, operator: Operator) -> None:
        self.next_line(operator)
        self._show(operator.strings(1))

    def show_list(self, operator: Operator) -> None:
        self._show(operator.after_bracket())

    def _show(self, pieces: list[Operand]) -> None:
        local = _times(self.text, self.state.moved)
        at = _times(local, self.outer)
        size = self._height(at)
        if not self._seen(at, size):
            return
        if not (_inside(local, self.box, self._height(local)) and _inside(at, self.drawing.box, size)):
            raise Unreadable
        for piece in pieces:
            if isinstance(piece, bytes):
                self.drawing.drawn = True
                self.drawing.add(self.drawing.letters.decoded(piece, self.state.font), at, size)
            elif isinstance(piece, float) and piece < -100:  # thousandths of the size: as wide as a space
                self.drawing.gap = True

    def _height(self, at: _Numbers) -> float:
        width = hypot(at[0], at[1])
        return abs(self.state.size * (at[0] * at[3] - at[1] * at[2]) / width) if width else 0.0

    def _seen(self, at: _Numbers, size: float) -> bool:
        state = self.state
        white = state.white and state.mode in {0, 4} and not self.drawing.painted
        wide = abs(state.size * hypot(at[0], at[1]) * state.stretch / 100)
        return not (white or state.clear or state.mode in _UNSEEN or min(wide, size) < _SMALLEST)

    def optional(self, operator: Operator) -> None:
        """Content that a reader may switch off is not read."""
        if any(isinstance(o, Name) and o == "/OC" for o in operator.operands):
            raise Unreadable

    def image(self, _: Operator) -> None:
        self.drawing.drawn = self.drawing.painted = True

    def other(self, operator: Operator) -> None:
        found = entry(entry(self.resources, "/XObject"), operator.named())
        if not isinstance(found, StreamObject):
            return
        if entry(found, "/Subtype") != "/Form":
            self.image(operator)
            return
        matrix = _numbers(entry(found, "/Matrix"), 6) if "/Matrix" in found else _UNMOVED
        self.drawing.gap = True
        _Form(self.drawing, found, _times(matrix, _times(self.state.moved, self.outer)), self.state).draw()
        self.drawing.gap = True


_ACTS: dict[str, Callable[[_Form, Operator], None]] = {
    "q": _Form.save,
    "Q": _Form.restore,
    "cm": _Form.transform,
    "gs": _Form.set_graphics,
    "Tf": _Form.set_font,
    "Tz": _Form.set_stretch,
    "TL": _Form.set_leading,
    "Tr": _Form.set_mode,
    **dict.fromkeys(("g", "rg", "k", "cs", "sc", "scn"), _Form.set_colour),
    "BT": _Form.begin,
    "Td": _Form.move,
    "TD": _Form.move,
    "Tm": _Form.place,
    "T*": _Form.next_line,
    "Tj": _Form.show,
    "'": _Form.show_next,
    '"': _Form.show_next,
    "TJ": _Form.show_list,
    "BDC": _Form.optional,
    "Do": _Form.other,
    "EI": _Form.image,
}


def _times(a: _Numbers, b: _Numbers) -> _Numbers:
    """First `a`, then `b` (ISO 32000-1 §8.3.4)."""
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def _inside(at: _Numbers, box: _Numbers | None, size: float) -> bool:
    """Whether text that begins here begins in the box, or by less than half its size beside it."""
    if box is None:
        return False
    left, right = sorted((box[0], box[2]))
    bottom, top = sorted((box[1], box[3]))
    near = size / 2
    return left - near <= at[4] <= right and bottom - near <= at[5] <= top


def _numbers(value: PdfObject | None, count: int) -> _Numbers:
    try:
        found = tuple(float(target(n)) for n in items(value))  # type: ignore[arg-type]  # what is no number raises
    except (OverflowError, TypeError, ValueError):
        raise Unreadable from None
    if len(found) != count:
        raise Unreadable
    return found
