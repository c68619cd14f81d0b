"""The certificates of a local issuer: a root, an issuing authority and, in a test, a time-stamp unit.

Made once, when a workspace is made. The keys are kept as encrypted PEM; the
passphrase is the caller's to derive and keep elsewhere.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .backends import generate_authority_key, generate_key
from .errors import IssuerUnavailable

YEAR = timedelta(days=365)
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
AuthorityKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
ROOT_LIFE, ISSUING_LIFE, TSA_LIFE = 20 * YEAR, 15 * YEAR, 10 * YEAR
BACKDATED = timedelta(minutes=5)  # another machine's clock, the time-stamp server's above all, may be behind ours


@dataclass(frozen=True, slots=True)
class IssuerMaterial:
    """All an issuer consists of, as PEM; keys are encrypted (PKCS#8). `tsa_*` is empty outside a test, and
    `issuing_key` where it lies in a token."""

    test: bool
    root_cert: bytes
    issuing_cert: bytes
    tsa_cert: bytes
    root_key: bytes = field(repr=False)
    issuing_key: bytes = field(repr=False)
    tsa_key: bytes = field(repr=False)


def create_issuer(
    now: datetime,
    common_name: str,
    *,
    test: bool,
    passphrase: bytes,
    token_key: AuthorityKey | None = None,
) -> IssuerMaterial:
    """Make a new issuer named after `common_name` (the municipality, say); `now` is aware UTC.

    `token_key` is an issuing key that lies, and stays, elsewhere (`backends.token.TokenKey`). In a test every
    name it uses is marked TEST, and a time-stamp unit of ten years comes with it.
    """
    organisation = marked(common_name, test=test)
    # Both on a curve: validators have been seen to measure a certificate's own key by its issuer's algorithm.
    root_key, issuing_key = generate_authority_key(), token_key or generate_authority_key()
    root_name = _name(organisation, "rot")
    root = _authority(root_name, root_name, root_key, root_key, (now, ROOT_LIFE, 1))
    issuing_name = _name(organisation, "utfärdare")
    issuing = _authority(issuing_name, root_name, issuing_key, root_key, (now, ISSUING_LIFE, 0))
    tsa_key, tsa = b"", b""
    if test:
        tsa, tsa_key = time_stamp_unit(organisation, root, root_key, passphrase, now)
    return IssuerMaterial(
        test=test,
        root_cert=_pem(root),
        issuing_cert=_pem(issuing),
        tsa_cert=tsa,
        root_key=_pem_key(root_key, passphrase),
        issuing_key=b"" if token_key else _pem_key(issuing_key, passphrase),
        tsa_key=tsa_key,
    )


def open_key(pem: bytes, passphrase: bytes) -> rsa.RSAPrivateKey:
    """A time-stamp unit's key. Raises IssuerUnavailable `fel_losenord` or `trasigt_material`."""
    key = open_authority_key(pem, passphrase)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise IssuerUnavailable("trasigt_material", "the time-stamp unit's key is no RSA key")
    return key


def open_authority_key(pem: bytes, passphrase: bytes) -> AuthorityKey:
    """The root's key, or that which certifies persons: on P-256, or RSA. Raises as `open_key`."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError) as error:
        raise IssuerUnavailable("fel_losenord", "the issuer's keys cannot be opened with this passphrase") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise IssuerUnavailable("trasigt_material", "the issuer's key is neither RSA nor on a NIST curve")
    return key


def marked(name: str, *, test: bool) -> str:
    """`name`, with TEST before it in a test."""
    return f"TEST {name}" if test else name


def start(
    subject: x509.Name, issuer: x509.Name, public_key: PublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    """A certificate with the parts they all share."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def usage(*allowed: str) -> x509.KeyUsage:
    """A key usage extension that allows only what is named."""
    parameters = inspect.signature(x509.KeyUsage).parameters
    return x509.KeyUsage(**{name: name in allowed for name in parameters})


def signed_under(issuer: x509.Certificate | PublicKey) -> x509.AuthorityKeyIdentifier:
    """The authority key identifier that leads to `issuer`."""
    if isinstance(issuer, x509.Certificate):
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer)


def _name(organisation: str, part: str) -> x509.Name:
    # X.520 allows 64 characters for an organisation and a common name.
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation[: 63 - len(part)]} {part}"),
        ]
    )


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: AuthorityKey,
    signer: AuthorityKey,
    span: tuple[datetime, timedelta, int],
) -> x509.Certificate:
    now, life, depth = span
    return (
        start(subject, issuer, key.public_key(), now - BACKDATED, now + life)
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(signed_under(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def issuing_authority(
    root: x509.Certificate, root_key: AuthorityKey, key: AuthorityKey, now: datetime
) -> x509.Certificate:
    """One more issuing authority under `root`, for `key`; its name is its own, so that no list is taken for another's.

    It ends with the root at the latest.
    """
    organisation = str(root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]
    life = min(ISSUING_LIFE, root.not_valid_after_utc - now)
    subject = _name(organisation, f"utfärdare {identifier}")
    return _authority(subject, root.subject, key, root_key, (now, life, 0))


def time_stamp_unit(
    organisation: str, root: x509.Certificate, root_key: AuthorityKey, passphrase: bytes, now: datetime
) -> tuple[bytes, bytes]:
    """A test's time-stamp unit under `root`, as PEM: its certificate and its key, encrypted.

    RFC 3161 2.3: the extended key usage is timeStamping alone, and critical.
    """
    key, subject = generate_key(), _name(organisation, "tidsstämpel")
    made = (
        start(subject, root.subject, key.public_key(), now - BACKDATED, now + TSA_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(signed_under(root), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return _pem(made), _pem_key(key, passphrase)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_key(key: AuthorityKey, passphrase: bytes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )
