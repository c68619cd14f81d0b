"""The settings choose where each person's key works; whatever they choose, the sealed file is as good."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa

from pipeline import acts
from pipeline.console import commands, doctor
from pipeline.errors import EnvironmentFailed, Misuse, Refused
from pipeline.settings import load_settings
from pipeline.store import tables as t
from signatures.backends.token import Token
from tests.journey.conftest import Town, sample
from tests.journey.foreign import (
    CHIEF,
    CODE,
    Written,
    certified,
    key_file,
    put,
    sign_service_at,
    swedish,
)
from tests.journey.offices import PLAN, Office, is_good
from tests.journey.test_protection import change
from tests.plugins.judge_process import Judge
from tests.signatures import csc_server, keys
from tests.signatures.tsa_server import NOW, others
from tests.skanning import scan

CHIEFS = "nb-0007"


def in_a_file(office: Office, lists_at: str, certified_for: Any = CHIEF, **changed: object) -> dict[str, object]:
    held = keys.key()
    put(
        office.keys,
        {"chef.p12": key_file(held, certified(held, lists_at, certified_for)), "chef.pass": CODE.encode() + b"\n"},
    )
    put(office.keys, {"roots.pem": others().trust_pem()})
    told = {"method": "pkcs12", "who": CHIEFS, "file": "keys/chef.p12", "passphrase_file": "keys/chef.pass"}
    return told | {"roots": "keys/roots.pem"} | changed


def in_a_token(office: Office, lists_at: str, softhsm: Token) -> dict[str, object]:
    held = keys.key("p256")
    keys.into_token(held, "chef", "21", office.home.parent)
    put(office.keys, {"chef.pem": keys.pem(certified(held, lists_at)), "chef.pin": f"{softhsm.pin}\n".encode()})
    put(office.keys, {"roots.pem": others().trust_pem()})
    told = {"method": "pkcs11", "who": CHIEFS, "library": str(softhsm.library), "token": softhsm.label, "key": "chef"}
    return told | {"pin_file": "keys/chef.pin", "certificate": "keys/chef.pem", "roots": "keys/roots.pem"}


def at_a_service(office: Office, url: str) -> dict[str, object]:
    put(office.keys, {"csc.token": csc_server.TOKEN.encode(), "csc.pin": csc_server.OTP.encode()})
    put(office.keys, {"roots.pem": others().trust_pem()})
    told = {"method": "csc", "who": CHIEFS, "url": url, "credential": "kim", "access_file": "keys/csc.token"}
    return told | {"pin_file": "keys/csc.pin", "roots": "keys/roots.pem"}


def test_a_chiefs_own_key_file_signs_and_is_trusted(office: Office, lists_at: str, judge: Judge) -> None:
    office.settings(signing=[in_a_file(office, lists_at)])
    assert doctor.report(office.home).exit_code == 0
    assert office.sign()["state"] == "archived"
    is_good(office, judge)
    pem = str(commands.trust(office.home, None).values[0]["pem"])
    assert others().trust_pem().decode() in pem and office.tools.trust.tsa_roots_pem.decode() in pem
    office.settings()
    assert office.judged()[1]["verdict"] != "valid", "nobody vouches for the certificate any more"
    office.settings(trusted_roots=["keys/roots.pem"])
    office.clock.forward(days=800)  # the certificate has ended, and what it took with it into the file has not
    assert office.judged()[1]["verdict"] == "valid"


def test_a_key_in_a_token_signs_and_comes_before_the_roles_service(
    office: Office, lists_at: str, softhsm: Token
) -> None:
    service = swedish(office.keys, sign_service_at(lists_at), "enhetschef")
    office.settings(signing=[service, in_a_token(office, lists_at, softhsm)])
    assert doctor.report(office.home).exit_code == 0
    assert office.sign()["state"] == "archived"
    is_good(office)


def test_a_credential_at_a_service_signs(office: Office, lists_at: str) -> None:
    held = keys.key()
    service = csc_server.Service(held, certified(held, lists_at), above=())
    with csc_server.serving(service) as url:
        office.settings(signing=[at_a_service(office, url)])
        assert doctor.report(office.home).exit_code == 0
        assert [path for path, _ in service.seen] == [csc_server.INFO]
        assert office.sign()["state"] == "archived"
    is_good(office)
    assert not any("Björkqvist" in str(asked) for _, asked in service.seen)


def test_a_wrong_passphrase_signs_nothing_and_doctor_says_so(office: Office, lists_at: str) -> None:
    office.settings(signing=[in_a_file(office, lists_at)])
    (office.keys / "chef.pass").write_bytes(b"fel\n")
    told = doctor.report(office.home)
    (check,) = [c for c in told.values[0]["checks"] if c["id"] == "signeringsnycklar"]  # type: ignore[attr-defined]
    assert (told.exit_code, check["status"]) == (1, "failed") and CHIEFS in check["sv"]
    assert office.refused(office.sign) == "fel_pin"
    (office.keys / "chef.pass").unlink()
    office.close()
    with pytest.raises(Misuse) as wrong:
        office.tools.backends[0].make()  # type: ignore[misc]
    assert wrong.value.params["key"] == "signing.passphrase_file"
    assert office.entries("certificate_used") == []
    office.settings()
    assert office.sign()["state"] == "archived"  # the slot was free for a one-time key


def test_another_chiefs_identification_does_not_stand_behind_a_chiefs_own_key(office: Office, lists_at: str) -> None:
    """Both were identified for the slot; whoever holds the database makes the other's the one that counted."""
    others_too = '\n["nb-0099"]\nnamn = "Annan Chef"\nhsa_id = "SE1-0099"\nroller = ["enhetschef"]\n'
    with (office.home / "personer.toml").open("a") as people:
        people.write(others_too)
    office.settings(signing=[in_a_file(office, lists_at, who="nb-0099")])
    assert office.refused(lambda: office.sign(as_id="nb-0099")) == "fel_innehavare"
    office.settings(signing=[in_a_file(office, lists_at)])
    assert office.sign()["state"] == "archived"
    assert reason_of(office, "A2") == "not_provable"  # a test's: nothing is missing
    c = t.evidence.c
    with office.tools.db.write() as conn:
        other, own = conn.execute(t.evidence.select().where(c.role == "enhetschef").order_by(c.at)).all()
        conn.execute(t.evidence.delete().where(c.id == own.id))
        conn.execute(t.evidence.update().where(c.id == other.id).values(used_at=own.used_at))
        conn.execute(t.slot.update().where(t.slot.c.role == "enhetschef").values(evidence_id=other.id))
    assert reason_of(office, "A2") == "unproven"
    (answered,) = [e for e in office.entries("identified") if e["evidence_id"] == other.id]
    with office.tools.db.write() as conn:  # and the trail says so too
        conn.execute(sa.text("drop trigger trail_fixed"))
        row = conn.execute(t.trail.select().where(t.trail.c.type == "certificate_used")).one()
        now = {name: answered[name] for name in ("evidence_id", "evidence_sha256")}
        entry = rfc8785.dumps(json.loads(row.entry) | now)
        conn.execute(t.trail.update().where(t.trail.c.idx == row.idx).values(entry=entry))
    assert reason_of(office, "A2") == "unproven"


