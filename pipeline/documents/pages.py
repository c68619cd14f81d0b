"""A template, a frame and a dress become pages: what every kind of document has in common."""

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from pipeline.documents import fonts
from pipeline.documents.dress import Dress
from pipeline.documents.templating import SHARED, fill, plain
from pipeline.documents.view import Frame
from pipeline.documents.words import HIDDEN, swedish, words

if TYPE_CHECKING:
    from pipeline.documents.pdf import Data, Pdf

LARGE = 18
"""From this size on tables become lists and labels run into their text."""
LABEL = 8.5
"""How wide a label may be, in ems, and still stand in the column of labels (grund.css)."""
FOOTER_TYPE, FOOTER_WIDTH = 12, 470
"""The footer's type in points, and how much of its line is counted on."""


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


@dataclass(frozen=True, slots=True)
class Embedded:
    """The JSON embedded as the document's data; `day` dates it."""

    name: str
    content: bytes
    day: date | None


def make(sheet: Sheet, embedded: Embedded | None, **values: object) -> "Pdf":
    """The finished PDF; raises Misuse for a broken template and EnvironmentFailed for a less than perfect result."""
    from pipeline.documents import pdf  # WeasyPrint takes a second to load

    html = fill(
        sheet.kind,
        sheet.template,
        frame=sheet.frame,
        dress=sheet.dress,
        words=words(sheet.frame.lang),
        large=sheet.size >= LARGE,
        fits_column=_fits_column,
        **values,
    )
    html = html.replace(HIDDEN, f'<span class="maskerat">{swedish()("maskerad.ord")}</span>')
    styles = (plain(SHARED, "grund.css"), plain(sheet.kind, sheet.css), _measures(sheet))
    return pdf.make(html, styles, _served(sheet), _data(embedded), f"{sheet.urn}:{sheet.frame.plan_id}")


def _served(sheet: Sheet) -> dict[str, tuple[str, bytes]]:
    found = {f"bild:{name}": ("image/svg+xml", picture) for name, picture in sheet.pictures}
    logotype = sheet.dress.logotype
    return found | ({"dress:logotyp.svg": ("image/svg+xml", logotype)} if logotype else {})


def _data(embedded: Embedded | None) -> "Data | None":
    from pipeline.documents.pdf import Data

    if embedded is None:
        return None
    return Data(embedded.name, swedish()("dokument.bilaga"), embedded.content, embedded.day)


def _measures(sheet: Sheet) -> str:
    foot = sum(map(_footer_lines, (*sheet.frame.marks, sheet.frame.secrecy)))
    return fill(
        sheet.kind,
        "matt.css.j2",
        dress=sheet.dress,
        size=sheet.size,
        test=sheet.frame.test,
        foot=foot,
        first_foot=foot + sum(map(_footer_lines, sheet.dress.sidfot)),
    )


def _footer_lines(text: str) -> int:
    return ceil(fonts.width(text) * FOOTER_TYPE / FOOTER_WIDTH)


def _fits_column(label: str) -> bool:
    return fonts.width(f"{label}:", "Bold") <= LABEL
