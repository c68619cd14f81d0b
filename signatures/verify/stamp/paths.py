"""The path that a content stream is building (ISO 32000-1 §8.5.2), as the boxes its lines lie in."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from .canvas import Box, Matrix, around, corners, upright_box
from .letters import Unreadable
from .operators import Operator

_MAX_PATH = 5000
_SPIKE = 5.0  # of a line's width: as far as the corner of two lines may reach (ISO 32000-1 §8.4.3.5, limit 10)
_THINNEST = 1.0  # points: a reader draws no line thinner than a pixel
_POINTS = {"l": 1, "v": 2, "y": 2, "c": 3}
_Point = tuple[float, float]


class Path:
    """Each line or curve as a box on the page; a curve lies within its control points."""

    def __init__(self) -> None:
        self.lines: list[Box] = []
        self.cutting = False
        self.begun = False
        self._first: _Point | None = None
        self._pen: _Point | None = None
        self._rectangle: Box | None = None

    def add(self, operator: Operator, moved: Matrix) -> None:
        """One of `m`, `l`, `c`, `v`, `y`, `re` and `h`."""
        if len(self.lines) >= _MAX_PATH or self.cutting:
            raise Unreadable
        self.begun = True
        if operator.name == "m":
            self._first = self._pen = _points(operator, 1)[0]
        elif operator.name == "h":
            operator.numbers(0)
            self.close(moved)
        elif operator.name == "re":
            self._add_rectangle(operator, moved)
        else:
            self._add(_points(operator, _POINTS[operator.name]), moved)

    def _add_rectangle(self, operator: Operator, moved: Matrix) -> None:
        x, y, width, height = operator.numbers(4)
        box = (min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height))
        self._rectangle = None if self.lines else box
        found = corners(box)
        self.lines += [around([a, b], moved) for a, b in pairwise((*found, found[0]))]
        self._first = self._pen = (x, y)

    def _add(self, points: list[_Point], moved: Matrix) -> None:
        if self._pen is None:
            raise Unreadable
        self.lines.append(around([self._pen, *points], moved))
        self._pen = points[-1]

    def close(self, moved: Matrix) -> None:
        """Back to where this part of the path began."""
        if self._first is not None:
            self._add([self._first], moved)

    def cut(self) -> None:
        """`W` or `W*`, after which nothing but the path's end comes (ISO 32000-1 §8.5.4)."""
        if self.cutting or not self.lines:
            raise Unreadable
        self.cutting = True

    def cuts(self, moved: Matrix) -> tuple[Box, ...]:
        """What clips from here on, when the path ends. Only a single upright rectangle may: it is one box more."""
        if not self.cutting:
            return ()
        if self._rectangle is None or len(self.lines) != len(corners(self._rectangle)):
            raise Unreadable
        return (upright_box(self._rectangle, moved),)

    def filled(self) -> Box:
        """The box of all of it."""
        across, up, ends, tops = zip(*self.lines, strict=True)
        return min(across), min(up), max(ends), max(tops)

    def stroked(self, width: float, moved: Matrix) -> list[Box]:
        """The boxes of its lines at a width."""
        wide = max(_THINNEST, width * max(hypot(moved[0], moved[1]), hypot(moved[2], moved[3])))
        return [
            _grown(line, wide if line[0] == line[2] or line[1] == line[3] else _SPIKE * wide) for line in self.lines
        ]


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _points(operator: Operator, count: int) -> list[_Point]:
    numbers = operator.numbers(2 * count)
    return list(zip(numbers[::2], numbers[1::2], strict=True))
