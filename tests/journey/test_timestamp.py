"""A time-stamp server that does not answer stops the signature visibly; it is never replaced by a bare clock."""

import pytest

from pipeline import acts, standing
from pipeline.app import open_workspace
from pipeline.casework.tools import Tools
from pipeline.console import doctor
from pipeline.errors import EnvironmentFailed
from tests.journey.conftest import PLAN_ID, Town


def without_timestamps(town: Town) -> Tools:
    """The same workspace, with a time-stamp server where nobody listens."""
    (town.home / "tsa.pem").write_bytes(town.tools.trust.tsa_roots_pem)
    config = town.home / "plansigill.toml"
    config.write_text('test = true\n[timestamp]\nurl = "http://127.0.0.1:9/"\nroots = "tsa.pem"\n')
    tools = open_workspace(town.home, town.clock)
    config.write_text("test = true\n")
    return tools


def test_the_act_waits_and_is_finished_by_trying_again(open_town: Town) -> None:
    plan_id = PLAN_ID
    stopped = without_timestamps(open_town)
    with pytest.raises(EnvironmentFailed) as failed:
        acts.sign(stopped, plan_id, "brukare")
    assert (failed.value.code, failed.value.exit_code) == ("tidsstampel_onabar", 3)
    value = standing.status(open_town.tools, plan_id)
    assert value["slots"][0]["outcome"] is None
    stopped_steps = [(step["kind"], step["error_code"]) for step in value["waiting"] if step["attempts"]]
    assert stopped_steps == [("sign", "tidsstampel_onabar")]
    assert acts.sign(open_town.tools, plan_id, "brukare")["slots"][0]["outcome"] == "signed"
    stopped.db.engine.dispose()


def test_doctor_says_that_no_time_stamps_can_be_had(town: Town) -> None:
    without_timestamps(town).db.engine.dispose()
    (town.home / "plansigill.toml").write_text(
        'test = true\n[timestamp]\nurl = "http://127.0.0.1:9/"\nroots = "tsa.pem"\n'
    )
    answer = doctor.report(town.home)
    checks = {check["id"]: check["status"] for check in answer.values[0]["checks"]}  # type: ignore[attr-defined]
    assert (checks["tidsstampel"], answer.exit_code) == ("failed", 1)
