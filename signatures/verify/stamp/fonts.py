"""What strings show in the fonts of a stamp, and how wide: told by what is drawn, never by what the file says it means.

Two kinds of font can be told. One of ours, whose glyphs `outlines.py` knows: its ToUnicode map (ISO 32000-1 §9.10.3)
must say of each glyph the letter that its outline is. And a standard font (§9.6.2.2) that is not embedded: the reader's
own draws what the encoding names (§9.6.6, annex D), whatever a ToUnicode map says. Any other may draw anything.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, PdfObject, StreamObject

from ..objects import entry, items, named, target
from .letters import MAX_MAP, Unreadable, unicode_map
from .outlines import Outlines, outlines_of
from .streams import plain_data

_MAX_FONTS = 16
_MAX_WIDTHS = 65_536
_STEP = 2.0  # thousandths: how far a width may be from the font's own
_OTHER_STEP = 30.0  # the same for a font that each reader has its own of
_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
_MAX_PROGRAM = 2_000_000
_PROGRAM_KEYS = {"/Length", "/Length1", "/Filter"}
_MAP_KEYS = {"/Length", "/Filter", "/Type", "/CMapName", "/CIDSystemInfo"}
_FONT_KEYS = {"/Type", "/Subtype", "/BaseFont", "/Encoding", "/ToUnicode", "/Name"}
_OURS_KEYS = _FONT_KEYS | {"/DescendantFonts"}
_INNER_KEYS = {"/Type", "/Subtype", "/BaseFont", "/CIDSystemInfo", "/DW", "/W", "/FontDescriptor", "/CIDToGIDMap"}
_STANDARD_KEYS = _FONT_KEYS | {"/FirstChar", "/LastChar", "/Widths", "/FontDescriptor"}
_ENCODING_KEYS = {"/Type", "/BaseEncoding", "/Differences"}
_CODECS = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}
_SLANTED = {"Helvetica-Oblique": "Helvetica", "Helvetica-BoldOblique": "Helvetica-Bold"}
_FIXED = {"Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"}
_FIXED_WIDTH = 600.0


class UnknownFont(Unreadable):
    """A font that cannot be shown to draw what its text says."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter, and how far it moves the text on, in thousandths of the size."""

    letter: str
    advance: float


class Fonts:
    """The fonts of one drawing, each read once, and only so many of them."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[DictionaryObject, _Font]] = {}

    def glyphs(self, raw: bytes, font: DictionaryObject | None) -> list[Glyph]:
        """What a string shows in a font."""
        if font is None:
            raise Unreadable
        if id(font) not in self._read:
            if len(self._read) >= _MAX_FONTS:
                raise Unreadable
            # The dictionary is kept, so that no other has its id.
            self._read[id(font)] = (font, _ours(font) if named(font, "/Subtype") == "/Type0" else _standard(font))
        found = self._read[id(font)][1]
        size = 2 if isinstance(found, _Ours) else 1
        return [found.glyph(raw[at : at + size]) for at in range(0, len(raw), size)]


@dataclass(frozen=True, slots=True)
class _Ours:
    outlines: Outlines
    letters: dict[bytes, str]
    widths: dict[int, float]
    others: float

    def glyph(self, code: bytes) -> Glyph:
        letter, number = self.letters.get(code, ""), int.from_bytes(code)
        if len(code) != 2 or len(letter) != 1 or not (letter.isprintable() or letter.isspace()):
            raise Unreadable
        width = self.widths.get(number, self.others)
        if abs(width - self.outlines.advance(number)) > _STEP or not self.outlines.draws(number, letter):
            raise UnknownFont
        return Glyph(letter, width)


@dataclass(frozen=True, slots=True)
class _Standard:
    letters: dict[int, str]
    widths: dict[str, float] | None
    stated: dict[int, float]
    missing: float
    """The width of what the font's own list leaves out (ISO 32000-1 table 122)."""

    def glyph(self, code: bytes) -> Glyph:
        letter = self.letters.get(code[0], "")
        width = _FIXED_WIDTH if self.widths is None else self.widths.get(letter, 0.0)
        stated = self.stated.get(code[0], self.missing) if self.stated else width
        if not letter or not width or abs(stated - width) > _OTHER_STEP:
            raise Unreadable
        return Glyph(letter, width)


_Font = _Ours | _Standard


def _ours(font: DictionaryObject) -> _Ours:
    kids = items(entry(font, "/DescendantFonts"))
    inner = target(kids[0]) if len(kids) == 1 else None
    descriptor = entry(inner, "/FontDescriptor")
    program, cmap = entry(descriptor, "/FontFile2"), entry(font, "/ToUnicode")
    plain = (
        named(font, "/Encoding") == "/Identity-H"
        and named(inner, "/Subtype") == "/CIDFontType2"
        and named(inner, "/CIDToGIDMap") == "/Identity"
        and isinstance(program, StreamObject)
        and _has_only(font, _OURS_KEYS)
        and _has_only(inner, _INNER_KEYS)
        and all(entry(descriptor, key) is None for key in _PROGRAMS if key != "/FontFile2")
    )
    if not plain or not isinstance(cmap, StreamObject):
        raise UnknownFont
    try:
        outlines = outlines_of(plain_data(program, _PROGRAM_KEYS, _MAX_PROGRAM))
    except Unreadable:
        raise UnknownFont from None
    widths, others = _cid_widths(entry(inner, "/W")), entry(inner, "/DW")
    letters = unicode_map(plain_data(cmap, _MAP_KEYS, MAX_MAP))
    return _Ours(outlines, letters, widths, 1000.0 if others is None else _number(others))


