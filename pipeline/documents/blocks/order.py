"""What an order says: the decision, the granted insatser and time, who provides."""

from collections.abc import Callable, Mapping

from pipeline.documents import about
from pipeline.documents.facts import Facts
from pipeline.documents.lines import day, each, fact, kept, listed_plain
from pipeline.documents.people import role_name
from pipeline.documents.view import Fact, Section
from pipeline.documents.words import Words, sentence


def bestallning(w: Words, f: Facts) -> Section:
    """The order as it was received (S0.3): order, decision, time, who confirms and when."""
    u = f.subject.uppdrag
    provider = f.subject.utforare
    received = getattr(f.subject.handelser, "bestallning_mottagen", None)
    facts = kept(
        fact(w, "bestallning_id", u.bestallning_id),
        fact(w, "beslut_id", u.beslut_id),
        day(w, "beslut_datum", u.beslut_datum),
        fact(w, "galler", about.validity(w, u)),
        fact(w, "beviljad_tid", about.granted(w, u.beviljad_tid)),
        _insatser(w, f),
        each(w, "beslutsmal", u.beslutsmal),
        day(w, "mottagen", received or f.day),
        fact(w, "utforare", listed_plain(provider.namn, provider.enhet)),
    )
    return Section("bestallning", w("rubrik.bestallning"), facts=facts)


def _insatser(w: Words, f: Facts) -> Fact | None:
    return each(w, "beviljade_insatser", [b.rubrik for b in f.subject.uppdrag.beviljade_insatser])


def kontakt(w: Words, f: Facts) -> Section:
    """Whom at the provider the reader can ask; no number for a protected person."""
    roles = f.subject.roller
    staff = [(role, getattr(roles, role)) for role in ("kontaktman", "enhetschef")] if roles else []
    lines = [
        Fact(sentence(role_name(w, role, who)), (listed_plain(who.namn, who.telefon),))
        for role, who in staff
        if who is not None and who.namn
    ]
    phone = fact(w, "telefon", f.subject.utforare.telefon)
    return Section("kontakt", w("rubrik.kontakt"), facts=kept(*lines, phone))


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {"bestallning": bestallning, "kontakt": kontakt}
