"""What the glyphs of an embedded font program look like, told by digest (Apple TrueType / ISO 14496-22 `glyf`).

A ToUnicode map says what a glyph means; only its outline is what people see. `outlines.bin` holds one digest for each
letter that a font for visible signatures can draw: of the letter, the outline, the advance and the place of it. A glyph
whose digest is not there may be anything. The file only grows (`python -m tests.verify.outlines`), since what was
signed with an earlier font is still read.

Read here is the least that a subset of such a font has: whole tables of the kinds it needs and no others, so that
neither hints, bitmaps nor variations draw something else than the outlines.
"""

from __future__ import annotations

import struct
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from typing import Any

from .letters import Unreadable
from .sfnt import plain_tables, whole_tables

_SIZE = 16  # bytes of a digest
_MAX_DEPTH = 4
_MAX_PARTS = 8
_MAX_POINTS = 2000  # of one glyph, and parts, each as often as it is drawn
_WORDS, _PLACES, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x1, 0x2, 0x8, 0x20, 0x40, 0x80
_ALIKE = 0xFFFF & ~(_WORDS | _MORE | 0x100 | 0x400)  # how it is written, and hints, which no table here can carry out


class Outlines:
    """One font program. Raises Unreadable for any but a plain TrueType font; `hinted` allows what a whole one has."""

    def __init__(self, program: bytes, *, hinted: bool = False) -> None:
        self._told: dict[tuple[int, str], bool] = {}
        self._left = 0
        try:
            self._read(program, hinted=hinted)
        except (struct.error, KeyError, IndexError):
            raise Unreadable from None

    def _read(self, program: bytes, *, hinted: bool) -> None:
        self.tables = whole_tables(program) if hinted else plain_tables(program)
        self.hinted = hinted
        head = self.tables[b"head"]
        self.em, wide = int.from_bytes(head[18:20]), int.from_bytes(head[50:52])
        self.count, self.metrics = (int.from_bytes(self.tables[t][a : a + 2]) for t, a in ((b"maxp", 4), (b"hhea", 34)))
        loca, item = self.tables[b"loca"], "I" if wide else "H"
        if wide not in {0, 1} or len(loca) != (self.count + 1) * (4 if wide else 2) or not self.em or not self.metrics:
            raise Unreadable
        places = struct.unpack(f">{self.count + 1}{item}", loca)
        self.places = places if wide else tuple(2 * p for p in places)
        # Where they overlap or lie outside, readers draw nothing, or something else.
        if any(a > b for a, b in pairwise((0, *self.places, len(self.tables[b"glyf"])))):
            raise Unreadable
        beside = self.count - self.metrics
        if beside < 0 or len(self.tables[b"hmtx"]) != 4 * self.metrics + 2 * beside:
            raise Unreadable

    def advance(self, glyph: int) -> float:
        """How far a glyph moves the text on, in thousandths of its size."""
        return 1000 * self._metric(glyph)[0] / self.em

    def draws(self, glyph: int, letter: str) -> bool:
        """Whether a glyph looks as one of our fonts draws the letter."""
        if (glyph, letter) not in self._told:
            self._told[glyph, letter] = digest(letter, self.drawn(glyph)) in _known()
        return self._told[glyph, letter]

    def drawn(self, glyph: int) -> bytes:
        """All that decides how a glyph is drawn, as a digest."""
        self._left = _MAX_POINTS
        try:
            return sha256(repr((self.em, self._drawn(glyph, 0))).encode()).digest()
        except (struct.error, IndexError):
            raise Unreadable from None

    def _metric(self, glyph: int) -> tuple[int, int]:
        if glyph >= self.count:
            raise Unreadable
        table, last = self.tables[b"hmtx"], self.metrics - 1
        advance, beside = struct.unpack_from(">Hh", table, 4 * min(glyph, last))
        if glyph > last:
            (beside,) = struct.unpack_from(">h", table, 4 * self.metrics + 2 * (glyph - last - 1))
        return advance, beside

    def _drawn(self, glyph: int, depth: int) -> tuple[Any, ...]:
        advance, beside = self._metric(glyph)
        data = self.tables[b"glyf"][self.places[glyph] : self.places[glyph + 1]]
        if not data:
            return (advance,)
        contours, left = struct.unpack_from(">hh", data)
        shape = self._contours(data, contours) if contours >= 0 else self._parts(data, depth)
        return (advance, beside - left, shape)

    def _contours(self, data: bytes, count: int) -> tuple[Any, ...]:
        ends = struct.unpack_from(f">{count}H", data, 10)
        (hints,) = struct.unpack_from(">H", data, 10 + 2 * count)
        if hints and not self.hinted:
            raise Unreadable
        at, points = 12 + 2 * count + hints, ends[-1] + 1 if ends else 0
        self._spend(points)
        flags: list[int] = []
        while len(flags) < points:
            flag, at = data[at], at + 1
            repeat = 1
            if flag & 8:
                repeat, at = data[at] + 1, at + 1
            flags += [flag] * repeat
        across, at = _coordinates(data, at, flags, 2, 16)
        up, _ = _coordinates(data, at, flags, 4, 32)
        return ends, tuple(flag & 1 for flag in flags), across, up

    def _parts(self, data: bytes, depth: int) -> tuple[Any, ...]:
        found: list[tuple[Any, ...]] = []
        at, flags = 10, _MORE
        while flags & _MORE:
            flags, glyph = struct.unpack_from(">HH", data, at)
            self._spend(1)
            if not flags & _PLACES or depth >= _MAX_DEPTH or len(found) >= _MAX_PARTS:
                raise Unreadable
            scales = 1 if flags & _SCALE else 2 if flags & _TWO_SCALES else 4 if flags & _MATRIX else 0
            layout = (">hh" if flags & _WORDS else ">bb") + scales * "h"
            found.append((flags & _ALIKE, *struct.unpack_from(layout, data, at + 4), self._drawn(glyph, depth + 1)))
            at += 4 + struct.calcsize(layout)
        return tuple(found)

    def _spend(self, points: int) -> None:
        self._left -= points
        if self._left < 0:
            raise Unreadable


def _coordinates(data: bytes, at: int, flags: list[int], short: int, same: int) -> tuple[tuple[int, ...], int]:
    found: list[int] = []
    value = 0
    for flag in flags:
        if flag & short:
            value += data[at] if flag & same else -data[at]
            at += 1
        elif not flag & same:
            (step,) = struct.unpack_from(">h", data, at)
            value, at = value + step, at + 2
        found.append(value)
    return tuple(found), at


def digest(letter: str, drawn: bytes) -> bytes:
    """What `outlines.bin` holds for a letter that is drawn so."""
    return sha256(letter.encode() + b"\0" + drawn).digest()[:_SIZE]


@lru_cache(maxsize=8)
def outlines_of(program: bytes) -> Outlines:
    """A font program; each signature in a file, and nearly every file, has the same."""
    return Outlines(program)


@cache
def _known() -> frozenset[bytes]:
    data = files("signatures.verify.stamp").joinpath("outlines.bin").read_bytes()
    return frozenset(data[at : at + _SIZE] for at in range(0, len(data), _SIZE))
