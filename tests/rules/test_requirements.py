"""The routines' own requirements, each by its number: what the shipped profiles demand and when they say nothing."""

import json
from dataclasses import replace
from datetime import date

import pytest

from pipeline.errors import Refused
from pipeline.plan.deadlines import deadlines
from pipeline.plan.history import Event, History, VersionFact
from pipeline.plan.profile import drawn_up_by
from pipeline.plan.reading import Unreadable, read_file
from pipeline.plan.slots import allowed, ended_at_intake, is_open, slots, staff_may_adopt_alone

NO_INSATS = {"insatser[0].vad": None, "insatser[0].hur": None, "insatser[0].nar": None, "insatser[0].vem": None}


def codes(found):
    return {f.code for f in found}


def version(number=1, *, beslut_id="BI-1", accepted=date(2026, 11, 12), sealed=None, adopted=None, thin=False):
    return VersionFact(number, beslut_id, accepted, sealed, adopted, thin=thin)


def refused(slag, **uppgifter):
    """The fields that a file of that event lacks."""
    told = {"schema": "handelse/1", "handelse_id": "H-1", "plan_id": "GP-1", "slag": slag, "datum": "2026-11-20"}
    with pytest.raises(Unreadable) as unreadable:
        read_file(json.dumps(told | {"av": "nb-1042", "uppgifter": uppgifter}).encode())
    return {f.field.rpartition(".")[2] for f in unreadable.value.findings}


def reason(kod, text=None):
    why = {"kod": kod, "text": text, "registrerad_av": "Emma Sjöö", "datum": "2026-11-13"}
    return {"underskrifter": [{"roll": "brukare", "anledning_saknas": why}]}


# S0


def test_S0_2_plan_says_what_who_when_and_how(plan, findings):
    found = findings(plan("lov_rambeslut", **NO_INSATS))
    assert {(f.code, f.source) for f in found} == {(code, "S0.2") for code in ("vad", "vem", "nar", "hur")}


def test_S0_3_an_orders_receipt_is_confirmed(order, plan, task):
    waiting = task(order("lov_rambeslut"), "bestallning_bekraftad")
    assert (waiting.from_, waiting.due, waiting.status, waiting.source) == (date(2026, 11, 16), None, "open", "S0.3")
    told = History(events=(Event("bestallning_bekraftad", date(2026, 11, 17), None),))
    assert task(order("lov_rambeslut"), "bestallning_bekraftad", history=told).status == "met"
    carried = order("lov_rambeslut", **{"uppdrag.bestallning_bekraftad": "2026-11-16"})
    assert task(carried, "bestallning_bekraftad").status == "met"
    assert task(plan("lov_rambeslut"), "bestallning_bekraftad") is None


def test_S0_4_plan_keeps_within_the_calculated_time(plan, findings, routine):
    over = plan("lov_rambeslut", **{"uppdrag.beviljad_tid.minuter_per_vecka": 50})
    under = plan("lov_rambeslut", **{"uppdrag.beviljad_tid.minuter_per_vecka": 500})
    assert codes(findings(over)) == {"tid"}
    assert findings(under) == ()
    assert drawn_up_by(routine("lov_rambeslut"), "hemtjanst", "privat").av[0] == "kontaktman"


def test_S0_5_every_granted_insats_is_taken_up(plan, findings):
    more = [{"id": "B1", "rubrik": "Omvårdnad"}, {"id": "B2", "rubrik": "Service"}]
    (found,) = findings(plan("lov_rambeslut", **{"uppdrag.beviljade_insatser": more}))
    assert (found.code, found.field, found.source) == ("beviljat_tackt", "uppdrag.beviljade_insatser[1]", "S0.5")
    assert findings(plan("lov_rambeslut", **{"uppdrag.beviljade_insatser": []})) == ()


def test_S0_6_feedback_within_four_weeks_of_the_start(plan, due):
    file = plan("lov_rambeslut")
    waiting = due(file, "aterkoppling")
    assert (waiting.from_, waiting.due, waiting.status) == (date(2026, 11, 2), date(2026, 11, 30), "open")
    sent = History(events=(Event("aterkoppling_skickad", date(2026, 11, 20), 1),))
    assert due(file, "aterkoppling", history=sent).status == "met"


def test_S0_6_each_new_version_is_fed_back(plan, task):
    first, second = version(sealed=date(2026, 11, 14)), version(2, sealed=date(2026, 11, 20))
    file = plan("lov_rambeslut")
    assert task(file, "aterkoppling_version", history=History((first,))) is None
    sent = (Event("aterkoppling_skickad", date(2026, 11, 21), 1),)
    waiting = task(file, "aterkoppling_version", history=History((first, second), sent))
    assert (waiting.from_, waiting.due, waiting.status, waiting.version) == (date(2026, 11, 20), None, "open", 2)
    again = (*sent, Event("aterkoppling_skickad", date(2026, 11, 21), 2))
    assert task(file, "aterkoppling_version", history=History((first, second), again)).status == "met"


