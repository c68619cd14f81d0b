"""The attack corpus: every way we know to pass off another file as the signed plan, made by code.

An attack is made from the stages of a good plan and names the rule that must catch it. `Attack.alone` is the verdict
without the archive's record, where only the file itself can speak: a plan cut off before its seal, for instance, is
then not provably wrong, only unproven.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

from signatures.verify import RuleId

from .edits import EDITS, XMP_EDITS, Edit, store_emptied, updated
from .pki import NOW, Kind, World, certify, ec_key, name, rsa_key
from .plans import PEOPLE, Signing, base, sign, stages, stamp


@dataclass(frozen=True, slots=True)
class Plan:
    """A good plan to attack: its world and every stage's bytes, by name."""

    world: World
    other: World
    at: dict[str, bytes]

    @property
    def sealed(self) -> bytes:
        return self.at["seal"]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: how it is made, the rule that catches it, and the verdicts with and without the record."""

    name: str
    make: Callable[[Plan], bytes]
    rule: RuleId
    reason: str
    known: str = "invalid"
    alone: str = "invalid"


def flipped(pdf: bytes, at: int, to: int | None = None) -> bytes:
    """The file with one byte changed."""
    return pdf[:at] + bytes([pdf[at] ^ 1 if to is None else to]) + pdf[at + 1 :]


def holes(pdf: bytes) -> list[tuple[int, int]]:
    """Where each signature's hexadecimal digits stand, in the file's order."""
    return [m.span(1) for m in re.finditer(rb"/Contents <([0-9A-F]{2000,})>", pdf)]


def hole_of(pdf: bytes, number: int) -> tuple[int, int]:
    return holes(pdf)[number]


# --- bytes -----------------------------------------------------------------------------------------------------------


def in_padding(number: int) -> Callable[[Plan], bytes]:
    def make(plan: Plan) -> bytes:
        return flipped(plan.sealed, hole_of(plan.sealed, number)[1] - 10, ord("7"))

    return make


def space_in_padding(plan: Plan) -> bytes:
    return flipped(plan.sealed, hole_of(plan.sealed, -1)[1] - 10, ord(" "))


def other_case_digit(plan: Plan) -> bytes:
    start, end = hole_of(plan.sealed, -1)
    at = next(i for i in range(start, end) if plan.sealed[i] in b"ABCDEF")
    return flipped(plan.sealed, at, plan.sealed[at] ^ 32)


def content_byte(plan: Plan) -> bytes:
    return flipped(plan.sealed, plan.sealed.index(b"Dusch") + 1)


def base_title_byte(plan: Plan) -> bytes:
    return flipped(plan.sealed, plan.sealed.index(b"Genomf") + 2)


def appearance_byte(plan: Plan) -> bytes:
    return flipped(plan.sealed, len(plan.at["base"]) + 900)


def store_byte(plan: Plan) -> bytes:
    return flipped(plan.sealed, plan.sealed.rindex(b"/OCSPs") + 1)


def byte_range_number(plan: Plan) -> bytes:
    at = plan.sealed.rindex(b"/ByteRange [") + len(b"/ByteRange [0 ")
    return flipped(plan.sealed, at)


def other_documents_signature(plan: Plan) -> bytes:
    other = {s.name: s.pdf for s in stages(Signing(plan.world), base("Inga insatser"))}["seal"]
    (start, end), (first, last) = hole_of(plan.sealed, 0), hole_of(other, 0)
    digits = other[first:last].rstrip(b"0")
    digits += b"0" * (len(digits) % 2)
    return plan.sealed[:start] + digits.ljust(end - start, b"0")[: end - start] + plan.sealed[end:]


def garbage_appended(plan: Plan) -> bytes:
    return plan.sealed + b"\n% nothing to see here"


def second_end_appended(plan: Plan) -> bytes:
    last = plan.sealed[plan.sealed.rindex(b"startxref") :]
    return plan.sealed + b"\n% hidden\n" + last


def line_ends_appended(plan: Plan) -> bytes:
    return plan.sealed.rstrip() + b"\n\n\n"


def bytes_before(plan: Plan) -> bytes:
    return b"MZ\n" + plan.sealed


def truncated(stage: str) -> Callable[[Plan], bytes]:
    return lambda plan: plan.at[stage]


def after_seal(edit: Edit) -> Callable[[Plan], bytes]:
    return lambda plan: updated(plan.sealed, edit)


def before_seal(edit: Edit) -> Callable[[Plan], bytes]:
    """The change is made before the archive's own seal, which then covers it faithfully."""
    return lambda plan: stamp(updated(plan.at["enhetschef"], edit), plan.world, NOW + timedelta(minutes=15))