def _has_only(holder: PdfObject | None, keys: set[str]) -> bool:
    return isinstance(holder, DictionaryObject) and {str(key) for key in holder} <= keys


def _standard(font: DictionaryObject) -> _Standard:
    name = str(named(font, "/BaseFont")).removeprefix("/")
    metrics = _metrics().get(_SLANTED.get(name, name))
    known = metrics is not None or name in _FIXED
    descriptor = entry(font, "/FontDescriptor")
    if not known or named(font, "/Subtype") != "/Type1" or any(entry(descriptor, key) is not None for key in _PROGRAMS):
        raise UnknownFont
    first, stated = entry(font, "/FirstChar"), items(entry(font, "/Widths"))
    last = entry(font, "/LastChar")
    if not _has_only(font, _STANDARD_KEYS) or (stated and not isinstance(first, int)):
        raise Unreadable
    if stated and not 0 <= first <= first + len(stated) - 1 == (255 if last is None else last) <= 255:
        raise Unreadable
    widths = {int(first) + at: _number(target(width)) for at, width in enumerate(stated)}
    missing = entry(descriptor, "/MissingWidth")
    others = 0.0 if missing is None else _number(missing)
    return _Standard(_encoded(entry(font, "/Encoding")), metrics, widths, others)


def _encoded(encoding: PdfObject | None) -> dict[int, str]:
    """The letters of an encoding by code; those that a standard Latin font has, and no others."""
    if not isinstance(encoding, DictionaryObject):
        return _by_name(encoding)
    if not _has_only(encoding, _ENCODING_KEYS):
        raise Unreadable
    letters = dict(_by_name(entry(encoding, "/BaseEncoding")))
    code = 0
    for each in map(target, items(entry(encoding, "/Differences"))):
        if isinstance(each, NameObject) and 0 <= code < 256:
            letters[code] = _named_letters().get(str(each).removeprefix("/"), "")
            code += 1
        elif isinstance(each, int):
            code = int(each)
        else:
            raise Unreadable
    return letters


def _by_name(encoding: PdfObject | None) -> dict[int, str]:
    from fontTools.encodings.StandardEncoding import StandardEncoding

    if encoding is not None and not isinstance(encoding, NameObject):
        raise Unreadable
    if encoding is None or str(encoding) == "/StandardEncoding":
        return {code: _named_letters().get(name, "") for code, name in enumerate(StandardEncoding)}
    if (codec := _CODECS.get(str(encoding))) is None:
        raise Unreadable
    decoded = {code: bytes([code]).decode(codec, "ignore").replace("\xad", "-") for code in range(32, 256)}
    return {code: letter for code, letter in decoded.items() if letter in _metrics()["Helvetica"]}


@cache
def _named_letters() -> dict[str, str]:
    from fontTools.agl import AGL2UV

    letters = _metrics()["Helvetica"]
    return {name: chr(code) for name, code in AGL2UV.items() if chr(code) in letters}


@cache
def _metrics() -> dict[str, dict[str, float]]:
    """The standard fonts' widths by letter."""
    data = tomllib.loads(files("signatures.verify.stamp").joinpath("standard_widths.toml").read_text("utf-8"))
    letters = bytes(range(32, 256)).decode("cp1252", "replace")
    return {font: {c: float(w) for c, w in zip(letters, widths, strict=True) if w} for font, widths in data.items()}


def _cid_widths(value: PdfObject | None) -> dict[int, float]:
    """The widths of a CIDFont by glyph (ISO 32000-1 §9.7.4.3)."""
    widths: dict[int, float] = {}
    members = iter(map(target, items(value)))
    for first in members:
        start, second = int(_number(first, whole=True)), next(members, None)
        if isinstance(second, ArrayObject):
            found = {start + at: _number(target(width)) for at, width in enumerate(items(second))}
        else:
            last, width = int(_number(second, whole=True)), _number(next(members, None))
            found = dict.fromkeys(range(start, min(last, start + _MAX_WIDTHS) + 1), width)
        if len(widths) + len(found) > _MAX_WIDTHS:
            raise Unreadable
        widths |= found
    return widths


def _number(value: PdfObject | None, *, whole: bool = False) -> float:
    if not isinstance(value, int if whole else int | float | Decimal) or not abs(value) <= _MAX_WIDTHS:
        raise Unreadable
    return float(value)