def test_S0_7_signature_says_the_plan_is_the_agreement(plan, routine):
    asked = slots(plan("lov_rambeslut"), routine("lov_rambeslut"))[0]
    assert (asked.intent, asked.required, asked.source) == ("godkanner", False, "S0.7")
    assert "överenskommelse" in asked.sentence


def test_S0_8_plan_is_kept_current(plan, findings):
    assert findings(plan("lov_rambeslut"), today=date(2027, 5, 12)) == ()
    (passed,) = findings(plan("lov_rambeslut"), today=date(2027, 5, 13))
    assert (passed.code, passed.field, passed.source) == ("aktuell", "uppfoljning.nasta", "S0.8")
    run_out = findings(plan("lov_rambeslut"), today=date(2027, 11, 1))
    assert [f.field for f in run_out] == ["uppdrag.galler_tom", "uppfoljning.nasta"]


def test_S0_9_change_within_the_decision_may_be_adopted_by_staff_alone(plan, routine):
    adopted = History((version(adopted=date(2026, 11, 14)),))
    for name in ("lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad"):
        assert staff_may_adopt_alone(plan(name), routine(name), adopted) == (name == "lov_rambeslut")
    lov = routine("lov_rambeslut")
    assert not staff_may_adopt_alone(plan("lov_rambeslut"), lov, None)
    assert not staff_may_adopt_alone(plan("lov_rambeslut"), lov, History((version(),)))
    other = plan("lov_rambeslut", **{"uppdrag.beslut_id": "BI-2"})
    assert not staff_may_adopt_alone(other, lov, adopted)


# S1


@pytest.mark.parametrize(
    ("start", "latest", "note"),
    [("2026-11-02", date(2026, 11, 16), ""), ("2026-11-08", date(2026, 11, 22), "förfaller söndag")],
)
def test_S1_2_plan_within_fourteen_days(start, latest, note, order, due):
    found = due(order(**{"handelser.insats_paborjad": start}), "plan_klar", today=date(2026, 11, 10))
    assert (found.due, found.status, found.note, found.source) == (latest, "open", note, "S1.2")


def test_S1_3_new_brukare_is_contacted_at_once(order, plan, due, routine):
    task = due(order(), "kontakt_ny_brukare", today=date(2026, 11, 16))
    assert (task.due, task.status, task.source) == (date(2026, 11, 16), "open", "S1.3")
    assert due(order(), "kontakt_ny_brukare", today=date(2026, 11, 17)).status == "late"
    came = History((version(accepted=date(2026, 11, 16)),))
    assert due(order(), "kontakt_ny_brukare", history=came).status == "met"
    on_plan = deadlines(plan(), routine("omsorg_lifecare"), date(2026, 11, 22))
    assert "kontakt_ny_brukare" not in [d.code for d in on_plan]


def test_S1_4_the_day_it_was_drawn_up_is_given(plan, findings):
    (found,) = findings(plan(**{"handelser.upprattad": None}), "daterad")
    assert (found.field, found.source) == ("handelser.upprattad", "S1.4")


def test_S1_5_reason_must_show(plan, routine):
    lifecare = routine("omsorg_lifecare")
    asked = slots(plan(), lifecare)[0]
    assert (asked.required, asked.intent, asked.source) == (True, "godkanner", "S1.5")
    assert ended_at_intake(plan(), lifecare) is None
    ended = ended_at_intake(plan(**reason("vill_inte", "Vill inte.")), lifecare)
    assert ended is not None
    assert (ended.outcome, ended.reason, ended.by, ended.at) == (
        "declined",
        "vill_inte",
        "Emma Sjöö",
        date(2026, 11, 13),
    )
    for evasion in ("avstod", "ej_tillfragad"):
        with pytest.raises(Refused, match="anledning_bara_frivillig"):
            allowed(lifecare, "brukare", "not_participating", evasion)


def test_S1_6_signing_waits_for_the_go_through(plan, routine, findings):
    lifecare = routine("omsorg_lifecare")
    before = plan(**{"handelser.genomgangen_med_brukare": None})
    asked = slots(before, lifecare)[0]
    assert asked.opens_when == "genomgang"
    assert not is_open(asked, before)
    recorded = History((version(),), (Event("genomgangen", date(2026, 11, 13), 1),))
    assert is_open(asked, before, recorded)
    assert is_open(asked, plan())
    assert [f.source for f in findings(before, "genomgangen")] == ["S1.6"]
    (posted,) = findings(plan(**{"overlamning.satt": "rekommenderat_brev"}))
    assert (posted.code, posted.field, posted.source) == ("overlamning", "overlamning.satt", "S1.6")


