"""Which evidence of revocation counts, and for what."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from signatures.verify.revocation import Status, status
from tests.attacks.pki import NOW, Holder, Kind, World, certify, ec_key, name, revocation_list, status_response, world


@pytest.fixture(scope="module")
def here() -> World:
    return world("Norrbro")


@pytest.fixture(scope="module")
def signer(here: World) -> Holder:
    return here.signer("Astrid Nyström", NOW)


def answer(holder: Holder, at: datetime, revoked_at: datetime | None = None) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(status_response(holder, at, revoked_at).dump())


def crl(issuer: Holder, at: datetime, *revoked: tuple[int, datetime]) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(revocation_list(issuer, at, revoked).dump())


def asked(signer: Holder, here: World, *evidence: object, at: datetime = NOW) -> Status:
    lists = [e for e in evidence if isinstance(e, x509.CertificateRevocationList)]
    answers = [e for e in evidence if isinstance(e, ocsp.OCSPResponse)]
    return status(signer.cert, here.issuing.cert, at, lists, answers)


def test_silence_is_unknown(signer: Holder, here: World) -> None:
    assert asked(signer, here) is Status.UNKNOWN


def test_either_kind_of_evidence_is_enough(signer: Holder, here: World) -> None:
    assert asked(signer, here, answer(signer, NOW)) is Status.GOOD
    assert asked(signer, here, crl(here.issuing, NOW)) is Status.GOOD


def test_one_revocation_outweighs_everything(signer: Holder, here: World) -> None:
    revoked = NOW - timedelta(minutes=1)
    serial = signer.cert.serial_number
    assert asked(signer, here, answer(signer, NOW, revoked), crl(here.issuing, NOW)) is Status.REVOKED
    assert asked(signer, here, answer(signer, NOW), crl(here.issuing, NOW, (serial, revoked))) is Status.REVOKED


def test_a_revocation_after_the_moment_does_not_reach_back(signer: Holder, here: World) -> None:
    later = NOW + timedelta(minutes=5)
    known = crl(here.issuing, NOW + timedelta(minutes=10), (signer.cert.serial_number, later))
    assert asked(signer, here, known, answer(signer, NOW)) is Status.GOOD
    assert asked(signer, here, known, at=later) is Status.REVOKED


def test_evidence_that_ended_before_the_moment_is_silent(signer: Holder, here: World) -> None:
    old = answer(signer, NOW - timedelta(hours=1)), crl(here.issuing, NOW - timedelta(days=9))
    assert asked(signer, here, *old) is Status.UNKNOWN


def test_evidence_made_a_little_later_counts(signer: Holder, here: World) -> None:
    assert asked(signer, here, answer(signer, NOW + timedelta(minutes=5))) is Status.GOOD


def test_another_issuers_evidence_is_no_evidence(signer: Holder, here: World) -> None:
    impostor = certify(here.issuing.cert.subject, ec_key(), None, Kind(ca=True))
    forged = Holder(signer.cert, signer.key, impostor)
    assert asked(signer, here, answer(forged, NOW), crl(impostor, NOW)) is Status.UNKNOWN


@pytest.mark.parametrize(("appointed", "expected"), [(True, Status.GOOD), (False, Status.UNKNOWN)])
def test_a_responder_must_be_appointed_by_the_issuer(
    appointed: bool, expected: Status, signer: Holder, here: World
) -> None:
    key = ec_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("Norrbro OCSP"))
        .issuer_name(here.issuing.cert.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    if appointed:
        usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING])
        builder = builder.add_extension(usage, critical=False)
    responder = builder.sign(here.issuing.key, hashes.SHA256())
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=signer.cert,
            issuer=here.issuing.cert,
            algorithm=hashes.SHA1(),  # noqa: S303 - most responders name the issuer so
            cert_status=ocsp.OCSPCertStatus.GOOD,
            this_update=NOW,
            next_update=NOW + timedelta(minutes=30),
            revocation_time=None,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        .certificates([responder])
    )
    # A responder's answer carries the time it was made, which the builder takes from the clock.
    signed = response.sign(key, hashes.SHA256())
    inside = responder.not_valid_before_utc <= signed.produced_at_utc <= responder.not_valid_after_utc
    assert asked(signer, here, signed) is (expected if inside else Status.UNKNOWN)


def test_a_partial_list_is_silent_about_those_it_does_not_name(signer: Holder, here: World) -> None:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(here.issuing.cert.subject)
        .last_update(NOW - timedelta(minutes=5))
        .next_update(NOW + timedelta(days=7))
        .add_extension(x509.DeltaCRLIndicator(1), critical=True)
    )
    assert asked(signer, here, builder.sign(here.issuing.key, hashes.SHA256())) is Status.UNKNOWN
