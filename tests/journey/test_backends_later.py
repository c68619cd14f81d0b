"""A service that signs later: asked, told of, answered once, and never twice whatever falls in between."""

import stat
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pipeline import acts, batch_signing, journey, standing
from pipeline.app import open_workspace
from pipeline.console import signing as sign_command
from pipeline.errors import EnvironmentFailed
from pipeline.store import rows
from pipeline.store import tables as t
from signatures.errors import TimestampUnavailable
from tests.cli.test_schemas import judge as schema
from tests.journey.conftest import Json, Town, sample
from tests.journey.foreign import SERVICE_ADDRESS, SignService, sign_service_at, swedish
from tests.journey.offices import PLAN, Office, is_good
from tests.journey.running import COMMAND, ENVIRONMENT, kill, until


@pytest.fixture
def service(lists_at: str) -> SignService:
    return sign_service_at(lists_at)


@pytest.fixture
def asked(office: Office, service: SignService) -> Json:
    """The chief has been identified, and the service has been asked."""
    office.settings(signing=[swedish(office.keys, service, "enhetschef")])
    value = office.sign()
    assert value["slots"][2]["outcome"] is None
    return dict(value["at_service"])


def answer_of(office: Office, service: SignService, asked: Json, kind: str = "honest") -> dict[str, str]:
    """What the service answers now, in the way it is told to."""
    service.now, service.kind = office.clock.now, kind
    service.made = service.leaf()
    return service.answer(asked["form"])


def free(office: Office) -> bool:
    with office.tools.db.read() as conn:
        (v,) = rows.versions(conn, office.plan_id)
        return rows.slots_of(conn, v)[2].evidence_id is None


def prepared(office: Office) -> list[Path]:
    """What lies in staging of documents that wait for an answer."""
    with office.tools.db.read() as conn:
        found = conn.execute(t.evidence.select().where(t.evidence.c.prepared_sha256.is_not(None))).all()
    paths = [office.tools.objects.path(office.plan_id, row.prepared_sha256) for row in found]
    return [path for path in paths if path.exists()]


def test_the_same_command_goes_on_with_the_services_answer(office: Office, service: SignService, asked: Json) -> None:
    assert (asked["address"], asked["expired"]) == (SERVICE_ADDRESS, False)
    waits = standing.status(office.tools, office.plan_id)["slots"][2]["at_service"]
    assert waits == {name: asked[name] for name in ("service", "address", "expires", "expired")}
    assert office.sign()["at_service"] == asked
    assert len(prepared(office)) == 1
    answered = answer_of(office, service, asked)
    value = office.sign(answer=answered)
    assert (value["state"], value["slots"][2]["at_service"], "at_service" in value) == ("archived", None, False)
    is_good(office)
    assert prepared(office) == []
    assert len(office.entries("signature_asked")) == 1
    assert office.refused(lambda: office.sign(answer=answered)) == "redan_forseglad"


def test_at_the_command_line_the_person_is_given_a_page_and_brings_a_form(
    office: Office, service: SignService, tmp_path: Path
) -> None:
    office.settings(signing=[swedish(office.keys, service, "enhetschef")])
    page, answer = tmp_path / "till.html", tmp_path / "svar"
    told = sign_command.sign(office.home, office.plan_id, sign_command.Told("enhetschef", form=page), json=True)
    form = told.values[0]["at_service"]["form"]  # type: ignore[index]
    assert told.exit_code == 1
    assert schema("sign").is_valid(told.values[0])
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    written = page.read_text("utf-8")
    assert all(f'name="{name}" value="{value}"' in written for name, value in form.items())
    assert f'action="{SERVICE_ADDRESS}"' in written and "<script" not in written
    assert form["EidSignRequest"] not in "\n".join(told.lines)
    service.now = datetime.now(UTC)  # as the command line has it
    answer.write_text(urlencode(service.answer(form)), "ascii")
    told = sign_command.sign(
        office.home, office.plan_id, sign_command.Told("enhetschef", answer=f"@{answer}"), json=True
    )
    assert (told.exit_code, told.values[0]["state"]) == (0, "archived")


WRONG = {
    "another person": "fel_person",
    "another digest": "fel_dokument",
    "another name in the certificate": "fel_innehavare",
    "a low level": "for_lag_niva",
    "cancelled": "legitimering_avbruten",
}


def test_an_answer_that_does_not_hold_frees_the_slot(office: Office, asked: Json, service: SignService) -> None:
    for kind, code in WRONG.items():
        wrong = answer_of(office, service, asked, kind)
        assert office.refused(lambda: office.sign(answer=wrong)) == code  # noqa: B023 - called at once
        assert free(office)
        assert office.entries("step_failed")[-1]["code"] == code
        earlier, asked = asked, office.sign()["at_service"]
        assert asked["form"] != earlier["form"]
    assert office.entries("certificate_used") == []


