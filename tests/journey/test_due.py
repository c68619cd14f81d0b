"""Orders and events: what is due is seen, also before there is a plan."""

from typing import Any

import pytest

from pipeline import acts, standing
from tests.handelser import REVIEWED
from tests.journey.conftest import PLAN_ID, Town, sample


def due(town: Town, **about: Any) -> list[tuple[Any, Any]]:
    found = standing.due(town.tools)
    return [(d["code"], d["status"]) for d in found if all(d[key] == value for key, value in about.items())]


def event(slag: str, number: int, **more: Any) -> dict[str, Any]:
    return {"schema": "handelse/1", "handelse_id": f"NB-{slag}-{number}", "slag": slag, "av": "nb-1042"} | more


def task(town: Town, code: str) -> dict[str, Any]:
    (found,) = [dict(d) for d in standing.due(town.tools) if d["code"] == code]
    return found


def test_an_order_is_seen_until_its_plan_comes(town: Town) -> None:
    order = sample("uppdrag-utan-plan")
    assert town.send(order).outcome == "accepted"
    assert ("plan_klar", "open") in due(town, plan_id=None)
    assert town.send(order).outcome == "duplicate"
    town.clock.forward(days=30)
    assert ("plan_klar", "late") in due(town, plan_id=None, beslut_id="NB-2026-2217")
    plan = sample("hemtjanst-kort", plan_id="GP-TURE-1", brukare=order["brukare"])
    plan["uppdrag"] |= {"beslut_id": "NB-2026-2217"}
    town.ready(plan)
    assert due(town, plan_id=None) == []
    assert ("plan_klar", "late") not in due(town, plan_id="GP-TURE-1")


def test_an_event_on_an_order_starts_its_clock(town: Town) -> None:
    order = sample("uppdrag-utan-plan", handelser={"bestallning_mottagen": "2026-11-16", "insats_paborjad": None})
    town.send(order)
    assert ("plan_klar", "unknown") in due(town, plan_id=None)
    told = event("insats_paborjad", 1, beslut_id="NB-2026-2217", datum="2026-11-02")
    assert town.send(told).outcome == "accepted"
    assert ("plan_klar", "late") in due(town, plan_id=None)


def test_an_event_without_a_known_plan_or_order_is_refused(town: Town) -> None:
    told = town.send(event("verkstalld", 1, beslut_id="NB-OKAND", datum="2026-11-02"))
    assert (told.outcome, told.findings[0].code) == ("rejected", "okant_beslut")
    told = town.send(event("genomgangen", 1, plan_id="GP-OKAND", datum="2026-11-02", uppgifter={"med": "brukare"}))
    assert (told.outcome, told.findings[0].code) == ("rejected", "okand_plan")


def test_the_same_event_twice_is_one_and_its_id_is_its_own(open_town: Town) -> None:
    plan_id = PLAN_ID
    told = event("verkstalld", 1, plan_id=plan_id, datum="2026-11-02")
    assert open_town.send(told).outcome == "accepted"
    assert open_town.send(told).outcome == "duplicate"
    other = open_town.send(told | {"datum": "2026-11-03"})
    assert (other.outcome, other.findings[0].code) == ("rejected", "handelse_id_upptaget")


def test_a_protected_order_with_an_address_is_refused(town: Town) -> None:
    order = sample("uppdrag-utan-plan")
    order["brukare"]["skydd"] = "sekretessmarkering"
    answer = town.send(order)
    assert answer.outcome == "rejected"
    assert any(f.code == "skydd" for f in answer.findings)


