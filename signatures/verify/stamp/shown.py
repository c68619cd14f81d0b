"""The words of a visible signature, read back from its appearance (rule R8).

The appearance is a small drawing, and a stranger may have made it. So it is read with a list of what is understood: the
operators of `drawing.py`, plain forms, the fonts of `fonts.py`, text that `canvas.py` finds to be seen. A drawing with
anything else in it is unreadable, never partly read, and so is one larger than a stamp needs.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject, TextStringObject

from ..objects import entry
from ..widgets import box_of, matrix_of
from .canvas import Box, Matrix, Run, around, corners
from .drawing import carry_out
from .fonts import UnknownFont
from .letters import Unreadable

_TOOLTIP = "Underskrift, "


@dataclass(frozen=True, slots=True)
class Shown:
    """What an appearance shows: its text, whether it draws anything, and why its text cannot be told if so."""

    runs: tuple[Run, ...] = ()
    drawn: bool = False
    problem: str | None = None


def shown_in(widget: DictionaryObject, sheet: Box) -> Shown:
    """What a widget's normal appearance shows on its page, whose box is `sheet`."""
    look, place = entry(widget, "/AP"), box_of(entry(widget, "/Rect"))
    normal = entry(look, "/N")
    if not isinstance(normal, StreamObject) or {str(key) for key in look} != {"/N"} or place is None:
        return Shown(problem="stamp_unreadable")
    try:
        canvas = carry_out(normal, _placed(normal, place), (place, sheet))
    except UnknownFont:
        return Shown(drawn=True, problem="stamp_font")
    except Unreadable:
        return Shown(drawn=True, problem="stamp_unreadable")
    return Shown(tuple(canvas.runs), canvas.drawn)


def role_of(field: DictionaryObject) -> str:
    """What the document calls the one who signs in a field, where its tooltip says it as ours do."""
    told = entry(field, "/TU")
    said = str(told) if isinstance(told, TextStringObject) else ""
    return said.removeprefix(_TOOLTIP) if said.startswith(_TOOLTIP) else ""


def _placed(form: StreamObject, place: Box) -> Matrix:
    """How an appearance is moved to its annotation's rectangle (ISO 32000-1 §12.5.5, algorithm 8.1)."""
    box, matrix = box_of(entry(form, "/BBox")), matrix_of(form)
    left, bottom, right, top = around(corners(box), matrix) if box else (0.0, 0.0, 0.0, 0.0)
    if left >= right or bottom >= top:
        raise Unreadable
    wide, tall = (place[2] - place[0]) / (right - left), (place[3] - place[1]) / (top - bottom)
    return (wide, 0.0, 0.0, tall, place[0] - left * wide, place[1] - bottom * tall)
