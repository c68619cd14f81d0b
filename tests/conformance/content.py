"""What a page draws, in the order it is drawn: runs of text with their marks, colours, sizes and places.

A small reader of content streams (ISO 32000-1, 7.8 and 9), for tests alone: it follows text, colours, transformations,
marked content and form XObjects, and maps glyphs to characters by the fonts' own ToUnicode maps, as a screen reader
does. What it does not know it refuses, so that nothing on a page goes unseen.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pikepdf

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Rgb = tuple[float, float, float]

UNIT: Matrix = (1, 0, 0, 1, 0, 0)
ARTIFACT = "Artifact"
UNKNOWN = "\ufffd"
PAINTING = frozenset({"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "INLINE IMAGE"})
_IGNORED = frozenset("wJjMdimlcvyhnWGK") | set("re ri W* BX EX MP DP Ts ET SC SCN CS RG".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Mark:
    """The innermost marked content that something stands in: its tag and, where it has one, its MCID."""

    tag: str
    mcid: int | None
    actual: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text as it is drawn: characters, mark, size in points, fill colour, box in points on its page."""

    text: str
    marks: tuple[Mark, ...]
    page: int
    size: float
    colour: Rgb
    box: Box
    font: str
    visible: bool

    @property
    def mcid(self) -> int | None:
        """The MCID that ties it to the structure tree."""
        return next((m.mcid for m in reversed(self.marks) if m.mcid is not None), None)

    @property
    def said(self) -> str:
        """Its text, or what a mark round it alone says instead."""
        inner = self.marks[-1] if self.marks else None
        return self.text if inner is None or inner.mcid is not None or inner.actual is None else inner.actual

    @property
    def is_artifact(self) -> bool:
        """Whether it is marked as no content of the document."""
        return any(m.tag == ARTIFACT for m in self.marks)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Something painted that is no text: its operator and marks."""

    operator: str
    marks: tuple[Mark, ...]
    page: int


class Font:
    """A font of a page: from the bytes of a string to characters and widths (in ems)."""

    def __init__(self, font: pikepdf.Object) -> None:
        self._font = font
        self.name = str(font.get("/BaseFont", "?"))
        self.double = str(font.get("/Subtype")) == "/Type0"

    @cached_property
    def _unicode(self) -> Mapping[int, str]:
        found = self._font.get("/ToUnicode")
        return _to_unicode(found.read_bytes().decode("latin-1")) if isinstance(found, pikepdf.Stream) else {}

    @cached_property
    def _widths(self) -> Mapping[int, float]:
        if self.double:
            return dict(_cid_widths(self._font.DescendantFonts[0].get("/W", pikepdf.Array())))
        first = int(self._font.get("/FirstChar", 0))
        return {first + n: float(w) for n, w in enumerate(self._font.get("/Widths", pikepdf.Array()))}

    def glyphs(self, codes: bytes) -> Iterator[tuple[str, float]]:
        """Each glyph's characters, by ToUnicode alone, and its width."""
        step = 2 if self.double else 1
        for at in range(0, len(codes), step):
            code = int.from_bytes(codes[at : at + step], "big")
            yield self._unicode.get(code, UNKNOWN), self._widths.get(code, 1000.0) / 1000


def _to_unicode(cmap: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S):
        for code, text in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F\s]*)>", block):
            found[int(code, 16)] = _utf16(text)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.S):
        pattern = r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*(?:<([0-9a-fA-F]+)>|\[(.*?)\])"
        for low, high, start, listed in re.findall(pattern, block, re.S):
            texts = re.findall(r"<([0-9a-fA-F]+)>", listed)
            for n, code in enumerate(range(int(low, 16), int(high, 16) + 1)):
                found[code] = _utf16(texts[n]) if listed else chr(int(start, 16) + n)
    return found


def _utf16(digits: str) -> str:
    return bytes.fromhex("".join(digits.split())).decode("utf-16-be")


