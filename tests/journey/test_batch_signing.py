"""A chief with many plans: each opened and recorded as opened, one identification, a signature in each."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from pipeline import acts, batch_signing
from pipeline.app import open_workspace
from pipeline.casework.tools import Identification
from pipeline.errors import PlansigillError
from pipeline.store import tables as t
from signatures.identity import IdentityEvidence
from tests.journey.conftest import BATCH, CHIEF, Town, of_identities, sample
from tests.journey.test_identification import ROLES, Service


@pytest.fixture
def office(chiefs_town: Town) -> Town:
    return chiefs_town


def opened(town: Town, *plans: str) -> None:
    for plan_id in plans:
        batch_signing.open_document(town.tools, plan_id, "enhetschef", CHIEF)


def test_one_identification_signs_what_has_been_opened_and_nothing_else(office: Town) -> None:
    assert batch_signing.waiting(office.tools, "enhetschef", CHIEF) == BATCH
    opened(office, *BATCH[:2])
    value = batch_signing.sign_many(office.tools, BATCH, "enhetschef", CHIEF)
    first, second, third = value["results"]  # type: ignore[misc]
    assert (first["state"], second["state"]) == ("archived", "archived")
    assert third["error"]["code"] == "ej_oppnad"
    assert f"view {third['plan_id']} --role enhetschef --as nb-0007" in third["error"]["sv"]
    assert batch_signing.waiting(office.tools, "enhetschef", CHIEF) == BATCH[2:]
    told = evidence(office)
    transactions = {one.transaction_id for one in told}
    assert len(told) == 2 and len(transactions) == 1
    assert all(len(one.bases) == 2 for one in told)
    assert [of_identities(office, each) for each in BATCH[:2]] == ["not_provable"] * 2  # a test's: nothing is missing


def evidence(town: Town) -> list[IdentityEvidence]:
    with town.tools.db.read() as conn:
        found = conn.execute(t.evidence.select().where(t.evidence.c.role == "enhetschef")).all()
    opened = [town.tools.open(row.plan_id, t.evidence_column(row.id), row.evidence_enc) for row in found]
    return [IdentityEvidence.from_canonical(str(each["evidence"]).encode()) for each in opened]


def test_what_was_opened_must_be_what_is_signed(office: Town) -> None:
    opened(office, *BATCH)
    office.ready(sample("hemtjanst-kort", plan_id=BATCH[0], andringsorsak="Ändrat."))
    office.sign_all(BATCH[0], "brukare", "kontaktman")
    value = batch_signing.sign_many(office.tools, BATCH, "enhetschef", CHIEF)
    codes = [each["error"]["code"] if "error" in each else each["state"] for each in value["results"]]  # type: ignore[attr-defined]
    assert codes == ["ej_oppnad", "archived", "archived"]


def test_somebody_elses_opening_does_not_count(office: Town) -> None:
    (office.home / "personer.toml").write_text(
        f'[nb-0008]\nnamn = "Karin Vik"\nhsa_id = "SE0000000000-0008"\nroller = ["enhetschef"]\n'
        f'[{CHIEF}]\nnamn = "Johan Chef"\nhsa_id = "SE0000000000-0007"\nroller = ["enhetschef"]\n', "utf-8",
    )  # fmt: skip
    tools = open_workspace(office.home, office.clock)
    batch_signing.open_document(tools, BATCH[0], "enhetschef", "nb-0008")
    (told,) = batch_signing.sign_many(tools, BATCH[:1], "enhetschef", CHIEF)["results"]  # type: ignore[misc]  # JSON: any object
    assert told["error"]["code"] == "ej_oppnad"


def test_the_batch_is_shown_whole_and_gone_on_with_until_answered(office: Town) -> None:
    service = Service()
    tools = replace(office.tools, make_providers=lambda: [Identification("prov", ROLES, service)])
    opened(office, *BATCH)

    def sign() -> Mapping[str, object]:
        return batch_signing.sign_many(tools, BATCH, "enhetschef", CHIEF)

    assert {"identification", "results"} == set(sign())
    assert "identification" in sign()
    (asked,) = service.started
    assert all(plan_id in asked.shown for plan_id in BATCH)
    listed = json.loads(str(asked.bound["documents"]))
    assert [document[0] for document in listed] == list(BATCH)
    service.ready = True
    assert [each["state"] for each in sign()["results"]] == ["archived"] * 3  # type: ignore[attr-defined]
    with pytest.raises(PlansigillError) as again:
        acts.sign(tools, BATCH[0], "enhetschef")
    assert again.value.code == "redan_forseglad"


def test_an_answer_that_nobody_has_asked_for_signs_nothing(office: Town) -> None:
    opened(office, *BATCH)
    with pytest.raises(PlansigillError) as refused:
        batch_signing.sign_many(office.tools, BATCH, "enhetschef", CHIEF, answer={"code": "x"})
    assert refused.value.code == "inget_svar_vantas"
    assert batch_signing.waiting(office.tools, "enhetschef", CHIEF) == BATCH


def test_one_that_was_withdrawn_meanwhile_does_not_stop_the_others(office: Town) -> None:
    service = Service()
    tools = replace(office.tools, make_providers=lambda: [Identification("prov", ROLES, service)])
    opened(office, *BATCH)
    batch_signing.sign_many(tools, BATCH, "enhetschef", CHIEF)
    acts.withdraw(office.tools, BATCH[1], reason="fel_bestallning", by=CHIEF)
    service.ready = True
    results = batch_signing.sign_many(tools, BATCH, "enhetschef", CHIEF)["results"]
    codes = [each["error"]["code"] if "error" in each else each["state"] for each in results]  # type: ignore[attr-defined]
    assert codes == ["archived", "aterkallad", "archived"]
