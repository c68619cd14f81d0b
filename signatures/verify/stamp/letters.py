"""From glyph numbers to letters: a font's ToUnicode map (ISO 32000-1 §9.10.3), read in one pass and within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

MAX_MAP = 200_000
_MAX_LETTERS = 65_536
_LONGEST_CODE = 4
_LONGEST_LETTER = 64
_TOKEN = re.compile(rb"%[^\r\n]*|<[0-9A-Fa-f\s\0]*>|[\[\]]|[A-Za-z]+")

_Hex = bytes | list[bytes]


class Unreadable(Exception):
    """What is drawn cannot be read back, or is larger than what is read."""


def from_hex(digits: bytes) -> bytes:
    """The bytes of a hexadecimal string without its angle brackets; a missing last digit is zero."""
    packed = digits.translate(None, b"\0\t\n\v\f\r ")
    return bytes.fromhex((packed + b"0" * (len(packed) % 2)).decode("ascii"))


@lru_cache(maxsize=8)  # each signature in a file, and nearly every file, has the same
def unicode_map(cmap: bytes) -> dict[bytes, str]:
    """The letters of a ToUnicode map by code."""
    letters: dict[bytes, str] = {}
    if len(cmap) > MAX_MAP:
        raise Unreadable
    for count, (code, letter) in enumerate(_pairs(cmap)):
        if len(code) > _LONGEST_CODE or len(letter) > _LONGEST_LETTER or count >= _MAX_LETTERS:
            raise Unreadable
        letters[code] = letter.decode("utf-16-be", "replace")
    return letters


def _pairs(cmap: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every code with its letter; a part that is begun and not ended says nothing."""
    kind, found = b"", list[_Hex]()
    inner: list[bytes] | None = None
    for match in _TOKEN.finditer(cmap):
        word = match.group()
        if word in {b"beginbfchar", b"beginbfrange"}:
            kind, found, inner = word, [], None
        elif word in {b"endbfchar", b"endbfrange"}:
            if kind == b"begin" + word[3:]:
                yield from _chars(found) if word == b"endbfchar" else _ranges(found)
            kind, found = b"", []
        elif not kind:
            continue
        elif word == b"[":
            inner = []
            found.append(inner)
        elif word == b"]":
            inner = None
        elif word[:1] == b"<":
            (found if inner is None else inner).append(from_hex(word[1:-1]))


def _chars(found: list[_Hex]) -> Iterator[tuple[bytes, bytes]]:
    for code, letter in zip(found[::2], found[1::2], strict=False):
        if isinstance(code, bytes) and isinstance(letter, bytes):
            yield code, letter


def _ranges(found: list[_Hex]) -> Iterator[tuple[bytes, bytes]]:
    for low, high, letter in zip(found[::3], found[1::3], found[2::3], strict=False):
        if isinstance(low, bytes) and isinstance(high, bytes) and letter:
            yield from _range(low, high, letter)


def _range(low: bytes, high: bytes, letter: _Hex) -> Iterator[tuple[bytes, bytes]]:
    if len(low) > _LONGEST_CODE or len(high) > _LONGEST_CODE:
        raise Unreadable
    start, end = int.from_bytes(low), min(int.from_bytes(high), 256 ** len(low) - 1)
    count = end - start + 1
    if isinstance(letter, list):
        values = letter[: max(count, 0)]
    else:
        values = [letter[:-1] + bytes([letter[-1] + i]) for i in range(min(count, 256 - letter[-1]))]
    for i, value in enumerate(values):
        yield (start + i).to_bytes(len(low)), value
