"""The signatures page in words: each role's intent sentence, and how a slot ended that nobody signed."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pipeline.documents.lines import fact, kept
from pipeline.documents.view import Fact, Slot
from pipeline.documents.words import Words, grouped, sentence
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.slots import EndedSlot, SlotDemand

_SIGN_IN_FIELD = ("signed", "represented")


def slots(
    w: Words, plan: Genomforandeplan, demands: tuple[SlotDemand, ...], ended: tuple[EndedSlot, ...]
) -> tuple[Slot, ...]:
    """One place for each slot, in signing order."""
    endings: Mapping[str, EndedSlot] = {e.role: e for e in ended}
    return tuple(_slot(w, plan, demand, endings.get(demand.role)) for demand in demands)


def _slot(w: Words, plan: Genomforandeplan, demand: SlotDemand, ending: EndedSlot | None) -> Slot:
    who = demand.name or ""
    signs = ending is None or ending.outcome in _SIGN_IN_FIELD
    return Slot(
        role=demand.role,
        heading=sentence(f"{demand.word}: {who}" if who else demand.word),
        intent=_intent(w, plan, demand, ending),
        prompt=w("mening.falt", namn=who) if who else w("mening.falt_roll", roll=demand.word),
        ended=() if signs or ending is None else unsigned(w, plan, ending),
        basis=kept(fact(w, "underlag", ending.basis)) if signs and ending else (),
        is_open=signs,
    )


def _intent(w: Words, plan: Genomforandeplan, demand: SlotDemand, ending: EndedSlot | None) -> tuple[str, ...]:
    """The sentences that whoever signs stands for; a representative's beside it where one may sign."""
    own = w("mening.avsikt", mening=demand.sentence)
    other = demand.represented_sentence
    if other and ending and ending.outcome == "represented":
        return (w("mening.avsikt", mening=other),)
    may_sign = demand.role == "brukare" and any(f.far_underteckna for f in plan.foretradare)
    return (own, w("mening.avsikt_foretradare", mening=other)) if other and may_sign else (own,)


def unsigned(w: Words, plan: Genomforandeplan, ending: EndedSlot) -> tuple[Fact, ...]:
    """How a slot ended that nobody signed: why, in code and words, who recorded it, how often it was offered (S1.5)."""
    reason = w(f"kod.anledning.{ending.reason}") if ending.reason else None
    said = "\n".join(part for part in (reason, ending.text) if part)
    when = w.day(swedish_day(ending.at)) if ending.at else ""
    recorded = ", ".join(part for part in (ending.by, when) if part)
    return kept(
        fact(w, "underskrift", w(f"kod.utfall.{ending.outcome}")),
        fact(w, "anledning", said),
        fact(w, "underlag", ending.basis),
        fact(w, "intygad" if ending.scan_sha256 else "registrerad", recorded),
        fact(w, "erbjuden", _offered(w, plan, ending.role)),
        fact(w, "skannad", grouped(ending.scan_sha256) if ending.scan_sha256 else None),
    )


def swedish_day(at: date | datetime) -> date:
    """The legal day: an instant is read in Swedish time."""
    return at.astimezone(ZoneInfo("Europe/Stockholm")).date() if isinstance(at, datetime) else at


def _offered(w: Words, plan: Genomforandeplan, role: str) -> str | None:
    for signature in plan.underskrifter:
        reason = signature.anledning_saknas
        if signature.roll == role and reason and reason.erbjuden_antal_ganger is not None:
            times = reason.erbjuden_antal_ganger
            return w("mening.erbjuden_en") if times == 1 else w("mening.erbjuden", antal=times)
    return None
