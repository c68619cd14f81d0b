"""Orders and events: what is due is seen, also before there is a plan."""

from typing import Any

from pipeline import standing
from tests.journey.conftest import Town, sample


def due(town: Town, **about: Any) -> list[tuple[Any, Any]]:
    found = standing.due(town.tools)
    return [(d["code"], d["status"]) for d in found if all(d[key] == value for key, value in about.items())]


def event(slag: str, number: int, **more: Any) -> dict[str, Any]:
    return {"schema": "handelse/1", "handelse_id": f"NB-{slag}-{number}", "slag": slag, "av": "nb-1042"} | more


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


def test_the_same_event_twice_is_one_and_its_id_is_its_own(town: Town) -> None:
    plan_id = town.ready(sample("hemtjanst-kort"))
    told = event("verkstalld", 1, plan_id=plan_id, datum="2026-11-02")
    assert town.send(told).outcome == "accepted"
    assert town.send(told).outcome == "duplicate"
    other = town.send(told | {"datum": "2026-11-03"})
    assert (other.outcome, other.findings[0].code) == ("rejected", "handelse_id_upptaget")


def test_a_protected_order_with_an_address_is_refused(town: Town) -> None:
    order = sample("uppdrag-utan-plan")
    order["brukare"]["skydd"] = "sekretessmarkering"
    answer = town.send(order)
    assert answer.outcome == "rejected"
    assert any(f.code == "skydd" for f in answer.findings)
