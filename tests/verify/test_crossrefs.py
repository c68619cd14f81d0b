"""What says where each object lies: honest files of many makers pass, and what readers read differently does not."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from datetime import timedelta

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec

from signatures.verify import RuleId, Trust, Verdict, verify
from signatures.verify.chain import embedded
from tests.attacks.corpus import BY_NAME
from tests.attacks.crossrefs import facts, size, table
from tests.attacks.fixtures import made
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import base
from tests.attacks.raw import Update, appended, content_number, last_number, stream

from .test_foreign import letter, sealed, signed

LATER = NOW + timedelta(hours=1)
FREE = b"0 1\n0000000000 65535 f \n"


def saved(**options: object) -> bytes:
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        out = io.BytesIO()
        pdf.save(out, **options)
    return out.getvalue()


def other_line_ends() -> bytes:
    """Rows that end as Windows programs end them."""
    return re.sub(rb"(?<=\d [nf]) \n", b"\r\n", saved(object_stream_mode=pikepdf.ObjectStreamMode.disable))


def with_remarks() -> bytes:
    """Comments and blank lines between objects and before `startxref`, as iText and others write them."""
    pdf = saved(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    remarked = pdf.replace(b"\nendobj\n", b"\nendobj\n\n% next\n").replace(b"\nstartxref", b"\n%iText-7.1\nstartxref")
    start = remarked.index(b"\nxref\n") + 1
    places = {int(m[1]): m.start(1) for m in re.finditer(rb"(?<=\n)(\d+) 0 obj", remarked)}
    rows = b"".join(b"%010d 00000 n \n" % places[n] for n in sorted(places))
    head = re.match(rb"xref\n0 \d+\n0{10} 65535 f \n", remarked[start:])
    assert head
    at = start + head.end()
    moved = remarked[:at] + rows + remarked[at + len(rows) :]
    return re.sub(rb"startxref\n\d+", b"startxref\n%d" % start, moved)


def with_leftovers() -> bytes:
    """An object that its maker thought better of, and left behind before the one that counts."""
    pdf = other_line_ends()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        number = opened.pages[0].obj.objgen[0]
    left = b"%d 0 obj\n<</Type/Page>>\nendobj\n" % number
    moved = re.sub(rb"(\d{10})(?= 00000 n)", lambda m: b"%010d" % (int(m[1]) + len(left)), pdf)
    first = moved.index(b"1 0 obj")
    start = last_number(pdf, rb"startxref\s+(\d+)") + len(left)
    return re.sub(rb"startxref\n\d+", b"startxref\n%d" % start, moved[:first] + left + moved[first:])


MAKERS: dict[str, Callable[[], bytes]] = {
    "linearized": lambda: saved(linearize=True),
    "linearized_in_streams": lambda: saved(linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "other_line_ends": other_line_ends,
    "with_remarks": with_remarks,
    "with_leftovers": with_leftovers,
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_what_honest_programs_write_is_no_fault(maker: Callable[[], bytes], plan: Plan, trust: Trust) -> None:
    pdf = signed(plan, maker(), SigFieldSpec("Signature1", box=(50, 50, 200, 100)), "Extern Person", 0)
    report = verify(sealed(plan, pdf), trust, None, LATER)
    assert report.verdict is Verdict.VALID, [(r.id, r.reason, r.evidence) for r in report.rules]


def new(body: bytes) -> Callable[[bytes], bytes]:
    return lambda pdf: appended(pdf, Update({size(pdf): body}))


def entries(rows: bytes, bodies: bytes = b"") -> Callable[[bytes], bytes]:
    return lambda pdf: table(pdf, bodies, rows)


def cross_reference_stream(
    about: bytes, row: bytes = b"\1%b\0", pack: Callable[[bytes], bytes] = bytes
) -> Callable[[bytes], bytes]:
    """An update that lists nothing but its own cross-reference stream."""

    def make(pdf: bytes) -> bytes:
        number, rows = size(pdf), row.replace(b"%b", len(pdf).to_bytes(4))
        said = b"/Type/XRef%b/Index[%d 1]%b" % (about, number, facts(pdf, number + 1))
        return pdf + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, stream(pack(rows), said), len(pdf))

    return make


def object_stream(packed: bytes, count: int) -> Callable[[bytes], bytes]:
    """An update with one new object, in a stream that holds what is given.

    That is numbers and places, `|`, bodies; `N` stands for the object's number.
    """

    def make(pdf: bytes) -> bytes:
        number = size(pdf)
        data = packed.replace(b"N", b"%d" % number)
        shift = data.index(b"|")
        data = data.replace(b"|", b"")
        holder = b"%d 0 obj\n%b\nendobj\n" % (number + 1, stream(data, b"/Type/ObjStm/N %d/First %d" % (count, shift)))
        start = len(pdf) + len(holder)
        rows = b"".join(bytes([k]) + a.to_bytes(4) + b"\0" for k, a in ((2, number + 1), (1, len(pdf)), (1, start)))
        said = b"/Type/XRef/W[1 4 1]/Index[%d 3]%b" % (number, facts(pdf, number + 3))
        return (
            pdf + holder + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number + 2, stream(rows, said), start)
        )

    return make


def png(rows: bytes) -> bytes:
    return zlib.compress(b"\2" + rows)


def listed_above_size(pdf: bytes) -> bytes:
    return cross_reference_stream(b"/W[1 4 1]")(pdf).replace(b"/Size %d" % (size(pdf) + 1), b"/Size %d" % size(pdf))


def listed_twice_alike(pdf: bytes) -> bytes:
    number = content_number(pdf)
    return table(pdf, b"", 2 * (b"%d 1\n%010d 00000 n \n" % (number, pdf.index(b"\n%d 0 obj" % number) + 1)))


def not_where_it_is_listed(pdf: bytes) -> bytes:
    return appended(pdf, Update(elsewhere={content_number(pdf): 17}))


BODY = b"19 0 obj\n<</Length 3>>\nstream\nBT \nendstream\nendobj\n"
PNG = b"/W[1 4 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 6%b>>"
UPDATES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (entries(FREE), "passed"),
    "a_comment": (entries(FREE, b"% said in passing\r\n\n"), "passed"),
    "all_kinds": (new(b"<</A(a(b\\)c)d)/B<41 4>/C#20[1 -2.5 .5 +3 true null 5 0 R]>>"), "passed"),
    "stream": (cross_reference_stream(b"/W[1 4 1]"), "passed"),
    "stream_packed": (cross_reference_stream(PNG % b"", pack=png), "passed"),
    "object_stream": (object_stream(b"N 0 |<</A 1>>", 1), "passed"),
    "body_in_comment": (entries(FREE, b"% " + BODY.replace(b"\n", b" ") + b"\n"), "two_readings"),
    "body_in_string": (new(b"(\n" + BODY + b")"), "two_readings"),
    "body_in_stream": (new(stream(BODY)), "two_readings"),
    "body_not_listed": (entries(FREE, BODY), "two_readings"),
    "words_not_listed": (entries(FREE, b"19 0 foo\n"), "odd_syntax"),
    "object_0_in_use": (entries(b"0 1\n0000000017 00000 n \n"), "odd_syntax"),
    "digits_with_line": (entries(b"0 1\n0_00000000 65535 f \n"), "odd_syntax"),
    "signed_count": (entries(b"+0 +1\n0000000000 65535 f \n"), "odd_syntax"),
    "begins_at_1_or_0": (entries(b"1 1\n0000000000 65535 f \n"), "odd_syntax"),
    "deep_string": (new(b"(a(b(c(d))))"), "odd_syntax"),
    "odd_number": (new(b"[1_0 0 R]"), "odd_syntax"),
    "comment_within": (new(b"<<%\n/A 1>>"), "odd_syntax"),
    "brackets_open": (new(b"<</A[1>>"), "odd_syntax"),
    "stream_longer_than_it_says": (new(b"<</Length 3>>\nstream\nabcdef\nendstream"), "odd_syntax"),
    "packed_in_wider_rows": (cross_reference_stream(PNG % b"/Colors 2", pack=png), "odd_syntax"),
    "object_stream_with_another": (object_stream(b"N 0 19 8 |<</A 1>>(a)", 2), "odd_syntax"),
    "object_stream_with_a_body": (object_stream(b"N 0 |<</A 1_0>>", 1), "odd_syntax"),
    "listed_twice_alike": (listed_twice_alike, "two_readings"),
    "not_where_it_is_listed": (not_where_it_is_listed, "two_readings"),
    "entry_of_no_kind": (cross_reference_stream(b"/W[1 4 1]", b"\3%b\0"), "two_readings"),
    "listed_above_size": (listed_above_size, "two_readings"),
}


@pytest.mark.parametrize(("make", "reason"), UPDATES.values(), ids=UPDATES)
def test_an_update_is_what_it_lists(make: Callable[[bytes], bytes], reason: str, plan: Plan, trust: Trust) -> None:
    found = verify(make(plan.sealed), trust, None, LATER).rule(RuleId.FILE)
    assert found.reason == reason, found.evidence


def test_a_file_made_for_the_web_that_is_as_long_as_it_says_is_whole(trust: Trust) -> None:
    for streams in (pikepdf.ObjectStreamMode.generate, pikepdf.ObjectStreamMode.disable):
        pdf = saved(linearize=True, object_stream_mode=streams)
        assert b"/L %d " % len(pdf) in pdf[:200]
        assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == "passed"


def test_what_lay_in_the_file_is_not_listed_anew(trust: Trust) -> None:
    pdf = made(BY_NAME["shadow_hide_and_replace_twin_after_seal"])
    assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == "odd_syntax"


def test_a_length_may_be_an_object_of_its_own(plan: Plan, trust: Trust) -> None:
    number = size(plan.sealed)
    body = b"<</Length %d 0 R>>\nstream\nabc\nendstream" % (number + 1)
    for length, reason in ((b"3", "passed"), (b"2", "odd_syntax")):
        pdf = appended(plan.sealed, Update({number: body, number + 1: length}))
        assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == reason


def test_a_later_body_in_the_first_document_is_not_passed_over(trust: Trust) -> None:
    """Who searches the file for objects finds it, and not the one that is listed."""
    pdf = base()
    twin = b"%d 0 obj\n%b\nendobj\n" % (content_number(pdf), stream(b"BT ET"))
    at = pdf.rindex(b"xref\n0 ")
    moved = re.sub(rb"startxref\s+\d+", b"startxref\n%d" % (at + len(twin)), pdf[:at] + twin + pdf[at:])
    assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == "passed"
    assert verify(moved, trust, None, LATER).rule(RuleId.FILE).reason == "odd_syntax"


def test_a_table_as_mutool_writes_it_is_not_called_wrong(trust: Trust) -> None:
    report = verify(base().replace(b"0000000000 65535 f", b"0000000000 65536 f"), trust, None, LATER)
    assert (report.verdict, report.rule(RuleId.FILE).reason) == (Verdict.INDETERMINATE, "odd_syntax")


def test_a_number_used_again_as_pdfbox_does_is_not_called_wrong(trust: Trust) -> None:
    """It writes a new object under the number of a cross-reference stream, which that stream does not list."""
    pdf = saved(object_stream_mode=pikepdf.ObjectStreamMode.generate)
    number = last_number(pdf, rb"\n(\d+) 0 obj\s*<<[^>]*/Type /XRef")
    report = verify(appended(pdf, Update({number: b"null"})), trust, None, LATER)
    assert (report.verdict, report.rule(RuleId.FILE).reason) == (Verdict.INDETERMINATE, "odd_syntax")


def test_a_file_with_more_than_is_read_here_is_not_called_wrong(
    plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound, reason in (("MAX_OBJECTS", "too_complex"), ("MAX_BYTES", "too_large")):
        with monkeypatch.context() as patch:
            patch.setattr(f"signatures.verify.opening.{bound}", 10)
            report = verify(plan.sealed, trust, None, LATER)
        assert (report.verdict, report.rule(RuleId.FILE).reason) == (Verdict.INDETERMINATE, reason)


@pytest.mark.parametrize(
    "item", [stream(b"\x78\x9cno", b"/Filter/FlateDecode"), stream(b"no", b"/Filter/LZWDecode"), b""]
)
def test_one_bad_item_in_the_store_takes_no_other_with_it(item: bytes, plan: Plan) -> None:
    """Its filter breaks or is not known, or there is no such object."""
    pdf, number = plan.sealed, size(plan.sealed)
    root = PdfFileReader(io.BytesIO(pdf)).root
    lists = b"".join(
        b"%b[%b]"
        % (key.encode(), b" ".join(b"%d 0 R" % n for n in (number, *(each.idnum for each in root["/DSS"][key]))))
        for key in ("/Certs", "/CRLs", "/OCSPs")
    )
    bodies = {int(root.raw_get("/DSS").idnum): b"<</Type/DSS%b>>" % lists}
    odd = appended(pdf, Update(bodies | ({number: item} if item else {})))
    before, after = (embedded(PdfFileReader(io.BytesIO(each))) for each in (pdf, odd))
    assert all(before)
    assert [len(found) for found in after] == [len(found) for found in before]
