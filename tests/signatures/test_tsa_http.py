"""A configured time-stamp server: what it must do to be believed, and that nothing else stamps in its place."""

from __future__ import annotations

import asyncio
import io
import time

import pikepdf
import pytest
from asn1crypto import cms
from cryptography import x509

from signatures.errors import TimestampUnavailable
from signatures.pades import seal, sign
from signatures.tsa_http import HttpTimestamper

from .plans import ROLES, base, issuer, request, stages
from .tsa_server import NOW, Behaviour, others, serving, unit


def test_a_plan_is_signed_and_sealed_with_another_authoritys_time():
    behaviour = Behaviour(others(), NOW)
    with serving(behaviour) as url:
        behaviour.issuer = unit(others(), url.replace("/tsa", "/crl"))
        server = HttpTimestamper(url, others().trust_pem(), headers={"X-Licence": "abc"})
        assert server.trust_pem() == others().trust_pem()
        pdf = base()
        for role in ROLES:
            pdf = sign(pdf, request(role, NOW), issuer(), server)
        pdf = seal(pdf, issuer(), server, NOW)
    with pikepdf.open(io.BytesIO(pdf)) as sealed:
        lists = [x509.load_der_x509_crl(bytes(each.read_bytes())) for each in sealed.Root.DSS.CRLs]
        token = cms.ContentInfo.load(bytes(sealed.Root.AcroForm.Fields[3].V.Contents))
    assert others().root.subject in {each.issuer for each in lists}, "the fetched list is embedded"
    facts = token["content"]["encap_content_info"]["content"].parsed
    assert facts["gen_time"].native == NOW
    assert {each["X-Licence"] for each in behaviour.seen} == {"abc"}


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("wrong nonce", "tidsstampel_felaktig", "nonce"),
        ("no nonce", "tidsstampel_felaktig", "nonce"),
        ("wrong imprint", "tidsstampel_felaktig", "imprint"),
        ("wrong time", "tidsstampel_felaktig", "five minutes"),
        ("broken signature", "tidsstampel_felaktig", "signature"),
        ("named by its key", "tidsstampel_felaktig", "issuer and serial number"),
        ("garbage", "tidsstampel_felaktig", ""),
        ("empty", "tidsstampel_felaktig", ""),
        ("refusal", "tidsstampel_felaktig", "rejection"),
        ("web page", "tidsstampel_onabar", "text/html"),
        ("error 500", "tidsstampel_onabar", "500"),
    ],
)
def test_a_misbehaving_server_stamps_nothing(kind: str, code: str, said: str):
    with serving(Behaviour(others(), NOW, kind)) as url:
        server = HttpTimestamper(url, others().trust_pem())
        with pytest.raises(TimestampUnavailable) as caught:
            sign(base(), request("brukare", NOW), issuer(), server)
    assert caught.value.code == code
    assert said in str(caught.value)


def test_a_silent_server_is_given_up():
    began = time.monotonic()
    with serving(Behaviour(others(), NOW, "no answer")) as url:
        with pytest.raises(TimestampUnavailable) as caught:
            seal(stages()[3].pdf, issuer(), HttpTimestamper(url, others().trust_pem(), timeout=0.3), NOW)
        assert time.monotonic() - began < 5
    assert caught.value.code == "tidsstampel_onabar"


def test_nobody_there():
    with pytest.raises(TimestampUnavailable) as caught:
        HttpTimestamper("http://127.0.0.1:9/tsa", others().trust_pem()).at(NOW)
    assert caught.value.code == "tidsstampel_onabar"


def test_a_stranger_is_not_believed():
    with serving(Behaviour(others(), NOW)) as url, pytest.raises(TimestampUnavailable) as caught:
        HttpTimestamper(url, issuer().trust_pem()).at(NOW)
    assert "no configured root" in str(caught.value)


def test_a_certificate_whose_list_cannot_be_had_is_not_believed():
    behaviour = Behaviour(others(), NOW)
    with serving(behaviour) as url:
        behaviour.issuer = unit(others(), "http://127.0.0.1:9/crl")
        with pytest.raises(TimestampUnavailable) as caught:
            HttpTimestamper(url, others().trust_pem()).at(NOW)
    assert "no evidence" in str(caught.value)


def test_a_server_that_turns_bad_between_two_requests():
    behaviour = Behaviour(others(), NOW)
    with serving(behaviour) as url:
        behaviour.issuer = unit(others(), url.replace("/tsa", "/crl"))
        stamping = HttpTimestamper(url, others().trust_pem()).at(NOW)
        behaviour.kind = "wrong imprint"
        with pytest.raises(TimestampUnavailable):
            asyncio.run(stamping.stamper.async_timestamp(b"\x01" * 32, "sha256"))
