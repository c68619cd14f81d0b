"""One certificate's chain at one moment: does it lead to a trusted root, and was nothing in it revoked?

Path building and validation (RFC 5280) are certvalidator's; revocation is `revocation.py`'s. Nothing is ever fetched:
what is not in the file or in the given trust does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from asn1crypto import pem, x509
from cryptography.x509 import CertificateRevocationList, load_der_x509_certificate, load_der_x509_crl
from cryptography.x509.ocsp import OCSPResponse, load_der_ocsp_response
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from .objects import entry, items, target
from .revocation import Status, status

_T = TypeVar("_T")


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
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Chain:
    """The outcome; `certs` is the path from the root to the certificate, empty where none was found."""

    problem: Problem | None
    certs: tuple[x509.Certificate, ...] = ()

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
    crls: list[CertificateRevocationList]
    ocsps: list[OCSPResponse]
    stored: frozenset[bytes]
    known: dict[tuple[bytes, Purpose, datetime, bool], Chain] = field(default_factory=dict)


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
                yield read(stream.read_data(purpose))
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
    material says of revocation is heeded. Answers are remembered in the material.
    """
    key = (cert.sha256, purpose, at, evidence)
    if key not in material.known:
        material.known[key] = _judge(material, cert, purpose, at, evidence=evidence)
    return material.known[key]


def _judge(material: Material, cert: x509.Certificate, purpose: Purpose, at: datetime, *, evidence: bool) -> Chain:
    if not _fit_for(cert, purpose):
        return Chain(Problem.WRONG_USE)
    path = _path(material, cert, purpose, at)
    if isinstance(path, Problem):
        return Chain(path)
    known = _revocation(material, path, at)
    if Status.REVOKED in known:
        return Chain(Problem.REVOKED, path)
    missing = evidence and known - {Status.GOOD}
    return Chain(Problem.NO_REVOCATION_EVIDENCE if missing else None, path)


def _path(
    material: Material, cert: x509.Certificate, purpose: Purpose, at: datetime
) -> tuple[x509.Certificate, ...] | Problem:
    """The valid path from a trusted root to the certificate, or why there is none."""
    if not material.roots[purpose]:
        return Problem.UNKNOWN_ISSUER
    context = ValidationContext(
        trust_manager=SimpleTrustManager.build(trust_roots=material.roots[purpose]),
        other_certs=material.certs,
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
    except (errors.ExpiredError, errors.NotYetValidError):
        return Problem.OUT_OF_PERIOD
    except errors.ValidationError:
        return Problem.BROKEN
    return tuple(c for c in path if isinstance(c, x509.Certificate))


def _revocation(material: Material, path: tuple[x509.Certificate, ...], at: datetime) -> set[Status]:
    """What is known of each certificate below the root."""
    certs = [load_der_x509_certificate(c.dump()) for c in path]
    pairs = zip(certs[1:], certs, strict=False)
    return {status(cert, issuer, at, material.crls, material.ocsps) for cert, issuer in pairs}


def _fit_for(cert: x509.Certificate, purpose: Purpose) -> bool:
    """Key usage: a time-stamp authority's key may do nothing but stamp (RFC 3161 §2.3), a person's everything else."""
    extended = cert.extended_key_usage_value.native if cert.extended_key_usage_value else []
    if purpose is Purpose.TIME_STAMP:
        return bool(extended == ["time_stamping"])
    usage = cert.key_usage_value
    signs = usage is not None and bool(usage.native & {"non_repudiation", "digital_signature"})
    return signs and not cert.ca and not {"time_stamping", "ocsp_signing"} & set(extended)


def _at_once(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits; one that tries to wait would be going to the network, and is refused."""
    try:
        work.send(None)
    except StopIteration as done:
        value: _T = done.value
        return value
    work.close()
    raise RuntimeError("a verification tried to wait for something outside the file")