def _cid_widths(entries: Any) -> Iterator[tuple[int, float]]:
    items = list(entries)
    while items:
        first = int(items.pop(0))
        if isinstance(items[0], pikepdf.Array):
            yield from ((first + n, float(w)) for n, w in enumerate(items.pop(0)))
        else:
            last, width = int(items.pop(0)), float(items.pop(0))
            yield from ((code, width) for code in range(first, last + 1))


@dataclass(frozen=True, slots=True)
class _State:
    ctm: Matrix = UNIT
    colour: Rgb = (0, 0, 0)
    font: Font | None = None
    size: float = 0.0
    leading: float = 0.0
    between: float = 0.0
    words: float = 0.0
    mode: int = 0


def times(one: Matrix, other: Matrix) -> Matrix:
    """`one` applied before `other`."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


@dataclass
class Page:
    """One page read: its runs and drawings, in the order they are drawn."""

    number: int
    runs: list[Run] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)


def read_page(page: pikepdf.Page, number: int) -> Page:
    """Everything the page draws, the appearances of its fields apart."""
    found = Page(number)
    _Reader(found, page.obj.Resources, _State(), (), {}).run(page.obj)
    return found


class _Reader:
    """Follows one content stream, and those it draws, with a method for each kind of operator."""

    def __init__(
        self, page: Page, resources: Any, state: _State, marks: tuple[Mark, ...], fonts: dict[Any, Font]
    ) -> None:
        self._page, self._resources, self._state, self._marks, self._fonts = page, resources, state, marks, fonts
        self._stack: list[_State] = []
        self._text = self._line = UNIT

    def run(self, stream: Any) -> None:
        for operands, name in _instructions(stream):
            if name in PAINTING:
                self._page.drawings.append(Drawing(name, self._marks, self._page.number))
            elif name in _OPERATORS:
                _OPERATORS[name](self, name, operands)
            elif name not in _IGNORED:
                raise ValueError(f"operator {name} is not understood")

    def _save(self, _name: str, _operands: Any) -> None:
        self._stack.append(self._state)

    def _restore(self, _name: str, _operands: Any) -> None:
        self._state = self._stack.pop()

    def _transform(self, _name: str, operands: Any) -> None:
        self._state = replace(self._state, ctm=times(_matrix(operands), self._state.ctm))

    def _begin(self, _name: str, operands: Any) -> None:
        self._marks = (*self._marks, _mark(operands, self._resources))

    def _end(self, _name: str, _operands: Any) -> None:
        self._marks = self._marks[:-1]

    def _place(self, name: str, operands: Any) -> None:
        self._text = self._line = _matrix(operands) if name == "Tm" else UNIT

    def _move(self, name: str, operands: Any) -> None:
        if name == "TD":
            self._state = replace(self._state, leading=-float(operands[1]))
        x, y = (float(v) for v in operands) if name in ("Td", "TD") else (0.0, -self._state.leading)
        self._text = self._line = times((1, 0, 0, 1, x, y), self._line)
        if name == "'":
            self._show(name, operands)

    def _set(self, name: str, operands: Any) -> None:
        key, kind = _TEXT[name]
        self._state = replace(self._state, **{key: kind(operands[0])})

    def _choose(self, _name: str, operands: Any) -> None:
        font = self._resources.Font[operands[0]]
        if font.objgen not in self._fonts:
            self._fonts[font.objgen] = Font(font)
        self._state = replace(self._state, font=self._fonts[font.objgen], size=float(operands[1]))

    def _paint(self, name: str, operands: Any) -> None:
        self._state = replace(self._state, colour=(0, 0, 0) if name == "cs" else _colour(operands))

    def _adjust(self, _name: str, operands: Any) -> None:
        _refuse_transparency(self._resources.ExtGState[operands[0]])

    def _draw(self, _name: str, operands: Any) -> None:
        thing = self._resources.XObject[operands[0]]
        if str(thing.Subtype) != "/Form":
            self._page.drawings.append(Drawing("Do", self._marks, self._page.number))
            return
        state = replace(self._state, ctm=times(_matrix(thing.get("/Matrix", UNIT)), self._state.ctm))
        _Reader(self._page, thing.get("/Resources", self._resources), state, self._marks, self._fonts).run(thing)

    def _show(self, _name: str, operands: Any) -> None:
        """Note the run and move the text matrix to its end."""
        state, font = self._state, self._state.font
        if font is None:
            raise ValueError("text without a font")
        letters, along = "", 0.0
        for piece in operands[0] if isinstance(operands[0], pikepdf.Array) else operands:
            if isinstance(piece, pikepdf.String):
                for letter, width in font.glyphs(bytes(piece)):
                    letters += letter
                    along += width * state.size + state.between + (state.words if letter == " " else 0)
            else:
                along -= float(piece) / 1000 * state.size
        whole = times(self._text, state.ctm)
        up = _at(whole, 0, state.size)
        size = max(abs(up[0] - whole[4]), abs(up[1] - whole[5]))
        box = _around(whole, along, state.size)
        seen = state.mode not in (3, 7)
        self._page.runs.append(Run(letters, self._marks, self._page.number, size, state.colour, box, font.name, seen))
        self._text = times((1, 0, 0, 1, along, 0), self._text)


_TEXT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "TL": ("leading", float),
    "Tc": ("between", float),
    "Tw": ("words", float),
    "Tr": ("mode", int),
}
_OPERATORS: dict[str, Callable[[_Reader, str, Any], None]] = {
    "q": _Reader._save,
    "Q": _Reader._restore,
    "cm": _Reader._transform,
    "EMC": _Reader._end,
    "Tf": _Reader._choose,
    "gs": _Reader._adjust,
    "Do": _Reader._draw,
    **dict.fromkeys(("BDC", "BMC"), _Reader._begin),
    **dict.fromkeys(("BT", "Tm"), _Reader._place),
    **dict.fromkeys(("Td", "TD", "T*", "'"), _Reader._move),
    **dict.fromkeys(_TEXT, _Reader._set),
    **dict.fromkeys(("rg", "g", "k", "sc", "scn", "cs"), _Reader._paint),
    **dict.fromkeys(("Tj", "TJ"), _Reader._show),
}


def _instructions(stream: Any) -> Iterator[tuple[Any, str]]:
    for instruction in pikepdf.parse_content_stream(stream):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            yield (), "INLINE IMAGE"
        else:
            yield instruction.operands, str(instruction.operator)


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = map(float, operands)
    return a, b, c, d, e, f


def _around(matrix: Matrix, along: float, size: float) -> Box:
    """The box of a line of text, from a little under its base line to the height of its letters."""
    corners = [_at(matrix, x, y) for x in (0, along) for y in (-0.2 * size, 0.75 * size)]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _mark(operands: Any, resources: pikepdf.Object) -> Mark:
    tag = str(operands[0])[1:]
    if len(operands) == 1:
        return Mark(tag, None)
    properties = operands[1]
    if isinstance(properties, pikepdf.Name):
        properties = resources.Properties[properties]
    actual = properties.get("/ActualText")
    mcid = properties.get("/MCID")
    return Mark(tag, None if mcid is None else int(mcid), None if actual is None else str(actual))


def _colour(operands: Any) -> Rgb:
    values = [float(v) for v in operands if not isinstance(v, pikepdf.Name)]
    match values:
        case [grey]:
            return grey, grey, grey
        case [red, green, blue]:
            return red, green, blue
        case [cyan, magenta, yellow, black]:
            return tuple((1 - c) * (1 - black) for c in (cyan, magenta, yellow))  # type: ignore[return-value]
    raise ValueError(f"colour {values} is not understood")


def _refuse_transparency(state: pikepdf.Object) -> None:
    """A see-through letter has another contrast than its colour says."""
    if any(float(state.get(key, 1)) != 1 for key in ("/ca", "/CA")) or str(state.get("/BM", "/Normal")) != "/Normal":
        raise ValueError("transparency is not measured")
