"""A plan beside its decision: what takes up what, and the time."""

from pipeline.plan.against_decision import against_decision
from tests.documents.builders import plan_of, sample
from tests.plan.versions import a_walk, later, less_shopping, new_decision


def test_each_granted_insats_with_what_takes_it_up_and_its_time() -> None:
    found = against_decision(plan_of(sample("hemtjanst-kort")))
    assert [(row.granted.rubrik, [i.rubrik for i in row.insatser], row.minutes) for row in found.taken_up] == [
        ("Personlig omvårdnad", ["Dusch"], 60),
        ("Serviceinsatser", ["Städning", "Inköp", "Tvätt", "Egen tid"], 150),
    ]
    assert (found.beyond, found.not_taken_up, found.difference) == ((), (), 0)


def test_what_nothing_takes_up_and_what_was_never_granted() -> None:
    def unasked(plan: dict[str, object]) -> None:
        a_walk(plan)
        plan["insatser"][5]["beviljad_ref"] = "B9"  # type: ignore[index]

    found = against_decision(plan_of(later(new_decision, unasked, less_shopping)))
    assert [row.rubrik for row in found.not_taken_up] == ["Ledsagning"]
    assert found.taken_up[2].minutes is None
    assert [insats.rubrik for insats in found.beyond] == ["Promenad"]
    assert (found.planned, found.difference) == (225, -15)


def test_a_decision_without_insatser_or_time() -> None:
    found = against_decision(plan_of(sample("lss-avstar")))
    assert found.taken_up == ()
    assert len(found.beyond) == 5
    assert (found.granted, found.difference) == (None, None)