def test_what_is_no_answer_of_the_services_changes_nothing(office: Office, asked: Json, service: SignService) -> None:
    for kind in ("unsigned", "signed by somebody else", "rubbish"):
        spoilt = answer_of(office, service, asked, kind)
        assert office.refused(lambda: office.sign(answer=spoilt)) == "tjanst_felaktig"  # noqa: B023 - called at once
        assert office.sign()["at_service"] == asked


def test_too_late_it_counts_no_more_and_the_slot_is_free(office: Office, asked: Json, service: SignService) -> None:
    answer = answer_of(office, service, asked)
    office.clock.forward(minutes=16)
    assert standing.status(office.tools, office.plan_id)["slots"][2]["at_service"]["expired"]
    assert office.refused(lambda: office.sign(answer=answer)) == "utgangen"
    assert free(office)
    assert standing.status(office.tools, office.plan_id)["slots"][2]["at_service"] is None
    assert office.refused(lambda: office.sign(answer=answer)) == "svar_ej_langre"
    again = office.sign()["at_service"]
    assert office.refused(lambda: office.sign(answer=answer)) == "fel_svar"  # no answer to the new one
    assert office.sign()["at_service"] == again


def test_time_that_ran_out_holds_nobody_up(office: Office, asked: Json) -> None:
    office.clock.forward(minutes=16)
    again = office.sign()["at_service"]
    assert again["form"] != asked["form"] and not again["expired"]


def test_a_plan_withdrawn_meanwhile_takes_no_answer(office: Office, asked: Json, service: SignService) -> None:
    acts.withdraw(office.tools, office.plan_id, reason="chef_vagrar", by="nb-0007")
    assert office.refused(lambda: office.sign(answer=answer_of(office, service, asked))) == "aterkallad"
    assert standing.status(office.tools, office.plan_id)["slots"][2]["at_service"] is None
    assert prepared(office) == []


def test_whoever_has_lost_their_role_meanwhile_gives_no_answer(
    office: Office, asked: Json, service: SignService
) -> None:
    (office.home / "personer.toml").write_text(
        '[nb-0007]\nnamn = "Carina Ström"\nhsa_id = "SE0000000000-0007"\nroller = ["registrator"]\n', "utf-8"
    )
    office.close()
    assert office.refused(lambda: office.sign(answer=answer_of(office, service, asked))) == "fel_roll"
    assert free(office)


def test_a_plan_replaced_meanwhile_takes_no_answer(office: Office, asked: Json, service: SignService) -> None:
    answer = answer_of(office, service, asked)
    Town(office.tools, office.clock).ready(sample(PLAN, andringsorsak="Ändrat."))
    assert office.refused(lambda: office.sign(answer=answer)) == "svar_ej_langre"
    assert office.refused(lambda: office.sign(answer=answer, version=1)) == "ersatt_version"
    with office.tools.db.read() as conn:
        assert conn.execute(t.identification.select().where(t.identification.c.version == 2)).all() == []


def test_killed_with_the_answer_in_hand_it_is_finished_and_made_once(
    office: Office, service: SignService, tmp_path: Path
) -> None:
    office.settings(signing=[swedish(office.keys, service, "enhetschef")])
    told = sign_command.sign(office.home, office.plan_id, sign_command.Told("enhetschef"), json=True)
    form, answer = told.values[0]["at_service"]["form"], tmp_path / "svar"  # type: ignore[index]
    service.now = datetime.now(UTC)
    answer.write_text(urlencode(service.answer(form)), "ascii")
    words = ("sign", office.plan_id, "--role", "enhetschef", "--answer", f"@{answer}", "--workspace", str(office.home))
    killed = subprocess.Popen([*COMMAND, *words], env=ENVIRONMENT, start_new_session=True, stdout=subprocess.DEVNULL)
    until(lambda: office.entries("certificate_used"), "the answer is about to get into the file")
    kill(killed)
    tools = open_workspace(office.home)
    acts.rest(tools, office.plan_id)
    assert standing.status(tools, office.plan_id)["state"] == "archived"
    assert [e["role"] for e in office.entries("signed")].count("enhetschef") == 1
    with tools.db.read() as conn:
        (v,) = rows.versions(conn, office.plan_id)
        assert len(rows.files_of(conn, v, "signed")) == 3
    tools.db.engine.dispose()


