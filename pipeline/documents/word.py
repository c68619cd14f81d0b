"""A plan, a profile and a dress become a Word document: `render_word`; and so does a paper around it.

The same view as the PDF's (`pipeline.documents.compose`), so the same words in the same order; the templates only place
them, and are edited in Word. Their styles are set for 14 points in black; the person's type size and the municipality's
colours are put on afterwards (`word_styles`, `word_pictures`), and each letter gets its font (`word_scripts`).
What is made carries no data of its own and is never signed itself: `word_pdf` makes the PDF to sign.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipeline.documents import fonts, letterhead, pages, word_pictures, word_scripts, word_styles
from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.dress import Dress
from pipeline.documents.reduced import texts
from pipeline.documents.rendering import Rendering, type_size
from pipeline.documents.view import Frame, Paper, View
from pipeline.documents.word_package import Properties, repacked
from pipeline.documents.word_template import filled
from pipeline.documents.words import swedish

LANGUAGE = "sv-SE"
TEMPLATE = "genomforandeplan/plan.docx"
PAPER_TEMPLATE = "gemensamt/dokument.docx"


def render_word(r: Rendering) -> bytes:
    """The .docx of one edition; the same rendering gives the same bytes.

    Raises Refused("dokument_tecken") as `render_plan` does, and Misuse("dokument_mall") for a template that is broken
    or asks for what it is not given.
    """
    return composed(r)[1]


def composed(r: Rendering) -> tuple[View, bytes]:
    """The view and its .docx; raises as `render_word` does."""
    fonts.require_writable(texts(r.plan, r.profil, r.ended))  # as the PDF: both are made, or neither
    view = compose(r)
    document = _written(TEMPLATE, values(r, view), view.frame, r.dress, type_size(r.plan))
    day = r.plan.handelser.upprattad
    return view, repacked(document, Properties(view.frame.pdf_title, LANGUAGE, day or date(1970, 1, 1)))


def render_paper_word(paper: Paper, dress: Dress, size: int, day: date) -> bytes:
    """The .docx of a document around the plan, in type of `size` points and dated `day`.

    Raises Misuse("dokument_mall") as `render_word` does. That the bundled fonts can write it is for the caller to ask.
    """
    document = _written(PAPER_TEMPLATE, paper_values(paper, dress, size), paper.frame, dress, size)
    return repacked(document, Properties(paper.frame.pdf_title, LANGUAGE, day))


def values(r: Rendering, view: View) -> Mapping[str, object]:
    """Every name that the plan's template may use."""
    return {"view": view} | _shared(view.frame, r.dress, type_size(r.plan))


def paper_values(paper: Paper, dress: Dress, size: int) -> Mapping[str, object]:
    """Every name that the template of the documents around the plan may use."""
    return {"frame": paper.frame, "paper": paper} | _shared(paper.frame, dress, size)


def _shared(frame: Frame, dress: Dress, size: int) -> dict[str, object]:
    return {
        "words": swedish(),
        "dress": dress,
        "brev": letterhead.letterhead(swedish(), frame, dress),
        "size": size,
        "large": size >= pages.LARGE,
        "fits_column": _fits_column,
    }


def _fits_column(label: str) -> bool:
    return fonts.width(f"{label}:", "Bold") <= pages.LABEL


def _written(template: str, told: Mapping[str, object], frame: Frame, dress: Dress, size: int) -> Any:
    document = filled(templates() / template, template, told)
    word_styles.adjust(document, dress, size, large=size >= pages.LARGE)
    word_pictures.adjust(document, dress, letterhead.letterhead(swedish(), frame, dress), size)
    word_scripts.spell_out(document)
    return document
