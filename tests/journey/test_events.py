"""Events through a plan's life: which version they concern, what moves along, what is kept of them."""

import json

import sqlalchemy as sa

from pipeline import acts
from pipeline.archive.history import read_history
from pipeline.archive.preserve import object_id
from pipeline.store import tables as t
from pipeline.store import trail
from pipeline.store.crypt import open_bytes
from tests.handelser import GOALS, event
from tests.journey.conftest import PLAN_ID, Json, Town, sample

STAFF = ("kontaktman", "enhetschef")


def goals(*ids: str) -> Json:
    return {"mal": [{"mal_id": mal_id, "uppnatt": "delvis"} for mal_id in ids]}


def second(**changes: object) -> Json:
    """A new version of the LSS plan without its third goal."""
    plan = sample("lss-avstar", andringsorsak="Ett mål är nått.", **changes)
    plan["mal"] = plan["mal"][:2]
    for insats in plan["insatser"]:
        insats["mal_ref"] = [ref for ref in insats["mal_ref"] if ref != "M3"] or ["M1"]
    return plan


def test_a_follow_up_is_of_the_version_in_force_on_its_day(town: Town) -> None:
    plan_id = town.ready(sample("lss-avstar"))
    town.sign_all(plan_id, *STAFF)  # 20 November
    town.clock.forward(days=10)
    town.ready(second())
    waiting = town.send(event("uppfoljning", 1, "2026-11-30", plan_id=plan_id))
    assert (waiting.outcome, waiting.version) == ("accepted", 1)  # the second waits for its signatures
    town.sign_all(plan_id, *STAFF)
    late = town.send(event("uppfoljning", 2, "2026-11-29", plan_id=plan_id))
    assert (late.outcome, late.version) == ("accepted", 1)
    wrong = town.send(event("uppfoljning", 3, "2026-11-30", plan_id=plan_id))
    assert [(f.code, f.field) for f in wrong.findings if f.level == "stop"] == [
        ("okant_mal", "uppgifter.mal[2].mal_id")
    ]
    now = town.send(event("uppfoljning", 4, "2026-11-30", plan_id=plan_id, uppgifter=goals("M1", "M2")))
    assert (now.outcome, now.version, now.findings) == ("accepted", 2, ())
    judged = town.send(event("bedomning", 1, "2026-11-30", plan_id=plan_id))
    assert (judged.outcome, judged.version) == ("accepted", 1)  # each version has its own, also one replaced since


def test_feedback_is_on_the_version_at_hand_that_day_and_a_go_through_on_the_newest(open_town: Town) -> None:
    plan_id = PLAN_ID
    open_town.clock.forward(days=5)
    open_town.ready(sample("hemtjanst-kort", andringsorsak="Ny duschdag."))
    for slag, day, version in (
        ("aterkoppling_skickad", "2026-11-24", 1),
        ("aterkoppling_skickad", "2026-11-25", 2),
        ("planerare_meddelad", "2026-11-01", 1),  # the planerare may know before the file comes
        ("genomgangen", "2026-11-24", 2),  # people talk first and send the file after
    ):
        told = open_town.send(event(slag, day, day, plan_id=plan_id))
        assert (told.outcome, told.version) == ("accepted", version)
    acts.withdraw(open_town.tools, plan_id, reason="annat", by="nb-0007")
    told = open_town.send(event("genomgangen", "sist", "2026-11-25", plan_id=plan_id))
    assert (told.outcome, told.version) == ("accepted", 1)


def test_what_was_recorded_on_an_order_moves_along_when_its_plan_comes(town: Town) -> None:
    order = sample("uppdrag-utan-plan", brukare=sample("hemtjanst-kort")["brukare"])
    order["uppdrag"] |= {"beslut_id": "BI-2026-3311"}
    town.send(order)
    early = event("drojsmal", 1, "2026-11-20", beslut_id="BI-2026-3311")
    of_a_plan = event("kommunicerad", 1, "2026-11-20", beslut_id="BI-2026-3311")
    assert [town.send(told).outcome for told in (early, of_a_plan)] == ["accepted", "rejected"]
    plan_id = town.ready(sample("hemtjanst-kort"))
    later = town.send(of_a_plan)
    assert (later.outcome, later.plan_id, later.version) == ("accepted", plan_id, 1)
    town.sign_all(plan_id)
    with town.tools.db.read() as conn:
        history = read_history(conn, town.tools.keys, plan_id)
    assert [row["handelse_id"] for row in history.plan["handelse"]] == ["NB-drojsmal-1"]
    assert history.plan["handelse"][0]["content"] == early
    assert [row["handelse_id"] for row in history.versions[1]["handelse"]] == ["NB-kommunicerad-1"]


def test_an_event_goes_into_the_archive_object_and_the_trail_says_nothing_personal(closed_town: Town) -> None:
    plan_id = PLAN_ID
    told = event("uppfoljning", 1, "2026-11-20", plan_id=plan_id, av="Emma Sjöö")
    told["uppgifter"] = {"mal": GOALS, "hur_stodet_fungerar": "Duschen går bättre."}
    closed_town.send(told)
    acts.rest(closed_town.tools, plan_id)
    sealed = closed_town.tools.ocfl.read(object_id(plan_id), "v1/history.json.enc")
    assert sealed is not None
    kept = json.loads(open_bytes(closed_town.tools.keys.get(plan_id), sealed))
    assert [row["content"] for row in kept["tables"]["handelse"]] == [told]
    with closed_town.tools.db.read() as conn:
        entries = conn.execute(sa.select(t.trail.c.entry).where(t.trail.c.type == "event_recorded")).scalars().all()
        assert trail.check(conn) == ()
    (entry,) = [json.loads(bytes(found)) for found in entries]
    assert set(entry) == {
        "v", "type", "at", "salt", "plan_id", "version", "handelse_id", "slag", "datum", "content_sha256", "intake_id",
    }  # fmt: skip
    assert (entry["slag"], entry["datum"], entry["version"]) == ("uppfoljning", "2026-11-20", 1)
