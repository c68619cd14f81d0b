"""A protection that comes after the plan: who can be found, what may come in, and what is never touched."""

import hashlib

from pipeline import acts, standing
from pipeline.archive import lookup
from pipeline.casework import papers
from pipeline.casework.around import About, Asked, about_version, gather
from pipeline.documents.kinds import kind
from pipeline.store import rows
from tests.journey.conftest import PLAN_ID, START, Json, Town, sample


def change(number: int, skydd: str, datum: str = "2026-11-20", **about: str) -> Json:
    told = {"schema": "handelse/1", "handelse_id": f"NB-SKYDD-{number}", "slag": "skydd_andrat", "datum": datum}
    return told | {"av": "nb-1042", "uppgifter": {"skydd": skydd}} | about


def found(town: Town, name: str) -> set[str]:
    access = lookup.Access("prov", town.tools.now())
    return {row.plan_id for row in lookup.find(town.tools, lookup.Criteria(text=name), access)}


def protected(**changes: object) -> Json:
    """The plan as it may come once its person is protected."""
    plan = sample("hemtjanst-kort", andringsorsak="Skyddade uppgifter.", narstaende=[], **changes)
    person = plan["brukare"] | {"skydd": "sekretessmarkering", "adress": None, "telefon": None}
    plan["brukare"] = person | {"person_id": {"typ": "internt", "varde": "SKYDD-1"}}
    plan["deltagare"] = [one for one in plan["deltagare"] if one["roll"] != "narstaende"]
    for insats in plan["insatser"]:
        insats["nar"] = {"text": "Varje vecka", "frekvens": {"antal": 1, "per": "vecka"}}
    return plan


