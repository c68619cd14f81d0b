"""Attacks by what vouches for a signer: forgotten revocations, weak responders, strangers' stamps, odd certificates."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signatures.verify import RuleId

from .model import Attack, Plan, hole_of
from .pki import NOW, Holder, Kind, certify, ec_key, name, produced, revocation_list, rsa_key
from .plans import PEOPLE, Signing, sign, stages, stamp

NAME = PEOPLE[0][1]
ENDED, AFTER = NOW + timedelta(minutes=10), NOW + timedelta(minutes=20)
SHORT = Kind(signer=True, starts=NOW - timedelta(days=1), ends=ENDED)


@dataclass(frozen=True, slots=True)
class Store:
    """What an attacker puts into the security store."""

    certs: Iterable[x509.Certificate] = ()
    lists: tuple[asn1_crl.CertificateList, ...] = ()
    answers: tuple[asn1_ocsp.OCSPResponse, ...] = ()


def special(
    subject: x509.Name, issuer: Holder, *more: x509.ExtensionType, key: object = None, critical: bool = True
) -> Holder:
    """A certificate with these extensions and no others."""
    own = key or ec_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.cert.subject)
        .public_key(own.public_key())  # type: ignore[attr-defined]
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=3650))
    )
    for each in more:
        builder = builder.add_extension(each, critical=critical)
    return Holder(builder.sign(issuer.key, hashes.SHA256()), own, issuer)  # type: ignore[arg-type]


def usage(*allowed: str) -> x509.KeyUsage:
    """What a key may do, by cryptography's names."""
    kinds = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign"
    names = (*kinds.split(), "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{each: each in allowed for each in names})


def _signed_by(plan: Plan, holder: Holder, store: Store) -> bytes:
    """The first person's signature, with the attacker's store."""
    signed = sign(plan.at["base"], Signing(plan.world, careless=True), "brukare", holder, NOW)
    return _stored(signed, store)


def _stored(pdf: bytes, store: Store) -> bytes:
    out = io.BytesIO(pdf)
    certs = [asn1_x509.Certificate.load(c.public_bytes(serialization.Encoding.DER)) for c in store.certs]
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=certs, ocsps=store.answers, crls=store.lists)
    return out.getvalue()


def _finished(plan: Plan, first: bytes) -> bytes:
    """The others sign, and the archive seals after everything."""
    signing = Signing(plan.world, people=PEOPLE[1:], at=NOW + timedelta(minutes=5))
    return stamp(stages(signing, first, seal=False)[-1].pdf, plan.world, AFTER + timedelta(minutes=5))


def good_answer(holder: Holder, responder: Holder) -> asn1_ocsp.OCSPResponse:
    """The responder's answer, made after the certificate's end, that it is good."""
    assert holder.issuer is not None
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=holder.cert,
        issuer=holder.issuer.cert,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=AFTER,
        next_update=AFTER + timedelta(minutes=30),
        revocation_time=None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.cert).certificates([responder.cert])
    return produced(builder.sign(responder.key, hashes.SHA256()), responder.key, AFTER)


def silent_list(issuer: Holder) -> asn1_crl.CertificateList:
    """The issuer's list, made after the certificate's end, in which nobody is revoked."""
    return revocation_list(issuer, AFTER, ())


def _authority(plan: Plan) -> Holder:
    return certify(name("Norrbro Issuing CA II"), ec_key(), plan.world.root, Kind(ca=True))


def forgotten_by_list(plan: Plan) -> bytes:
    """The certificate was revoked before it signed; the only list is made after its end, when it no longer says so."""
    authority = _authority(plan)
    holder = certify(name(NAME), ec_key(), authority, SHORT)
    return _finished(plan, _signed_by(plan, holder, Store([authority.cert], (silent_list(authority),))))


def forgotten_by_responder(plan: Plan) -> bytes:
    """As `forgotten_by_list`, with an OCSP answer."""
    authority = _authority(plan)
    holder = certify(name(NAME), ec_key(), authority, SHORT)
    store = Store([authority.cert], answers=(good_answer(holder, authority),))
    return _finished(plan, _signed_by(plan, holder, store))


def weak_responder(plan: Plan) -> bytes:
    """A responder whose key anyone can make out says alone that the signer's certificate is good."""
    authority = _authority(plan)
    answers_only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    responder = special(name("Svar"), authority, answers_only, key=rsa_key(1024, "responder"))
    holder = certify(name(NAME), ec_key(), authority, Kind(signer=True, ends=NOW + timedelta(days=1)))
    store = Store([authority.cert], answers=(good_answer(holder, responder),))
    return _finished(plan, _signed_by(plan, holder, store))


def list_by_one_who_may_not(plan: Plan) -> bytes:
    """The only list is by an authority whose key is not meant for lists."""
    may = (x509.BasicConstraints(ca=True, path_length=None), usage("key_cert_sign"))
    authority = special(name("Norrbro Issuing CA III"), plan.world.root, *may)
    holder = certify(name(NAME), ec_key(), authority, Kind(signer=True, ends=NOW + timedelta(days=1)))
    return _finished(plan, _signed_by(plan, holder, Store([authority.cert], (silent_list(authority),))))


