"""A small signed PDF from an authority of its own: something that the judges of signatures can say yes to."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        der = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return asn1_keys.PrivateKeyInfo.load(der)


def root(now: datetime) -> Identity:
    """A self-signed authority."""
    return _identity("Test Root", now, issuer=None, usage=("key_cert_sign", "crl_sign"))


def signed(pdf: bytes, authority: Identity, now: datetime) -> bytes:
    """The PDF with one invisible PAdES B-LT signature: time stamp and CRL inside."""
    signer = _identity("Test Signer", now, issuer=authority, usage=("content_commitment",))
    stamper = _identity(
        "Test TSA", now, issuer=authority, usage=("digital_signature",), purpose=ExtendedKeyUsageOID.TIME_STAMPING
    )
    store = SimpleCertificateStore()
    store.register(authority.asn1)
    context = ValidationContext(
        trust_roots=[authority.asn1], crls=[_crl(authority, now)], other_certs=[signer.asn1, stamper.asn1]
    )
    metadata = PdfSignatureMetadata(
        field_name="Test",
        subfilter=fields.SigSeedSubFilter.PADES,
        validation_context=context,
        embed_validation_info=True,
    )
    output = BytesIO()
    signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)),
        metadata,
        signers.SimpleSigner(signing_cert=signer.asn1, signing_key=signer.asn1_key, cert_registry=store),
        timestamper=DummyTimeStamper(tsa_cert=stamper.asn1, tsa_key=stamper.asn1_key, certs_to_embed=store),
        output=output,
    )
    return output.getvalue()


def _identity(
    name: str,
    now: datetime,
    *,
    issuer: Identity | None,
    usage: tuple[str, ...],
    purpose: x509.ObjectIdentifier | None = None,
) -> Identity:
    stamps = purpose == ExtendedKeyUsageOID.TIME_STAMPING  # pyHanko's little time-stamp authority knows only RSA
    key: Key = rsa.generate_private_key(65537, 3072) if stamps else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 365 * DAY)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_key_usage(usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return Identity(builder.sign((issuer.key if issuer else key), hashes.SHA256()), key)


def _key_usage(allowed: tuple[str, ...]) -> x509.KeyUsage:
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
        " encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: name in allowed for name in every.split()})


def _crl(authority: Identity, now: datetime) -> asn1_crl.CertificateList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - DAY / 24)
        .next_update(now + DAY)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    return asn1_crl.CertificateList.load(builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER))


def now() -> datetime:
    """The moment of the test; the judges of signatures look at the clock too."""
    return datetime.now(UTC).replace(microsecond=0)
