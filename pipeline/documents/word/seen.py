"""The PDF that LibreOffice made of a municipality's own Word template shows what the Word document says.

It is this PDF that is signed. As in `legible`, a renderer that shares no code with the one that laid it out (PDFium)
draws each page, and every word must have its ink. Nothing of the Word document's text may have been lost on the way,
what stands in head and foot stands on every page, and places to sign in are empty. Only in a bounded process.
"""

import ctypes
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from typing import Any

from docx import Document

from pipeline.documents.dress_rules import hiding
from pipeline.documents.legible import drawn, inked, is_free, letters, require_ink
from pipeline.documents.rendering import Rect
from pipeline.documents.word.shown import body_letters

_RUNNING = "Artifact"
"""The mark of what stands on every page (ISO 32000-1, 14.8.2.2)."""


def require(slug: str, docx: bytes, pdf: bytes, always: Sequence[str], places: Collection[tuple[int, Rect]]) -> None:
    """Raise Misuse("dokument_drakt_dold") when the PDF shows less than the Word document says.

    `always` stands on every page; `places` are the pages (from 0) and rectangles of the signatures.
    """
    import pypdfium2

    said, seen = Counter(body_letters(Document(BytesIO(docx))).casefold()), Counter[str]()
    with pypdfium2.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened, 1):
            image = drawn(page)
            require_ink(slug, number, image, [box for _, box in inked(page)])
            if not all(is_free(image, place) for index, place in places if index == number - 1):
                raise hiding(slug, "word_plats_upptagen", sida=number)
            body, running = _text(page)
            seen.update(body.casefold())
            if any(letters(text) not in running for text in always):
                raise hiding(slug, "sidfot", sida=number)
    if said - seen:
        raise hiding(slug, "word_ritas_inte", antal=(said - seen).total())


def _text(page: Any) -> tuple[str, str]:
    """The letters of a page's text, and those of its head and foot, which are tagged as artifacts."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    parts: tuple[list[str], list[str]] = ([], [])
    for index in range(text.count_chars()):
        found = pdfium.FPDFText_GetTextObject(text.raw, index)
        is_running = bool(found) and _RUNNING in _marks(found)
        parts[is_running].append(chr(pdfium.FPDFText_GetUnicode(text.raw, index)))
    return letters("".join(parts[0])), letters("".join(parts[1]))


def _marks(found: Any) -> Iterator[str]:
    """The tags of the marked content that a drawn object stands in."""
    import pypdfium2.raw as pdfium

    for number in range(pdfium.FPDFPageObj_CountMarks(found)):
        mark = pdfium.FPDFPageObj_GetMark(found, number)
        length, room = ctypes.c_ulong(), (ctypes.c_ushort * 64)()
        if pdfium.FPDFPageObjMark_GetName(mark, room, ctypes.sizeof(room), ctypes.byref(length)):
            yield bytes(room)[: max(length.value - 2, 0)].decode("utf-16-le", "replace")
