"""What a Word document draws: the places for signatures, in the person's size, and the logotypes of the letterhead.

All stand in the template, each in a paragraph of its own style, and are found by that; a template without them has
none.
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt

from pipeline.documents import letterhead
from pipeline.documents.dress import Dress, Mark
from pipeline.documents.letterhead import Letterhead

PLACE, LOGOTYPE, PROVIDER = "Underskriftsplats", "Logotyp", "Utfrarlogotyp"
"""The ids of the styles of these paragraphs."""
DOTS_PER_MM = 24
"""Of a logotype: some 600 to the inch, sharp on any printer."""

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_EXTENT, _SHAPE, _COLOUR = qn("wp:extent"), f"{{{_DRAWING}}}ext", f"{{{_DRAWING}}}srgbClr"
_PICTURE = f"{{{_DRAWING}}}blip"
_SIDES = {
    "vanster": WD_ALIGN_PARAGRAPH.LEFT,
    "hoger": WD_ALIGN_PARAGRAPH.RIGHT,
    "mitten": WD_ALIGN_PARAGRAPH.CENTER,
}


def adjust(document: Any, dress: Dress, head: Letterhead, size: int) -> None:
    """Make room for a signature beside type of `size` points (as matt.css.j2 does), and put in the logotypes."""
    parts = [part for part in document.part.package.iter_parts() if isinstance(part, XmlPart)]
    for part in parts:
        for place in _drawings(part, PLACE):
            _resize(place, None, Pt(44 + 4 * size))
            for colour in place.iter(_COLOUR):
                colour.set("val", dress.farger.linje.removeprefix("#").upper())
        for style, mark in _marks(dress, head):
            for drawing in _drawings(part, style):
                _show(part, drawing, mark)
        _drop_pictures(part)
    _place(document, dress)


def _marks(dress: Dress, head: Letterhead) -> Iterator[tuple[str, Mark]]:
    if dress.logotyp is not None:
        yield LOGOTYPE, dress.logotyp
    if head.provider is not None and head.provider.logotyp is not None:
        yield PROVIDER, head.provider.logotyp


def _drawings(part: XmlPart, style: str) -> Iterator[Any]:
    for paragraph in part.element.iter(qn("w:p")):
        if paragraph.style == style:
            yield from paragraph.iter(qn("w:drawing"))


def _resize(drawing: Any, width: int | None, height: int) -> None:
    for extent in (*drawing.iter(_EXTENT), *drawing.iter(_SHAPE)):
        extent.set("cy", str(int(height)))
        if width is not None:
            extent.set("cx", str(int(width)))


def _show(part: XmlPart, drawing: Any, mark: Mark) -> None:
    _resize(drawing, Mm(mark.width_mm), Mm(mark.height_mm))
    for blip in drawing.iter(_PICTURE):
        part.related_parts[blip.get(qn("r:embed"))]._blob = picture(mark.svg, mark.width_mm, mark.height_mm)


def _drop_pictures(part: XmlPart) -> None:
    """The template's own pictures stand for logotypes; where there is none, nothing of them is left in the file."""
    used = {blip.get(qn("r:embed")) for blip in part.element.iter(_PICTURE)}
    for key, relation in list(part.rels.items()):
        if relation.reltype.endswith("/image") and key not in used:
            del part.rels[key]


def _place(document: Any, dress: Dress) -> None:
    """The municipality's logotype on the side that its dress says, with nothing else in its clear zone."""
    for style in document.styles:
        if style.style_id == LOGOTYPE and dress.logotyp is not None:
            gap = Emu(int(Pt(letterhead.gap(dress.logotyp))))
            style.paragraph_format.space_before = gap if dress.logotyp.clear_mm else Pt(0)
            style.paragraph_format.space_after = gap
            style.paragraph_format.alignment = _SIDES[letterhead.placed(dress)]


@lru_cache(maxsize=16)
def picture(svg: bytes, width_mm: float, height_mm: float) -> bytes:
    """An SVG as PNG on white: Word before 2016 and LibreOffice show no other kind as well."""
    import pypdfium2

    from pipeline.documents.pdf import drawing  # WeasyPrint takes a second to load

    with pypdfium2.PdfDocument(drawing(svg, width_mm, height_mm)) as opened:
        seen = opened[0].render(scale=DOTS_PER_MM * 25.4 / 72).to_pil()
    made = BytesIO()
    seen.convert("RGB").save(made, "PNG", optimize=True)
    return made.getvalue()
