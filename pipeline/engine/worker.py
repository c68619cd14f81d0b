"""Running one claimed step: compute outside the transaction, commit effect and "done" in one."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from traceback import extract_tb

import sqlalchemy as sa

from pipeline.engine import claims
from pipeline.engine.owner import owner
from pipeline.engine.step import Claimant, Lost, Step
from pipeline.errors import EnvironmentFailed, PlansigillError, Refused
from pipeline.store.db import Database

log = logging.getLogger(__name__)

UNEXPECTED = "ovantat_fel"

Effect = Callable[[sa.Connection], None]
"""What a step changes, called inside the transaction that marks the step done."""

Handler = Callable[[Step], Effect]
"""Computes a step's effect outside any transaction; raises `Refused` for the input's reasons."""

OnRefused = Callable[[sa.Connection, Step, Refused], None]
"""Answers a refused step inside the transaction that marks it failed."""


def _nothing(_conn: sa.Connection, _step: Step, _error: Refused) -> None:
    """A refused step needs no answer beyond its own row."""


@dataclass(frozen=True, slots=True)
class Worker:
    """All that running steps takes."""

    db: Database
    handlers: Mapping[str, Handler]
    clock: Callable[[], datetime]
    on_refused: OnRefused = _nothing
    lease: timedelta = timedelta(seconds=60)

    def claimant(self) -> Claimant:
        """This process, claiming the kinds of step it has handlers for."""
        return Claimant(owner(), self.lease, self.handlers.keys())


class Result(StrEnum):
    """How one attempt at a step ended."""

    DONE = "done"
    REFUSED = "refused"
    RETRIED = "retried"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Ran:
    """One attempt at a step; `error` is why it was refused or put back."""

    step: Step
    result: Result
    error: Exception | None = None


def run_step(worker: Worker, step: Step) -> Ran:
    """Run a claimed step once. Never raises for what the step does: a fault of ours puts the step back."""
    try:
        with renewing(worker, step):
            effect = worker.handlers[step.kind](step)
        with worker.db.write() as conn:
            claims.finish(conn, step, worker.clock())
            effect(conn)
    except Lost:
        ran = Ran(step, Result.LOST)
    except Refused as error:
        ran = _refuse(worker, step, error)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the step is put back and tried again
        ran = _put_back(worker, step, error)
    else:
        ran = Ran(step, Result.DONE)
    _report(ran)
    return ran


def _refuse(worker: Worker, step: Step, error: Refused) -> Ran:
    try:
        with worker.db.write() as conn:
            claims.fail(conn, step, error.code, worker.clock())
            worker.on_refused(conn, step, error)
    except Lost:
        return Ran(step, Result.LOST)
    except Exception as fault:  # noqa: BLE001 - the answer could not be written: a fault of ours
        return _put_back(worker, step, fault)
    return Ran(step, Result.REFUSED, error)


def _put_back(worker: Worker, step: Step, error: Exception) -> Ran:
    code = error.code if isinstance(error, PlansigillError) else UNEXPECTED
    try:
        claims.retry(worker.db, step, code, worker.clock())
    except Lost:
        return Ran(step, Result.LOST)
    except EnvironmentFailed:
        log.warning("step.kept", extra={"step": step.id, "kind": step.kind})  # its lease runs out instead
    return Ran(step, Result.RETRIED, error)


def _report(ran: Ran) -> None:
    """One line an attempt: ids, classes and places only, since an exception's message may quote what it was given."""
    facts: dict[str, object] = {"step": ran.step.id, "kind": ran.step.kind, "attempt": ran.step.attempts}
    if ran.error is not None:
        frames = extract_tb(ran.error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
        facts |= {"error": type(ran.error).__name__, "code": getattr(ran.error, "code", UNEXPECTED), "place": place}
    level = logging.WARNING if ran.result in {Result.RETRIED, Result.LOST} else logging.INFO
    log.log(level, "step.%s %s", ran.result, facts)


@contextmanager
def renewing(worker: Worker, step: Step) -> Iterator[None]:
    """Renew the step's lease from a thread for as long as the block runs."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(worker.lease.total_seconds() / 3):
            try:
                if not claims.renew(worker.db, step, now=worker.clock(), lease=worker.lease):
                    return
            except EnvironmentFailed:
                log.warning("lease.not_renewed", extra={"step": step.id})

    thread = threading.Thread(target=keep, name=f"lease-{step.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
