"""The runner under real signals: killed, stopped, orphaned, started twice."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.engine import claims
from pipeline.engine.daemon import alone
from pipeline.engine.step import NewStep
from pipeline.errors import Misuse
from pipeline.store.db import Database

SCRIPT = Path(__file__).with_name("daemon_script.py")


def until(fact: Callable[[], object], seconds: float = 120) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if fact():
            return
        pause.wait(0.05)
    pytest.fail("it did not come about")


@dataclass
class Daemons:
    """Daemons over one database, all of which are gone when the test ends."""

    db: Database
    folder: Path
    started: list[subprocess.Popen[bytes]]

    def start(self, workers: int = 2, lease: float = 60) -> subprocess.Popen[bytes]:
        arguments = [self.db.path, self.folder / "lock", self.folder, workers, lease]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([sys.executable, SCRIPT, *map(str, arguments)], stderr=log)
        self.started.append(process)
        return process

    def put(self, plan: str, kind: str, number: int = 1) -> None:
        with self.db.write() as conn:
            claims.enqueue(conn, NewStep(f"{plan}:{number}", kind, plan), datetime.now(UTC))

    def effects(self) -> list[tuple[str, str]]:
        with self.db.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql("select plan, key from effect order by rowid")]

    def signs(self) -> list[int]:
        return [int(sign.name.removeprefix("started-")) for sign in self.folder.glob("started-*")]

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")


@pytest.fixture
def daemons(db: Database, tmp_path: Path) -> Iterator[Daemons]:
    with db.write() as conn:
        conn.exec_driver_sql("create table effect (plan text, key text, at text)")
    found = Daemons(db, tmp_path, [])
    yield found
    for process in found.started:
        (tmp_path / "go").touch()
        children = workers_of(process)
        process.kill()
        process.wait()
        until(lambda: not any(is_alive(pid) for pid in children))  # noqa: B023 - called at once


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def test_a_storm_of_kills_loses_nothing_and_does_nothing_twice(daemons: Daemons) -> None:
    dice = random.Random(20261122)  # noqa: S311 - which process dies is no secret
    plans = [f"P-{n}" for n in range(6)]
    for plan in plans:
        daemons.put(plan, "short")
    daemon = daemons.start(workers=2)
    for limit in (1, 4, 9):
        until(lambda: len(daemons.effects()) >= limit and workers_of(daemon))  # noqa: B023 - called at once
        if limit == 4:
            daemon.kill()
            daemon.wait()
            daemon = daemons.start(workers=2)
        elif victims := workers_of(daemon):
            os.kill(dice.choice(victims), signal.SIGKILL)
    until(lambda: len(daemons.effects()) >= 3 * len(plans))
    daemon.terminate()
    assert daemon.wait(timeout=30) == 0
    done = daemons.effects()
    assert sorted(done) == sorted((plan, f"{plan}:{n}") for plan in plans for n in (1, 2, 3))
    for plan in plans:
        assert [key for owner, key in done if owner == plan] == [f"{plan}:{n}" for n in (1, 2, 3)]


def test_a_worker_that_slept_past_its_lease_is_fenced(daemons: Daemons) -> None:
    daemons.put("P-1", "gated", 3)
    daemon = daemons.start(workers=2, lease=1)
    until(daemons.signs)
    [sleeper] = daemons.signs()
    os.kill(sleeper, signal.SIGSTOP)
    try:
        until(lambda: len(daemons.signs()) == 2)
        (daemons.folder / "go").touch()
        until(daemons.effects)
    finally:
        os.kill(sleeper, signal.SIGCONT)
    until(lambda: "step.lost" in daemons.log())
    daemon.terminate()
    assert daemon.wait(timeout=30) == 0
    assert daemons.effects() == [("P-1", "P-1:3")]


def test_asked_to_stop_it_ends_after_the_present_step(daemons: Daemons) -> None:
    daemons.put("P-1", "gated")
    daemon = daemons.start(workers=1)
    until(daemons.signs)
    daemon.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        daemon.wait(timeout=0.3)
    (daemons.folder / "go").touch()
    assert daemon.wait(timeout=30) == 0
    assert daemons.effects() == [("P-1", "P-1:1")]


def test_workers_of_a_killed_supervisor_end_too(daemons: Daemons) -> None:
    daemon = daemons.start(workers=2)
    until(lambda: len(workers_of(daemon)) == 2)
    workers = workers_of(daemon)
    daemon.kill()
    daemon.wait()
    until(lambda: not any(is_alive(pid) for pid in workers))


def test_one_daemon_a_workspace(daemons: Daemons) -> None:
    daemon = daemons.start(workers=1)
    until(lambda: workers_of(daemon))
    with pytest.raises(Misuse, match="redan_igang") as caught, alone(daemons.folder / "lock"):
        pass
    assert caught.value.params == {"pid": str(daemon.pid)}
    daemon.kill()
    daemon.wait()
    with alone(daemons.folder / "lock"):
        assert (daemons.folder / "lock").read_text("ascii") == f"{os.getpid()}\n"
