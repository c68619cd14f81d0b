"""A plan, a profile and a dress become a document: `render_plan`.

The same inputs give the same bytes, in any process on any machine. The plan reduced to what is printed is embedded as
``genomforandeplan.json``. Slots that nobody has signed yet leave a `Placeholder`, where `signatures.fields` puts the
empty field.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import rfc8785

from pipeline.documents import fonts
from pipeline.documents.compose import compose
from pipeline.documents.dress import Dress
from pipeline.documents.reduced import fields, printed
from pipeline.documents.rendering import Document, Placeholder, Rect, Rendering, type_size
from pipeline.documents.templating import fill, plain
from pipeline.documents.view import View
from pipeline.documents.words import swedish
from pipeline.errors import Misuse

if TYPE_CHECKING:
    from pipeline.documents import pdf

__all__ = ["Document", "Placeholder", "Rendering", "render_plan"]

KIND = "genomforandeplan"
DATA_NAME = "genomforandeplan.json"
LARGE = 18
"""From this size on tables become lists and labels run into their text."""
FOOTER_LINE = 72
"""Characters that surely fit a line of the footer, whose type is always 12 points."""


def render_plan(r: Rendering) -> Document:
    """The document of one edition.

    Raises Refused("dokument_tecken") for a letter no bundled font can write, Misuse for a broken template or dress,
    EnvironmentFailed when the result would not keep its promises.
    """
    from pipeline.documents import pdf  # noqa: PLC0415  WeasyPrint takes a second to load

    data = printed(r.plan, r.profil, r.ended)
    fonts.require_writable(fields(data))
    view = compose(r)
    made = pdf.make(_html(r, view), _styles(r, view), _served(r.dress), _data(r, data))
    places = tuple(_placeholder(made.anchors, slot.role) for slot in view.slots if slot.is_open)
    return Document(made.content, places, made.pages, view.pdf_title, view.lang)


def _html(r: Rendering, view: View) -> str:
    large = type_size(r.plan) >= LARGE
    return fill(KIND, "plan.html.j2", view=view, dress=r.dress, words=swedish(), large=large)


def _styles(r: Rendering, view: View) -> tuple[str, ...]:
    foot = sum(_footer_lines(line) for line in (*view.marks, view.secrecy))
    measures = fill(
        KIND,
        "matt.css.j2",
        dress=r.dress,
        size=type_size(r.plan),
        test=r.test,
        foot=foot,
        first_foot=foot + sum(map(_footer_lines, r.dress.sidfot)),
    )
    return plain(KIND, "plan.css"), measures


def _footer_lines(text: str) -> int:
    return -(-len(text) // FOOTER_LINE)


def _served(dress: Dress) -> dict[str, tuple[str, bytes]]:
    return {"dress:logotyp.svg": ("image/svg+xml", dress.logotype)} if dress.logotype else {}


def _data(r: Rendering, data: dict[str, object]) -> "pdf.Data":
    from pipeline.documents import pdf  # noqa: PLC0415

    description = swedish()("dokument.bilaga")
    return pdf.Data(DATA_NAME, description, rfc8785.dumps(data), r.plan.handelser.upprattad)  # type: ignore[arg-type]


def _placeholder(anchors: Mapping[str, tuple[int, Rect]], role: str) -> Placeholder:
    if f"plats-{role}" not in anchors:
        raise Misuse("dokument_plats", roll=role)
    page, rect = anchors[f"plats-{role}"]
    return Placeholder(role, page, rect)
