"""A small certificate world for the tests: root, issuing CA, time-stamp authority, one-time signers, OCSP and CRL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

type_of_key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def rsa_key(bits: int, label: str) -> rsa.RSAPrivateKey:
    """One key per label and test session: RSA keys are slow to make."""
    assert label
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str, serial: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if serial:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    return x509.Name(parts)


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate with its key and the holder that issued it (itself for a root)."""

    cert: x509.Certificate
    key: type_of_key
    issuer: Holder | None = None

    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.cert.public_bytes(serialization.Encoding.DER))

    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        der = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return asn1_keys.PrivateKeyInfo.load(der)

    def pem(self) -> bytes:
        return self.cert.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a certificate may be used for, and how long."""

    ca: bool = False
    signer: bool = False
    tsa: bool = False
    starts: datetime = NOW - timedelta(days=30)
    ends: datetime = NOW + timedelta(days=3650)
    fetch_from: str | None = None  # where the certificate says that more can be had (AIA, CRL distribution point)


def certify(subject: x509.Name, key: type_of_key, issuer: Holder | None, kind: Kind) -> Holder:
    signing_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.cert.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(kind.starts)
        .not_valid_after(kind.ends)
        .add_extension(x509.BasicConstraints(kind.ca, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(kind), critical=True)
    )
    if issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if kind.tsa:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    for extension in _addresses(kind.fetch_from):
        builder = builder.add_extension(extension, critical=False)
    return Holder(builder.sign(signing_key, hashes.SHA256()), key, issuer)


def _addresses(url: str | None) -> list[x509.ExtensionType]:
    if url is None:
        return []
    place = x509.UniformResourceIdentifier(url)
    methods = (AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS)
    return [
        x509.AuthorityInformationAccess([x509.AccessDescription(method, place) for method in methods]),
        x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]),
    ]


def _usage(kind: Kind) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=kind.tsa,
        content_commitment=kind.signer,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=kind.ca,
        crl_sign=kind.ca,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass(frozen=True, slots=True)
class World:
    """One root of trust with an issuing CA and a time-stamp authority under it."""

    root: Holder
    issuing: Holder
    tsa: Holder

    def signer(self, common_name: str, at: datetime, serial: str | None = None, days: float = 1.0) -> Holder:
        """A one-time certificate, valid from a minute before `at`."""
        kind = Kind(signer=True, starts=at - timedelta(minutes=1), ends=at + timedelta(days=days))
        return certify(name(common_name, serial), ec_key(), self.issuing, kind)

    def crls(self, at: datetime, revoked: tuple[tuple[int, datetime], ...] = ()) -> list[asn1_crl.CertificateList]:
        return [revocation_list(self.root, at, ()), revocation_list(self.issuing, at, revoked)]


def world(label: str, tsa_bits: int = 3072, tsa_days: int = 3650) -> World:
    root = certify(name(f"{label} Root"), ec_key(), None, Kind(ca=True))
    issuing = certify(name(f"{label} Issuing CA"), ec_key(), root, Kind(ca=True))
    kind = Kind(tsa=True, ends=NOW + timedelta(days=tsa_days))
    tsa = certify(name(f"{label} Time-stamp Authority"), rsa_key(tsa_bits, label), root, kind)
    return World(root, issuing, tsa)


def revocation_list(
    issuer: Holder, at: datetime, revoked: tuple[tuple[int, datetime], ...], *critical: x509.ExtensionType
) -> asn1_crl.CertificateList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.cert.subject)
        .last_update(at - timedelta(minutes=5))
        .next_update(at + timedelta(days=7))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    for serial, moment in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment).build()
        builder = builder.add_revoked_certificate(entry)
    for each in critical:
        builder = builder.add_extension(each, critical=True)
    signed = builder.sign(issuer.key, hashes.SHA256())
    return asn1_crl.CertificateList.load(signed.public_bytes(serialization.Encoding.DER))


def status_response(holder: Holder, at: datetime, revoked_at: datetime | None = None) -> asn1_ocsp.OCSPResponse:
    """The issuing CA's own OCSP answer, good for half the certificate's remaining life at most."""
    issuer = holder.issuer
    assert issuer is not None
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=holder.cert,
        issuer=issuer.cert,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
        this_update=at - timedelta(seconds=30),
        next_update=min(at + timedelta(minutes=30), holder.cert.not_valid_after_utc),
        revocation_time=revoked_at,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.cert).certificates([issuer.cert])
    return asn1_ocsp.OCSPResponse.load(
        builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    )


def produced(answer: ocsp.OCSPResponse, key: type_of_key, at: datetime) -> asn1_ocsp.OCSPResponse:
    """The answer as if it had been made then: the one who builds it lets it say the machine's own time."""
    basic = asn1_ocsp.OCSPResponse.load(answer.public_bytes(serialization.Encoding.DER)).basic_ocsp_response
    basic["tbs_response_data"]["produced_at"] = at
    return signed_anew(basic, key)


def signed_anew(basic: asn1_ocsp.BasicOCSPResponse, key: type_of_key) -> asn1_ocsp.OCSPResponse:
    """An answer whose content was altered, signed by the one whose answer it is to be."""
    data, kind = basic["tbs_response_data"].dump(force=True), hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        basic["signature"] = key.sign(data, padding.PKCS1v15(), kind)
    else:
        basic["signature"] = key.sign(data, ec.ECDSA(kind))
    told = {"response_type": "basic_ocsp_response", "response": basic}
    made = asn1_ocsp.OCSPResponse({"response_status": "successful", "response_bytes": told})
    return asn1_ocsp.OCSPResponse.load(made.dump(force=True))
