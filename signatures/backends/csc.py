"""A key at a service after the Cloud Signature Consortium's API (1.0.4.0 and 2.0): only a hash leaves the house."""

# mypy: allow-untyped-calls
# asn1crypto ships no types.

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ..errors import BackendRefused, BackendUnavailable
from ..identity import IdentityEvidence
from ..standing import Standing
from .checks import check_holder, check_usable
from .remote import Service, ask
from .work import Credential, Signing, SignResult, SignWork

SHA256, RSA_SHA256, ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"
RSA, ECDSA = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"  # some services name the key's algorithm alone
MOST_CERTIFICATES = 10


@dataclass(frozen=True, slots=True)
class Csc:
    """A person's credential at a service; `service.url` ends before `credentials/info`, as in `…/csc/v1`.

    `unlock` is what the person typed, as the API names it (`PIN`, `OTP`); where the service hands
    out the activation data by OAuth, `sad` is that. The rest is as in `held.Pkcs12`.
    """

    service: Service
    credential_id: str
    roots: tuple[bytes, ...] = field(repr=False)
    standing: Standing = field(repr=False)
    unlock: Mapping[str, str] = field(default_factory=dict, repr=False)
    sad: str | None = field(default=None, repr=False)
    test: bool = False

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        """Ask whose the credential is. Raises BackendUnavailable or BackendRefused."""
        chain, algorithm = self._told()
        check_holder(_parsed(chain[0]), evidence)
        credential = self.standing(Credential(chain[0], chain[1:], self.roots), now)

        def sign(work: SignWork) -> SignResult:
            return SignResult(work.attributes, self._signed(work.attributes, algorithm), credential)

        return Signing(credential, sign)

    def look(self, now: datetime) -> None:
        """Ask about the credential, and whether its certificate is good; raises as `open`."""
        chain, _ = self._told()
        check_usable(chain[0], now)
        self.standing(Credential(chain[0], chain[1:], self.roots), now)

    def _told(self) -> tuple[tuple[bytes, ...], str]:
        """The chain, the signer's certificate first, and how the key signs (11.5, credentials/info)."""
        asked = {"credentialID": self.credential_id, "certificates": "chain", "certInfo": False, "authInfo": True}
        told = ask(self.service, "credentials/info", asked)
        chain = _certificates(told)
        return chain, _algorithm(told, _parsed(chain[0]))

    def _signed(self, attributes: bytes, algorithm: str) -> bytes:
        """Activation bound to this one hash (11.6, credentials/authorize), then the signature (11.9, signHash)."""
        digest = base64.b64encode(hashlib.sha256(attributes).digest()).decode("ascii")
        who = {"credentialID": self.credential_id}
        sad = self.sad
        if sad is None:
            asked = {**who, "numSignatures": 1, "hash": [digest], **self.unlock}
            sad = _text(ask(self.service, "credentials/authorize", asked), "SAD")
        asked = {**who, "SAD": sad, "hash": [digest], "hashAlgo": SHA256, "signAlgo": algorithm}
        told = ask(self.service, "signatures/signHash", asked).get("signatures")
        if not isinstance(told, list) or len(told) != 1:
            raise BackendUnavailable("tjanst_felaktig", "the signing service did not answer with one signature")
        return _decoded(told[0])


def _certificates(told: Mapping[str, Any]) -> tuple[bytes, ...]:
    """The chain, the signer's first. The key must be in use."""
    match told:
        case {"key": {"status": "enabled"}, "cert": {"certificates": [_, *_] as listed}}:
            if len(listed) <= MOST_CERTIFICATES:
                return tuple(map(_decoded, listed))
        case {"key": {"status": "disabled"}}:
            raise BackendRefused("signeringsnyckel_saknas", "the credential's key has been disabled")
    raise BackendUnavailable("tjanst_felaktig", "the signing service tells no certificate of the credential")


def _algorithm(told: Mapping[str, Any], certificate: x509.Certificate) -> str:
    is_rsa = isinstance(certificate.public_key(), rsa.RSAPublicKey)
    wanted = {RSA_SHA256, RSA} if is_rsa else {ECDSA_SHA256, ECDSA}
    offered = told["key"].get("algo")
    if not isinstance(offered, list) or not wanted & {each for each in offered if isinstance(each, str)}:
        raise BackendRefused("svag_algoritm", "the credential does not sign with SHA-256 and its key")
    return RSA_SHA256 if is_rsa else ECDSA_SHA256


def _parsed(raw: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(raw)
    except ValueError as error:
        raise BackendRefused("fel_certifikat", f"the credential's certificate cannot be read: {error}") from error


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise BackendUnavailable("tjanst_felaktig", f"the signing service's answer has no {name}")
    return value


def _decoded(value: object) -> bytes:
    try:
        return base64.b64decode(str(value), validate=True)
    except ValueError as error:
        raise BackendUnavailable("tjanst_felaktig", "the signing service's answer is not base64") from error