def test_S1_8_paper_is_kept_safe_on_the_way(plan, findings):
    (found,) = findings(plan(**{"overlamning.transportskydd": None}))
    assert (found.code, found.field, found.source) == ("overlamning", "overlamning.transportskydd", "S1.8")


def test_S1_9_enhetschef_always_signs_kontaktman_in_lifecare(plan, routine):
    lifecare = routine("omsorg_lifecare")
    sources = {
        system: [s.source for s in slots(plan(**{"uppdrag.system": system}), lifecare)[1:]]
        for system in ("lifecare", "procapita")
    }
    assert sources == {"lifecare": ["S1.9", "S1.9"], "procapita": ["P", "S1.9"]}
    assert all(s.required for s in slots(plan(), lifecare)[1:])
    for role in ("kontaktman", "enhetschef"):
        with pytest.raises(Refused, match="utfall_bara_underskrift"):
            allowed(lifecare, role, "declined", "vill_inte")


def test_S1_10_follow_up_each_half_year_or_at_a_change(plan, due):
    file = plan(**{"uppfoljning.nasta": None})
    adopted = History((version(adopted=date(2026, 11, 14)),))
    assert due(file, "uppfoljning", history=adopted).due == date(2027, 5, 14)
    changed = plan(**{"uppdrag.beslut_id": "BI-2"})
    at_once = due(changed, "uppfoljning", history=adopted)
    assert (at_once.due, at_once.note) == (date(2026, 11, 22), "nytt beslut: följ upp genast; förfaller söndag")


def test_S1_12_home_care_names_the_planerare(plan, findings):
    (found,) = findings(plan(**{"roller.planerare": {"titel": "planerare"}}))
    assert (found.code, found.source) == ("planerare", "S1.12")
    elsewhere = plan(**{"roller.planerare": None, "verksamhetsomrade": "sarskilt_boende"})
    assert findings(elsewhere) == ()


def test_S1_7_when_a_version_was_communicated_is_recorded(plan, task):
    sealed = History((version(sealed=date(2026, 11, 14)),))
    assert task(plan(), "kommunicerad", history=History((version(),))) is None
    waiting = task(plan(), "kommunicerad", history=sealed)
    assert (waiting.from_, waiting.due, waiting.status) == (date(2026, 11, 14), None, "open")
    assert (waiting.source, waiting.responsible) == ("S1.7", "kontaktman")
    for slag in ("kommunicerad", "overlamnad"):
        told = History(sealed.versions, (Event(slag, date(2026, 11, 16), 1),))
        assert task(plan(), "kommunicerad", history=told).status == "met"
    newer = History((*sealed.versions, version(2, sealed=date(2026, 11, 20))), told.events)
    assert task(plan(), "kommunicerad", history=newer).status == "open"


def test_S1_11_other_information_is_checked_at_each_follow_up(plan, task):
    adopted = (version(adopted=date(2026, 11, 14), sealed=date(2026, 11, 14)),)
    for told in ({}, {"ovrig_information_kontrollerad": False}):
        history = History(adopted, (Event("uppfoljning", date(2026, 11, 20), 1, told),))
        left = task(plan(), "ovrig_information", history=history)
        assert (left.from_, left.due, left.status, left.source) == (date(2026, 11, 20), None, "open", "S1.11")
        anew = History((*adopted, version(2, accepted=date(2026, 11, 21))), history.events)
        assert task(plan(), "ovrig_information", history=anew).status == "met"  # it is checked at creation as well
    done = Event("uppfoljning", date(2026, 11, 20), 1, {"ovrig_information_kontrollerad": True})
    for events in ((done,), (*history.events, done)):  # of one day the one that came last has the word
        assert task(plan(), "ovrig_information", history=History(adopted, events)) is None


def test_S1_12_planerare_is_told_of_each_version_in_home_care(plan, task):
    first = History((version(),))
    waiting = task(plan(), "planerare_meddelad", history=first)
    assert (waiting.from_, waiting.due, waiting.status) == (date(2026, 11, 12), None, "open")
    assert (waiting.version, waiting.source, waiting.responsible) == (1, "S1.12", "kontaktman")
    told = (Event("planerare_meddelad", date(2026, 11, 10), 1),)  # before the file came
    assert task(plan(), "planerare_meddelad", history=History(first.versions, told)).status == "met"
    newer = History((*first.versions, version(2, accepted=date(2026, 11, 20))), told)
    assert task(plan(), "planerare_meddelad", history=newer).version == 2
    assert task(plan(), "planerare_meddelad", history=newer).status == "open"
    assert task(plan(verksamhetsomrade="sarskilt_boende"), "planerare_meddelad", history=first) is None


