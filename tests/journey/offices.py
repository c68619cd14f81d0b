"""A workspace where only the chief has still to sign, with settings of its own, and what is true when they have."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import acts
from pipeline.app import open_workspace
from pipeline.casework.tools import Tools
from pipeline.console import verification
from pipeline.errors import PlansigillError
from pipeline.store import tables as t
from tests.journey.conftest import Clock, Json, sample
from tests.journey.foreign import Written
from tests.plugins.judge_process import Judge
from tests.signatures.tsa_server import NOW, others

PLAN = "hemtjanst-kort"


class Office(Written):
    """A copy of that workspace, its settings, and what is done in it; papers around the plan are left out, for time."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.clock = Clock(NOW)
        self.plan_id = str(sample(PLAN)["plan_id"])
        self.opened: list[Tools] = []

    @property
    def tools(self) -> Tools:
        if not self.opened:
            tools = open_workspace(self.home, self.clock)
            without_papers = {name: each.model_copy(update={"dokument": ()}) for name, each in tools.profiles.items()}
            self.opened.append(replace(tools, profiles=without_papers))
        return self.opened[-1]

    def settings(self, **sections: object) -> None:
        super().settings(**sections)
        self.close()

    def close(self) -> None:
        while self.opened:
            self.opened.pop().db.engine.dispose()

    def sign(self, **told: Any) -> Json:
        return dict(acts.sign(self.tools, self.plan_id, "enhetschef", **told))

    def refused(self, act: Callable[[], object]) -> str:
        with pytest.raises(PlansigillError) as error:
            act()
        return error.value.code

    def entries(self, kind: str) -> list[Json]:
        with self.tools.db.read() as conn:
            found = conn.execute(t.trail.select().where(t.trail.c.type == kind).order_by(t.trail.c.idx)).all()
        return [json.loads(row.entry) for row in found]

    def judged(self) -> tuple[bytes, Json]:
        pdf = (self.home / "outbox" / f"{self.plan_id}_v1.pdf").read_bytes()
        return pdf, dict(verification.judge(self.tools, pdf))


def is_good(office: Office, judge: Judge | None = None) -> None:
    """Sealed, valid by our own rules, by the foreign certificate, and told in the trail before it was used."""
    pdf, report = office.judged()
    assert report["verdict"] == "valid", report["rules"]
    issuers = [each["trusted"] for each in report["signatures"]]
    assert issuers == [True] * 3
    assert len(office.entries("certificate_issued")) == 2
    (used,) = office.entries("certificate_used")
    (identified,) = [e for e in office.entries("identified") if e["role"] == "enhetschef"]
    assert used["evidence_id"] == identified["evidence_id"]
    if judge is not None:
        roots = [others().trust_pem(), office.tools.trust.tsa_roots_pem]
        told = judge.signatures(pdf, roots=roots, at=NOW + timedelta(hours=1))
        assert [each["indication"] for each in told["signatures"]] == ["TOTAL_PASSED"] * 3
