"""What the content table says in few words and has to hold in each turn: goals, protection, hand-over, references."""

import pytest

from pipeline.plan.check import check
from pipeline.plan.content_mal import reached
from pipeline.plan.history import History

from .conftest import INSATS, TODAY


def fields(found):
    return [f.field for f in found]


def goal(mal_id, overordnat=None, niva="delmal"):
    return {"mal_id": mal_id, "niva": niva, "overordnat": overordnat, "text": "Jag är trygg.", "matt": "Skattning"}


def test_goals_are_reached_through_chains_and_cycles(plan):
    chain = [goal("M1", niva="beslut"), goal("M2", "M1"), goal("M3", "M2"), goal("M4", "M1")]
    assert reached(plan(mal=chain, **{"insatser[0].mal_ref": ["M3"]})) >= {"M1", "M2", "M3"}
    cycle = [goal("M1", "M2"), goal("M2", "M1"), goal("M3", "M3")]
    assert reached(plan(mal=cycle, **{"insatser[0].mal_ref": ["M1"]})) == {"M1", "M2"}


def test_a_goal_below_one_that_is_reached_is_not_reached_by_that(plan, findings):
    below = [goal("M1", niva="beslut"), goal("M2", "M1")]
    file = plan("sas_aldre_ifo", mal=below, **{"insatser[0].mal_ref": ["M1"]})
    assert fields(findings(file, "mal_uppnas")) == ["mal[1]"]


def test_a_declined_goal_stands_for_one(plan, findings):
    declined = plan(**{"insatser[0].mal_ref": [], "insatser[0].mal_avbojt": "Vill inte ha något mål."})
    assert findings(declined) == ()
    assert fields(findings(plan(**{"insatser[0].mal_ref": [], "insatser[0].mal_avbojt": " "}))) == [
        "insatser[0].mal_ref"
    ]


def test_no_goal_at_all_is_missed_even_when_declined(plan, findings):
    none = plan(mal=[], **{"insatser[0].mal_ref": [], "insatser[0].mal_avbojt": "Vill inte."})
    assert fields(findings(none)) == ["mal"]


def test_a_reference_to_a_goal_that_is_not_there_is_no_reference(plan, findings):
    (found,) = findings(plan(**{"insatser[0].mal_ref": ["M9"]}))
    assert (found.code, found.field) == ("mal", "insatser[0].mal_ref")
    assert "inte finns" in found.text
    assert findings(plan(**{"insatser[0].mal_ref": ["M9", "M2"]})) == ()


def test_goals_that_refer_to_the_decisions_own_words_take_them_up(plan, findings):
    own = [goal("M2", "Bo kvar hemma.")]
    assert findings(plan("rambeslut_stad", mal=own), "beslutsmal") == ()
    assert fields(findings(plan("rambeslut_stad", mal=[goal("M2")]), "beslutsmal")) == ["mal"]
    assert findings(plan("rambeslut_stad", mal=[goal("M2")], **{"uppdrag.beslutsmal": []}), "beslutsmal") == ()


def test_a_goal_of_the_decision_needs_no_measure_and_a_day_is_one(plan, findings):
    dated = {"mal[0].matt": None, "mal[1].matt": None, "mal[1].klart_senast": "2027-05-12"}
    assert findings(plan("sas_aldre_ifo", **dated)) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Jag SLUTAR MED att ligga kvar i sängen.", 1),
        ("Jag ska inte  längre vara orolig.", 1),
        ("Stödja Aina i vardagen så att hon inte längre faller.", 2),
        ("Jag har kontakt med mina vänner varje vecka.", 0),
        ("Jag avslutar med en promenad.", 0),
        ("Gemenskap varje dag.", 0),
    ],
)
def test_wording_of_goals(text, codes, plan, findings):
    assert len(findings(plan("sas_aldre_ifo", **{"mal[1].text": text}), "mal_smart")) == codes


PROTECTED = {
    "brukare.skydd": "skyddad_folkbokforing",
    "brukare.person_id": {"typ": "internt", "varde": "SKYDD-1"},
    "insatser[0].nar": {"text": "Två gånger i veckan", "frekvens": {"antal": 2, "per": "vecka"}},
}


@pytest.mark.parametrize(
    "profil", ["lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad"]
)
@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({}, None),
        ({"brukare.adress": {"gata": "G", "postnr": "1", "ort": "O"}}, "brukare.adress"),
        ({"brukare.telefon": "070-1740605"}, "brukare.telefon"),
        ({"brukare.person_id": {"typ": "reservnummer", "varde": "R1"}}, "brukare.person_id.typ"),
        ({"narstaende": [{"namn": "G", "relation": "son"}]}, "narstaende"),
        ({"insatser[0].nar.veckodagar": ["man"]}, "insatser[0].nar.veckodagar"),
        ({"insatser[0].nar.text": "Måndagar och torsdagar"}, "insatser[0].nar.text"),
        ({"insatser[0].nar.text": "mån, ons"}, "insatser[0].nar.text"),
        ({"insatser[0].nar.text": "Måndagsförmiddag"}, "insatser[0].nar.text"),
        ({"insatser[0].nar.text": "Varje TORSDAG"}, "insatser[0].nar.text"),
        ({"insatser[0].nar.text": "Två gånger: tor och lör"}, "insatser[0].nar.text"),
        ({"insatser[0].nar.text": "må/to"}, "insatser[0].nar.text"),
        ({"insatser[0].nar.text": "mån\u00addag"}, "insatser[0].nar.text"),
        ({"insatser[0].hur": "Hämtas varje fredag vid fyra"}, "insatser[0].hur"),
        ({"sammanfattning": {"sv": "Vi kommer på tisdagar."}}, "sammanfattning.sv"),
        ({"insatser[0].nar.text": "Vardagar, tid bestäms muntligt"}, None),
        ({"insatser[0].vem": "Tor Ek eller Sonja"}, None),
    ],
)
def test_protected_identities_keep_out_of_the_file(profil, edit, field, plan, findings):
    found = findings(plan(profil, **PROTECTED | edit))
    assert [(f.code, f.level, f.field) for f in found] == ([("skydd", "stop", field)] if field else [])


