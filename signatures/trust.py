"""Whether a certificate leads to a root and is shown not to be revoked, and the store of what shows it (the DSS)."""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from .backends.work import Credential
from .coroutines import finished
from .errors import IssuerUnavailable
from .tsa import Stamping, Timestamper

CLOCKS_DIFFER = timedelta(minutes=5)  # between this machine and whoever answers for the time stamps


@dataclass(frozen=True, slots=True)
class Proof:
    """Paths from roots to the certificates in use, and the evidence (asn1crypto's values) that none is revoked."""

    paths: tuple[ValidationPath, ...]
    ocsps: tuple[Any, ...]
    crls: tuple[Any, ...]


def prove(credential: Credential, stamps: Proof, now: datetime) -> Proof:
    """Proof that a signer's certificate is good at `now`, beside that of the time stamps' own; asks nobody.

    Raises IssuerUnavailable `kedjan_haller_inte`.
    """
    context = judged_at(now, credential.roots, credential.chain, credential.crls, credential.ocsps)
    with translated():
        validator = CertificateValidator(asn1.Certificate.load(credential.certificate), validation_context=context)
        path = finished(validator.async_validate_usage({"non_repudiation"}))
    return Proof(
        paths=(path, *stamps.paths),
        ocsps=_once((*context.ocsps, *stamps.ocsps)),
        crls=_once((*context.crls, *stamps.crls)),
    )


def stamp_context(
    stamping: Stamping, timestamper: Timestamper, now: datetime, crls: tuple[bytes, ...] = ()
) -> ValidationContext:
    """How the time stamps' own certificates are judged at `now`; `crls` are kept beside their own."""
    every = tuple(dict.fromkeys((*stamping.crls, *crls)))
    return judged_at(now, timestamper.roots(), stamping.certificates, every, stamping.ocsps)


def store(writer: Any, proof: Proof) -> None:
    """Add the proof to the document's security store (ETSI EN 319 142-1, 5.4.2); roots a reader has, or does not
    trust."""
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, paths=proof.paths, ocsps=proof.ocsps, crls=proof.crls, embed_roots=False
    )


@contextmanager
def translated() -> Iterator[None]:
    """pyHanko's refusal of a certificate chain is ours to word: what we issue, or what vouches for it, has run out."""
    try:
        yield
    except (PathError, ValidationError, SigningError) as error:
        raise IssuerUnavailable("kedjan_haller_inte", f"a certificate cannot be shown to be good: {error}") from error


def judged_at(
    now: datetime, roots: Iterable[Any], others: Iterable[Any], crls: tuple[bytes, ...], ocsps: tuple[bytes, ...]
) -> ValidationContext:
    """Every proof of good standing at `now`, and no leave to ask anyone."""
    return ValidationContext(
        trust_roots=list(map(_certificate, roots)),
        other_certs=list(map(_certificate, others)),
        moment=now,
        crls=list(map(_parsed_list, crls)),
        ocsps=list(ocsps),
        revocation_mode="require",
        allow_fetching=False,
        time_tolerance=CLOCKS_DIFFER,
    )


def _certificate(given: bytes | asn1.Certificate) -> asn1.Certificate:
    return _parsed(given if isinstance(given, bytes) else given.dump())


@lru_cache(maxsize=64)  # what asn1crypto works out about a certificate, the same few every time, it keeps in the value
def _parsed(certificate: bytes) -> asn1.Certificate:
    return asn1.Certificate.load(certificate)


@lru_cache(maxsize=16)
def _parsed_list(crl: bytes) -> asn1_crl.CertificateList:
    return asn1_crl.CertificateList.load(crl)


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({each.dump(): each for each in values}.values())
