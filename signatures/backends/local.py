"""A private key in this process's memory."""

# mypy: allow-untyped-calls
# asn1crypto ships no types.

from __future__ import annotations

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

KEY_BITS = 3072  # RSA-3072 with SHA-256: 128 bits of security, and the catalog stays PDF 1.7


def as_asn1(certificate: x509.Certificate) -> asn1.Certificate:
    """The same certificate in the form pyHanko works with."""
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def generate_key() -> rsa.RSAPrivateKey:
    """A fresh RSA key; takes some tenths of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def generate_authority_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key on P-256, as strong as KEY_BITS of RSA and some fifty times as fast: an issuer signs three times for
    each act of a person's (certificate, OCSP answer, list)."""
    return ec.generate_private_key(ec.SECP256R1())
