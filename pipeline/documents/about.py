"""Whose plan it is and what it rests on: the header block, the decision, the time, the plan's own dates."""

from pipeline.documents.lines import code, day, each, fact, kept, listed_plain, several
from pipeline.documents.people import role_name
from pipeline.documents.view import Fact, Item, Section
from pipeline.documents.words import Words, sentence
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Beslut, BeviljadTid, Brukare, PersonId


def head(w: Words, plan: Genomforandeplan) -> tuple[Fact, ...]:
    """The block on page 1, the only place of the personal number."""
    b = plan.brukare
    name = full_name(b)
    called = b.tilltalsnamn if b.tilltalsnamn not in name.split() else None
    home = f"{b.adress.gata}, {b.adress.postnr} {b.adress.ort}" if b.adress else None
    return kept(
        fact(w, "namn", name),
        fact(w, "tilltalsnamn", called if name != b.tilltalsnamn else None),
        fact(w, b.person_id.typ, written_id(b.person_id)),
        fact(w, "adress", home),
        fact(w, "telefon", b.telefon),
    )


def full_name(person: Brukare) -> str:
    """First and last name, or what the person is called where the file gives no more."""
    return " ".join(part for part in (person.fornamn, person.efternamn) if part) or person.tilltalsnamn


def shown_name(person: Brukare) -> str:
    """The name in a document around the plan: of a protected person no more than what they are called."""
    return full_name(person) if person.skydd == "ingen" else person.tilltalsnamn


def written_id(person_id: PersonId) -> str:
    """An identity number as written on paper: ``19420119-9124``; an internal or reserve number as it stands."""
    digits = "".join(c for c in person_id.varde if c.isdigit())
    if person_id.typ in ("personnummer", "samordningsnummer") and len(digits) == 12:
        return f"{digits[:8]}-{digits[8:]}"
    return person_id.varde


def beslut(w: Words, plan: Genomforandeplan) -> Section:
    """The decision and the order behind the plan."""
    u = plan.uppdrag
    items = tuple(Item(b.rubrik, kept(fact(w, "behov", b.behov))) for b in u.beviljade_insatser)
    facts = kept(
        fact(w, "beslut_id", u.beslut_id),
        day(w, "beslut_datum", u.beslut_datum),
        fact(w, "galler", validity(w, u)),
        fact(w, "bestallning_id", u.bestallning_id),
        day(w, "verkstalld", u.verkstalld),
        each(w, "beslutsmal", u.beslutsmal),
        fact(w, "beviljad_tid", granted(w, u.beviljad_tid)),
    )
    lines = tuple(i.heading for i in items if not i.facts)
    listed = Fact(w("etikett.beviljade_insatser"), lines) if lines else None
    return Section("beslut", w("rubrik.beslut"), facts=kept(*facts, listed), items=tuple(i for i in items if i.facts))


def validity(w: Words, decision: Beslut) -> str | None:
    """The days a decision holds."""
    start, end = decision.galler_from, decision.galler_tom
    if start and end:
        return sentence(w("mening.galler_from_tom", fran=w.day(start), till=w.day(end)))
    if start:
        return sentence(w("mening.galler_from", fran=w.day(start)))
    return sentence(w("mening.galler_tom", till=w.day(end))) if end else None


def granted(w: Words, time: BeviljadTid | None) -> str | None:
    """The granted time, in the unit of the decision."""
    if time is None:
        return None
    kind = sentence(w(f"kod.beviljad_tid.{time.typ}"))
    amounts = [
        w("mening.per_vecka", minuter=w.minutes(time.minuter_per_vecka)) if time.minuter_per_vecka is not None else "",
        w("mening.per_manad", minuter=w.minutes(time.minuter_per_manad)) if time.minuter_per_manad is not None else "",
    ]
    return ", ".join([kind, *(a for a in amounts if a)])


def om(w: Words, plan: Genomforandeplan, version: int | None, routine: str) -> Section:
    """The plan's own dates, its sender and its version."""
    h, u, k = plan.handelser, plan.utforare, plan.kommun
    met, called = h.genomgangen_med_brukare, plan.brukare.tilltalsnamn
    period = plan.schemaperiod
    author = h.upprattad_av or "kontaktman"
    facts = kept(
        fact(w, "plan_id", plan.plan_id),
        fact(w, "version", str(version) if version else w("utkast.version")),
        fact(w, "andringsorsak", plan.andringsorsak),
        day(w, "insats_paborjad", h.insats_paborjad),
        day(w, "upprattad", h.upprattad),
        fact(w, "upprattad_av", sentence(_author(w, plan, author)) if h.upprattad or h.upprattad_av else None),
        fact(w, "genomgangen", w("mening.genomgangen", datum=w.day(met), namn=called) if met else None),
        code(w, "verksamhetsomrade", "verksamhetsomrade", plan.verksamhetsomrade),
        several(w, "lagrum", plan.lagrum),
        fact(w, "utforare", listed_plain(u.namn, u.enhet, w(f"kod.regi.{u.regi}"))),
        fact(w, "kommun", listed_plain(k.namn, k.forvaltning, k.namnd)),
        fact(w, "schemaperiod", w("mening.schemaperiod", veckor=period.veckor) if period else None),
        fact(w, "rutin", routine),
    )
    return Section("om", w("rubrik.om"), facts=facts)


def _author(w: Words, plan: Genomforandeplan, author: str) -> str:
    return role_name(w, author, getattr(plan.roller, author, None))
