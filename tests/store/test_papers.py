"""Papers: numbered for their owner, made once for a cause, and the plan's when it has come."""

from datetime import UTC, datetime

from pipeline.store import papers
from pipeline.store.objects import Stored
from pipeline.store.papers import NewPaper

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ORDER = NewPaper("uppdrag-1", None, "uppdrag-1", None, "bestallningsbekraftelse", "uppdrag-1")
MADE = [("pdf", Stored("a" * 64, "b" * 128, 3)), ("text", Stored("c" * 64, "d" * 128, 4))]


def test_papers_are_counted_for_their_owner_and_kind(db) -> None:
    with db.write() as conn:
        assert papers.next_number(conn, "uppdrag-1", ORDER.slag) == 1
        papers.add_paper(conn, ORDER, number=1, forms=MADE, now=NOW)
        assert papers.next_number(conn, "uppdrag-1", ORDER.slag) == 2
        assert papers.next_number(conn, "uppdrag-1", "journalanteckning") == 1
        assert papers.next_number(conn, "uppdrag-2", ORDER.slag) == 1


def test_the_forms_made_for_a_cause_are_found_again(db) -> None:
    with db.write() as conn:
        papers.add_paper(conn, ORDER, number=1, forms=MADE, now=NOW)
        assert [paper.form for paper in papers.forms_made(conn, ORDER)] == ["pdf", "text"]


def test_an_orders_papers_belong_to_the_plan_that_answers_it(db) -> None:
    with db.write() as conn:
        papers.add_paper(conn, ORDER, number=1, forms=MADE, now=NOW)
        assert papers.papers_of_plan(conn, "GP-1") == ()
        papers.give_to_plan(conn, ["uppdrag-1"], "GP-1")
        assert [(p.owner, p.plan_id) for p in papers.papers_of_plan(conn, "GP-1")] == [("uppdrag-1", "GP-1")] * 2


def test_names_carry_ids_and_kinds_only() -> None:
    assert papers.paper_name("GP-1", 2, "uppfoljning", 1, "pdf") == "GP-1_v2.uppfoljning.pdf"
    assert papers.paper_name("GP-1", 2, "uppfoljning", 3, "text") == "GP-1_v2.uppfoljning-3.txt"
    assert papers.paper_name("uppdrag-1", None, "bestallningsbekraftelse", 1, "pdf") == (
        "uppdrag-1.bestallningsbekraftelse.pdf"
    )
