"""Algorithms end on a day: what is proven to be older than that stays good, and everything else does not.

EU DSS is asked where it can be shown: about an algorithm whose end lies before its table's own day (RSA below 1900
bits, 2019-10-01), since of later ends it only warns.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signatures.verify import Expected, ExpectedSignature, Trust, Weakened, verify
from signatures.verify.chain import Chain
from signatures.verify.cms import token
from signatures.verify.etsi import indication
from signatures.verify.opening import open_pdf
from signatures.verify.proof import Link
from signatures.verify.strength import HASHES, KEYS, NEVER, concerns, end_of, in_link, is_known
from tests.attacks.evidence import special
from tests.attacks.fixtures import good_plan
from tests.attacks.others import dss
from tests.attacks.pki import NOW, Holder, Kind, World, certify, ec_key, name, rsa_key
from tests.attacks.plans import PEOPLE, Signing, stages, stamp
from tests.plugins.judge_process import Judge

DAY, YEAR = timedelta(days=1), timedelta(days=365)
THEN = datetime(2019, 3, 4, 10, 0, tzinfo=UTC)
END = datetime(2019, 10, 1, tzinfo=UTC)  # of RSA below 1900 bits


@cache
def old_world(bits: int) -> World:
    """A world of 2019 whose time-stamp authority has a key of so many bits, and a certificate for twenty years."""
    kind = Kind(ca=True, starts=THEN - 30 * DAY, ends=THEN + 25 * YEAR)
    root = certify(name("Norrbro Root 2019"), ec_key(), None, kind)
    issuing = certify(name("Norrbro Issuing CA 2019"), ec_key(), root, kind)
    return World(root, issuing, authority(root, bits, THEN))


def authority(root: Holder, bits: int, at: datetime) -> Holder:
    kind = Kind(tsa=True, starts=at - 2 * DAY, ends=at + 20 * YEAR)
    return certify(name(f"Norrbro Time-stamp Authority {bits}"), rsa_key(bits, "old"), root, kind)


@cache
def world() -> World:
    return old_world(1536)


@cache
def sealed() -> bytes:
    return stages(Signing(world(), at=THEN))[-1].pdf


@cache
def renewed(at: datetime) -> bytes:
    better = replace(world(), tsa=authority(world().root, 3072, at))
    return stamp(sealed(), better, at, "Arkivstampel2")


def trust(*weakened: Weakened) -> Trust:
    pem = world().root.pem()
    return Trust(pem, pem, weakened)


def said(pdf: bytes, at: datetime, *weakened: Weakened) -> tuple[str, str, datetime | None]:
    report = verify(pdf, trust(*weakened), None, at)
    return str(report.verdict), report.rule(next(r.id for r in report.rules if r.id == "R10")).reason, until(report)


def until(report: object) -> datetime | None:
    return report.checkable_until  # type: ignore[attr-defined,no-any-return]


IN_TIME, TOO_LATE = END - 60 * DAY, END + 60 * DAY
JOURNEYS = [
    ("as it was sealed", sealed, END - DAY, "valid", "passed"),
    ("never renewed", sealed, END + DAY, "indeterminate", "weak"),
    ("renewed in time", lambda: renewed(IN_TIME), END + 5 * YEAR, "valid", "passed"),
    ("renewed too late", lambda: renewed(TOO_LATE), END + 5 * YEAR, "indeterminate", "weak"),
]


@pytest.mark.parametrize(("pdf", "at", "verdict", "reason"), [j[1:] for j in JOURNEYS], ids=[j[0] for j in JOURNEYS])
def test_an_algorithm_that_ends(pdf, at: datetime, verdict: str, reason: str, judge: Judge) -> None:
    assert said(pdf(), at)[:2] == (verdict, reason)
    if at > END:
        assert dss(judge, pdf(), world().root.pem(), at) == verdict


def test_it_is_said_in_the_standards_words() -> None:
    root = good_plan().world.root.pem()
    fallen = Trust(root, root, (Weakened("SHA256", NOW + DAY),))
    report = verify(good_plan().sealed, fallen, None, NOW + 2 * DAY)
    assert indication(report) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")


def test_the_last_stamps_algorithm_sets_until_when_it_can_be_checked() -> None:
    assert said(sealed(), THEN + DAY)[2] == END
    assert said(renewed(IN_TIME), END)[2] == (IN_TIME + 20 * YEAR)
    report = verify(sealed(), trust(), None, END - DAY)
    assert (report.rules[11].verdict, "2019-10-01" in report.rules[11].text_sv) == ("passed", True)


def test_one_that_had_ended_when_it_was_used_is_broken() -> None:
    weak = Weakened("RSA-1536", THEN - DAY)
    assert said(sealed(), THEN + DAY, weak)[:2] == ("invalid", "broken")


@pytest.fixture(scope="module")
def record() -> Expected:
    signed = tuple(ExpectedSignature(field=role, role=role, name=person) for role, person in PEOPLE)
    return Expected(hashlib.sha256(good_plan().at["base"]).hexdigest(), signed)


@pytest.mark.parametrize("algorithm", ["SHA256", "sha-256", "RSA-3072", "RSA", "PKCS1-v1_5"])
def test_one_that_falls_makes_what_rests_on_it_end(algorithm: str, record: Expected) -> None:
    root, fallen = good_plan().world.root.pem(), NOW + YEAR
    heeding = Trust(root, root, (Weakened(algorithm, fallen),))
    before, after = (verify(good_plan().sealed, heeding, record, fallen + d) for d in (-DAY, DAY))
    assert (before.verdict, before.checkable_until) == ("valid", fallen)
    assert (after.verdict, after.rules[9].reason) == ("indeterminate", "weak")
    assert verify(good_plan().sealed, replace(heeding, weakened=()), record, fallen + DAY).verdict == "valid"


def test_one_that_nothing_uses_changes_nothing(record: Expected) -> None:
    root = good_plan().world.root.pem()
    heeding = Trust(root, root, (Weakened("RSA-2048", NOW), Weakened("EC-224", NOW), Weakened("SHA512", NOW)))
    plain, heeded = (verify(good_plan().sealed, t, record, NOW + DAY) for t in (replace(heeding, weakened=()), heeding))
    assert (heeded.verdict, heeded.checkable_until) == ("valid", plain.checkable_until)


@pytest.mark.parametrize(
    ("what", "end"),
    [
        ("SHA256", None),
        ("SHA1", datetime(2012, 8, 1, tzinfo=UTC)),
        ("SHA224", datetime(2029, 1, 1, tzinfo=UTC)),
        ("RSA-1024", datetime(2019, 10, 1, tzinfo=UTC)),
        ("RSA-2048", datetime(2029, 1, 1, tzinfo=UTC)),
        ("RSA-2999", datetime(2029, 1, 1, tzinfo=UTC)),
        ("RSA-3000", None),
        ("EC-256", None),
        ("EC-224", datetime(2021, 10, 1, tzinfo=UTC)),
        ("ED25519", None),
        ("TIGER", NEVER),
        ("RSA", NEVER),
        ("GOST-512", NEVER),
    ],
)
def test_the_table(what: str, end: datetime | None) -> None:
    assert end_of(what) == end


def test_what_a_setting_may_name() -> None:
    assert all(is_known(name) for name in (*HASHES, *KEYS, "sha-256", "SHA3_256", "RSA-3072", "EC-256", "PKCS1-v1_5"))
    assert not any(is_known(name) for name in ("", "SHA", "3072", "ROT13", "RSA3072"))
    assert concerns("RSA-3072", "RSA-2048")
    assert not concerns("RSA-3072", "RSA-4096")
    assert not concerns("SHA256", "SHA3-256")
    assert not concerns("RSA", "EC-256")


def test_a_chain_rests_on_the_responder_who_alone_says_that_it_holds() -> None:
    """On its key, and on the algorithm that its own certificate is signed with."""
    authority = special(name("Svarsutgivare"), world().root, key=ec.generate_private_key(ec.SECP521R1()))
    responder = special(name("Svar"), authority, key=rsa_key(1024, "responder")).cert
    signed = x509.CertificateBuilder(
        responder.issuer, responder.subject, responder.public_key(), 7, NOW, NOW + DAY
    ).sign(authority.key, hashes.SHA384())
    answers = asn1_x509.Certificate.load(signed.public_bytes(Encoding.DER))
    made = token(open_pdf(good_plan().sealed).stamps[0].signed_data)
    alone, told = Chain(None), Chain(None, responders=(answers,))
    rests = {*in_link(Link("Arkivstampel1", made, told, alone))} - {*in_link(Link("Arkivstampel1", made, alone, alone))}
    assert rests == {"SHA384", "RSA-1024"}
