"""The step table: order within a plan, fences, leases, back-off."""

import os
import subprocess
from datetime import timedelta

import pytest

from pipeline.engine import claims
from pipeline.engine.owner import host, is_dead, owner
from pipeline.engine.step import Lost, NewStep, Step, backoff

from .conftest import Clock, Queue


def claimed(queue: Queue, owner: str = "me") -> Step:
    step = queue.claim(owner)
    assert step is not None
    return step


def test_a_key_is_enqueued_once(queue: Queue) -> None:
    assert queue.put("a")
    assert not queue.put("a")
    queue.finish(claimed(queue))
    assert not queue.put("a")
    assert queue.claim() is None


def test_a_claim_carries_the_row(queue: Queue) -> None:
    queue.put("a", "P-7", kind="render")
    step = claimed(queue)
    assert (step.key, step.plan_id, step.kind, step.payload) == ("a", "P-7", "render", {"key": "a"})
    assert (step.fence, step.attempts) == (1, 1)
    assert queue.row("a")["lease_until"] == "2026-11-22T10:01:00.000000Z"


def test_a_plan_runs_one_step_at_a_time_in_order(queue: Queue) -> None:
    queue.put("a1", "A")
    queue.put("a2", "A")
    queue.put("b1", "B")
    first = claimed(queue)
    assert first.key == "a1"
    assert queue.key() == "b1"
    assert queue.claim() is None
    queue.finish(first)
    assert queue.key() == "a2"


def test_a_step_that_waits_to_be_tried_again_holds_up_its_plan(queue: Queue, clock: Clock) -> None:
    queue.put("a1", "A")
    queue.put("a2", "A")
    assert claims.retry(queue.db, claimed(queue), "full_disk", clock()) == clock() + timedelta(seconds=1)
    assert queue.claim() is None
    clock.forward(1)
    assert queue.key() == "a1"
    assert queue.row("a1")["error_code"] == "full_disk"


def test_a_reminder_holds_nobody_up_and_waits_for_a_running_step(queue: Queue, clock: Clock) -> None:
    queue.put("reminder", "A", after=3600)
    queue.put("now", "A")
    step = claimed(queue)
    assert step.key == "now"
    clock.forward(3600)
    assert queue.key() == "now", "its lease ran out, and it goes before anything else of the plan"
    with pytest.raises(Lost):
        queue.finish(step)


def test_an_answered_step_holds_nobody_up(queue: Queue, clock: Clock) -> None:
    queue.put("a1", "A")
    queue.put("a2", "A")
    step = claimed(queue)
    with queue.db.write() as conn:
        claims.fail(conn, step, "dokument_tecken", clock())
    assert queue.row("a1")["state"] == "failed"
    assert queue.key() == "a2"


def test_a_step_is_not_claimed_before_it_is_due(queue: Queue, clock: Clock) -> None:
    queue.put("later", after=0.000001)
    assert queue.claim() is None
    clock.forward(0.000001)
    assert queue.key() == "later"


