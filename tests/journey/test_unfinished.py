"""A case that nobody finishes: people are told now and then, and it ends when it has waited for as long as it may."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from pipeline import acts, waiving
from pipeline.errors import Refused
from pipeline.standing import due, status
from pipeline.store import rows
from signatures.errors import TimestampUnavailable
from signatures.tsa import LocalTimestamper, Stamping, Timestamper
from tests.journey.conftest import PLAN_ID, Clock, Town, sample
from tests.journey.test_papers import names

PLAN = "hemtjanst-kort"
SLAG = "paminnelse_underskrift"


def pass_days(town: Town, plan_id: str, days: int) -> None:
    town.clock.forward(days=days)
    acts.rest(town.tools, plan_id)


def last_days(town: Town) -> list[object]:
    return [d["due"] for d in due(town.tools) if d["code"] == "underskrift"]


def trail(town: Town, plan_id: str, type_: str) -> int:
    with town.tools.db.read() as conn:
        return sum(entry["type"] == type_ for entry in rows.trail_of(conn, plan_id))


def waiting(town: Town, plan_id: str) -> list[object]:
    with town.tools.db.read() as conn:
        return [step["kind"] for step in rows.waiting_steps(conn, plan_id)]


def test_a_plan_that_waits_is_told_of_every_fortnight_and_lapses_after_half_a_year(open_town: Town) -> None:
    plan_id = PLAN_ID
    ready = open_town.tools.today()
    pass_days(open_town, plan_id, 13)
    assert (names(open_town, SLAG), last_days(open_town)) == ([], [])
    pass_days(open_town, plan_id, 1)
    assert names(open_town, SLAG) == [f"{plan_id}_v1.{SLAG}.pdf"]
    assert last_days(open_town) == [(ready + timedelta(days=180)).isoformat()]
    pass_days(open_town, plan_id, 70)  # nobody ran it for ten weeks: told once, not five times
    assert (len(names(open_town, SLAG)), trail(open_town, plan_id, "reminded")) == (2, 2)
    pass_days(open_town, plan_id, 100)
    told = status(open_town.tools, plan_id)
    assert (told["state"], told["end_reason"]) == ("withdrawn", "forfallen")
    assert (waiting(open_town, plan_id), last_days(open_town)) == ([], [])
    assert not (open_town.tools.outbox / f"{plan_id}_v1.osignerad.pdf").exists()
    with pytest.raises(Refused, match="aterkallad"):
        acts.sign(open_town.tools, plan_id, "brukare")


def test_a_plan_that_lapsed_may_be_sent_again_as_it_was(open_town: Town) -> None:
    plan_id = PLAN_ID
    pass_days(open_town, plan_id, 181)
    receipt = open_town.send(sample(PLAN))
    assert (receipt.outcome, receipt.version) == ("accepted", 2)
    acts.rest(open_town.tools, plan_id)
    assert status(open_town.tools, plan_id)["state"] == "awaiting_signatures"
    assert open_town.send(sample(PLAN)).outcome == "duplicate"


def test_a_plan_that_is_signed_is_left_alone(closed_town: Town) -> None:
    plan_id = PLAN_ID
    assert waiting(closed_town, plan_id) == []
    pass_days(closed_town, plan_id, 200)
    assert (names(closed_town, SLAG), status(closed_town.tools, plan_id)["state"]) == ([], "archived")


def test_a_new_edition_waits_from_its_own_day(open_town: Town) -> None:
    plan_id = PLAN_ID
    pass_days(open_town, plan_id, 10)
    waiving.waive(open_town.tools, plan_id, waiving.Waiver("brukare", "declined", "vill_inte", "nb-1042"))
    pass_days(open_town, plan_id, 10)
    assert names(open_town, SLAG) == []
    pass_days(open_town, plan_id, 4)
    assert len(names(open_town, SLAG)) == 1


def test_more_time_given_by_the_settings_holds_for_a_case_that_waits(open_town: Town) -> None:
    plan_id = PLAN_ID
    settings = open_town.tools.settings
    patient = settings.model_copy(update={"case": settings.case.model_copy(update={"expire_days": 300})})
    object.__setattr__(open_town.tools, "settings", patient)
    pass_days(open_town, plan_id, 181)
    assert status(open_town.tools, plan_id)["state"] == "awaiting_signatures"
    pass_days(open_town, plan_id, 120)
    assert status(open_town.tools, plan_id)["end_reason"] == "forfallen"


def test_less_time_given_by_the_settings_moves_no_last_day_that_people_have_been_told(open_town: Town) -> None:
    plan_id = PLAN_ID
    pass_days(open_town, plan_id, 100)
    told = last_days(open_town)
    settings = open_town.tools.settings
    hasty = settings.model_copy(update={"case": settings.case.model_copy(update={"expire_days": 30})})
    object.__setattr__(open_town.tools, "settings", hasty)
    pass_days(open_town, plan_id, 1)
    assert last_days(open_town) == told
    assert status(open_town.tools, plan_id)["state"] == "awaiting_signatures"
    pass_days(open_town, plan_id, 80)
    assert status(open_town.tools, plan_id)["end_reason"] == "forfallen"


@dataclass(frozen=True)
class Server:
    """A time-stamp server that knows what time it is; `at` answers nobody whose clock says another."""

    own: LocalTimestamper
    clock: Clock

    def at(self, now: datetime) -> Stamping:
        if abs(now - self.clock.now) > timedelta(minutes=5):
            raise TimestampUnavailable("tidsstampel_felaktig", "another time")
        return self.own.at(now)

    def __getattr__(self, name: str) -> object:
        return getattr(self.own, name)


@pytest.mark.parametrize("days", [0, 14])
def test_a_clock_that_runs_ahead_for_a_while_ends_no_plan(open_town: Town, days: int) -> None:
    pass_days(open_town, PLAN_ID, days)
    for role in ("brukare", "kontaktman"):
        acts.sign(open_town.tools, PLAN_ID, role)
    right = Clock(open_town.clock.now)
    own = open_town.tools.timestamper
    assert isinstance(own, LocalTimestamper)
    server: Timestamper = Server(own, right)  # type: ignore[assignment]  # the rest is its own's
    town = Town(replace(open_town.tools, make_timestamper=lambda: server), open_town.clock)
    pass_days(town, PLAN_ID, 1000)
    assert status(town.tools, PLAN_ID)["state"] == "awaiting_signatures"
    town.clock.now = right.now
    assert acts.sign(town.tools, PLAN_ID, "enhetschef")["state"] == "archived"


def test_a_server_that_is_away_when_a_plan_would_lapse_holds_up_nothing(open_town: Town) -> None:
    own = open_town.tools.timestamper
    assert isinstance(own, LocalTimestamper)
    server: Timestamper = Server(own, Clock(open_town.clock.now))  # type: ignore[assignment]  # the rest is its own's
    town = Town(replace(open_town.tools, make_timestamper=lambda: server), open_town.clock)
    pass_days(town, PLAN_ID, 181)
    assert status(town.tools, PLAN_ID)["state"] == "awaiting_signatures"
    assert [step["error_code"] for step in status(town.tools, PLAN_ID)["waiting"]] == [None, None]  # type: ignore[attr-defined]  # JSON: any object
    open_town.clock.forward(hours=2)
    acts.rest(open_town.tools, PLAN_ID)
    assert status(open_town.tools, PLAN_ID)["end_reason"] == "forfallen"
