"""What a revocation list says of one certificate, and whether its silence means anything (RFC 5280, 5.2, 5.3, 6.3);
and whose lists may be used at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from asn1crypto import core
from cryptography import x509

_Extended = x509.Certificate | x509.CertificateRevocationList | x509.RevokedCertificate
_T = TypeVar("_T", bound=x509.ExtensionType)
_UNDERSTOOD = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)
_EXPIRED_CERTS_ON_CRL = x509.ObjectIdentifier("2.5.29.60")


def usable(crl: x509.CertificateRevocationList) -> bool:
    """Whether the list may be used at all: nothing in it is critical and not understood (RFC 5280, 5.2)."""
    return all(isinstance(each.value, _UNDERSTOOD) for each in crl.extensions if each.critical)


def may_sign_lists(issuer: x509.Certificate) -> bool:
    """Whether a list by this issuer may be used: its key usage, if it has any, allows lists (RFC 5280, 6.3.3 f)."""
    usage = extension(issuer, x509.KeyUsage)
    return usage is None or usage.crl_sign


def entries_of(crl: x509.CertificateRevocationList, cert: x509.Certificate) -> list[x509.RevokedCertificate]:
    """The certificate's entries: one, by the standard, but a list may say more than one thing."""
    if crl.get_revoked_certificate_by_serial_number(cert.serial_number) is None:
        return []
    return [each for each, issuer in _with_issuers(crl) if _is(each, issuer, cert)]


def only_adds(crl: x509.CertificateRevocationList) -> bool:
    """Whether the list tells only what has changed since another (RFC 5280, 5.2.4)."""
    return extension(crl, x509.DeltaCRLIndicator) is not None


def reason_of(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    """Why the entry says that the certificate was revoked; None where it does not say."""
    said = extension(entry, x509.CRLReason)
    return None if said is None else said.reason


def doubted_since(entry: x509.RevokedCertificate) -> datetime | None:
    """Since when the key may have been in other hands, which may be long before the revocation (RFC 5280, 5.3.2)."""
    said = extension(entry, x509.InvalidityDate)
    return None if said is None else said.invalidity_date_utc


def remembers_since(crl: x509.CertificateRevocationList) -> datetime | None:
    """The day on and after which certificates that end are kept in the list (ITU-T X.509, expiredCertsOnCRL)."""
    said = next((e.value for e in crl.extensions if e.oid == _EXPIRED_CERTS_ON_CRL), None)
    if not isinstance(said, x509.UnrecognizedExtension):
        return None
    day: datetime = core.GeneralizedTime.load(said.value, strict=True).native
    return day


def covers(crl: x509.CertificateRevocationList, cert: x509.Certificate) -> bool:
    """Whether silence in the list means that the certificate is not revoked: it is neither a delta nor limited to
    others (RFC 5280, 6.3.3 b 2)."""
    if only_adds(crl):
        return False
    point = extension(crl, x509.IssuingDistributionPoint)
    if point is None:
        return True
    authority = extension(cert, x509.BasicConstraints)
    is_authority = authority is not None and authority.ca
    of_kind = not (point.only_contains_user_certs and is_authority) and (
        is_authority or not point.only_contains_ca_certs
    )
    whole = not point.only_contains_attribute_certs and point.only_some_reasons is None
    return bool(of_kind and whole and _of_its_place(point, cert))


def _of_its_place(point: x509.IssuingDistributionPoint, cert: x509.Certificate) -> bool:
    """Whether a list that names the place it is had from is the one that the certificate points at."""
    if point.relative_name is not None:
        return False
    if point.full_name is None:
        return True
    pointed = extension(cert, x509.CRLDistributionPoints) or ()
    return any(name in point.full_name for each in pointed for name in each.full_name or ())


def _is(entry: x509.RevokedCertificate, issuer: x509.Name, cert: x509.Certificate) -> bool:
    return entry.serial_number == cert.serial_number and issuer == cert.issuer


def _with_issuers(crl: x509.CertificateRevocationList) -> Iterator[tuple[x509.RevokedCertificate, x509.Name]]:
    """Each entry with the issuer of the certificate it is about, which holds until another is named (5.3.3)."""
    issuer = crl.issuer
    for each in crl:
        issuer = _issuer_named(each) or issuer
        yield each, issuer


def _issuer_named(entry: x509.RevokedCertificate) -> x509.Name | None:
    named = extension(entry, x509.CertificateIssuer)
    return None if named is None else next(iter(named.get_values_for_type(x509.DirectoryName)), None)


def extension(holder: _Extended, kind: type[_T]) -> _T | None:
    """What the one extension of this kind says; None where there is none."""
    try:
        return holder.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
