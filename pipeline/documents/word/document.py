"""A plan, a profile and a dress become a Word document: `render_word`; and so does a paper around it.

The same view as the PDF's (`pipeline.documents.compose`), so the same words in the same order; the templates only place
them, and are edited in Word. Their styles are set for 14 points in black; the person's type size and the municipality's
colours are put on afterwards (`styles`, `pictures`), and each letter gets its font (`scripts`).
What is made carries no data of its own and is never signed itself: `pdf` makes the PDF to sign.

A municipality's own template is filled in a bounded process (`bounded`), tamed (`own`), and must show all that
ours would (`shown`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.documents import bounded, fonts, letterhead, pages
from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.dress import Dress
from pipeline.documents.reduced import texts
from pipeline.documents.rendering import Rendering, type_size
from pipeline.documents.view import Frame, Paper, View
from pipeline.documents.word import pictures, scripts, styles
from pipeline.documents.word.package import Properties, repacked
from pipeline.documents.word.template import filled
from pipeline.documents.words import swedish

LANGUAGE = "sv-SE"
TEMPLATE = "genomforandeplan/plan.docx"
PAPER_TEMPLATE = "gemensamt/dokument.docx"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which Word template is filled with what, in whose dress, with how large type (points)."""

    template: str
    values: Mapping[str, object]
    frame: Frame
    dress: Dress
    size: int
    day: date
    above: tuple[str, ...]
    """The text above each place to sign in, in order; some of these texts have no place below them."""


def render_word(r: Rendering) -> bytes:
    """The .docx of one edition; the same rendering gives the same bytes.

    Raises Refused("dokument_tecken") as `render_plan` does, and Misuse("dokument_mall") for a template that is broken
    or asks for what it is not given; for a dress's own as `make` does.
    """
    return composed(r)[1]


def composed(r: Rendering) -> tuple[View, bytes]:
    """The view and its .docx; raises as `render_word` does."""
    fonts.require_writable(texts(r.plan, r.profil, r.ended))  # as the PDF: both are made, or neither
    view = compose(r)
    day = r.plan.handelser.upprattad or date(1970, 1, 1)
    headings = tuple(slot.heading for slot in view.slots)
    sheet = Sheet(TEMPLATE, values(r, view), view.frame, r.dress, type_size(r.plan), day, headings)
    return view, make(sheet)


def render_paper_word(paper: Paper, dress: Dress, size: int, day: date) -> bytes:
    """The .docx of a document around the plan, in type of `size` points and dated `day`.

    Raises Misuse("dokument_mall") as `render_word` does. That the bundled fonts can write it is for the caller to ask.
    """
    above = (paper.mark,) if paper.mark else ()
    return make(Sheet(PAPER_TEMPLATE, paper_values(paper, dress, size), paper.frame, dress, size, day, above))


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
        "brev": _letterhead(frame, dress),
        "size": size,
        "large": size >= pages.LARGE,
        "fits_column": _fits_column,
    }


def _letterhead(frame: Frame, dress: Dress) -> letterhead.Letterhead:
    return letterhead.letterhead(swedish(), frame, replace(dress, typsnitt=None))  # Word has the bundled fonts


def _fits_column(label: str) -> bool:
    return fonts.width(f"{label}:", "Bold") <= pages.LABEL


def make(sheet: Sheet) -> bytes:
    """The finished .docx; raises Misuse("dokument_mall") for a broken template.

    For a municipality's own template raises Misuse that names dress and template: `dokument_drakt` (what it may not
    hold), `dokument_drakt_mall` (broken), `dokument_drakt_grans` (too much time or memory), `dokument_drakt_dold`.
    """
    if sheet.dress.untrusted_word(sheet.template):
        return bounded.ask("word", (sheet.dress.slug, sheet.template), sheet)[1]
    data = sheet.dress.word_templates.get(sheet.template) or _ours(sheet)
    return _finished(sheet, _adjusted(sheet, filled(data, sheet.template, sheet.values)))


def make_untrusted(sheet: Sheet) -> bytes:
    """The same from a template that is not trusted. Only in a bounded process."""
    from pipeline.documents.word import own, shown

    ours = _adjusted(sheet, filled(_ours(sheet), sheet.template, sheet.values))
    theirs = _adjusted(sheet, own.filled(sheet.dress, sheet.template, sheet.values))
    demand = shown.Demand(ours, always(sheet.frame), sheet.size, sheet.above)
    shown.require(sheet.dress.slug, demand, theirs)
    return _finished(sheet, theirs)


def always(frame: Frame) -> tuple[str, ...]:
    """What stands in the head or foot of every page."""
    return (*frame.marks, frame.secrecy, frame.test or "")


def _ours(sheet: Sheet) -> bytes:
    return (templates() / sheet.template).read_bytes()


def _adjusted(sheet: Sheet, document: Any) -> Any:
    head = _letterhead(sheet.frame, sheet.dress)
    styles.adjust(document, sheet.dress, sheet.size, large=sheet.size >= pages.LARGE)
    pictures.adjust(document, sheet.dress, head, sheet.size)
    return document


def _finished(sheet: Sheet, document: Any) -> bytes:
    scripts.spell_out(document)
    return repacked(document, Properties(sheet.frame.pdf_title, LANGUAGE, sheet.day))
