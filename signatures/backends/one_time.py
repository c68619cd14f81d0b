"""A key made for one act, certified by our own issuer for the person identified, and gone when it has signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ..container import as_der
from ..errors import IssuerUnavailable
from ..identity import IdentityEvidence
from ..issuer import Issuer
from .work import Credential, Signing, SignResult, SignWork


def vouched(issuer: Issuer, certificate: x509.Certificate, now: datetime) -> Credential:
    """A certificate of the issuer's with all that shows it to be good at `now`."""
    return Credential(
        certificate=as_der(certificate),
        chain=(as_der(issuer.issuing),),
        roots=(as_der(issuer.root),),
        ocsps=(issuer.ocsp(certificate, now),),
        crls=(issuer.crl(now), issuer.root_crl(now)),
    )


@dataclass(frozen=True, slots=True)
class OneTime:
    """RSA-3072 in this process's memory; the certificate carries the authentication context (RFC 7773)."""

    issuer: Issuer

    @property
    def test(self) -> bool:
        """Whether the issuer is a test's."""
        return self.issuer.test

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        """Issue a certificate. Raises IdentityRefused or IssuerUnavailable."""
        issuer = self.issuer
        *held, certificate = issuer.issue(evidence, now)  # nothing but the list holds the key
        credential = vouched(issuer, certificate, now)

        def sign(work: SignWork) -> SignResult:
            if not held:
                raise IssuerUnavailable("trasigt_material", "a one-time key signs once")
            value = held.pop().sign(work.attributes, padding.PKCS1v15(), hashes.SHA256())
            return SignResult(work.attributes, value, credential)

        return Signing(credential, sign)
