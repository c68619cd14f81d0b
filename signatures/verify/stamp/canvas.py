"""What is painted where in a stamp, and which text is then seen for certain.

Text is seen when it is dark on something light, upright, large enough to read, inside every box it is drawn in by its
own width, and when nothing is painted over it. A stamp with other text is not one that this can read: what is not seen
is not left out, since it may hide what is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .letters import Unreadable

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
UNMOVED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
HEIGHT = 0.7  # of the size: from the base line to the top of a capital
FARTHEST = 16_384.0  # no page is wider (ISO 32000-2 annex C.2), and as far as this each reader's numbers are as fine

_FINEST = 1 / 1024  # of its size: smaller is nothing that is drawn
_SMALLEST = 4.0  # points
_MAX_STRETCH = 1.25
_DARKEST_PAPER, _PALEST_TEXT, _CONTRAST = 1.0, 0.5, 0.4  # 0 is black, 1 is white
_BESIDE = 0.12  # of the size: how far letters may reach into one another, or out of their box
_MAX_RUNS, _MAX_PAINTS = 500, 1000
_MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Run:
    """Text set in one go from left to right, in points on the page, without blanks at its ends; `y` is the base line,
    `end` where its last letter ends, `stretch` how much wider it is drawn than its size says."""

    text: str
    x: float
    y: float
    end: float
    size: float
    stretch: float = 1.0

    @property
    def em(self) -> float:
        """The size, as wide as it is drawn."""
        return self.size * self.stretch

    @property
    def box(self) -> Box:
        """Where its letters are."""
        return (self.x, self.y, self.end, self.y + HEIGHT * self.size)


@dataclass(slots=True)
class Canvas:
    """Everything that one stamp has painted, in order."""

    runs: list[Run] = field(default_factory=list)
    paints: list[tuple[Box, float]] = field(default_factory=list)
    drawn: bool = False
    length: int = 0

    def paint(self, box: Box, light: float, opacity: float) -> None:
        """Something other than text. Raises Unreadable when it may lie over text."""
        self.drawn = True
        if len(self.paints) >= _MAX_PAINTS or any(overlap(box, run.box) for run in self.runs):
            raise Unreadable
        self.paints.append((box, opacity * light + (1 - opacity) * self._below(box)))

    def write(self, text: str, at: Matrix, size: float, width: float, boxes: tuple[Box, ...], light: float) -> None:
        """Text that begins at `at`, `width` long before it is moved there. Raises Unreadable unless it is seen."""
        self.drawn = True
        tall = size * at[3]
        upright = at[1] == at[2] == 0 and at[0] > 0 and tall >= _SMALLEST
        if not upright or not 1 / _MAX_STRETCH <= at[0] / at[3] <= _MAX_STRETCH:
            raise Unreadable
        if not text.strip():
            return
        run = Run(text, at[4], at[5], at[4] + width * at[0], tall, at[0] / at[3])
        self.length += len(text)
        if len(self.runs) >= _MAX_RUNS or self.length > _MAX_TEXT or not all(_within(run, box) for box in boxes):
            raise Unreadable
        if light > _PALEST_TEXT or self._below(run.box) - light < _CONTRAST:
            raise Unreadable
        if any(_collide(run, other) for other in self.runs):
            raise Unreadable
        self.runs.append(run)

    def _below(self, box: Box) -> float:
        """How light the darkest is of what lies under a box. The paper is the document's own, which was signed."""
        return min((light for painted, light in self.paints if overlap(painted, box)), default=_DARKEST_PAPER)


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share an area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(run: Run, box: Box) -> bool:
    across, up = _BESIDE * run.em, _BESIDE * run.size
    left, bottom, right, top = run.box
    return box[0] - across <= left and right <= box[2] + across and box[1] - up <= bottom and top <= box[3] + up


def _collide(a: Run, b: Run) -> bool:
    across, up = _BESIDE * min(a.em, b.em), _BESIDE * min(a.size, b.size)
    return overlap((a.x + across, a.y + up, a.end, a.box[3]), b.box)


def times(a: Matrix, b: Matrix) -> Matrix:
    """First `a`, then `b` (ISO 32000-1 §8.3.4). Raises Unreadable where readers may round it to another place: the
    result must stand upright or on its side, be no finer than what can be drawn, and lie no farther than a page."""
    made = (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )
    across, up = (made[0], made[3]) if made[1] == made[2] == 0 else (made[1], made[2])
    plain = made[1] == made[2] == 0 or made[0] == made[3] == 0
    if not plain or min(abs(across), abs(up)) < _FINEST or not all(abs(n) <= FARTHEST for n in made):
        raise Unreadable
    return made


def around(points: list[tuple[float, float]], moved: Matrix) -> Box:
    """The box that holds points after they are moved."""
    across = [x * moved[0] + y * moved[2] + moved[4] for x, y in points]
    up = [x * moved[1] + y * moved[3] + moved[5] for x, y in points]
    if not all(abs(n) <= FARTHEST for n in (*across, *up)):
        raise Unreadable
    return min(across), min(up), max(across), max(up)


def corners(box: Box) -> list[tuple[float, float]]:
    """The corners of a box, in turn."""
    return [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]


def upright_box(box: Box, moved: Matrix) -> Box:
    """A box moved, which must not be turned: it clips what is drawn in it."""
    if moved[1] or moved[2]:
        raise Unreadable
    return around(corners(box), moved)
