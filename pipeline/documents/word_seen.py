"""The PDF that LibreOffice made of a municipality's own Word template shows what the Word document says.

It is this PDF that is signed. As in `legible`, a renderer that shares no code with the one that laid it out (PDFium)
draws each page, and every word must have its ink. Nothing of the Word document's text may have been lost on the way,
what stands in head and foot stands on every page, and no word lies in a place to sign in. Only in a bounded process.
"""

import ctypes
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from typing import Any

from docx import Document

from pipeline.documents.dress_rules import hiding
from pipeline.documents.legible import Box, inked, letters, require_ink
from pipeline.documents.rendering import Rect
from pipeline.documents.word_shown import body_letters

_RUNNING = "Artifact"
"""The mark of what stands on every page (ISO 32000-1, 14.8.2.2)."""


def require(slug: str, docx: bytes, pdf: bytes, always: Sequence[str], places: Collection[tuple[int, Rect]]) -> None:
    """Raise Misuse("dokument_drakt_dold") when the PDF shows less than the Word document says.

    `always` stands on every page; `places` are the pages (from 0) and rectangles of the signatures.
    """
    import pypdfium2

    said, drawn = Counter(body_letters(Document(BytesIO(docx))).casefold()), Counter[str]()
    with pypdfium2.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened, 1):
            boxes = [box for _, box in inked(page)]
            require_ink(slug, number, page, boxes)
            for index, place in places:
                if index == number - 1 and not _is_free(place, boxes, page.get_size()):
                    raise hiding(slug, "word_plats_upptagen", sida=number)
            body, running = _text(page)
            drawn.update(body.casefold())
            if any(letters(text) not in running for text in always):
                raise hiding(slug, "sidfot", sida=number)
    if said - drawn:
        raise hiding(slug, "word_ritas_inte", antal=(said - drawn).total())


def _is_free(place: Rect, boxes: list[Box], size: tuple[float, float]) -> bool:
    """Whether the rectangle of a signature lies on the page with no word in it."""
    left, low, right, high = place
    if left < 0 or low < 0 or right > size[0] + 1 or high > size[1] + 1:
        return False
    return not any(left < box[2] and box[0] < right and low < box[3] and box[1] < high for box in boxes)


def _text(page: Any) -> tuple[str, str]:
    """The letters of a page's text, and those of its head and foot, which are tagged as artifacts."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    parts: tuple[list[str], list[str]] = ([], [])
    for index in range(text.count_chars()):
        drawn = pdfium.FPDFText_GetTextObject(text.raw, index)
        is_running = bool(drawn) and _RUNNING in _marks(drawn)
        parts[is_running].append(chr(pdfium.FPDFText_GetUnicode(text.raw, index)))
    return letters("".join(parts[0])), letters("".join(parts[1]))


def _marks(drawn: Any) -> Iterator[str]:
    """The tags of the marked content that a drawn object stands in."""
    import pypdfium2.raw as pdfium

    for number in range(pdfium.FPDFPageObj_CountMarks(drawn)):
        mark = pdfium.FPDFPageObj_GetMark(drawn, number)
        length, room = ctypes.c_ulong(), (ctypes.c_ushort * 64)()
        if pdfium.FPDFPageObjMark_GetName(mark, room, ctypes.sizeof(room), ctypes.byref(length)):
            yield bytes(room)[: max(length.value - 2, 0)].decode("utf-16-le", "replace")
