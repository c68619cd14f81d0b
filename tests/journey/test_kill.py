"""SIGKILL at many moments, and started again: nothing is lost and nothing is done twice."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline import acts
from pipeline.app import make_workspace
from pipeline.casework.endings import PATIENCE
from pipeline.intake.names import new_id
from pipeline.reception import receive
from pipeline.store import rows
from pipeline.store import tables as t
from tests.journey.accounts import flaws
from tests.journey.conftest import Json, sample
from tests.journey.running import ENVIRONMENT, Running, kill, until, workspace

RELAY = Path(__file__).with_name("relay.py")
KILLS = 9


@pytest.fixture(scope="module")
def made_now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "town"
    make_workspace(home, test=True)
    return home


@pytest.fixture
def town(made_now: Path, tmp_path: Path) -> Iterator[Running]:
    with workspace(made_now, tmp_path / "town") as running:
        yield running


def progress(running: Running) -> tuple[object, ...]:
    """What changes whenever something lasting was done: in the database, in the inbox, in outbox."""
    with running.tools.db.read() as conn:
        counts = [conn.scalar(sa.select(sa.func.count()).select_from(table)) for table in (t.trail, t.intake)]
        fences = conn.execute(sa.select(t.step.c.id, t.step.c.fence, t.step.c.state)).all()
    names = [sorted(p.name for p in folder.glob("*")) for folder in (running.inbox / ".claims", running.fel)]
    return (*counts, fences, *names, sorted(p.name for p in running.outbox.glob("*.*")))


def recorded(running: Running) -> tuple[object, ...]:
    """What changes whenever something has happened to a plan."""
    with running.tools.db.read() as conn:
        return (conn.scalar(sa.select(sa.func.count()).select_from(t.trail)),)


def at_rest(running: Running) -> bool:
    with running.tools.db.read() as conn:
        waiting = conn.scalar(
            sa.select(t.step.c.id)
            .where(t.step.c.state.in_(("ready", "running")), t.step.c.kind.not_in(PATIENCE))
            .limit(1)
        )
    return waiting is None and not [p for p in running.inbox.iterdir() if p.suffix == ".json"]


def test_the_daemon_killed_at_many_moments_loses_nothing_and_repeats_nothing(town: Running) -> None:
    chance = random.Random(20261122)  # noqa: S311 - a seed makes the failure return
    pause = threading.Event()
    plan = sample("hemtjanst-kort")
    dropped = [town.drop("a.json", plan), town.drop("b.json", sample("lss-avstar")), town.drop("c.json", b"{")]
    later: list[tuple[str, Json]] = [("again.json", plan), ("d.json", plan | {"andringsorsak": "Ny dag."})]
    for number in range(KILLS):
        if number in {3, 6}:
            dropped.append(town.drop(*later.pop(0)))
        look = progress if number % 3 else recorded  # a claim, say, or no less than an entry in the trail
        before = look(town)
        town.start()
        until(lambda: look(town) != before or at_rest(town), "something lasting is done")  # noqa: B023 - called at once
        pause.wait(chance.choice((0, 0, 0.05, 0.3)))  # a moment of the work to fall in, nothing waited for
        town.kill()
    town.start()
    until(lambda: at_rest(town) and len(answers(town)) == len(dropped), "all has come to rest")
    until(lambda: not [*(town.inbox / ".claims").iterdir()], "no claim is left")
    assert town.stop() == 0
    assert sorted(answers(town)) == ["accepted", "accepted", "accepted", "duplicate", "rejected"]
    assert flaws(town.tools, dropped) == []


def answers(running: Running) -> list[str]:
    with running.tools.db.read() as conn:
        return list(conn.execute(sa.select(t.intake.c.outcome)).scalars())


def entries(running: Running, kind: str) -> int:
    with running.tools.db.read() as conn:
        return int(conn.scalar(sa.select(sa.func.count()).where(t.trail.c.type == kind)) or 0)


def test_a_sign_command_killed_half_way_is_finished_by_whoever_comes_next(town: Running) -> None:
    data = json.dumps(sample("hemtjanst-kort")).encode()
    plan_id = str(receive(town.tools, data, new_id(town.tools.now())).plan_id)
    acts.rest(town.tools, plan_id)
    for number, role in enumerate(("brukare", "kontaktman", "enhetschef"), 1):
        killed = town.command("sign", plan_id, "--role", role)
        until(lambda: entries(town, "identified") == number, "the person is identified")  # noqa: B023 - called at once
        if role == "kontaktman":  # this one a little later, in the signature itself
            until(lambda: running_steps(town, "sign") or entries(town, "signed") == 2, "the step has begun")
        kill(killed)
        assert killed.returncode in {0, -9}
        again = town.command("sign", plan_id, "--role", role)
        out, err = again.communicate(timeout=120)
        answer = json.loads(out)
        # the first act either is finished now, or was finished just before the kill or by this command's own look
        assert again.returncode == 0 or answer["error"]["code"] in {"redan_avslutad", "redan_forseglad"}, err
        assert (entries(town, "identified"), entries(town, "signed")) == (number, number)
    acts.rest(town.tools, plan_id)
    with town.tools.db.read() as conn:
        (v,) = rows.versions(conn, plan_id)
    assert v.state == "archived"
    assert [f for f in flaws(town.tools, []) if "files came" not in f] == []


def running_steps(running: Running, kind: str) -> list[int]:
    with running.tools.db.read() as conn:
        query = sa.select(t.step.c.id).where(t.step.c.kind == kind, t.step.c.state == "running")
        return list(conn.execute(query).scalars())


def test_the_whole_journey_through_processes_that_fall_one_after_the_other(town: Running) -> None:
    plan = sample("hemtjanst-kort")
    town.drop("a.json", plan)
    town.drop("b.json", sample("lss-avstar"))
    town.drop("c.json", plan)
    town.drop("d.json", b'{"schema": 1}')
    town.drop("e.json", sample("uppdrag-utan-plan"))
    done = subprocess.run(
        [sys.executable, RELAY, town.home, "3", "15"],
        capture_output=True,
        timeout=600,
        check=False,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["states"] == {"GP-AH-2026-000093": "handed_over", "GP-NB-2026-000417": "handed_over"}
    assert told["broke"] == []
    assert told["flaws"] == []
    assert told["killed"] >= 10
    assert len(set(told["reached"])) >= 8, "the kills fall all along the way"
