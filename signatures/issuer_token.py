"""An issuer whose issuing key lies in a token: certified by the same root, and gone from the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from .authority import AuthorityKey, IssuerMaterial, issuing_authority, open_authority_key
from .errors import IssuerUnavailable


def is_issued_for(material: IssuerMaterial, key: AuthorityKey) -> bool:
    """Whether the issuing certificate is that of `key`. Raises IssuerUnavailable `trasigt_material`."""
    try:
        found = x509.load_pem_x509_certificate(material.issuing_cert).public_key()
    except ValueError as error:
        raise IssuerUnavailable("trasigt_material", f"the issuing certificate cannot be read: {error}") from error
    return found == key.public_key()


def with_key_in_token(material: IssuerMaterial, passphrase: bytes, key: AuthorityKey, now: datetime) -> IssuerMaterial:
    """The issuer with an issuing key that lies, and stays, in a token, certified by the same root.

    The key in the file is gone from the answer; what it has issued leads to the root as before. Raises
    IssuerUnavailable as `Issuer.load`.
    """
    if is_issued_for(material, key):
        return replace(material, issuing_key=b"")
    try:
        root = x509.load_pem_x509_certificate(material.root_cert)
    except ValueError as error:
        raise IssuerUnavailable("trasigt_material", f"the root's certificate cannot be read: {error}") from error
    made = issuing_authority(root, open_authority_key(material.root_key, passphrase), key, now)
    return replace(material, issuing_cert=made.public_bytes(serialization.Encoding.PEM), issuing_key=b"")
