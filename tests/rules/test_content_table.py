"""Every cell of the content table: each routine's level and source when the demand is broken, silence otherwise."""

from datetime import date

import pytest

from pipeline.plan.check import RULES, outcome
from pipeline.plan.history import History, VersionFact
from pipeline.plan.profile_content import Innehall

PROFILES = ("lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad")

# code, then level:source for S0 to S4; "-" where the routine is silent
TABLE = """
vad                  stop:S0.2  stop:P      stop:S2.6   stop:S3.2  stop:S4.5
hur                  stop:S0.2  stop:S1.13  stop:S2.6   stop:S3.2  stop:S4.5
nar                  stop:S0.2  stop:S1.13  stop:S2.6   stop:S3.2  stop:S4.5
nar_fordelad         -          -           -           -          stop:S4.5
var                  -          stop:S1.13  -           -          -
vem                  stop:S0.2  -           -           stop:S3.2  -
utforandesatt        -          -           stop:S2.6   -          -
behov                -          -           gap:S2.5    -          gap:S4.5
beviljat_tackt       gap:S0.5   -           -           hint:S3.3  gap:S4.5
mal                  -          stop:S1.13  stop:S2.7   stop:S3.2  stop:S4.5
mal_uppnas           -          -           stop:S2.7   -          -
mal_matt             -          -           gap:S2.7    -          -
mal_smart            -          -           hint:S2.7   -          -
viktig_information   -          gap:S1.13   -           -          -
viktigt_for_mig      -          -           -           -          gap:S4.5
delaktighet          -          stop:S1.13  stop:S2.6   stop:S3.2  stop:S4.5
hansyn               -          -           -           stop:S3.2  -
deltagare            -          stop:S1.13  stop:S2.6   -          -
samtycke_deltagande  -          -           stop:S2.9   -          -
samverkan            -          -           -           hint:S3.2  -
uppfoljning_datum    -          gap:P       stop:S2.10  stop:S3.2  -
uppfoljning_hur      -          -           -           stop:S3.2  -
daterad              stop:P     stop:S1.4   stop:P      stop:S3.2  stop:S4.5
genomgangen          -          gap:S1.6    -           -          -
overlamning          -          gap:S1.6    -           -          -
planerare            -          gap:S1.12   -           -          -
tid                  gap:S0.4   -           -           -          gap:S4.5
tid_under            -          -           -           -          gap:S4.5
aktuell              hint:S0.8  -           -           -          hint:S4.5
andringsorsak        gap:P      gap:P       gap:P       gap:P      gap:P
beslutsmal           -          -           gap:S2.7    hint:S3.3  gap:S4.5
skydd                stop:P     stop:P      stop:P      stop:P     stop:P
person_id            stop:P     stop:P      stop:P      stop:P     stop:P
personal_id          stop:P     stop:P      stop:P      stop:P     stop:P
handelse_saknas      gap:P      gap:P       gap:P       -          gap:P
anledning_saknas     stop:P     stop:P      stop:P      stop:P     stop:P
"""

