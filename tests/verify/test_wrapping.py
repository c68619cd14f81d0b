"""The hole that a signature leaves in the file holds the signature and nothing else."""

from __future__ import annotations

import pytest

from signatures.verify.wrapping import as_der, hole_problem

DER = bytes.fromhex("300602010102010f")


def file_with(hole: bytes) -> tuple[bytes, list[int]]:
    before, after = b"%PDF-1.7 /Contents ", b" /ByteRange %%EOF"
    return before + hole + after, [0, len(before), len(before) + len(hole), len(after)]


@pytest.mark.parametrize(
    ("hole", "contents", "problem"),
    [
        (b"<300602010102010f0000>", DER + b"\0\0", None),
        (b"<300602010102010F0000>", DER + b"\0\0", None),
        (b"<300602010102010f0001>", DER + b"\0\1", "padding"),
        (b"<300602010102010f00 0>", DER + b"\0\0", "hex_form"),
        (b"<300602010102010f000>", DER + b"\0\0", "hex_form"),
        (b"<300602010102010F000a>", DER + b"\0\x0a", "hex_form"),
        (b"<300602010102010f0000>", DER, "contents_elsewhere"),
        (b"(300602010102010f0000)", DER + b"\0\0", "byte_range"),
        (b"<30800201010000000000>", bytes.fromhex("30800201010000000000"), None),
        (b"<30800201010000000001>", bytes.fromhex("30800201010000000001"), "padding"),
        (b"<3080020101000100>", bytes.fromhex("3080020101000100"), "not_der"),
        (b"<30820600>", bytes.fromhex("30820600"), "not_der"),
    ],
)
def test_hole(hole: bytes, contents: bytes, problem: str | None) -> None:
    pdf, byte_range = file_with(hole)
    assert hole_problem(pdf, byte_range, contents) == problem


@pytest.mark.parametrize("byte_range", [[0, 5], [1, 5, 20, 3], [0, 5, 6, 3], [0, 5, 20, 3000], [0, -5, 20, 3]])
def test_byte_range_must_leave_out_exactly_one_hole(byte_range: list[int]) -> None:
    pdf, _ = file_with(b"<300602010102010f0000>")
    assert hole_problem(pdf, byte_range, DER) == "byte_range"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (DER + b"\0\0", DER),
        (bytes.fromhex("3080020101000000"), bytes.fromhex("3003020101")),
        (bytes.fromhex("30803080020101000002010f0000ff"), bytes.fromhex("3008300302010102010f")),
    ],
)
def test_a_value_of_definite_and_indefinite_lengths_is_read_as_der(raw: bytes, value: bytes) -> None:
    read = as_der(raw)
    assert read is not None
    assert (read.value, raw[read.length :].strip(b"\0\xff")) == (value, b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30",
        b"\x30\x81\x05" + bytes(5),
        b"\x30\x82\x00\x80" + bytes(128),
        b"\x30\x85\x01\x00\x00\x00\x00",
        b"\x30\x80",
        b"\x30\x80\x02\x01\x01\x00",
        b"\x04\x80\x00\x00",
        b"\x24\x80\x04\x01x\x00\x00",
        b"\x24\x03\x04\x01x",
        b"\x3f\x1f\x00",
        b"\x30\x08" + DER[2:] + b"\0\0",
        b"\x30\x05" + DER[2:7],
        b"\x30\x80" * 5000,
    ],
    ids=lambda raw: raw[:8].hex(),
)
def test_what_is_neither_is_not_read(raw: bytes) -> None:
    """Longer lengths than needed, no end, strings in pieces, padding that an outer length has swallowed."""
    assert as_der(raw) is None
