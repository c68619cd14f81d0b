"""Running steps to rest: effects, refusals, faults of ours, and waiting for somebody else's step."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pipeline.engine import claims
from pipeline.engine.drive import drive
from pipeline.engine.owner import owner
from pipeline.engine.step import NewStep, Step
from pipeline.engine.worker import Effect, Handler, Result, Worker, renewing, run_step
from pipeline.errors import EnvironmentFailed, Refused

from .conftest import Clock, Queue


def then(*keys: str, clock: Clock) -> Effect:
    def effect(conn: sa.Connection) -> None:
        for key in keys:
            claims.enqueue(conn, NewStep(key, "work", "P-1"), clock())

    return effect


def worker_of(queue: Queue, handler: Handler) -> Worker:
    return Worker(queue.db, {"work": handler}, queue.clock)


def raising(error: Exception) -> Handler:
    def handler(_step: Step) -> Effect:
        raise error

    return handler


def test_a_chain_is_driven_to_rest(queue: Queue, clock: Clock) -> None:
    following = {"a": ["b"], "b": ["c"], "c": []}
    queue.put("a")
    rest = drive(worker_of(queue, lambda step: then(*following[step.key], clock=clock)), "P-1")
    assert [(ran.step.key, ran.result) for ran in rest.ran] == [(key, Result.DONE) for key in "abc"]
    rest.require()


def test_other_plans_are_left_alone(queue: Queue, clock: Clock) -> None:
    queue.put("a", "A")
    queue.put("b", "B")
    worker = worker_of(queue, lambda _: then(clock=clock))
    assert [ran.step.key for ran in drive(worker, "B").ran] == ["b"]
    assert [ran.step.key for ran in drive(worker).ran] == ["a"]


def test_a_refusal_is_answered_in_the_transaction_that_fails_the_step(queue: Queue, clock: Clock) -> None:
    def answer(conn: sa.Connection, step: Step, error: Refused) -> None:
        claims.enqueue(conn, NewStep(f"answer:{step.key}:{error.code}", "other", "P-1"), clock())

    queue.put("a")
    worker = Worker(queue.db, {"work": raising(Refused("steg_upptaget"))}, clock, on_refused=answer)
    rest = drive(worker, "P-1")
    assert [ran.result for ran in rest.refused] == [Result.REFUSED]
    assert (queue.row("a")["state"], queue.row("a")["error_code"]) == ("failed", "steg_upptaget")
    assert queue.row("answer:a:steg_upptaget")["state"] == "ready"


def test_an_effect_may_refuse_and_then_nothing_of_it_stands(queue: Queue, clock: Clock) -> None:
    def effect(conn: sa.Connection) -> None:
        then("b", clock=clock)(conn)
        raise Refused("steg_upptaget")

    queue.put("a")
    drive(worker_of(queue, lambda _: effect), "P-1")
    assert queue.row("a")["state"] == "failed"
    assert queue.claim() is None


@pytest.mark.parametrize(
    ("error", "code"), [(EnvironmentFailed("steg_upptaget"), "steg_upptaget"), (KeyError("x"), "ovantat_fel")]
)
def test_a_fault_of_ours_puts_the_step_back(queue: Queue, error: Exception, code: str) -> None:
    queue.put("a")
    rest = drive(worker_of(queue, raising(error)), "P-1")
    row = queue.row("a")
    assert (row["state"], row["error_code"], row["due"]) == ("ready", code, "2026-11-22T10:00:01.000000Z")
    with pytest.raises(EnvironmentFailed):
        rest.require()


def test_asking_again_tries_again_at_once(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    drive(worker_of(queue, raising(OSError(28, "full"))), "P-1")
    rest = drive(worker_of(queue, lambda _: then(clock=clock)), "P-1")
    assert [ran.result for ran in rest.ran] == [Result.DONE]
    assert queue.row("a")["error_code"] is None


def test_a_report_never_quotes_an_exception(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    queue.put("a")
    drive(worker_of(queue, raising(ValueError("Anna Andersson"))), "P-1")
    assert "ValueError" in caplog.text
    assert "Anna" not in caplog.text


def test_a_step_somebody_else_runs_is_waited_for(queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def finishes_after_a_while(_seconds: float) -> None:
        queue.finish(theirs)

    queue.put("a")
    queue.put("b")
    theirs = started(queue)
    monkeypatch.setattr("time.sleep", finishes_after_a_while)
    rest = drive(worker_of(queue, lambda _: then(clock=clock)), "P-1")
    assert [ran.step.key for ran in rest.ran] == ["b"]


def test_what_somebody_else_finishes_between_two_looks_is_not_overlooked(
    queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = claims.claim

    def claim(*asked: object) -> Step | None:
        step = real(*asked)  # type: ignore[arg-type]
        if queue.row("a")["state"] == "running":
            queue.finish(theirs)
        return step

    queue.put("a")
    queue.put("b")
    theirs = started(queue)
    monkeypatch.setattr("pipeline.engine.claims.claim", claim)
    rest = drive(worker_of(queue, lambda _: then(clock=clock)), "P-1")
    assert [ran.step.key for ran in rest.ran] == ["b"]


def test_what_another_process_put_back_is_told(queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_after_a_while(_seconds: float) -> None:
        claims.retry(queue.db, theirs, "full_disk", clock())

    queue.put("a")
    theirs = started(queue)
    monkeypatch.setattr("time.sleep", fails_after_a_while)
    rest = drive(worker_of(queue, lambda _: then(clock=clock)), "P-1")
    assert (rest.ran, rest.waiting) == ((), "work")
    with pytest.raises(EnvironmentFailed, match="steg_stannade"):
        rest.require()


def started(queue: Queue) -> Step:
    step = queue.claim(owner())
    assert step is not None
    return step


def test_waiting_for_somebody_else_has_an_end(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    queue.claim(owner())
    with pytest.raises(EnvironmentFailed, match="steg_upptaget"):
        drive(worker_of(queue, lambda _: then(clock=clock)), "P-1", patience=timedelta(0))


def test_a_dead_daemons_step_is_taken_over_at_once(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    queue.claim(owner().rpartition(":")[0] + ":1")
    assert [ran.step.attempts for ran in drive(worker_of(queue, lambda _: then(clock=clock)), "P-1").ran] == [2]


def test_a_step_cancelled_while_it_ran_changes_nothing(queue: Queue, clock: Clock) -> None:
    def handler(_step: Step) -> Effect:
        with queue.db.write() as conn:
            claims.cancel(conn, "P-1", clock())
        return then("b", clock=clock)

    queue.put("a")
    assert [ran.result for ran in drive(worker_of(queue, handler), "P-1").ran] == [Result.LOST]
    assert queue.claim() is None


def test_a_long_step_keeps_its_lease(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    step = queue.claim()
    assert step is not None
    worker = Worker(queue.db, {}, clock, lease=timedelta(seconds=0.03))
    clock.forward(59)
    with renewing(worker, step):
        until(lambda: queue.row("a")["lease_until"] != "2026-11-22T10:01:00.000000Z")
    assert queue.row("a")["lease_until"] == "2026-11-22T10:00:59.030000Z"


def until(fact: Callable[[], bool], seconds: float = 10) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if fact():
            return
        pause.wait(0.01)
    pytest.fail("it did not come about")


def test_an_unknown_kind_waits_for_a_program_that_knows_it(queue: Queue, clock: Clock) -> None:
    queue.put("a", kind="tomorrow")
    assert drive(worker_of(queue, lambda _: then(clock=clock)), "P-1").ran == ()
    assert queue.row("a")["state"] == "ready"


def test_an_answer_that_cannot_be_written_is_a_fault_of_ours(queue: Queue, clock: Clock) -> None:
    def answer(_conn: sa.Connection, _step: Step, _error: Refused) -> None:
        raise OSError(5, "disk")

    queue.put("a")
    step = queue.claim()
    assert step is not None
    worker = Worker(queue.db, {"work": raising(Refused("steg_upptaget"))}, clock, on_refused=answer)
    assert run_step(worker, step).result is Result.RETRIED
    assert queue.row("a")["state"] == "ready"
