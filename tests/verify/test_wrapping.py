"""The hole that a signature leaves in the file holds the signature and nothing else."""

from __future__ import annotations

import pytest

from signatures.verify.wrapping import der_length, der_well_formed, hole_problem

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
        (b"<3080020101000000>", bytes.fromhex("3080020101000000"), "not_der"),
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


@pytest.mark.parametrize(("raw", "length"), [(DER, 8), (b"\x30", None), (b"\x30\x81\x05", None), (b"\x30\x80", None)])
def test_der_length(raw: bytes, length: int | None) -> None:
    assert der_length(raw) == length


def test_der_must_be_filled_exactly() -> None:
    assert der_well_formed(DER)
    assert not der_well_formed(b"\x30\x08" + DER[2:] + b"\0\0"), "padding swallowed by the outer length"
    assert not der_well_formed(b"\x30\x05" + DER[2:7])
