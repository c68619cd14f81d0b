"""The time summary: what is planned against what has been granted, in minutes a week.

Printed where any insats has its time; the difference where the profile compares the two (content rule `tid`). The sums
are `pipeline.plan.time_sum`'s, the same as the findings': a month is 52/12 weeks, both figures are shown, and sums
within the profile's tolerance count as equal.
"""

from pipeline.documents.lines import fact, kept
from pipeline.documents.view import Fact, Section
from pipeline.documents.words import Words
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile_content import TidKrav
from pipeline.plan.time_sum import Granted, TimeSum


def tid(w: Words, plan: Genomforandeplan, rule: TidKrav | None, sums: TimeSum) -> Section:
    """Planned and granted time, and their difference where the profile compares; empty when no insats has its time."""
    heading = w("rubrik.tid")
    timed = [(i, minutes) for i, minutes in zip(plan.insatser, sums.per_insats, strict=True) if minutes is not None]
    if not timed:
        return Section("tid", heading)
    facts = kept(
        *(_row(w, insats.rubrik, minutes) for insats, minutes in timed),
        _row(w, w("etikett.planerad_tid"), sums.planned),
        *against(w, plan, rule, sums),
        fact(w, "schemaperiod", _period(w, plan)),
    )
    monthly = sums.granted is not None and sums.granted.per_month is not None
    return Section("tid", heading, (w("mening.tid_omraknad"),) if monthly else (), facts)


def against(w: Words, plan: Genomforandeplan, rule: TidKrav | None, sums: TimeSum) -> tuple[Fact, ...]:
    """Granted time, and how the planned time differs from it where the profile compares the two."""
    if sums.granted is None:
        return ()
    granted = Fact(w("etikett.beviljad_tid"), (_granted(w, sums.granted),))
    if rule is None or (rule.omraden and plan.verksamhetsomrade not in rule.omraden):
        return (granted,)
    difference = _difference(w, sums.planned - sums.granted.per_week, rule.tolerans_minuter)
    return granted, Fact(w("etikett.skillnad"), (difference,))


def _row(w: Words, label: str, minutes: int) -> Fact:
    return Fact(label, (w("mening.per_vecka", minuter=w.minutes(minutes)),))


def _granted(w: Words, granted: Granted) -> str:
    week = w.minutes(granted.per_week)
    if granted.per_month is None:
        return w("mening.per_vecka", minuter=week)
    return w("mening.beviljad_manad", manad=w.minutes(granted.per_month), vecka=week)


def _difference(w: Words, minutes: int, tolerance: int) -> str:
    if abs(minutes) <= tolerance:
        return w("mening.tid_lika")
    return w("mening.tid_mer" if minutes > 0 else "mening.tid_mindre", minuter=w.minutes(abs(minutes)))


def _period(w: Words, plan: Genomforandeplan) -> str | None:
    return w("mening.period", veckor=plan.schemaperiod.veckor) if plan.schemaperiod else None
