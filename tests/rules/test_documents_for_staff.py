"""What staff and the handläggare are told around a plan, as their routine asks: content, and nothing beside it."""

from dataclasses import replace
from datetime import date

import pytest

from pipeline.documents.blocks import BLOCKS
from pipeline.documents.conditions import CONDITIONS
from pipeline.documents.facts import Facts
from pipeline.documents.kinds import kind, kinds
from pipeline.documents.paper import is_called_for
from pipeline.plan.check import check
from pipeline.plan.history import History
from pipeline.plan.slots import EndedSlot
from tests.documents.around import CONTENT, event, facts, made, said
from tests.documents.builders import Tree, plan_of, profil, sample, squeezed, text_of

YES = {"svar": "ja"}


def linked() -> Tree:
    tree = sample("hemtjanst-kort")
    for insats, visit in zip(tree["insatser"], ("Förmiddag", None, "Fredag", None, "Fredag"), strict=True):
        insats["besok"] = visit
    tree["insatser"][0]["dubbelbemanning"] = True
    return tree


def test_S1_12_the_planerare_is_told_days_minutes_and_which_visits_belong_together() -> None:
    text = said("planerare", facts(linked(), vid="plan_mottagen"))
    friday = text[text.index("Besök: Fredag") : text.index("Egna besök")]
    assert ("Inköp" in friday, "Egen tid" in friday, "Dusch" in friday) == (True, True, False)
    shower = text[text.index("- Dusch") : text.index("Besök: Fredag")]
    for line in ("Dagar: måndag och torsdag", "Klockan: 09:00–10:00", "Varje gång: 30 min två ur personalen", "60 min"):
        assert line in shower
    assert "I veckan: 45 min i snitt" in text
    assert "Planerad tid: 210 minuter i veckan" in text
    assert "Lena Ek" in text


def test_the_planerare_is_told_no_secret_text() -> None:
    """Only headings, days, hours, minutes, staffing and visits; hours and part of the day are free text, and sifted."""
    tree = linked()
    words = iter(f"Hemlig{n}" for n in range(1000))
    for insats in tree["insatser"]:
        insats |= {name: next(words) for name in ("vad", "hur", "var", "vem", "behov", "min_delaktighet", "mal_avbojt")}
        insats["nar"] |= {"text": next(words), "klockslag": f"kl 9, {next(words)}", "dygnsdel": next(words)}
    tree |= {"viktigt_for_mig": next(words), "viktig_information": [{"typ": "halsa", "text": next(words)}]}
    forms = made("planerare", facts(tree, vid="plan_mottagen"))
    for text in (forms["text"].decode(), text_of(forms["pdf"])):
        assert "Hemlig" not in text
        assert "Klockan" in text
        assert "9124" not in text
        assert "Lillgatan" not in text


@pytest.mark.parametrize("hours", ["09:00–10:00", "kl. 9", "7.30 till 8", "ca 13-14:30, 18"])
def test_hours_are_printed_as_they_stand(hours: str) -> None:
    tree = sample("hemtjanst-kort")
    tree["insatser"][0]["nar"]["klockslag"] = hours
    assert hours in said("planerare", facts(tree))


def test_S1_4_the_note_says_that_it_is_drawn_up_and_when() -> None:
    text = said("journalanteckning", facts(sample("hemtjanst-kort"), vid="plan_mottagen"))
    assert "Genomförandeplan upprättad 12 november 2026 av kontaktman Emma Sjöö.\n" in text
    assert "Plan-id GP-NB-2026-000417, version 1.\n" in text
    for other in ("Aina", "Björkqvist", "9124", "Lillgatan", "Dusch"):
        assert other not in text


def test_S1_7_the_note_says_when_it_was_updated_and_made_known() -> None:
    told = facts(sample("hemtjanst-kort") | {"andringsorsak": "Ny duschdag."})
    revised = said("journalanteckning", _later(told))
    assert "Genomförandeplan reviderad 12 november 2026 av kontaktman Emma Sjöö.\nOrsak: Ny duschdag.\n" in revised
    known = said("journalanteckning", facts(sample("hemtjanst-kort"), **event("kommunicerad", satt="Per telefon")))
    assert "Genomförandeplan kommunicerad 21 november 2026 av Emma Sjöö.\nSätt: Per telefon\n" in known
    given = event("overlamnad", mottagare="brukare", satt="personligen", kommentar="Hemligt.")
    handed = said("journalanteckning", facts(sample("hemtjanst-kort"), **given))
    assert "Genomförandeplan överlämnad personligen 21 november 2026 till personen, av Emma Sjöö.\n" in handed
    assert "Hemligt" not in handed


def _later(told: Facts) -> Facts:
    return replace(told, vid="plan_mottagen", version=2, earlier=told.plan, earlier_version=1)


