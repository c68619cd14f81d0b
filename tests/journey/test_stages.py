"""Every stage of every kind of ending, judged by veraPDF, EU DSS, pdfsig, qpdf and MuPDF."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import acts, waiving
from pipeline.console.verification import judge as our_judge
from pipeline.store import papers, rows
from tests.journey.conftest import PLAN_ID, START, Town, sample
from tests.plugins.judge_process import Judge
from tests.plugins.judges import Opened, Pdf, PdfsigSignature
from tests.skanning import scan

SCAN = scan()


@dataclass(frozen=True)
class Ending:
    """A plan and how its brukare's slot ends."""

    name: str
    plan: dict[str, Any]
    waiver: waiving.Waiver | None = None
    roles: tuple[str, ...] = ("kontaktman", "enhetschef")
    represented_by: str | None = None


def _represented() -> dict[str, Any]:
    plan = sample("hemtjanst-kort")
    god_man = {"namn": "Nils Čapek", "roll": "god_man", "omfattning": ["sorja_for_person"], "far_underteckna": True}
    return plan | {"foretradare": [god_man], "anpassning": {"teckenstorlek_pt": 18}}


def _absent() -> dict[str, Any]:
    plan = sample("skyddad", delaktighet={"status": "kunde_inte"})
    return plan | {"deltagare": [{"namn": "sv-3301", "roll": "kontaktman"}], "anpassning": {"teckenstorlek_pt": 24}}


def endings() -> Iterator[Ending]:
    everyone = ("brukare", "kontaktman", "enhetschef")
    yield Ending("signed", sample("hemtjanst-kort"), roles=everyone)
    yield Ending("represented", _represented(), represented_by="Nils Čapek")
    yield Ending("declined", sample("lss-avstar"))
    yield Ending("not_participating", _absent())
    unable = waiving.Waiver("brukare", "unable", "kan_inte_fysiskt", "nb-1042", "Bruten arm.")
    yield Ending("unable", sample("hemtjanst-kort", anpassning={"teckenstorlek_pt": 36}), unable)
    paper = waiving.Waiver("brukare", "paper", None, "nb-1042", scan=SCAN)
    yield Ending("paper", sample("hemtjanst-kort", anpassning={"teckenstorlek_pt": 12}), paper)


@pytest.mark.parametrize("ending", tuple(endings()), ids=lambda ending: ending.name)
def test_every_stage_is_archivable_and_accessible_and_the_seal_holds(
    ending: Ending,
    town: Town,
    judge: Judge,
    qpdf_check: Callable[[Pdf], tuple[str, ...]],
    mutool: Callable[[Pdf], Opened],
) -> None:
    plan_id = town.ready(ending.plan)
    if ending.waiver is not None:
        waiving.waive(town.tools, plan_id, ending.waiver)
    if ending.represented_by is not None:
        acts.sign(town.tools, plan_id, "brukare", as_id=ending.represented_by, basis=SCAN)
    assert town.sign_all(plan_id, *ending.roles)["state"] == "archived"
    acts.hand_over(town.tools, plan_id, by=_anyone(ending.plan))
    stages = list(_stages(town, plan_id, every=ending.name == "signed"))
    assert [kind for kind, _ in stages if kind == "sealed"] == ["sealed"]
    assert len(stages) >= (5 if ending.name == "signed" else 2)
    for kind, pdf in stages:
        found = judge.pdf(pdf)
        assert found["compliant"] == {"3a": True, "ua1": True}, (kind, found)
        assert qpdf_check(pdf) == (), kind
        assert mutool(pdf).complaints == (), kind
    _dss_says_lta(town, judge, dict(stages)["sealed"], looks=ending.name == "signed")


def _anyone(plan: dict[str, Any]) -> str:
    return str(plan["roller"]["kontaktman"]["personal_id"])


def _stages(town: Town, plan_id: str, *, every: bool) -> Iterator[tuple[str, bytes]]:
    """The files of the plan; those between the first and the last, and the papers, are much the same in each ending."""
    with town.tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        for file in rows.files_of(conn, v, "document", *(("prepared", "signed") if every else ()), "sealed"):
            yield file.kind, town.tools.read(file)
        for paper in papers.papers_of_plan(conn, plan_id):
            if paper.form == "pdf" and every:
                yield paper.slag, town.tools.read(paper)


def _dss_says_lta(town: Town, judge: Judge, sealed: bytes, *, looks: bool = False) -> None:
    roots = [town.tools.trust.roots_pem]
    found = judge.signatures(sealed, roots=roots, at=town.clock() + timedelta(minutes=1), looks=looks)
    assert found["passed"], found
    assert {s["level"] for s in found["signatures"]} == {"PAdES-BASELINE-LTA"}
    assert {str(s["indication"]) for s in found["signatures"]} == {"TOTAL_PASSED"}
    kinds = ("visual_difference", "page_difference", "annotation", "overlapping_annotations")
    assert {(kind, s["later_changes"][kind]) for s in found["signatures"] for kind in kinds} == {(k, 0) for k in kinds}


def _sealed(town: Town) -> Path:
    return town.tools.outbox / f"{PLAN_ID}_v1.pdf"


def test_a_year_on_the_certificates_have_ended_and_the_plan_still_holds(closed_town: Town, judge: Judge) -> None:
    sealed = _sealed(closed_town).read_bytes()
    closed_town.clock.forward(days=370)
    assert closed_town.clock.now > START + timedelta(days=366)
    report = our_judge(closed_town.tools, sealed)
    assert report["verdict"] == "valid", report
    _dss_says_lta(closed_town, judge, sealed)


def test_pdfsig_agrees_once_it_trusts_the_root(
    closed_town: Town, pdfsig: Callable[..., tuple[PdfsigSignature, ...]]
) -> None:
    found = pdfsig(_sealed(closed_town), roots=[closed_town.tools.trust.roots_pem])
    people = [s for s in found if "Arkiv" not in s.field]
    assert [(s.valid, s.trusted) for s in people] == [(True, True)] * 3


def test_the_tags_read_aloud_in_the_order_of_the_pages(closed_town: Town) -> None:
    told = subprocess.run(
        ["pdfinfo", "-struct-text", str(_sealed(closed_town))], check=True, capture_output=True
    ).stdout.decode()
    order = ["Din plan i korthet", "Dusch", "Underskrifter", "Form"]
    places = [told.index(word) for word in order]
    assert places == sorted(places)
    assert told.count("Form") >= 3
