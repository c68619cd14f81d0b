"""What the person is given around a plan: the receipt of a hand-over, the sheet of consents."""

from dataclasses import replace
from datetime import date

from pipeline.documents.kinds import kind
from pipeline.documents.paper import is_called_for
from pipeline.documents.reduced import consents
from pipeline.plan.history import Event, History
from tests.documents.around import SEALED, event, facts, made
from tests.documents.builders import Tree, plan_of, sample, sized, squeezed, text_of


def receipt(tree: Tree, **changes: object) -> str:
    told = {"mottagare": "brukare", "satt": "personligen", "exemplar": 2, "transportskydd": "Låst väska"} | changes
    return text_of(made("overlamningskvitto", facts(tree, **event("overlamnad", **told)))["pdf"])


def test_the_receipt_says_it_all_on_one_page() -> None:
    text = receipt(sample("hemtjanst-kort"), kvitterad=True)
    assert text.count("\f") == 1
    for said in (
        "GP-NB-2026-000417",
        "Version 1",
        "Exemplar: 2",
        "21 november 2026",
        "Aina Margareta Björkqvist, brukare",
        "Emma Sjöö",
        "Ja, 13 november 2026",
        "Låst väska",
        SEALED,
        "eget märke",
    ):
        assert squeezed(said) in squeezed(text)


def test_a_receiver_who_would_not_sign_is_quoted_and_gets_no_line() -> None:
    text = squeezed(receipt(sample("hemtjanst-kort"), kvitterad=False))
    assert squeezed("Tog emot planen, ville inte kvittera.") in text
    assert squeezed("eget märke") not in text


def test_a_representative_receives_for_the_person() -> None:
    text = squeezed(receipt(sample("hemtjanst-kort"), mottagare="foretradare"))
    assert squeezed("Mottagare: Företrädare") in text
    assert squeezed("Gäller: Aina") in text


def test_a_copy_without_number_gets_the_receipts_and_a_recorded_go_through_is_shown() -> None:
    given = event("overlamnad", mottagare="brukare", satt="personligen")
    past = History((), (Event("genomgangen", date(2026, 11, 19), 1, {"med": "brukare"}),))
    told = facts(sample("hemtjanst-kort"), number=4, history=past, **given)
    text = squeezed(text_of(made("overlamningskvitto", told)["pdf"]))
    assert squeezed("Exemplar: 4") in text
    assert squeezed("Ja, 19 november 2026") in text


def sheet(tree: Tree, history: History | None = None) -> str:
    told = facts(tree, samtycken=consents(plan_of(tree), history or History()))
    return squeezed(text_of(made("samtyckesblad", told)["pdf"]))


def test_S2_9_the_sheet_says_who_what_how_long_and_how_to_take_it_back() -> None:
    text = sheet(sample("lss-avstar"))
    given, gone = text.index(squeezed("sagt ja till")), text.index(squeezed("gäller inte längre"))
    assert given < text.index(squeezed("Birgitta Nordahl (god man)")) < gone < text.index(squeezed("Ewa Åkerlund"))
    for line in (
        "Genomförandeplanen",
        "Till och med:",
        "2 november 2027",
        "Återkallat:",
        "1 oktober 2026",
        "Jag kan ändra mig när jag vill.",
        "Zelal Demir, stödperson",
        "eget märke",
    ):
        assert squeezed(line) in text


def test_a_consent_without_end_says_when_to_ask_again() -> None:
    tree = sample("hemtjanst-kort")
    tree["samtycken"][0] |= {"datum": "2028-02-29", "galler_tom": None}
    assert squeezed("högst ett år. Fråga mig igen senast 28 februari 2029.") in sheet(tree)
    tree["samtycken"][0]["galler_tom"] = "2029-02-28"
    assert "frågamigigen" not in sheet(tree)


def test_a_consent_that_was_taken_back_by_an_event_no_longer_holds() -> None:
    back = Event("samtycke_aterkallat", date(2026, 11, 18), 1, {"samtycke_id": "S1"})
    text = sheet(sample("hemtjanst-kort"), History((), (back,)))
    assert squeezed("sagt ja till") not in text
    assert squeezed("Återkallat: 18 november 2026") in text


def test_the_person_reads_it_in_their_own_size() -> None:
    def pages(size: int) -> int:
        tree = sized(sample("lss-avstar"), size)
        told = facts(tree, samtycken=consents(plan_of(tree), History()))
        return text_of(made("samtyckesblad", told)["pdf"]).count("\f")

    assert pages(36) > pages(12)


def test_what_has_changed_is_told_the_person_and_only_of_a_later_version() -> None:
    tree = sample("hemtjanst-kort")
    before = sample("hemtjanst-kort")
    before["insatser"][3]["rubrik"], before["mal"][2]["text"] = "Strykning", "Jag går till affären."
    first = facts(tree, vid="plan_mottagen")
    assert not is_called_for(kind("andringar"), first)
    later = replace(first, version=2, earlier=plan_of(before), earlier_version=1)
    text = squeezed(text_of(made("andringar", later)["pdf"]))
    for line in ("Brukare, Aina", "Strykning", "Förut: Jag går till affären.", "Version 1", "Version 2"):
        assert squeezed(line) in text
