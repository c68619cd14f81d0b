"""What has happened to a plan so far, as the deadlines and the check need it: plain facts, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class VersionFact:
    """One version of a plan: the order it answers and the days of its life that deadlines count from."""

    version: int
    beslut_id: str
    accepted: date
    sealed: date | None
    adopted: date | None
    """The day of the enhetschef's signature (S1.13, S3.2)."""
    withdrawn: bool = False
    thin: bool = False
    """It was accepted with gaps that its routine points out (S2.4)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded event, with the `slag` and `uppgifter` of a ``handelse/1``."""

    slag: str
    datum: date
    version: int | None
    uppgifter: Mapping[str, object] = field(default_factory=dict)
    beslut_id: str | None = None
    """The decision it names; None when it names the plan alone."""


@dataclass(frozen=True, slots=True)
class History:
    """All versions and events of one plan, each in the order they came."""

    versions: tuple[VersionFact, ...] = ()
    events: tuple[Event, ...] = ()


def newest(versions: Sequence[VersionFact]) -> VersionFact | None:
    """The version at hand: the newest that has not been withdrawn."""
    return next((v for v in reversed(versions) if not v.withdrawn), None)


def newest_on(versions: Sequence[VersionFact], day: date) -> VersionFact | None:
    """The version at hand on `day`; the first one when the day lies before it came (paper often goes before)."""
    there = [v for v in versions if not v.withdrawn]
    return next((v for v in reversed(there) if v.accepted <= day), there[0] if there else None)


def has_ended(history: History, beslut_id: str) -> bool:
    """Whether the insats of the decision has ended, and neither begun anew nor got a new version since."""
    events = [e for e in history.events if e.beslut_id in (None, beslut_id)]
    ended = max((e.datum for e in events if e.slag == "avslutad"), default=None)
    if ended is None:
        return False
    anew = [e.datum for e in events if e.slag == "insats_paborjad"]
    anew += [v.accepted for v in history.versions if not v.withdrawn]
    return max(anew, default=ended) <= ended


def in_force(versions: Sequence[VersionFact], day: date) -> VersionFact | None:
    """The version that was in force on `day`: the newest sealed by then."""
    return next((v for v in reversed(versions) if v.sealed is not None and v.sealed <= day), None)
