"""The operators of a content stream with their operands, in one pass over its bytes (ISO 32000-1 §7.8.2).

Every byte is looked at a bounded number of times, whatever the bytes: a stranger chose them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .letters import Unreadable, from_hex

_TOKEN = re.compile(
    rb"(?P<comment>%[^\r\n]*)|(?P<mark><<|>>|\])|(?P<hex><[0-9A-Fa-f\s\0]*>)|(?P<broken><)|(?P<text>\()"
    rb"|(?P<list>\[)|(?P<name>/[^\0\s/<>()\[\]{}%]*)|(?P<number>[+\-.0-9]+)|(?P<op>[A-Za-z'\"][A-Za-z0-9*'\"]*)",
)
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_IMAGE_END = re.compile(rb"\sEI(?![^\s])")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b"", b"\r": b""}
_LONGEST_NUMBER = 40


class Name(str):
    """A name operand, with its solidus."""

    __slots__ = ()


class _List:
    """Where a list begins."""


_LIST = _List()
Operand = Name | float | bytes | _List


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator and what was written before it."""

    name: str
    operands: tuple[Operand, ...]

    def numbers(self, count: int) -> tuple[float, ...]:
        """The last operands, which must be numbers."""
        found = tuple(o for o in self.operands[-count:] if isinstance(o, float))
        if len(found) != count:
            raise Unreadable
        return found

    def named(self) -> str:
        """The name among the operands."""
        return next((str(o) for o in reversed(self.operands) if isinstance(o, Name)), "")

    def strings(self, count: int) -> list[Operand]:
        """The last operands, which must be strings."""
        found: list[Operand] = [o for o in self.operands[-count:] if isinstance(o, bytes)]
        if len(found) != count:
            raise Unreadable
        return found

    def after_bracket(self) -> list[Operand]:
        """The members of the last list."""
        if _LIST not in self.operands:
            raise Unreadable
        at = len(self.operands) - self.operands[::-1].index(_LIST)
        return list(self.operands[at:])


def operators(data: bytes) -> Iterator[Operator]:
    """Every operator in order; comments are passed over, and so is the data of an image."""
    operands: list[Operand] = []
    at = 0
    while (match := _TOKEN.search(data, at)) is not None:
        kind, value, at = match.lastgroup, match.group(), match.end()
        if kind == "op":
            if value == b"ID":
                at = _image_end(data, at)
                value = b"EI"
            yield Operator(value.decode("ascii"), tuple(operands))
            operands.clear()
        elif kind == "text":
            end = _text_end(data, at)
            operands.append(_ESCAPED.sub(_unescape, data[at : end - 1]))
            at = end
        elif kind == "broken":
            raise Unreadable
        elif kind not in {"comment", "mark"}:
            operands.append(_operand(kind, value))


def _operand(kind: str | None, value: bytes) -> Operand:
    if kind == "hex":
        return from_hex(value[1:-1])
    if kind == "list":
        return _LIST
    if kind == "name":
        return Name(value.decode("latin-1"))
    try:
        return float(value if len(value) <= _LONGEST_NUMBER else b"")
    except ValueError:
        raise Unreadable from None


def _text_end(data: bytes, start: int) -> int:
    depth = 1
    for match in _PARENTHESIS.finditer(data, start):
        depth += {b"(": 1, b")": -1}.get(match.group(), 0)
        if not depth:
            return match.end()
    raise Unreadable


def _image_end(data: bytes, start: int) -> int:
    match = _IMAGE_END.search(data, start)
    if match is None:
        raise Unreadable
    return match.end()


def _unescape(match: re.Match[bytes]) -> bytes:
    what = match.group(1)
    return bytes([int(what, 8) & 0xFF]) if what[:1] in b"01234567" else _ESCAPES.get(what, what)
