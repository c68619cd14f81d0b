"""The signature tables: what each routine asks of whom, and how each slot may end."""

from datetime import date

import pytest

from pipeline.errors import Refused
from pipeline.plan.history import Event, History, VersionFact
from pipeline.plan.model_plan import AnledningSaknas
from pipeline.plan.slots import OUTCOME_OF_CODE, allowed, ended_at_intake, is_open, outcome_for, slots

PROFILES = ("lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad")

# brukare: required, intent, source, when it opens; then the sources of kontaktman and enhetschef
TABLE = {
    "lov_rambeslut": (False, "godkanner", "S0.7", None, "P", "P"),
    "omsorg_lifecare": (True, "godkanner", "S1.5", "genomgang", "P", "S1.9"),
    "sas_aldre_ifo": (True, "godkanner", "S2.8", None, "P", "P"),
    "sol_lss_kund": (False, "bekraftar_genomgang", "P", None, "P", "P"),
    "rambeslut_stad": (False, "bekraftar_genomgang", "P", None, "P", "P"),
}


@pytest.mark.parametrize("profil", PROFILES)
def test_what_each_role_is_asked(profil, plan, routine):
    brukare, kontaktman, enhetschef = slots(plan(profil), routine(profil))
    assert [s.role for s in (brukare, kontaktman, enhetschef)] == ["brukare", "kontaktman", "enhetschef"]
    assert (
        brukare.required,
        brukare.intent,
        brukare.source,
        brukare.opens_when,
        kontaktman.source,
        enhetschef.source,
    ) == TABLE[profil]
    assert (kontaktman.intent, enhetschef.intent) == ("upprattat", "faststaller")
    assert kontaktman.required and enhetschef.required
    assert all(s.asked and s.sentence for s in (brukare, kontaktman, enhetschef))
    assert brukare.represented_sentence


@pytest.mark.parametrize("profil", PROFILES)
def test_the_sentence_is_one_person_speaking(profil, plan, routine):
    for asked in slots(plan(profil), routine(profil)):
        assert {"jag", "mig", "mina"} & {word.strip(".,").casefold() for word in asked.sentence.split()}


def test_the_words_are_the_municipalitys_unless_the_person_has_one(plan, routine):
    words = {profil: [s.word for s in slots(plan(profil), routine(profil))] for profil in PROFILES}
    assert words == {
        "lov_rambeslut": ["brukare", "kontaktpersonal", "enhetschef"],
        "omsorg_lifecare": ["brukare", "kontaktman", "enhetschef"],
        "sas_aldre_ifo": ["brukare", "kontaktman", "enhetschef"],
        "sol_lss_kund": ["kund", "kontaktman", "enhetschef"],
        "rambeslut_stad": ["brukare", "kontaktpersonal", "enhetschef"],
    }
    named = plan(
        "sol_lss_kund", **{"roller.kontaktman.benamning": "stödperson", "roller.enhetschef.benamning": "teamchef"}
    )
    assert [s.word for s in slots(named, routine("sol_lss_kund"))] == ["kund", "stödperson", "teamchef"]


def test_a_protected_person_is_called_by_tilltalsnamn_only(plan, routine):
    hidden = plan(**{"brukare.skydd": "sekretessmarkering"})
    assert slots(hidden, routine("omsorg_lifecare"))[0].name == "Aina"
    assert slots(plan(), routine("omsorg_lifecare"))[0].name == "Aina Björkqvist"
    assert slots(plan(**{"brukare.efternamn": None}), routine("omsorg_lifecare"))[0].name == "Aina"


def test_a_socialsekreterare_who_is_not_named_leaves_the_slot_without_a_signer(plan, routine, findings):
    nobody = plan("sas_aldre_ifo", **{"handelser.upprattad_av": "socialsekreterare", "roller.handlaggare": None})
    middle = slots(nobody, routine("sas_aldre_ifo"))[1]
    assert (middle.name, middle.personal_id) == (None, None)
    (found,) = findings(nobody)
    assert (found.code, found.field) == ("personal_id", "roller.handlaggare.personal_id")


OUTCOMES = {
    "declined": {"vill_inte", "instammer_inte", "saknar_eid_avbojer_papper", "annat"},
    "unable": {"kan_inte_fysiskt", "kan_inte_ta_stallning", "sprakhinder", "foretradare_ej_nadd", "avliden_avslutad"},
    "not_participating": {"deltog_inte", "avstod", "ej_tillfragad"},
}