def test_a_fall_between_answer_and_record_makes_no_second_signature(
    office: Office, asked: Json, service: SignService, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answer_of(office, service, asked)

    def fall(*_told: object) -> None:
        raise EnvironmentFailed("databas")

    with monkeypatch.context() as patch:
        patch.setattr(journey.identification, "end_signed", fall)
        assert office.refused(lambda: office.sign(answer=answer)) == "databas"
    with office.tools.db.read() as conn:
        (made,) = [row for row in conn.execute(t.evidence.select()).all() if row.used_at is None]
    office.close()
    office.clock.forward(hours=2)  # its time is out by now, but it had been answered in time
    value = office.sign()
    assert value["state"] == "archived"
    with office.tools.db.read() as conn:
        (v,) = rows.versions(conn, office.plan_id)
        last = rows.files_of(conn, v, "signed")[-1]
    assert last.sha256 == made.made_sha256
    is_good(office)


def test_an_answer_waits_for_a_time_stamp_without_the_person(
    office: Office, asked: Json, service: SignService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_told: object) -> None:
        raise TimestampUnavailable("tidsstampel_onabar", "down")

    with monkeypatch.context() as patch:
        patch.setattr(type(office.tools.timestamper), "at", away)
        assert office.refused(lambda: office.sign(answer=answer_of(office, service, asked))) == "tidsstampel_onabar"
    office.clock.forward(hours=1)
    acts.rest(office.tools, office.plan_id)
    assert standing.status(office.tools, office.plan_id)["state"] == "archived"


def test_what_was_asked_names_the_person_and_lies_encrypted(office: Office, asked: Json) -> None:
    form = str(asked["form"]["EidSignRequest"])
    files = [path for path in office.home.rglob("*") if path.is_file()]
    assert not any(form[:200].encode() in path.read_bytes() for path in files)
    assert form not in str(standing.status(office.tools, office.plan_id))


def test_given_up_the_slot_is_free_and_its_answer_counts_no_more(
    office: Office, asked: Json, service: SignService
) -> None:
    late = answer_of(office, service, asked)
    told = sign_command.give_up(office.home, office.plan_id, "enhetschef")
    assert (told.exit_code, told.values[0]["slots"][2]["at_service"]) == (0, None)  # type: ignore[index]
    again = office.sign()["at_service"]
    assert office.refused(lambda: office.sign(answer=late)) == "fel_svar"
    assert office.sign()["at_service"] == again


def test_a_file_that_has_grown_meanwhile_takes_no_answer(office: Office, service: SignService) -> None:
    """A routine that lets the staff sign in any order: the chief signs while the kontaktman is at the service."""
    office.settings(signing=[swedish(office.keys, service, "kontaktman")])
    plan = sample(PLAN, plan_id="GP-NB-2026-000778")
    profil = office.tools.profiles[str(plan["profil"])]
    rules = profil.underskrifter.model_copy(update={"personal_far_byta_plats": True})
    any_order = {profil.profil: profil.model_copy(update={"underskrifter": rules})}
    tools = replace(office.tools, profiles={**office.tools.profiles, **any_order})
    plan_id = Town(tools, office.clock).ready(plan)
    acts.sign(tools, plan_id, "brukare")
    asked = dict(acts.sign(tools, plan_id, "kontaktman")["at_service"])  # type: ignore[call-overload]
    assert acts.sign(tools, plan_id, "enhetschef")["slots"][2]["outcome"] == "signed"  # type: ignore[index]
    answer = answer_of(office, service, asked)
    assert office.refused(lambda: acts.sign(tools, plan_id, "kontaktman", answer=answer)) == "fel_revision"
    again = acts.sign(tools, plan_id, "kontaktman")["at_service"]
    assert again["form"] != asked["form"]  # type: ignore[index]


def test_a_slot_waits_for_one_service_at_a_time(office: Office, asked: Json) -> None:
    assert office.refused(lambda: office.sign(as_id="nb-0099")) in {"okand_person", "underskrift_pagar"}
    with office.tools.db.read() as conn:
        assert len(conn.execute(t.evidence.select().where(t.evidence.c.asked_until.is_not(None))).all()) == 1


def test_a_batch_tells_which_of_its_signatures_wait(office: Office, service: SignService) -> None:
    office.settings(signing=[swedish(office.keys, service, "enhetschef")])
    sign_command.view(office.home, office.plan_id, "enhetschef", None, office.home.parent / "plan.pdf")
    told = sign_command.sign_many(office.home, (), sign_command.Told("enhetschef", "nb-0007"), json=True)
    (one,) = told.values[0]["results"]  # type: ignore[misc]
    assert (told.exit_code, one["slots"][2]["at_service"]["address"]) == (1, SERVICE_ADDRESS)  # type: ignore[call-overload]
    assert SERVICE_ADDRESS in "\n".join(told.lines)


def test_a_batch_takes_a_services_answer_to_one_of_its_documents(
    office: Office, service: SignService, asked: Json
) -> None:
    other = Town(office.tools, office.clock).ready(sample(PLAN, plan_id="GP-NB-2026-000777"))
    batch = lambda answer: batch_signing.sign_many(office.tools, plans, "enhetschef", "nb-0007", answer=answer)  # noqa: E731
    plans = (other, office.plan_id)
    assert office.refused(lambda: batch({"EidSignResponse": "eA==", "RelayState": "x"})) == "inget_svar_vantas"
    early, signed = batch(answer_of(office, service, asked))["results"]  # type: ignore[misc]
    assert (early["error"]["code"], signed["state"]) == ("fel_ordning", "archived")
