"""A plan in Word, and the PDF to sign that LibreOffice makes of the very same file: `render_word_plan`.

For a municipality whose dress says ``format = "word"``. The PDF keeps every promise of the other route's: PDF/A-3a and
PDF/UA-1, the bundled fonts, the same data and description, the same bytes for the same input and LibreOffice.
"""

import rfc8785

from pipeline.documents import office
from pipeline.documents.pages import Embedded
from pipeline.documents.reduced import printed
from pipeline.documents.render import DATA_NAME
from pipeline.documents.rendering import Document, Placeholder, Rendering
from pipeline.documents.word import composed
from pipeline.documents.word_finish import About, finish
from pipeline.documents.words import swedish
from pipeline.errors import Misuse


def render_word_plan(r: Rendering) -> tuple[Document, bytes]:
    """The document of one edition and the .docx that it was made from.

    Raises as `render_word` does; Misuse("dokument_plats") for a template without a place for each signature;
    EnvironmentFailed as `Office.convert` does, and when the result would not keep its promises.
    """
    view, docx = composed(r)
    data = Embedded(DATA_NAME, rfc8785.dumps(printed(r.plan, r.profil, r.ended)), r.plan.handelser.upprattad)
    about = About(view.frame.pdf_title, view.frame.lang, f"urn:plansigill:plan:{view.frame.plan_id}")
    finished = finish(office.shared().convert(docx), about, data, swedish()("dokument.bilaga"))
    roles = [slot.role for slot in view.slots if slot.is_open]
    if len(roles) != len(finished.places):
        raise Misuse("dokument_plats", roll=roles[min(len(finished.places), len(roles) - 1)])
    places = tuple(Placeholder(role, *place) for role, place in zip(roles, finished.places, strict=True))
    return Document(finished.content, places, finished.pages, view.frame.pdf_title, view.frame.lang), docx
