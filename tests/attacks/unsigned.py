"""Attacks on what of a signature nobody has signed: whose it is, and room for words in its CMS value (RFC 5652)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from pyhanko.sign.attributes import CMSAttributeProvider
from pyhanko.sign.signers.pdf_cms import SignedAttributeProviderSpec

from signatures import der
from signatures.verify import RuleId

from .model import Attack, Plan, hole_of
from .pki import NOW, Holder, Kind, certify, ec_key, name
from .plans import PEOPLE, Signing, sign, stages, stamp, with_evidence

WORDS = b"Ingen dusch alls. " * 2


@dataclass(slots=True)
class Node:
    """One value of DER, to be altered at will: its tag, and its bytes or what it holds."""

    tag: int
    inside: bytes | list[Node]

    def __bytes__(self) -> bytes:
        """Written with right lengths."""
        return der.tlv(self.tag, self.inside if isinstance(self.inside, bytes) else b"".join(map(bytes, self.inside)))

    def __getitem__(self, at: int) -> Node:
        assert isinstance(self.inside, list)
        return self.inside[at]

    def add(self, value: bytes) -> None:
        """One value more, after the last."""
        assert isinstance(self.inside, list)
        self.inside.append(node(value)[0])


def node(raw: bytes) -> tuple[Node, int]:
    """The value at the start, and its length."""
    size, at = raw[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(raw[2:at])
    if not raw[0] & 0x20:
        return Node(raw[0], raw[at : at + size]), at + size
    parts, end = [], at + size
    while at < end:
        part, length = node(raw[at:end])
        parts.append(part)
        at += length
    return Node(raw[0], parts), end


Edit = Callable[[Node], None]


def edited(pdf: bytes, number: int, edit: Edit) -> bytes:
    """The file with one signature's SignedData altered."""
    start, end = hole_of(pdf, number)
    value, _ = node(bytes.fromhex(pdf[start:end].decode("ascii")))
    edit(value[1][0])
    digits = bytes(value).hex().upper().encode("ascii")
    assert len(digits) <= end - start
    return pdf[:start] + digits.ljust(end - start, b"0") + pdf[end:]


def words_after_the_time(signed_data: Node) -> None:
    """More octets in the stamp's content, after the value (TSTInfo) that a reader looks at."""
    octets = signed_data[2][1][0]
    assert isinstance(octets.inside, bytes)
    octets.inside += bytes(der.tlv(der.OCTETS, WORDS))


def words_in_nothing(signed_data: Node) -> None:
    """The digest's parameters are NULL, and NULL is not empty."""
    signed_data[1][0].inside = [signed_data[1][0][0], Node(der.NULL[0], WORDS)]


def words_as_content(signed_data: Node) -> None:
    """A content inside, beside the one in the file that was signed."""
    signed_data[2].add(der.tlv(0xA0, der.tlv(der.OCTETS, WORDS)))


def words_in_a_certificate(plan: Plan) -> bytes:
    """The trusted issuer's certificate for somebody who has no part in it, among those of the seal."""
    other = certify(name("Någon annan"), ec_key(), plan.world.issuing, Kind(signer=True)).asn1().dump()
    return edited(plan.sealed, -1, lambda signed_data: signed_data[3].add(other))


def _content_before_seal(plan: Plan) -> bytes:
    written = edited(plan.at["enhetschef"], 2, words_as_content)
    return stamp(written, plan.world, NOW + timedelta(minutes=15))


class Nameless(SignedAttributeProviderSpec):
    """Nothing is signed but type and digest."""

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Iterable[CMSAttributeProvider]:
        return ()


def exchanged(pdf: bytes, before: Holder, after: Holder) -> bytes:
    """The file with another certificate for the first signature, where its key is the same."""

    def edit(signed_data: Node) -> None:
        certificates, signer = signed_data[3], signed_data[4][0][1]
        old, new = (holder.asn1().dump() for holder in (before, after))
        certificates.inside = [node(new if bytes(c) == old else bytes(c))[0] for c in certificates.inside]  # type: ignore[arg-type]  # they are nodes
        signer.inside = [signer[0], node(der.integer(after.cert.serial_number))[0]]

    return edited(pdf, 0, edit)


def signer_exchanged(plan: Plan) -> bytes:
    """One key has two certificates, for two people of one name; the signature does not say which is meant."""
    key, kind = ec_key(), Kind(signer=True, ends=NOW + timedelta(days=1))
    who = [f"PNOSE-19{day}{day}-{day}" for day in ("1212", "1313")]
    one, two = (certify(name(PEOPLE[0][1], serial), key, plan.world.issuing, kind) for serial in who)
    signed = sign(plan.at["base"], Signing(plan.world, attributes=Nameless()), "brukare", one, NOW)
    told = with_evidence(exchanged(signed, one, two), Signing(plan.world), two, NOW, None)
    return stages(Signing(plan.world, people=PEOPLE[1:], at=NOW + timedelta(minutes=5)), told)[-1].pdf


def seal_with(edit: Edit) -> Callable[[Plan], bytes]:
    return lambda plan: edited(plan.sealed, -1, edit)


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "signer_exchanged",
        signer_exchanged,
        RuleId.SIGNATURES,
        "signer_not_bound",
        known="indeterminate",
        alone="indeterminate",
    ),
    Attack("words_after_the_time", seal_with(words_after_the_time), RuleId.SIGNATURES, "altered"),
    Attack("words_in_nothing", seal_with(words_in_nothing), RuleId.SIGNATURES, "structure"),
    Attack("words_as_content", _content_before_seal, RuleId.SIGNATURES, "structure"),
    Attack(
        "words_in_a_certificate",
        words_in_a_certificate,
        RuleId.SIGNATURES,
        "unsigned_part",
        known="indeterminate",
        alone="indeterminate",
    ),
)
