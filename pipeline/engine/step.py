"""What a step is, and how long one waits before it is tried again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.errors import EnvironmentFailed

LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to be enqueued; one `key` is enqueued once, ever. `payload` is JSON and ids only; no `due` is at once."""

    key: str
    kind: str
    plan_id: str
    payload: Mapping[str, object] = field(default_factory=dict)
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims: the `owner` of the lease, how long it lasts, and the kinds of step it can run (None: any)."""

    owner: str
    lease: timedelta
    kinds: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One claimed row of the step table; `fence` says which of the row's claims this is."""

    id: int
    key: str
    kind: str
    plan_id: str
    payload: Mapping[str, object]
    fence: int
    attempts: int


class Lost(EnvironmentFailed):
    """The step belongs to another claim now, or was cancelled: whatever was about to be committed must not be."""

    def __init__(self) -> None:
        super().__init__("steg_forlorat")


def backoff(attempts: int) -> timedelta:
    """How long to wait after attempt number `attempts` (1, 2, …): 1 s, doubled each time, at most five minutes."""
    return min(timedelta(seconds=2 ** min(max(attempts - 1, 0), 30)), LONGEST_WAIT)
