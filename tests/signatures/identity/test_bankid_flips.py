"""No byte of stored evidence can be another and still prove something else, or bring the check down."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from signatures.errors import IdentityRefused
from signatures.identity.bankid_proof import Proof, check_stored, prove

from .bankid_pki import MOBILE_TEST, Status, b64, root
from .test_bankid_proof import GOOD, evidence

SIGNATURE = GOOD.base64()
XML = base64.b64decode(SIGNATURE)
DER = Status(SIGNATURE).der()
RAW = evidence().raw
FLIP = some.integers(1, 255)


def flipped(data: bytes, at: int, by: int) -> bytes:
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]


def proof(signature: str, response: bytes) -> Proof | None:
    try:
        return prove(signature, b64(response), root().pem, [MOBILE_TEST])
    except IdentityRefused as error:
        assert error.code == "fel_bevis"
        return None


def test_the_unchanged_evidence_holds():
    assert proof(SIGNATURE, DER) is not None


UNUSED_BITS = [found.end() - 1 for found in re.finditer(rb"\x03\x82\x01\x01\x00", DER)]


@pytest.mark.parametrize("which", [0, 1], ids=["the response's signature", "its certificate's signature"])
def test_a_looser_way_to_write_the_same_is_refused(which: int):
    """A BIT STRING says how many of its bits do not count; readers of bytes pass over it, and nobody signs it."""
    assert len(UNUSED_BITS) == 2
    assert proof(SIGNATURE, flipped(DER, UNUSED_BITS[which], 1)) is None


def test_a_longer_way_to_write_a_length_is_refused():
    assert DER[:2] == b"\x30\x82"
    assert proof(SIGNATURE, b"\x30\x83\x00" + DER[2:]) is None


@settings(max_examples=300, deadline=None)
@given(some.integers(0, len(XML) - 1), FLIP)
def test_no_byte_of_the_signature_can_be_another(at: int, by: int):
    assert proof(b64(flipped(XML, at, by)), DER) is None


@settings(max_examples=100, deadline=None)
@given(some.integers(0, len(XML) - 1), FLIP)
def test_nor_with_a_responder_that_plays_along(at: int, by: int):
    signature = b64(flipped(XML, at, by))
    assert proof(signature, Status(signature).der()) is None


@settings(max_examples=120, deadline=None)
@given(some.integers(0, len(DER) - 1), FLIP)
def test_no_byte_of_the_status_can_be_another(at: int, by: int):
    assert proof(SIGNATURE, flipped(DER, at, by)) is None


@settings(max_examples=150, deadline=None)
@given(some.integers(0, len(XML)), some.binary(max_size=8), some.integers(0, 8))
def test_nothing_can_be_put_in_or_taken_out_of_the_signature(at: int, put: bytes, taken: int):
    changed = XML[:at] + put + XML[at + taken :]
    assert changed == XML or proof(b64(changed), DER) is None


@settings(max_examples=150, deadline=None)
@given(some.integers(0, len(DER)), some.binary(max_size=8), some.integers(0, 8))
def test_nothing_can_be_put_in_or_taken_out_of_the_status(at: int, put: bytes, taken: int):
    changed = DER[:at] + put + DER[at + taken :]
    assert changed == DER or proof(SIGNATURE, changed) is None


@settings(max_examples=120, deadline=None)
@given(some.integers(0, len(RAW) - 1), FLIP)
def test_no_byte_of_what_is_stored_can_be_another(at: int, by: int):
    try:
        check_stored(replace(evidence(), raw=flipped(RAW, at, by)), root().pem, [MOBILE_TEST])
    except IdentityRefused:
        return
    raise AssertionError("changed evidence was accepted")


@settings(max_examples=60, deadline=None)
@given(some.binary(max_size=100) | some.none() | some.integers() | some.text(max_size=30) | some.lists(some.none()))
def test_anything_at_all_is_refused_in_an_orderly_way(told: object):
    held = {"order_ref": told, "signature": told, "ocsp_response": told}
    raw = told if isinstance(told, bytes) else json.dumps(held, sort_keys=True, separators=(",", ":")).encode()
    try:
        check_stored(replace(evidence(), raw=raw), root().pem, [MOBILE_TEST])
    except IdentityRefused:
        return
    raise AssertionError("noise was accepted")
