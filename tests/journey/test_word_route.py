"""A municipality whose plans are made in Word: the same journey, through LibreOffice, judged at every stage."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import acts
from pipeline.console import doctor
from pipeline.documents import office
from pipeline.documents.office import Programs
from pipeline.errors import EnvironmentFailed
from pipeline.store import rows
from tests.documents.dresses import dressed
from tests.documents.test_office import Traces, children, drivers
from tests.journey.conftest import Town, sample
from tests.journey.running import until, workspace
from tests.plugins.judge_process import Judge
from tests.plugins.judges import Opened, Pdf

SENT = ("hemtjanst-kort", "lss-avstar")
WORD = ("document", "prepared", "signed", "sealed")


@pytest.fixture
def town(town: Town) -> Iterator[Town]:
    """A workspace whose own dresses, for the samples' municipalities, say that plans are laid out in Word."""
    for kod in sorted({sample(name)["kommun"]["kod"] for name in SENT}):
        dressed(town.home, slug=f"kommun-{kod}", kod=kod, format="word", sidfot=["I Word"])
    yield town
    office.shared().stop()


def test_without_libreoffice_the_step_says_what_to_install_and_waits(
    town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    office.programs.cache_clear()
    receipt = town.send(sample("hemtjanst-kort"))
    assert receipt.plan_id is not None
    with pytest.raises(EnvironmentFailed) as failure:
        acts.rest(town.tools, receipt.plan_id)
    assert "apt-get install" in failure.value.sv
    value = acts.status(town.tools, receipt.plan_id)
    assert value["state"] == "received"
    assert {step["kind"]: step["error_code"] for step in value["waiting"]}["render"] == "libreoffice_saknas"
    monkeypatch.setenv("PATH", path)
    office.programs.cache_clear()


def test_doctor_fails_only_where_a_dress_asks_for_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Programs:
        raise EnvironmentFailed("libreoffice_saknas")

    def status() -> str:
        checks = doctor.report(town.home).values[0]["checks"]
        return next(str(check["status"]) for check in checks if check["id"] == "libreoffice")

    monkeypatch.setattr(office, "programs", missing)
    assert status() == "failed"
    shutil.rmtree(town.home / "kommuner")
    assert status() == "hint"


def stages(town: Town, plan_id: str, *kinds: str) -> list[tuple[str, bytes]]:
    with town.tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        return [(file.kind, town.tools.read(file)) for file in rows.files_of(conn, v, *kinds)]


@pytest.mark.parametrize(
    ("plan", "roles"),
    [
        (sample("hemtjanst-kort"), ("brukare", "kontaktman", "enhetschef")),
        (sample("lss-avstar", anpassning={"teckenstorlek_pt": 24}), ("kontaktman", "enhetschef")),
    ],
    ids=["everyone signs", "the brukare declines, large type"],
)
@pytest.mark.usefixtures("libreoffice_installed")
def test_every_stage_is_archivable_and_accessible_and_the_seal_holds(
    plan: dict[str, Any],
    roles: tuple[str, ...],
    town: Town,
    judge: Judge,
    qpdf_check: Callable[[Pdf], tuple[str, ...]],
    mutool: Callable[[Pdf], Opened],
) -> None:
    plan_id = town.ready(plan)
    (outbox,) = (p for p in (town.home / "outbox").glob("*.docx"))
    assert outbox.read_bytes() == dict(stages(town, plan_id, "word"))["word"]
    assert town.sign_all(plan_id, *roles)["state"] == "archived"
    found = stages(town, plan_id, *WORD)
    assert [kind for kind, _ in found] == ["document", "prepared", *["signed"] * len(roles), "sealed"]
    for kind, pdf in found if len(roles) == 3 else (found[0], found[-1]):
        verdict = judge.pdf(pdf)
        assert verdict["compliant"] == {"3a": True, "ua1": True}, (kind, verdict)
        assert qpdf_check(pdf) == (), kind
        assert mutool(pdf).complaints == (), kind
    sealed = judge.signatures(found[-1][1], roots=[town.tools.trust.roots_pem], at=town.clock() + timedelta(minutes=1))
    assert sealed["passed"], sealed
    assert {s["level"] for s in sealed["signatures"]} == {"PAdES-BASELINE-LTA"}


@pytest.mark.usefixtures("libreoffice_installed")
def test_a_killed_daemon_takes_libreoffice_with_it(made_once: Path, tmp_path: Path) -> None:
    plan = sample("hemtjanst-kort")
    with workspace(made_once, tmp_path / "town") as running:
        dressed(running.home, slug="i-word", kod=plan["kommun"]["kod"], format="word")
        daemon = running.start()
        until(running.is_watching, "it watches")
        running.drop("plan.json", plan)
        wanted = {"v1.docx", "v1.osignerad.pdf"}
        until(lambda: wanted <= running.copies(plan["plan_id"]), "the plan is in outbox, as Word and to sign")
        (worker,) = (pid for pid in children(daemon.pid) if drivers(pid))
        traces = Traces.of(worker)
        running.kill()
    until(lambda: not traces.remain, "LibreOffice is gone", 30)
