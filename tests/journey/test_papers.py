"""The documents around a plan: made when the routine wants them, once, in outbox and archive, never in the way."""

from pathlib import Path

from pipeline import acts, standing
from pipeline.store import papers, rows
from tests.journey.conftest import Town, sample


def names(town: Town, slag: str) -> list[str]:
    return sorted(path.name for path in town.tools.outbox.iterdir() if f".{slag}" in path.name)


def of_plan(town: Town, plan_id: str) -> list[tuple[str, str, int]]:
    with town.tools.db.read() as conn:
        return [(p.slag, p.form, p.number) for p in papers.papers_of_plan(conn, plan_id)]


def order(**changes: object) -> dict[str, object]:
    return sample("uppdrag-utan-plan", profil="lov_rambeslut", **changes)


def test_an_order_is_confirmed_to_the_handlaggare_and_the_confirmation_goes_with_its_plan(town: Town) -> None:
    receipt = town.send(order())
    acts.rest(town.tools, f"uppdrag-{receipt.receipt}")
    (name,) = names(town, "bestallningsbekraftelse")
    assert name == f"uppdrag-{receipt.receipt}.bestallningsbekraftelse.pdf"
    plan = sample("hemtjanst-kort", plan_id="GP-TURE-1", profil="lov_rambeslut", brukare=order()["brukare"])
    plan["uppdrag"] |= {"beslut_id": "NB-2026-2217"}
    town.ready(plan)
    assert ("bestallningsbekraftelse", "pdf", 1) in of_plan(town, "GP-TURE-1")


def test_a_routine_that_does_not_want_a_document_gets_none(town: Town) -> None:
    receipt = town.send(sample("uppdrag-utan-plan"))
    acts.rest(town.tools, f"uppdrag-{receipt.receipt}")
    assert names(town, "bestallningsbekraftelse") == []


def test_the_same_order_again_is_confirmed_once(town: Town) -> None:
    first = town.send(order())
    acts.rest(town.tools, f"uppdrag-{first.receipt}")
    town.send(order())
    acts.rest(town.tools)
    assert len(names(town, "bestallningsbekraftelse")) == 1


def test_papers_leave_outbox_after_their_time(town: Town) -> None:
    receipt = town.send(order())
    acts.rest(town.tools, f"uppdrag-{receipt.receipt}")
    town.clock.forward(days=91)
    from pipeline.casework import outbox

    outbox.reconcile_order(town.tools, f"uppdrag-{receipt.receipt}")
    assert names(town, "bestallningsbekraftelse") == []


def test_a_paper_that_cannot_be_made_holds_up_no_signature(town: Town, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr("pipeline.casework.around.make", broken)
    plan_id = town.ready(sample("hemtjanst-kort"))
    with town.tools.db.write() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        from pipeline.casework.around import Asked, about_version
        from pipeline.journey import ask_for

        ask_for(conn, town.tools, about_version(v), Asked("bestallningsbekraftelse", "test", town.tools.today()))
    assert town.sign_all(plan_id)["state"] == "archived"
    waiting = standing.status(town.tools, plan_id)["waiting"]
    assert [step["kind"] for step in waiting] == ["paper"]  # type: ignore[union-attr]


def test_outbox_holds_nothing_but_ids_in_its_names(town: Town) -> None:
    receipt = town.send(order())
    acts.rest(town.tools, f"uppdrag-{receipt.receipt}")
    assert not any("Sandell" in Path(path).name for path in town.tools.outbox.iterdir())
