"""The kinds of documents around the plan: one folder in `templates/` each, with a small declaration, `dokument.toml`.

A declaration says what brings the document about, whom it is for and which named blocks it consists of
(`pipeline.documents.blocks`); a folder may also hold a template and a stylesheet of its own. Which kinds a routine
wants is the profile's to say (``[[dokument]]``). A new kind is a new folder, never a branch in the code.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.documents.bundle import templates
from pipeline.errors import Misuse, Refused

DECLARATION = "dokument.toml"
Form = Literal["pdf", "text", "word", "csv"]
Words = Annotated[str, StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Recipient = Literal[
    "brukare", "handlaggare", "planerare", "journal", "ekonomi", "avvikelse", "arkiv", "utforare", "alla"
]
Cause = Annotated[
    str,
    StringConstraints(
        pattern=r"^(uppdrag_mottaget|plan_mottagen|ej_underskriven|underskrift_vantar|forseglad|begaran|handelse:[a-z_]+|frist:[a-z_]+)$"
    ),
]
"""What brings a document about: an order or a version was accepted; the brukare's slot ended without a signature; a
version still waits for signatures, or has ended because it waited too long; a version was sealed; an event was
recorded; a deadline is near or late; somebody asked for it."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(_Strict):
    """One kind of document, as its `dokument.toml` declares it."""

    slag: Name
    titel: Words
    vid: Annotated[tuple[Cause, ...], Field(min_length=1)]
    till: Recipient
    fran: Literal["utforare", "handlaggare", "kommun"] = "utforare"
    form: Annotated[tuple[Form, ...], Field(min_length=1)]
    person: Literal["ingen", "namn", "nummer"] = "namn"
    """How much of the person stands in the head: nothing, the name, or the name and the number."""
    huvud: tuple[Literal["till", "fran", "datum", "gjord_av"], ...] = ("till", "fran", "datum", "gjord_av")
    """What else stands in the head; a note that is pasted has nothing."""
    for_varje: Name | None = None
    """Of what there is one paper each (`pipeline.documents.conditions.EACH`), such as the languages of a summary."""
    gors: Name | None = None
    """A named way of making the PDF (`pipeline.documents.makers`) where it is more than blocks."""
    villkor: Name | None = None
    """A named condition (`pipeline.documents.conditions`) without which nothing is made."""
    oppning: tuple[Words, ...] = ()
    avsnitt: tuple[Name, ...] = ()
    plats: Words | None = None
    """What stands above an empty place for a name or a mark by hand; left out, there is none."""
    plats_villkor: Name | None = None
    """A named condition without which the place is left out."""
    kolumner: tuple[Name, ...] = ()
    """The columns of the form ``csv``, by name (`pipeline.documents.columns`)."""
    dagar_fore: int = Field(default=0, ge=0)
    """How many days before a deadline's last day the document comes; it comes again when that day has passed."""
    verifieras: bool = False
    """Whether the version's sealed file is verified for it."""
    stamplas: bool = False
    """Whether the municipality puts its electronic seal on the PDF, in a place of its own at the end."""
    bilagor: bool = False
    """Whether the plan's sealed files and receipts are embedded."""


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its slag, the name of its folder; raises Misuse("dokument_slag") for a broken declaration."""
    found = {}
    for path in sorted(templates().glob(f"*/{DECLARATION}")):
        slag = path.parent.name
        try:
            found[slag] = Kind.model_validate({"slag": slag} | tomllib.loads(path.read_text("utf-8")))
        except (ValidationError, tomllib.TOMLDecodeError) as error:
            raise Misuse("dokument_slag", slag=slag, fel=_first(error)) from error
    return found


def kind(slag: str) -> Kind:
    """One kind; raises Refused("okant_slag") for one that does not exist."""
    if slag not in kinds():
        raise Refused("okant_slag", slag=", ".join(kinds()))
    return kinds()[slag]


def _first(error: ValidationError | tomllib.TOMLDecodeError) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
