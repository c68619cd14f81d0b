"""What a revocation list says of one certificate, and whether its silence means anything (RFC 5280, 5.2, 5.3, 6.3);
who signed it, and whether it may be used at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from asn1crypto import core
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

_Extended = x509.Certificate | x509.CertificateRevocationList | x509.RevokedCertificate
_T = TypeVar("_T", bound=x509.ExtensionType)
UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What reading a stranger's certificate, list or answer raises."""
BROKEN_HASHES = (hashes.SHA1, hashes.MD5)
_EDWARDS = ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
_UNDERSTOOD = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)
_UNDERSTOOD_OF_ENTRIES = (x509.CRLReason, x509.InvalidityDate, x509.CertificateIssuer)
_CRITICAL = b"\x01\x01\xff"  # as DER writes it of an extension (X.690, 11.1)
_EXPIRED_CERTS_ON_CRL = x509.ObjectIdentifier("2.5.29.60")


def list_signed_by(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether the list is signed with this certificate's key; also by a broken hash, which is `usable`'s question."""
    try:
        algorithm, key = crl.signature_hash_algorithm, issuer.public_key()
        if isinstance(algorithm, BROKEN_HASHES):
            pad = crl.signature_algorithm_parameters
            return verified(issuer, crl.signature, crl.tbs_certlist_bytes, algorithm, pad)
        return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | _EDWARDS) and crl.is_signature_valid(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def verified(
    signer: x509.Certificate, signature: bytes, data: bytes, algorithm: hashes.HashAlgorithm | None, pad: object
) -> bool:
    """Whether the signature over the data is by this certificate's key; `pad` is RSA's."""
    key = signer.public_key()
    try:
        if isinstance(key, _EDWARDS):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm and isinstance(pad, padding.AsymmetricPadding):
            key.verify(signature, data, pad, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm:
            key.verify(signature, data, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def usable(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether the issuer's list may be used: nothing critical in it or in any of its entries is not understood (RFC
    5280, 5.2, 5.3), its hash was never broken, and the issuer's key usage, if it has any, allows lists (6.3.3 f)."""
    usage = extension(issuer, x509.KeyUsage)
    strong = not isinstance(crl.signature_hash_algorithm, BROKEN_HASHES)
    return strong and (usage is None or usage.crl_sign) and _understood(crl)


def _understood(crl: x509.CertificateRevocationList) -> bool:
    critical = [each.value for each in crl.extensions if each.critical]
    if not all(isinstance(each, _UNDERSTOOD) for each in critical):
        return False
    if crl.tbs_certlist_bytes.count(_CRITICAL) == len(critical):
        return True  # none in the entries, and those may be many
    return all(isinstance(e.value, _UNDERSTOOD_OF_ENTRIES) for each in crl for e in each.extensions if e.critical)


def names(crl: x509.CertificateRevocationList, cert: x509.Certificate) -> bool:
    """Whether the number of the certificate stands in the list, whatever the list says of it."""
    return crl.get_revoked_certificate_by_serial_number(cert.serial_number) is not None


def entries_of(crl: x509.CertificateRevocationList, cert: x509.Certificate) -> list[x509.RevokedCertificate]:
    """The certificate's entries: one, by the standard, but a list may say more than one thing."""
    if not names(crl, cert):
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
