"""Whatever the bytes, verification answers, never calls a damaged file valid, and stays within bounds."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from signatures.verify import RuleId, Trust, Verdict, verify, verify_bounded
from signatures.verify.changes import pages
from signatures.verify.objects import items
from tests.attacks.model import Plan, flipped, hole_of
from tests.attacks.pki import NOW
from tests.attacks.plans import Signing, base, stages
from tests.attacks.raw import stream

LATER = NOW + timedelta(hours=1)
FUZZ = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_every_truncation_is_answered_and_none_is_valid(plan: Plan, trust: Trust) -> None:
    for length in range(0, len(plan.sealed), 1000):
        assert verify(plan.sealed[:length], trust, None, LATER).verdict is not Verdict.VALID


@FUZZ
@given(place=st.integers(0, 2**32), difference=st.integers(1, 255))
def test_no_changed_byte_is_valid(place: int, difference: int, plan: Plan, trust: Trust) -> None:
    at = place % len(plan.sealed)
    pdf = flipped(plan.sealed, at, plan.sealed[at] ^ difference)
    assert verify(pdf, trust, None, LATER).verdict is not Verdict.VALID


def test_a_signature_broken_anywhere_is_answered(plan: Plan, trust: Trust) -> None:
    """What it carries beside itself (certificates, time stamps) is then no evidence; the answer comes all the same."""
    start, _ = hole_of(plan.sealed, 0)
    for at in range(start + 3, start + 6000, 400):
        pdf = flipped(plan.sealed, at, plan.sealed[at] ^ 1)
        assert verify(pdf, trust, None, LATER).verdict is not Verdict.VALID


@FUZZ
@given(place=st.integers(0, 2**32), step=st.integers(1, 15))
def test_no_changed_digit_of_the_seal_itself_is_valid(place: int, step: int, plan: Plan, trust: Trust) -> None:
    """The seal's own bytes are the only ones that no signature covers."""
    digits, (start, end) = b"0123456789ABCDEF", hole_of(plan.sealed, -1)
    at = start + place % (end - start)
    to = digits[(digits.index(plan.sealed[at]) + step) % 16]
    assert verify(flipped(plan.sealed, at, to), trust, None, LATER).verdict is not Verdict.VALID


def test_an_algorithm_of_the_seals_that_nobody_knows_is_answered(plan: Plan, trust: Trust) -> None:
    start, end = hole_of(plan.sealed, -1)
    named = b"2A864886F70D0101"  # RSA's algorithms; the byte after says which
    for found in re.finditer(named, plan.sealed[start:end]):
        at = start + found.end() + 1
        for to in b"0F":
            report = verify(flipped(plan.sealed, at, to), trust, None, LATER)
            assert report.verdict is not Verdict.VALID or plan.sealed[at] == to


@pytest.mark.parametrize("instead", [b"null", b"true", b"(x)", b"1 0 R", b"[/A /B /C /D]"])
def test_a_byte_range_that_is_none_is_answered(instead: bytes, plan: Plan, trust: Trust) -> None:
    found = list(re.finditer(rb"/ByteRange \[[^\]]*\]", plan.sealed))[-1]
    written = (b"/ByteRange " + instead).ljust(len(found.group()))
    pdf = plan.sealed[: found.start()] + written + plan.sealed[found.end() :]
    assert verify(pdf, trust, None, LATER).verdict is Verdict.INVALID


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