# --- signing as one should not ---------------------------------------------------------------------------------------


def late_fill(plan: Plan) -> bytes:
    done = stages(Signing(plan.world, people=PEOPLE[1:]), seal=False)[-1].pdf
    moment = NOW + timedelta(minutes=30)
    late = sign(done, Signing(plan.world), "brukare", plan.world.signer(PEOPLE[0][1], moment), moment)
    return stamp(late, plan.world, moment + timedelta(minutes=1))


def fill_after_seal(plan: Plan) -> bytes:
    done = stages(Signing(plan.world, people=PEOPLE[:2]))[-1].pdf
    moment = NOW + timedelta(minutes=30)
    late = sign(done, Signing(plan.world), "enhetschef", plan.world.signer(PEOPLE[2][1], moment), moment)
    return stamp(late, plan.world, moment + timedelta(minutes=1), "Arkivstampel2")


def empty_field_added(plan: Plan) -> bytes:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("extra", box=(50, 700, 500, 800), on_page=0))

    return before_seal(edit)(plan)


def visible_signature_added(plan: Plan) -> bytes:
    """A fourth person, with a certificate of the right issuer, signs over the text of page one."""
    moment = NOW + timedelta(minutes=12)
    holder = plan.world.signer("Fjärde Person", moment)
    over = fields.SigFieldSpec("extra", box=(50, 700, 500, 800), on_page=0)
    signed = sign(plan.at["kontaktman"], Signing(plan.world, new_field=over), "extra", holder, moment)
    closed = sign(signed, Signing(plan.world), *PEOPLE[2][:1], plan.world.signer(PEOPLE[2][1], moment), moment)
    return stamp(closed, plan.world, NOW + timedelta(minutes=15))


def wrong_person(plan: Plan) -> bytes:
    people = ((PEOPLE[0][0], "Annan Person"), *PEOPLE[1:])
    return stages(Signing(plan.world, people=people), plan.at["base"])[-1].pdf


def swapped_roles(plan: Plan) -> bytes:
    (a, astrid), (b, bo), (c, asa) = PEOPLE
    return stages(Signing(plan.world, people=((a, bo), (b, astrid), (c, asa))), plan.at["base"])[-1].pdf


def other_name_in_stamp(plan: Plan) -> bytes:
    return stages(Signing(plan.world, stamp={"brukare": "Annan Person"}), plan.at["base"])[-1].pdf


def other_base(plan: Plan) -> bytes:
    return stages(Signing(plan.world), base("Ingen dusch alls"))[-1].pdf


def untrusted_issuer(plan: Plan) -> bytes:
    return stages(Signing(plan.other), plan.at["base"])[-1].pdf


def untrusted_time(plan: Plan) -> bytes:
    return stages(Signing(replace(plan.world, tsa=plan.other.tsa)), plan.at["base"])[-1].pdf


def revoked_signer(plan: Plan) -> bytes:
    signing = Signing(plan.world, revoked={"kontaktman": NOW - timedelta(minutes=2)})
    return stages(signing, plan.at["base"])[-1].pdf


def clock_set_back(plan: Plan) -> bytes:
    return stamp(plan.at["enhetschef"], plan.world, NOW - timedelta(hours=2))


def time_stamp_used_for_signing(plan: Plan) -> bytes:
    return stages(Signing(plan.world, holders={"brukare": plan.world.tsa}, careless=True), plan.at["base"])[-1].pdf


def small_key(bits: int) -> Callable[[Plan], bytes]:
    def make(plan: Plan) -> bytes:
        kind = Kind(signer=True, starts=NOW - timedelta(minutes=1), ends=NOW + timedelta(days=1))
        holder = certify(name(PEOPLE[0][1]), rsa_key(bits, "small"), plan.world.issuing, kind)
        return stages(Signing(plan.world, holders={"brukare": holder}, careless=True), plan.at["base"])[-1].pdf

    return make


def sha1(plan: Plan) -> bytes:
    return stages(Signing(plan.world, digest="sha1", careless=True), plan.at["base"])[-1].pdf


def expired_signer(plan: Plan) -> bytes:
    kind = Kind(signer=True, starts=NOW - timedelta(days=9), ends=NOW - timedelta(days=8))
    holder = certify(name(PEOPLE[0][1]), ec_key(), plan.world.issuing, kind)
    return stages(Signing(plan.world, holders={"brukare": holder}, careless=True), plan.at["base"])[-1].pdf


