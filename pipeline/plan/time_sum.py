"""Minutes a week: what a decision grants and what a plan's insatser add up to.

A month is 52/12 weeks; a decision per month is turned into minutes a week by that factor, rounded half up. The sum is
taken over the schedule period and divided by its weeks (S4.1).
"""

from dataclasses import dataclass
from fractions import Fraction

from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Beslut
from pipeline.plan.model_plan import Insats, Nar

WEEKS_PER_MONTH = Fraction(52, 12)


@dataclass(frozen=True, slots=True)
class Granted:
    """Granted minutes a week, and the decision's own figure where it is per month."""

    per_week: int
    per_month: int | None


@dataclass(frozen=True, slots=True)
class TimeSum:
    """What is granted (None: the decision sets no time) and what is planned, in whole minutes a week."""

    granted: Granted | None
    planned: int
    per_insats: tuple[int | None, ...]
    """In the insatser's order; None for an insats without time. Rounded one by one: the sum is `planned`'s to say."""


def granted(decision: Beslut) -> Granted | None:
    """The minutes a week that `decision` grants; a figure per week goes before one per month."""
    time = decision.beviljad_tid
    if time is None or time.typ == "ej_tidsatt":
        return None
    if time.minuter_per_vecka is not None:
        return Granted(time.minuter_per_vecka, None)
    if time.minuter_per_manad is not None:
        return Granted(_half_up(time.minuter_per_manad / WEEKS_PER_MONTH), time.minuter_per_manad)
    return None


def time_sum(plan: Genomforandeplan) -> TimeSum:
    """The plan's time, summed exactly and rounded once, half up."""
    weeks = plan.schemaperiod.veckor if plan.schemaperiod is not None else None
    minutes = [_per_week(insats, weeks) for insats in plan.insatser]
    return TimeSum(
        granted=granted(plan.uppdrag),
        planned=_half_up(sum((m for m in minutes if m is not None), Fraction(0))),
        per_insats=tuple(None if m is None else _half_up(m) for m in minutes),
    )


def _per_week(insats: Insats, period: int | None) -> Fraction | None:
    """The minutes of one insats in an average week of the schedule period.

    An insats that is not given every week may state the minutes of a week when it is given, or the average already.
    The number of occasions it states tells which; where it states none, they are those of its plain frequency.
    """
    time = insats.tid
    if time is None:
        return None
    minutes = Fraction(time.minuter_per_vecka)
    average, readings = _occasions(insats.nar, period)
    if time.tillfallen_per_vecka:
        stated = Fraction(time.tillfallen_per_vecka)
    elif time.minuter_per_tillfalle:
        stated = minutes / time.minuter_per_tillfalle
    else:
        stated = readings[0]
    return minutes * average / min(readings, key=lambda occasions: abs(occasions - stated))


def _occasions(when: Nar | None, period: int | None) -> tuple[Fraction, tuple[Fraction, ...]]:
    """How often an insats is given in an average week, and how often a sender may say: plain frequency first.

    The plain frequency leaves out what a week alone cannot say: `frekvens.varje` and `nar.veckor`.
    """
    plain, longer = _plain(when)
    if when is None:
        return plain, (plain,)
    weeks = {week for week in when.veckor if period is not None and week <= period}
    if weeks and period is not None:
        share = Fraction(len(weeks), period)
        return (plain, (plain, plain / share)) if longer else (plain * share, (plain, plain * share))
    every = when.frekvens.varje if when.frekvens is not None else None
    if when.frekvens is None or every is None or every == 1:
        return plain, (plain,)
    return plain / every, (plain, plain / every, max(plain, Fraction(when.frekvens.antal)))


def _plain(when: Nar | None) -> tuple[Fraction, bool]:
    """Occasions a week by weekdays and frequency alone, and whether the frequency's period is longer than a week."""
    days = len(when.veckodagar) if when is not None else 0
    if when is None or when.frekvens is None:
        return Fraction(days or 1), False
    count = Fraction(when.frekvens.antal)
    in_a_week = {
        "dag": count * (days or 7),
        "vecka": count,
        "2_veckor": count / 2,
        "manad": count / WEEKS_PER_MONTH,
        "ar": count / 52,
    }
    return in_a_week[when.frekvens.per], when.frekvens.per not in ("dag", "vecka")


def _half_up(minutes: Fraction) -> int:
    return int(minutes + Fraction(1, 2))
