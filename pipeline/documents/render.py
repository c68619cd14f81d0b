"""A plan, a profile and a dress become a document: `render_plan`; `render_edition` goes the dress's own way.

The same inputs give the same bytes, in any process on any machine. The plan reduced to what is printed is embedded as
``genomforandeplan.json``. Slots that nobody has signed yet leave a `Placeholder`, where `signatures.fields` puts the
empty field. A draft has neither.
"""

from collections.abc import Mapping

import rfc8785

from pipeline.documents import draft, fonts, pages
from pipeline.documents.compose import compose
from pipeline.documents.layouts import layout
from pipeline.documents.reduced import printed, reduced, texts
from pipeline.documents.rendering import Document, Placeholder, Rect, Rendering, type_size
from pipeline.documents.words import swedish
from pipeline.errors import Misuse

__all__ = ["Document", "Placeholder", "Rendering", "render_edition", "render_plan"]

DATA_NAME = "genomforandeplan.json"


def render_edition(r: Rendering) -> tuple[Document, bytes | None]:
    """The document of one edition by the route that its dress chooses, and its Word document, where it has one.

    Raises as `render_plan` and `render_word_plan` do.
    """
    if r.dress.format == "word":
        from pipeline.documents.word.pdf import render_word_plan

        return render_word_plan(r)
    if r.dress.word:
        from pipeline.documents.word.document import render_word

        return render_plan(r), render_word(r)
    return render_plan(r), None


def render_plan(r: Rendering) -> Document:
    """The document of one edition, or of a draft.

    Raises Refused("dokument_tecken") for a letter no bundled font can write, Misuse for a broken template or dress,
    EnvironmentFailed when the result would not keep its promises.
    """
    fonts.require_writable(texts(r.plan, r.profil, r.ended))
    view = compose(r)
    size = type_size(r.plan)
    way = layout(reduced(r.plan, r.profil, r.ended), r.dress)
    pictures = (*way.pictures, *(((draft.GROUND, draft.ground()),) if r.draft else ()))
    sheet = pages.Sheet("genomforandeplan", way.template, "plan.css", view.frame, r.dress, size, pictures=pictures)
    values = {"view": view, "size": size, "draft": r.draft, "notice": swedish()("utkast.rad") if r.draft else None}
    made = pages.make(sheet, None if r.draft else _data(r), **values, **way.values)
    places = tuple(_placeholder(made.anchors, slot.role) for slot in view.slots if slot.is_open and not r.draft)
    return Document(made.content, places, made.pages, view.frame.pdf_title, view.frame.lang)


def _data(r: Rendering) -> pages.Embedded:
    data = printed(r.plan, r.profil, r.ended)
    return pages.Embedded(DATA_NAME, rfc8785.dumps(data), r.plan.handelser.upprattad)


def _placeholder(anchors: Mapping[str, tuple[int, Rect]], role: str) -> Placeholder:
    if f"plats-{role}" not in anchors:
        raise Misuse("dokument_plats", roll=role)
    page, rect = anchors[f"plats-{role}"]
    return Placeholder(role, page, rect)
