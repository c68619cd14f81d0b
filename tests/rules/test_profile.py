"""The schema of a routine profile: strict, frozen, and known to the code only as a schema."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.errors import Misuse
from pipeline.plan.profile import drawn_up_by, law, parse_profile

ROOT = Path(__file__).parents[2]
RUTINER = ROOT / "templates" / "rutiner"
NAMES = ("lov_rambeslut", "omsorg_lifecare", "rambeslut_stad", "sas_aldre_ifo", "sol_lss_kund")


def shipped(name):
    return (RUTINER / f"{name}.toml").read_text("utf-8")


def test_the_five_routines_are_shipped_under_their_own_names(routine):
    assert sorted(path.stem for path in RUTINER.glob("*.toml")) == sorted(NAMES)
    for number, name in enumerate(
        ("lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad")
    ):
        profil = routine(name)
        assert (profil.profil, profil.kalla.id) == (name, f"S{number}")


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_its_own_routine_or_the_product(name, routine):
    own = routine(name).kalla.id
    for table in _tables(routine(name).model_dump()):
        for key, value in table.items():
            if (key == "kalla" or key.endswith("_kalla") or key.startswith("kalla_")) and isinstance(value, str):
                assert value == "P" or value.startswith(f"{own}."), (key, value)


def _tables(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _tables(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _tables(inner)


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        ("omsorg_lifecare", 'profil = "', 'kommun = "9901"\nprofil = "', "kommun"),
        ("omsorg_lifecare", "[innehall]", '[innehall]\npriser = { niva = "gap", kalla = "P" }', "innehall.priser"),
        ("omsorg_lifecare", 'niva = "stop"', 'niva = "stopp"', "niva"),
        ("omsorg_lifecare", 'kalla = "S1.13"', 'kalla = "rutinen"', "kalla"),
        ("omsorg_lifecare", 'skydd = { niva = "stop", kalla = "P" }', "", "skydd"),
        ("omsorg_lifecare", "antal = 14", 'antal = "14"', "antal"),
        ("omsorg_lifecare", "antal = 14\n", "", "antal"),
        ("omsorg_lifecare", "antal = 14", "antal = -1", "antal"),
        ("omsorg_lifecare", 'fran = "insats_paborjad"', 'fran = "ny_brukare"', "fran"),
        ("omsorg_lifecare", "vid_nytt_beslut = true", "vid_nytt_beslut = 1", "vid_nytt_beslut"),
        ("omsorg_lifecare", 'oppnas_kalla = "S1.6"', "", "oppnas_kalla"),
        ("omsorg_lifecare", 'omraden = ["hemtjanst"]', 'omraden = ["hemtjänst"]', "omraden"),
        ("sas_aldre_ifo", "text_ej_tillfragad = ", "anm_2 = ", "anm_2"),
        ("sas_aldre_ifo", 'krav = "obligatorisk_om_deltog"', 'krav = "obligatorisk"', "text_ej_tillfragad"),
        ("sas_aldre_ifo", "mening_foretradare", "#", "mening_foretradare"),
        (
            "lov_rambeslut",
            'krav = "obligatorisk"\navsikt = "upprattat"',
            'krav = "frivillig"\navsikt = "upprattat"',
            "staff",
        ),
        ("rambeslut_stad", 'fran = "verkstalld"', 'fran = "verkstalld"\nvid_nytt_beslut = true', "recurring"),
        ("rambeslut_stad", "tolerans_minuter = 5", "tolerans = 5", "toleran"),
        ("rambeslut_stad", "[kalla]", "[kalla", "-"),
        ("rambeslut_stad", "2018-02-01", "2018-02-01T10:00:00Z\ntid = 10:00:00", "-"),
    ],
)
def test_a_profile_with_a_fault_is_refused_by_name(name, old, new, where):
    text = shipped(name)
    assert old in text
    with pytest.raises(Misuse, match="profil_ogiltig") as refusal:
        parse_profile(text.replace(old, new))
    assert where in refusal.value.sv


def test_a_profile_cannot_be_changed(routine):
    with pytest.raises(ValidationError):
        routine("lov_rambeslut").innehall.vad = None


def test_a_silent_routine_says_nothing(plan, routine):
    assert routine("lov_rambeslut").innehall.mal is None
    assert [f.kod for f in routine("sol_lss_kund").frister] == ["genomgang"]


def test_only_the_routine_that_rests_on_consents_prints_them(routine):
    assert {name: routine(name).utskrift.samtycken for name in NAMES} == {
        name: name == "sas_aldre_ifo" for name in NAMES
    }


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 6, 30), ("11 kap. 5 och 6 §§ socialtjänstlagen (2001:453)",)),
        (date(2025, 7, 1), ("14 kap. 3 och 7 §§ socialtjänstlagen (2025:400)",)),
    ],
)
def test_law_references_follow_the_day(day, expected, routine):
    assert law(routine("omsorg_lifecare"), amne="dokumentation", lagrum=["SoL"], day=day) == expected
    assert law(routine("sas_aldre_ifo"), amne="medverkan", lagrum=["SoL"], day=day) == ()


def test_law_references_follow_the_plans_own_law(routine):
    lss = law(routine("sol_lss_kund"), amne="dokumentation", lagrum=["LSS 9 § 9"], day=date(2026, 1, 1))
    both = law(routine("sol_lss_kund"), amne="dokumentation", lagrum=[], day=date(2026, 1, 1))
    assert (len(lss), len(both)) == (1, 2)
    assert "1993:387" in lss[0]


def test_who_draws_up_falls_back_on_the_entry_for_all(routine):
    assert drawn_up_by(routine("sas_aldre_ifo"), "hemtjanst", "egen").kalla == "S2.1"
    assert drawn_up_by(routine("sas_aldre_ifo"), "ifo_familjehem", "privat").kalla == "S2.1"


def test_the_code_knows_no_routine_by_name():
    for source in (ROOT / "pipeline").rglob("*.py"):
        words = source.read_text("utf-8")
        assert not [name for name in NAMES if name in words], source
