"""Arabic in a PDF of LibreOffice's, said as it is read.

LibreOffice writes the glyphs of a line as they stand, from left to right, so that whoever takes the text out of the
file, by eye or by ear, gets each passage backwards. Here each says what it says (``ActualText``, ISO 32000-1, 14.9.4).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Operator, Pdf, String

from pipeline.documents import fonts

_CODES = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_DIGITS = re.compile(r"[0-9\u0660-\u0669]+(?:[.,:/-][0-9\u0660-\u0669]+)*")
_SHOWN = frozenset({"Tj", "TJ", "'", '"'})

Glyphs = Mapping[int, str]


def speak(pdf: Pdf) -> None:
    """Give each piece of Arabic its words; raises LookupError for a font that does not say what its glyphs mean."""
    for page in pdf.pages:
        named = page.resources.get("/Font", Dictionary())
        known = {name: _glyphs(font) for name, font in named.items() if _is_arabic(font)}
        if known:
            page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(list(_spoken(page, known))))


def _is_arabic(font: Any) -> bool:
    return fonts.ARABIC.replace(" ", "") in str(font.BaseFont)


def _glyphs(font: Any) -> Glyphs:
    """What each code of a simple font means, by its ToUnicode map."""
    if font.Subtype != Name.TrueType:
        raise LookupError("ToUnicode")
    told = b"".join(_CHARACTERS.findall(font.ToUnicode.read_bytes()))
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in _CODES.findall(told)}


def _spoken(page: Any, known: Mapping[str, Glyphs]) -> Iterator[Any]:
    """The page's content, with each text object that is set in Arabic inside a span that says its words."""
    text: list[Any] = []
    words: list[str] = []
    glyphs: Glyphs | None = None
    for step in pikepdf.parse_content_stream(page):
        operator = str(step.operator)
        if operator == "Tf":
            glyphs = known.get(str(step.operands[0]))
        if operator in _SHOWN and glyphs is not None:
            words += [glyphs[code] for code in _shown(list(step.operands))]
        if operator != "BT" and not text:
            yield step
            continue
        text.append(step)
        if operator == "ET":
            yield from _span(text, words) if words else text
            text, words = [], []


def _shown(operands: list[Any]) -> Iterator[int]:
    for operand in operands:
        for piece in operand if isinstance(operand, pikepdf.Array) else [operand]:
            if isinstance(piece, String):
                yield from bytes(piece)


def _span(text: list[Any], words: list[str]) -> Iterator[Any]:
    said = _DIGITS.sub(lambda found: found.group()[::-1], "".join(reversed(words)))
    operands = [Name.Span, Dictionary(ActualText=String(said))]
    yield pikepdf.ContentStreamInstruction(operands, Operator("BDC"))
    yield from text
    yield pikepdf.ContentStreamInstruction([], Operator("EMC"))
