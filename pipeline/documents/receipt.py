"""The receipt of a hand-over (överlämningskvitto): a small PDF of its own, for the person and for the archive.

It says which file was given (by its SHA-256), to whom, by whom, on which day, how it was kept safe on the way and
whether the plan was gone through. The receiver writes a name or a mark of their own, or the receipt says that they took
the plan but did not want to sign for it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import rfc8785

from pipeline.documents import fonts, pages
from pipeline.documents.dress import Dress
from pipeline.documents.framing import frame
from pipeline.documents.lines import day, fact, kept, listed_plain
from pipeline.documents.reduced import fields
from pipeline.documents.rendering import Document, type_size
from pipeline.documents.view import Fact
from pipeline.documents.words import Words, grouped, sentence, swedish
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile import Profil

DATA_NAME = "overlamningskvitto.json"


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over that has taken place."""

    plan: Genomforandeplan
    profil: Profil
    dress: Dress
    version: int
    sha256: str
    """Of the file that was given, in hexadecimal."""
    copy: int
    day: date
    giver: str
    to: Literal["brukare", "foretradare"]
    receiver: str | None
    """The receiver's name; None prints the role alone."""
    receipt: Literal["signed", "declined"] | None
    """How the receiver acknowledged it; None leaves the place for a mark open."""
    test: bool = False


def render_receipt(handover: Handover) -> Document:
    """The receipt, in the plan's dress and type size; raises as `render_plan` does."""
    w = swedish().with_roles(handover.dress.worded(handover.profil).termer.model_dump())
    data = _data(handover)
    fonts.require_writable(fields(data))
    dress = handover.dress
    outer = frame(w, handover.plan, handover.version, name="kvitto", dress=dress, test=handover.test)
    sheet = pages.Sheet("kvitto", "kvitto.html.j2", "kvitto.css", outer, dress, type_size(handover.plan))
    embedded = pages.Embedded(DATA_NAME, rfc8785.dumps(data), handover.day)
    made = pages.make(
        sheet,
        embedded,
        facts_given=_facts(w, handover),
        digest=grouped(handover.sha256),
        acknowledged=w(f"kvitto.{handover.receipt or 'oppet'}"),
        mark=handover.receipt != "declined",
    )
    return Document(made.content, (), made.pages, outer.pdf_title, outer.lang)


def _facts(w: Words, handover: Handover) -> tuple[Fact, ...]:
    plan = handover.plan
    met = plan.handelser.genomgangen_med_brukare
    way = plan.overlamning.transportskydd if plan.overlamning else None
    gone_through = w("kvitto.genomgangen", datum=w.day(met)) if met else w("kvitto.ej_genomgangen")
    return kept(
        fact(w, "exemplar", str(handover.copy)),
        day(w, "overlamnad", handover.day),
        fact(w, "mottagare", listed_plain(handover.receiver, _role(w, handover))),
        fact(w, "overlamnad_av", handover.giver),
        fact(w, "genomgangen", gone_through),
        fact(w, "transportskydd", way),
    )


def _role(w: Words, handover: Handover) -> str:
    word = w(f"kod.roll.{handover.to}")
    return word if handover.receiver else sentence(word)


def _data(handover: Handover) -> dict[str, str | int]:
    plan = handover.plan
    found: dict[str, str | int | None] = {
        "plan_id": plan.plan_id,
        "version": handover.version,
        "sha256": handover.sha256,
        "exemplar": handover.copy,
        "overlamnad": handover.day.isoformat(),
        "overlamnad_av": handover.giver,
        "mottagare": handover.to,
        "mottagare_namn": handover.receiver,
        "kvittens": handover.receipt,
    }
    return {key: value for key, value in found.items() if value is not None}
