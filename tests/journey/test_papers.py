"""The documents around a plan: made when the routine wants them, once, in outbox and archive, never in the way."""

from pathlib import Path

from pipeline import acts, standing, waiving
from pipeline.store import papers, rows
from tests.journey.conftest import PLAN_ID, Town, sample
from tests.journey.test_signing import text_of
from tests.skanning import scan


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
        from pipeline.casework.moves import ask_for

        ask_for(conn, town.tools, about_version(v), Asked("bestallningsbekraftelse", "test", town.tools.today()))
    assert town.sign_all(plan_id)["state"] == "archived"
    waiting = [step for step in standing.status(town.tools, plan_id)["waiting"] if step["attempts"]]
    assert {step["kind"] for step in waiting} == {"paper"}  # type: ignore[union-attr]


def test_a_plan_brings_its_papers_about_from_its_arrival_to_its_hand_over(open_town: Town) -> None:
    plan_id = PLAN_ID
    arrived = {("planerare", "pdf", 1), ("planerare", "text", 1), ("journalanteckning", "text", 1)}
    assert set(of_plan(open_town, plan_id)) == arrived
    waiver = waiving.Waiver("brukare", "unable", "kan_inte_fysiskt", "nb-1042", "Bruten arm.")
    waiving.waive(open_town.tools, plan_id, waiver)
    assert {("ej_underskriven", "pdf", 1), ("ej_underskriven", "text", 1)} <= set(of_plan(open_town, plan_id))
    reason = (open_town.tools.outbox / f"{plan_id}_v1.ej_underskriven.txt").read_text("utf-8")
    assert "Bruten arm." in reason
    assert "Emma Sjöö, 20 november 2026" in reason
    open_town.sign_all(plan_id, "kontaktman", "enhetschef")
    adopted = (open_town.tools.outbox / f"{plan_id}_v1.journalanteckning-2.txt").read_text("utf-8")
    assert "Genomförandeplan fastställd 20 november 2026 av enhetschef Carina Ström." in adopted
    for number in (1, 2):
        assert acts.hand_over(open_town.tools, plan_id, by="nb-1042", receipt="signed")["state"] == "handed_over"
        assert ("overlamningskvitto", "pdf", number) in of_plan(open_town, plan_id)
    second = open_town.tools.outbox / f"{plan_id}_v1.overlamningskvitto-2.pdf"
    assert "Exemplar: 2" in text_of(second)


def test_a_paper_copy_leaves_no_reason_for_a_missing_signature(open_town: Town) -> None:
    plan_id = PLAN_ID
    waiving.waive(open_town.tools, plan_id, waiving.Waiver("brukare", "paper", None, "nb-1042", scan=scan()))
    assert names(open_town, "ej_underskriven") == []


def test_outbox_holds_nothing_but_ids_in_its_names(town: Town) -> None:
    receipt = town.send(order())
    acts.rest(town.tools, f"uppdrag-{receipt.receipt}")
    assert not any("Sandell" in Path(path).name for path in town.tools.outbox.iterdir())


STAD = {"profil": "rambeslut_stad"}
YES = {"svar": "ja"}


def assessed(number: int, outcome: str, **more: object) -> dict[str, object]:
    answers = dict.fromkeys(("aktuell", "tid", "delaktighet", "vad", "mal", "nar", "hur"), YES)
    told = answers | {"version": 1, "utfall": outcome, "kommentar": "Se fråga sju."} | more
    head = {"schema": "handelse/1", "handelse_id": f"BED-{number}", "plan_id": "GP-NB-2026-000417"}
    return head | {"slag": "bedomning", "datum": "2026-11-20", "av": "Petra Wallin", "uppgifter": told}


def sealed(town: Town) -> str:
    plan_id = town.ready(sample("hemtjanst-kort", **STAD))
    town.sign_all(plan_id)
    return plan_id


def test_an_assessed_new_clients_plan_makes_an_assessment_and_one_basis_for_compensation(town: Town) -> None:
    plan_id = sealed(town)
    new = {"senaste_insats": "ingen", "senaste_plan": "ingen"}
    for number in (1, 2):
        assert town.send(assessed(number, "fullstandig", **new)).outcome == "accepted"
        acts.rest(town.tools, plan_id)
    assert names(town, "bedomning") == [
        f"{plan_id}_v1.bedomning-2.pdf",
        f"{plan_id}_v1.bedomning-2.txt",
        f"{plan_id}_v1.bedomning.pdf",
        f"{plan_id}_v1.bedomning.txt",
    ]
    assert names(town, "ersattningsunderlag") == [
        f"{plan_id}_v1.ersattningsunderlag.csv",
        f"{plan_id}_v1.ersattningsunderlag.pdf",
    ]


def test_papers_of_a_sealed_plan_are_preserved_and_leave_staging(town: Town) -> None:
    plan_id = sealed(town)
    town.send(assessed(1, "fortydligande"))
    acts.rest(town.tools, plan_id)
    with town.tools.db.read() as conn:
        kept = papers.papers_of_plan(conn, plan_id)
    assert {"bedomning"} <= {paper.slag for paper in kept}
    for paper in kept:
        assert paper.ocfl_path is not None
        assert not town.tools.objects.exists(paper.owner, paper.sha256)
        assert town.tools.read(paper)


def test_each_language_of_a_summary_is_a_paper_of_its_own(town: Town) -> None:
    plan_id = town.ready(sample("hemtjanst-kort", sammanfattning={"fi": "Suihku kahdesti viikossa.", "ar": "ملخص"}))
    assert [(form, number) for slag, form, number in of_plan(town, plan_id) if slag == "sammanfattning"] == [
        ("pdf", 1),
        ("pdf", 2),
    ]
    assert "Suihku" in text_of(town.tools.outbox / f"{plan_id}_v1.sammanfattning-2.pdf")


def test_a_plan_without_a_summary_has_none_made(town: Town) -> None:
    town.ready(sample("lss-avstar"))
    assert names(town, "sammanfattning") == []
