"""A Word document's styles, in the person's type size and the municipality's colours.

Styles are found by what they are (smaller than the body text, or not; with a colour, or not), so that a template may
have styles of its own.
"""

from collections.abc import Iterator
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.shared import Emu, Pt, RGBColor

from pipeline.documents.dress import Dress

BODY = "Normal"
COLUMN = ("Uppgift", "Uppgift, fler stycken")
"""The styles of labelled text, whose labels stand in a column of their own except in large type."""


def adjust(document: Any, dress: Dress, size: int, *, large: bool) -> None:
    """Set the body text in `size` points and everything else after it; `large` lets labels run into their text."""
    base = document.styles[BODY].font.size
    _resize_runs(document, base, Pt(size))
    for style in _text_styles(document):
        _resize(style, base, Pt(size))
        if style.name in COLUMN:
            _move_column(style, 0.0 if large else Pt(size) / base)
        if style.name.startswith("Heading "):
            style.font.color.rgb = _rgb(dress.farger.rubrik)
    document.styles[BODY].font.color.rgb = _rgb(dress.farger.text)
    _colour_lines(document, dress.farger.linje)


def _resize_runs(document: Any, base: int, wanted: int) -> None:
    """Text that somebody gave a size of its own in Word follows the person's, as styles do."""
    for part in document.part.package.iter_parts():
        if isinstance(part, XmlPart):
            for run in part.element.iter(qn("w:r")):
                for size in run.iter(qn("w:sz")):
                    points = Pt(int(size.get(qn("w:val"))) / 2)
                    if points >= base:
                        size.set(qn("w:val"), str(round((points - base + wanted) / Pt(1) * 2)))


def _text_styles(document: Any) -> Iterator[Any]:
    kinds = (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER)
    return (style for style in document.styles if style.type in kinds)


def _resize(style: Any, base: int, wanted: int) -> None:
    """A heading stays as many points above the body text as in the template: large type needs no larger headings.

    What the template sets smaller than the body (letterhead, page head and foot) keeps its size.
    """
    if style.font.size is not None and style.font.size >= base:
        style.font.size = Emu(style.font.size - base + wanted)


def _move_column(style: Any, scale: float) -> None:
    form = style.paragraph_format
    for stop in form.tab_stops:
        stop.position = Emu(round(stop.position * scale))
    form.left_indent = Emu(round((form.left_indent or 0) * scale))
    form.first_line_indent = Emu(round((form.first_line_indent or 0) * scale))


def _colour_lines(document: Any, colour: str) -> None:
    for line in document.styles.element.xpath("//w:tblBorders/*"):
        line.set(line.nsmap["w"].join(("{", "}color")), colour.removeprefix("#").upper())


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.removeprefix("#").upper())
