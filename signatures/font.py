"""The one appearance font: subset and embedded once, with the empty fields.

PDF/A 6.2.11.5 and PDF/UA 7.21.5 want the widths of the PDF to be those of the
font program, in thousandths of an em whatever the font's own unit is.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, TTLibError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from .errors import AppearanceRefused

LATIN = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(map(chr, range(0xA0, 0x180)))
MORE_LATIN = frozenset(map(chr, range(0x180, 0x250))) | frozenset(map(chr, range(0x1E00, 0x1F00)))
"""Romanian, Vietnamese, transliterations: of these only what the first font has, which is few and costs little."""
PUNCTUATION = frozenset("‐‑‒–—‘’‚“”„…•")
_DROPPED = ["fvar", "gvar", "avar", "cvar", "HVAR", "MVAR", "STAT", "GSUB", "GPOS", "GDEF", "kern", "DSIG", "meta"]


@dataclass(frozen=True, slots=True)
class Face:
    """What is needed to set a line of text: glyph numbers and widths in thousandths of an em."""

    glyphs: dict[str, int]
    widths: dict[int, int]
    ascent: int
    descent: int

    def width(self, text: str) -> int:
        """The width of `text` in thousandths of an em."""
        return sum(self.widths[self.glyphs[character]] for character in text)


@dataclass(frozen=True, slots=True)
class Subset:
    """A font program cut down to the characters the stamps may need."""

    program: bytes
    name: str
    face: Face
    box: tuple[int, int, int, int]
    cap_height: int
    italic_angle: int


def needs_shaping(character: str) -> bool:
    """Whether a character cannot be set glyph by glyph from left to right (Arabic, Hebrew, combining marks …)."""
    return unicodedata.bidirectional(character) in {"R", "AL", "AN"} or unicodedata.category(character)[0] == "M"


def subsets(fonts: Sequence[bytes], text: str) -> tuple[Subset, ...]:
    """The first font for the Latin letters, and of the others only what `text` needs beyond it.

    Raises AppearanceRefused `tecken_saknas` naming every character no font can write.
    """
    if not fonts:
        raise AppearanceRefused("typsnitt_saknas", "no appearance font was given")
    missing = set(unicodedata.normalize("NFC", text)) - {"\n"}
    unwritable = {character for character in missing if needs_shaping(character)}
    missing -= unwritable
    made: list[Subset] = []
    for number, data in enumerate(fonts):
        has = _characters(data)
        wanted = has & (missing | LATIN | MORE_LATIN | PUNCTUATION if number == 0 else missing)
        missing -= has
        if wanted:
            made.append(_subset(data, wanted))
    if unwritable or missing:
        raise missing_characters(unwritable | missing)
    return tuple(made)


def missing_characters(characters: Iterable[str]) -> AppearanceRefused:
    """The error that names each character no font can write."""
    named = ", ".join(f"{c} (U+{ord(c):04X} {unicodedata.name(c, 'unnamed')})" for c in sorted(characters))
    return AppearanceRefused("tecken_saknas", f"no font can write: {named}", tecken=named)


def _open(data: bytes) -> TTFont:
    try:
        font = TTFont(BytesIO(data), recalcTimestamp=False, recalcBBoxes=False)
    except TTLibError as error:
        raise AppearanceRefused("typsnitt_saknas", f"not a font: {error}") from error
    if "glyf" not in font:
        raise AppearanceRefused("typsnitt_saknas", "the appearance font must have TrueType outlines")
    return font


@lru_cache(maxsize=8)
def _characters(data: bytes) -> frozenset[str]:
    return frozenset(map(chr, _open(data).getBestCmap()))


@lru_cache(maxsize=8)  # a third of a second, and nearly always for the same Latin letters
def _subset(data: bytes, characters: frozenset[str]) -> Subset:
    options = Options()
    options.drop_tables += _DROPPED
    options.hinting = False
    options.name_IDs = [6]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    font = _open(data)
    subsetter.subset(font)
    font.flavor = None
    out = BytesIO()
    font.save(out)
    return _described(out.getvalue())


def _described(program: bytes) -> Subset:
    font = TTFont(BytesIO(program), recalcTimestamp=False)
    scale = 1000 / font["head"].unitsPerEm
    name = font["name"].getDebugName(6) or "Plansigill"
    prefix = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    head, metrics = font["head"], font["OS/2"]
    return Subset(
        program=program,
        name=f"{prefix}+{name}",
        face=face_of(program),
        box=tuple(round(scale * value) for value in (head.xMin, head.yMin, head.xMax, head.yMax)),
        cap_height=round(scale * getattr(metrics, "sCapHeight", 700)),
        italic_angle=round(font["post"].italicAngle),
    )


@lru_cache(maxsize=32)  # each signature in a file, and nearly every file, has the same
def face_of(program: bytes) -> Face:
    """Read glyph numbers and widths back out of an embedded font program."""
    font = TTFont(BytesIO(program), lazy=True)
    scale = 1000 / font["head"].unitsPerEm
    numbers = font.getReverseGlyphMap()
    return Face(
        glyphs={chr(code): numbers[glyph] for code, glyph in font.getBestCmap().items()},
        widths={numbers[glyph]: round(scale * advance) for glyph, (advance, _) in font["hmtx"].metrics.items()},
        ascent=round(scale * font["hhea"].ascent),
        descent=round(scale * font["hhea"].descent),
    )


def embed(writer: Any, subset: Subset) -> generic.IndirectObject:
    """Add a Type 0 font (CIDFontType2, Identity-H) to the file and return its reference."""
    length = generic.NumberObject(len(subset.program))
    program = generic.StreamObject({pdf_name("/Length1"): length}, stream_data=subset.program)
    program.compress()
    to_unicode = generic.StreamObject(stream_data=_to_unicode(subset.face))
    to_unicode.compress()
    descriptor = _dictionary(
        Type=pdf_name("/FontDescriptor"),
        FontName=pdf_name(f"/{subset.name}"),
        Flags=generic.NumberObject(4),
        FontBBox=_numbers(subset.box),
        ItalicAngle=generic.NumberObject(subset.italic_angle),
        Ascent=generic.NumberObject(subset.face.ascent),
        Descent=generic.NumberObject(subset.face.descent),
        CapHeight=generic.NumberObject(subset.cap_height),
        StemV=generic.NumberObject(80),
        FontFile2=writer.add_object(program),
    )
    descendant = _dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/CIDFontType2"),
        BaseFont=pdf_name(f"/{subset.name}"),
        CIDSystemInfo=_dictionary(
            Registry=generic.TextStringObject("Adobe"),
            Ordering=generic.TextStringObject("Identity"),
            Supplement=generic.NumberObject(0),
        ),
        CIDToGIDMap=pdf_name("/Identity"),
        DW=generic.NumberObject(1000),
        W=writer.add_object(_widths(subset.face)),  # of its own: whoever signs reads the font, and not these hundreds
        FontDescriptor=writer.add_object(descriptor),
    )
    reference: generic.IndirectObject = writer.add_object(
        _dictionary(
            Type=pdf_name("/Font"),
            Subtype=pdf_name("/Type0"),
            BaseFont=pdf_name(f"/{subset.name}"),
            Encoding=pdf_name("/Identity-H"),
            DescendantFonts=generic.ArrayObject([writer.add_object(descendant)]),
            ToUnicode=writer.add_object(to_unicode),
        )
    )
    return reference


def _dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def _numbers(values: Iterable[int]) -> generic.ArrayObject:
    return generic.ArrayObject(map(generic.NumberObject, values))


def _widths(face: Face) -> generic.ArrayObject:
    return generic.ArrayObject([generic.NumberObject(0), _numbers(face.widths[g] for g in sorted(face.widths))])


def _to_unicode(face: Face) -> bytes:
    """A ToUnicode map (ISO 32000-1, 9.10.3), in blocks of at most a hundred."""
    # Several characters may share a glyph (space and no-break space): the lowest stands for it.
    lines: dict[int, str] = {}
    for character, glyph in sorted(face.glyphs.items()):
        lines.setdefault(glyph, f"<{glyph:04X}> <{character.encode('utf-16-be').hex().upper()}>")
    entries = [line for _, line in sorted(lines.items())]
    blocks = [entries[start : start + 100] for start in range(0, len(entries), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
