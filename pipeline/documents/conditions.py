"""Named conditions of document kinds (`villkor` in a declaration): a document that is not called for is not made.

`EACH` says of what a kind may make one paper each.
"""

from collections.abc import Callable, Mapping
from datetime import date

from pipeline.documents.facts import Facts
from pipeline.plan.deadlines import add_months
from pipeline.plan.model_handelse import Bedomning, KontrollUpprattad, Overlamnad
from pipeline.plan.slots import PAPER


def senare_version(facts: Facts) -> bool:
    """There is a version before this one to compare with."""
    return facts.earlier is not None


def plan_saknas(facts: Facts) -> bool:
    """A deviation was reported, or the check found no plan (S4.4)."""
    told = facts.told
    return not isinstance(told, KontrollUpprattad) or not told.finns


def ersattning_ges(facts: Facts) -> bool:
    """The verdict is fullständig, the client is new by both answers, and no basis has been made before (S4.8, S4.9).

    New is: neither insatser nor a plan at this provider in the years before the insats began. An answer that is
    missing or unknown makes no basis: it is never guessed.
    """
    told, rule = facts.told, facts.profil.ersattning
    if not isinstance(told, Bedomning) or rule is None or told.utfall != "fullstandig" or facts.number > 1:
        return False
    begun = _begun(facts)
    if begun is None:
        return False
    since = add_months(begun, -12 * rule.ny_ar)
    return all(_long_ago(answer, since) for answer in (told.senaste_insats, told.senaste_plan))


def _begun(facts: Facts) -> date | None:
    recorded = [event.datum for event in facts.history.events if event.slag == "insats_paborjad"]
    return facts.plan.handelser.insats_paborjad or (recorded[-1] if recorded else None)


def _long_ago(answer: date | str | None, since: date) -> bool:
    return answer == "ingen" or (isinstance(answer, date) and answer < since)


def utan_underskrift(facts: Facts) -> bool:
    """The brukare has signed neither the document nor a paper original (S1.5)."""
    return any(ending.role == "brukare" and ending.outcome != PAPER for ending in facts.ended)


def har_samtycken(facts: Facts) -> bool:
    """There is a consent to show, given or withdrawn."""
    return bool(facts.samtycken)


def ej_avbojd_kvittens(facts: Facts) -> bool:
    """The receiver has not refused to acknowledge what was handed over."""
    told = facts.event.uppgifter if facts.event else None
    return not (isinstance(told, Overlamnad) and told.kvitterad is False)


CONDITIONS: Mapping[str, Callable[[Facts], bool]] = {
    "senare_version": senare_version,
    "plan_saknas": plan_saknas,
    "ersattning_ges": ersattning_ges,
    "utan_underskrift": utan_underskrift,
    "har_samtycken": har_samtycken,
    "ej_avbojd_kvittens": ej_avbojd_kvittens,
}

EACH: Mapping[str, Callable[[Facts], tuple[str, ...]]] = {"sprak": lambda facts: tuple(sorted(facts.sammanfattning))}
"""What a kind may make one paper each of (`for_varje` in a declaration): the languages of the plan's summaries."""
