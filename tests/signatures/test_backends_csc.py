"""A key at a signing service: it is told a hash and nothing else, and nothing it answers is taken on trust."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from signatures.backends.csc import Csc
from signatures.backends.remote import Service as Address
from signatures.container import as_der
from signatures.errors import SignatureError
from signatures.identity import IdType, Person
from signatures.issuer import Issuer
from signatures.pades import sign_with
from signatures.standing import issued_by
from signatures.tsa import LocalTimestamper

from . import keys
from .csc_server import AUTHORIZE, INFO, OTP, SIGN, TOKEN, Service, serving
from .identity import tls
from .keys import openssl_agrees, problems
from .plans import NOW, PEOPLE, base, evidence, issuer, request

WHO = "kontaktman"


def backend(url: str, by: Issuer | None = None, **changed: object) -> Csc:
    address = Address(url, {"Authorization": f"Bearer {TOKEN}"}, timeout=0.3)
    facts = {"unlock": {"OTP": OTP}, "test": True, **changed}
    return Csc(address, "kim", (as_der(issuer().root),), issued_by(by or issuer()), **facts)  # type: ignore[arg-type]


def signed_at(service: Service, **changed: object) -> bytes:
    with serving(service) as url:
        made = sign_with(base(), request(WHO, NOW), backend(url, **changed), LocalTimestamper(issuer()))
    assert isinstance(made, bytes)
    return made


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_key_at_a_service_signs(kind: str, tmp_path: Path):
    service = Service(keys.key(kind), keys.certificate(keys.key(kind)))
    pdf = signed_at(service)
    assert openssl_agrees(pdf, tmp_path)
    assert problems(pdf) == {}
    assert [path for path, _ in service.seen] == [INFO, AUTHORIZE, SIGN]


def test_nothing_but_a_hash_leaves_the_house():
    service = Service()
    signed_at(service)
    told = json.dumps([asked for _, asked in service.seen])
    for secret in (PEOPLE[WHO].name, PEOPLE[WHO].id_value, PEOPLE["brukare"].id_value, "dusch", WHO, "REF-"):
        assert secret not in told
    assert {key for _, asked in service.seen for key in asked} == {
        *("credentialID", "certificates", "certInfo", "authInfo"),
        *("numSignatures", "hash", "OTP", "SAD", "hashAlgo", "signAlgo"),
    }


def test_activation_data_from_elsewhere_is_used_as_it_is():
    service = Service()
    with pytest.raises(SignatureError):  # what was activated for no hash signs none
        signed_at(service, sad="activated")
    assert [path for path, _ in service.seen] == [INFO, SIGN]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("error 500", "nyckel_onabar"),
        ("no answer", "nyckel_onabar"),
        ("garbage", "tjanst_felaktig"),
        ("a list", "tjanst_felaktig"),
        ("endless", "tjanst_felaktig"),
        ("redirect", "tjanst_felaktig"),
        ("drip", "nyckel_onabar"),
        ("no certificate", "tjanst_felaktig"),
        ("many certificates", "tjanst_felaktig"),
        ("no base64", "tjanst_felaktig"),
        ("a broken certificate", "fel_certifikat"),
        ("disabled", "signeringsnyckel_saknas"),
        ("sha-1 alone", "svag_algoritm"),
        ("no activation", "tjanst_felaktig"),
        ("two signatures", "tjanst_felaktig"),
        ("signs something else", "fel_signatur"),
        ("signs with another key", "fel_signatur"),
    ],
)
def test_a_service_that_does_wrong_is_found_out(kind: str, code: str):
    with pytest.raises(SignatureError) as caught:
        signed_at(Service(kind=kind))
    assert caught.value.code == code


def test_an_answer_is_read_no_further_than_any_can_reach():
    with pytest.raises(SignatureError, match="larger than any"):
        signed_at(Service(kind="endless"))


def test_another_persons_credential_is_refused_before_it_signs():
    person = Person(IdType.HSA_ID, "SE2321000016-9Z9Z", PEOPLE[WHO].name)
    service = Service(certificate=keys.certificate(keys.key(), evidence(WHO, base(), person=person)))
    with pytest.raises(SignatureError) as caught:
        signed_at(service)
    assert caught.value.code == "fel_innehavare"
    assert [path for path, _ in service.seen] == [INFO]


def test_a_wrong_code_is_said_once_and_not_tried_again():
    service = Service()
    with pytest.raises(SignatureError) as caught:
        signed_at(service, unlock={"OTP": "000000"})
    assert caught.value.code == "fel_pin"
    assert "000000" not in str(caught.value)
    assert [path for path, _ in service.seen].count(AUTHORIZE) == 1


def test_a_service_that_is_not_there():
    with pytest.raises(SignatureError) as caught:
        sign_with(base(), request(WHO, NOW), backend("http://127.0.0.1:1"), LocalTimestamper(issuer()))
    assert caught.value.code == "nyckel_onabar"


def test_over_tls_the_service_is_known_by_the_roots_that_it_was_given():
    service, ours = Service(), tls.authority()

    def answer(_method: str, path: str, headers: dict[str, str], body: bytes) -> tls.Reply:
        status, told = service.reply(path, headers.get("Authorization"), json.loads(body))
        return status, "application/json", told

    with tls.serving(answer, ours.issue("sign.test")) as url:
        address = Address(f"{url}/csc/v1", {"Authorization": f"Bearer {TOKEN}"}, roots_pem=ours.pem)
        known = replace(backend(url), service=address)
        known.look(NOW)
        for roots in (tls.authority().pem, None):  # another's, and the machine's own
            with pytest.raises(SignatureError) as caught:
                replace(known, service=replace(address, roots_pem=roots)).look(NOW)
            assert caught.value.code == "nyckel_onabar"
        with pytest.raises(SignatureError) as caught:
            replace(known, service=replace(address, roots_pem=b"no certificates")).look(NOW)
        assert caught.value.code == "tjanst_felaktig"
    assert [path for path, _ in service.seen] == [INFO]


def test_what_opens_the_credential_is_in_no_repr():
    told = repr(backend("http://127.0.0.1:1", sad="activated"))
    assert TOKEN not in told
    assert OTP not in told
    assert "activated" not in told
