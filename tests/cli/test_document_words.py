"""`plansigill document`: the documents around a plan are listed, fetched, or made when somebody asks."""

from pathlib import Path

from tests.cli.conftest import PLAN, WHY, ask, run_cli
from tests.cli.test_schemas import fits


def test_a_certificate_is_made_on_request_and_says_that_the_file_is_unchanged(closed_town: Path, in_tmp: Path) -> None:
    said = fits("document", ask("document", PLAN, "verifieringsintyg", *WHY, home=closed_town))
    forms = {result["form"]: result["file"] for result in said.value["results"]}
    assert set(forms) == {"pdf", "text"}
    told = (in_tmp / forms["text"]).read_text("utf-8")
    assert "Filen är oförändrad" in told
    assert "Aina" not in forms["pdf"]
    again = ask("document", PLAN, "verifieringsintyg", *WHY, home=closed_town)
    assert [result["number"] for result in again.value["results"]] == [2, 2]
    listed = fits("document", ask("document", PLAN, *WHY, home=closed_town))
    assert {result["slag"] for result in listed.value["results"]} >= {"verifieringsintyg"}
    assert "Verifieringsintyg" in run_cli("document", PLAN, *WHY, home=closed_town).out


def test_a_certificate_of_a_plan_that_is_not_sealed_is_refused(open_town: Path, in_tmp: Path) -> None:
    said = ask("document", PLAN, "verifieringsintyg", *WHY, home=open_town)
    assert said.code == 1
    assert said.error == "ej_arkiverad"
    assert list(in_tmp.glob("*.pdf")) == []


def test_a_kind_that_something_else_brings_about_or_that_is_unknown_is_refused(open_town: Path) -> None:
    for slag, code in (("bedomning", "dokument_finns_inte"), ("recept", "okant_slag")):
        said = ask("document", PLAN, slag, *WHY, home=open_town)
        assert (said.code, said.error) == (1, code)


def test_it_names_its_purpose_as_every_look_up(open_town: Path) -> None:
    assert ask("document", PLAN, home=open_town).code == 2
