"""The words of a visible signature, read back from its appearance (rule R8).

The appearance is a small drawing; its text is glyph numbers of an embedded font, which the font's ToUnicode map turns
back into letters. What cannot be read back is None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject

from .objects import entry

_MAX_STREAM = 1_000_000
_TOKEN = re.compile(
    rb"(?P<hex><[0-9A-Fa-f\s]*>)|(?P<text>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))|(?P<name>/[^\s/<>()\[\]]+)"
    rb"|(?P<op>[A-Za-z'\"*]+)|(?P<open><<)|(?P<close>>>)",
    re.DOTALL,
)
_BFCHAR = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_BFRANGE = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def stamp_text(widget: DictionaryObject) -> str | None:
    """All text that a signature field's normal appearance shows, in drawing order; None when unreadable or absent."""
    normal = entry(entry(widget, "/AP"), "/N")
    if not isinstance(normal, StreamObject):
        return None
    pieces = list(_texts(normal, 4))
    return None if None in pieces else "\n".join(p for p in pieces if p)


def squashed(text: str) -> str:
    """Text without white space, so that a name broken over two lines is still that name."""
    return "".join(text.split()).casefold()


def _texts(form: StreamObject, depth: int) -> Iterator[str | None]:
    data = form.data[:_MAX_STREAM]
    resources = entry(form, "/Resources")
    fonts, forms = entry(resources, "/Font"), entry(resources, "/XObject")
    font: DictionaryObject | None = None
    name, waiting = "", []
    for match in _TOKEN.finditer(data):
        kind, value = match.lastgroup, match.group()
        if kind == "name":
            name = value.decode("latin-1")
        elif kind in {"hex", "text"}:
            waiting.append(value)
        elif kind == "op":
            if value == b"Tf":
                font = entry(fonts, name)
            elif value in {b"Tj", b"TJ", b"'", b'"'}:
                yield _decoded(b"".join(_bytes(w) for w in waiting), font)
            elif value == b"Do" and depth:
                inner = entry(forms, name)
                if isinstance(inner, StreamObject) and entry(inner, "/Subtype") == "/Form":
                    yield from _texts(inner, depth - 1)
            waiting = []


def _bytes(written: bytes) -> bytes:
    if written[:1] == b"<":
        digits = b"".join(written[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return re.sub(rb"\\([0-7]{1,3}|\r\n|.)", _unescape, written[1:-1], flags=re.DOTALL)


def _unescape(match: re.Match[bytes]) -> bytes:
    what = match.group(1)
    if what[:1].isdigit():
        return bytes([int(what, 8) & 0xFF])
    return _ESCAPES.get(what, b"" if what in {b"\n", b"\r\n", b"\r"} else what)


def _decoded(raw: bytes, font: DictionaryObject | None) -> str | None:
    if font is None:
        return None
    if "/ToUnicode" in font:
        letters = _unicode_map(font["/ToUnicode"].data[:_MAX_STREAM])
        size = 2 if entry(font, "/Subtype") == "/Type0" else 1
        codes = [raw[i : i + size] for i in range(0, len(raw), size)]
        return "".join(letters[c] for c in codes) if all(c in letters for c in codes) else None
    return None if entry(font, "/Subtype") == "/Type0" else raw.decode("cp1252", "replace")


@lru_cache(maxsize=32)
def _unicode_map(cmap: bytes) -> dict[bytes, str]:
    """The letters of a ToUnicode map (ISO 32000-1 §9.10.3), by code."""
    letters: dict[bytes, str] = {}
    for block in _BFCHAR.findall(cmap):
        found = [_bytes(b"<" + h + b">") for h in _HEX.findall(block)]
        for code, letter in zip(found[::2], found[1::2], strict=False):
            letters[code] = letter.decode("utf-16-be", "replace")
    for block in _BFRANGE.findall(cmap):
        for line in re.findall(rb"<([^>]+)>\s*<([^>]+)>\s*(<[^>]+>|\[[^\]]*\])", block):
            letters.update(_range(*line))
    return letters


def _range(first: bytes, last: bytes, target: bytes) -> dict[bytes, str]:
    low, high = _bytes(b"<" + first + b">"), _bytes(b"<" + last + b">")
    size, start, end = len(low), int.from_bytes(low), min(int.from_bytes(high), int.from_bytes(low) + 0xFFFF)
    if target[:1] == b"[":
        values = [_bytes(b"<" + h + b">").decode("utf-16-be", "replace") for h in _HEX.findall(target)]
    else:
        begin = _bytes(target)
        stem, final = begin[:-1], begin[-1]
        values = [
            (stem + bytes([final + i])).decode("utf-16-be", "replace") for i in range(min(end - start + 1, 256 - final))
        ]
    return {(start + i).to_bytes(size): v for i, v in enumerate(values[: end - start + 1])}