def test_S1_13_plan_shows_all_that_the_routine_lists(plan, findings):
    bare = plan(
        **{
            "insatser[0].nar": None,
            "insatser[0].var": None,
            "insatser[0].hur": None,
            "mal": [],
            "viktig_information": [],
            "delaktighet.beskrivning": None,
            "deltagare": [],
        }
    )
    found = findings(bare)
    assert codes(found) == {"nar", "var", "hur", "mal", "viktig_information", "delaktighet", "deltagare"}
    assert {f.source for f in found} == {"S1.13"}


# S2


@pytest.mark.parametrize(
    ("omrade", "regi", "who"),
    [
        ("hemtjanst", "egen", "kontaktman"),
        ("ifo_familjehem", "egen", "socialsekreterare"),
        ("ifo_familjehem", "privat", "kontaktman"),
        ("ifo_kontaktperson", "egen", "socialsekreterare"),
        ("ifo_kontaktfamilj", "privat", "socialsekreterare"),
        ("ifo_extern_placering", "privat", "extern_utforare"),
    ],
)
def test_S2_2_the_unit_writes_with_its_exceptions(omrade, regi, who, routine):
    entry = drawn_up_by(routine("sas_aldre_ifo"), omrade, regi)
    assert entry.av[0] == who


@pytest.mark.parametrize(
    ("who", "word", "personal_id"),
    [
        ("kontaktman", "kontaktman", "nb-1042"),
        ("vice_kontaktman", "vice kontaktman", "nb-1077"),
        ("socialsekreterare", "socialsekreterare", "nb-0055"),
        ("extern_utforare", "extern utförare", "nb-1042"),
    ],
)
def test_S2_2_whoever_drew_it_up_fills_the_middle_slot(who, word, personal_id, plan, routine):
    middle = slots(plan("sas_aldre_ifo", **{"handelser.upprattad_av": who}), routine("sas_aldre_ifo"))[1]
    assert (middle.role, middle.word, middle.personal_id) == ("kontaktman", word, personal_id)


@pytest.mark.parametrize(
    ("omrade", "latest"),
    [
        ("hemtjanst", date(2026, 11, 16)),
        ("sarskilt_boende", date(2026, 11, 16)),
        ("ifo_boendestod", date(2026, 12, 2)),
        ("ifo_extern_placering", date(2026, 12, 2)),
        ("lss_servicebostad", None),
    ],
)
def test_S2_3_two_weeks_in_elder_care_one_month_in_ifo(omrade, latest, plan, routine):
    found = deadlines(plan("sas_aldre_ifo", verksamhetsomrade=omrade), routine("sas_aldre_ifo"), date(2026, 11, 22))
    assert [d.due for d in found if d.code == "plan_klar"] == ([latest] if latest else [])


def test_S2_5_person_describes_the_need_behind_each_insats(plan, findings):
    (found,) = findings(plan("sas_aldre_ifo", **{"insatser[0].behov": None}))
    assert (found.code, found.level, found.source) == ("behov", "gap", "S2.5")


def test_S2_6_plan_answers_who_what_how_when_and_in_what_mode(plan, findings):
    bare = {
        "insatser[0].vad": None,
        "insatser[0].hur": None,
        "insatser[0].nar": None,
        "insatser[0].utforandesatt": None,
        "delaktighet.beskrivning": None,
        "deltagare": [],
    }
    found = findings(plan("sas_aldre_ifo", **bare))
    assert codes(found) == {"vad", "hur", "nar", "utforandesatt", "delaktighet", "deltagare"}
    assert {f.source for f in found} == {"S2.6"}


def test_S2_7_goals_are_reached_measured_and_worded_positively(plan, findings):
    unreached = findings(plan("sas_aldre_ifo", **{"mal[1].overordnat": None, "mal[1].matt": None}))
    assert {(f.code, f.field) for f in unreached} == {("mal_uppnas", "mal[0]"), ("mal_matt", "mal[1].matt")}
    (worded,) = findings(plan("sas_aldre_ifo", **{"mal[1].text": "Jag vill inte längre vara ensam."}))
    assert (worded.code, worded.level, worded.source) == ("mal_smart", "hint", "S2.7")


