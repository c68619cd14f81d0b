"""Every kind of document around the plan: what it says, to whom, in each of its forms, judged."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from pipeline.documents.bundle import templates
from pipeline.documents.dress import load_dress
from pipeline.documents.facts import Facts
from pipeline.documents.kinds import Kind, kind, kinds
from pipeline.documents.paper import compose, is_called_for, render
from pipeline.documents.plain import text
from pipeline.documents.reduced import reduced_order
from pipeline.documents.specimens import facts_for, of_plan
from pipeline.errors import Misuse
from pipeline.plan.history import Event, History
from pipeline.plan.model import Uppdrag
from pipeline.plan.model_handelse import Bedomning, KontrollUpprattad
from pipeline.plan.reading import read_file
from tests.documents.builders import plan_of, profil, sample, squeezed, text_of
from tests.plugins.judge_process import Judge

ALL = sorted(kinds())
WHERE_AINA_IS_FOUND = ("Lillgatan", "0980-319211", "070-1740611", "Göran", "194201199124", "19420119-9124", "09:00")


def dress(code: str = "9901") -> Any:
    return load_dress(templates(), code)


def words(slag: str, facts: Facts) -> str:
    return text(compose(kind(slag), facts, dress())).decode()


def said(slag: str, **changes: Any) -> str:
    """Everything the document says, without white space."""
    return squeezed(words(slag, replace(facts_for(kind(slag)), **changes)))


@pytest.mark.parametrize("slag", ALL)
def test_every_kind_is_made_in_its_forms_and_its_pdf_is_archivable_and_accessible(slag: str, judge: Judge) -> None:
    made = render(kind(slag), facts_for(kind(slag)), dress())
    assert set(made) == set(kind(slag).form)
    assert made == render(kind(slag), facts_for(kind(slag)), dress())
    if "pdf" in made:
        verdict = judge.pdf(made["pdf"])
        assert verdict["passed"], verdict["failed"]


@pytest.mark.parametrize("slag", ALL)
def test_no_kind_tells_where_a_protected_person_is_to_be_found(slag: str) -> None:
    facts = facts_for(kind(slag))
    if facts.version is None:
        pytest.skip("about an order: a test of its own")
    tree = sample("hemtjanst-kort")
    tree["brukare"] |= {"skydd": "sekretessmarkering"}
    told = words(slag, of_plan(plan_of(tree), facts.profil, kind(slag)))
    assert not [word for word in WHERE_AINA_IS_FOUND if word in told]


def test_an_order_about_a_protected_person_is_confirmed_without_number_or_telephone() -> None:
    tree = sample("uppdrag-utan-plan")
    tree["brukare"] |= {"skydd": "skyddad_folkbokforing"}
    order = read_file(json.dumps(tree).encode()).value
    assert isinstance(order, Uppdrag)
    facts = replace(facts_for(kind("bestallningsbekraftelse")), subject=reduced_order(order))
    told = words("bestallningsbekraftelse", facts)
    assert "8432" not in told
    assert "0980" not in told
    assert "NB-2026-2217" in told


@pytest.mark.parametrize("slag", [slag for slag in ALL if "pdf" in kinds()[slag].form])
def test_the_description_names_the_document_and_no_person(slag: str) -> None:
    with pikepdf.open(BytesIO(render(kind(slag), facts_for(kind(slag)), dress())["pdf"])) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
    assert f"urn:plansigill:{slag}:" in xmp
    assert not [word for word in ("Aina", "Björkqvist", "Sandell", "9124", "8432") if word in xmp]


def test_S0_3_the_order_is_confirmed_with_its_number_its_decision_and_its_time() -> None:
    told = said("bestallningsbekraftelse")
    for word in ("NBO-2217", "NB-2026-2217", "1 timme 30 minuter i veckan", "Mottagen: 16 november 2026"):
        assert squeezed(word) in told


def test_S3_3_the_review_asks_its_four_questions_and_whether_the_plan_is_followed() -> None:
    told = said("manadsgenomgang")
    for question in ("Har personen kunnat påverka", "vad, hur, när, vem", "inte känner personen", "uppdraget?"):
        assert squeezed(question) in told
    assert squeezed("Följs planen?") in told


def test_S3_4_a_deficiency_has_its_measure_and_its_day() -> None:
    told = said("manadsgenomgang")
    assert squeezed("Planeraren lägger duschen") in told
    assert squeezed("2 december 2026") in told


def test_S2_10_the_follow_up_goes_goal_by_goal_and_names_its_next_day() -> None:
    told = said("uppfoljning")
    assert squeezed("Jag duschar tryggt två gånger i veckan") in told
    assert squeezed("Uppnått: Delvis") in told
    assert squeezed("24 maj 2027") in told


def test_S1_11_the_follow_up_says_whether_the_other_information_was_checked() -> None:
    assert squeezed("Övriga uppgifter kontrollerade: Ja") in said("uppfoljning")


def test_S4_5_the_assessment_answers_all_seven_questions() -> None:
    (table,) = compose(kind("bedomning"), facts_for(kind("bedomning")), dress()).sections[0].tables
    assert len(table.rows) == 7


def told_otherwise(slag: str, told: Any) -> Facts:
    facts = facts_for(kind(slag))
    assert facts.event is not None
    return replace(facts, event=facts.event.model_copy(update={"uppgifter": told}))


def assessed(slag: str, **changes: Any) -> Facts:
    old = facts_for(kind(slag)).told
    assert isinstance(old, Bedomning)
    return told_otherwise(slag, old.model_copy(update=changes))


def test_S4_6_an_unclear_plan_goes_back_to_be_answered_by_a_new_version() -> None:
    back = assessed("bedomning", utfall="fortydligande")
    assert squeezed("lämnar en ny version") in squeezed(words("bedomning", back))


def test_S4_4_the_missing_plan_is_reported_with_the_contact_that_was_made() -> None:
    told = said("avvikelserapport")
    assert squeezed("Ingen genomförandeplan fanns") in told
    assert squeezed("Enhetschefen ringdes") in told
    assert squeezed("Skulle ha funnits") in told


def test_a_check_that_found_the_plan_reports_nothing() -> None:
    report = kind("avvikelserapport")
    assert is_called_for(report, facts_for(report))
    assert not is_called_for(report, told_otherwise("avvikelserapport", KontrollUpprattad(finns=True)))


def test_S4_8_two_hours_as_a_document_and_as_a_row_without_the_persons_name() -> None:
    made = render(kind("ersattningsunderlag"), facts_for(kind("ersattningsunderlag")), dress())
    assert squeezed("2 timmar") in squeezed(text_of(made["pdf"]))
    heads, row = csv.reader(io.StringIO(made["csv"].decode("utf-8-sig")), delimiter=";")
    told = dict(zip(heads, row, strict=True))
    assert (told["timmar"], told["manad"], told["plan_id"]) == ("2", "2026-11", "GP-NB-2026-000417")
    assert "Björkqvist" not in made["csv"].decode("utf-8-sig")


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ({}, True),
        ({"utfall": "fortydligande"}, False),
        ({"senaste_insats": "okand"}, False),
        ({"senaste_plan": None}, False),
        ({"senaste_insats": date(2024, 11, 1)}, True),  # the insats began 2026-11-02
        ({"senaste_insats": date(2024, 11, 2)}, False),
        ({"senaste_plan": date(2026, 1, 1)}, False),
    ],
)
def test_S4_9_only_a_new_client_and_never_by_a_guess(told: dict[str, Any], given: bool) -> None:
    assert is_called_for(kind("ersattningsunderlag"), assessed("ersattningsunderlag", **told)) is given


def test_S4_10_the_basis_carries_the_handlaggares_own_answers() -> None:
    told = said("ersattningsunderlag")
    assert squeezed("Senaste insats här: Ingen") in told
    assert squeezed("Senaste plan här: 1 mars 2019") in told
    assert squeezed("Petra Wallin") in told


def test_a_client_is_compensated_once() -> None:
    facts = replace(assessed("ersattningsunderlag"), number=2)
    assert not is_called_for(kind("ersattningsunderlag"), facts)


def test_an_unknown_start_gives_no_basis_but_a_recorded_one_does() -> None:
    tree = sample("hemtjanst-kort")
    tree["handelser"] |= {"insats_paborjad": None}
    facts = replace(assessed("ersattningsunderlag"), subject=plan_of(tree))
    assert not is_called_for(kind("ersattningsunderlag"), facts)
    begun = History(events=(Event("insats_paborjad", date(2026, 11, 2), None),))
    assert is_called_for(kind("ersattningsunderlag"), replace(facts, history=begun))


def test_a_formula_in_a_name_stays_text_in_a_spreadsheet() -> None:
    tree = sample("hemtjanst-kort")
    tree["utforare"] |= {"namn": "=HYPERLINK(0)"}
    facts = replace(facts_for(kind("ersattningsunderlag")), subject=plan_of(tree))
    made = render(kind("ersattningsunderlag"), facts, dress())["csv"].decode("utf-8-sig")
    assert "'=HYPERLINK(0)" in made


def test_the_certificate_says_who_signed_when_and_what_was_found() -> None:
    told = said("verifieringsintyg")
    for word in ("oförändrad", "Emma Sjöö", "25 november 2026 kl. 14.05", "R1", "Godkänd"):
        assert squeezed(word) in told


def test_the_closing_package_encloses_every_file_it_lists_byte_for_byte(judge: Judge) -> None:
    facts = facts_for(kind("avslutspaket"))
    made = render(kind("avslutspaket"), facts, dress())["pdf"]
    with pikepdf.open(BytesIO(made)) as pdf:
        held = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    assert set(held) == {"avslutspaket.json", *(file.name for file in facts.files)}
    for file in facts.files:
        assert held[file.name] == file.content
    assert judge.pdf(made)["passed"]


def test_a_declaration_with_an_unknown_block_is_refused_by_name() -> None:
    broken: Kind = kind("bedomning").model_copy(update={"avsnitt": ("finns_inte",)})
    with pytest.raises(Misuse, match="finns_inte"):
        compose(broken, facts_for(kind("bedomning")), dress())


def test_every_kind_that_a_routine_wants_exists_and_every_kind_is_wanted() -> None:
    names = ("lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad")
    assert {d.slag for name in names for d in profil(name).dokument} == set(kinds())
    for name in names:
        for entry in profil(name).dokument:
            assert set(entry.vid) <= set(kinds()[entry.slag].vid), (name, entry.slag)
