"""The sections around the insatser, each a function of the reduced plan; a section without content is left out."""

from pipeline.documents.lines import code, day, each, fact, kept, listed_plain, paragraphs, several, yes_no
from pipeline.documents.view import Fact, Item, Section
from pipeline.documents.words import Words, sentence
from pipeline.plan.model import Genomforandeplan


def viktigt_for_mig(w: Words, plan: Genomforandeplan) -> Section:
    """The person's own words."""
    return Section("viktigt_for_mig", w("rubrik.viktigt_for_mig"), paragraphs(plan.viktigt_for_mig))


def viktig_information(w: Words, plan: Genomforandeplan) -> Section:
    """What whoever comes must know, by kind."""
    facts = tuple(Fact(w(f"kod.viktig_information.{v.typ}"), paragraphs(v.text)) for v in plan.viktig_information)
    return Section("viktig_information", w("rubrik.viktig_information"), facts=facts)


def mal(w: Words, plan: Genomforandeplan) -> Section:
    """Every goal: where things stand, how it is measured, by when, and through which insatser."""
    texts = {m.mal_id: m.text for m in plan.mal}
    items = tuple(
        Item(
            m.text,
            kept(
                code(w, "niva", "niva", m.niva),
                fact(w, "overordnat", texts.get(m.overordnat or "")),
                fact(w, "nulage", m.nulage),
                fact(w, "matt", m.matt),
                day(w, "klart_senast", m.klart_senast),
                code(w, "inriktning", "inriktning", m.inriktning),
                several(w, "insatser", (i.rubrik for i in plan.insatser if m.mal_id in i.mal_ref)),
            ),
        )
        for m in plan.mal
    )
    return Section("mal", w("rubrik.mal"), items=items)


def risker(w: Words, plan: Genomforandeplan) -> Section:
    """Each risk with what is done about it."""
    items = tuple(
        Item(
            sentence(r.omrade.replace("_", " ")),
            kept(
                fact(w, "risk", r.beskrivning),
                fact(w, "atgard", r.atgard),
                fact(w, "ansvarig", role_word(w, r.ansvarig)),
                day(w, "bedomd", r.bedomd),
            ),
        )
        for r in plan.risker
    )
    return Section("risker", w("rubrik.risker"), items=items)


def oppnar_inte_dorren(w: Words, plan: Genomforandeplan) -> Section:
    """What is done when nobody opens."""
    return Section("oppnar_inte_dorren", w("rubrik.oppnar_inte_dorren"), paragraphs(plan.oppnar_inte_dorren))


def delaktighet(w: Words, plan: Genomforandeplan) -> Section:
    """How the person took part, and what regard was taken (S1.13, S2.6, S3.2)."""
    d = plan.delaktighet
    facts = kept(
        code(w, "status", "delaktighet", d.status),
        several(w, "metod", (m.replace("_", " ") for m in d.metod)),
        fact(w, "beskrivning", d.beskrivning),
        fact(w, "hansyn", d.hansyn),
    )
    return Section("delaktighet", w("rubrik.delaktighet"), facts=facts)


def deltagare(w: Words, plan: Genomforandeplan) -> Section:
    """Who took part, in which role and how."""
    facts = tuple(
        Fact(d.namn, (sentence(listed_plain(w(f"kod.roll.{d.roll}"), w(f"kod.satt.{d.satt}") if d.satt else None)),))
        for d in plan.deltagare
    )
    return Section("deltagare", w("rubrik.deltagare"), facts=facts)


def invandning(w: Words, plan: Genomforandeplan) -> Section:
    """An objection, in full (LSS 21 b §)."""
    found = plan.invandning
    if found is None:
        return Section("invandning", w("rubrik.invandning"))
    noted = w.day(found.datum)
    by = w("mening.noterad", datum=noted, namn=found.noterad_av) if found.noterad_av else noted
    facts = kept(fact(w, "invandning_text", found.text), fact(w, "noterad", by))
    return Section("invandning", w("rubrik.invandning"), facts=facts)


def samverkan(w: Words, plan: Genomforandeplan) -> Section:
    """Whom the provider works with, and how."""
    facts = tuple(
        Fact(w(f"kod.part.{s.part}"), paragraphs(s.vem) + paragraphs(s.hur)) for s in plan.samverkan if s.vem or s.hur
    )
    bare = tuple(w(f"kod.part.{s.part}") for s in plan.samverkan if not (s.vem or s.hur))
    return Section("samverkan", w("rubrik.samverkan"), lines=bare, facts=facts)


def sprak(w: Words, plan: Genomforandeplan) -> Section:
    """The person's languages and how to talk with them."""
    s = plan.brukare.sprak
    bildstod = plan.anpassning.bildstod if plan.anpassning else None
    facts = kept(
        fact(w, "modersmal", sentence(s.modersmal) if s else None),
        fact(w, "onskat", sentence(s.onskat) if s and s.onskat else None),
        fact(w, "minoritetssprak", sentence(s.minoritetssprak) if s and s.minoritetssprak else None),
        yes_no(w, "tolk", s.tolk if s else None),
        each(w, "kommunikation", plan.brukare.kommunikation),
        yes_no(w, "bildstod", bildstod),
    )
    return Section("sprak", w("rubrik.sprak"), facts=facts)


def uppfoljning(w: Words, plan: Genomforandeplan) -> Section:
    """When and how the plan is followed up."""
    u = plan.uppfoljning
    facts = kept(
        day(w, "nasta", u.nasta),
        fact(w, "uppfoljning_hur", u.hur),
        fact(w, "intervall", _interval(w, u.intervall_manader)),
        fact(w, "manadsgenomgang", w("mening.manadsgenomgang") if u.manadsgenomgang else None),
    )
    return Section("uppfoljning", w("rubrik.uppfoljning"), facts=facts)


def _interval(w: Words, months: int | None) -> str | None:
    if months is None:
        return None
    return w("mening.varje_manad") if months == 1 else sentence(w.every("manad", months))


def overlamning(w: Words, plan: Genomforandeplan) -> Section:
    """How the signed plan reaches the person (S1.6, S1.8)."""
    o = plan.overlamning
    if o is None:
        return Section("overlamning", w("rubrik.overlamning"))
    facts = kept(
        code(w, "overlamning_satt", "overlamning", o.satt),
        code(w, "mottagare", "roll", o.mottagare),
        day(w, "overlamning_planerad", o.planerad),
        fact(w, "transportskydd", o.transportskydd),
    )
    return Section("overlamning", w("rubrik.overlamning"), facts=facts)


def role_word(w: Words, text: str | None) -> str | None:
    """A free text that happens to be a role's code, in the role's words; any other text as it stands."""
    return sentence(w.entries.get(f"kod.roll.{text}", text)) if text else None