@pytest.mark.parametrize("status", ["ville_inte", "kunde_inte"])
def test_S2_8_who_did_not_take_part_is_not_asked_to_sign(status, plan, routine, findings):
    sas = routine("sas_aldre_ifo")
    alone = plan("sas_aldre_ifo", **{"delaktighet": {"status": status}})
    asked = slots(alone, sas)[0]
    assert (asked.asked, asked.required, asked.source) == (False, False, "S2.8")
    ended = ended_at_intake(alone, sas)
    assert ended is not None
    assert (ended.role, ended.outcome, ended.reason) == ("brukare", "not_participating", "deltog_inte")
    assert ended.text == asked.not_asked_text is not None
    assert "inte deltagit" in ended.text
    assert findings(alone) == ()


@pytest.mark.parametrize("status", ["deltog", "deltog_delvis", "via_foretradare"])
def test_S2_8_who_took_part_is_asked(status, plan, routine):
    taking_part = plan("sas_aldre_ifo", **{"delaktighet.status": status})
    asked = slots(taking_part, routine("sas_aldre_ifo"))[0]
    assert (asked.asked, asked.required) == (True, True)
    assert ended_at_intake(taking_part, routine("sas_aldre_ifo")) is None


CONSENT = {
    "samtycke_id": "S1",
    "typ": "deltagande",
    "till": "Göran",
    "givet_av": "brukare",
    "datum": "2026-11-12",
    "galler_tom": "2026-11-12",
    "aterkallat": "2026-11-13",
}


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"galler_tom": None, "aterkallat": None}, True),
        ({"datum": "2026-11-13", "galler_tom": None}, False),
        ({"galler_tom": "2026-11-11"}, False),
        ({"aterkallat": "2026-11-12"}, False),
        ({"typ": "lamna_information"}, False),
        ({"samtycke_id": "S2"}, False),
    ],
)
@pytest.mark.parametrize(
    "where",
    [
        {"deltagare": [{"namn": "Göran", "roll": "narstaende", "samtycke_ref": "S1"}]},
        {"deltagare": [{"namn": "Göran", "roll": "annan", "samtycke_ref": "S1"}]},
        {"narstaende": [{"namn": "Göran", "relation": "son", "deltog": True, "samtycke_ref": "S1"}]},
        {
            "deltagare": [{"namn": "göran ", "roll": "narstaende"}],
            "narstaende": [{"namn": "Göran", "relation": "son", "deltog": True, "samtycke_ref": "S1"}],
        },
    ],
)
def test_S2_9_relatives_need_a_consent_that_held_that_day(change, holds, where, plan, findings):
    found = findings(plan("sas_aldre_ifo", **where, samtycken=[CONSENT | change]))
    assert [f.code for f in found] == ([] if holds else ["samtycke_deltagande"])


def test_S2_9_a_relative_who_was_not_there_needs_none(plan, findings):
    away = plan("sas_aldre_ifo", narstaende=[{"namn": "Göran", "relation": "son", "deltog": False}])
    assert findings(away) == ()


def test_S2_9_a_consent_withdrawn_by_an_event_no_longer_counts(plan, findings):
    file = plan(
        "sas_aldre_ifo",
        deltagare=[{"namn": "Göran", "roll": "annan", "samtycke_ref": "S1"}],
        samtycken=[CONSENT],
        andringsorsak="Ny planering",
    )
    for day, holds in ((date(2026, 11, 12), False), (date(2026, 11, 13), True)):
        withdrawn = History(events=(Event("samtycke_aterkallat", day, None, {"samtycke_id": "S1"}),))
        assert (findings(file, history=withdrawn) == ()) == holds


def test_S2_9_a_withdrawn_consent_asks_for_a_new_version(plan, task):
    file = plan("sas_aldre_ifo", samtycken=[CONSENT | {"aterkallat": None}])
    withdrawn = History((version(),), (Event("samtycke_aterkallat", date(2026, 11, 20), None, {"samtycke_id": "S1"}),))
    left = task(file, "samtycke_ny_version", history=withdrawn)
    assert (left.from_, left.due, left.status, left.source) == (date(2026, 11, 20), None, "open", "S2.9")
    marked = plan("sas_aldre_ifo", samtycken=[CONSENT])
    assert task(marked, "samtycke_ny_version", history=withdrawn) is None
    assert task(plan("sas_aldre_ifo"), "samtycke_ny_version", history=withdrawn) is None


def test_S2_10_follow_up_every_six_months_with_its_day_in_the_plan(plan, findings, due):
    (found,) = findings(plan("sas_aldre_ifo", **{"uppfoljning.nasta": None}))
    assert (found.code, found.level, found.source) == ("uppfoljning_datum", "stop", "S2.10")
    adopted = History((version(adopted=date(2026, 8, 31)),))
    earlier = plan("sas_aldre_ifo", **{"uppfoljning.nasta": "2027-01-15"})
    later = plan("sas_aldre_ifo", **{"uppfoljning.nasta": "2027-06-15"})
    assert due(earlier, "uppfoljning", history=adopted).due == date(2027, 1, 15)
    assert due(later, "uppfoljning", history=adopted).due == date(2027, 2, 28)


