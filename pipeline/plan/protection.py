"""Whether a person's identity is protected now: what the plan's file says, and what has been recorded since."""

from collections.abc import Iterable
from datetime import date

from pipeline.plan.history import Event

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
