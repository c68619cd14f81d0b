"""Versions, editions and duplicates: what a file becomes when its plan is known already."""

import json

import pytest

from pipeline import acts, standing
from pipeline.errors import Refused
from tests.journey.conftest import PLAN_ID, Town, sample


def outbox(town: Town) -> set[str]:
    return {p.name for p in (town.home / "outbox").iterdir()}


def test_the_same_content_again_is_a_duplicate_with_the_first_receipt(town: Town) -> None:
    first = town.send(sample("hemtjanst-kort"))
    again = town.send(sample("hemtjanst-kort", _kommentar="en annan kommentar"))
    assert (again.outcome, again.receipt, again.version) == ("duplicate", first.receipt, 1)


def test_other_content_is_a_new_version_that_replaces_an_unsigned_one_at_once(open_town: Town) -> None:
    plan_id = PLAN_ID
    assert outbox(open_town) >= {f"{plan_id}_v1.osignerad.pdf", f"{plan_id}_v1.kvitto.json"}
    acts.sign(open_town.tools, plan_id, "brukare")
    open_town.ready(sample("hemtjanst-kort", andringsorsak="Ny duschdag."))
    assert standing.status(open_town.tools, plan_id)["version"] == 2
    assert standing.status(open_town.tools, plan_id, 1)["state"] == "superseded"
    assert not [name for name in outbox(open_town) if "_v1." in name]
    with pytest.raises(Refused) as refused:
        acts.sign(open_town.tools, plan_id, "kontaktman", version=1)
    assert refused.value.code == "ersatt_version"


def test_a_sealed_version_stays_in_force_until_the_new_one_is_sealed(town: Town) -> None:
    plan_id = town.ready(sample("lss-avstar"))
    assert town.sign_all(plan_id, "kontaktman", "enhetschef")["state"] == "archived"
    town.ready(sample("lss-avstar", andringsorsak="Ny städdag igen."))
    assert standing.status(town.tools, plan_id, 1)["state"] == "archived"
    assert f"{plan_id}_v1.pdf" in outbox(town)
    acts.hand_over(town.tools, plan_id, by="ah-0310")
    assert standing.status(town.tools, plan_id, 1)["state"] == "handed_over"
    assert town.sign_all(plan_id, "kontaktman", "enhetschef")["state"] == "archived"
    assert standing.status(town.tools, plan_id, 1)["state"] == "superseded"
    plans = {f"{plan_id}_v{number}.pdf" for number in (1, 2)}
    assert outbox(town) & plans == {f"{plan_id}_v2.pdf"}
    assert f"{plan_id}_v1.overlamningskvitto.pdf" in outbox(town)


def test_the_same_plan_id_with_another_person_is_rejected_unless_confirmed(open_town: Town) -> None:
    plan_id = PLAN_ID
    other = sample("hemtjanst-kort", brukare=sample("lss-avstar")["brukare"])
    rejected = open_town.send(other)
    assert rejected.outcome == "rejected"
    assert [(f.code, f.field) for f in rejected.findings] == [("fel_person", "brukare.person_id")]
    assert standing.status(open_town.tools, plan_id)["version"] == 1
    other_town = sample("hemtjanst-kort")
    other_town["kommun"]["kod"] = "9903"
    assert open_town.send(other_town).findings[0].field == "kommun.kod"
    assert open_town.send(other, confirm_person=True).version == 2


def test_what_the_routine_stops_is_sent_back_and_nothing_is_kept(town: Town) -> None:
    plan = sample("hemtjanst-kort")
    plan["insatser"][1]["hur"] = None
    answer = town.send(plan)
    assert answer.outcome == "rejected"
    assert ("hur", "insatser[1].hur") in [(f.code, f.field) for f in answer.findings]
    assert standing.all_plans(town.tools) == []


def test_a_letter_no_font_can_write_is_answered_with_its_field(town: Town) -> None:
    plan = sample("hemtjanst-kort")
    plan["mal"][0]["text"] = "目標"
    answer = town.send(plan)
    assert answer.outcome == "rejected"
    assert ("tecken", "mal[0].text") in [(f.code, f.field) for f in answer.findings]


def test_the_receipt_in_outbox_is_the_process_result(open_town: Town) -> None:
    plan_id = PLAN_ID
    receipt = json.loads((open_town.home / "outbox" / f"{plan_id}_v1.kvitto.json").read_text("utf-8"))
    assert receipt["outcome"] == "accepted"
    assert receipt["document"] == f"outbox/{plan_id}_v1.osignerad.pdf"
    assert set(receipt) == {"file", "outcome", "plan_id", "version", "receipt", "findings", "document"}
