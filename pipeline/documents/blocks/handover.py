"""What the receipt of a hand-over says: which copy of which file, to whom, by whom, how it was kept safe."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import cast

from pipeline.documents.about import shown_name
from pipeline.documents.facts import Facts
from pipeline.documents.lines import code, day, fact, kept, listed_plain
from pipeline.documents.view import Section
from pipeline.documents.words import Words, grouped, sentence
from pipeline.plan.model_handelse import Overlamnad


def overlamnandet(w: Words, f: Facts) -> Section:
    """The hand-over itself (S1.6, S1.8); a copy without a number of its own gets the receipt's."""
    told, event = cast(Overlamnad, f.told), f.event
    met = _gone_through(f)
    word = w(f"kod.roll.{told.mottagare}")
    name = shown_name(f.plan.brukare) if told.mottagare == "brukare" else None
    planned = f.plan.overlamning
    facts = kept(
        fact(w, "galler_person", None if name else shown_name(f.plan.brukare)),
        fact(w, "exemplar", str(told.exemplar or f.number)),
        day(w, "overlamnad", event.datum if event else f.day),
        fact(w, "mottagare", listed_plain(name, word) if name else sentence(word)),
        fact(w, "overlamnad_av", f.by),
        code(w, "overlamning_satt", "overlamning", told.satt),
        fact(w, "genomgangen", w("kvitto.genomgangen", datum=w.day(met)) if met else w("kvitto.ej_genomgangen")),
        fact(w, "transportskydd", told.transportskydd or (planned.transportskydd if planned else None)),
    )
    return Section("overlamnandet", "", facts=facts)


def _gone_through(f: Facts) -> date | None:
    """The day the plan was gone through with the person: by an event of this version, else as the plan says (S1.6)."""
    days = [e.datum for e in f.history.events if e.slag == "genomgangen" and e.version in (None, f.version)]
    return max(days, default=f.plan.handelser.genomgangen_med_brukare)


def fil(w: Words, f: Facts) -> Section:
    """The check sum of the file that was given."""
    lines = (w("kvitto.fil_ingress"), grouped(f.sha256)) if f.sha256 else ()
    return Section("fil", w("kvitto.fil"), lines=lines)


def kvittens(w: Words, f: Facts) -> Section:
    """How the receiver acknowledged it; left open, the sentence stands above the place for a name or a mark."""
    said = {True: "signed", False: "declined", None: "oppet"}[cast(Overlamnad, f.told).kvitterad]
    return Section("kvittens", w("kvitto.kvittens"), lines=(w(f"kvitto.{said}"),))


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "overlamnandet": overlamnandet,
    "fil": fil,
    "kvittens": kvittens,
}