def reason_of(office: Office, rule: str) -> object:
    return {each["id"]: each["reason"] for each in office.judged()[1]["rules"]}[rule]


def test_a_key_signs_for_its_owner_alone(office: Office, lists_at: str) -> None:
    other = SimpleNamespace(name="Carina Ström", id_value="nb-0008")
    office.settings(signing=[in_a_file(office, lists_at, other)])
    assert office.refused(office.sign) == "fel_innehavare"
    assert office.entries("certificate_used") == []
    office.settings(signing=[in_a_file(office, lists_at, who="nb-1042")])
    assert office.sign()["state"] == "archived"
    assert len(office.entries("certificate_issued")) == 3, "whoever has no key of their own signs with a one-time key"


def test_what_a_service_may_not_know_is_signed_in_the_house(office: Office, lists_at: str) -> None:
    office.settings(signing=[swedish(office.keys, sign_service_at(lists_at), "brukare")])
    town = Town(office.tools, office.clock)
    known = {"namn": "Nils Ek", "roll": "god_man", "omfattning": ["sorja_for_person"], "far_underteckna": True}
    by_name = town.ready(sample(PLAN, plan_id="GP-NB-2026-000777", foretradare=[known]))
    told = {"as_id": "Nils Ek", "basis": scan(), "checked_by": "nb-1042"}
    (first, *_) = acts.sign(office.tools, by_name, "brukare", **told)["slots"]  # type: ignore[misc]
    assert (first["outcome"], first["at_service"]) == ("represented", None)
    protected = town.ready(sample(PLAN, plan_id="GP-NB-2026-000778"))
    assert town.send(change(1, "sekretessmarkering", f"{NOW:%Y-%m-%d}", plan_id=protected)).outcome == "accepted"
    with pytest.raises(Refused) as no_page:
        acts.sign(office.tools, protected, "brukare", page=True)
    assert no_page.value.code == "form_utan_tjanst"
    (first, *_) = acts.sign(office.tools, protected, "brukare")["slots"]  # type: ignore[misc]
    assert (first["outcome"], first["at_service"]) == ("signed", None)
    assert office.entries("signature_asked") == []


