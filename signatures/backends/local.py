"""A private key in this process's memory, parsed once."""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

KEY_BITS = 3072  # RSA-3072 with SHA-256: 128 bits of security, and the catalog stays PDF 1.7


def as_asn1(certificate: x509.Certificate) -> asn1.Certificate:
    """The same certificate in the form pyHanko works with."""
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def generate_key() -> rsa.RSAPrivateKey:
    """A fresh RSA key; takes some tenths of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


class LocalSigner(Signer):
    """Signs CMS attributes with a key held here (RSA PKCS#1 v1.5, SHA-256)."""

    def __init__(
        self, key: rsa.RSAPrivateKey, certificate: x509.Certificate, chain: Iterable[x509.Certificate]
    ) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple([as_asn1(each) for each in chain])
        super().__init__(signing_cert=as_asn1(certificate), cert_registry=registry, embed_roots=False)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002  # pyHanko's signature
        """Called by pyHanko with the attributes to sign."""
        if digest_algorithm != "sha256":
            raise ValueError(f"this signer uses SHA-256, not {digest_algorithm}")
        if dry_run:
            return bytes(KEY_BITS // 8)
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
