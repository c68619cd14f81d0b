"""The step table against a plain model of it: whatever order things happen in, both say the same."""

import os
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.engine import claims
from pipeline.engine.step import Claimant, Lost, NewStep, Step, backoff
from pipeline.store.db import open_database

from .conftest import LEASE, START

PLANS = st.sampled_from(["A", "B"])
FOLDER = tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)  # noqa: S108


@dataclass
class Row:
    plan: str
    due: float
    state: str = "ready"
    fence: int = 0
    attempts: int = 0
    lease: float = 0


class StepTable(RuleBasedStateMachine):
    """`rows` is the model: position + 1 is the id; times are seconds since the start."""

    def __init__(self) -> None:
        super().__init__()
        self.db = open_database(Path(FOLDER.name) / "index.db")
        with self.db.write() as conn:
            conn.exec_driver_sql("delete from step")
        self.rows: list[Row] = []
        self.held: list[Step] = []
        self.time = 0.0

    def teardown(self) -> None:
        self.db.engine.dispose()

    def now(self, seconds: float | None = None):  # type: ignore[no-untyped-def]
        return START + timedelta(seconds=self.time if seconds is None else seconds)

    def may_run(self, row_id: int) -> bool:
        row, plan = self.rows[row_id - 1], self.rows[row_id - 1].plan
        if row.state == "running":
            return row.lease <= self.time
        if row.state != "ready" or row.due > self.time:
            return False
        if any(other.plan == plan and other.state == "running" for other in self.rows):
            return False
        ahead = [other for other in self.rows[: row_id - 1] if other.plan == plan and other.state == "ready"]
        return not any(other.due <= self.time or other.attempts for other in ahead)

    def is_mine(self, step: Step) -> bool:
        row = self.rows[step.id - 1]
        return row.state == "running" and row.fence == step.fence

    @rule(plan=PLANS, after=st.sampled_from([0, 0, 60]))
    def put(self, plan: str, after: int) -> None:
        new = NewStep(f"{len(self.rows)}", "work", plan, due=self.now(self.time + after))
        with self.db.write() as conn:
            assert claims.enqueue(conn, new, self.now())
        self.rows.append(Row(plan, self.time + after))

    @rule(plan=st.none() | PLANS)
    def claim_any(self, plan: str | None) -> None:
        self.claim(plan)

    @precondition(lambda self: any(row.state == "running" for row in self.rows))
    @rule()
    def take_over(self) -> None:
        self.time += LEASE.total_seconds()
        self.claim(None)

    def claim(self, plan: str | None) -> None:
        step = claims.claim(self.db, Claimant("me", LEASE), self.now(), plan)
        possible = [n for n, row in enumerate(self.rows, 1) if plan in {None, row.plan} and self.may_run(n)]
        if step is None:
            assert possible == []
            return
        assert step.id in possible
        assert step.id == min(possible, key=lambda n: (self.rows[n - 1].due, n))
        row = self.rows[step.id - 1]
        row.state, row.fence, row.attempts = "running", row.fence + 1, row.attempts + 1
        row.lease = self.time + LEASE.total_seconds()
        assert (step.fence, step.attempts) == (row.fence, row.attempts)
        self.held.append(step)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), how=st.sampled_from(["done", "failed", "ready", "renew"]))
    def leave(self, data: st.DataObject, how: str) -> None:
        step = data.draw(st.sampled_from(self.held))
        row, mine = self.rows[step.id - 1], self.is_mine(step)
        assert self.moved(step, how) == mine
        if mine and how == "renew":
            row.lease = self.time + LEASE.total_seconds()
        elif mine:
            row.state = how
            row.due = self.time + backoff(row.attempts).total_seconds() if how == "ready" else row.due

    def moved(self, step: Step, how: str) -> bool:
        try:
            if how == "renew":
                return claims.renew(self.db, step, now=self.now(), lease=LEASE)
            if how == "ready":
                claims.retry(self.db, step, "x", self.now())
                return True
            with self.db.write() as conn:
                if how == "done":
                    claims.finish(conn, step, self.now())
                else:
                    claims.fail(conn, step, "x", self.now())
        except Lost:
            return False
        return True

    @rule(plan=PLANS)
    def cancel(self, plan: str) -> None:
        open_rows = [row for row in self.rows if row.plan == plan and row.state in {"ready", "running"}]
        with self.db.write() as conn:
            assert claims.cancel(conn, plan, self.now()) == len(open_rows)
        for row in open_rows:
            row.state = "cancelled"

    @rule(plan=PLANS)
    def hurry(self, plan: str) -> None:
        claims.hurry(self.db, plan, self.now())
        for row in self.rows:
            if row.plan == plan and row.state == "ready" and row.attempts and row.due > self.time:
                row.due = self.time

    @rule(seconds=st.sampled_from([1, 60, 60]))
    def wait(self, seconds: int) -> None:
        self.time += seconds

    @invariant()
    def the_table_says_what_the_model_says(self) -> None:
        with self.db.read() as conn:
            found = conn.exec_driver_sql("select plan_id, state, fence, attempts from step order by id").all()
        assert [tuple(row) for row in found] == [(r.plan, r.state, r.fence, r.attempts) for r in self.rows]

    @invariant()
    def a_plan_runs_one_step_at_a_time(self) -> None:
        running = [row.plan for row in self.rows if row.state == "running"]
        assert len(running) == len(set(running))


StepTable.TestCase.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
TestStepTable = StepTable.TestCase
