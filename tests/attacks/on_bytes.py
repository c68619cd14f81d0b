"""Attacks on the bytes themselves: a bit changed, something before or after, the file cut off."""

from __future__ import annotations

from collections.abc import Callable

from signatures.verify import RuleId

from .model import Attack, Plan, flipped, hole_of
from .plans import Signing, base, stages


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
)
