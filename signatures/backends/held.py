"""A person's own key: in an encrypted file (PKCS#12) or in a token (PKCS#11: a card, a hardware module).

The certificate is the person's for years, so a signature with it needs the same evidence of who is at the keyboard
as any other: the certificate must name the one who was identified.
"""

# mypy: allow-untyped-calls
# python-pkcs11 is only half typed.

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from ..container import as_der
from ..errors import BackendRefused
from ..identity import IdentityEvidence
from ..standing import Standing
from .checks import check_holder, check_usable
from .token import Token, opened, require_key, sign_in_token
from .work import Credential, Signing, SignResult, SignWork

LARGEST_FILE = 256 * 1024  # bytes; a key and its chain is some 6 kB


@dataclass(frozen=True, slots=True)
class Pkcs12:
    """A key file's bytes and its passphrase; `roots` (DER) are those to trust, `standing` who tells of revocation."""

    data: bytes = field(repr=False)
    passphrase: bytes = field(repr=False)
    roots: tuple[bytes, ...] = field(repr=False)
    standing: Standing = field(repr=False)
    test: bool = False

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        """Open the file.

        Raises BackendRefused `fel_pin`, `signeringsnyckel_saknas` or `fel_innehavare`, and BackendUnavailable.
        """
        key, certificate, others = _loaded(self.data, self.passphrase)
        check_holder(certificate, evidence)
        chain = tuple(as_der(each) for each in others)
        credential = self.standing(Credential(as_der(certificate), chain, self.roots), now)

        def sign(work: SignWork) -> SignResult:
            return SignResult(work.attributes, _value(key, work.attributes), credential)

        return Signing(credential, sign)

    def look(self, now: datetime) -> None:
        """Open the file, and ask whether its certificate is good. Raises BackendRefused or BackendUnavailable."""
        _, certificate, others = _loaded(self.data, self.passphrase)
        check_usable(as_der(certificate), now)
        self.standing(Credential(as_der(certificate), tuple(map(as_der, others)), self.roots), now)


_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def _loaded(data: bytes, passphrase: bytes) -> tuple[_Key, x509.Certificate, Iterable[x509.Certificate]]:
    if len(data) > LARGEST_FILE:
        raise BackendRefused("signeringsnyckel_saknas", "the key file is larger than any")
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, passphrase)
    except ValueError as error:
        raise BackendRefused("fel_pin", "the key file cannot be opened with this passphrase") from error
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise BackendRefused("signeringsnyckel_saknas", "the key file has no key to sign with, or no certificate")
    return key, certificate, others


def _value(key: _Key, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class Pkcs11:
    """The key labelled `key` in a token, with the certificate of the same label in it, or else `certificate` (DER)."""

    token: Token
    key: str
    chain: tuple[bytes, ...] = field(repr=False)
    roots: tuple[bytes, ...] = field(repr=False)
    standing: Standing = field(repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    test: bool = False

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        """Find the certificate. Raises as `opened` does, and BackendRefused `fel_innehavare`."""
        raw, certificate = self._certificate()
        check_holder(certificate, evidence)
        credential = self.standing(Credential(raw, self.chain, self.roots), now)

        def sign(work: SignWork) -> SignResult:
            value = sign_in_token(self.token, self.key, certificate, work.attributes)
            return SignResult(work.attributes, value, credential)

        return Signing(credential, sign)

    def _certificate(self) -> tuple[bytes, x509.Certificate]:
        raw = self.certificate or _in_token(self.token, self.key)
        try:
            return raw, x509.load_der_x509_certificate(raw)
        except ValueError as error:
            raise BackendRefused("fel_certifikat", f"the token's certificate cannot be read: {error}") from error

    def look(self, now: datetime) -> None:
        """Find the key in the token, and ask whether its certificate is good. Raises as `opened` does, and
        BackendRefused or BackendUnavailable."""
        require_key(self.token, self.key)
        raw, _ = self._certificate()
        check_usable(raw, now)
        self.standing(Credential(raw, self.chain, self.roots), now)


def _in_token(token: Token, label: str) -> bytes:
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.LABEL: label}
    with opened(token) as session:
        found = [bytes(each[pkcs11.Attribute.VALUE]) for each in session.get_objects(wanted)]
    if len(found) != 1:
        raise BackendRefused("signeringsnyckel_saknas", "the token has no certificate for the key, or several")
    return found[0]