def test_every_code_of_the_file_has_its_outcome():
    assert {kod: outcome for outcome, codes in OUTCOMES.items() for kod in codes} == OUTCOME_OF_CODE
    assert set(AnledningSaknas.model_fields["kod"].annotation.__args__) == set(OUTCOME_OF_CODE)
    with pytest.raises(Refused, match="anledning_okand"):
        outcome_for("hund_at_upp_den")


@pytest.mark.parametrize("profil", PROFILES)
@pytest.mark.parametrize("kod", sorted(OUTCOME_OF_CODE))
def test_which_codes_end_the_brukares_slot(profil, kod, routine):
    rules = routine(profil)
    outcome = outcome_for(kod)
    voluntary = not TABLE[profil][0]
    if kod in ("avstod", "ej_tillfragad") and not voluntary:
        with pytest.raises(Refused, match="anledning_bara_frivillig"):
            allowed(rules, "brukare", outcome, kod)
    else:
        allowed(rules, "brukare", outcome, kod, "Därför.")
    for other in set(OUTCOMES) - {outcome}:
        with pytest.raises(Refused, match="anledning_passar_inte"):
            allowed(rules, "brukare", other, kod, "Därför.")


@pytest.mark.parametrize("text", [None, "", "   "])
def test_another_reason_has_to_be_told(text, routine):
    with pytest.raises(Refused, match="anledning_kraver_text"):
        allowed(routine("omsorg_lifecare"), "brukare", "declined", "annat", text)


@pytest.mark.parametrize("outcome", ["signed", "represented", "paper"])
def test_a_signature_needs_no_reason_and_staff_only_sign(outcome, routine):
    rules = routine("omsorg_lifecare")
    allowed(rules, "brukare", outcome, None)
    with pytest.raises(Refused, match="anledning_utan_plats"):
        allowed(rules, "brukare", outcome, "vill_inte")
    for role in ("kontaktman", "enhetschef"):
        if outcome == "signed":
            allowed(rules, role, outcome, None)
        else:
            with pytest.raises(Refused, match="utfall_bara_underskrift"):
                allowed(rules, role, outcome, None)


def test_no_outcome_and_no_code_is_no_ending(routine):
    with pytest.raises(Refused, match="anledning_passar_inte"):
        allowed(routine("omsorg_lifecare"), "brukare", "declined", None)
    with pytest.raises(Refused, match="anledning_passar_inte"):
        allowed(routine("omsorg_lifecare"), "brukare", "vanished", None)


def reason(kod, text=None):
    why = {"kod": kod, "text": text, "registrerad_av": "Emma Sjöö", "datum": "2026-11-13"}
    return {"underskrifter": [{"roll": "brukare", "anledning_saknas": why}]}


def test_the_files_own_reason_goes_before_not_being_asked(plan, routine):
    absent = plan("sas_aldre_ifo", **{"delaktighet.status": "kunde_inte"}, **reason("kan_inte_ta_stallning"))
    ended = ended_at_intake(absent, routine("sas_aldre_ifo"))
    assert ended is not None
    assert (ended.outcome, ended.reason) == ("unable", "kan_inte_ta_stallning")


@pytest.mark.parametrize(
    ("profil", "edits"),
    [("omsorg_lifecare", reason("ej_tillfragad")), ("sol_lss_kund", reason("annat"))],
)
def test_a_reason_the_routine_does_not_take_is_a_stop_and_refused(profil, edits, plan, routine, findings):
    file = plan(profil, **edits)
    (found,) = findings(file)
    assert (found.code, found.level, found.field) == ("anledning_saknas", "stop", "underskrifter[0].anledning_saknas")
    with pytest.raises(Refused):
        ended_at_intake(file, routine(profil))


def test_the_go_through_counts_for_the_version_it_was_held_on(plan, routine):
    before = plan(**{"handelser.genomgangen_med_brukare": None})
    asked = slots(before, routine("omsorg_lifecare"))[0]
    versions = (
        VersionFact(1, "BI-1", date(2026, 11, 12), None, None),
        VersionFact(2, "BI-1", date(2026, 11, 20), None, None),
    )

    def opened(*events: Event) -> bool:
        return is_open(asked, before, History(versions, events))

    assert not opened()
    assert not opened(Event("genomgangen", date(2026, 11, 21), 1))
    assert opened(Event("genomgangen", date(2026, 11, 21), 2))
    assert not opened(Event("genomgangen", date(2026, 11, 19), None))
    assert opened(Event("genomgangen", date(2026, 11, 20), None))
    assert not opened(Event("kommunicerad", date(2026, 11, 21), 2))