def test_what_an_event_leaves_to_do_is_seen_until_it_is_done(town: Town) -> None:
    plan_id = town.ready(sample("lss-avstar"))
    town.sign_all(plan_id, "kontaktman", "enhetschef")
    plan = sample("lss-avstar")
    told = REVIEWED | {"foljs": {"svar": "delvis", "kommentar": "Städningen uteblir."}, "atgard": "Nytt schema."}
    told |= {"atgard_senast": "2026-12-01", "ansvarig": plan["roller"]["enhetschef"]["namn"]}
    assert town.send(event("manadsgenomgang", 1, plan_id=plan_id, datum="2026-11-20", uppgifter=told)).findings == ()
    left = task(town, "atgard")
    assert (left["from"], left["due"], left["status"]) == ("2026-11-20", "2026-12-01", "open")
    assert (left["source"], left["responsible"], left["version"]) == ("S3.4", "enhetschef", 1)
    assert left["note"] == "planen följs inte helt"
    assert "Städningen" not in str(left)
    town.clock.forward(days=12)
    assert task(town, "atgard")["status"] == "late"
    town.ready(sample("lss-avstar", andringsorsak="Nytt schema för städningen."))
    assert "atgard" not in [code for code, _ in due(town)]
    (met,) = [d for d in standing.status(town.tools, plan_id)["deadlines"] if d["code"] == "atgard"]
    assert (met["status"], met["note"]) == ("met", "planen följs inte helt; klar 1 dag för sent")


def test_a_withdrawn_version_leaves_the_one_in_force_its_deadlines(closed_town: Town) -> None:
    plan_id = PLAN_ID
    before = due(closed_town)
    assert ("uppfoljning", "open") in before
    closed_town.ready(sample("hemtjanst-kort", andringsorsak="Ny duschdag."))
    acts.withdraw(closed_town.tools, plan_id, reason="chef_vagrar", by="nb-0007")
    assert due(closed_town) == before


@pytest.mark.parametrize(("reason", "waits"), [("chef_vagrar", True), ("avliden", False)])
def test_an_order_waits_again_when_its_only_plan_is_withdrawn_and_still_wanted(
    reason: str, waits: bool, town: Town
) -> None:
    order = sample("uppdrag-utan-plan", brukare=sample("hemtjanst-kort")["brukare"])
    order["uppdrag"] |= {"beslut_id": "BI-2026-3311"}
    town.send(order)
    plan_id = town.ready(sample("hemtjanst-kort"))
    assert due(town, plan_id=None) == []
    acts.withdraw(town.tools, plan_id, reason=reason, by="nb-0007")
    assert (("plan_klar", "open") in due(town, plan_id=None)) == waits
    assert due(town, plan_id=plan_id) == []


def test_an_ended_insats_leaves_nothing_due(town: Town) -> None:
    town.send(sample("uppdrag-utan-plan"))
    plan_id = town.ready(sample("hemtjanst-kort"))
    town.sign_all(plan_id)
    assert due(town, plan_id=plan_id)
    assert due(town, plan_id=None)
    town.send(event("avslutad", 1, plan_id=plan_id, datum="2026-11-20"))
    assert due(town, plan_id=plan_id) == []
    town.send(event("avslutad", 2, beslut_id="NB-2026-2217", datum="2026-11-20"))
    assert due(town) == []
    town.clock.forward(days=10)
    town.ready(sample("hemtjanst-kort", andringsorsak="Insatsen återupptas."))
    assert due(town, plan_id=plan_id)


def test_a_first_plan_taken_with_gaps_of_its_routine_is_followed_up_early(town: Town) -> None:
    plan = sample("skyddad")
    for insats in plan["insatser"]:
        insats["behov"] = None
    receipt = town.send(plan)
    assert "behov" in {f.code for f in receipt.findings if f.level == "gap"}
    assert receipt.plan_id is not None
    acts.rest(town.tools, receipt.plan_id)
    roles = [str(s["role"]) for s in standing.status(town.tools, receipt.plan_id)["slots"] if not s["outcome"]]
    town.sign_all(receipt.plan_id, *roles)
    assert (task(town, "uppfoljning")["due"], task(town, "uppfoljning")["from"]) == ("2026-12-18", "2026-11-20")
