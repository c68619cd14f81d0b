"""The settings choose where each person's key works; whatever they choose, the sealed file is as good."""

from typing import Any

from pipeline.console import commands, doctor
from signatures.backends.token import Token
from tests.journey.foreign import (
    CHIEF,
    CODE,
    certified,
    key_file,
    put,
)
from tests.journey.offices import Office, is_good
from tests.plugins.judge_process import Judge
from tests.signatures import csc_server, keys
from tests.signatures.tsa_server import others

PLAN = "hemtjanst-kort"
CHIEFS = "nb-0007"


def in_a_file(office: Office, lists_at: str, who: Any = CHIEF, **changed: object) -> dict[str, object]:
    held = keys.key()
    put(office.keys, {"chef.p12": key_file(held, certified(held, lists_at, who)), "chef.pass": CODE.encode() + b"\n"})
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
    assert office.judged()[1]["verdict"] == "invalid" or office.judged()[1]["verdict"] == "indeterminate"
    office.settings(trusted_roots=["keys/roots.pem"])
    assert office.judged()[1]["verdict"] == "valid"


def test_a_key_in_a_token_signs(office: Office, lists_at: str, softhsm: Token) -> None:
    office.settings(signing=[in_a_token(office, lists_at, softhsm)])
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
