"""The tables of an embedded font program (ISO 14496-22 §4-5), where every reader finds them and can read them.

A reader that cannot read one table, even one that it has no need of, may leave the whole font out, and people then see
nothing where others see a name. So each is of the kind that a subset has, and as long as it says.
"""

from __future__ import annotations

import struct
from itertools import pairwise

from .letters import Unreadable

_NEEDED = {b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"}
_TABLES = _NEEDED | {b"OS/2", b"cmap", b"gasp", b"name", b"post"}
_FIXED: dict[bytes, tuple[int, dict[int, bytes]]] = {
    b"head": (54, {0: b"\0\1\0\0", 12: b"\x5f\x0f\x3c\xf5", 52: b"\0\0"}),
    b"hhea": (36, {0: b"\0\1\0\0", 32: b"\0\0"}),
    b"maxp": (32, {0: b"\0\1\0\0"}),
    b"post": (32, {0: b"\0\3\0\0"}),
}
"""How long a table is, and what it has to begin with or hold at a place."""
_MAX_MAPS = 4
_OS2 = {1: 86, 2: 96, 3: 96, 4: 96, 5: 100}  # bytes of each version


def whole_tables(program: bytes) -> dict[bytes, bytes]:
    """The tables of any TrueType font, which need not be one that every reader can read. Raises Unreadable."""
    version, count = struct.unpack_from(">IH", program)
    entries = [struct.unpack_from(">4sIII", program, 12 + 16 * n) for n in range(count)]
    if version != 0x10000:
        raise Unreadable
    return {tag: program[start : start + size] for tag, _, start, size in entries}


def plain_tables(program: bytes) -> dict[bytes, bytes]:
    """The tables of a plain subset. Raises Unreadable, or struct.error where one is too short."""
    version, count, *search = struct.unpack_from(">IHHHH", program)
    if version != 0x10000 or not 0 < count <= len(_TABLES):
        raise Unreadable
    steps = count.bit_length() - 1
    entries = [struct.unpack_from(">4sIII", program, 12 + 16 * n) for n in range(count)]
    tags, places = [tag for tag, *_ in entries], sorted((start, size) for _, _, start, size in entries)
    if search != [16 << steps, steps, 16 * count - (16 << steps)] or any(a >= b for a, b in pairwise(tags)):
        raise Unreadable
    if not _NEEDED <= set(tags) <= _TABLES or not _tiled(12 + 16 * count, len(program), places):
        raise Unreadable
    tables = {tag: program[start : start + size] for tag, _, start, size in entries}
    if not all(_is_plain(tag, data) for tag, data in tables.items()):
        raise Unreadable
    return tables


def _tiled(start: int, end: int, tables: list[tuple[int, int]]) -> bool:
    """Whether tables lie one after another, with nothing between them but what brings each to a word's beginning."""
    for at, size in tables:
        if at != start:
            return False
        start = at + size + -size % 4
    return start == end


def _is_plain(tag: bytes, data: bytes) -> bool:
    if tag in _FIXED:
        size, held = _FIXED[tag]
        return len(data) == size and all(data.startswith(value, at) for at, value in held.items())
    match tag:
        case b"OS/2":
            return len(data) == _OS2.get(int.from_bytes(data[:2]))
        case b"gasp":
            version, count = struct.unpack_from(">HH", data)
            return version <= 1 and count > 0 and len(data) == 4 + 4 * count and data[-4:-2] == b"\xff\xff"
        case b"name":
            return _is_name(data)
        case b"cmap":
            return _is_cmap(data)
    return True  # hmtx, loca and glyf, which are read


def _is_name(data: bytes) -> bool:
    version, count, texts = struct.unpack_from(">HHH", data)
    listed = [struct.unpack_from(">4x4xHH", data, 6 + 12 * n) for n in range(count)]
    return version == 0 and texts == 6 + 12 * count and all(texts + at + size <= len(data) for size, at in listed)


def _is_cmap(data: bytes) -> bool:
    """Whether all its maps are of the usual kind (format 4), and whole."""
    version, count = struct.unpack_from(">HH", data)
    if not 0 < count <= _MAX_MAPS:
        return False
    places = {struct.unpack_from(">4xI", data, 4 + 8 * n)[0] for n in range(count)}
    return version == 0 and all(at >= 4 + 8 * count and _is_map(data[at:]) for at in places)


def _is_map(data: bytes) -> bool:
    kind, size, _, doubled = struct.unpack_from(">4H", data)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", data, 14)
    starts = struct.unpack_from(f">{count}H", data, 16 + doubled)
    offsets = struct.unpack_from(f">{count}H", data, 16 + 3 * doubled)
    places = [16 + 3 * doubled + 2 * n + at + 2 * (ends[n] - starts[n]) for n, at in enumerate(offsets) if at]
    in_turn = all(a <= b for a, b in zip(starts, ends, strict=True)) and all(
        end < start for end, start in zip(ends, starts[1:], strict=False)
    )
    whole = kind == 4 and doubled % 2 == 0 and count > 0 and 16 + 4 * doubled <= size <= len(data)
    return whole and in_turn and ends[-1] == 0xFFFF and all(at + 2 <= size for at in places)
