"""The OCSP response that comes with a BankID signature: the certificate was good, and when that was said.

BankID asks for it right after the signing, with a nonce that begins with the SHA-1 of the signature's base64 text, so
that it belongs to this signature and no other; when it was produced is the only time that stands in the evidence. (The
nonce is a link, no proof: what is signed is proven by the signature, which uses SHA-256.)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import core, ocsp, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .bankid_chain import require_chain, roots
from .bankid_xml import MALFORMED, loaded, plain_base64, refused, rsa_key
from .checks import CLOCKS_DIFFER

LARGEST = 40_000  # characters of base64; a response with its certificates has some 6 000
OLDEST_STATUS = timedelta(days=1)  # how long before it was asked for the status may have been established
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256_rsa": hashes.SHA256(),
    "sha384_rsa": hashes.SHA384(),
    "sha512_rsa": hashes.SHA512(),
}
_NONCE = "1.3.6.1.5.5.7.48.1.2"  # RFC 6960 4.4.1
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}  # of names and keys: identifiers, RFC 6960 4.1.1


class _Extension(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """RFC 5280 4.2; asn1crypto's own opens a nonce, and BankID's is no DER inside."""

    _fields = [  # noqa: RUF012  # as asn1crypto reads it
        ("extn_id", core.ObjectIdentifier),
        ("critical", core.Boolean, {"default": False}),
        ("extn_value", core.OctetString),
    ]


class _Extensions(core.SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    _child_spec = _Extension


@dataclass(frozen=True, slots=True)
class _Parts:
    """A response taken apart; `certificates` are DER."""

    told: ocsp.ResponseData
    algorithm: str
    signature: bytes
    certificates: tuple[bytes, ...]


def check(response: str, signature: str, chain: tuple[bytes, ...], roots_pem: bytes) -> datetime:
    """When `response` (base64) says that the first certificate of `chain` (DER), issued by the second, was good.

    `signature` is the signature's base64 text. Raises IdentityRefused `fel_bevis`.
    """
    person, issuer, *_ = chain
    if len(response) > LARGEST:
        raise refused("its OCSP response is larger than any")
    data = plain_base64(response)
    try:
        parts = _parts(data)
        at: datetime = parts.told["produced_at"].native
        _check_answer(parts.told, person, issuer, at)
        _check_nonce(parts.told, signature)
        responder = _responder(parts, issuer, roots_pem, at)
        if set(parts.certificates) - {responder, *chain, *roots(roots_pem)}:
            raise refused("its OCSP response carries a certificate that belongs to nothing")
    except MALFORMED as error:
        raise refused("its OCSP response cannot be read") from error
    try:
        rsa_key(responder).verify(parts.signature, parts.told.dump(), padding.PKCS1v15(), _HASHES[parts.algorithm])
    except InvalidSignature as error:
        raise refused("its OCSP response has a broken signature") from error
    return at


def _parts(data: bytes) -> _Parts:
    """RFC 6960 4.2.1. What is unsigned around the signed part has one form only, so that nothing can be changed."""
    whole = ocsp.OCSPResponse.load(data, strict=True)
    if whole["response_status"].native != "successful":
        raise refused("its OCSP response is none: the responder had no answer")
    basic = whole["response_bytes"]["response"].parsed
    algorithm = basic["signature_algorithm"]["algorithm"].native
    certificates = tuple(each.dump() for each in basic["certs"] or ())
    if algorithm not in _HASHES:
        raise refused("its OCSP response is signed by an algorithm that proves nothing")
    parts = _Parts(basic["tbs_response_data"], algorithm, basic["signature"].native, certificates)
    if _whole(parts) != data:
        raise refused("its OCSP response is written in another way than DER")
    return parts


def _whole(parts: _Parts) -> bytes:
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": parts.told,
            "signature_algorithm": {"algorithm": parts.algorithm},
            "signature": parts.signature,
            "certs": [loaded(each) for each in parts.certificates] or None,
        }
    )
    given = {"response_type": "basic_ocsp_response", "response": basic}
    return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": given}).dump())


def _check_answer(told: ocsp.ResponseData, person: bytes, issuer: bytes, at: datetime) -> None:
    if len(told["responses"]) != 1:
        raise refused("its OCSP response answers for several certificates")
    (answer,) = told["responses"]
    if not _is_for(answer["cert_id"], loaded(person), loaded(issuer)):
        raise refused("its OCSP response is for another certificate")
    if answer["cert_status"].name != "good":
        raise refused(f"its certificate was {answer['cert_status'].name}")
    begins, ends = answer["this_update"].native, answer["next_update"].native
    if not at - OLDEST_STATUS <= begins <= at + CLOCKS_DIFFER or (ends is not None and ends < at):
        raise refused("its OCSP response tells an old status")


def _is_for(named: ocsp.CertId, person: x509.Certificate, issuer: x509.Certificate) -> bool:
    digest = _DIGESTS.get(named["hash_algorithm"]["algorithm"].native)
    if digest is None or named["serial_number"].native != person.serial_number:
        return False
    return bool(
        named["issuer_name_hash"].native == digest(person.issuer.dump()).digest()
        and named["issuer_key_hash"].native == digest(bytes(issuer.public_key["public_key"])).digest()
    )


def _check_nonce(told: ocsp.ResponseData, signature: str) -> None:
    """BankID writes the nonce as it is, RFC 8954 as an OCTET STRING within the extension's; both are taken."""
    stated = told["response_extensions"]
    listed = () if isinstance(stated, core.Void) else _Extensions.load(stated.untag().dump(), strict=True)
    found = [each["extn_value"].native for each in listed if each["extn_id"].dotted == _NONCE]
    link = hashlib.sha1(signature.encode()).digest()  # noqa: S324 (BankID's choice, and no proof here)
    if len(found) != 1 or link not in {found[0][:20], found[0][2:22] if found[0][:1] == b"\x04" else b""}:
        raise refused("its OCSP response belongs to another signature (nonce)")


def _responder(parts: _Parts, issuer: bytes, roots_pem: bytes, at: datetime) -> bytes:
    """The certificate of whoever may answer for `issuer` (RFC 6960 4.2.2.2): itself, or one it has authorised."""
    named = parts.told["responder_id"]
    found = next((each for each in (*parts.certificates, issuer) if _is_named(named, each)), None)
    if found is None:
        raise refused("its OCSP response is by somebody unknown")
    if found == issuer:
        return found
    if loaded(found).issuer.dump() != loaded(issuer).subject.dump():
        raise refused("its OCSP response is by somebody else than the certificate's issuer has authorised")
    require_chain(found, (issuer,), roots_pem, at, "digital_signature", "ocsp_signing")
    return found


def _is_named(named: ocsp.ResponderId, certificate: bytes) -> bool:
    found = loaded(certificate)
    if named.name == "by_key":
        key = bytes(found.public_key["public_key"])
        return bool(named.native == hashlib.sha1(key).digest())  # noqa: S324 (RFC 6960 4.2.1)
    return bool(named.chosen.untag().dump() == found.subject.dump())
