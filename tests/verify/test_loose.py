"""What of a signature nobody has signed: whose it is must be signed, and the rest have the form that CMS gives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from signatures import der
from signatures.verify import RuleId, Trust, Verdict, to_text, verify
from signatures.verify.issued import issued_by, may_have_issued
from tests.attacks import unsigned
from tests.attacks.fixtures import made
from tests.attacks.model import Attack, Plan, hole_of
from tests.attacks.pki import NOW, Kind, certify, ec_key, name
from tests.attacks.plans import Signing, sign, stamp
from tests.attacks.unsigned import Nameless, Node, edited, node

LATER = NOW + timedelta(hours=1)
SEALED = NOW + timedelta(minutes=15)


def judged(pdf: bytes, trust: Trust) -> tuple[str, str, str]:
    report = verify(pdf, trust, None, LATER)
    rule = report.rule(RuleId.SIGNATURES)
    return report.verdict, rule.verdict, rule.reason


def indefinite(value: Node, depth: int) -> bytes:
    """The value with no lengths in its outer layers, as BouncyCastle writes it: everything around what is signed."""
    if not depth or isinstance(value.inside, bytes):
        return bytes(value)
    return bytes([value.tag, 0x80]) + b"".join(indefinite(part, depth - 1) for part in value.inside) + b"\0\0"


@pytest.mark.parametrize("depth", [1, 4])
def test_lengths_left_open_are_read(depth: int, plan: Plan, trust: Trust) -> None:
    pdf = plan.at["enhetschef"]
    start, end = hole_of(pdf, 2)
    value, _ = node(bytes.fromhex(pdf[start:end].decode()))
    digits = indefinite(value, depth).hex().upper().encode()
    open_ended = pdf[:start] + digits.ljust(end - start, b"0") + pdf[end:]
    assert judged(stamp(open_ended, plan.world, SEALED), trust) == ("valid", "passed", "passed")


def in_pieces(signed_data: Node) -> None:
    """The signature's octets in two parts, as BER allows and few write."""
    info = signed_data[4][0]
    value = info[5].inside
    assert isinstance(info.inside, list)
    assert isinstance(value, bytes)
    info.inside[5] = Node(0x24, [Node(0x04, value[:20]), Node(0x04, value[20:])])


def test_another_encoding_is_no_proof_of_change(plan: Plan, trust: Trust) -> None:
    pdf = edited(plan.at["enhetschef"], 2, in_pieces)
    assert judged(stamp(pdf, plan.world, SEALED), trust) == ("indeterminate", "not_checked", "not_der")


def with_list(plan: Plan) -> Callable[[Node], None]:
    """A revocation list inside, which CMS allows (RFC 5652 §5.1)."""
    crl = plan.world.crls(NOW)[0].dump()

    def edit(signed_data: Node) -> None:
        assert isinstance(signed_data.inside, list)
        signed_data.inside.insert(4, Node(0xA1, [node(crl)[0]]))

    return edit


def with_two_digests(_: Plan) -> Callable[[Node], None]:
    return lambda signed_data: signed_data[1].add(der.sequence(bytes.fromhex("0609608648016503040203")))


def with_a_certificate_twice(_: Plan) -> Callable[[Node], None]:
    return lambda signed_data: signed_data[3].add(bytes(signed_data[3][0]))


def with_another_attribute(_: Plan) -> Callable[[Node], None]:
    attribute = der.sequence(bytes.fromhex("06032a0304"), der.tlv(der.SET, der.NULL))
    return lambda signed_data: signed_data[4][0][6].add(attribute)


@pytest.mark.parametrize("more", [with_list, with_two_digests, with_a_certificate_twice, with_another_attribute])
def test_what_cms_allows_and_nobody_has_signed_is_no_proof_of_change(
    more: Callable[[Plan], Callable[[Node], None]], plan: Plan, trust: Trust
) -> None:
    pdf = edited(plan.at["brukare"], 0, more(plan))
    assert judged(stamp(pdf, plan.world, SEALED), trust) == ("indeterminate", "not_checked", "unsigned_part")


def without_null(signed_data: Node) -> None:
    assert isinstance(signed_data[1][0].inside, list)
    del signed_data[1][0].inside[1:]


def rsas_other_name(signed_data: Node) -> None:
    signed_data[4][0][4].inside = [node(der.SHA256_WITH_RSA)[0], Node(0x05, b"")]


def other_order(signed_data: Node) -> None:
    assert isinstance(signed_data[3].inside, list)
    signed_data[3].inside.reverse()


@pytest.mark.parametrize("edit", [without_null, rsas_other_name, other_order])
def test_what_the_standard_leaves_to_the_writer_is_left(edit: Callable[[Node], None], plan: Plan, trust: Trust) -> None:
    pdf = edited(plan.sealed, -1, edit)
    assert pdf != plan.sealed
    assert judged(pdf, trust) == ("valid", "passed", "passed")


def version(signed_data: Node) -> None:
    signed_data[0].inside = b"\x04"


def version_of_signer(signed_data: Node) -> None:
    signed_data[4][0][0].inside = b"\x03"


def parameters_of_signature(signed_data: Node) -> None:
    signed_data[4][0][4].inside = [signed_data[4][0][4][0], Node(0x04, b"Ingen dusch")]


