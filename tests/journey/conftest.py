"""Workspaces to try the journey in: made once (keys cost time), copied for each test, with a clock that tests move."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline import acts
from pipeline.app import make_workspace, open_workspace
from pipeline.casework.receipts import Receipt
from pipeline.casework.tools import Tools
from pipeline.console.verification import judge
from pipeline.intake.names import new_id
from pipeline.reception import receive
from pipeline.store import tables as t
from signatures.identity import IdentityEvidence

SAMPLES = Path(__file__).parent.parent / "samples"
PLAN_ID = "GP-NB-2026-000417"
"""Of the sample `hemtjanst-kort`."""
CHIEF = "nb-0007"
BATCH = tuple(f"GP-NB-2026-00{number}" for number in (4170, 4171, 4172))
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

if TYPE_CHECKING:
    from tests.journey.offices import Office

Json = dict[str, Any]


@dataclass
class Clock:
    """The time, which goes one second at every look so that no two acts share it."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Town:
    """One test workspace and what tests do in it."""

    tools: Tools
    clock: Clock

    @property
    def home(self) -> Path:
        return self.tools.home

    def send(self, plan: Json, *, confirm_person: bool = False) -> Receipt:
        data = json.dumps(plan, ensure_ascii=False).encode()
        return receive(self.tools, data, new_id(self.clock()), confirm_person=confirm_person)

    def ready(self, plan: Json) -> str:
        """Send a plan and make its document ready to sign; its plan id."""
        receipt = self.send(plan)
        assert receipt.outcome == "accepted", receipt.findings
        acts.rest(self.tools, receipt.plan_id)
        assert receipt.plan_id is not None
        return receipt.plan_id

    def sign_all(self, plan_id: str, *roles: str) -> Json:
        value: Any = {}
        for role in roles or ("brukare", "kontaktman", "enhetschef"):
            value = acts.sign(self.tools, plan_id, role)
        return dict(value)


def rewrite_evidence(tools: Tools, plan_id: str, role: str, **changes: Any) -> str:
    """Change a stored piece of evidence, as somebody could who holds the archive and its keys; its new SHA-256."""
    with tools.db.write() as conn:
        row = conn.execute(t.evidence.select().where(t.evidence.c.role == role)).one()
        told = tools.open(plan_id, t.evidence_column(row.id), row.evidence_enc)
        other = replace(IdentityEvidence.from_canonical(str(told["evidence"]).encode()), **changes)
        kept = tools.seal(plan_id, t.evidence_column(row.id), {**told, "evidence": other.canonical().decode()})
        conn.execute(t.evidence.update().where(t.evidence.c.id == row.id).values(evidence_enc=kept))
    return other.digest()


def forgotten(conn: Connection, role: str, *types: str) -> None:
    """Take the trail's lines of these types about the role out of it, as anybody can who holds the database."""
    conn.execute(sa.text("drop trigger trail_kept"))
    for row in conn.execute(t.trail.select().where(t.trail.c.type.in_(types))).all():
        if json.loads(bytes(row.entry)).get("role") == role:
            conn.execute(t.trail.delete().where(t.trail.c.idx == row.idx))


def of_identities(town: "Town", plan_id: str) -> object:
    """What A2 says of the plan's sealed file, and why."""
    rules = judge(town.tools, (town.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes())["rules"]
    return {rule["id"]: rule["reason"] for rule in rules}["A2"]  # type: ignore[attr-defined]  # JSON: any object


def sample(name: str, **changes: Any) -> Json:
    """A sample file with top-level keys replaced."""
    plan: Json = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return plan | changes


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "town"
    make_workspace(home, test=True, clock=lambda: START - timedelta(days=1))
    return home


@pytest.fixture(scope="session")
def open_once(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace where a plan waits for its signatures; making its document costs time."""
    home = tmp_path_factory.mktemp("open") / "town"
    shutil.copytree(made_once, home)
    clock = Clock()
    town = Town(open_workspace(home, clock), clock)
    assert town.ready(sample("hemtjanst-kort")) == PLAN_ID
    town.tools.db.engine.dispose()
    return home


@pytest.fixture(scope="session")
def closed_once(open_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same when all three have signed and it is archived."""
    home = tmp_path_factory.mktemp("closed") / "town"
    shutil.copytree(open_once, home)
    clock = Clock(START + timedelta(minutes=1))
    town = Town(open_workspace(home, clock), clock)
    assert town.sign_all(PLAN_ID)["state"] == "archived"
    town.tools.db.engine.dispose()
    return home


@pytest.fixture(scope="session")
def chiefs_plans_once(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace where the plans of BATCH wait for their chief, who has opened none; making it costs time."""
    home = tmp_path_factory.mktemp("chief") / "town"
    shutil.copytree(made_once, home)
    clock = Clock()
    town = Town(open_workspace(home, clock), clock)
    for plan_id in BATCH:
        town.ready(sample("hemtjanst-kort", plan_id=plan_id))
        town.sign_all(plan_id, "brukare", "kontaktman")
    town.tools.db.engine.dispose()
    return home


@pytest.fixture
def chiefs_town(new_town: Callable[..., Town], chiefs_plans_once: Path) -> Town:
    """A workspace of the test's own where the plans of BATCH wait for the employee CHIEF."""
    return new_town(of=chiefs_plans_once, now=START + timedelta(minutes=5))


@pytest.fixture
def new_town(made_once: Path, tmp_path: Path) -> Iterator[Callable[..., Town]]:
    made: list[Tools] = []

    def make(name: str = "town", of: Path = made_once, now: datetime = START) -> Town:
        home = tmp_path / name
        shutil.copytree(of, home)
        clock = Clock(now)
        made.append(open_workspace(home, clock))
        return Town(made[-1], clock)

    yield make
    for tools in made:
        tools.db.engine.dispose()


@pytest.fixture
def town(new_town: Callable[..., Town]) -> Town:
    return new_town()


@pytest.fixture
def open_town(new_town: Callable[..., Town], open_once: Path) -> Town:
    """A workspace of the test's own where the plan PLAN_ID waits for its signatures."""
    return new_town(of=open_once, now=START + timedelta(minutes=1))


@pytest.fixture
def closed_town(new_town: Callable[..., Town], closed_once: Path) -> Town:
    """A workspace of the test's own where the plan PLAN_ID is signed and archived."""
    return new_town(of=closed_once, now=START + timedelta(minutes=2))


@pytest.fixture(scope="session")
def lists_at() -> Iterator[str]:
    from tests.journey.foreign import authority

    with authority() as address:
        yield address


@pytest.fixture(scope="session")
def signed_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace where only the chief has still to sign."""
    from tests.signatures.tsa_server import NOW

    home = tmp_path_factory.mktemp("made") / "town"
    from tests.journey.offices import PLAN

    tools = make_workspace(home, test=True, clock=Clock(NOW - timedelta(hours=1)))
    town = Town(tools, Clock(NOW - timedelta(hours=1)))
    town.sign_all(town.ready(sample(PLAN)), "brukare", "kontaktman")
    tools.db.engine.dispose()
    return home


@pytest.fixture
def office(signed_twice: Path, tmp_path: Path) -> "Iterator[Office]":
    from tests.journey.offices import Office

    home = tmp_path / "town"
    shutil.copytree(signed_twice, home)
    made = Office(home)
    yield made
    made.close()
