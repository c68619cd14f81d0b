"""A database of its own for each test, and a clock that only moves when told."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.engine import claims
from pipeline.engine.step import Claimant, NewStep, Step
from pipeline.store.db import Database, open_database

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


@dataclass
class Clock:
    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


@pytest.fixture
def db(database_path: Path) -> Iterator[Database]:
    database = open_database(database_path)
    yield database
    database.engine.dispose()


@dataclass
class Queue:
    """The step table as a test drives it."""

    db: Database
    clock: Clock

    def put(self, key: str, plan: str = "P-1", *, kind: str = "work", after: float = 0) -> bool:
        with self.db.write() as conn:
            due = self.clock() + timedelta(seconds=after)
            return claims.enqueue(conn, NewStep(key, kind, plan, {"key": key}, due), self.clock())

    def claim(self, owner: str = "me", kinds: Collection[str] | None = None, plan_id: str | None = None) -> Step | None:
        return claims.claim(self.db, Claimant(owner, LEASE, kinds), self.clock(), plan_id)

    def key(self, owner: str = "me", kinds: Collection[str] | None = None, plan_id: str | None = None) -> str | None:
        step = self.claim(owner, kinds, plan_id)
        return None if step is None else step.key

    def finish(self, step: Step) -> None:
        with self.db.write() as conn:
            claims.finish(conn, step, self.clock())

    def row(self, key: str) -> dict[str, object]:
        with self.db.read() as conn:
            found = conn.exec_driver_sql("select * from step where key = ?", (key,)).mappings().one()
        return dict(found)


@pytest.fixture
def queue(db: Database, clock: Clock) -> Queue:
    return Queue(db, clock)
