"""Minutes a week: months into weeks, longer schedule periods, and the two ways a sender may state the minutes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.plan.time_sum import Granted, granted, time_sum

from .conftest import INSATS


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (None, None),
        ({"typ": "rambeslut"}, None),
        ({"typ": "ej_tidsatt", "minuter_per_vecka": 60}, None),
        ({"typ": "rambeslut", "minuter_per_vecka": 210}, Granted(210, None)),
        ({"typ": "rambeslut", "minuter_per_manad": 910}, Granted(210, 910)),
        ({"typ": "rambeslut", "minuter_per_manad": 52}, Granted(12, 52)),
        ({"typ": "rambeslut", "minuter_per_manad": 50}, Granted(12, 50)),  # 11.54
        ({"typ": "rambeslut", "minuter_per_manad": 28}, Granted(6, 28)),  # 6.46
        ({"typ": "rambeslut", "minuter_per_manad": 26}, Granted(6, 26)),
        ({"typ": "rambeslut", "minuter_per_manad": 13}, Granted(3, 13)),
        ({"typ": "rambeslut", "minuter_per_vecka": 100, "minuter_per_manad": 910}, Granted(100, None)),
    ],
)
def test_a_month_is_52_twelfths_of_a_week(time, expected, plan):
    assert granted(plan(**{"uppdrag.beviljad_tid": time}).uppdrag) == expected


@given(minutes=st.integers(0, 100_000))
def test_a_month_is_rounded_half_up(minutes, plan):
    found = granted(plan(**{"uppdrag.beviljad_tid": {"typ": "rambeslut", "minuter_per_manad": minutes}}).uppdrag)
    assert found is not None
    exact = Fraction(minutes * 12, 52)
    assert exact - Fraction(1, 2) < found.per_week <= exact + Fraction(1, 2)


def test_half_a_minute_is_rounded_up(plan):
    when = {"text": "Vecka 1", "veckor": [1]}
    file = _with(plan, when, {"minuter_per_vecka": 13}, weeks=2)
    assert time_sum(file).planned == 7


def _with(plan, when, time, *, weeks=None):
    edits = {"insatser[0].nar": when, "insatser[0].tid": time}
    if weeks is not None:
        edits["schemaperiod"] = {"veckor": weeks}
    return plan("rambeslut_stad", **edits)


OCCASION = {"minuter_per_tillfalle": 90}


@pytest.mark.parametrize(
    ("when", "weeks", "time", "minutes"),
    [
        # what a week alone can say is taken as it stands
        ({"frekvens": {"antal": 2, "per": "vecka"}}, None, {"minuter_per_vecka": 60}, 60),
        ({"frekvens": {"antal": 1, "per": "2_veckor"}}, None, {**OCCASION, "minuter_per_vecka": 45}, 45),
        ({"frekvens": {"antal": 1, "per": "vecka", "varje": 1}}, None, {"minuter_per_vecka": 60}, 60),
        # every third week: the minutes of such a week, or the average already
        ({"frekvens": {"antal": 1, "per": "vecka", "varje": 3}}, None, {"minuter_per_vecka": 90}, 30),
        ({"frekvens": {"antal": 1, "per": "vecka", "varje": 3}}, None, {**OCCASION, "minuter_per_vecka": 90}, 30),
        ({"frekvens": {"antal": 1, "per": "vecka", "varje": 3}}, None, {**OCCASION, "minuter_per_vecka": 30}, 30),
        (
            {"frekvens": {"antal": 1, "per": "vecka", "varje": 3}},
            None,
            {"tillfallen_per_vecka": 0.33, "minuter_per_vecka": 30},
            30,
        ),
        # every second fortnight
        ({"frekvens": {"antal": 1, "per": "2_veckor", "varje": 2}}, None, {**OCCASION, "minuter_per_vecka": 90}, 23),
        ({"frekvens": {"antal": 1, "per": "2_veckor", "varje": 2}}, None, {**OCCASION, "minuter_per_vecka": 23}, 23),
        # named weeks of the schedule period
        ({"veckor": [1, 3]}, 4, {"minuter_per_vecka": 90}, 45),
        ({"veckor": [1, 3]}, 4, {**OCCASION, "minuter_per_vecka": 90}, 45),
        ({"veckor": [1, 3]}, 4, {**OCCASION, "minuter_per_vecka": 45}, 45),
        ({"veckor": [1, 3], "veckodagar": ["man", "tor"]}, 4, {**OCCASION, "minuter_per_vecka": 180}, 90),
        ({"veckor": [1, 3], "veckodagar": ["man", "tor"]}, 4, {**OCCASION, "minuter_per_vecka": 90}, 90),
        ({"veckor": [1, 1, 2]}, 3, {"minuter_per_vecka": 90}, 60),
        ({"veckor": [1], "frekvens": {"antal": 1, "per": "vecka", "varje": 2}}, 2, {"minuter_per_vecka": 90}, 45),
        ({"veckor": [1, 3], "frekvens": {"antal": 1, "per": "2_veckor"}}, 4, {**OCCASION, "minuter_per_vecka": 45}, 45),
        ({"veckor": [1, 3], "frekvens": {"antal": 1, "per": "2_veckor"}}, 4, {**OCCASION, "minuter_per_vecka": 90}, 45),
        ({"veckor": [1, 2], "frekvens": {"antal": 2, "per": "dag"}}, 4, {"minuter_per_vecka": 280}, 140),
        # weeks without a period, or outside it, say nothing
        ({"veckor": [1, 3]}, None, {"minuter_per_vecka": 90}, 90),
        ({"veckor": [9]}, 4, {"minuter_per_vecka": 90}, 90),
    ],
)
def test_the_sum_is_over_the_period_divided_by_its_weeks(when, weeks, time, minutes, plan):
    summed = time_sum(_with(plan, {"text": "Se schema", **when}, time, weeks=weeks))
    assert summed.planned == minutes
    assert summed.per_insats == (minutes,)


def test_an_insats_without_time_adds_nothing(plan):
    assert time_sum(plan(**{"insatser[0].tid": None})).planned == 0
    assert time_sum(plan(**{"insatser[0].tid": None})).per_insats == (None,)
    assert time_sum(plan(**{"insatser[0].nar": None})).planned == 60


@given(minutes=st.lists(st.integers(0, 10_000), min_size=1, max_size=14), weeks=st.integers(2, 12))
def test_the_sum_is_rounded_once(minutes, weeks, plan):
    insatser = [
        {**INSATS, "nar": {"text": "Vecka 1", "veckor": [1]}, "tid": {"minuter_per_vecka": each}} for each in minutes
    ]
    summed = time_sum(plan(insatser=insatser, schemaperiod={"veckor": weeks}))
    assert abs(summed.planned - Fraction(sum(minutes), weeks)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("profil", "granted_week", "codes"),
    [
        ("lov_rambeslut", 55, []),
        ("lov_rambeslut", 54, ["tid"]),
        ("lov_rambeslut", 66, []),
        ("rambeslut_stad", 55, []),
        ("rambeslut_stad", 54, ["tid"]),
        ("rambeslut_stad", 65, []),
        ("rambeslut_stad", 66, ["tid"]),
    ],
)
def test_five_minutes_a_week_are_equal(profil, granted_week, codes, plan, findings):
    file = plan(profil, **{"uppdrag.beviljad_tid.minuter_per_vecka": granted_week})
    assert [f.code for f in findings(file)] == codes


@pytest.mark.parametrize(("month", "figures"), [(130, ("60", "130", "30")), (433, ("60", "433", "100", "40"))])
def test_both_figures_of_a_month_are_shown(month, figures, plan, findings):
    file = plan("rambeslut_stad", **{"uppdrag.beviljad_tid": {"typ": "rambeslut", "minuter_per_manad": month}})
    (found,) = findings(file)
    assert found.code == "tid"
    assert all(figure in found.text for figure in figures)


def test_no_granted_time_asks_nothing(plan, findings):
    untimed = {"insatser[0].tid": None, "insatser[0].nar": {"text": "Ibland"}}
    for time in (None, {"typ": "ej_tidsatt"}):
        assert findings(plan("rambeslut_stad", **untimed, **{"uppdrag.beviljad_tid": time})) == ()
