"""A federated signing service: it gets the signed attributes alone, and its answer counts once, if all of it holds."""

from __future__ import annotations

import base64
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signatures.backends import sweden_xml as xml
from signatures.backends.sweden_connect import SwedenConnect
from signatures.container import as_der
from signatures.errors import BackendRefused, SignatureError
from signatures.identity import IdentityEvidence, IdType, Person
from signatures.pades import Waiting, complete, sign_with
from signatures.prepared import Prepared
from signatures.standing import issued_by
from signatures.tsa import LocalTimestamper

from . import keys
from .keys import openssl_agrees, problems
from .plans import NOW, PEOPLE, base, evidence, issuer, request
from .sign_service import IDP, LOA3, REQUESTER, SERVICE, SignService, identity

WHO = "kontaktman"
STAMPS = LocalTimestamper(issuer())


def backend(service: SignService) -> SwedenConnect:
    return SwedenConnect(
        address="https://sign.test/request",
        service=SERVICE,
        requester=REQUESTER,
        identity_provider=IDP,
        return_url="https://kommun.test/signed",
        level=LOA3,
        key=keys.key(),  # type: ignore[arg-type]
        certificate=service.requester,
        service_certificate=service.certificate,
        roots=(as_der(issuer().root),),
        standing=issued_by(issuer()),
        test=True,
    )


def ordered(kind: str = "honest") -> tuple[SignService, IdentityEvidence, Waiting]:
    proof = evidence(WHO, base())
    service = SignService(identity(REQUESTER, keys.key()), proof, kind)
    made = sign_with(base(), request(WHO, NOW, evidence=proof), backend(service), STAMPS)
    assert isinstance(made, Waiting)
    return service, proof, made


def finished(kind: str = "honest", now: datetime = NOW) -> bytes:
    service, proof, kept = ordered(kind)
    answer = service.answer(kept.pending.form)
    result = backend(service).finish(kept.pending, answer, proof, now)
    return complete(Prepared.from_bytes(kept.prepared.to_bytes()), result, proof, STAMPS, now)


def test_a_service_signs_with_a_certificate_that_nobody_knew(tmp_path: Path):
    pdf = finished()
    assert openssl_agrees(pdf, tmp_path)
    assert problems(pdf) == {}


def test_xmlsec1_agrees_that_the_request_is_signed(tmp_path: Path):
    service, _, kept = ordered()
    (tmp_path / "request.xml").write_bytes(base64.b64decode(kept.pending.form["EidSignRequest"]))
    (tmp_path / "ours.pem").write_bytes(keys.pem(service.requester))
    asked = ["xmlsec1", "--verify", "--pubkey-cert-pem", tmp_path / "ours.pem", tmp_path / "request.xml"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_nothing_of_the_document_leaves_but_its_signed_attributes():
    service, _, kept = ordered()
    service.answer(kept.pending.form)
    told = base64.b64decode(kept.pending.form["EidSignRequest"]).decode()
    assert xml.octets(service.seen, ".//csig:ToBeSignedBytes") == kept.prepared.attributes
    assert len(kept.prepared.attributes) < 120
    for secret in (PEOPLE["brukare"].name, PEOPLE["brukare"].id_value, "dusch", PEOPLE[WHO].name):
        assert secret not in told
    assert PEOPLE[WHO].id_value not in repr(kept.pending)
    assert PEOPLE[WHO].id_value.encode() not in kept.pending.state


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("another digest", "fel_dokument"),
        ("another key", "fel_signatur"),
        ("names another", "fel_certifikat"),
        ("another name in the certificate", "fel_innehavare"),
        ("another person", "fel_person"),
        ("another idp", "fel_person"),
        ("a low level", "for_lag_niva"),
        ("another request", "fel_bindning"),
        ("another relay state", "fel_bindning"),
        ("another profile", "fel_bindning"),
        ("another task", "tjanst_felaktig"),
        ("two tasks", "tjanst_felaktig"),
        ("no task", "tjanst_felaktig"),
        ("no chain", "tjanst_felaktig"),
        ("an old answer", "utgangen"),
        ("an old identification", "utgangen"),
        ("cancelled", "legitimering_avbruten"),
        ("failed", "tjanst_felaktig"),
        ("unsigned", "tjanst_felaktig"),
        ("signed by somebody else", "tjanst_felaktig"),
        ("changed on the way", "tjanst_felaktig"),
        ("wrapped", "tjanst_felaktig"),
        ("a document type", "tjanst_felaktig"),
        ("rubbish", "tjanst_felaktig"),
        ("huge", "tjanst_felaktig"),
    ],
)
def test_a_service_that_does_wrong_is_found_out(kind: str, code: str):
    with pytest.raises(SignatureError) as caught:
        finished(kind)
    assert caught.value.code == code
    assert PEOPLE[WHO].id_value not in str(caught.value)


def test_an_answer_that_comes_too_late_does_not_count():
    with pytest.raises(SignatureError) as caught:
        finished(now=NOW + timedelta(minutes=16))
    assert caught.value.code == "utgangen"


def test_an_answer_counts_for_its_own_order_alone():
    service, proof, first = ordered()
    answer = service.answer(first.pending.form)
    _, other, second = ordered()
    with pytest.raises(SignatureError) as caught:
        backend(service).finish(second.pending, answer, other, NOW)
    assert caught.value.code == "fel_bindning"
    with pytest.raises(SignatureError) as caught:
        backend(service).finish(first.pending, answer, other, NOW)
    assert caught.value.code == "fel_bindning"
    for nothing in ({}, {"RelayState": first.pending.reference}, {**answer, "EidSignResponse": "åäö"}):
        with pytest.raises(SignatureError):
            backend(service).finish(first.pending, nothing, proof, NOW)


def test_a_person_known_to_us_alone_cannot_be_sent_there():
    person = Person(IdType.INTERN, "ref-1", PEOPLE[WHO].name)
    proof = evidence(WHO, base(), person=person)
    service = SignService(identity(REQUESTER, keys.key()), proof)
    with pytest.raises(BackendRefused) as caught:
        sign_with(base(), request(WHO, NOW, evidence=proof), backend(service), STAMPS)
    assert caught.value.code == "fel_innehavare"
