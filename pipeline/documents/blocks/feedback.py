"""What the handläggare gets back of a plan: which version, how the decision is met, what remains (S0.5, S0.6, S4.2)."""

import re
from collections.abc import Callable, Iterable, Mapping

from pipeline.documents import sections
from pipeline.documents.facts import Facts
from pipeline.documents.insatser import days
from pipeline.documents.lines import day, fact, kept, listed_plain, paragraphs
from pipeline.documents.people import role_name
from pipeline.documents.view import Fact, Item, Lines, Section
from pipeline.documents.words import Words, grouped, listed, sentence
from pipeline.plan.findings import Level
from pipeline.plan.model_plan import Insats
from pipeline.plan.slots import drawn_up_by_role


def planens_version(w: Words, f: Facts) -> Section:
    """Which version it is about: its days, why it was changed, and the check sum of its content."""
    who, h = drawn_up_by_role(f.plan), f.plan.handelser
    author = role_name(w, h.upprattad_av or "kontaktman", who)
    before = w("dokument.version", version=f.earlier_version) if f.earlier_version else None
    facts = kept(
        fact(w, "plan_id", f.plan.plan_id),
        fact(w, "version", str(f.version)),
        day(w, "upprattad", h.upprattad),
        fact(w, "upprattad_av", sentence(listed_plain(who.namn if who else None, author))),
        fact(w, "jamford_med", before),
        fact(w, "andringsorsak", f.plan.andringsorsak),
        fact(w, "kontrollsumma", grouped(f.content_sha256) if f.content_sha256 else None),
    )
    return Section("planens_version", w("rubrik.planens_version"), facts=facts)


def beviljat(w: Words, f: Facts) -> Section:
    """Each granted insats with what in the plan takes it up, and when (S0.5); then what answers no granted insats."""
    granted = f.plan.uppdrag.beviljade_insatser
    heading = w("rubrik.beviljat")
    if not granted:
        return Section("beviljat", heading, facts=_taken(w, f, f.plan.insatser))
    known = {b.id for b in granted}
    items = [_granted(w, f, b.rubrik, (i for i in f.plan.insatser if i.beviljad_ref == b.id)) for b in granted]
    rest = _taken(w, f, (i for i in f.plan.insatser if i.beviljad_ref not in known))
    items += [Item(w("aterkoppling.ovriga"), rest)] if rest else []
    return Section("beviljat", heading, items=tuple(items))


def _granted(w: Words, f: Facts, heading: str, insatser: Iterable[Insats]) -> Item:
    taken = _taken(w, f, insatser)
    return Item(heading, taken, () if taken else (w("aterkoppling.ej_upptagen"),))


def _taken(w: Words, f: Facts, insatser: Iterable[Insats]) -> tuple[Fact, ...]:
    return tuple(Fact(i.rubrik, _when(w, f, i)) for i in insatser)


def _when(w: Words, f: Facts, insats: Insats) -> Lines:
    """Days, how often and hours; the plan's own words where it has neither, but never a protected person's."""
    nar = insats.nar
    if nar is None:
        return (w("korthet.tid_saknas"),)
    said = sentence(listed_plain(*days(w, f.plan, nar), nar.klockslag))
    own = paragraphs(nar.text) if f.plan.brukare.skydd == "ingen" else ()
    return (said,) if said else own or (w("korthet.tid_saknas"),)


def onskemal(w: Words, f: Facts) -> Section:
    """How the person took part, what regard was taken, what was not possible; an objection in full (LSS 21 b §)."""
    d, objection = f.plan.delaktighet, f.plan.invandning
    facts = kept(
        fact(w, "status", w(f"kod.deltagande.{d.status}")),
        fact(w, "beskrivning", d.beskrivning),
        fact(w, "hansyn", d.hansyn),
        fact(w, "invandning_text", objection.text if objection else None),
        day(w, "noterad", objection.datum if objection else None),
    )
    return Section("onskemal", w("rubrik.onskemal"), facts=facts)


def aterstar(w: Words, f: Facts) -> Section:
    """What the routine asks for and the plan still lacks: its findings of level gap, each with where."""
    gaps = [finding for finding in f.findings if finding.level is Level.GAP]
    places: dict[str, dict[str, None]] = {}
    for gap in gaps:
        phrase = w.entries.get(f"aterstar.{gap.code}", gap.text.rstrip("."))
        places.setdefault(phrase, {}).update(dict.fromkeys(_place(f, gap.field or "")))
    lines = tuple(f"{phrase}: {listed(tuple(named))}." if named else f"{phrase}." for phrase, named in places.items())
    return Section("aterstar", w("rubrik.aterstar"), lines=lines)


_PLACES = re.compile(r"(insatser|mal|uppdrag\.beviljade_insatser)\[(\d+)\]")


def _place(f: Facts, field: str) -> list[str]:
    """The insats or goal that a finding's path names, as the plan calls it; empty for any other field."""
    found = _PLACES.match(field)
    if found is None:
        return []
    names = {
        "insatser": [i.rubrik for i in f.plan.insatser],
        "mal": [m.text.rstrip(".") for m in f.plan.mal],
        "uppdrag.beviljade_insatser": [b.rubrik for b in f.plan.uppdrag.beviljade_insatser],
    }[found[1]]
    return names[int(found[2]) : int(found[2]) + 1]


def uppfoljning(w: Words, f: Facts) -> Section:
    """When and how the plan is followed up next."""
    return sections.uppfoljning(w, f.plan)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "planens_version": planens_version,
    "beviljat": beviljat,
    "onskemal": onskemal,
    "aterstar": aterstar,
    "uppfoljning": uppfoljning,
}
