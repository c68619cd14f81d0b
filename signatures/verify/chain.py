"""One certificate's chain at one moment: does it lead to a trusted root, and was nothing in it revoked?

Path building and validation (RFC 5280) are certvalidator's; revocation is `revocation.py`'s. Nothing is ever fetched:
what is not in the file or in the given trust does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from asn1crypto import pem, x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import CertificateRevocationList, ReasonFlags, load_der_x509_certificate, load_der_x509_crl
from cryptography.x509.ocsp import OCSPResponse, load_der_ocsp_response
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from .issued import issued_by
from .objects import entry, items, target
from .revocation import Evidence, Known, Status, status
from .streams import unpacked

_T = TypeVar("_T")
# Why a time-stamp unit is revoked whose key is not compromised: what it stamped before stays good (RFC 3161 §4, 1).
_RETIRED = (
    ReasonFlags.unspecified,
    ReasonFlags.affiliation_changed,
    ReasonFlags.superseded,
    ReasonFlags.cessation_of_operation,
)
_SIGNING = frozenset(
    {
        "any_extended_key_usage",
        "email_protection",
        "client_auth",
        "microsoft_document_signing",
        "1.3.6.1.5.5.7.3.36",  # document signing (RFC 9336)
        "adobe_authentic_documents_trust",
    }
)
_NOT_SIGNING = frozenset({"server_auth", "code_signing", "time_stamping", "ocsp_signing"})


class Purpose(StrEnum):
    """What the certificate was used for; each has its own trusted roots."""

    PERSON = "person"
    TIME_STAMP = "time_stamp"


class Problem(StrEnum):
    """Why a chain does not hold."""

    UNKNOWN_ISSUER = "unknown_issuer"
    OUT_OF_PERIOD = "out_of_period"
    REVOKED = "revoked"
    NO_REVOCATION_EVIDENCE = "no_revocation_evidence"
    WRONG_USE = "wrong_use"
    UNKNOWN_USE = "unknown_use"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Chain:
    """The outcome; `certs` is the path from the root to the certificate, empty where none was found, and `responders`
    are those whose word alone says that one of them was not revoked."""

    problem: Problem | None
    certs: tuple[x509.Certificate, ...] = ()
    responders: tuple[x509.Certificate, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the chain leads to a trusted root and nothing speaks against it."""
        return self.problem is None

    @property
    def ends(self) -> datetime | None:
        """When the first certificate of the chain below the root expires."""
        return min((c.not_valid_after for c in self.certs[1:]), default=None)


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a chain may be built and checked with: trusted roots by purpose, and what the file carries.

    `stored` are the SHA-256 of those certificates that the document security store holds.
    """

    roots: dict[Purpose, list[x509.Certificate]]
    certs: list[x509.Certificate]
    evidence: Evidence
    stored: frozenset[bytes]
    known: dict[tuple[bytes, Purpose, datetime, bool], Chain] = field(default_factory=dict)
    authorities: dict[Purpose, list[x509.Certificate]] = field(default_factory=dict)


def parse_pem(data: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM text, none for an empty one; ValueError when it is no PEM."""
    if not data.strip():
        return []
    return [x509.Certificate.load(der) for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]


def embedded(
    reader: PdfFileReader,
) -> tuple[list[x509.Certificate], list[CertificateRevocationList], list[OCSPResponse]]:
    """Certificates, CRLs and OCSP responses of the document security store (ETSI EN 319 142-1 §5.4.2).

    One that cannot be read is no evidence, and takes nothing from the others.
    """
    store = entry(reader.root, "/DSS")
    return (
        list(_readable(_certificate, store, "/Certs", DecodePurpose.CERTIFICATE)),
        list(_readable(load_der_x509_crl, store, "/CRLs", DecodePurpose.CRL)),
        list(_readable(load_der_ocsp_response, store, "/OCSPs", DecodePurpose.OCSP_RESPONSE)),
    )


def _readable(read: Callable[[bytes], _T], store: Any, key: str, purpose: DecodePurpose) -> Iterator[_T]:
    for each in items(entry(store, key)):
        try:
            stream = target(each)
            if isinstance(stream, StreamObject):
                yield read(unpacked(stream, purpose))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - filters and certificates raise many things; it is then no evidence
            continue


def _certificate(der: bytes) -> x509.Certificate:
    load_der_x509_certificate(der)  # which reads all of it; the other reads nothing before it is asked
    return x509.Certificate.load(der, strict=True)


def chain(material: Material, cert: x509.Certificate, purpose: Purpose, at: datetime, *, evidence: bool) -> Chain:
    """Judge the certificate's chain at the moment `at`.

    With `evidence`, every certificate below the root must be shown unrevoked at that moment by a CRL or an OCSP answer
    in the material (an answer made a little later counts, as ETSI EN 319 102-1 wishes). Without it, only what the
    material says of revocation is heeded, and of a time-stamp unit not that it has been retired. Answers are remembered
    in the material.
    """
    key = (cert.sha256, purpose, at, evidence)
    if key not in material.known:
        material.known[key] = _judge(material, cert, purpose, at, evidence=evidence)
    return material.known[key]


