"""Of an OCSP answer: who signed it and may do so, which certificate it is about, whether it may be used (RFC 6960)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from asn1crypto import ocsp as asn1_ocsp
from asn1crypto.keys import PublicKeyInfo
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from .calendar import moved
from .cms import HASHES, digest
from .lists import BROKEN_HASHES, UNREADABLE, extension, verified

CLOCKS_DIFFER = timedelta(minutes=5)
_UNDERSTOOD = frozenset({"nonce", "archive_cutoff"})
_UNDERSTOOD_OF_RESPONDERS = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)


def usable_answer(answer: ocsp.OCSPResponse, told: asn1_ocsp.ResponseData) -> bool:
    """Whether the OCSP answer may be used at all: nothing in it is critical and not understood (RFC 6960, 4.4), and its
    hash was never broken."""
    if isinstance(_hashed_and_padded(answer)[0], BROKEN_HASHES):
        return False
    everywhere = (told["response_extensions"], *(each["single_extensions"] for each in told["responses"]))
    return all(
        not each["critical"].native or each["extn_id"].native in _UNDERSTOOD
        for extensions in everywhere
        for each in extensions
    )


def appointed(
    answer: ocsp.OCSPResponse, issuer: x509.Certificate, beside: Collection[x509.Certificate]
) -> list[x509.Certificate]:
    """The certificates, in the answer or `beside` it, with whose key it is signed, and which the issuer made for that
    (RFC 6960, 4.2.2.2; an answer need not carry its responder's, 4.2.1)."""
    known = dict.fromkeys((*answer.certificates, *beside))
    return [each for each in known if answer_signed_by(answer, each) and _is_responder(each, issuer)]


def _is_responder(cert: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        cert.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return _answers_for_others(cert)


def _answers_for_others(cert: x509.Certificate) -> bool:
    purposes = extension(cert, x509.ExtendedKeyUsage)
    return purposes is not None and ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def may_answer_for_others(cert: x509.Certificate) -> bool:
    """Whether a certificate is a responder's, or nobody can read what it is."""
    try:
        return _answers_for_others(cert)
    except UNREADABLE:
        return True


def may_sign_answers(responder: x509.Certificate) -> bool:
    """Whether a responder's key usage, if it has any, allows signing (RFC 5280, 4.2.1.12), and nothing in its
    certificate is critical and not understood."""
    usage = extension(responder, x509.KeyUsage)
    signs = usage is None or usage.digital_signature or usage.content_commitment
    return signs and all(isinstance(e.value, _UNDERSTOOD_OF_RESPONDERS) for e in responder.extensions if e.critical)


def in_its_life(
    responder: x509.Certificate, answer: ocsp.OCSPResponse, single: ocsp.OCSPSingleResponse, now: datetime
) -> bool:
    """Whether the responder was one when it knew what it says and when it said so (RFC 6960, 2.4, 4.2.2.2): it can say
    nothing of a later time than it says it at, and that is not after now.

    It may have known it before its certificate was made: responders get new ones between two lists.
    """
    knew, said = single.this_update_utc, answer.produced_at_utc
    alive = responder.not_valid_before_utc <= said and max(knew, said) <= responder.not_valid_after_utc
    return alive and knew <= moved(said, CLOCKS_DIFFER) and said <= moved(now, CLOCKS_DIFFER)


def is_about(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """Whether the answer is about a certificate of this issuer: the hashes of its name and of its key (RFC 6960)."""
    spki = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = PublicKeyInfo.load(spki)["public_key"].contents[1:]  # without the count of unused bits
    algorithm = single.hash_algorithm.name
    if algorithm not in HASHES:
        return False
    wanted = digest(algorithm, issuer.subject.public_bytes()), digest(algorithm, key)
    return wanted == (single.issuer_name_hash, single.issuer_key_hash)


def answer_signed_by(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    """Whether the answer is signed with this certificate's key; also by a broken hash, `usable_answer`'s question."""
    try:
        return verified(signer, answer.signature, answer.tbs_response_bytes, *_hashed_and_padded(answer))
    except (UnsupportedAlgorithm, ValueError, KeyError, TypeError):
        return False


def _hashed_and_padded(answer: ocsp.OCSPResponse) -> tuple[hashes.HashAlgorithm | None, padding.AsymmetricPadding]:
    """With which hash the answer is signed, and how if by RSA; RSA-PSS has both in its parameters (RFC 4055 §3.1)."""
    if answer.signature_algorithm_oid != SignatureAlgorithmOID.RSASSA_PSS:
        return answer.signature_hash_algorithm, padding.PKCS1v15()
    whole = asn1_ocsp.OCSPResponse.load(answer.public_bytes(serialization.Encoding.DER))
    told = whole.basic_ocsp_response["signature_algorithm"]["parameters"]
    mask = HASHES[told["mask_gen_algorithm"]["parameters"]["algorithm"].native]()
    pad = padding.PSS(padding.MGF1(mask), told["salt_length"].native)
    return HASHES[told["hash_algorithm"]["algorithm"].native](), pad
