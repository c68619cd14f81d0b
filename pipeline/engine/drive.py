"""Running due steps to rest in this process, by the same claims as a daemon's workers."""

import time
from dataclasses import dataclass
from datetime import timedelta

from pipeline.engine import claims
from pipeline.engine.worker import Ran, Result, Worker, run_step
from pipeline.errors import EnvironmentFailed, PlansigillError

_LOOK_AGAIN = 0.1  # seconds between looks while somebody else runs a step of the plan


@dataclass(frozen=True, slots=True)
class Rest:
    """What was run until nothing was due; a step that was tried twice counts by its last attempt.

    `waiting` is the kind of the named plan's step that a fault put back, here or in another process.
    """

    ran: tuple[Ran, ...]
    waiting: str | None = None

    @property
    def refused(self) -> tuple[Ran, ...]:
        """The steps that failed for their input's reasons."""
        return tuple(ran for ran in self._last() if ran.result is Result.REFUSED)

    @property
    def stalled(self) -> tuple[Ran, ...]:
        """The steps that a fault of ours put back; they are tried again by whoever drives the plan next."""
        return tuple(ran for ran in self._last() if ran.result is Result.RETRIED)

    def require(self) -> None:
        """Raise what put a step back: our own error as it was, any other as `EnvironmentFailed`."""
        for ran in self.stalled:
            if isinstance(ran.error, PlansigillError):
                raise ran.error
            raise EnvironmentFailed("steg_stannade", kind=ran.step.kind) from ran.error
        if self.waiting is not None:
            raise EnvironmentFailed("steg_stannade", kind=self.waiting)

    def _last(self) -> tuple[Ran, ...]:
        return tuple({ran.step.id: ran for ran in self.ran}.values())


def drive(worker: Worker, plan_id: str | None = None, *, patience: timedelta = timedelta(seconds=60)) -> Rest:
    """Run the due steps (of `plan_id`) until none is due and nobody else runs one.

    Waits for a step that another process holds, at most `patience` since the last progress made here; then raises
    `EnvironmentFailed`. What waits to be tried again is tried now when a plan is named.
    """
    if plan_id is not None:
        claims.hurry(worker.db, plan_id, worker.clock())
    ran: list[Ran] = []
    who = worker.claimant()
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        claims.release_dead(worker.db, worker.clock())
        step = claims.claim(worker.db, who, worker.clock(), plan_id)
        if step is not None:
            ran.append(run_step(worker, step))
            deadline = time.monotonic() + patience.total_seconds()
        elif claims.is_at_rest(worker.db, who, worker.clock(), plan_id):
            return Rest(tuple(ran), None if plan_id is None else claims.first_put_back(worker.db, plan_id))
        elif time.monotonic() > deadline:
            raise EnvironmentFailed("steg_upptaget")
        else:
            time.sleep(_LOOK_AGAIN)
