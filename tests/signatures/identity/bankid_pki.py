"""A BankID that is ours alone: its authorities, its people, and what their app and the responder would sign.

Written from the profile and the RFCs, sharing nothing with what it tests.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import core, ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signatures.authority import signed_under, start, usage

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
NONCE = "1.3.6.1.5.5.7.48.1.2"
MOBILE, MOBILE_TEST = "1.2.752.78.1.5", "1.2.3.4.25"
ASA, LARS = "194005202389", "194107129167"
NAMES = {ASA: ("Åsa", "Öberg Łukasiewicz"), LARS: ("Lars", "Ek")}
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
TYPES = "http://www.bankid.com/signature/v1.0.0/types"


@dataclass(frozen=True)
class Holder:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


@cache
def key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def named(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def authority(
    name: str, issuer: Holder | None = None, depth: int | None = None, ends: datetime | None = None
) -> Holder:
    """A root, or the bank's authority under one."""
    secret = key(name)
    subject = named((NameOID.COUNTRY_NAME, "SE"), (NameOID.COMMON_NAME, name))
    above = issuer.certificate.subject if issuer else subject
    signer = issuer.key if issuer else secret
    built = (
        start(subject, above, secret.public_key(), NOW - 5 * YEAR, ends or NOW + 15 * YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(signed_under(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return Holder(secret, built, (issuer.certificate, *issuer.issuers) if issuer else ())


@cache
def root(name: str = "Test BankID Root CA v1") -> Holder:
    return authority(name)


@cache
def bank(name: str = "Testbank A Customer CA1 v1 for BankID", under: str = "Test BankID Root CA v1") -> Holder:
    return authority(name, root(under), 0)


@cache
def person(
    number: str = ASA,
    *,
    issuer: Holder | None = None,
    policy: str = MOBILE_TEST,
    use: str = "content_commitment",
    bits: int = 2048,
    span: tuple[datetime, datetime] = (NOW - timedelta(days=30), NOW + 2 * YEAR),
    weakly: bool = False,
) -> Holder:
    given, surname = NAMES[number]
    subject = named(
        (NameOID.COUNTRY_NAME, "SE"),
        (NameOID.ORGANIZATION_NAME, "Testbank A AB (publ)"),
        (NameOID.SURNAME, surname),
        (NameOID.GIVEN_NAME, given),
        (NameOID.SERIAL_NUMBER, number),
        (NameOID.COMMON_NAME, f"{given} {surname}"),
        (x509.ObjectIdentifier("2.5.4.41"), f"(260115 10.05) {given} {surname} - Mobilt BankID"),
    )
    issuer, secret = issuer or bank(), key(f"person {number}", bits)
    built = (
        start(subject, issuer.certificate.subject, secret.public_key(), *span)
        .add_extension(usage(use), critical=True)
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(policy), None)]), False)
        .add_extension(signed_under(issuer.certificate), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    built = signed_with_sha1(built, issuer.key) if weakly else built
    return Holder(secret, built, (issuer.certificate, *issuer.issuers[:-1]))


def signed_with_sha1(certificate: x509.Certificate, issuer: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same certificate as it would have been signed in 2010; cryptography itself no longer makes any."""
    made = asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    told = asn1.TbsCertificate.load(made["tbs_certificate"].dump())
    told["signature"] = {"algorithm": "sha1_rsa"}
    value = issuer.sign(told.dump(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    whole = {"tbs_certificate": told, "signature_algorithm": {"algorithm": "sha1_rsa"}, "signature_value": value}
    return x509.load_der_x509_certificate(asn1.Certificate(whole).dump())


@cache
def responder(issuer: Holder | None = None, *, authorised: bool = True, bits: int = 2048) -> Holder:
    issuer, secret = issuer or bank(), key("responder", bits)
    subject = named((NameOID.COUNTRY_NAME, "SE"), (NameOID.COMMON_NAME, "Testbank A OCSP Signing"))
    purpose = ExtendedKeyUsageOID.OCSP_SIGNING if authorised else ExtendedKeyUsageOID.CLIENT_AUTH
    built = (
        start(subject, issuer.certificate.subject, secret.public_key(), NOW - 30 * YEAR / 365, NOW + 15 * YEAR)
        .add_extension(usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(signed_under(issuer.certificate), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    return Holder(secret, built, (issuer.certificate,))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Signing:
    """What a person's app signs, and how that differs from what it should; `before` edits what is digested and signed
    (so that the signature holds), `after` what has been signed."""

    visible: str
    non_visible: bytes
    signer: Holder = field(default_factory=person)
    function: str = "Signing"
    marks: str = 'charset="UTF-8" format="simpleMarkdownV1" visible="wysiwys"'
    data_before: Callable[[str], str] = _same
    info_before: Callable[[str], str] = _same
    after: Callable[[str], str] = _same

    def base64(self) -> str:
        return b64(self.xml().encode())

    def xml(self) -> str:
        data = self.data_before(self._data())
        chain = (self.signer.certificate, *self.signer.issuers)
        texts = [b64(each.public_bytes(serialization.Encoding.DER)) for each in chain]
        listed = "".join(f"<X509Certificate>{text}</X509Certificate>" for text in texts)
        keys = f'<KeyInfo xmlns="{DSIG}" Id="bidKeyInfo"><X509Data>{listed}</X509Data></KeyInfo>'
        info = self.info_before(self._info(data, keys))
        value = b64(self.signer.key.sign(info.encode(), padding.PKCS1v15(), hashes.SHA256()))
        return self.after(
            f'<?xml version="1.0" encoding="UTF-8" standalone="no"?><Signature xmlns="{DSIG}">{info}'
            f"<SignatureValue>{value}</SignatureValue>{keys}<Object>{data}</Object></Signature>"
        )

    def _data(self) -> str:
        name = b64(b"cn=Exempelby kommun,serialNumber=2120000000,o=Testbank A AB (publ),c=SE")
        return (
            f'<bankIdSignedData xmlns="{TYPES}" Id="bidSignedData"><usrVisibleData {self.marks}>'
            f"{b64(self.visible.encode())}</usrVisibleData><usrNonVisibleData>{b64(self.non_visible)}"
            f"</usrNonVisibleData><srvInfo><name>{name}</name><nonce>{b64(b'n' * 20)}</nonce><displayName>"
            f"{b64(b'Exempelby kommun')}</displayName></srvInfo><clientInfo><funcId>{self.function}</funcId>"
            f"<version>{b64(b'7.50.0')}</version><env><ai><type>{b64(b'IOS')}</type><deviceInfo>{b64(b'19.0')}"
            f"</deviceInfo><uhi>{b64(b'device')}</uhi><fsib>0</fsib><utb>cs1</utb><requirement><condition><type>"
            f"CertificatePolicies</type><value>{MOBILE_TEST}</value></condition></requirement><uauth>pw</uauth></ai>"
            f"</env></clientInfo></bankIdSignedData>"
        )

    def _info(self, data: str, keys: str) -> str:
        def reference(marks: str, part: str) -> str:
            return (
                f'<Reference {marks}><Transforms><Transform Algorithm="{C14N}"></Transform></Transforms><DigestMethod '
                f'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>'
                f"{b64(hashlib.sha256(part.encode()).digest())}</DigestValue></Reference>"
            )

        over_data = reference(f'Type="{TYPES}" URI="#bidSignedData"', data)
        over_keys = reference('URI="#bidKeyInfo"', keys)
        return (
            f'<SignedInfo xmlns="{DSIG}"><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
            f'<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
            f"{over_data}{over_keys}</SignedInfo>"
        )


class _Extension(core.Sequence):
    """BankID writes out that an extension is not critical, which DER leaves out."""

    _fields = [("extn_id", core.ObjectIdentifier), ("critical", core.Boolean), ("extn_value", core.OctetString)]  # noqa: RUF012


class _Extensions(core.SequenceOf):
    _child_spec = _Extension


class _Told(core.Sequence):
    """RFC 6960's ResponseData; asn1crypto's own takes no nonce that is not an OCTET STRING, and BankID's is none."""

    _fields = [  # noqa: RUF012
        ("responder_id", ocsp.ResponderId),
        ("produced_at", core.GeneralizedTime),
        ("responses", ocsp.Responses),
        ("response_extensions", _Extensions, {"explicit": 1, "optional": True}),
    ]


@dataclass(frozen=True)
class Status:
    """What the responder says of `signer`'s certificate, and how that differs from what it should."""

    signature: str
    signer: Holder = field(default_factory=person)
    about: Holder | None = None
    by: Holder | None = None
    at: datetime = NOW
    status: str = "good"
    this_update: datetime | None = None
    next_update: datetime | None = None
    nonce: Callable[[bytes], bytes | None] = staticmethod(lambda link: link + bytes(12))  # noqa: RUF009
    hashed_with: str = "sha1"
    algorithm: str = "sha256_rsa"
    answers: int = 1
    beside: tuple[Holder, ...] = ()
    broken: bool = False

    def base64(self) -> str:
        return b64(self.der())

    def der(self) -> bytes:
        by = self.by or responder()
        told = self._told(by)
        algorithm = {"sha256_rsa": hashes.SHA256(), "sha1_rsa": hashes.SHA1()}[self.algorithm]  # noqa: S303
        signature = by.key.sign(told.dump(), padding.PKCS1v15(), algorithm)
        if self.broken:
            signature = bytes([signature[0] ^ 1]) + signature[1:]
        basic = {
            "tbs_response_data": told,
            "signature_algorithm": {"algorithm": self.algorithm},
            "signature": signature,
            "certs": [asn1.Certificate.load(each.der) for each in (by, *self.beside)],
        }
        body = {"response_type": "basic_ocsp_response", "response": ocsp.BasicOCSPResponse(basic)}
        return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": body}).dump())

    def _told(self, by: Holder) -> ocsp.ResponseData:
        about = asn1.Certificate.load((self.about or self.signer).der)
        issuer = asn1.Certificate.load(self.signer.issuers[0].public_bytes(serialization.Encoding.DER))
        digest = getattr(hashlib, self.hashed_with)
        value: object = core.Null()
        if self.status == "revoked":
            value = ocsp.RevokedInfo({"revocation_time": self.at - timedelta(hours=1)})
        answer = {
            "cert_id": {
                "hash_algorithm": {"algorithm": self.hashed_with},
                "issuer_name_hash": digest(about.issuer.dump()).digest(),
                "issuer_key_hash": digest(bytes(issuer.public_key["public_key"])).digest(),
                "serial_number": about.serial_number,
            },
            "cert_status": ocsp.CertStatus(self.status, value),
            "this_update": self.this_update or self.at,
        }
        if self.next_update:
            answer["next_update"] = self.next_update
        facts = {
            "responder_id": ocsp.ResponderId("by_name", asn1.Certificate.load(by.der).subject),
            "produced_at": self.at,
            "responses": [answer] * self.answers,
        }
        nonce = self.nonce(hashlib.sha1(self.signature.encode()).digest())  # noqa: S324
        if nonce is not None:
            facts["response_extensions"] = [{"extn_id": NONCE, "critical": False, "extn_value": nonce}]
        return ocsp.ResponseData.load(_Told(facts).dump())