# what breaks each demand, and where the finding then points
BREACHES: dict[str, tuple[dict[str, object], str]] = {
    "vad": ({"insatser[0].vad": None}, "insatser[0].vad"),
    "hur": ({"insatser[0].hur": "  "}, "insatser[0].hur"),
    "nar": ({"insatser[0].nar": None}, "insatser[0].nar"),
    "nar_fordelad": ({"insatser[0].nar": {"text": "Varje vecka"}}, "insatser[0].nar"),
    "var": ({"insatser[0].var": None}, "insatser[0].var"),
    "vem": ({"insatser[0].vem": None}, "insatser[0].vem"),
    "utforandesatt": ({"insatser[0].utforandesatt": None}, "insatser[0].utforandesatt"),
    "behov": ({"insatser[0].behov": None}, "insatser[0].behov"),
    "beviljat_tackt": ({"insatser[0].beviljad_ref": None}, "uppdrag.beviljade_insatser[0]"),
    "mal": ({"insatser[0].mal_ref": []}, "insatser[0].mal_ref"),
    "mal_uppnas": (
        {"mal[1].overordnat": None},
        "mal[0]",
    ),
    "mal_matt": ({"mal[1].matt": None}, "mal[1].matt"),
    "mal_smart": ({"mal[1].text": "Jag ska sluta med att falla."}, "mal[1].text"),
    "viktig_information": ({"viktig_information": []}, "viktig_information"),
    "viktigt_for_mig": ({"viktigt_for_mig": None}, "viktigt_for_mig"),
    "delaktighet": ({"delaktighet.beskrivning": None}, "delaktighet.beskrivning"),
    "hansyn": ({"delaktighet.hansyn": None}, "delaktighet.hansyn"),
    "deltagare": ({"deltagare": []}, "deltagare"),
    "samtycke_deltagande": (
        {"deltagare": [{"namn": "Göran", "roll": "narstaende"}]},
        "deltagare[0].samtycke_ref",
    ),
    "samverkan": ({"samverkan": []}, "samverkan"),
    "uppfoljning_datum": ({"uppfoljning.nasta": None}, "uppfoljning.nasta"),
    "uppfoljning_hur": ({"uppfoljning.hur": None}, "uppfoljning.hur"),
    "daterad": ({"handelser.upprattad": None}, "handelser.upprattad"),
    "genomgangen": ({"handelser.genomgangen_med_brukare": None}, "handelser.genomgangen_med_brukare"),
    "overlamning": ({"overlamning": None}, "overlamning"),
    "planerare": ({"roller.planerare": None}, "roller.planerare"),
    "tid": ({"uppdrag.beviljad_tid.minuter_per_vecka": 54}, "uppdrag.beviljad_tid"),
    "tid_under": ({"uppdrag.beviljad_tid.minuter_per_vecka": 66}, "uppdrag.beviljad_tid"),
    "aktuell": ({"uppdrag.galler_tom": "2026-11-21"}, "uppdrag.galler_tom"),
    "andringsorsak": ({}, "andringsorsak"),
    "beslutsmal": ({"mal[0].niva": "eget", "mal[0].matt": "Egen skattning"}, "mal"),
    "skydd": ({"brukare.skydd": "sekretessmarkering"}, "brukare.person_id.typ"),
    "person_id": ({"brukare.person_id.varde": "194201199125"}, "brukare.person_id.varde"),
    "personal_id": ({"roller.kontaktman": {"namn": "Emma Sjöö"}}, "roller.kontaktman.personal_id"),
    "handelse_saknas": ({"handelser.insats_paborjad": None}, "handelser.insats_paborjad"),
    "anledning_saknas": (
        {
            "underskrifter": [
                {
                    "roll": "kontaktman",
                    "anledning_saknas": {"kod": "vill_inte", "registrerad_av": "x", "datum": "2026-11-12"},
                }
            ]
        },
        "underskrifter[0].anledning_saknas",
    ),
}
ROWS = {row[0]: row[1:] for row in (line.split() for line in TABLE.strip().splitlines())}
CELLS = [(code, name, cell) for code, row in ROWS.items() for name, cell in zip(PROFILES, row, strict=True)]
EARLIER = History((VersionFact(1, "BI-1", date(2026, 11, 1), None, None),))


@pytest.mark.parametrize(("row", "profil", "cell"), CELLS)
def test_cell(row, profil, cell, plan, findings):
    code = row.removesuffix("_under")
    edits, field = BREACHES[row]
    history = EARLIER if code == "andringsorsak" else None
    found = findings(plan(profil, **edits), code, history=history)
    if cell == "-":
        assert found == ()
        return
    level, source = cell.split(":")
    (first, *_) = [f for f in found if f.field == field]
    assert (first.level, first.source) == (level, source)


@pytest.mark.parametrize("profil", PROFILES)
def test_nothing_to_remark_on_a_whole_plan(profil, plan, findings):
    assert findings(plan(profil)) == ()


def test_the_table_knows_every_rule():
    codes = {row.removesuffix("_under") for row in ROWS}
    assert codes == set(RULES) == set(Innehall.model_fields) == {code.removesuffix("_under") for code in BREACHES}


def test_one_stop_makes_the_plan_incomplete(plan, findings):
    assert outcome(findings(plan(**{"insatser[0].vad": None}))) == "incomplete"
    assert outcome(findings(plan(**{"roller.planerare": None}))) == "ready"
    assert outcome(()) == "ready"


@pytest.mark.parametrize("row", list(ROWS))
def test_no_finding_repeats_what_the_plan_says(row, plan, findings):
    secrets = ("Aina", "Björkqvist", "1942", "Emma", "Göran", "nb-1042", "Dusch", "BI-1", "M2")
    for profil in PROFILES:
        for found in findings(plan(profil, **BREACHES[row][0]), history=EARLIER):
            assert not [word for word in secrets if word in found.text]