def _judge(material: Material, cert: x509.Certificate, purpose: Purpose, at: datetime, *, evidence: bool) -> Chain:
    chosen = any(cert.sha256 == root.sha256 for root in material.roots[purpose])
    unfit = _unfit_to_stamp(cert) if purpose is Purpose.TIME_STAMP else _unfit_to_sign(cert, chosen=chosen)
    if unfit:
        return Chain(unfit)
    path = _path(material, cert, purpose, at)
    if isinstance(path, Problem):
        return Chain(path)
    known = _revocation(material, path, at, _RETIRED if purpose is Purpose.TIME_STAMP and not evidence else ())
    if any(k.status is Status.REVOKED for k in known):
        return Chain(Problem.REVOKED, path)
    missing = evidence and any(k.status is not Status.GOOD for k in known)
    responders = (x509.Certificate.load(k.responder.public_bytes(Encoding.DER)) for k in known if k.responder)
    return Chain(Problem.NO_REVOCATION_EVIDENCE if missing else None, path, tuple(responders))


def _path(
    material: Material, cert: x509.Certificate, purpose: Purpose, at: datetime
) -> tuple[x509.Certificate, ...] | Problem:
    """The valid path from a trusted root to the certificate, or why there is none."""
    if not material.roots[purpose]:
        return Problem.UNKNOWN_ISSUER
    context = ValidationContext(
        trust_manager=SimpleTrustManager.build(trust_roots=material.roots[purpose]),
        other_certs=_authorities(material, purpose),
        moment=at,
        allow_fetching=False,
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        time_tolerance=timedelta(seconds=1),
    )
    validator = CertificateValidator(cert, validation_context=context)
    try:
        path = _at_once(validator.async_validate_path())
    except errors.PathBuildingError:
        return Problem.UNKNOWN_ISSUER
    except (errors.ExpiredError, errors.NotYetValidError, OverflowError):  # the tolerance goes beyond the calendar
        return Problem.OUT_OF_PERIOD
    except errors.ValidationError:
        return Problem.BROKEN
    if not cert.not_valid_before <= at <= cert.not_valid_after:  # which nobody asks of one that is itself trusted
        return Problem.OUT_OF_PERIOD
    return tuple(c for c in path if isinstance(c, x509.Certificate))


def _authorities(material: Material, purpose: Purpose) -> list[x509.Certificate]:
    """The authorities in the file that a root has certified, itself or through others: the rest cannot be on a path.

    Whoever makes a file can let any number of others certify one another, and among them paths are many.
    """
    if purpose not in material.authorities:
        left = [c for c in material.certs if c.ca]
        reached: list[x509.Certificate] = []
        issuers = list(material.roots[purpose])
        while issuers:
            issuer = issuers.pop()
            certified = [c for c in left if c.issuer == issuer.subject and issued_by(issuer, c)]
            left = [c for c in left if c not in certified]
            reached += certified
            issuers += certified
        material.authorities[purpose] = reached
    return material.authorities[purpose]


def _revocation(
    material: Material, path: tuple[x509.Certificate, ...], at: datetime, harmless: Collection[ReasonFlags]
) -> list[Known]:
    """What is known of each certificate below the root; `harmless` are reasons that take nothing from the last one."""
    certs = [load_der_x509_certificate(c.dump()) for c in path]
    last = len(certs) - 1
    return [
        status(certs[n], certs[n - 1], at, material.evidence, harmless=harmless if n == last else ())
        for n in range(1, len(certs))
    ]


def _unfit_to_stamp(cert: x509.Certificate) -> Problem | None:
    """A time-stamp authority's key does nothing but stamp: its extended key usage is that alone, and critical (RFC 3161
    §2.3), its key usage for signatures (RFC 5280 §4.2.1.12), and it is no issuer of certificates."""
    extended = cert.extended_key_usage_value.native if cert.extended_key_usage_value else []
    alone = extended == ["time_stamping"] and "extended_key_usage" in cert.critical_extensions
    return None if alone and _may_sign(cert) and not cert.ca else Problem.WRONG_USE


def _unfit_to_sign(cert: x509.Certificate, *, chosen: bool) -> Problem | None:
    """A person's key signs documents. Without the extensions it may be used for anything (RFC 5280 §4.2.1.3, 4.2.1.12);
    with an extended key usage, one of its purposes must be signing, and we must know that.

    An issuer of certificates is no person, unless the reader has `chosen` to trust that very certificate, and it does
    not say what it is for (one that has certified itself is often made so).
    """
    extended = set(cert.extended_key_usage_value.native) if cert.extended_key_usage_value else _SIGNING
    authority = cert.ca and not (chosen and cert.key_usage_value is None)
    if authority or not _may_sign(cert) or extended & {"time_stamping", "ocsp_signing"} or extended <= _NOT_SIGNING:
        return Problem.WRONG_USE
    return None if extended & _SIGNING else Problem.UNKNOWN_USE


def _may_sign(cert: x509.Certificate) -> bool:
    usage = cert.key_usage_value
    alone_or_more = usage is None or usage.native & {"non_repudiation", "digital_signature"}
    return bool(alone_or_more)


def _at_once(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits; one that tries to wait would be going to the network, and is refused."""
    try:
        work.send(None)
    except StopIteration as done:
        value: _T = done.value
        return value
    work.close()
    raise RuntimeError("a verification tried to wait for something outside the file")
