"""How a signature sits in the file's bytes (rule R4, first half).

A PDF signature covers the file except a hole for itself. Whatever fits into that hole, or beside it, is not signed.
So the hole must hold exactly the signature: `<`, hexadecimal digits of one case, `>`; a DER value that starts at the
first digit; nothing but zeros after its end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    length = der_length(raw)
    if length is None or length > len(raw):
        return "not_der"
    return "padding" if any(raw[length:]) else None


def _hole(pdf: bytes, byte_range: Sequence[int]) -> bytes | None:
    """What stands between the brackets that the byte range leaves out; None where it leaves out something else."""
    if len(byte_range) != 4:
        return None
    start, before, resume, after = (int(n) for n in byte_range)
    if start != 0 or before <= 0 or after <= 0 or resume <= before + 2 or resume + after > len(pdf):
        return None
    hole = pdf[before:resume]
    return hole[1:-1] if hole[:1] == b"<" and hole[-1:] == b">" else None


def der_length(raw: bytes) -> int | None:
    """Total length in bytes of the DER value at the start of `raw`, or None where there is none (ITU-T X.690 §8.1)."""
    if len(raw) < 2 or raw[0] & 0x1F == 0x1F:
        return None
    first = raw[1]
    if first < 0x80:
        return 2 + first
    size = first & 0x7F
    if size == 0 or size > 4 or len(raw) < 2 + size or raw[2] == 0:
        return None
    value = int.from_bytes(raw[2 : 2 + size])
    return None if value < 0x80 else 2 + size + value


def der_well_formed(raw: bytes, depth: int = 64) -> bool:
    """Whether every length in the value is definite, as short as possible, and filled exactly by what it holds.

    A value with tag 0 (end of contents) has no place in DER; allowed, it would let the outer length swallow padding.
    """
    length = der_length(raw)
    if length != len(raw) or depth == 0 or raw[0] == 0:
        return False
    if not raw[0] & 0x20:
        return True
    at = 2 if raw[1] < 0x80 else 2 + (raw[1] & 0x7F)
    while at < len(raw):
        step = der_length(raw[at : at + 8]) if at + 8 <= len(raw) else der_length(raw[at:])
        if step is None or at + step > len(raw) or not der_well_formed(raw[at : at + step], depth - 1):
            return False
        at += step
    return True
