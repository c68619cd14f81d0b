"""Tasks beside the routines' own numbers: an insats that has ended, a protection, and who is to do it."""

from datetime import date

import pytest

from pipeline.plan.deadlines import deadlines
from pipeline.plan.history import Event, History, VersionFact, has_ended
from pipeline.plan.protection import is_protected
from pipeline.plan.tasks import tasks

TODAY = date(2027, 6, 1)
SEALED = VersionFact(1, "BI-1", date(2026, 11, 12), date(2026, 11, 14), date(2026, 11, 14))
NAMES = ("lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad")


def ended(day=date(2027, 5, 1), beslut_id=None):
    return Event("avslutad", day, None, {}, beslut_id)


def open_codes(file, profil, history):
    found = (*deadlines(file, profil, TODAY, history), *tasks(file, profil, TODAY, history))
    return {d.code for d in found if d.status not in ("met", "not_started")}


@pytest.mark.parametrize("name", NAMES)
def test_of_an_ended_insats_nothing_is_due_but_what_the_routine_wants_all_the_same(name, plan, order, routine):
    file, profil = plan(name), routine(name)
    events = (Event("kontroll_upprattad", date(2026, 11, 1), None, {"finns": False}),)
    running = open_codes(file, profil, History((SEALED,), events))
    assert running
    left = open_codes(file, profil, History((SEALED,), (*events, ended())))
    assert left == ({"bedomning", "avvikelse"} if name == "rambeslut_stad" else set())
    assert open_codes(order(name), profil, History(events=(ended(),))) == set()


def test_an_insats_ends_by_its_own_decision_and_may_begin_anew():
    def by(*events, versions=(SEALED,)):
        return has_ended(History(versions, events), "BI-1")

    assert not by()
    assert by(ended())
    assert by(ended(beslut_id="BI-1"))
    assert not by(ended(beslut_id="BI-0"))  # of an earlier decision
    assert not by(ended(), Event("insats_paborjad", date(2027, 5, 2), None))
    assert by(ended(), Event("insats_paborjad", date(2027, 5, 1), None))
    later = VersionFact(2, "BI-1", date(2027, 5, 20), None, None)
    assert not by(ended(), versions=(SEALED, later))
    withdrawn = VersionFact(2, "BI-1", date(2027, 5, 20), None, None, withdrawn=True)
    assert by(ended(), versions=(SEALED, withdrawn))


@pytest.mark.parametrize(
    ("skydd", "changes", "protected"),
    [
        ("ingen", [], False),
        ("sekretessmarkering", [], True),
        ("ingen", [("2026-12-01", "sekretessmarkering")], True),
        ("ingen", [("2026-12-01", "sekretessmarkering"), ("2026-12-05", "ingen")], False),
        ("ingen", [("2026-12-05", "ingen"), ("2026-12-05", "skyddad_folkbokforing")], True),
        ("sekretessmarkering", [("2026-12-05", "ingen")], False),
        ("sekretessmarkering", [("2026-11-12", "ingen")], False),
        ("sekretessmarkering", [("2026-11-01", "ingen")], True),  # older than the file
        ("ingen", [("2026-11-01", "sekretessmarkering")], True),
    ],
)
def test_the_latest_word_on_protection_holds_and_doubt_protects(skydd, changes, protected):
    events = [Event("skydd_andrat", date.fromisoformat(day), None, {"skydd": now}) for day, now in changes]
    assert is_protected(skydd, date(2026, 11, 12), events) == protected


@pytest.mark.parametrize("name", NAMES)
def test_a_protection_that_the_file_lacks_asks_for_the_file_anew_at_once(name, plan, task):
    change = Event("skydd_andrat", date(2026, 11, 21), None, {"skydd": "sekretessmarkering"})
    history = History((SEALED,), (change,))
    left = task(plan(name), "skydd_ny_version", history=history)
    assert (left.due, left.status, left.source) == (date(2026, 11, 21), "late", "P")
    assert left.note == "förfaller lördag"
    aware = plan(name, **{"brukare.skydd": "sekretessmarkering"})
    assert task(aware, "skydd_ny_version", history=history) is None
    over = Event("skydd_andrat", date(2026, 11, 22), None, {"skydd": "ingen"})
    assert task(plan(name), "skydd_ny_version", history=History((SEALED,), (change, over))) is None


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("kontaktman", "kontaktman"),
        ("Enhetschef", "enhetschef"),
        ("nb-0007", "enhetschef"),
        (" emma  sjöö ", "kontaktman"),
        ("Handläggare", "handlaggare"),
        ("Berta på nattpatrullen", None),
        (None, None),
    ],
)
def test_whoever_deals_with_a_deficiency_is_told_as_a_role_never_by_name(said, role, plan, task):
    told = {"tydlig": {"svar": "nej"}, "ansvarig": said}
    history = History((SEALED,), (Event("manadsgenomgang", date(2026, 11, 20), 1, told),))
    assert task(plan("sol_lss_kund"), "atgard", history=history).responsible == role


def test_two_consents_withdrawn_are_one_task_from_the_first(plan, task):
    consent = {"typ": "annat", "till": "Göran", "givet_av": "Aina", "datum": "2026-11-01"}
    file = plan(samtycken=[consent | {"samtycke_id": key} for key in ("S1", "S2")])
    days = {"S2": date(2026, 11, 20), "S1": date(2026, 11, 21), "S9": date(2026, 11, 2)}
    events = tuple(Event("samtycke_aterkallat", day, None, {"samtycke_id": key}) for key, day in days.items())
    assert task(file, "samtycke_ny_version", history=History((SEALED,), events)).from_ == date(2026, 11, 20)
