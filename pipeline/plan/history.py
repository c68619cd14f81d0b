"""What has happened to a plan so far, as the deadlines and the check need it: plain facts, nothing else."""

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded event, with the `slag` and `uppgifter` of a ``handelse/1``."""

    slag: str
    datum: date
    version: int | None
    uppgifter: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """All versions and events of one plan, each in the order they came."""

    versions: tuple[VersionFact, ...] = ()
    events: tuple[Event, ...] = ()