def test_a_lease_that_ran_out_is_taken_over_and_the_zombie_is_fenced(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    zombie = claimed(queue)
    clock.forward(59.9)
    assert queue.claim() is None
    clock.forward(0.1)
    heir = claimed(queue)
    assert (heir.fence, heir.attempts) == (2, 2)
    for move in (
        lambda: queue.finish(zombie),
        lambda: claims.retry(queue.db, zombie, "x", clock()),
    ):
        with pytest.raises(Lost):
            move()
    assert not claims.renew(queue.db, zombie, now=clock(), lease=timedelta(seconds=60))
    queue.finish(heir)


def test_an_effect_is_rolled_back_with_its_lost_step(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    zombie = claimed(queue)
    clock.forward(60)
    heir = claimed(queue)
    with pytest.raises(Lost), queue.db.write() as conn:
        claims.enqueue(conn, NewStep("next", "work", "P-1"), clock())
        claims.finish(conn, zombie, clock())
    queue.finish(heir)
    assert queue.claim() is None


def test_an_overdue_lease_that_nobody_took_still_finishes(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    step = claimed(queue)
    clock.forward(3600)
    queue.finish(step)
    assert queue.row("a")["done_at"] == "2026-11-22T11:00:00.000000Z"


def test_a_renewed_lease_holds(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    step = claimed(queue)
    assert claims.renew(queue.db, step, now=clock.forward(50), lease=timedelta(seconds=60))
    clock.forward(50)
    assert queue.claim() is None


def test_a_cancelled_step_cannot_finish(queue: Queue, clock: Clock) -> None:
    queue.put("a1", "A")
    queue.put("a2", "A")
    queue.put("b1", "B")
    step = claimed(queue)
    with queue.db.write() as conn:
        assert claims.cancel(conn, "A", clock()) == 2
    with pytest.raises(Lost):
        queue.finish(step)
    assert queue.key() == "b1"


def test_cancelling_some_kinds_leaves_the_others(queue: Queue, clock: Clock) -> None:
    queue.put("a1", kind="remind")
    queue.put("a2", kind="render")
    with queue.db.write() as conn:
        assert claims.cancel(conn, "P-1", clock(), kinds=["remind"]) == 1
    assert queue.key() == "a2"


def test_only_known_kinds_are_claimed_and_order_still_holds(queue: Queue) -> None:
    queue.put("a1", "A", kind="new")
    queue.put("a2", "A", kind="old")
    queue.put("b1", "B", kind="old")
    assert queue.key(kinds=["old"]) == "b1"
    assert queue.claim(kinds=["old"]) is None


def test_one_plan_can_be_claimed_alone(queue: Queue) -> None:
    queue.put("a1", "A")
    queue.put("b1", "B")
    assert queue.key(plan_id="B") == "b1"
    assert queue.claim(plan_id="B") is None


def test_backoff_doubles_from_a_second_to_five_minutes() -> None:
    seconds = [backoff(n).total_seconds() for n in (1, 2, 3, 8, 9, 10, 1000)]
    assert seconds == [1, 2, 4, 128, 256, 300, 300]


def test_hurry_pulls_a_retry_forward_but_no_reminder(queue: Queue, clock: Clock) -> None:
    queue.put("a1")
    queue.put("reminder", after=3600)
    claims.retry(queue.db, claimed(queue), "x", clock())
    claims.hurry(queue.db, "P-1", clock())
    queue.finish(claimed(queue))
    assert queue.claim() is None


def test_a_clock_that_ran_ahead_puts_no_retry_off_for_years(queue: Queue, clock: Clock) -> None:
    queue.put("a1")
    claims.retry(queue.db, claimed(queue), "x", clock() + timedelta(days=1000))
    queue.put("reminder", "B", after=1000 * 86_400)
    assert queue.key() == "a1"
    assert queue.claim() is None


def test_an_owner_is_this_process_and_is_alive() -> None:
    assert owner().startswith(f"{host()}:{os.getpid()}:")
    assert not is_dead(owner())
    assert not is_dead("another-host:1:1")
    assert is_dead(f"{host()}:{os.getpid()}:1"), "the same number, started at another time"


def test_a_dead_process_gives_its_steps_back(queue: Queue, clock: Clock) -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    queue.put("a1", "A")
    queue.put("b1", "B")
    step = claimed(queue, owner=f"{host()}:{gone.pid}:123")
    alive = claimed(queue, owner=owner())
    assert claims.release_dead(queue.db, clock()) == 1
    with pytest.raises(Lost):
        queue.finish(step)
    again = claimed(queue)
    assert (again.key, again.fence) == ("a1", 2)
    queue.finish(alive)


def test_a_step_that_keeps_killing_its_process_waits_longer(queue: Queue, clock: Clock) -> None:
    queue.put("a")
    dues = []
    for _ in range(4):
        claimed(queue, owner=f"{host()}:1:1")
        claims.release_dead(queue.db, clock())
        dues.append(queue.row("a")["due"])
        clock.forward(300)
    waits = [0, 1, 2, 4]
    assert dues == [f"2026-11-22T10:{5 * n:02}:{wait:02}.000000Z" for n, wait in enumerate(waits)]