def revoked_in_a_list_nobody_may_use(plan: Plan) -> bytes:
    """Beside good evidence lies the issuer's own list, in which the signer is revoked since before it signed; by a
    critical extension that nobody knows it may not be used."""
    holder, before = plan.world.signer(NAME, NOW), NOW - timedelta(hours=1)
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    told = revocation_list(plan.world.issuing, NOW, ((holder.cert.serial_number, before),), odd)
    return _finished(
        plan, _stored(sign(plan.at["base"], Signing(plan.world), "brukare", holder, NOW), Store((), (told,)))
    )


def revoked_by_a_responder_beside_its_answer(plan: Plan) -> bytes:
    """Beside good evidence lies the answer of the issuer's own responder, by which the signer is revoked since before
    it signed; the responder's certificate does not lie in it but in the security store."""
    holder, issuing, before = plan.world.signer(NAME, NOW), plan.world.issuing, NOW - timedelta(hours=1)
    responder = special(name("Svar"), issuing, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]))
    told = ocsp.OCSPResponseBuilder().add_response(
        cert=holder.cert,
        issuer=issuing.cert,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED,
        this_update=NOW,
        next_update=NOW + timedelta(days=1),
        revocation_time=before,
        revocation_reason=None,
    )
    made = told.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.cert).sign(responder.key, hashes.SHA256())
    store = Store([responder.cert], answers=(produced(made, responder.key, NOW),))
    return _finished(plan, _stored(sign(plan.at["base"], Signing(plan.world), "brukare", holder, NOW), store))


def servers_certificate(plan: Plan) -> bytes:
    """The certificate is good, but for a web server."""
    for_a_server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    holder = special(name(NAME), plan.world.issuing, usage("digital_signature"), for_a_server)
    return _finished(plan, _signed_by(plan, holder, Store()))


def two_numbers(plan: Plan) -> bytes:
    """The certificate states two identifiers: whose is it?"""
    numbers = [x509.NameAttribute(NameOID.SERIAL_NUMBER, each) for each in ("REF-OLD", "REF-NEW")]
    holder = special(x509.Name([*name(NAME), *numbers]), plan.world.issuing, usage("content_commitment"))
    return _finished(plan, _signed_by(plan, holder, Store()))


def second_time_stamp(plan: Plan) -> bytes:
    """Beside its own time stamp the signature has one of a stranger's, who says that it was made before."""
    signed = _stored(plan.at["brukare"], Store([plan.other.root.cert]))
    start, end = hole_of(signed, 0)
    value = cms.ContentInfo.load(bytes.fromhex(signed[start:end].decode("ascii")))
    info = value["content"]["signer_infos"][0]
    other, nothing_more = plan.other.tsa, SimpleCertificateStore()  # or it would not fit in
    before = NOW - timedelta(minutes=1)
    stranger = DummyTimeStamper(other.asn1(), other.asn1_key(), certs_to_embed=nothing_more, fixed_dt=before)
    token = asyncio.run(stranger.async_timestamp(hashlib.sha256(info["signature"].native).digest(), "sha256"))
    info["unsigned_attrs"][0]["values"].append(cms.ContentInfo.load(token.dump()))
    digits = value.dump(force=True).hex().upper().encode("ascii")
    return _finished(plan, signed[:start] + digits.ljust(end - start, b"0") + signed[end:])


def many_that_certify_each_other(plan: Plan) -> bytes:
    """Four authorities of one name that nobody trusts certify one another: paths without end, and none from a root."""
    several = mesh(4)
    holder = certify(name(NAME), ec_key(), several[0], Kind(signer=True, ends=NOW + timedelta(days=1)))
    return _finished(plan, _signed_by(plan, holder, Store([each.cert for each in several])))


def mesh(keys: int) -> list[Holder]:
    """So many keys of one name, each certified by every other."""
    own = [certify(name("Mesh CA"), ec_key(), None, Kind(ca=True)) for _ in range(keys)]
    may = (x509.BasicConstraints(ca=True, path_length=None), usage("key_cert_sign"))
    return [special(name("Mesh CA"), by, *may, key=each.key) for each in own for by in own if each is not by]


Make = Callable[[Plan], bytes]


def _unclear(make: Make, rule: RuleId, reason: str) -> Attack:
    return Attack(make.__name__, make, rule, reason, known="indeterminate", alone="indeterminate")


ATTACKS: tuple[Attack, ...] = (
    _unclear(forgotten_by_list, RuleId.TRUST, "no_revocation_evidence"),
    _unclear(forgotten_by_responder, RuleId.TRUST, "no_revocation_evidence"),
    _unclear(list_by_one_who_may_not, RuleId.TRUST, "no_revocation_evidence"),
    _unclear(revoked_in_a_list_nobody_may_use, RuleId.TRUST, "no_revocation_evidence"),
    Attack(
        "revoked_by_a_responder_beside_its_answer", revoked_by_a_responder_beside_its_answer, RuleId.TRUST, "revoked"
    ),
    _unclear(many_that_certify_each_other, RuleId.TRUST, "unknown_issuer"),
    _unclear(second_time_stamp, RuleId.TIMES, "unknown_issuer"),
    _unclear(two_numbers, RuleId.IDENTITY, "several_identities"),
    Attack("servers_certificate", servers_certificate, RuleId.TRUST, "wrong_use"),
    Attack("weak_responder", weak_responder, RuleId.ALGORITHMS, "broken"),
)
