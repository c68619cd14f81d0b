"""What stands in the stamps is a municipality's own words and people's own names, and the sealed plan holds."""

import pytest

from pipeline import acts
from pipeline.app import open_workspace
from pipeline.errors import Refused
from tests.documents.dresses import dressed
from tests.journey.conftest import PLAN_ID, Town, sample


@pytest.mark.parametrize("word", ["Stödpedagog LSS", "Boende Stöd", "Ombud (genom fullmakt)", "ß-pedagog"])
def test_a_plan_whose_signers_are_called_what_the_municipality_calls_them_is_sealed(word: str, town: Town) -> None:
    plan = sample("hemtjanst-kort")
    dressed(town.home, slug="egna-ord", kod=plan["kommun"]["kod"], ord={"kontaktman": word})
    assert town.sign_all(town.ready(plan), "brukare", "kontaktman", "enhetschef")["state"] == "archived"


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Anna Maria Charlotta Elisabet Margareta", "Nordenskiöld-Hammarskjöld Oxenstierna"),
        ("Maximiliana Alexandra Konstantina Theodora Wilhelmina", "Bernadotte ter Horst"),
    ],
    ids=["39 letters of it fit", "64 letters of it fit"],
)
def test_a_plan_is_sealed_whose_brukare_has_a_name_too_long_for_a_certificate(
    given: str, family: str, town: Town
) -> None:
    plan = sample("hemtjanst-kort")
    plan["brukare"] |= {"fornamn": given, "efternamn": family}
    value = town.sign_all(town.ready(plan))
    assert (value["state"], value["slots"][0]["signer"]) == ("archived", f"{given} {family}")


@pytest.mark.parametrize("name", ["Omọwumi Adébáyọ̀", "A\u0308ke O\u0308berg"], ids=["no composed letter", "parted"])
def test_a_name_in_the_staff_list_that_no_stamp_can_show_stops_nobody_else(name: str, town: Town) -> None:
    with (town.home / "personer.toml").open("a") as people:
        people.write(f'\n["nb-0099"]\nnamn = "{name}"\nhsa_id = "SE1-0099"\nroller = ["registrator"]\n')
    tools = open_workspace(town.home, town.clock)
    again = Town(tools, town.clock)
    assert again.sign_all(again.ready(sample("hemtjanst-kort")))["state"] == "archived"
    tools.db.engine.dispose()


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u200e"])
def test_a_letter_that_nobody_sees_is_refused_before_anyone_signs(unseen: str, town: Town) -> None:
    plan = sample("hemtjanst-kort")
    plan["brukare"] |= {"efternamn": f"Björk{unseen}qvist"}
    receipt = town.send(plan)
    assert [(found.code, found.field) for found in receipt.findings if found.code.startswith("tecken")] == [
        ("tecken_underskrift", "brukare")
    ]


def test_nobody_signs_what_could_not_be_sealed(open_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.casework.identification._attested", lambda _: ("för Annan Person",))
        with pytest.raises(Refused) as refused:
            acts.sign(open_town.tools, PLAN_ID, "brukare")
    assert refused.value.code == "stampel_oklar"
    slots = acts.status(open_town.tools, PLAN_ID)["slots"]
    assert [slot["outcome"] for slot in slots] == [None, None, None]  # type: ignore[attr-defined]  # JSON: any object
    assert open_town.sign_all(PLAN_ID)["state"] == "archived"
