"""Whether a certificate was revoked, by the CRLs and OCSP answers that lie in the file (RFC 5280 §6.3, RFC 6960 §3.2).

certvalidator's own check is not used: it leaves OCSP answers unread when the certificate names no responder, so that a
certificate revoked by OCSP passes.

An answer counts when the certificate's issuer (or a responder that the issuer has authorised) signed it, and when it
speaks for the moment asked about: it had not ended before. An answer made later than the moment counts too, since it
knows more; ETSI EN 319 102-1 even prefers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from asn1crypto.keys import PublicKeyInfo
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from .lists import covers, entry_of, usable

# An OCSP answer without an end speaks for this long (the habit of RFC 6960 §2.4 responders).
_OPEN_ANSWER = timedelta(minutes=30)
_ALWAYS = datetime.max.replace(tzinfo=UTC)
_BROKEN_HASHES = (hashes.SHA1, hashes.MD5)


class Status(StrEnum):
    """What the evidence says of a certificate at a moment."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


def status(
    cert: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    crls: Iterable[x509.CertificateRevocationList],
    answers: Iterable[ocsp.OCSPResponse],
) -> Status:
    """Weigh all evidence: one revocation outweighs everything, and silence is unknown."""
    lists = tuple(crls)
    found = {*_by_lists(cert, issuer, at, lists), *_by_answers(cert, issuer, at, lists, answers)}
    return next((s for s in (Status.REVOKED, Status.GOOD) if s in found), Status.UNKNOWN)


def _by_lists(
    cert: x509.Certificate, issuer: x509.Certificate, at: datetime, crls: Iterable[x509.CertificateRevocationList]
) -> Iterator[Status]:
    for crl in crls:
        if crl.issuer == cert.issuer and _signed(crl, issuer):
            yield from _read(partial(_by_list, cert, at, crl))


def _by_list(cert: x509.Certificate, at: datetime, crl: x509.CertificateRevocationList) -> Iterator[Status]:
    if not usable(crl):
        return
    entry = entry_of(crl, cert)
    if entry is not None and entry.revocation_date_utc <= at:
        yield Status.REVOKED
    elif crl.next_update_utc is not None and crl.next_update_utc >= at and covers(crl, cert):
        yield Status.GOOD


def _read(told: Callable[[], Iterator[Status]]) -> list[Status]:
    """What a list or an answer says; nothing, where a part of it cannot be read."""
    try:
        return list(told())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return []


def _signed(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return False
    try:
        return not isinstance(crl.signature_hash_algorithm, _BROKEN_HASHES) and crl.is_signature_valid(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _by_answers(
    cert: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    lists: tuple[x509.CertificateRevocationList, ...],
    answers: Iterable[ocsp.OCSPResponse],
) -> Iterator[Status]:
    for answer in answers:
        successful = answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        if successful and _authorised(answer, issuer, lists):
            yield from _read(partial(_by_answer, cert, issuer, at, answer))


def _by_answer(
    cert: x509.Certificate, issuer: x509.Certificate, at: datetime, answer: ocsp.OCSPResponse
) -> Iterator[Status]:
    for single in answer.responses:
        if single.serial_number != cert.serial_number or not _names(single, issuer):
            continue
        since = single.revocation_time_utc
        if single.certificate_status is ocsp.OCSPCertStatus.REVOKED and (since is None or since <= at):
            yield Status.REVOKED
        elif (single.next_update_utc or single.this_update_utc + _OPEN_ANSWER) >= at:
            good = single.certificate_status is not ocsp.OCSPCertStatus.UNKNOWN
            yield Status.GOOD if good else Status.UNKNOWN


def _names(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """Whether the answer is about a certificate of this issuer: the hashes of its name and of its key (RFC 6960)."""
    spki = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = PublicKeyInfo.load(spki)["public_key"].contents[1:]  # without the count of unused bits
    wanted = (_hashed(single.hash_algorithm, issuer.subject.public_bytes()), _hashed(single.hash_algorithm, key))
    return wanted == (single.issuer_name_hash, single.issuer_key_hash)


def _hashed(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    state = hashes.Hash(algorithm)
    state.update(data)
    return state.finalize()


def _authorised(
    answer: ocsp.OCSPResponse, issuer: x509.Certificate, lists: tuple[x509.CertificateRevocationList, ...]
) -> bool:
    """Whether the issuer signed the answer, or a responder whose certificate the issuer made for that (§4.2.2.2) and
    has not revoked: the key of a revoked one may say any day."""
    if _answer_signed_by(answer, issuer):
        return True
    return any(
        _may_answer(responder, issuer, answer.produced_at_utc)
        and _answer_signed_by(answer, responder)
        and Status.REVOKED not in _by_lists(responder, issuer, _ALWAYS, lists)
        for responder in answer.certificates
    )


def _may_answer(responder: x509.Certificate, issuer: x509.Certificate, produced: datetime) -> bool:
    try:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    in_time = responder.not_valid_before_utc <= produced <= responder.not_valid_after_utc
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage and in_time


def _answer_signed_by(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key = signer.public_key()
    try:
        algorithm = answer.signature_hash_algorithm
        if isinstance(algorithm, _BROKEN_HASHES):
            return False
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