def test_the_issuers_key_moves_into_a_token_when_the_settings_say_so(office: Office, softhsm: Token) -> None:
    keys.into_token(keys.key(), "utfardare", "31", office.home.parent)
    (office.keys / "hsm.pin").write_text(f"{softhsm.pin}\n")
    issuer = {"library": str(softhsm.library), "token": softhsm.label, "key": "utfardare", "pin_file": "keys/hsm.pin"}
    office.settings(issuer=issuer)
    assert office.tools.issuer.issuing  # moved by this office's clock, not by the machine's, as `doctor` would
    assert doctor.report(office.home).exit_code == 0
    assert (office.keys / "issuing_key.pem").read_bytes() == b""
    certificate = (office.keys / "issuing_cert.pem").read_bytes()
    assert office.sign()["state"] == "archived"
    assert office.judged()[1]["verdict"] == "valid", "two signatures under the file's key, one under the token's"
    office.settings(issuer=issuer)
    assert office.tools.issuer.issuing_key.public_key() == keys.key().public_key()
    assert (office.keys / "issuing_cert.pem").read_bytes() == certificate, "made once"
    office.settings()
    with pytest.raises(Misuse) as wrong:
        _ = office.tools.issuer
    assert wrong.value.params["key"] == "issuer"
    (office.keys / "hsm.pin").write_text("000000\n")
    office.settings(issuer=issuer)
    with pytest.raises(EnvironmentFailed) as away:  # what waits for the issuer goes on waiting
        _ = office.tools.issuer
    assert away.value.code == "fel_pin"


SERVICE = {
    "method": "swedenconnect",
    "roles": ["enhetschef"],
    "address": "https://sign.test/",
    "service": "a",
    "requester": "b",
    "identity_provider": "c",
    "return_url": "https://kommun.test/",
    "certificate": "x",
    "passphrase_file": "x",
    "service_certificate": "x",
    "roots": "x",
}
KEY = {"method": "pkcs12", "who": CHIEFS, "file": "x", "passphrase_file": "x", "roots": "x"}
CREDENTIAL = {"method": "csc", "who": CHIEFS, "url": "https://csc.test", "credential": "x", "access_file": "x"}
CREDENTIAL |= {"roots": "x"}


@pytest.mark.parametrize(
    ("signing", "key"),
    [
        ([KEY | {"passphrase": "hemligt"}], "signing.0.pkcs12.passphrase"),
        ([{"method": "smartcard", "who": CHIEFS}], "signing.0"),
        ([KEY, CREDENTIAL], "signing"),
        ([SERVICE, SERVICE | {"name": "annan"}], "signing"),
        ([SERVICE, SERVICE | {"roles": ["brukare"]}], "signing"),
        ([SERVICE | {"roles": []}], "signing.0.swedenconnect.roles"),
        ([SERVICE | {"roles": ["chef"]}], "signing.0.swedenconnect.roles.0"),
        ([SERVICE | {"address": "http://sign.test/"}], "signing.0.swedenconnect.address"),
        ([CREDENTIAL | {"url": "http://csc.test/"}], "signing.0.csc.url"),
        ([KEY | {"who": ""}], "signing.0.pkcs12.who"),
    ],
)
def test_a_setting_that_cannot_be_meant_refuses_start(signing: list[object], key: str, tmp_path: Path) -> None:
    Written(tmp_path).settings(signing=signing)
    with pytest.raises(Misuse) as wrong:
        load_settings(tmp_path)
    assert wrong.value.params["key"] == key
    assert "hemligt" not in str(wrong.value)
