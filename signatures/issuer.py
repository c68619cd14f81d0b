"""One-time certificates: one person (or the organisation itself), one act, one key that is never stored.

A person's certificate says the person's name, never a personal identity number: staff are
told apart by their HSA-id (or organisational id), everyone else by a reference that
only the archived evidence resolves. How the person was identified stands in the
RFC 7773 extension, with the SHA-256 of the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp as pyca_ocsp
from cryptography.x509.oid import NameOID

from .authentication_context import authentication_context
from .authority import (
    BACKDATED,
    AuthorityKey,
    IssuerMaterial,
    create_issuer,
    marked,
    open_authority_key,
    open_key,
    signed_under,
    start,
    usage,
)
from .authority import time_stamp_unit as new_time_stamp_unit
from .backends import generate_key
from .errors import IdentityRefused, IssuerUnavailable
from .identity.evidence import PUBLIC_IDS, IdentityEvidence
from .keypool import KeyPool
from .names import common_name

__all__ = ["Issued", "Issuer", "IssuerMaterial", "KeyPool", "Organisation", "Revoked", "create_issuer"]

# Just under a year: the Swedish reference service's default is a year; an outside reader
# that judges by today's date shows a fresh plan as valid for as long. Only the time stamps
# carry it after that, by design.
CERTIFICATE_LIFE = timedelta(days=364)
OCSP_LIFE = timedelta(hours=1)  # must end before the certificate does, or no validator trusts it afterwards
CRL_LIFE = timedelta(days=7)
WRITABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]{1,64}")
"""A PrintableString (X.680 41.4) no longer than a serialNumber may be (X.520, ub-serial-number)."""


@dataclass(frozen=True, slots=True)
class Issued:
    """That a certificate was issued, for the trail: which, when (aware UTC), and by what evidence (its SHA-256)."""

    serial: int
    certificate_sha256: str
    evidence_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that is not to be trusted from `at` (aware UTC) on."""

    serial: int
    at: datetime
    reason: x509.ReasonFlags = x509.ReasonFlags.unspecified


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who seals: an organisation by its name and, where it is known, its Swedish organisation number."""

    name: str
    number: str | None = None

    def subject(self, *, test: bool) -> x509.Name:
        """The subject of its certificate (ETSI EN 319 412-3, 4.2.1).

        As in a person's, the organisation says TEST in a test, and the name is the one that a stamp shows.
        """
        digits = re.sub(r"\D", "", self.number or "")
        # EN 319 412-1, 5.1.4: the number of a register, its country, a hyphen, the number.
        identified = (
            [x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRSE-{digits}")] if len(digits) == 10 else []
        )
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, marked(self.name, test=test)[:64]),
                *identified,
                x509.NameAttribute(NameOID.COMMON_NAME, common_name(self.name)),
            ]
        )


def _unlogged(_: Issued) -> None:
    """Whoever keeps a trail gives an issuer something better."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer with its keys open, ready to issue and to answer for what it issued."""

    test: bool
    root: x509.Certificate
    issuing: x509.Certificate
    tsa: x509.Certificate | None
    root_key: AuthorityKey = field(repr=False)
    issuing_key: AuthorityKey = field(repr=False)
    tsa_key: rsa.RSAPrivateKey | None = field(repr=False)
    keys: Callable[[], rsa.RSAPrivateKey] = field(default=generate_key, repr=False)
    log: Callable[[Issued], object] = field(default=_unlogged, repr=False)
    """Called with each certificate before its key can sign; when it raises, nothing is signed."""
    revoked: tuple[Revoked, ...] = ()

    @classmethod
    def load(
        cls,
        material: IssuerMaterial,
        passphrase: bytes,
        keys: Callable[[], rsa.RSAPrivateKey] = generate_key,
        issuing_key: AuthorityKey | None = None,
    ) -> Issuer:
        """Open the keys; `issuing_key` is one that works elsewhere (`backends.token.TokenKey`).

        Raises IssuerUnavailable `fel_losenord` or `trasigt_material`.
        """
        try:
            issuer = cls(
                test=material.test,
                root=x509.load_pem_x509_certificate(material.root_cert),
                issuing=x509.load_pem_x509_certificate(material.issuing_cert),
                tsa=x509.load_pem_x509_certificate(material.tsa_cert) if material.tsa_cert else None,
                root_key=open_authority_key(material.root_key, passphrase),
                issuing_key=issuing_key or open_authority_key(material.issuing_key, passphrase),
                tsa_key=open_key(material.tsa_key, passphrase) if material.tsa_key else None,
                keys=keys,
            )
        except ValueError as error:
            raise IssuerUnavailable("trasigt_material", f"the issuer's certificates cannot be read: {error}") from error
        if issuer.issuing.public_key() != issuer.issuing_key.public_key():
            raise IssuerUnavailable("trasigt_material", "the issuing key is not that of the issuing certificate")
        return issuer

    def issue(self, evidence: IdentityEvidence, now: datetime) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """A fresh key and its certificate for one act, after it has been logged; drop the key after it."""
        if evidence.method == "test" and not self.test:
            raise IdentityRefused("testidentitet", "a test identity cannot sign outside a test workspace")
        return self._certified(self._subject(evidence), (authentication_context(evidence),), evidence.digest(), now)

    def issue_to(
        self, organisation: Organisation, evidence_sha256: str, now: datetime
    ) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """As `issue`, for an electronic seal of the organisation's; the evidence is what asked for it (its SHA-256)."""
        return self._certified(organisation.subject(test=self.test), (), evidence_sha256, now)

    def _certified(
        self, subject: x509.Name, more: tuple[x509.ExtensionType, ...], evidence_sha256: str, now: datetime
    ) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        ends = now + CERTIFICATE_LIFE
        if ends > self.issuing.not_valid_after_utc:
            raise IssuerUnavailable("utgiven_for_kort", "the issuing certificate ends before a new one would")
        key = self.keys()
        made = (
            start(subject, self.issuing.subject, key.public_key(), now - BACKDATED, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage("content_commitment"), critical=True)
            .add_extension(signed_under(self.issuing), critical=False)
        )
        for extension in more:
            made = made.add_extension(extension, critical=False)
        certificate = made.sign(self.issuing_key, hashes.SHA256())
        self.log(Issued(certificate.serial_number, _sha256(certificate), evidence_sha256, now))
        return key, certificate

    def _subject(self, evidence: IdentityEvidence) -> x509.Name:
        # The organisation says TEST in a test; the name stays the person's, as it stands in the stamp and the record.
        organisation = self.issuing.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0]
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
                organisation,
                x509.NameAttribute(NameOID.SERIAL_NUMBER, reference(evidence)),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name(evidence.name)),
            ]
        )

    def ocsp(self, certificate: x509.Certificate, now: datetime) -> bytes:
        """A signed answer (DER) whether `certificate` is good, valid for an hour and never past its end."""
        gone = next((each for each in self.revoked if each.serial == certificate.serial_number), None)
        response = (
            pyca_ocsp.OCSPResponseBuilder()
            .add_response(
                cert=certificate,
                issuer=self.issuing,
                algorithm=hashes.SHA256(),
                cert_status=pyca_ocsp.OCSPCertStatus.REVOKED if gone else pyca_ocsp.OCSPCertStatus.GOOD,
                this_update=now,
                next_update=min(now + OCSP_LIFE, certificate.not_valid_after_utc),
                revocation_time=gone.at if gone else None,
                revocation_reason=gone.reason if gone else None,
            )
            .responder_id(pyca_ocsp.OCSPResponderEncoding.HASH, self.issuing)
            .sign(self.issuing_key, hashes.SHA256())
        )
        return response.public_bytes(serialization.Encoding.DER)

    def crl(self, now: datetime) -> bytes:
        """The issuing authority's list of revoked certificates (DER); usually empty, since no key outlives its act."""
        return _crl(self.issuing, self.issuing_key, now, self.revoked)

    def root_crl(self, now: datetime) -> bytes:
        """The root's list (DER), which covers the issuing authority and the time-stamp unit; made once an hour, and
        never before what it covers began."""
        covered = (self.root, self.issuing, self.tsa or self.root)
        hour = now.replace(minute=0, second=0, microsecond=0)
        return _crl(self.root, self.root_key, max(hour, *(each.not_valid_before_utc for each in covered)))

    def trust_pem(self) -> bytes:
        """The root that a reader must trust, as PEM."""
        return self.root.public_bytes(serialization.Encoding.PEM)