def test_S2_4_a_thin_first_plan_is_followed_up_after_a_short_time(plan, due):
    file = plan("sas_aldre_ifo", **{"uppfoljning.nasta": None})
    thin, whole = (version(adopted=date(2026, 11, 14), thin=is_thin) for is_thin in (True, False))
    early = due(file, "uppfoljning", history=History((thin,)))
    assert (early.from_, early.due) == (date(2026, 11, 14), date(2026, 12, 12))
    assert early.note == "den första planen är tunn: följ upp tidigt; förfaller lördag"
    assert due(file, "uppfoljning", history=History((whole,))).due == date(2027, 5, 14)
    sooner = plan("sas_aldre_ifo", **{"uppfoljning.nasta": "2026-12-01"})
    assert due(sooner, "uppfoljning", history=History((thin,))).due == date(2026, 12, 1)
    done = History((thin,), (Event("uppfoljning", date(2026, 12, 10), 1),))
    assert due(file, "uppfoljning", history=done).due == date(2027, 6, 10)
    revised = History((thin, version(2, adopted=date(2026, 12, 5), thin=True)))
    assert due(file, "uppfoljning", history=revised).due == date(2027, 6, 5)
    other = plan(**{"uppfoljning.nasta": None})
    assert due(other, "uppfoljning", history=History((thin,))).due == date(2027, 5, 14)


# S3


def test_S3_1_review_each_month(plan, due):
    adopted = History((version(adopted=date(2026, 10, 31)),))
    first = due(plan("sol_lss_kund"), "genomgang", history=adopted)
    assert (first.from_, first.due, first.status) == (date(2026, 10, 31), date(2026, 11, 30), "open")
    reviewed = History(adopted.versions, (Event("manadsgenomgang", date(2026, 11, 20), 1),))
    assert due(plan("sol_lss_kund"), "genomgang", history=reviewed).due == date(2026, 12, 20)


def test_S3_2_plan_shows_all_that_the_routine_lists(plan, findings):
    bare = {
        **NO_INSATS,
        "mal": [],
        "insatser[0].mal_ref": [],
        "delaktighet.beskrivning": None,
        "delaktighet.hansyn": None,
        "samverkan": [],
        "uppfoljning": {"nasta": None},
        "handelser.upprattad": None,
    }
    found = [f for f in findings(plan("sol_lss_kund", **bare)) if f.source == "S3.2"]
    assert codes(found) == {
        "vad", "hur", "nar", "vem", "mal", "delaktighet", "hansyn", "samverkan",
        "uppfoljning_datum", "uppfoljning_hur", "daterad",
    }  # fmt: skip


def test_S3_3_plan_agrees_with_the_assignment(plan, findings):
    apart = {"insatser[0].beviljad_ref": None, "mal[0].niva": "eget"}
    found = findings(plan("sol_lss_kund", **apart))
    assert {(f.code, f.level, f.source) for f in found} == {
        ("beviljat_tackt", "hint", "S3.3"),
        ("beslutsmal", "hint", "S3.3"),
    }


YES = {"svar": "ja"}
REVIEW = dict.fromkeys(("kunde_paverka", "tydlig", "utforbar_av_annan_personal", "enligt_uppdraget", "foljs"), YES)


def review(day, **answers):
    return Event("manadsgenomgang", day, 1, REVIEW | answers)


def test_S3_3_review_answers_its_four_questions():
    four = {"kunde_paverka", "tydlig", "utforbar_av_annan_personal", "enligt_uppdraget"}
    assert refused("manadsgenomgang") == four


@pytest.mark.parametrize("question", sorted(REVIEW))
@pytest.mark.parametrize("answer", ["nej", "delvis"])
def test_S3_4_a_deficiency_becomes_a_dated_task(question, answer, plan, task):
    file, adopted = plan("sol_lss_kund"), (version(adopted=date(2026, 11, 14)),)
    day = date(2026, 11, 20)
    dated = {question: {"svar": answer}, "atgard_senast": "2026-12-01", "ansvarig": "Emma Sjöö"}
    left = task(file, "atgard", history=History(adopted, (review(day, **dated),)))
    assert (left.from_, left.due, left.status, left.source) == (day, date(2026, 12, 1), "open", "S3.4")
    assert left.responsible == "kontaktman"
    promptly = History(adopted, (review(day, **{question: {"svar": answer}}),))
    assert (task(file, "atgard", history=promptly).due, task(file, "atgard", history=promptly).status) == (day, "late")
    better = History(adopted, (*promptly.events, review(date(2026, 11, 21))))
    assert task(file, "atgard", history=better) is None
    revised = History((*adopted, version(2, accepted=date(2026, 11, 22))), promptly.events)
    found = task(file, "atgard", history=revised)
    note = "klar 2 dagar för sent"
    assert (found.status, found.note) == ("met", f"planen följs inte helt; {note}" if question == "foljs" else note)


