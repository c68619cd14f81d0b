"""A template, a frame and a dress become pages: what every kind of document has in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

from pipeline.documents import letterhead
from pipeline.documents.dress import Dress
from pipeline.documents.dress_folder import OWN_STYLES
from pipeline.documents.templating import SHARED, fill, plain
from pipeline.documents.view import Frame
from pipeline.documents.words import HIDDEN, swedish, words

if TYPE_CHECKING:
    from pipeline.documents.pdf import Data, Pdf, Source

LARGE = 18
"""From this size on tables become lists and labels run into their text."""
LABEL = 8.5
"""How wide a label may be, in ems, and still stand in the column of labels (grund.css)."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file embedded in the document: the JSON that is its data, or one that is enclosed; `day` dates it."""

    name: str
    content: bytes
    day: date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which template is filled, in whose dress, with how large type (points)."""

    kind: str
    template: str
    css: str
    frame: Frame
    dress: Dress
    size: int
    urn: str = "urn:plansigill:plan"
    """What the description identifies, by the frame's id: the plan itself, or a document about it."""
    pictures: tuple[tuple[str, bytes], ...] = ()
    """SVGs by name, which the template and its stylesheet find at ``bild:<name>``."""
    enclosed: tuple[Embedded, ...] = ()
    """Whole files that go with the document, byte for byte (AFRelationship Supplement)."""


def make(sheet: Sheet, embedded: Embedded | None, **values: object) -> "Pdf":
    """The finished PDF; raises Misuse for a broken template and EnvironmentFailed for a less than perfect result.

    What a municipality wrote itself (templates, stylesheets, fonts) is run in a bounded process of its own, and the
    result must show all that our own templates would: `pipeline.documents.bounded`, `pipeline.documents.legible`.
    """
    if sheet.dress.untrusted:
        from pipeline.documents import bounded

        return bounded.make(sheet, embedded, values)
    from pipeline.documents import pdf, quick  # WeasyPrint takes a second to load

    quick.install()
    return pdf.make(source(sheet, values), data(sheet, embedded), about(sheet))


def make_untrusted(sheet: Sheet, embedded: Embedded | None, values: Mapping[str, object]) -> "Pdf":
    """The same for a dress that is not trusted; raises Misuse when it hides something. Only in a bounded process.

    Made by WeasyPrint as it comes: what makes ours quick is proved on our own stylesheets, not on any that may be.
    """
    from pipeline.documents import legible, pdf

    plain_sheet = replace(sheet, dress=sheet.dress.in_our_templates())
    theirs = pdf.lay_out(source(sheet, values))
    made = pdf.write(theirs, sheet.dress.typsnitt, data(sheet, embedded), about(sheet))
    always = (*sheet.frame.marks, sheet.frame.secrecy, sheet.frame.test or "")
    demand = legible.Demand(pdf.lay_out(source(plain_sheet, values)), always, sheet.size)
    legible.require(sheet.dress.slug, demand, theirs, made.content)
    return made


def data(sheet: Sheet, embedded: Embedded | None) -> "tuple[Data, ...]":
    """What is embedded and what is enclosed with it, as the PDF maker takes it."""
    own = () if embedded is None else (_data(embedded, "dokument.bilaga", "Data"),)
    return (*own, *(_data(each, "dokument.innesluten", "Supplement") for each in sheet.enclosed))


def _data(embedded: Embedded, description: str, relation: 'Literal["Data", "Supplement"]') -> "Data":
    from pipeline.documents.pdf import Data

    return Data(embedded.name, swedish()(description), embedded.content, embedded.day, relation)


def about(sheet: Sheet) -> str:
    """The identifier of a document."""
    return f"{sheet.urn}:{sheet.frame.plan_id}"


def source(sheet: Sheet, values: Mapping[str, object]) -> "Source":
    """The sheet's templates and stylesheets, filled in; raises Misuse for a broken one."""
    from pipeline.documents import pdf

    dress, own = sheet.dress, sheet.dress.overrides
    head = letterhead.letterhead(swedish(), sheet.frame, dress)
    shared = {"frame": sheet.frame, "dress": dress, "brev": head}
    html = fill(
        sheet.kind,
        sheet.template,
        own,
        **shared,
        words=words(sheet.frame.lang),
        large=sheet.size >= LARGE,
        fits_column=partial(_fits_column, dress),
        **values,
    )
    html = html.replace(HIDDEN, f'<span class="maskerat">{swedish()("maskerad.ord")}</span>')
    measures = fill(
        sheet.kind,
        "matt.css.j2",
        own,
        **shared,
        size=sheet.size,
        margins=letterhead.margins(sheet.frame, dress, head, sheet.size),
        gap=letterhead.gap,
        placed=letterhead.placed(dress),
    )
    ours = "\n".join((plain(SHARED, "grund.css", own), plain(sheet.kind, sheet.css, own), measures))
    styles = (ours, own[OWN_STYLES]) if OWN_STYLES in own else (ours,)  # each costs a look at every element
    pictures = {f"bild:{name}": ("image/svg+xml", picture) for name, picture in sheet.pictures}
    return pdf.Source(html, styles, letterhead.served(dress, head) | pictures, dress.typsnitt)


def _fits_column(dress: Dress, label: str) -> bool:
    return letterhead.width(dress, f"{label}:", "Bold") <= LABEL
