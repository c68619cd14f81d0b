"""What is late and why: reminders, the reason for a delay, the report of a deviation (S4.4)."""

from collections.abc import Callable, Mapping
from typing import cast

from pipeline.documents.facts import Facts
from pipeline.documents.lines import day, fact, kept
from pipeline.documents.view import Section
from pipeline.documents.words import Words, sentence
from pipeline.plan.deadlines import Status
from pipeline.plan.model_handelse import Avvikelse, Drojsmal, KontrollUpprattad


def fristen(w: Words, f: Facts) -> Section:
    """The deadline that the reminder is about: what shall be done, from when it counts, when it is due."""
    due = f.deadline
    if due is None:
        return Section("fristen", "")
    state = "mening.frist_forsenad" if due.status is Status.LATE else "mening.frist_nara"
    facts = kept(
        fact(w, "frist", w(f"kod.frist.{due.code}")),
        day(w, "raknas_fran", due.from_),
        day(w, "forfaller", due.due),
        fact(w, "frist_anm", sentence(due.note)),
    )
    return Section("fristen", w("rubrik.fristen"), (w(state, dag=w.day(due.due)),) if due.due else (), facts)


def drojsmal(w: Words, f: Facts) -> Section:
    """Why the plan is delayed and when it comes (S4.4)."""
    told = cast(Drojsmal, f.told)
    facts = kept(fact(w, "orsak", told.orsak), day(w, "nytt_datum", told.nytt_datum))
    return Section("drojsmal", w("rubrik.drojsmal"), facts=facts)


def avvikelse(w: Words, f: Facts) -> Section:
    """The deviation: when the plan should have been there, what contact was made, and the cause (S4.4)."""
    told = f.told
    should = next((d.due for d in f.deadlines if d.code == "kontroll_upprattad"), None)
    cause = told.orsak if isinstance(told, Avvikelse) else w("mening.plan_saknas")
    contact = cast("Avvikelse | KontrollUpprattad", told).kontakt
    facts = kept(
        fact(w, "handelse", cause),
        day(w, "skulle_finnas", should),
        day(w, "upptackt", f.event.datum if f.event else None),
        fact(w, "tagen_kontakt", contact or w("mening.ingen_kontakt")),
    )
    return Section("avvikelse", w("rubrik.avvikelse"), facts=facts)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "fristen": fristen,
    "drojsmal": drojsmal,
    "avvikelse": avvikelse,
}
