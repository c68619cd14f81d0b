"""A plan, a profile and a dress become a Word document: `render_word`.

The same view as the PDF's (`pipeline.documents.compose`), so the same words in the same order; the template
`templates/genomforandeplan/plan.docx` only places them, and is edited in Word. Its styles are set for 14 points in
black; the person's type size and the municipality's colours are put on afterwards (`pipeline.documents.word_styles`).
The document is for those who go on working with the text: it is never signed, and carries no data of its own.
"""

from collections.abc import Mapping
from datetime import date

from pipeline.documents import fonts, letterhead, pages, word_styles
from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.reduced import texts
from pipeline.documents.rendering import Rendering, type_size
from pipeline.documents.view import View
from pipeline.documents.word_package import Properties, repacked
from pipeline.documents.word_template import filled
from pipeline.documents.words import swedish

LANGUAGE = "sv-SE"
TEMPLATE = "genomforandeplan/plan.docx"


def render_word(r: Rendering) -> bytes:
    """The .docx of one edition; the same rendering gives the same bytes.

    Raises Refused("dokument_tecken") as `render_plan` does, and Misuse("dokument_mall") for a template that is broken
    or asks for what it is not given.
    """
    fonts.require_writable(texts(r.plan, r.profil, r.ended))  # as the PDF: both are made, or neither
    view = compose(r)
    size = type_size(r.plan)
    document = filled(templates() / TEMPLATE, TEMPLATE, values(r, view))
    word_styles.adjust(document, r.dress, size, large=size >= pages.LARGE)
    return repacked(document, _properties(view, r.plan.handelser.upprattad))


def values(r: Rendering, view: View) -> Mapping[str, object]:
    """Every name that the template may use."""
    return {
        "view": view,
        "words": swedish(),
        "dress": {"sidfot": letterhead.letterhead(swedish(), view.frame, r.dress).lines},
        "large": type_size(r.plan) >= pages.LARGE,
        "fits_column": _fits_column,
    }


def _fits_column(label: str) -> bool:
    return fonts.width(f"{label}:", "Bold") <= pages.LABEL


def _properties(view: View, day: date | None) -> Properties:
    return Properties(title=view.frame.pdf_title, language=LANGUAGE, day=day or date(1970, 1, 1))
