"""Whatever the bytes, verification answers, never calls a damaged file valid, and stays within bounds."""

from __future__ import annotations

import re
import time
import zlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signatures.verify import RuleId, RuleVerdict, Trust, Verdict, verify
from tests.attacks.model import Plan, flipped, hole_of
from tests.attacks.pki import NOW

LATER = NOW + timedelta(hours=1)
FUZZ = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_every_truncation_is_answered_and_none_is_valid(plan: Plan, trust: Trust) -> None:
    for length in range(0, len(plan.sealed), 1000):
        assert verify(plan.sealed[:length], trust, None, LATER).verdict is not Verdict.VALID


@FUZZ
@given(data=st.data())
def test_no_changed_byte_is_valid(data: st.DataObject, plan: Plan, trust: Trust) -> None:
    at = data.draw(st.integers(0, len(plan.sealed) - 1))
    to = data.draw(st.integers(0, 255).filter(lambda b: b != plan.sealed[at]))
    assert verify(flipped(plan.sealed, at, to), trust, None, LATER).verdict is not Verdict.VALID


@FUZZ
@given(data=st.data())
def test_no_changed_digit_of_the_seal_itself_is_valid(data: st.DataObject, plan: Plan, trust: Trust) -> None:
    """The seal's own bytes are the only ones that no signature covers."""
    start, end = hole_of(plan.sealed, -1)
    at = data.draw(st.integers(start, end - 1))
    to = data.draw(st.sampled_from(sorted(b"0123456789ABCDEF")).filter(lambda b: b != plan.sealed[at]))
    assert verify(flipped(plan.sealed, at, to), trust, None, LATER).verdict is not Verdict.VALID


@FUZZ
@given(junk=st.binary(max_size=400), cut=st.integers(0, 60_000), length=st.integers(0, 400))
def test_no_replaced_stretch_is_valid(junk: bytes, cut: int, length: int, plan: Plan, trust: Trust) -> None:
    pdf = plan.sealed[:cut] + junk + plan.sealed[cut + length :]
    if pdf != plan.sealed:
        assert verify(pdf, trust, None, LATER).verdict is not Verdict.VALID


@FUZZ
@given(pdf=st.binary(max_size=2000).map(lambda tail: b"%PDF-1.7\n" + tail + b"\nstartxref\n9\n%%EOF\n"))
def test_noise_in_the_shape_of_a_pdf_is_invalid(pdf: bytes, trust: Trust) -> None:
    assert verify(pdf, trust, None, LATER).verdict is Verdict.INVALID


@pytest.mark.parametrize("previous", [b"9", b"0", b"99999999", b"-1"])
def test_a_cross_reference_that_leads_in_circles(previous: bytes, trust: Trust) -> None:
    body = b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev " + previous + b">>\n"
    assert verify(body + b"startxref\n9\n%%EOF\n", trust, None, LATER).verdict is Verdict.INVALID


def test_deep_nesting_is_answered(trust: Trust) -> None:
    body = b"%PDF-1.7\n1 0 obj\n" + b"[" * 20_000 + b"]" * 20_000 + b"\nendobj\n"
    xref = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\n"
    pdf = body + xref + b"startxref\n" + str(len(body)).encode() + b"\n%%EOF\n"
    assert verify(pdf, trust, None, LATER).verdict is Verdict.INVALID


def appended_object(pdf: bytes, number: int, body: bytes) -> bytes:
    """An incremental update written by hand, since no careful writer would make it."""
    size = max(int(n) for n in re.findall(rb"/Size (\d+)", pdf))
    root = re.findall(rb"/Root (\d+ 0 R)", pdf)[-1]
    info = re.findall(rb"/Info (\d+ 0 R)", pdf)[-1]
    previous = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    written = b"%d 0 obj\n" % number + body + b"\nendobj\n"
    xref = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(pdf))
    trailer = b"trailer\n<</Size %d/Root %b/Info %b/Prev %b>>\n" % (size, root, info, previous)
    return pdf + written + xref + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(written))


def test_a_decompression_bomb_is_not_unpacked(plan: Plan, trust: Trust) -> None:
    """Metadata that would unpack to hundreds of megabytes is refused by the limits, not by running out of memory."""
    bomb = zlib.compress(zlib.compress(bytes(300_000_000), 9), 9)
    head = b"<</Type/Metadata/Subtype/XML/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n" % len(bomb)
    number = int(re.findall(rb"/Metadata (\d+) 0 R", plan.sealed)[0])
    pdf = appended_object(plan.sealed, number, head + bomb + b"\nendstream")
    started = time.perf_counter()
    report = verify(pdf, trust, None, LATER)
    assert report.rule(RuleId.METADATA).verdict is RuleVerdict.NOT_CHECKED
    assert report.rule(RuleId.METADATA).evidence == ("PdfDecodeLimitError",)
    assert report.verdict is Verdict.INVALID
    assert time.perf_counter() - started < 20


def test_a_file_beyond_the_size_limit_is_not_read(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signatures.verify.opening.MAX_BYTES", 1000)
    report = verify(b"%PDF-1.7\n" + bytes(2000), trust, None, LATER)
    assert report.rule(RuleId.FILE).reason == "too_large"