def reference(evidence: IdentityEvidence) -> str:
    """What tells one person from another in a certificate: an HSA-id, or a reference that says nothing by itself.

    Also for a public identifier that X.520 6.2.9 cannot write as a serialNumber (an affiliation's @).
    """
    written = evidence.id_type in PUBLIC_IDS and WRITABLE.fullmatch(evidence.id_value)
    return evidence.id_value if written else f"REF-{evidence.digest()[:24]}"


def with_new_time_stamp_unit(
    material: IssuerMaterial, passphrase: bytes, now: datetime, issuing_key: AuthorityKey | None = None
) -> IssuerMaterial:
    """A test's issuer with a time-stamp unit that begins now; what the old one stamped has to be renewed with it.

    `issuing_key` and what is raised are as in `Issuer.load`.
    """
    issuer = Issuer.load(material, passphrase, issuing_key=issuing_key)
    organisation = str(issuer.root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)
    tsa, key = new_time_stamp_unit(organisation, issuer.root, issuer.root_key, passphrase, now)
    return replace(material, tsa_cert=tsa, tsa_key=key)


@lru_cache(maxsize=16)  # one act asks for the same list more than once
def _crl(issuer: x509.Certificate, key: AuthorityKey, now: datetime, revoked: tuple[Revoked, ...] = ()) -> bytes:
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now)
        .next_update(now + CRL_LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(signed_under(issuer), critical=False)
    )
    for each in revoked:
        crl = crl.add_revoked_certificate(_entry(each))
    return crl.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _entry(revoked: Revoked) -> x509.RevokedCertificate:
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.serial).revocation_date(revoked.at)
    if revoked.reason is not x509.ReasonFlags.unspecified:  # RFC 5280, 5.3.1: then it is left out
        entry = entry.add_extension(x509.CRLReason(revoked.reason), critical=False)
    return entry.build()


def _sha256(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
