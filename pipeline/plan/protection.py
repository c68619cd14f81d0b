"""Whether a person's identity is protected now: what the plan's file says, and what has been recorded since."""

from collections.abc import Iterable
from datetime import date

from pipeline.plan.history import Event
from pipeline.plan.model import Genomforandeplan, Uppdrag

NONE = "ingen"


def latest_change(events: Iterable[Event]) -> Event | None:
    """The latest recorded change of protection; of several on one day the one that came last."""
    found = [e for e in events if e.slag == "skydd_andrat"]
    return max(reversed(found), key=lambda e: e.datum, default=None)


def is_protected(skydd: str, accepted: date, events: Iterable[Event]) -> bool:
    """Whether the person is protected, by the file's `skydd`, accepted that day, and the changes recorded.

    The latest change decides, but one from before the file came never takes away a protection that the file states.
    """
    change = latest_change(events)
    if change is None or (change.uppgifter.get("skydd") == NONE and change.datum < accepted):
        return skydd != NONE
    return change.uppgifter.get("skydd") != NONE


def guarded(plan: Genomforandeplan) -> Genomforandeplan:
    """An open plan as it may be shown once its person is protected: its words may name days, hours and places."""
    untimed = tuple(insats.model_copy(update={"nar": None}) for insats in plan.insatser)
    person = plan.brukare.model_copy(update={"skydd": "sekretessmarkering"})
    return plan.model_copy(update={"brukare": person, "insatser": untimed, "sammanfattning": None})


def guarded_order(order: Uppdrag) -> Uppdrag:
    """An open order as it may be shown once its person is protected."""
    return order.model_copy(update={"brukare": order.brukare.model_copy(update={"skydd": "sekretessmarkering"})})
