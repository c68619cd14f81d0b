"""The operators of a content stream with their operands, in one pass over its bytes (ISO 32000-1 §7.2, §7.8.2).

Read is what a plain writer writes, and each token in one form: decimal numbers of a size that every reader keeps (annex
C), names of letters and digits, strings without control characters, whose escapes are those of table 3. What readers
might split or round otherwise than this is not read at all. Every byte is looked at a bounded number of times, whatever
the bytes: a stranger chose them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .canvas import FARTHEST, Matrix
from .letters import Unreadable

NAME = rb"[A-Za-z0-9_.+\-]{1,40}"  # no longer than every reader keeps, were each letter escaped
_ENDS = rb"(?=[ \t\r\n/<(\[\]%]|\Z)"
_TOKEN = re.compile(
    rb"[ \t\r\n]*+(?:(?P<comment>%[A-Za-z ]{0,80}(?=[\r\n]|\Z))|(?P<bracket>[\[\]])"
    rb"|<(?P<hex>(?:[0-9A-Fa-f]{2}){0,2000})>"
    rb"|\((?P<text>(?:[ -'*-\[\]-~\x80-\xff]|\\[nrtbf()\\]|\\[0-3][0-7]{2}){0,2000})\)"
    rb"|/(?P<name>" + NAME + rb")" + _ENDS + rb"|(?P<word>[A-Za-z]{1,3}\*?|')" + _ENDS + rb"|"
    rb"(?P<number>-?(?:(?:0|[1-9]\d{0,4})(?:\.\d{1,20})?|\.\d{1,20}))" + _ENDS + rb"|(?P<end>\Z))"
)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


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
    """Every operator in order; comments are passed over. Raises Unreadable where anything else stands."""
    operands: list[Operand] = []
    inner: list[Scalar] | None = None
    at = 0
    while at < len(data):
        if (match := _TOKEN.match(data, at)) is None:
            raise Unreadable
        kind, at = match.lastgroup or "", match.end()
        value = match.group(kind)
        if kind in {"comment", "end"}:
            continue
        if kind == "word":
            if inner is not None:
                raise Unreadable
            yield Operator(value.decode("ascii"), tuple(operands))
            operands.clear()
        elif kind != "bracket":
            (operands if inner is None else inner).append(_scalar(kind, value))
        elif (inner is None) is (value == b"]"):
            raise Unreadable
        elif inner is None:
            inner = []
        else:
            operands.append(inner)
            inner = None
    if operands or inner is not None:
        raise Unreadable


def _scalar(kind: str, value: bytes) -> Scalar:
    if kind == "hex":
        return bytes.fromhex(value.decode("ascii"))
    if kind == "text":
        return _ESCAPED.sub(_unescape, value)
    if kind == "name":
        return Name("/" + value.decode("ascii"))
    number = float(value)
    if abs(number) > FARTHEST:
        raise Unreadable
    return number


def _unescape(match: re.Match[bytes]) -> bytes:
    what = match.group(1)
    return bytes([int(what, 8)]) if len(what) == 3 else _ESCAPES.get(what, what)
