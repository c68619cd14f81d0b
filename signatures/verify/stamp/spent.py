"""What all forms of one appearance draw together, and how much of it a stamp may need."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject

from ..objects import entry, named
from .canvas import Canvas, Matrix, times
from .fonts import Fonts
from .letters import Unreadable
from .operators import NAME
from .streams import form_data

_MAX_STREAM = 100_000
_MAX_DRAWN = 250_000
_MAX_FORMS = 64
_MAX_MOVES = 2000  # each may round
_LISTS = {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/ProcSet"}
_PLAIN_NAME = re.compile("/" + NAME.decode("ascii"))
_GROUP_KEYS = {"/Type", "/S", "/CS", "/I"}
_DEVICES = {"/DeviceGray", "/DeviceRGB", "/DeviceCMYK"}


@dataclass(slots=True)
class Drawing:
    """What is drawn so far. Its methods raise Unreadable for more than a stamp needs."""

    canvas: Canvas = field(default_factory=Canvas)
    fonts: Fonts = field(default_factory=Fonts)
    forms: int = 0
    read: int = 0
    moves: int = 0

    def count(self, form: StreamObject) -> bytes:
        """The form's operators, if it is a plain one."""
        data = form_data(form, _MAX_STREAM)
        self.forms += 1
        self.read += len(data)
        if self.read > _MAX_DRAWN or self.forms > _MAX_FORMS or not _is_plain(form) or not _is_named_plainly(form):
            raise Unreadable
        return data

    def moved(self, a: Matrix, b: Matrix) -> Matrix:
        """First one matrix, then another."""
        self.moves += 1
        if self.moves > _MAX_MOVES:
            raise Unreadable
        return times(a, b)


def _is_named_plainly(form: StreamObject) -> bool:
    """Whether all that a form may use has a name that every reader reads alike, in a list that every reader knows."""
    lists = entry(form, "/Resources")
    if lists is None:
        return True
    if not isinstance(lists, DictionaryObject) or not {str(key) for key in lists} <= _LISTS:
        return False
    each = [entry(lists, key) for key in lists if key != "/ProcSet"]
    known = all(isinstance(found, DictionaryObject) and not isinstance(found, StreamObject) for found in each)
    return known and all(_PLAIN_NAME.fullmatch(name) for found in each for name in found or ())


def _is_plain(form: StreamObject) -> bool:
    """Whether a form is no group, or one that is mixed as its parts would be (ISO 32000-1 §11.6.6)."""
    group = entry(form, "/Group")
    if group is None:
        return True
    known = isinstance(group, DictionaryObject) and {str(key) for key in group} <= _GROUP_KEYS
    return known and named(group, "/CS") in {None, *_DEVICES}
