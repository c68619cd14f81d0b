"""How a signature sits in the file's bytes (rule R4, first half).

A PDF signature covers the file except a hole for itself. Whatever fits into that hole, or beside it, is not signed.
So the hole must hold exactly the signature: `<`, hexadecimal digits of one case, `>`; a DER value that starts at the
first digit; nothing but zeros after its end. Lengths may be indefinite, as common libraries write them: a CMS value is
BER (RFC 5652 §4), and the choice has no room for words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..der import tlv

_CONSTRUCTED = 0x20
_INDEFINITE = 0x80
_STRING_IN_PIECES = 0x24
_HEX = re.compile(rb"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")


def hole_problem(pdf: bytes, byte_range: Sequence[int], contents: bytes) -> str | None:
    """The reason why the hole of a signature is not what it should be, or None.

    `byte_range` is the signature's /ByteRange and `contents` what a parser read as its /Contents. Reasons are keys
    under R4 in the texts.
    """
    hole = _hole(pdf, byte_range)
    if hole is None:
        return "byte_range"
    if not _HEX.fullmatch(hole):
        return "hex_form"
    raw = bytes.fromhex(hole.decode("ascii"))
    if raw != contents:
        return "contents_elsewhere"
    read = as_der(raw)
    if read is None:
        return "not_der"
    return "padding" if any(raw[read.length :]) else None


def _hole(pdf: bytes, byte_range: Sequence[int]) -> bytes | None:
    """What stands between the brackets that the byte range leaves out; None where it leaves out something else."""
    if len(byte_range) != 4:
        return None
    start, before, resume, after = (int(n) for n in byte_range)
    if start != 0 or before <= 0 or after <= 0 or resume <= before + 2 or resume + after > len(pdf):
        return None
    hole = pdf[before:resume]
    return hole[1:-1] if hole[:1] == b"<" and hole[-1:] == b">" else None


class Encoded(NamedTuple):
    """A value as DER, and how many bytes it took as it was written."""

    value: bytes
    length: int


def as_der(raw: bytes) -> Encoded | None:
    """The value at the start of `raw` with every length definite; None where it is not DER but for indefinite lengths.

    Definite lengths are as short as possible and filled exactly by what they hold (ITU-T X.690 §8.1.3, §10.1). A value
    with tag 0 has no place but at the end of an indefinite length: elsewhere it would let one swallow padding. Strings
    in pieces (§8.7.3) are none.
    """
    return _value(raw, 0, len(raw), 64)


def _value(raw: bytes, at: int, end: int, depth: int) -> Encoded | None:
    tag = raw[at] if at + 2 <= end else 0
    if not tag or tag & 0x1F == 0x1F or tag == _STRING_IN_PIECES or not depth:
        return None
    if raw[at + 1] == _INDEFINITE and tag & _CONSTRUCTED:
        return _indefinite(raw, at, end, depth)
    start, size = _header(raw, at, end)
    if start + size > end:
        return None
    if not tag & _CONSTRUCTED:
        return Encoded(raw[at : start + size], start + size - at)
    parts = _values(raw, start, start + size, depth - 1)
    return None if parts is None else Encoded(tlv(tag, *parts), start + size - at)


def _indefinite(raw: bytes, at: int, end: int, depth: int) -> Encoded | None:
    parts, inside = [], at + 2
    while raw[inside : min(inside + 2, end)] != b"\0\0":
        read = _value(raw, inside, end, depth - 1)
        if read is None:
            return None
        parts.append(read.value)
        inside += read.length
    return Encoded(tlv(raw[at], *parts), inside + 2 - at)


def _values(raw: bytes, at: int, end: int, depth: int) -> list[bytes] | None:
    """Values one after another that fill the stretch exactly."""
    parts = []
    while at < end:
        read = _value(raw, at, end, depth)
        if read is None:
            return None
        parts.append(read.value)
        at += read.length
    return parts


def _header(raw: bytes, at: int, end: int) -> tuple[int, int]:
    """Where a value's contents start and how many bytes they are; more than there are where its length is no DER."""
    first = raw[at + 1]
    if first < 0x80:
        return at + 2, first
    start = at + 2 + (first & 0x7F)
    size = int.from_bytes(raw[at + 2 : start])
    shortest = first <= 0x84 and start <= end and size >= 0x80 and raw[at + 2]
    return (start, size) if shortest else (end, 1)