def test_a_file_beyond_the_size_limit_is_not_read(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signatures.verify.opening.MAX_BYTES", 1000)
    report = verify(b"%PDF-1.7\n" + bytes(2000), trust, None, LATER)
    assert report.rule(RuleId.FILE).reason == "too_large"


def test_within_its_bounds_the_answer_is_the_same(plan: Plan, trust: Trust) -> None:
    assert verify_bounded(plan.sealed, trust, None, LATER) == verify(plan.sealed, trust, None, LATER)
    assert verify_bounded(b"no PDF", trust, None, LATER) == verify(b"no PDF", trust, None, LATER)


def test_what_takes_too_long_could_not_be_checked(trust: Trust) -> None:
    """A number of a million digits: reading one takes the square of its length."""
    body = b"%PDF-1.7\n1 0 obj\n" + b"7" * 3_000_000 + b"\nendobj\n"
    xref = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\n"
    pdf = body + xref + b"startxref\n" + str(len(body)).encode() + b"\n%%EOF\n"
    report = verify_bounded(pdf, trust, None, LATER, seconds=2)
    assert (report.verdict, report.rule(RuleId.FILE).reason) == (Verdict.INDETERMINATE, "too_much_work")


def test_what_takes_too_much_memory_could_not_be_checked(trust: Trust) -> None:
    pdf = b"%PDF-1.7\n" + bytes(80_000_000) + b"\nstartxref\n9\n%%EOF\n"
    report = verify_bounded(pdf, trust, None, LATER, memory=100 * 1024**2)
    assert (report.verdict, report.rule(RuleId.FILE).reason) == (Verdict.INDETERMINATE, "too_much_work")


@pytest.mark.parametrize(
    "part",
    ["opening._read", "opening.EmbeddedPdfSignature", "integrity.hole_problem", "judging.walk", "judging.embedded"],
)
def test_want_of_memory_is_never_taken_for_a_fault_of_the_file(
    part: str, plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(f"signatures.verify.{part}", out)
    with pytest.raises(MemoryError):
        verify(plan.sealed, trust, None, LATER)


def test_our_own_mistakes_are_told_as_they_are(trust: Trust) -> None:
    with pytest.raises(ValueError, match="aware"):
        verify_bounded(b"", trust, None, LATER.replace(tzinfo=None))


def written(bodies: dict[int, bytes]) -> bytes:
    """A file of these objects; the first is the catalog."""
    out, places = b"%PDF-1.7\n", {}
    for number, body in bodies.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    size = max(bodies) + 1
    rows = [b"%010d %s \n" % (places.get(n, 0), b"00000 n" if n in places else b"65535 f") for n in range(size)]
    table = b"xref\n0 %d\n" % size + b"".join(rows) + b"trailer\n<</Size %d/Root 1 0 R>>\n" % size
    return out + table + b"startxref\n%d\n%%%%EOF\n" % len(out)


def xref_stream(index: bytes, times: int = 1) -> bytes:
    """A file whose cross-reference streams have entries without any bytes."""
    out, previous = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n", b""
    for _ in range(times):
        at = len(out)
        facts = b"/Type/XRef/W[0 0 0]/Index%b/Size 4/Root 1 0 R%b" % (index, previous)
        out, previous = out + b"3 0 obj\n" + stream(b"", facts) + b"\nendobj\n", b"/Prev %d" % at
    return out + b"startxref\n%d\n%%%%EOF\n" % at


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"


def one_page(**others: bytes) -> dict[int, bytes]:
    form = others.get("fields", b"")
    return {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%b]>>>>" % form,
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: PAGE,
    }


def many_ways_to_a_field() -> bytes:
    """Forty levels, each with two ways to the next: 2^40 fields in three kilobytes."""
    bodies = one_page(fields=b"10 0 R")
    for n in range(10, 50):
        bodies[n] = b"<</T(a)/Kids[%d 0 R %d 0 R]>>" % (n + 1, n + 1)
    return written({**bodies, 50: b"<</T(b)/FT/Tx>>"})


def branches_that_share_their_kids() -> bytes:
    bodies = one_page()
    shared = b" ".join(b"%d 0 R" % n for n in range(10, 3000))
    bodies[2] = b"<</Type/Pages/Count 1/Kids 4 0 R>>"
    bodies[4] = b"[" + shared + b"]"
    return written({**bodies, **dict.fromkeys(range(10, 3000), b"<</Type/Pages/Count 1/Kids 4 0 R>>")})


def many_pages() -> bytes:
    bodies = one_page()
    bodies[2] = b"<</Type/Pages/Count 5001/Kids[%b]>>" % b" ".join(b"%d 0 R" % n for n in range(10, 5011))
    return written({**bodies, **dict.fromkeys(range(10, 5011), PAGE)})


@pytest.mark.parametrize(
    "pdf",
    [xref_stream(b"[0 2000000000]"), xref_stream(b"[0 400000]", times=20), xref_stream(b"[0 1]", times=300)],
    ids=["one", "together", "tables"],
)
def test_what_cross_references_claim_is_counted_before_they_are_read(
    pdf: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.verify.reader._Known", None)
    assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == "too_complex"


@pytest.mark.parametrize(
    "pdf",
    [many_ways_to_a_field(), branches_that_share_their_kids(), many_pages()],
    ids=["fields", "shared", "pages"],
)
def test_fields_and_pages_are_counted_before_they_are_listed(
    pdf: bytes, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.verify.opening.enumerate_sig_fields", None)
    assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == "too_complex"


def test_revisions_and_what_each_is_compared_with_are_counted(
    plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.verify.opening.MAX_PAGES_COMPARED", 100)
    assert verify(plan.sealed, trust, None, LATER).rule(RuleId.FILE).reason == "passed"
    monkeypatch.setattr("signatures.verify.opening.MAX_PAGES_COMPARED", 1)
    assert verify(plan.sealed, trust, None, LATER).rule(RuleId.FILE).reason == "too_complex"
    monkeypatch.setattr("signatures.verify.opening.MAX_PAGES_COMPARED", 100)
    monkeypatch.setattr("signatures.verify.opening.MAX_OBJECTS_COMPARED", 100)
    assert verify(plan.sealed, trust, None, LATER).rule(RuleId.FILE).reason == "too_complex"


def test_branches_that_share_their_kids_end_the_search_for_pages() -> None:
    reader = PdfFileReader(io.BytesIO(branches_that_share_their_kids()))
    visited = Counter[str]()

    def counted(value: object) -> list[object]:
        visited["lists"] += 1
        return items(value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signatures.verify.changes.items", counted)
        assert list(pages(reader.get_historical_resolver(0))) == []
    assert visited["lists"] < 20


@pytest.mark.parametrize("header", [b"%PDF-1.7 \n", b"%PDF-1.9\n ", b"%PDF-2.0x\n"])
def test_a_header_that_is_not_quite_one_leaves_the_rest_to_be_checked(header: bytes, plan: Plan, trust: Trust) -> None:
    """It is no sign of tampering where it was there when the file was signed; one put in later breaks signatures."""
    whole = base()
    start = re.match(rb"%PDF-1.\d\n%....\n", whole, re.DOTALL)
    assert start
    odd = header + b"%" + start[0][len(header) + 1 :]
    report = verify(stages(Signing(plan.world), odd + whole[start.end() :])[-1].pdf, trust, None, LATER)
    assert report.verdict is Verdict.INDETERMINATE
    assert [(r.id, r.reason) for r in report.rules if r.verdict != "passed"] == [
        ("R1", "odd_syntax"),
        ("R2", "no_record"),
    ]
    changed = verify(header + plan.sealed[len(header) :], trust, None, LATER)
    assert (changed.verdict, changed.rule(RuleId.SIGNATURES).reason) == (Verdict.INVALID, "altered")
