"""Rules of the content table about the plan's frame: dates, follow-up, collaboration, hand-over, granted time."""

from collections.abc import Iterator

from pipeline.plan.content import Case, Hit, Rule, blank
from pipeline.plan.time_sum import Granted, time_sum


def samverkan(case: Case) -> Iterator[Hit]:
    """How the provider works with others, where that is relevant (S3.2)."""
    if not case.plan.samverkan:
        yield Hit("samverkan", "samverkan")
    for i, other in enumerate(case.plan.samverkan):
        if blank(other.hur):
            yield Hit(f"samverkan[{i}].hur", "samverkan_hur")


def uppfoljning_datum(case: Case) -> Iterator[Hit]:
    """The day of the next follow-up."""
    if case.plan.uppfoljning.nasta is None:
        yield Hit("uppfoljning.nasta", "uppfoljning_datum")


def uppfoljning_hur(case: Case) -> Iterator[Hit]:
    """How the plan is followed up (S3.2)."""
    if blank(case.plan.uppfoljning.hur):
        yield Hit("uppfoljning.hur", "uppfoljning_hur")


def daterad(case: Case) -> Iterator[Hit]:
    """The day the plan was drawn up."""
    if case.plan.handelser.upprattad is None:
        yield Hit("handelser.upprattad", "daterad")


def overlamning(case: Case) -> Iterator[Hit]:
    """The planned hand-over is in person (S1.6) and says how the paper is kept safe on the way (S1.8)."""
    rule, planned = case.innehall.overlamning, case.plan.overlamning
    if rule is None:
        return
    if planned is None:
        yield Hit("overlamning", "overlamning")
        return
    if planned.satt != "personligen":
        yield Hit("overlamning.satt", "overlamning_personligen")
    if planned.satt in ("personligen", "rekommenderat_brev") and blank(planned.transportskydd):
        yield Hit("overlamning.transportskydd", "overlamning_transport", source=rule.kalla_transport)


def planerare(case: Case) -> Iterator[Hit]:
    """The plan names a planerare (S1.12)."""
    who = case.plan.roller.planerare
    if who is None or (blank(who.namn) and blank(who.personal_id)):
        yield Hit("roller.planerare", "planerare")


def tid(case: Case) -> Iterator[Hit]:
    """Planned minutes a week against granted ones: over, or not equal, by more than the tolerance."""
    rule, summed = case.innehall.tid, time_sum(case.plan)
    if rule is None or summed.granted is None:
        return
    difference = summed.planned - summed.granted.per_week
    if difference > rule.tolerans_minuter:
        yield _time_hit("tid_over", summed.granted, summed.planned, difference)
    elif difference < -rule.tolerans_minuter and rule.villkor == "gap_if_not_equal":
        yield _time_hit("tid_under", summed.granted, summed.planned, -difference)


def _time_hit(key: str, granted: Granted, planned: int, difference: int) -> Hit:
    figures = {"planerat": planned, "beviljat": granted.per_week, "skillnad": difference}
    if granted.per_month is None:
        return Hit("uppdrag.beviljad_tid", key, figures)
    return Hit("uppdrag.beviljad_tid", f"{key}_manad", {**figures, "manad": granted.per_month})


def aktuell(case: Case) -> Iterator[Hit]:
    """The decision has not run out and the follow-up day has not passed."""
    until, follow_up = case.plan.uppdrag.galler_tom, case.plan.uppfoljning.nasta
    if until is not None and until < case.today:
        yield Hit("uppdrag.galler_tom", "aktuell_beslut")
    if follow_up is not None and follow_up < case.today:
        yield Hit("uppfoljning.nasta", "aktuell_uppfoljning")


def andringsorsak(case: Case) -> Iterator[Hit]:
    """A later version says why it came."""
    if case.history.versions and blank(case.plan.andringsorsak):
        yield Hit("andringsorsak", "andringsorsak")


RULES: dict[str, Rule] = {
    "samverkan": samverkan,
    "uppfoljning_datum": uppfoljning_datum,
    "uppfoljning_hur": uppfoljning_hur,
    "daterad": daterad,
    "overlamning": overlamning,
    "planerare": planerare,
    "tid": tid,
    "aktuell": aktuell,
    "andringsorsak": andringsorsak,
}
