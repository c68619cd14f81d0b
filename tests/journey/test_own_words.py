"""A municipality's own words for the roles stand in the stamps, and the sealed plan holds."""

import pytest

from tests.documents.dresses import dressed
from tests.journey.conftest import Town, sample


@pytest.mark.parametrize("word", ["Stödpedagog LSS", "Boende Stöd", "Ombud (genom fullmakt)"])
def test_a_plan_whose_signers_are_called_what_the_municipality_calls_them_is_sealed(word: str, town: Town) -> None:
    plan = sample("hemtjanst-kort")
    dressed(town.home, slug="egna-ord", kod=plan["kommun"]["kod"], ord={"kontaktman": word})
    assert town.sign_all(town.ready(plan), "brukare", "kontaktman", "enhetschef")["state"] == "archived"