# S4


def test_S4_1_time_is_spread_over_a_longer_schedule_period(plan, findings):
    every_other = {
        "schemaperiod": {"veckor": 4},
        "insatser[0].nar": {"text": "Vecka 1 och 3", "veckodagar": ["man"], "veckor": [1, 3]},
        "insatser[0].tid": {"minuter_per_tillfalle": 120, "minuter_per_vecka": 120},
    }
    assert findings(plan("rambeslut_stad", **every_other)) == ()
    weekly = every_other | {"schemaperiod": {"veckor": 2}}
    assert findings(plan("rambeslut_stad", **weekly)) == ()  # week 3 lies outside a period of two
    (over,) = findings(
        plan("rambeslut_stad", **every_other | {"insatser[0].nar": {"text": "x", "veckodagar": ["man"]}})
    )
    assert over.code == "tid"


def test_S4_2_every_version_is_assessed(plan, routine):
    first = version(1, sealed=date(2026, 11, 14))
    second = version(2, sealed=date(2026, 11, 20))
    judged = (Event("bedomning", date(2026, 11, 18), None, {"version": 1}),)
    found = deadlines(
        plan("rambeslut_stad"), routine("rambeslut_stad"), date(2026, 11, 22), History((first, second), judged)
    )
    assert [(d.version, d.from_, d.due, d.status) for d in found if d.code == "bedomning"] == [
        (1, date(2026, 11, 14), None, "met"),
        (2, date(2026, 11, 20), None, "open"),
    ]


def test_S4_2_every_version_reaches_the_handlaggare(plan, task):
    sealed = History((version(sealed=date(2026, 11, 14)),))
    file = plan("rambeslut_stad")
    left = task(file, "aterkoppling_version", history=sealed)
    assert (left.from_, left.status, left.version, left.source) == (date(2026, 11, 14), "open", 1, "S4.2")
    for event in (Event("aterkoppling_skickad", date(2026, 11, 15), 1), Event("bedomning", date(2026, 11, 15), 1)):
        assert task(file, "aterkoppling_version", history=History(sealed.versions, (event,))).status == "met"


def test_S4_3_planning_is_ready_within_two_weeks(order, due):
    found = due(order("rambeslut_stad"), "plan_klar", today=date(2026, 12, 3))
    assert (found.due, found.status, found.source) == (date(2026, 12, 2), "late", "S4.3")


def test_S4_4_a_month_after_execution_the_plan_is_there(order, plan, due):
    missing = due(order("rambeslut_stad"), "kontroll_upprattad", today=date(2026, 12, 19))
    assert (missing.from_, missing.due, missing.status) == (date(2026, 11, 18), date(2026, 12, 18), "late")
    checked = History(events=(Event("kontroll_upprattad", date(2026, 12, 18), None, {"finns": False}),))
    assert due(order("rambeslut_stad"), "kontroll_upprattad", history=checked).status == "met"
    assert due(plan("rambeslut_stad"), "kontroll_upprattad").status == "met"


def test_S4_4_a_plan_missing_at_the_check_asks_for_a_deviation_report(order, plan, task):
    missing = Event("kontroll_upprattad", date(2026, 12, 18), None, {"finns": False})
    left = task(order("rambeslut_stad"), "avvikelse", history=History(events=(missing,)))
    assert (left.from_, left.due, left.status) == (date(2026, 12, 18), None, "open")
    assert (left.source, left.responsible) == ("S4.4", "handlaggare")
    came = History((version(accepted=date(2026, 12, 20)),), (missing,))
    assert task(plan("rambeslut_stad"), "avvikelse", history=came).status == "open"  # it was missing all the same
    reported = (missing, Event("avvikelse", date(2026, 12, 19), None))
    assert task(order("rambeslut_stad"), "avvikelse", history=History(events=reported)).status == "met"
    for fine in ((), (Event("kontroll_upprattad", date(2026, 12, 18), None, {"finns": True}),)):
        assert task(order("rambeslut_stad"), "avvikelse", history=History(events=fine)) is None
    there = History((version(accepted=date(2026, 12, 18)),), (missing,))
    assert task(plan("rambeslut_stad"), "avvikelse", history=there) is None


