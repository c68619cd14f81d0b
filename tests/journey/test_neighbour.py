"""A neighbour's file that bears the number of a plan here."""

from collections.abc import Callable

from pipeline import acts
from pipeline.console.verification import UNKNOWN, judge
from pipeline.texts import text
from tests.journey.conftest import PLAN_ID, Town, sample


def test_a_file_that_only_bears_the_number_of_a_plan_here_is_not_called_invalid(
    closed_town: Town, new_town: Callable[..., Town]
) -> None:
    sealed = (closed_town.tools.outbox / f"{PLAN_ID}_v1.pdf").read_bytes()
    other = new_town("other")
    assert judge(other.tools, sealed)["verdict"] == "valid", "the two trust the same issuers"
    other.ready(sample("hemtjanst-kort", viktigt_for_mig="Jag vill sova länge."))
    for days in (0, 181):  # while the other plan of that number waits for its signatures, and when it has lapsed
        other.clock.forward(days=days)
        acts.rest(other.tools, PLAN_ID)
        said = judge(other.tools, sealed)
        rules = said["rules"]
        assert isinstance(rules, list)
        assert (said["verdict"], said["archive"]) == ("indeterminate", UNKNOWN)
        assert [rule["text"] for rule in rules if rule["id"] == "A1"] == [text("arkiv.only_named").sv]
