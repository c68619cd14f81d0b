"""Evidence that a signer's certificate is in good standing: our own issuer's word, or that of whoever issued it."""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from asn1crypto import x509 as asn1
from cryptography import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import CertificateFetchError, InsufficientRevinfoError, PathError, ValidationError
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.fetchers.api import OwnedFetcherBackend

from .backends.work import Credential
from .errors import BackendRefused, BackendUnavailable
from .issuer import Issuer

Standing = Callable[[Credential, datetime], Credential]
"""Adds OCSP answers and lists that hold at a time (aware UTC) to a credential."""

TIMEOUT = 10  # seconds for each request


def issued_by(issuer: Issuer) -> Standing:
    """Certificates of our own issuer: it answers itself."""

    def stand(credential: Credential, now: datetime) -> Credential:
        certificate = x509.load_der_x509_certificate(credential.certificate)
        answers = (issuer.ocsp(certificate, now),)
        return replace(credential, ocsps=answers, crls=(issuer.crl(now), issuer.root_crl(now)))

    return stand


def fetched(timeout: float = TIMEOUT) -> Standing:
    """Certificates of others: the addresses in them are asked, `timeout` seconds each.

    Raises BackendUnavailable `nyckel_onabar` when no evidence is had, BackendRefused `fel_certifikat` for a certificate
    that is revoked, has ended or leads to none of the roots. What is had is judged once more when it goes into a file.
    """
    return partial(_fetched, timeout)


def _fetched(timeout: float, credential: Credential, now: datetime) -> Credential:
    return asyncio.run(_ask(timeout, credential, now))


async def _ask(timeout: float, credential: Credential, now: datetime) -> Credential:
    context = ValidationContext(
        trust_roots=list(map(asn1.Certificate.load, credential.roots)),
        other_certs=list(map(asn1.Certificate.load, credential.chain)),
        allow_fetching=True,
        revocation_mode="hard-fail",
        fetcher_backend=OwnedFetcherBackend(AIOHttpFetcherBackend(per_request_timeout=timeout)),
    )
    try:
        certificate = asn1.Certificate.load(credential.certificate)
        await CertificateValidator(certificate, validation_context=context).async_validate_path()
    except (CertificateFetchError, InsufficientRevinfoError) as error:
        why = type(error).__name__  # what it says in full names the certificate's holder
        raise BackendUnavailable("nyckel_onabar", f"no evidence that the certificate is good ({why})") from error
    except (PathError, ValidationError) as error:
        raise BackendRefused("fel_certifikat", f"the certificate does not hold ({type(error).__name__})") from error
    finally:
        await context.aclose()
    return replace(
        credential,
        ocsps=tuple(each.dump() for each in context.ocsps),
        crls=tuple(each.dump() for each in context.crls),
    )