ATTACKS: tuple[Attack, ...] = (
    Attack("content_byte", content_byte, RuleId.SIGNATURES, "altered"),
    Attack("base_title_byte", base_title_byte, RuleId.SIGNATURES, "altered"),
    Attack("appearance_byte", appearance_byte, RuleId.SIGNATURES, "altered"),
    Attack("store_byte", store_byte, RuleId.SIGNATURES, "altered"),
    Attack("padding_of_first", in_padding(0), RuleId.SIGNATURES, "padding"),
    Attack("padding_of_seal", in_padding(-1), RuleId.SIGNATURES, "padding"),
    Attack("space_in_padding", space_in_padding, RuleId.SIGNATURES, "hex_form"),
    Attack("other_case_digit", other_case_digit, RuleId.SIGNATURES, "hex_form"),
    Attack("byte_range_number", byte_range_number, RuleId.SIGNATURES, "byte_range"),
    Attack("other_documents_signature", other_documents_signature, RuleId.SIGNATURES, "altered"),
    Attack("garbage_appended", garbage_appended, RuleId.FILE, "bytes_after_end"),
    Attack("line_ends_appended", line_ends_appended, RuleId.FILE, "bytes_after_end"),
    Attack("second_end_appended", second_end_appended, RuleId.SEAL, "added_after_seal"),
    Attack("bytes_before", bytes_before, RuleId.FILE, "bytes_before_header"),
    Attack("truncated_to_base", truncated("base"), RuleId.FIELDS, "missing", alone="indeterminate"),
    Attack("truncated_to_first", truncated("brukare"), RuleId.FIELDS, "missing", alone="indeterminate"),
    Attack("truncated_to_second", truncated("kontaktman"), RuleId.FIELDS, "missing", alone="indeterminate"),
    Attack("truncated_to_third", truncated("enhetschef"), RuleId.SEAL, "seal_missing", alone="indeterminate"),
    *(Attack(f"{e.__name__}_after_seal", after_seal(e), r, why) for e, r, why in EDITS),
    *(Attack(f"{e.__name__}_before_seal", before_seal(e), r, why) for e, r, why in EDITS),
    *(Attack(f"{n}_after_seal", after_seal(e), RuleId.METADATA, "changed") for n, e in XMP_EDITS.items()),
    *(Attack(f"{n}_before_seal", before_seal(e), RuleId.METADATA, "changed") for n, e in XMP_EDITS.items()),
    Attack("store_emptied", after_seal(store_emptied), RuleId.CHANGES, "changed"),
    Attack("late_fill", late_fill, RuleId.FIELDS, "filled_late"),
    Attack("fill_after_seal", fill_after_seal, RuleId.FIELDS, "filled_late"),
    Attack("empty_field_added", empty_field_added, RuleId.CHANGES, "changed"),
    Attack("visible_signature_added", visible_signature_added, RuleId.FIELDS, "surplus", alone="indeterminate"),
    Attack("wrong_person", wrong_person, RuleId.IDENTITY, "other_person", alone="valid"),
    Attack("swapped_roles", swapped_roles, RuleId.IDENTITY, "other_person", alone="valid"),
    Attack("other_name_in_stamp", other_name_in_stamp, RuleId.IDENTITY, "stamp_other_name", alone="indeterminate"),
    Attack("other_base", other_base, RuleId.BASE, "other_base", alone="valid"),
    Attack("untrusted_issuer", untrusted_issuer, RuleId.TRUST, "unknown_issuer", "indeterminate", "indeterminate"),
    Attack("untrusted_time", untrusted_time, RuleId.TIMES, "unknown_issuer", "indeterminate", "indeterminate"),
    Attack("revoked_signer", revoked_signer, RuleId.TRUST, "revoked"),
    Attack("clock_set_back", clock_set_back, RuleId.TIMES, "out_of_order"),
    Attack("time_stamp_used_for_signing", time_stamp_used_for_signing, RuleId.TRUST, "wrong_use"),
    Attack("expired_signer", expired_signer, RuleId.TRUST, "out_of_period", "indeterminate", "indeterminate"),
    Attack("rsa_1024", small_key(1024), RuleId.ALGORITHMS, "broken"),
    Attack("rsa_2048", small_key(2048), RuleId.ALGORITHMS, "weak", "indeterminate", "indeterminate"),
    Attack("sha1", sha1, RuleId.ALGORITHMS, "broken"),
)
