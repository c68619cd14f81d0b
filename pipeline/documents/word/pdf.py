"""A plan in Word, and the PDF to sign that LibreOffice makes of the very same file: `render_word_plan`.

For a municipality whose dress says ``format = "word"``. The PDF keeps every promise of the other route's: PDF/A-3a and
PDF/UA-1, the bundled fonts, the same data and description, the same bytes for the same input and LibreOffice.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import rfc8785

from pipeline.documents import bounded, office
from pipeline.documents.pages import Embedded
from pipeline.documents.reduced import printed
from pipeline.documents.render import DATA_NAME
from pipeline.documents.rendering import Document, Placeholder, Rendering
from pipeline.documents.word.document import TEMPLATE, always, composed
from pipeline.documents.word.finish import About, finish
from pipeline.documents.words import swedish
from pipeline.errors import EnvironmentFailed, Misuse


def render_word_plan(r: Rendering) -> tuple[Document, bytes]:
    """The document of one edition and the .docx that it was made from.

    Raises as `render_word` does; Misuse("dokument_plats") for a template without a place for each signature;
    EnvironmentFailed as `Office.convert` does, and when the result would not keep its promises. What a municipality's
    own template brings about is told as its dress's, and what it hides as Misuse("dokument_drakt_dold").
    """
    view, docx = composed(r)
    data = Embedded(DATA_NAME, rfc8785.dumps(printed(r.plan, r.profil, r.ended)), r.plan.handelser.upprattad)
    about = About(view.frame.pdf_title, view.frame.lang, f"urn:plansigill:plan:{view.frame.plan_id}")
    own = r.dress.untrusted_word(TEMPLATE)
    with _told_as_its(r.dress.slug) if own else nullcontext():
        finished = finish(office.shared().convert(docx), about, data, swedish()("dokument.bilaga"))
    roles = [slot.role for slot in view.slots if slot.is_open]
    if len(roles) != len(finished.places):
        raise Misuse("dokument_plats", roll=roles[min(len(finished.places), len(roles) - 1)])
    if own:
        about_dress = (r.dress.slug, TEMPLATE)
        bounded.ask("seen", about_dress, r.dress.slug, docx, finished.content, always(view.frame), finished.places)
    places = tuple(Placeholder(role, *place) for role, place in zip(roles, finished.places, strict=True))
    return Document(finished.content, places, finished.pages, view.frame.pdf_title, view.frame.lang), docx


@contextmanager
def _told_as_its(slug: str) -> Iterator[None]:
    """What LibreOffice cannot make something whole of, in time, is the fault of the dress's own template."""
    try:
        yield
    except EnvironmentFailed as error:
        if error.code == "libreoffice_saknas":
            raise
        fault = error.params["fel"]
        if error.code == "libreoffice_avbrott" and fault == "tid":
            raise Misuse("dokument_drakt_grans", drakt=slug, mall=TEMPLATE, grans=bounded.TIME) from error
        raise Misuse("dokument_drakt_mall", drakt=slug, mall=TEMPLATE, fel=f"LibreOffice: {fault}") from error