def something_after_the_signature(signed_data: Node) -> None:
    signed_data[4][0].add(der.tlv(0xA1, b""))


def name_in_capitals(signed_data: Node) -> None:
    """Whose certificate it is, written otherwise: names compare without case."""
    for part in signed_data[4][0][1][0].inside:
        assert isinstance(part, Node)
        text = part[0][1]
        assert isinstance(text.inside, bytes)
        text.inside = text.inside.upper()


@pytest.mark.parametrize(
    "edit", [version, version_of_signer, parameters_of_signature, something_after_the_signature, name_in_capitals]
)
def test_every_other_form_is_wrong(edit: Callable[[Node], None], plan: Plan, trust: Trust) -> None:
    assert verify(edited(plan.sealed, -1, edit), trust, None, LATER).verdict is Verdict.INVALID


def test_a_signature_that_does_not_name_its_certificate_has_no_level(plan: Plan, trust: Trust) -> None:
    kind = Kind(signer=True, ends=NOW + timedelta(days=1))
    holder = certify(name("Astrid Nyström"), ec_key(), plan.world.issuing, kind)
    pdf = sign(plan.at["base"], Signing(plan.world, attributes=Nameless()), "brukare", holder, NOW)
    report = verify(stamp(pdf, plan.world, SEALED), trust, None, LATER)
    assert report.rule(RuleId.SIGNATURES).reason == "signer_not_bound"
    assert [(s.level, s.trusted) for s in report.signatures] == [("", False)]
    assert "(nivå –), kunde inte bekräftas" in to_text(report)


class NamelessAuthority(DummyTimeStamper):
    """Leaves out the attribute that RFC 3161 demands of it."""

    def _sign_tst_info(self, tst_info_data, md_algorithm, dt):  # type: ignore[no-untyped-def]  # pyHanko's is
        _, attributes = super()._sign_tst_info(tst_info_data, md_algorithm, dt)
        kept = cms.CMSAttributes([a for a in attributes if a["type"].native != "signing_certificate"])
        return _signed(self.tsa_key.dump(), kept.dump()), kept


def _signed(key: bytes, data: bytes) -> bytes:
    loaded = load_der_private_key(key, None)
    assert isinstance(loaded, RSAPrivateKey)
    return loaded.sign(data, PKCS1v15(), SHA256())


@pytest.mark.parametrize("at", ["signature", "seal"])
def test_a_time_stamp_must_name_its_authoritys_certificate(
    at: str, plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tests.attacks.plans.DummyTimeStamper", NamelessAuthority)
        if at == "seal":
            pdf = stamp(plan.at["brukare"], plan.world, SEALED)
        else:
            pdf = sign(plan.at["base"], Signing(plan.world), "brukare", plan.world.signer("Astrid Nyström", NOW), NOW)
    pdf = pdf if at == "seal" else stamp(pdf, plan.world, SEALED)
    assert judged(pdf, trust) == ("indeterminate", "not_checked", "signer_not_bound")


def test_what_is_wrong_weighs_more_than_what_could_not_be_checked(plan: Plan, trust: Trust) -> None:
    holder = plan.world.signer("Astrid Nyström", NOW)
    pdf = sign(plan.at["base"], Signing(plan.world, attributes=Nameless()), "brukare", holder, NOW)
    assert judged(edited(pdf, 0, version), trust) == ("invalid", "failed", "structure")


@pytest.mark.parametrize("attack", unsigned.ATTACKS, ids=lambda a: a.name)
def test_words_that_nobody_has_signed(attack: Attack, trust: Trust) -> None:
    assert judged(made(attack), trust)[::2] == (attack.alone, attack.reason)


def test_a_root_of_the_same_name_with_another_key_says_nothing_of_a_certificate() -> None:
    """Or a file whose authority has been given a new key would be called altered."""
    old, new = (certify(name("Norrbro Root"), ec_key(), None, Kind(ca=True)) for _ in range(2))
    made = certify(name("Norrbro Issuing CA"), ec_key(), old, Kind(ca=True)).asn1()
    assert may_have_issued(old.asn1(), made) and issued_by(old.asn1(), made)
    assert not may_have_issued(new.asn1(), made)


ECDSA_SHA256, UNKNOWN = (bytes.fromhex(f"06082a8648ce3d0403{last}") for last in ("02", "7f"))


def test_an_algorithm_that_is_not_known_here_says_nothing_of_a_certificate(plan: Plan, trust: Trust) -> None:
    def edit(signed_data: Node) -> None:
        """The intermediate's, which names it twice."""
        certificates = signed_data[3]
        assert isinstance(certificates.inside, list)
        issuing = plan.world.issuing.asn1().dump()
        found = [bytes(each) for each in certificates.inside]
        assert issuing.count(ECDSA_SHA256) == 2 and issuing in found
        certificates.inside = [
            node(each.replace(ECDSA_SHA256, UNKNOWN) if each == issuing else each)[0] for each in found
        ]

    pdf = edited(plan.at["enhetschef"], 2, edit)
    assert judged(stamp(pdf, plan.world, SEALED), trust) == ("indeterminate", "not_checked", "unproven_certificate")
