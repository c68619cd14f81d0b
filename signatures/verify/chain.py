"""One certificate's chain at one moment: does it lead to a trusted root, and was nothing in it revoked?

Path building and validation (RFC 5280) are certvalidator's. Nothing is ever fetched: what is not in the file or in the
given trust does not exist.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.registry import SimpleTrustManager

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
    """Everything a chain may be built and checked with: trusted roots by purpose, and what the file carries."""

    roots: dict[Purpose, list[x509.Certificate]]
    certs: list[x509.Certificate]
    crls: list[crl.CertificateList]
    ocsps: list[ocsp.OCSPResponse]
    known: dict[tuple[bytes, Purpose, datetime, bool], Chain] = field(default_factory=dict)


def parse_pem(data: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM text, none for an empty one; ValueError when it is no PEM."""
    if not data.strip():
        return []
    return [x509.Certificate.load(der) for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]


def embedded(reader: PdfFileReader) -> tuple[list[x509.Certificate], list[crl.CertificateList], list[ocsp.OCSPResponse]]:
    """Certificates, CRLs and OCSP responses of the document security store (ETSI EN 319 142-1 §5.4.2)."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return [], [], []
    crls = [crl.CertificateList.load(_read(r, DecodePurpose.CRL), strict=True) for r in store.crls]
    ocsps = [ocsp.OCSPResponse.load(_read(r, DecodePurpose.OCSP_RESPONSE), strict=True) for r in store.ocsps]
    return list(store.load_certs()), crls, ocsps


def _read(reference: Any, purpose: DecodePurpose) -> bytes:
    data: bytes = reference.get_object().read_data(purpose)
    return data


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
    if not material.roots[purpose]:
        return Chain(Problem.UNKNOWN_ISSUER)
    context = ValidationContext(
        trust_manager=SimpleTrustManager.build(trust_roots=material.roots[purpose]),
        other_certs=material.certs,
        crls=_relevant(material.crls, at),
        ocsps=_about(material.ocsps, {cert.serial_number, *(c.serial_number for c in material.certs if c.ca)}),
        moment=at,
        allow_fetching=False,
        revocation_mode="require" if evidence else "soft-fail",
        retroactive_revinfo=True,
        time_tolerance=timedelta(seconds=1),
    )
    validator = CertificateValidator(cert, validation_context=context)
    try:
        path = _at_once(validator.async_validate_path())
    except errors.PathBuildingError:
        return Chain(Problem.UNKNOWN_ISSUER)
    except errors.RevokedError:
        return Chain(Problem.REVOKED)
    except errors.InsufficientRevinfoError:
        return Chain(Problem.NO_REVOCATION_EVIDENCE)
    except (errors.ExpiredError, errors.NotYetValidError):
        return Chain(Problem.OUT_OF_PERIOD)
    except errors.ValidationError:
        return Chain(Problem.BROKEN)
    return Chain(None, tuple(c for c in path if isinstance(c, x509.Certificate)))


def _relevant(crls: list[crl.CertificateList], at: datetime) -> list[crl.CertificateList]:
    """For each issuer the first list that reaches the moment, and the newest; those between say nothing more.

    A list that ended before the moment cannot speak for it. The newest has every revocation that those before it had.
    """
    by_issuer: dict[bytes, list[crl.CertificateList]] = {}
    for found in crls:
        ends = found["tbs_cert_list"]["next_update"].native
        if ends is not None and ends >= at:
            by_issuer.setdefault(found.issuer.dump(), []).append(found)
    chosen: list[crl.CertificateList] = []
    for lists in by_issuer.values():
        lists.sort(key=lambda c: c["tbs_cert_list"]["this_update"].native)
        chosen += lists[:1] if len(lists) == 1 else [lists[0], lists[-1]]
    return chosen


def _about(answers: list[ocsp.OCSPResponse], serials: set[int]) -> list[ocsp.OCSPResponse]:
    """The OCSP answers that speak of one of these certificates."""
    return [
        answer
        for answer in answers
        if answer["response_status"].native == "successful"
        and any(r["cert_id"]["serial_number"].native in serials for r in answer.response_data["responses"])
    ]


def _fit_for(cert: x509.Certificate, purpose: Purpose) -> bool:
    """Key usage: a person's key may sign, a time-stamp authority's may do nothing but stamp (RFC 3161 §2.3)."""
    if purpose is Purpose.TIME_STAMP:
        extended = cert.extended_key_usage_value
        return extended is not None and extended.native == ["time_stamping"]
    usage = cert.key_usage_value
    return usage is not None and bool(usage.native & {"non_repudiation", "digital_signature"}) and not cert.ca


def _at_once(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits; one that tries to wait would be going to the network, and is refused."""
    try:
        work.send(None)
    except StopIteration as done:
        value: _T = done.value
        return value
    work.close()
    raise RuntimeError("a verification tried to wait for something outside the file")
