"""The graphics state of a stamp's drawing: colours as how light they are, and opacity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject

from ..objects import entry, named
from .canvas import UNMOVED, Box, Matrix
from .letters import Unreadable
from .operators import Operator

_KEYS = {"/Type", "/SA", "/AIS", "/ca", "/CA", "/BM", "/SMask"}


@dataclass(slots=True)
class State:
    """The graphics state (ISO 32000-1 §8.4), as far as it decides what is seen of text."""

    font: DictionaryObject | None = None
    size: float = 0.0
    leading: float = 0.0
    fill: float | None = 0.0  # how light; None where the colour is not known
    stroke: float | None = 0.0
    opacity: float = 1.0
    line_opacity: float = 1.0
    group: float = 1.0  # the opacity of the groups it is in
    line: float = 1.0
    moved: Matrix = UNMOVED
    boxes: tuple[Box, ...] = ()

    def take(self, found: PdfObject | None) -> None:
        """Opacity from a parameter dictionary; what is mixed otherwise than plainly is not read (§8.4.5, §11.6)."""
        plain = isinstance(found, DictionaryObject) and {str(key) for key in found} <= _KEYS
        if not plain or named(found, "/BM") not in {None, "/Normal"} or named(found, "/SMask") not in {None, "/None"}:
            raise Unreadable
        self.opacity = _share(found, "/ca", self.opacity)
        self.line_opacity = _share(found, "/CA", self.line_opacity)


def lightness(operator: Operator) -> float | None:
    """How light a plain colour is, from 0 (black) to 1; None for one in a colour space that was named before."""
    if operator.name in {"cs", "CS"}:
        operator.named()
        return None
    count = {"g": 1, "rg": 3, "k": 4}.get(operator.name.lower())
    numbers = operator.numbers(count or min(max(len(operator.operands), 1), 4))
    if not all(0 <= n <= 1 for n in numbers):
        raise Unreadable
    if count is None:
        return None
    if count == 4:
        numbers = tuple(1 - min(1.0, ink + numbers[3]) for ink in numbers[:3])
    red, green, blue = numbers * 3 if count == 1 else numbers
    return 0.3 * red + 0.59 * green + 0.11 * blue


def _share(holder: PdfObject | None, key: str, otherwise: float) -> float:
    found = entry(holder, key)
    if found is not None and not isinstance(found, int | float | Decimal):
        raise Unreadable
    return otherwise if found is None else min(max(float(found), 0.0), 1.0)
