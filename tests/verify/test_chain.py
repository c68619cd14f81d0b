"""Which certificates may sign and which may stamp, what a revocation takes from them, and how long a search may be."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signatures.verify import Trust, Verdict, verify
from signatures.verify.chain import Chain, Material, Problem, Purpose, chain
from signatures.verify.revocation import Evidence
from tests.attacks.evidence import mesh, special, usage
from tests.attacks.model import Plan
from tests.attacks.pki import NOW, Holder, Kind, certify, ec_key, name, rsa_key
from tests.attacks.plans import stamp

ROOT = certify(name("Norrbro Root"), ec_key(), None, Kind(ca=True))
DAY = timedelta(days=1)
ME = name("Astrid Nyström")
SIGNS, STAMPS = usage("content_commitment"), usage("digital_signature")
DOCUMENT_SIGNING, OWN_PURPOSE = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), x509.ObjectIdentifier("1.2.3.4")


def certificates(*holders: Holder) -> list[asn1_x509.Certificate]:
    return [holder.asn1() for holder in holders]


def judged(
    holder: Holder, purpose: Purpose = Purpose.PERSON, *more: Holder, roots: tuple[Holder, ...] = (ROOT,)
) -> Chain:
    known = {each: certificates(*roots) for each in Purpose}
    material = Material(known, certificates(*more), Evidence([], [], NOW), frozenset())
    return chain(material, holder.asn1(), purpose, NOW, evidence=False)


def purposes(*allowed: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(allowed)


@pytest.mark.parametrize(
    ("extensions", "problem"),
    [
        ((), None),
        ((SIGNS,), None),
        ((STAMPS,), None),
        ((usage("key_encipherment"),), Problem.WRONG_USE),
        ((usage("key_cert_sign", "crl_sign"),), Problem.WRONG_USE),
        ((SIGNS, purposes(Use.EMAIL_PROTECTION)), None),
        ((SIGNS, purposes(Use.CLIENT_AUTH)), None),
        ((SIGNS, purposes(Use.ANY_EXTENDED_KEY_USAGE)), None),
        ((SIGNS, purposes(DOCUMENT_SIGNING)), None),
        ((SIGNS, purposes(Use.SERVER_AUTH)), Problem.WRONG_USE),
        ((SIGNS, purposes(Use.CODE_SIGNING)), Problem.WRONG_USE),
        ((SIGNS, purposes(Use.EMAIL_PROTECTION, Use.TIME_STAMPING)), Problem.WRONG_USE),
        ((SIGNS, purposes(OWN_PURPOSE)), Problem.UNKNOWN_USE),
        ((x509.BasicConstraints(ca=True, path_length=None), SIGNS), Problem.WRONG_USE),
        ((x509.BasicConstraints(ca=True, path_length=None),), Problem.WRONG_USE),
    ],
)
def test_what_a_persons_certificate_is_for(extensions: tuple[x509.ExtensionType, ...], problem: Problem | None) -> None:
    assert judged(special(ME, ROOT, *extensions)).problem is problem


def test_a_certificate_that_the_reader_trusts_for_itself_may_be_one_of_openssl_req() -> None:
    """It says that it is an authority, and not what it is for; it must still be within its time."""
    own = certify(ME, ec_key(), None, Kind(ca=True))
    made = special(ME, Holder(own.cert, own.key), x509.BasicConstraints(ca=True, path_length=None), key=own.key)
    assert judged(made, roots=(made,)).problem is None
    assert judged(own, roots=(own,)).problem is Problem.WRONG_USE
    late = certify(ME, ec_key(), None, Kind(signer=True, starts=NOW + DAY))
    assert judged(late, roots=(late,)).problem is Problem.OUT_OF_PERIOD


@pytest.mark.parametrize(
    ("extensions", "critical", "problem"),
    [
        ((STAMPS, purposes(Use.TIME_STAMPING)), True, None),
        ((purposes(Use.TIME_STAMPING),), True, None),
        ((STAMPS, purposes(Use.TIME_STAMPING)), False, Problem.WRONG_USE),
        ((usage("key_encipherment"), purposes(Use.TIME_STAMPING)), True, Problem.WRONG_USE),
        ((STAMPS, purposes(Use.TIME_STAMPING, Use.EMAIL_PROTECTION)), True, Problem.WRONG_USE),
        ((STAMPS,), True, Problem.WRONG_USE),
        (
            (x509.BasicConstraints(ca=True, path_length=None), STAMPS, purposes(Use.TIME_STAMPING)),
            True,
            Problem.WRONG_USE,
        ),
    ],
)
def test_what_a_time_stamp_units_certificate_is_for(
    extensions: tuple[x509.ExtensionType, ...], critical: bool, problem: Problem | None
) -> None:
    made = special(name("TSA"), ROOT, *extensions, critical=critical)
    assert judged(made, Purpose.TIME_STAMP).problem is problem


def test_authorities_that_certify_one_another_cost_nothing() -> None:
    """Their paths are as many as their orders; none begins at a root."""
    several = mesh(7)
    holder = certify(ME, ec_key(), several[0], Kind(signer=True))
    started = time.process_time()
    assert judged(holder, Purpose.PERSON, *several).problem is Problem.UNKNOWN_ISSUER
    assert time.process_time() - started < 2


def test_an_authority_certified_by_another_is_found() -> None:
    upper = certify(name("Upper CA"), ec_key(), ROOT, Kind(ca=True))
    lower = certify(name("Lower CA"), ec_key(), upper, Kind(ca=True))
    holder = certify(ME, ec_key(), lower, Kind(signer=True))
    assert judged(holder, Purpose.PERSON, lower, upper).problem is None


RETIRED, RENEWED = NOW + 365 * DAY, NOW + 730 * DAY
R = x509.ReasonFlags


def told(unit: Holder, reason: x509.ReasonFlags | None) -> x509.CertificateRevocationList:
    """The list of a day when the unit is retired, which the renewal of a seal puts into the file."""
    assert unit.issuer is not None
    entry = x509.RevokedCertificateBuilder().serial_number(unit.cert.serial_number).revocation_date(RETIRED)
    if reason:
        entry = entry.add_extension(x509.CRLReason(reason), critical=False)
    made = x509.CertificateRevocationListBuilder().issuer_name(unit.issuer.cert.subject)
    made = made.last_update(RENEWED).next_update(RENEWED + 7 * DAY).add_revoked_certificate(entry.build())
    return made.sign(unit.issuer.key, hashes.SHA256())


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        (R.cessation_of_operation, None),
        (R.superseded, None),
        (R.affiliation_changed, None),
        (R.unspecified, None),
        (R.key_compromise, Problem.REVOKED),
        (R.certificate_hold, Problem.REVOKED),
        (None, Problem.REVOKED),
    ],
)
def test_what_a_retired_time_stamp_unit_stamped_stays_good(
    reason: x509.ReasonFlags | None, problem: Problem | None
) -> None:
    """RFC 3161, 4 (1): if the list says that it was only retired; but it stamps no more, and a person is another."""
    unit = certify(name("TSA"), ec_key(), ROOT, Kind(tsa=True))
    person = certify(ME, ec_key(), ROOT, Kind(signer=True))
    for holder, purpose, relied_on in ((unit, Purpose.TIME_STAMP, problem), (person, Purpose.PERSON, Problem.REVOKED)):
        evidence = Evidence([told(holder, reason)], [], RENEWED)
        material = Material({each: certificates(ROOT) for each in Purpose}, [], evidence, frozenset())
        later = [chain(material, holder.asn1(), purpose, RENEWED, evidence=each).problem for each in (False, True)]
        assert later == [relied_on, Problem.REVOKED]


def test_a_seal_is_renewed_after_its_unit_was_retired(plan: Plan, trust: Trust) -> None:
    unit = certify(name("TSA 2"), rsa_key(3072, "two"), plan.world.root, Kind(tsa=True))
    list_of_the_day = told(plan.world.tsa, R.superseded).public_bytes(serialization.Encoding.DER)
    out = io.BytesIO(plan.sealed)
    crls = [asn1_crl.CertificateList.load(list_of_the_day)]
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=[], ocsps=[], crls=crls)
    renewed = stamp(out.getvalue(), replace(plan.world, tsa=unit), RENEWED, "Arkivstampel2")
    assert verify(renewed, trust, None, RENEWED + DAY).verdict is Verdict.VALID