def test_a_protected_persons_relative_among_those_who_took_part(plan, findings):
    file = plan(**PROTECTED, deltagare=[{"namn": "G", "roll": "narstaende"}])
    assert [(f.code, f.field) for f in findings(file)] == [("skydd", "deltagare[0]")]


def test_an_order_is_put_to_what_concerns_it(order, findings):
    assert findings(order()) == ()
    hidden = order(**{"brukare.skydd": "sekretessmarkering", "brukare.telefon": "070-1740605"})
    assert fields(findings(hidden)) == ["brukare.telefon", "brukare.person_id.typ"]
    assert [f.code for f in findings(order(**{"brukare.person_id.varde": "194201199125"}))] == ["person_id"]


@pytest.mark.parametrize(
    ("typ", "varde", "codes"),
    [
        ("personnummer", "194201199124", []),
        ("personnummer", "420119-9124", []),
        ("personnummer", "194213199124", ["person_id"]),
        ("samordningsnummer", "194201199124", ["person_id"]),
        ("reservnummer", "R-1", []),
    ],
)
def test_numbers_are_valid_for_their_type(typ, varde, codes, plan, findings):
    found = findings(plan(**{"brukare.person_id": {"typ": typ, "varde": varde}}))
    assert [f.code for f in found] == codes


@pytest.mark.parametrize(
    ("who", "broken"),
    [
        ("vice_kontaktman", "vice_kontaktman"),
        ("socialsekreterare", "handlaggare"),
        ("extern_utforare", "kontaktman"),
        ("kontaktman", "enhetschef"),
    ],
)
def test_whoever_signs_can_be_looked_up(who, broken, plan, findings):
    file = plan(**{"handelser.upprattad_av": who, f"roller.{broken}": {"namn": "N", "personal_id": " "}})
    assert fields(findings(file, "personal_id")) == [f"roller.{broken}.personal_id"]


@pytest.mark.parametrize("status", ["ville_inte", "kunde_inte"])
def test_the_status_is_enough_of_who_did_not_take_part(status, plan, findings):
    absent = {"delaktighet": {"status": status}, "handelser.genomgangen_med_brukare": None}
    for profil in ("omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad"):
        assert findings(plan(profil, **absent)) == ()


@pytest.mark.parametrize(
    ("overlamning", "expected"),
    [
        ({"satt": "personligen"}, [("overlamning.transportskydd", "S1.8")]),
        ({"satt": "rekommenderat_brev"}, [("overlamning.satt", "S1.6"), ("overlamning.transportskydd", "S1.8")]),
        ({"satt": "sakert_meddelande"}, [("overlamning.satt", "S1.6")]),
        ({"satt": "ej_overlamnas"}, [("overlamning.satt", "S1.6")]),
    ],
)
def test_hand_over_in_person_with_the_paper_kept_safe(overlamning, expected, plan, findings):
    assert [(f.field, f.source) for f in findings(plan(overlamning=overlamning))] == expected


def test_collaboration_says_how(plan, findings):
    file = plan("sol_lss_kund", samverkan=[{"part": "skola"}, {"part": "annan", "hur": "Möten"}])
    assert fields(findings(file)) == ["samverkan[0].hur"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"tid": None}, ["insatser[0].tid"]),
        ({"nar": {"text": "Ibland"}, "tid": None}, ["insatser[0].nar", "insatser[0].tid"]),
        ({"nar": {"text": "Ibland"}, "tid": None, "ej_tidsatt": True}, []),
        ({"nar": {"text": "Måndagar", "veckodagar": ["man"]}}, []),
        ({"nar": {"text": "Varje vecka", "frekvens": {"antal": 1, "per": "vecka"}}}, []),
    ],
)
def test_granted_minutes_are_spread_and_timed(edit, expected, plan, findings):
    file = plan("rambeslut_stad", insatser=[INSATS | edit])
    assert fields(findings(file, "nar_fordelad")) == expected


def test_a_first_version_needs_no_reason_for_change(plan, findings):
    assert findings(plan(), history=History()) == ()
    assert findings(plan()) == ()


def test_each_insats_is_named_by_its_place_in_the_file(plan, findings):
    file = plan(insatser=[INSATS, INSATS | {"hur": None}, INSATS | {"var": None, "hur": None}])
    assert fields(findings(file)) == ["insatser[1].hur", "insatser[2].hur", "insatser[2].var"]


def test_a_decision_holds_through_its_last_day(plan, findings):
    for day, expected in (("2026-11-22", []), ("2026-11-21", ["uppdrag.galler_tom"])):
        assert fields(findings(plan("rambeslut_stad", **{"uppdrag.galler_tom": day}))) == expected


def test_an_event_that_two_deadlines_count_from_is_missed_once(plan, routine):
    stad = routine("rambeslut_stad")
    (first, *_) = stad.frister
    doubled = stad.model_copy(update={"frister": (first, first.model_copy(update={"kod": "annan"}))})
    found = check(plan("rambeslut_stad", **{"handelser.insats_paborjad": None}), doubled, TODAY)
    assert [(f.code, f.field) for f in found] == [("handelse_saknas", "handelser.insats_paborjad")]
