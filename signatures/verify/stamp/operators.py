"""The operators of a content stream with their operands, in one pass over its bytes (ISO 32000-1 §7.2, §7.8.2).

Every byte is looked at a bounded number of times, whatever the bytes: a stranger chose them. What readers might split
otherwise than this (odd numbers, escaped names, the data of an image in the stream) is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .canvas import Matrix
from .letters import Unreadable, from_hex

_SPACE = rb"\0\t\n\f\r "
_TOKEN = re.compile(
    rb"[" + _SPACE + rb"]*(?:(?P<comment>%[^\r\n]*)|(?P<mark><<|>>)|(?P<hex><[0-9A-Fa-f" + _SPACE + rb"]*>)"
    rb"|(?P<text>\()|(?P<open>\[)|(?P<close>\])|/(?P<name>[!\"$&'*+,\-.0-;=?-Z\\^-z|~]+)"
    rb"|(?P<word>[^/<>()\[\]{}%" + _SPACE + rb"]+)|(?P<end>\Z))"
)
_NUMBER = re.compile(rb"[+-]?(?:\d{1,9}(?:\.\d{0,20})?|\.\d{1,20})\Z")
_WITH_DICTIONARY = {b"BDC", b"DP"}
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b"", b"\r": b""}


class Name(str):
    """A name operand, with its solidus."""

    __slots__ = ()


Scalar = Name | float | bytes
Operand = Scalar | list[Scalar]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator and what was written before it."""

    name: str
    operands: tuple[Operand, ...]

    def numbers(self, count: int) -> tuple[float, ...]:
        """The operands, which must be so many numbers."""
        found = tuple(o for o in self.operands if isinstance(o, float))
        if not len(found) == len(self.operands) == count:
            raise Unreadable
        return found

    def matrix(self) -> Matrix:
        """The operands, which must be a matrix."""
        a, b, c, d, e, f = self.numbers(6)
        return (a, b, c, d, e, f)

    def named(self) -> str:
        """The only operand, which must be a name."""
        match self.operands:
            case (Name() as name,):
                return str(name)
        raise Unreadable

    def string(self) -> bytes:
        """The only operand, which must be a string."""
        match self.operands:
            case (bytes() as text,):
                return text
        raise Unreadable

    def listed(self) -> list[Scalar]:
        """The only operand, which must be a list."""
        match self.operands:
            case (list() as found,):
                return found
        raise Unreadable


def operators(data: bytes) -> Iterator[Operator]:
    """Every operator in order; comments are passed over."""
    operands: list[Operand] = []
    inner: list[Scalar] | None = None
    marked, at = False, 0
    while at < len(data):
        if (match := _TOKEN.match(data, at)) is None:
            raise Unreadable
        kind, value, at = match.lastgroup, match.group(match.lastgroup or 0), match.end()
        if kind in {"comment", "mark", "end"}:
            marked |= kind == "mark"
            continue
        if kind == "open":
            if inner is not None:
                raise Unreadable
            inner = []
        elif kind == "close":
            if inner is None:
                raise Unreadable
            operands.append(inner)
            inner = None
        elif kind == "word" and _NUMBER.match(value) is None:
            if inner is not None or not value.isascii() or (marked and value not in _WITH_DICTIONARY):
                raise Unreadable
            marked = False
            yield Operator(value.decode("ascii"), tuple(operands))
            operands.clear()
        else:
            scalar, at = _scalar(kind, value, data, at)
            (operands if inner is None else inner).append(scalar)
    if operands or inner is not None:
        raise Unreadable


def _scalar(kind: str | None, value: bytes, data: bytes, at: int) -> tuple[Scalar, int]:
    if kind == "hex":
        return from_hex(value[1:-1]), at
    if kind == "name":
        return Name("/" + value.decode("ascii")), at
    if kind == "text":
        end = _text_end(data, at)
        written = data[at : end - 1]
        if b"\r" in written:  # which is one line feed or stays as it is (ISO 32000-1 §7.3.4.2), as the reader likes
            raise Unreadable
        return _ESCAPED.sub(_unescape, written), end
    return float(value), at


def _text_end(data: bytes, start: int) -> int:
    depth = 1
    for match in _PARENTHESIS.finditer(data, start):
        depth += {b"(": 1, b")": -1}.get(match.group(), 0)
        if not depth:
            return match.end()
    raise Unreadable


def _unescape(match: re.Match[bytes]) -> bytes:
    what = match.group(1)
    return bytes([int(what, 8) & 0xFF]) if what[:1] in b"01234567" else _ESCAPES.get(what, what)