def test_S3_5_the_note_bears_the_routines_own_heading() -> None:
    heading = "Genomförandeplan upprättad, reviderad/genomgången\n"
    drawn_up = said("journalanteckning", facts(sample("lss-avstar"), vid="plan_mottagen"))
    assert drawn_up.startswith(heading)
    assert "stödperson Zelal Demir" in drawn_up
    gone_through = said("journalanteckning", facts(sample("lss-avstar"), **event("genomgangen", med="brukare")))
    assert gone_through.startswith(heading)
    assert "genomgången 21 november 2026 med personen" in gone_through
    questions = ("kunde_paverka", "tydlig", "utforbar_av_annan_personal", "enligt_uppdraget")
    review = event("manadsgenomgang", **dict.fromkeys(questions, YES))
    assert said("manadsgenomgang", facts(sample("lss-avstar"), **review)).startswith(heading)


def test_S4_7_the_note_says_that_the_plan_was_secured_and_the_verdict() -> None:
    asked = dict.fromkeys(("aktuell", "tid", "delaktighet", "vad", "mal", "nar", "hur"), YES)
    told = event("bedomning", version=3, utfall="fullstandig", **asked)
    text = said("journalanteckning", facts(sample("hemtjanst-kort") | {"profil": "rambeslut_stad"}, **told))
    assert "Säkerställande av genomförandeplan 21 november 2026" in text
    assert "planen är fullständig" in text
    assert "version 3" in text


def test_the_note_says_that_the_plan_was_adopted_and_by_whom() -> None:
    text = said("journalanteckning", facts(sample("hemtjanst-kort"), vid="forseglad"))
    assert "Genomförandeplan fastställd 20 november 2026 av enhetschef Carina Ström.\n" in text


def test_S1_5_why_the_person_did_not_sign_is_a_document_of_its_own() -> None:
    forms = made("ej_underskriven", facts(sample("lss-avstar"), routine="omsorg_lifecare", vid="ej_underskriven"))
    for text in (forms["text"].decode(), text_of(forms["pdf"])):
        for line in ("Milo Åkerlund", "Vill inte skriva under.", "Zelal Demir, 9 november 2026", "2 gånger"):
            assert squeezed(line) in squeezed(text)
        assert squeezed("det mesta stämmer") in squeezed(text)


def test_S2_8_who_took_no_part_is_said_not_to_be_asked() -> None:
    tree = sample("skyddad") | {"delaktighet": {"status": "kunde_inte"}, "deltagare": []}
    text = said("ej_underskriven", facts(tree, vid="ej_underskriven"))
    assert "Då behövs varken godkännande eller underskrift." in text
    assert "Kunde inte delta" in text


def test_a_person_who_signed_needs_no_reason() -> None:
    tree = sample("hemtjanst-kort")
    assert not is_called_for(kind("ej_underskriven"), facts(tree))
    paper = EndedSlot("brukare", "paper", None, None, "Emma Sjöö", date(2026, 11, 20), scan_sha256=CONTENT)
    assert not is_called_for(kind("ej_underskriven"), facts(tree, ended=paper))


def checked(tree: Tree, routine: str) -> Facts:
    plan = plan_of(tree | {"profil": routine})
    return facts(tree, routine=routine, findings=check(plan, profil(routine), date(2026, 11, 20), History()))


def test_S0_6_the_handlaggare_gets_the_plan_back_with_time_and_what_remains() -> None:
    tree = sample("hemtjanst-kort") | {"profil": "lov_rambeslut"}
    tree["uppdrag"]["beviljade_insatser"].append({"id": "B3", "rubrik": "Ledsagning", "behov": None})
    tree["insatser"][4]["beviljad_ref"] = None
    text = squeezed(text_of(made("aterkoppling", checked(tree, "lov_rambeslut"))["pdf"]))
    for line in (
        "Biståndshandläggare, Petra Wallin",
        "Version: 1",
        CONTENT,
        "Personlig omvårdnad Dusch: Måndag och torsdag",
        "Ledsagning Är inte upptagen i planen.",
        "Annat i planen Egen tid",
        "Planerad tid 3 timmar 30 minuter",
        "Beviljad tid 3 timmar 30 minuter i veckan",
        "Duschen flyttades från kväll till förmiddag",
        "Beviljad insats som inte är upptagen: Ledsagning.",
        "12 maj 2027",
    ):
        assert squeezed(line) in text, line


def test_S4_2_the_handlaggare_is_told_of_each_version_what_it_lacks() -> None:
    told = checked(sample("hemtjanst-kort") | {"andringsorsak": "Ny duschdag."}, "rambeslut_stad")
    before = sample("hemtjanst-kort")
    before["insatser"][0]["nar"] |= {"text": "Tisdag", "veckodagar": ["tis"], "klockslag": "08:00"}
    text = squeezed(text_of(made("aterkoppling", replace(_later(told), earlier=plan_of(before)))["pdf"]))
    for line in (
        "Version 2",
        "Därför ändrad: Ny duschdag.",
        "Jämförd med: Version 1",
        "Förut: Tisdag",
        "Dusch – ändrad",
    ):
        assert squeezed(line) in text
    assert squeezed("Behovet är inte beskrivet med personens ord: Dusch, Städning, Inköp") in text


def test_every_kind_names_blocks_and_conditions_that_exist() -> None:
    for each in kinds().values():
        assert set(each.avsnitt) <= set(BLOCKS)
        assert {each.villkor, each.plats_villkor} - {None} <= set(CONDITIONS)
