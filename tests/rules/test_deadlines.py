"""How deadlines are counted: days and months, weekends, missing and coming starts, what meets them."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.plan.deadlines import add_months
from pipeline.plan.history import Event, History, VersionFact

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))


def version(number=1, *, beslut_id="BI-1", accepted=date(2026, 11, 12), sealed=None, adopted=None):
    return VersionFact(number, beslut_id, accepted, sealed, adopted)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 31), 1, date(2026, 6, 30)),
    ],
)
def test_a_month_is_the_same_day_clamped(day, months, then):
    assert add_months(day, months) == then


@given(DAYS, DAYS, st.integers(0, 24))
def test_later_starts_are_never_due_earlier(one, other, months):
    first, second = sorted((one, other))
    assert add_months(first, months) <= add_months(second, months)


@given(DAYS, st.integers(0, 24))
def test_a_clamped_month_ends_a_month(day, months):
    then = add_months(day, months)
    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
    assert then.day == day.day or (then.day < day.day and then.day == calendar.monthrange(then.year, then.month)[1])


@pytest.mark.parametrize(
    ("today", "status", "note"),
    [
        (date(2026, 11, 15), "open", "förfaller söndag"),
        (date(2026, 11, 16), "late", "förfaller söndag"),
    ],
)
def test_the_due_day_itself_is_open_and_a_sunday_is_named(today, status, note, plan, due):
    file = plan(**{"handelser.insats_paborjad": "2026-11-01", "handelser.upprattad": None})
    found = due(file, "plan_klar", today=today)
    assert (found.due, found.status, found.note) == (date(2026, 11, 15), status, note)


def test_a_saturday_is_named(plan, due):
    file = plan(**{"handelser.insats_paborjad": "2026-10-31", "handelser.upprattad": None})
    assert due(file, "plan_klar").note == "förfaller lördag"


@given(start=DAYS, today=DAYS)
def test_late_only_after_the_due_day(start, today, order, due):
    found = due(order(**{"handelser.insats_paborjad": start.isoformat()}), "plan_klar", today=today)
    assert found.due == start + timedelta(days=14)
    assert found.status == ("late" if today > found.due else "open")
    assert ("söndag" in found.note) == (found.due.weekday() == 6)
    assert ("lördag" in found.note) == (found.due.weekday() == 5)


@pytest.mark.parametrize(
    ("upprattad", "note"),
    [("2026-11-16", ""), ("2026-11-19", "klar 3 dagar för sent"), ("2026-11-17", "klar 1 dag för sent")],
)
def test_a_deadline_that_was_met_says_how_late(upprattad, note, plan, due):
    found = due(plan(**{"handelser.upprattad": upprattad}), "plan_klar")
    assert (found.status, found.note) == ("met", note)


@pytest.mark.parametrize(
    ("profil", "code", "path"),
    [
        ("lov_rambeslut", "aterkoppling", "handelser.insats_paborjad"),
        ("omsorg_lifecare", "plan_klar", "handelser.insats_paborjad"),
        ("sas_aldre_ifo", "plan_klar", "handelser.insats_paborjad"),
        ("rambeslut_stad", "plan_klar", "handelser.insats_paborjad"),
        ("rambeslut_stad", "kontroll_upprattad", "uppdrag.verkstalld"),
    ],
)
def test_a_start_that_the_file_lacks_is_unknown_and_named(profil, code, path, plan, order, due, findings):
    for file in (plan(profil, **{path: None}), order(profil, **{path: None})):
        found = due(file, code)
        assert (found.status, found.from_, found.due, found.missing) == ("unknown", None, None, path)
        (named,) = findings(file, "handelse_saknas")
        assert (named.field, named.level, named.source) == (path, "gap", "P")
        assert path.rpartition(".")[2] in named.text


def test_an_order_without_any_events_lacks_its_start(order, due):
    assert due(order(handelser={}), "plan_klar").status == "unknown"


@pytest.mark.parametrize(
    ("profil", "code", "path", "slag"),
    [
        ("omsorg_lifecare", "plan_klar", "handelser.insats_paborjad", "insats_paborjad"),
        ("rambeslut_stad", "kontroll_upprattad", "uppdrag.verkstalld", "verkstalld"),
    ],
)
def test_a_start_recorded_later_counts(profil, code, path, slag, order, due, findings):
    file = order(profil, **{path: None})
    recorded = History(events=(Event(slag, date(2026, 11, 20), None),))
    assert due(file, code, history=recorded).from_ == date(2026, 11, 20)
    assert findings(file, "handelse_saknas", history=recorded) == ()


@pytest.mark.parametrize(
    ("profil", "code"),
    [
        ("omsorg_lifecare", "uppfoljning"),
        ("sas_aldre_ifo", "uppfoljning"),
        ("sol_lss_kund", "genomgang"),
        ("rambeslut_stad", "bedomning"),
    ],
)
def test_a_start_that_lies_ahead_is_not_started_and_no_finding(profil, code, plan, order, due, findings):
    unadopted = History((version(),))
    for file in (plan(profil, andringsorsak="Ny"), order(profil)):
        for history in (None, unadopted):
            found = due(file, code, history=history)
            assert (found.status, found.from_, found.due) == ("not_started", None, None)
            assert findings(file, "handelse_saknas", history=history) == ()


def test_an_order_is_met_when_its_plan_has_come(order, due):
    came = History((version(accepted=date(2026, 11, 25)),))
    assert due(order(), "plan_klar", history=came).status == "met"
    assert due(order("rambeslut_stad"), "kontroll_upprattad", history=came).status == "met"
    late = History((version(accepted=date(2026, 12, 4)),))
    assert due(order(), "plan_klar", history=late).note == "klar 2 dagar för sent"


def test_arrival_of_an_order_is_what_the_file_says_else_what_was_recorded_else_today(order, due):
    silent = order(**{"handelser.bestallning_mottagen": None})
    recorded = History(events=(Event("bestallning_mottagen", date(2026, 11, 18), None),))
    assert due(order(), "kontakt_ny_brukare", history=recorded).due == date(2026, 11, 16)
    assert due(silent, "kontakt_ny_brukare", history=recorded).due == date(2026, 11, 18)
    assert due(silent, "kontakt_ny_brukare", today=date(2026, 11, 20)).status == "open"


ADOPTED = version(adopted=date(2026, 11, 14))


def test_a_follow_up_starts_the_next_half_year_and_may_set_its_own_day(plan, due):
    file = plan(**{"uppfoljning.nasta": "2027-05-12"})
    assert due(file, "uppfoljning", history=History((ADOPTED,))).due == date(2027, 5, 12)
    plain = History((ADOPTED,), (Event("uppfoljning", date(2027, 5, 10), 1),))
    assert due(file, "uppfoljning", history=plain).due == date(2027, 11, 10)
    for said in ("2027-08-01", date(2027, 8, 1)):
        dated = History((ADOPTED,), (Event("uppfoljning", date(2027, 5, 10), 1, {"nasta": said}),))
        found = due(file, "uppfoljning", history=dated)
        assert (found.from_, found.due) == (date(2027, 5, 10), date(2027, 8, 1))


def test_the_latest_of_adoption_and_follow_up_counts(plan, due):
    file = plan(**{"uppfoljning.nasta": None})
    events = (Event("uppfoljning", date(2027, 1, 10), 1),)
    again = version(2, adopted=date(2027, 2, 1))
    assert due(file, "uppfoljning", history=History((ADOPTED,), events)).from_ == date(2027, 1, 10)
    assert due(file, "uppfoljning", history=History((ADOPTED, again), events)).from_ == date(2027, 2, 1)


def test_a_new_decision_is_followed_up_at_once_until_it_has_been(plan, due):
    file = plan(**{"uppdrag.beslut_id": "BI-2"})
    new = version(2, beslut_id="BI-2", accepted=date(2026, 12, 1))
    day = date(2026, 12, 2)
    at_once = due(file, "uppfoljning", today=day, history=History((ADOPTED, new)))
    assert (at_once.from_, at_once.due, at_once.status) == (date(2026, 12, 1), date(2026, 12, 1), "late")
    adopted_again = version(2, beslut_id="BI-2", accepted=date(2026, 12, 1), adopted=date(2026, 12, 2))
    assert due(file, "uppfoljning", today=day, history=History((ADOPTED, adopted_again))).status == "late"
    done = (Event("uppfoljning", date(2026, 12, 2), 2),)
    after = due(file, "uppfoljning", today=day, history=History((ADOPTED, adopted_again), done))
    assert (after.from_, after.status) == (date(2026, 12, 2), "open")


def test_a_follow_up_for_the_new_decision_may_come_before_its_file(plan, due):
    file = plan(**{"uppdrag.beslut_id": "BI-2", "uppdrag.beslut_datum": "2026-11-25"})
    new = version(2, beslut_id="BI-2", accepted=date(2026, 12, 1))
    history = History((ADOPTED, new), (Event("uppfoljning", date(2026, 11, 28), 1),))
    assert due(file, "uppfoljning", today=date(2026, 12, 2), history=history).from_ == date(2026, 11, 28)


def test_a_new_decision_on_a_plan_never_adopted_waits_for_adoption(plan, due):
    file = plan(**{"uppdrag.beslut_id": "BI-2"})
    assert due(file, "uppfoljning", history=History((version(),))).status == "not_started"


def test_an_assessment_names_its_version_by_the_event_or_by_what_it_says(plan, due):
    sealed = History((version(sealed=date(2026, 11, 14)),))
    assert due(plan("rambeslut_stad"), "bedomning", history=sealed).note == "version 1"
    for event in (
        Event("bedomning", date(2026, 11, 20), 1),
        Event("bedomning", date(2026, 11, 20), None, {"version": 1}),
    ):
        met = History(sealed.versions, (event,))
        assert due(plan("rambeslut_stad"), "bedomning", history=met).status == "met"
    other = History(sealed.versions, (Event("bedomning", date(2026, 11, 20), None, {"version": 2}),))
    assert due(plan("rambeslut_stad"), "bedomning", history=other).status == "open"


def test_a_decision_that_replaced_one_never_adopted_asks_no_follow_up(plan, due):
    file = plan(**{"uppdrag.beslut_id": "BI-2", "uppfoljning.nasta": None})
    versions = (version(), version(2, beslut_id="BI-2", adopted=date(2026, 11, 20)))
    assert due(file, "uppfoljning", history=History(versions)).due == date(2027, 5, 20)


def test_an_order_with_a_new_decision_asks_a_follow_up_before_any_new_version(plan, due):
    came = Event("bestallning_mottagen", date(2026, 11, 18), None, {"beslut_id": "BI-2"})
    same = Event("bestallning_mottagen", date(2026, 10, 18), None, {"beslut_id": "BI-1"})
    at_once = due(plan(), "uppfoljning", history=History((ADOPTED,), (same, came)))
    assert (at_once.from_, at_once.due, at_once.status) == (date(2026, 11, 18), date(2026, 11, 18), "late")
    done = Event("uppfoljning", date(2026, 11, 19), 1)
    assert due(plan(), "uppfoljning", history=History((ADOPTED,), (same, came, done))).from_ == date(2026, 11, 19)
    assert due(plan(), "uppfoljning", history=History((ADOPTED,), (same,))).from_ == date(2026, 11, 14)


def test_only_the_new_decisions_own_day_lets_an_earlier_follow_up_answer_it(plan, due):
    came = Event("bestallning_mottagen", date(2026, 11, 20), None, {"beslut_id": "BI-2"})
    earlier = Event("uppfoljning", date(2026, 11, 18), 1)
    file = plan(**{"uppdrag.beslut_datum": "2026-10-01"})
    assert due(file, "uppfoljning", history=History((ADOPTED,), (earlier, came))).due == date(2026, 11, 20)


def test_a_revised_plan_is_not_late_for_the_first_ones_sake(plan, due):
    revised = {"handelser.upprattad": "2027-03-01", "andringsorsak": "Halvårsuppföljning"}
    alone = due(plan(**revised), "plan_klar", today=date(2027, 3, 1))
    assert (alone.status, alone.note) == ("met", "")
    first = History((version(accepted=date(2026, 11, 18)), version(2, accepted=date(2027, 3, 1))))
    assert due(plan(**revised), "plan_klar", history=first).note == "klar 2 dagar för sent"
    for_other = History((version(beslut_id="BI-0", accepted=date(2026, 1, 1)),))
    assert due(plan(**{"handelser.upprattad": "2026-11-18"}), "plan_klar", history=for_other).note != ""


def test_a_plan_that_says_no_day_does_not_meet_a_deadline_by_coming(plan, due):
    came = History((version(accepted=date(2026, 11, 12)),))
    assert due(plan(**{"handelser.upprattad": None}), "plan_klar", history=came).status == "late"
