"""What time alone brings about: a reminder when a deadline is near, another when it has passed, each once."""

from pipeline import acts
from pipeline.reminders import remind
from tests.journey.conftest import PLAN_ID, Town, sample
from tests.journey.test_papers import names


def reminded(town: Town, owner: str) -> list[str]:
    remind(town.tools)
    acts.rest(town.tools, owner)
    return names(town, "paminnelse")


def test_an_order_without_a_plan_is_reminded_of_before_and_after_its_day(town: Town) -> None:
    receipt = town.send(sample("uppdrag-utan-plan"))  # began 18 November: the plan shall be ready on 2 December
    owner = f"uppdrag-{receipt.receipt}"
    assert reminded(town, owner) == []
    town.clock.forward(days=8)
    assert reminded(town, owner) == [f"{owner}.paminnelse.pdf"]
    assert len(reminded(town, owner)) == 1
    town.clock.forward(days=6)
    assert len(reminded(town, owner)) == 2
    assert len(reminded(town, owner)) == 2


def test_a_plan_that_came_in_time_is_reminded_of_nothing(open_town: Town) -> None:
    plan_id = PLAN_ID
    assert reminded(open_town, plan_id) == []