def test_S4_4_a_delay_says_until_when(order, plan, task, due):
    delays = (
        Event("drojsmal", date(2026, 12, 1), None, {"orsak": "x", "nytt_datum": "2026-12-10"}),
        Event("drojsmal", date(2026, 12, 8), None, {"orsak": "x", "nytt_datum": "2026-12-20"}),
    )
    late = {"today": date(2026, 12, 21), "history": History(events=delays)}
    promised = task(order("rambeslut_stad"), "utlovad_plan", **late)
    assert (promised.from_, promised.due, promised.status) == (date(2026, 12, 8), date(2026, 12, 20), "late")
    assert due(order("rambeslut_stad"), "plan_klar", **late).due == date(2026, 12, 2)  # a guarantee does not move
    came = History((version(accepted=date(2026, 12, 22)),), delays)
    assert task(plan("rambeslut_stad"), "utlovad_plan", history=came).note == "klar 2 dagar för sent"
    silent = History(events=(Event("drojsmal", date(2026, 12, 8), None, {"orsak": "x"}),))
    assert task(order("rambeslut_stad"), "utlovad_plan", history=silent) is None


def test_S4_5_the_seven_questions_are_asked_of_the_file(plan, findings):
    bare = {
        "uppdrag.galler_tom": "2026-11-01",
        "uppdrag.beviljad_tid.minuter_per_vecka": 600,
        "delaktighet.beskrivning": None,
        "viktigt_for_mig": None,
        "insatser[0].vad": None,
        "insatser[0].beviljad_ref": None,
        "mal[0].niva": "eget",
        "insatser[0].mal_ref": [],
        "insatser[0].nar": {"text": "Ibland"},
        "insatser[0].hur": None,
    }
    found = findings(plan("rambeslut_stad", **bare))
    assert {f.source for f in found} == {"S4.5"}
    assert codes(found) == {
        "aktuell", "tid", "delaktighet", "viktigt_for_mig", "vad", "beviljat_tackt", "beslutsmal", "mal",
        "nar_fordelad", "hur",
    }  # fmt: skip


def test_S4_5_an_assessment_answers_the_seven_questions():
    seven = {"aktuell", "tid", "delaktighet", "vad", "mal", "nar", "hur"}
    assert refused("bedomning", version=1, utfall="fullstandig") == seven


def test_S4_6_a_clarification_is_open_until_a_new_version_answers_it(plan, task):
    file, sealed = plan("rambeslut_stad"), version(sealed=date(2026, 11, 14))
    unclear = Event("bedomning", date(2026, 11, 20), 1, {"version": 1, "utfall": "fortydligande"})
    left = task(file, "fortydligande", history=History((sealed,), (unclear,)))
    assert (left.from_, left.due, left.status) == (date(2026, 11, 20), None, "open")
    assert (left.version, left.source) == (1, "S4.6")
    withdrawn = replace(version(2, accepted=date(2026, 11, 21)), withdrawn=True)
    assert task(file, "fortydligande", history=History((sealed, withdrawn), (unclear,))).status == "open"
    answered = History((sealed, version(2, accepted=date(2026, 11, 21))), (unclear,))
    assert task(file, "fortydligande", history=answered).status == "met"
    cleared = Event("bedomning", date(2026, 11, 20), 1, {"version": 1, "utfall": "fullstandig"})
    assert task(file, "fortydligande", history=History((sealed,), (unclear, cleared))) is None


# Sentences beside the numbered ones


def test_S2_plan_is_an_agreement_between_person_and_provider(plan, routine):
    asked = slots(plan("sas_aldre_ifo"), routine("sas_aldre_ifo"))[0]
    assert "överenskommelse mellan mig och utföraren" in asked.sentence


@pytest.mark.parametrize(
    "text", ["Hjälpa Aina att duscha.", "Personalen ger trygghet.", "Vi ser till att Aina duschar."]
)
def test_S2_goals_describe_what_one_wants_to_reach_not_what_one_does(text, plan, findings):
    (found,) = findings(plan("sas_aldre_ifo", **{"mal[1].text": text}))
    assert (found.code, found.field) == ("mal_smart", "mal[1].text")
    assert findings(plan("sas_aldre_ifo", **{"mal[1].text": "Jag vill få hjälp i tid och gestalta mitt liv."})) == ()


def test_S3_purpose_a_plan_that_is_not_followed_is_seen(plan, task):
    adopted = (version(adopted=date(2026, 11, 14)),)
    apart = History(adopted, (review(date(2026, 11, 20), foljs={"svar": "nej"}),))
    assert task(plan("sol_lss_kund"), "atgard", history=apart).note == "planen följs inte helt"
    assert task(plan("sol_lss_kund"), "atgard", history=History(adopted, (review(date(2026, 11, 20)),))) is None
