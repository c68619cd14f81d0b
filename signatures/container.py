"""The CMS value (RFC 5652) that goes into a PDF signature: its signed attributes, and all of it around a signature."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from . import der
from .errors import BackendRefused


@dataclass(frozen=True, slots=True)
class Signature:
    """What was signed (a DER SET OF attributes), the signature value, and the certificates (DER) to carry."""

    attributes: bytes
    value: bytes
    certificate: bytes
    chain: tuple[bytes, ...] = ()


def attributes(digest: bytes, certificate: bytes | None, content_type: bytes = der.DATA) -> bytes:
    """The attributes to sign for a content with the SHA-256 `digest` (EN 319 142-1, 6.3): content type, message
    digest and, when the certificate is known, its hash. Never a signing time: a PDF has it in the dictionary.
    """
    parts = [_attribute(der.CONTENT_TYPE, content_type), _attribute(der.MESSAGE_DIGEST, der.tlv(der.OCTETS, digest))]
    if certificate is not None:
        parts.append(signing_certificate(certificate))
    return der.set_of(*parts)


def signing_certificate(certificate: bytes) -> bytes:
    """The attribute signing-certificate-v2 (RFC 5035): SHA-256, its default, of the certificate, and whose it is."""
    issuer, serial = _named(certificate)
    named = der.sequence(der.sequence(der.tlv(0xA4, issuer)), serial)  # GeneralName: directoryName
    identifier = der.sequence(der.tlv(der.OCTETS, hashlib.sha256(certificate).digest()), named)
    return _attribute(der.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(identifier)))


def assemble(signature: Signature, token: bytes | None = None, content: tuple[bytes, bytes] | None = None) -> bytes:
    """The whole ContentInfo (DER): detached without `content` (type, octets), stamped with a time-stamp `token`."""
    digest_algorithm = der.sequence(der.SHA256)
    info = der.sequence(
        der.integer(1),
        der.sequence(*_named(signature.certificate)),
        digest_algorithm,
        b"\xa0" + signature.attributes[1:],  # [0] IMPLICIT, though what is signed has the tag of a SET
        _mechanism(signature.certificate),
        der.tlv(der.OCTETS, signature.value),
        der.set_of(_attribute(der.TIME_STAMP_TOKEN, token), tag=0xA1) if token else b"",
    )
    kind, octets = content or (der.DATA, b"")
    inside = der.sequence(kind, der.tlv(0xA0, der.tlv(der.OCTETS, octets)) if content else b"")
    signed_data = der.sequence(
        der.integer(3 if content else 1),
        der.set_of(digest_algorithm),
        inside,
        der.set_of(*carried(signature), tag=0xA0),
        der.set_of(info),
    )
    return der.sequence(der.SIGNED_DATA, der.tlv(0xA0, signed_data))


def carried(signature: Signature) -> Iterable[bytes]:
    """The certificates that a signature carries: all but roots, which a reader has or does not trust."""
    chain = ((each, x509.load_der_x509_certificate(each)) for each in signature.chain)
    return {signature.certificate, *(raw for raw, parsed in chain if parsed.issuer != parsed.subject)}


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of(value))


def _named(certificate: bytes) -> tuple[bytes, bytes]:
    """Issuer and serial number, byte for byte as the certificate has them."""
    body = asn1.Certificate.load(certificate)["tbs_certificate"]
    return body["issuer"].dump(), body["serial_number"].dump()


def _mechanism(certificate: bytes) -> bytes:
    match x509.load_der_x509_certificate(certificate).public_key():
        case rsa.RSAPublicKey():
            return der.sequence(der.SHA256_WITH_RSA, der.NULL)
        case ec.EllipticCurvePublicKey():
            return der.sequence(der.ECDSA_WITH_SHA256)
        case _:
            raise BackendRefused("svag_algoritm", "the certificate's key is neither RSA nor on a NIST curve")


def as_der(certificate: x509.Certificate) -> bytes:
    """A certificate's bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)
