"""Rules of the content table about goals."""

import re
from collections.abc import Iterable, Iterator

from pipeline.plan.content import Case, Hit, Rule, blank, indexed
from pipeline.plan.model import Genomforandeplan


def mal(case: Case) -> Iterator[Hit]:
    """At least one goal, and every insats refers to one that exists or says that the person declined."""
    known = {goal.mal_id for goal in case.plan.mal}
    if not known:
        yield Hit("mal", "mal_inget")
    for path, insats in indexed(case.plan.insatser, "mal_ref"):
        if known.isdisjoint(insats.mal_ref) and blank(insats.mal_avbojt):
            yield Hit(path, "mal_okant" if insats.mal_ref else "mal_insats")


def reached(plan: Genomforandeplan) -> frozenset[str]:
    """The goals some insats leads to, directly or through goals whose `overordnat` they are, however many steps."""
    above: dict[str, set[str]] = {}
    for goal in plan.mal:
        if goal.overordnat is not None:
            above.setdefault(goal.mal_id, set()).add(goal.overordnat)
    waiting = [ref for insats in plan.insatser for ref in insats.mal_ref]
    found: set[str] = set()
    while waiting:
        goal_id = waiting.pop()
        if goal_id not in found:
            found.add(goal_id)
            waiting.extend(above.get(goal_id, ()))
    return frozenset(found)


def mal_uppnas(case: Case) -> Iterator[Hit]:
    """Each goal is reached through some insats (S2.7)."""
    there = reached(case.plan)
    for i, goal in enumerate(case.plan.mal):
        if goal.mal_id not in there:
            yield Hit(f"mal[{i}]", "mal_uppnas")


def mal_matt(case: Case) -> Iterator[Hit]:
    """Each goal of level delmal or eget can be measured or has a day (S2.7)."""
    for i, goal in enumerate(case.plan.mal):
        if goal.niva != "beslut" and blank(goal.matt) and goal.klart_senast is None:
            yield Hit(f"mal[{i}].matt", "mal_matt")


def mal_smart(case: Case) -> Iterator[Hit]:
    """Wording: what the person wants to reach, neither what one stops doing nor what staff do (S2.7)."""
    words = case.innehall.mal_smart
    if words is None:
        return
    negative, of_staff = _any_of(words.undvik), _any_of(words.personalens_gorande)
    staff_verb = _any_of(words.personalens_verb_forst)
    for i, goal in enumerate(case.plan.mal):
        written = " ".join(goal.text.split())
        if negative.search(written):
            yield Hit(f"mal[{i}].text", "mal_smart_undvik")
        if of_staff.search(written) or staff_verb.match(written):
            yield Hit(f"mal[{i}].text", "mal_smart_personal")


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    choices = "|".join(re.escape(phrase) for phrase in phrases)
    return re.compile(rf"\b(?:{choices})\b" if choices else r"(?!)", re.IGNORECASE)


def beslutsmal(case: Case) -> Iterator[Hit]:
    """When the decision has goals, goals of level beslut stand in the plan or goals refer to one of the decision's."""
    wanted = case.plan.uppdrag.beslutsmal
    if wanted and not any(goal.niva == "beslut" or goal.overordnat in wanted for goal in case.plan.mal):
        yield Hit("mal", "beslutsmal")


RULES: dict[str, Rule] = {
    "mal": mal,
    "mal_uppnas": mal_uppnas,
    "mal_matt": mal_matt,
    "mal_smart": mal_smart,
    "beslutsmal": beslutsmal,
}
