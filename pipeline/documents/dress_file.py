"""The schema of kommun.toml: what a municipality may say about its dress. Unknown keys are refused.

The keys are Swedish like all data of the municipality. What concerns several fields at once (contrast, a logotype that
is printed smaller than it may be) is judged in `pipeline.documents.dress`.
"""

import tomllib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.documents.dress_rules import FILE, refused, schema_refused

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=90, pattern=r"^[^\t\n\r]*$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\t\n\r]*$")]
Svg = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.svg$")]
Ttf = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.ttf$")]
Licence = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+\.txt$")]
Lines = Annotated[tuple[Line, ...], Field(strict=False, max_length=4)]

Diary = Literal["beslut_id", "bestallning_id", "plan_id"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Placement(StrEnum):
    """Where on the first page the logotype stands."""

    UPPE_VANSTER = "uppe_vanster"
    UPPE_HOGER = "uppe_hoger"
    NERE_HOGER = "nere_hoger"
    NERE_MITTEN = "nere_mitten"


class Namn(_Strict):
    """Names in the letterhead; what is left out is taken from the plan (a nämnd is printed only when given here)."""

    kommun: Line | None = None
    namnd: Line | None = None
    forvaltning: Line | None = None


class Farger(_Strict):
    """Colours on white paper: body text, headings, lines, and the pale surface behind what is set apart."""

    text: Colour
    rubrik: Colour
    linje: Colour
    yta: Colour


class Marke(_Strict):
    """A logotype: an SVG beside the file, what it shows in words, and its measures on paper in millimetres."""

    fil: Svg
    enfargad: Svg | None = None
    """The same in one colour, for where colour cannot be had."""
    alt: Line
    bredd_mm: Annotated[int, Field(ge=10, le=90)]
    minsta_bredd_mm: Annotated[int, Field(ge=5, le=90)] = 10
    frizon_mm: Annotated[int, Field(ge=0, le=20)] = 0
    """How far from the logotype nothing else may stand."""


class Logotyp(Marke):
    """The municipality's own logotype, with its place."""

    plats: Annotated[Placement, Field(strict=False)] = Placement.UPPE_VANSTER


class Typsnitt(_Strict):
    """The municipality's own type: two TrueType files beside the file, and the licence that allows embedding them."""

    familj: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9 -]+$")]
    normal: Ttf
    fet: Ttf
    licens: Licence


class Kontakt(_Strict):
    """The fields of the first page's foot, printed in this order with their labels."""

    adress: Line | None = None
    besoksadress: Line | None = None
    telefon: Word | None = None
    epost: Line | None = None
    webb: Line | None = None
    orgnr: Word | None = None
    bankgiro: Word | None = None


class Ord(_Strict):
    """The municipality's own words for the roles, instead of those of the routine profile."""

    brukare: Word | None = None
    kontaktman: Word | None = None
    vice_kontaktman: Word | None = None
    socialsekreterare: Word | None = None
    extern_utforare: Word | None = None
    enhetschef: Word | None = None
    handlaggare: Word | None = None
    planerare: Word | None = None


class Sekretess(_Strict):
    """The line about secrecy in every page's foot: for a plan with a marking, and for one without."""

    rad: Line | None = None
    """May name ``{lagrum}``, ``{myndighet}`` and ``{datum}``; without them it is a softer line."""
    rad_utan_markning: Line | None = None


class Utforare(_Strict):
    """A private provider within the municipality, whose plans carry both names (`namn` as in the plan's file)."""

    namn: Line
    logotyp: Marke | None = None
    kontakt: Kontakt = Kontakt()
    sidfot: Lines = ()
    """With `kontakt` instead of the municipality's own in the foot of the provider's plans."""


class Kommunfil(_Strict):
    """The whole file; `kod` is left out only by ``standard``."""

    kod: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    namn: Namn = Namn()
    farger: Farger
    logotyp: Logotyp | None = None
    typsnitt: Typsnitt | None = None
    kontakt: Kontakt = Kontakt()
    sidfot: Lines = ()
    """Free lines of the foot, before the fields of `kontakt`."""
    diarienummer: Diary | None = None
    """Which of the file's ids is the diary's; it is printed in the head. Left out: none is."""
    ord: Ord = Ord()
    sekretess: Sekretess = Sekretess()
    utforare: Annotated[tuple[Utforare, ...], Field(strict=False, max_length=50)] = ()
    word: bool = False
    """Whether the plan is also made as a Word document, for those who go on working with the text."""
    format: Literal["pdf", "word"] = "pdf"
    """What the plan is laid out in: `word` gives outbox the Word document, and LibreOffice makes the PDF from it."""


def read_table(slug: str, content: bytes) -> dict[str, object]:
    """The TOML of a kommun.toml; raises Misuse("dokument_drakt") when it is none."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise refused(slug, FILE, "utf8") from error
    except tomllib.TOMLDecodeError as error:
        raise refused(slug, FILE, "toml", fel=str(error)) from error


def read_fields(slug: str, table: dict[str, object]) -> Kommunfil:
    """The fields of a kommun.toml; raises Misuse("dokument_drakt") for the first that breaks the schema."""
    try:
        return Kommunfil.model_validate(table)
    except ValidationError as error:
        raise schema_refused(slug, error, Kommunfil) from error
