"""Whatever the schema accepts can be judged: any plan or order, under any routine, with any history."""

import json
from datetime import date
from typing import get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.errors import Refused
from pipeline.plan.check import check
from pipeline.plan.deadlines import Status, deadlines
from pipeline.plan.history import Event, History, VersionFact
from pipeline.plan.model_handelse import Slag
from pipeline.plan.reading import Kind, read_file
from pipeline.plan.slots import ended_at_intake, is_open, slots
from pipeline.plan.tasks import tasks
from tests.plan.schema_files import made_file
from tests.rules.conftest import RUTINER

NAMES = sorted(path.stem for path in RUTINER.glob("*.toml"))
BOUNDED = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DAYS = st.dates() | st.sampled_from([date.min, date.max])
VERSIONS = st.builds(
    VersionFact, st.integers(1, 3), st.sampled_from(["A", "B"]), DAYS, st.none() | DAYS, st.none() | DAYS
)
SLAG = [*get_args(Slag), "bestallning_mottagen"]
TOLD = st.sampled_from(
    [
        *({}, {"nasta": "2027-01-01"}, {"nasta": None}, {"version": 1}, {"beslut_id": "C"}, {"finns": False}),
        *({"version": 1, "utfall": "fortydligande"}, {"nytt_datum": "9999-12-31"}, {"skydd": "sekretessmarkering"}),
        {"tydlig": {"svar": "nej"}, "atgard_senast": "0001-01-01", "ansvarig": "kontaktman"},
    ]
)
EVENTS = st.builds(Event, st.sampled_from(SLAG), DAYS, st.none() | st.integers(1, 3), TOLD)
HISTORIES = st.builds(History, st.lists(VERSIONS, max_size=3).map(tuple), st.lists(EVENTS, max_size=3).map(tuple))


def judged(file, profil, today, history):
    found = check(file, profil, today, history)
    assert all(f.text and "{" not in f.text for f in found)
    assert len({(f.code, f.field, f.text) for f in found}) == len(found)
    for deadline in (*deadlines(file, profil, today, history), *tasks(file, profil, today, history)):
        begun = deadline.status not in (Status.UNKNOWN, Status.NOT_STARTED)
        assert begun == (deadline.from_ is not None)
        assert (deadline.missing is not None) == (deadline.status is Status.UNKNOWN)
        assert deadline.due is None or deadline.from_ is not None
    return found


@pytest.mark.parametrize("name", NAMES)
@BOUNDED
@given(tree=made_file(Kind.GENOMFORANDEPLAN), today=DAYS, history=HISTORIES)
def test_any_plan(name, tree, today, history, routine):
    plan = read_file(json.dumps(tree).encode()).value
    codes = {f.code for f in judged(plan, routine(name), today, history)}
    assert [demand.role for demand in slots(plan, routine(name))] == ["brukare", "kontaktman", "enhetschef"]
    assert all(isinstance(is_open(demand, plan, history), bool) for demand in slots(plan, routine(name)))
    try:
        ended_at_intake(plan, routine(name))
    except Refused:
        assert "anledning_saknas" in codes


@pytest.mark.parametrize("name", NAMES)
@BOUNDED
@given(tree=made_file(Kind.UPPDRAG), today=DAYS, history=HISTORIES)
def test_any_order(name, tree, today, history, routine):
    judged(read_file(json.dumps(tree).encode()).value, routine(name), today, history)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar(name, day, plan, order, routine):
    edits = {"handelser.insats_paborjad": day, "uppdrag.verkstalld": day}
    adopted = History((VersionFact(1, "BI-1", date.max, date.max, date.fromisoformat(day)),))
    for file in (plan(name, **edits), order(name, **edits)):
        judged(file, routine(name), date(2026, 11, 22), adopted)
