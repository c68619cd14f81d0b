"""What a revocation list says of one certificate, and whether its silence means anything (RFC 5280, 5.2, 5.3, 6.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cryptography import x509

_Extended = x509.Certificate | x509.CertificateRevocationList | x509.RevokedCertificate
_T = TypeVar("_T", bound=x509.ExtensionType)
_UNDERSTOOD = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)


def usable(crl: x509.CertificateRevocationList) -> bool:
    """Whether the list may be used at all: nothing in it is critical and not understood (RFC 5280, 5.2)."""
    return all(isinstance(each.value, _UNDERSTOOD) for each in crl.extensions if each.critical)


def entry_of(crl: x509.CertificateRevocationList, cert: x509.Certificate) -> x509.RevokedCertificate | None:
    """The certificate's entry, if the list has one that revokes it."""
    found = crl.get_revoked_certificate_by_serial_number(cert.serial_number)
    if found is not None and (_indirect(crl) or _issuer_named(found) is not None):
        found = next((each for each, issuer in _with_issuers(crl) if _is(each, issuer, cert)), None)
    return None if found is None or _lifted(found) else found


def covers(crl: x509.CertificateRevocationList, cert: x509.Certificate) -> bool:
    """Whether silence in the list means that the certificate is not revoked: it is neither a delta nor limited to
    others (RFC 5280, 6.3.3 b 2)."""
    if _value(crl, x509.DeltaCRLIndicator) is not None:
        return False
    point = _value(crl, x509.IssuingDistributionPoint)
    if point is None:
        return True
    authority = _value(cert, x509.BasicConstraints)
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
    pointed = _value(cert, x509.CRLDistributionPoints) or ()
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
    named = _value(entry, x509.CertificateIssuer)
    return None if named is None else next(iter(named.get_values_for_type(x509.DirectoryName)), None)


def _indirect(crl: x509.CertificateRevocationList) -> bool:
    point = _value(crl, x509.IssuingDistributionPoint)
    return point is not None and bool(point.indirect_crl)


def _lifted(entry: x509.RevokedCertificate) -> bool:
    reason = _value(entry, x509.CRLReason)
    return reason is not None and reason.reason is x509.ReasonFlags.remove_from_crl


def _value(holder: _Extended, kind: type[_T]) -> _T | None:
    try:
        return holder.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
