"""The time summary: what is planned against what has been granted, in minutes a week.

Printed where the profile compares the two (content rule `tid`). A month is 52/12 weeks, rounded half up, and both
figures are shown; sums within the profile's tolerance count as equal.
"""

from pipeline.documents.about import weekly
from pipeline.documents.lines import fact, kept
from pipeline.documents.view import Fact, Section
from pipeline.documents.words import Words
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile_content import TidKrav


def tid(w: Words, plan: Genomforandeplan, rule: TidKrav | None) -> Section:
    """Planned and granted time and their difference; empty where the profile does not compare."""
    heading = w("rubrik.tid")
    granted = weekly(plan.uppdrag.beviljad_tid)
    applies = rule is not None and (not rule.omraden or plan.verksamhetsomrade in rule.omraden)
    if rule is None or not applies or granted is None:
        return Section("tid", heading)
    planned = sum(i.tid.minuter_per_vecka for i in plan.insatser if i.tid)
    facts = kept(
        *(_row(w, i.rubrik, i.tid.minuter_per_vecka) for i in plan.insatser if i.tid),
        Fact(w("etikett.planerad_tid"), (w("mening.per_vecka", minuter=w.minutes(planned)),)),
        Fact(w("etikett.beviljad_tid"), (_granted(w, plan, granted),)),
        Fact(w("etikett.skillnad"), (_difference(w, planned - granted, rule.tolerans_minuter),)),
        fact(w, "schemaperiod", _period(w, plan)),
    )
    month = plan.uppdrag.beviljad_tid is not None and plan.uppdrag.beviljad_tid.minuter_per_manad is not None
    return Section("tid", heading, (w("mening.tid_omraknad"),) if month else (), facts)


def _row(w: Words, rubrik: str, minutes: int) -> Fact:
    return Fact(rubrik, (w("mening.per_vecka", minuter=w.minutes(minutes)),))


def _granted(w: Words, plan: Genomforandeplan, granted: int) -> str:
    month = plan.uppdrag.beviljad_tid.minuter_per_manad if plan.uppdrag.beviljad_tid else None
    week = w.minutes(granted)
    if month is None:
        return w("mening.per_vecka", minuter=week)
    return w("mening.beviljad_manad", manad=w.minutes(month), vecka=week)


def _difference(w: Words, minutes: int, tolerance: int) -> str:
    if abs(minutes) <= tolerance:
        return w("mening.tid_lika")
    return w("mening.tid_mer" if minutes > 0 else "mening.tid_mindre", minuter=w.minutes(abs(minutes)))


def _period(w: Words, plan: Genomforandeplan) -> str | None:
    return w("mening.period", veckor=plan.schemaperiod.veckor) if plan.schemaperiod else None