def test_a_protection_hides_the_person_from_names_and_may_be_lifted(closed_town: Town) -> None:
    plan_id = PLAN_ID
    other = closed_town.ready(sample("hemtjanst-kort", plan_id="GP-ANNAN-1"))
    sealed = hashlib.sha256((closed_town.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes()).hexdigest()
    assert found(closed_town, "Björkqvist") == {plan_id, other}
    assert closed_town.send(change(1, "sekretessmarkering", plan_id=plan_id)).outcome == "accepted"
    assert found(closed_town, "Björkqvist") == set()
    assert found(closed_town, plan_id) == {plan_id}
    waiting = [d["plan_id"] for d in standing.due(closed_town.tools) if d["code"] == "skydd_ny_version"]
    assert sorted(map(str, waiting)) == sorted([plan_id, other])
    acts.rest(closed_town.tools, plan_id)
    got = lookup.get(closed_town.tools, plan_id, lookup.Access("prov", closed_town.tools.now()))
    assert hashlib.sha256(got.data).hexdigest() == sealed
    closed_town.send(change(2, "ingen", plan_id=plan_id))
    assert found(closed_town, "Björkqvist") == {plan_id, other}


def test_a_late_word_does_not_undo_a_later_one(open_town: Town) -> None:
    plan_id = PLAN_ID
    open_town.clock.forward(days=10)
    open_town.send(change(1, "skyddad_folkbokforing", "2026-11-28", plan_id=plan_id))
    open_town.send(change(2, "ingen", "2026-11-25", plan_id=plan_id))
    assert found(open_town, "Aina") == set()


def test_a_file_may_not_leave_out_a_protection_that_has_been_recorded(open_town: Town) -> None:
    plan_id = PLAN_ID
    open_town.send(change(1, "sekretessmarkering", plan_id=plan_id))
    order = sample("uppdrag-utan-plan", brukare=sample("hemtjanst-kort")["brukare"])
    newer = sample("hemtjanst-kort", andringsorsak="Ny duschdag.")
    for file in (newer, sample("hemtjanst-kort", plan_id="GP-ANNAN-1"), order):
        answer = open_town.send(file)
        assert (answer.outcome, [(f.code, f.field) for f in answer.findings if f.level == "stop"]) == (
            "rejected",
            [("skydd_galler", "brukare.skydd")],
        )
    answer = open_town.send(protected(), confirm_person=True)
    assert (answer.outcome, answer.version) == ("accepted", 2)
    assert "skydd_ny_version" not in [d["code"] for d in standing.due(open_town.tools)]
    assert found(open_town, "Aina") == set()


def test_a_protection_recorded_on_an_order_holds_for_the_plan_that_comes(town: Town) -> None:
    order = sample("uppdrag-utan-plan", brukare=sample("hemtjanst-kort")["brukare"])
    order["uppdrag"] |= {"beslut_id": "BI-2026-3311"}
    town.send(order)
    town.send(change(1, "sekretessmarkering", beslut_id="BI-2026-3311"))
    assert "skydd_ny_version" in [d["code"] for d in standing.due(town.tools)]
    answer = town.send(sample("hemtjanst-kort"))
    assert [f.code for f in answer.findings if f.level == "stop"] == ["skydd_galler"]
    town.clock.forward(days=1)
    town.send(change(2, "ingen", "2026-11-21", beslut_id="BI-2026-3311"))
    assert town.send(sample("hemtjanst-kort")).outcome == "accepted"


def copies(town: Town, plan_id: str) -> set[str]:
    acts.rest(town.tools, plan_id)
    return {path.name for path in town.tools.outbox.iterdir() if path.name.startswith(f"{plan_id}_v")}


def test_what_says_too_much_leaves_outbox_and_comes_back_when_the_protection_is_lifted(closed_town: Town) -> None:
    plan_id = PLAN_ID
    other = closed_town.ready(sample("hemtjanst-kort", plan_id="GP-ANNAN-1"))
    before = copies(closed_town, plan_id), copies(closed_town, other)
    assert {f"{plan_id}_v1.pdf", f"{plan_id}_v1.planerare.txt"} <= before[0]
    closed_town.send(change(1, "sekretessmarkering", plan_id=plan_id))
    assert (copies(closed_town, plan_id), copies(closed_town, other)) == (
        {f"{plan_id}_v1.kvitto.json"},
        {f"{other}_v1.kvitto.json"},
    )
    assert standing.status(closed_town.tools, plan_id)["document"] is None
    closed_town.send(change(2, "ingen", plan_id=plan_id))
    assert (copies(closed_town, plan_id), copies(closed_town, other)) == before


def test_a_document_made_after_the_protection_tells_no_days_and_no_number(closed_town: Town) -> None:
    plan_id = PLAN_ID
    closed_town.send(change(1, "sekretessmarkering", plan_id=plan_id))
    with closed_town.tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        told = gather(
            closed_town.tools,
            conn,
            about_version(v),
            Asked("planerare", "prov", closed_town.tools.today()),
            kind("planerare"),
        )
        draft = papers.shown_rendering(closed_town.tools, conn, v)
    for plan in (told.plan, draft.plan):
        assert plan.brukare.skydd == "sekretessmarkering"
        assert not any(insats.nar for insats in plan.insatser)
    assert told.plan.brukare.person_id.typ == "internt"
    assert told.plan.brukare.adress is None
    with closed_town.tools.db.read() as conn:
        asked = Asked("verifieringsintyg", "prov", closed_town.tools.today())
        verdict = gather(closed_town.tools, conn, about_version(v), asked, kind("verifieringsintyg")).verdict
    assert verdict is not None
    assert (verdict.verdict, verdict.reports) == ("valid", ()), (
        "a report holds the certificates, with the person's name"
    )


def test_the_confirmation_of_an_order_leaves_outbox_when_its_person_is_protected(town: Town) -> None:
    receipt = town.send(sample("uppdrag-utan-plan", profil="lov_rambeslut"))
    owner = f"uppdrag-{receipt.receipt}"
    acts.rest(town.tools, owner)
    lies = town.tools.outbox / f"{owner}.bestallningsbekraftelse.pdf"
    assert lies.is_file()
    town.send(change(1, "sekretessmarkering", beslut_id="NB-2026-2217"))
    acts.rest(town.tools, owner)
    assert not lies.exists()
    with town.tools.db.read() as conn:
        about, asked = (
            About(owner, "lov_rambeslut", "hemtjanst"),
            Asked("bestallningsbekraftelse", "prov", START.date()),
        )
        told = gather(town.tools, conn, about, asked, kind("bestallningsbekraftelse"))
    assert told.subject.brukare.person_id.varde == "NB-2026-2217"
    town.send(change(2, "ingen", beslut_id="NB-2026-2217"))
    acts.rest(town.tools, owner)
    assert lies.is_file()
