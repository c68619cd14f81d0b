"""What must hold of every signature before it goes into a document, wherever its key works.

The chain up to a configured root, and that nothing in it is revoked, is checked in `signatures.trust`.
"""

# mypy: allow-untyped-calls
# asn1crypto ships no types.

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from .. import der
from ..errors import BackendRefused, IdentityRefused
from ..identity import IdentityEvidence
from ..identity.checks import plain
from ..identity.evidence import PERSONAL_NUMBERS
from ..issuer import reference
from ..names import common_name, plain_name
from .work import SignResult

SMALLEST_RSA, SMALLEST_CURVE = 3072, 256  # bits; 128 bits of security, which verify's rule R10 knows no end of
LARGEST = 64 * 1024  # bytes of attributes; ours are some 250
_ALLOWED = {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)  # what asn1crypto raises on foreign bytes


def check(result: SignResult, digest: bytes, evidence: IdentityEvidence, now: datetime) -> None:
    """Raise BackendRefused unless `result` is a signature over the document with the SHA-256 `digest`, by a key and
    with a usage that will do, under a certificate that holds at `now` and names the person of `evidence`.
    """
    certificate = _certificate(result.credential.certificate)
    check_attributes(result.attributes, digest, result.credential.certificate)
    _check_key(certificate)
    _check_signature(certificate, result)
    _check_certificate(certificate, now)
    check_holder(certificate, evidence)


def check_usable(certificate: bytes, now: datetime) -> None:
    """Raise BackendRefused unless a person could sign with this certificate (DER) at `now`."""
    found = _certificate(certificate)
    _check_key(found)
    _check_certificate(found, now)


def check_test(evidence: IdentityEvidence, *, test: bool) -> None:
    """Raise IdentityRefused `testidentitet` for a test identity where keys are not a test's."""
    if evidence.method == "test" and not test:
        raise IdentityRefused("testidentitet", "a test identity cannot sign outside a test workspace")


def _certificate(raw: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(raw)
    except ValueError as error:
        raise BackendRefused("fel_certifikat", f"the signer's certificate cannot be read: {error}") from error


def check_attributes(attributes: bytes, digest: bytes, certificate: bytes) -> None:
    """Raise BackendRefused unless the signed attributes are ours, and name this certificate (EN 319 142-1, 6.3)."""
    found = _read(attributes)
    if found.get("content_type") != "data" or not set(found) <= _ALLOWED:
        raise BackendRefused("fel_attribut", f"the signed attributes are not a PDF signature's: {sorted(found)}")
    if found.get("message_digest") != digest:
        raise BackendRefused("fel_dokument", "what was signed is not the digest of our document")
    named = found.get("signing_certificate_v2")
    if named is None or not _names(named, certificate):
        raise BackendRefused("fel_certifikat", "the signed attributes do not name the signer's certificate")


def _read(attributes: bytes) -> Mapping[str, object]:
    try:
        if len(attributes) > LARGEST:
            raise ValueError("larger than any signed attributes")
        parsed = cms.CMSAttributes.load(attributes, strict=True)
        if der.set_of(*(each.dump() for each in parsed)) != attributes:
            raise ValueError("not DER")
        kinds = [each["type"].native for each in parsed]
        if len(kinds) != len(set(kinds)) or any(len(each["values"]) != 1 for each in parsed):
            raise ValueError("an attribute that stands twice")
        return {each["type"].native: each["values"][0].native for each in parsed}
    except _MALFORMED as error:
        raise BackendRefused("fel_attribut", f"the signed attributes cannot be read: {error}") from error


def _names(named: object, certificate: bytes) -> bool:
    identifiers = named["certs"] if isinstance(named, Mapping) else []
    if not identifiers:
        return False
    first = identifiers[0]  # RFC 5035: the first is the signer's
    algorithm = first["hash_algorithm"]["algorithm"]
    if algorithm not in {"sha256", "sha384", "sha512"}:
        return False
    return bool(hashlib.new(algorithm, certificate).digest() == first["cert_hash"])


def _check_key(certificate: x509.Certificate) -> None:
    match certificate.public_key():
        case rsa.RSAPublicKey() as key if key.key_size >= SMALLEST_RSA:
            return
        case ec.EllipticCurvePublicKey() as key if key.curve.key_size >= SMALLEST_CURVE:
            return
    raise BackendRefused("svag_algoritm", "the signer's key is weaker than RSA-3072 or P-256")


def _check_signature(certificate: x509.Certificate, result: SignResult) -> None:
    try:
        match certificate.public_key():
            case rsa.RSAPublicKey() as key:
                key.verify(result.signature, result.attributes, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePublicKey() as key:
                key.verify(result.signature, result.attributes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise BackendRefused("fel_signatur", "the signature does not hold under the signer's certificate") from error


def _check_certificate(certificate: x509.Certificate, now: datetime) -> None:
    if not _signs_documents(certificate):
        raise BackendRefused("fel_anvandning", "the certificate is not one that a person signs documents with")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise BackendRefused("fel_certifikat", "the signer's certificate does not hold at this time")


def _signs_documents(certificate: x509.Certificate) -> bool:
    """Whether it is a person's, with the key usage of signatures that bind (RFC 5280, 4.2.1.3: contentCommitment)."""
    extensions = {each.oid: each.value for each in certificate.extensions}
    constraints = extensions.get(x509.BasicConstraints.oid)
    usage = extensions.get(x509.KeyUsage.oid)
    is_authority = isinstance(constraints, x509.BasicConstraints) and constraints.ca
    return isinstance(usage, x509.KeyUsage) and usage.content_commitment and not is_authority


def check_holder(certificate: x509.Certificate, evidence: IdentityEvidence) -> None:
    """Raise BackendRefused `fel_innehavare` unless the certificate names the person of `evidence`, by name and by
    what tells one person from another (subject serialNumber: as it is, or as ETSI EN 319 412-1, 5.1.3 spells it).
    """
    name = _said(certificate, NameOID.COMMON_NAME) or " ".join(
        (_said(certificate, NameOID.GIVEN_NAME), _said(certificate, NameOID.SURNAME))
    )
    if plain_name(name) != plain_name(common_name(evidence.name)):
        raise BackendRefused("fel_innehavare", "the certificate names somebody else than the one who was identified")
    if _said(certificate, NameOID.SERIAL_NUMBER) not in identifiers(evidence):
        raise BackendRefused("fel_innehavare", "the certificate's serialNumber is not that of the one identified")


def identifiers(evidence: IdentityEvidence) -> frozenset[str]:
    """The ways in which a certificate may identify the person of `evidence`."""
    mine = reference(evidence)
    if evidence.id_type in PERSONAL_NUMBERS:
        number = plain(evidence.id_value)
        return frozenset({mine, number, f"PNOSE-{number}"})
    return frozenset({mine})


def _said(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else ""
