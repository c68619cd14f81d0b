"""What says where each object lies: honest files of many makers pass, and what readers read differently does not."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from hashlib import shake_128

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec

from signatures.verify import RuleId, Trust, Verdict, verify
from signatures.verify.chain import embedded
from signatures.verify.searched import bodies
from signatures.verify.syntax import object_end
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


PLAIN = b"/Type/ObjStm/N COUNT/First FIRST/Length LENGTH"


def two_packed(bodies: bytes) -> Callable[[bytes], bytes]:
    """An update with two new objects in one stream, whose bodies are divided by `|`."""

    def make(pdf: bytes) -> bytes:
        number, at = size(pdf), bodies.index(b"|")
        header = b"%d 0 %d %d " % (number, number + 1, at)
        data = header + bodies.replace(b"|", b"")
        own = b"/Type/ObjStm/N 2/First %d/Length %d" % (len(header), len(data))
        holder = b"%d 0 obj\n<<%b>>\nstream\n%b\nendstream\nendobj\n" % (number + 2, own, data)
        start = len(pdf) + len(holder)
        places = ((2, number + 2, 0), (2, number + 2, 1), (1, len(pdf), 0), (1, start, 0))
        rows = b"".join(bytes([k]) + at.to_bytes(4) + bytes([which]) for k, at, which in places)
        whole = b"/Type/XRef/W[1 4 1]/Index[%d 4]%b" % (number, facts(pdf, number + 4))
        listed = stream(rows, whole)
        return pdf + holder + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number + 3, listed, start)

    return make


def object_stream(
    packed: bytes, count: int, said: bytes = PLAIN, pack: Callable[[bytes], bytes] = bytes
) -> Callable[[bytes], bytes]:
    """An update with one new object, in a stream that holds what is given, and says this of itself.

    That is numbers and places, `|`, bodies; `N` stands for the object's number.
    """

    def make(pdf: bytes) -> bytes:
        number = size(pdf)
        data = packed.replace(b"N", b"%d" % number)
        shift = data.index(b"|")
        data = pack(data.replace(b"|", b""))
        own = said.replace(b"LENGTH", b"%d" % len(data))
        for word, value in ((b"COUNT", count), (b"FIRST", shift)):
            own = own.replace(word, b"%d" % value)
        holder = b"%d 0 obj\n<<%b>>\nstream\n%b\nendstream\nendobj\n" % (number + 1, own, data)
        start = len(pdf) + len(holder)
        rows = b"".join(bytes([k]) + a.to_bytes(4) + b"\0" for k, a in ((2, number + 1), (1, len(pdf)), (1, start)))
        whole = b"/Type/XRef/W[1 4 1]/Index[%d 3]%b" % (number, facts(pdf, number + 3))
        return (
            pdf + holder + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number + 2, stream(rows, whole), start)
        )

    return make


def png(rows: bytes) -> bytes:
    return zlib.compress(b"\2" + rows)


def trailer_without(key: bytes) -> Callable[[bytes], bytes]:
    def make(pdf: bytes) -> bytes:
        start = len(pdf)
        made = entries(FREE)(pdf)
        return made[:start] + re.sub(key + rb" \d+ 0 R", b"", made[start:])

    return make


def section_after_space(pdf: bytes) -> bytes:
    made = entries(FREE, b"\n\n")(pdf)
    return made.replace(b"startxref\n%d" % (len(pdf) + 2), b"startxref\n%d" % (len(pdf) + 1))


def trailer_with(more: bytes) -> Callable[[bytes], bytes]:
    return lambda pdf: appended(pdf, Update(trailer=more))


def listed_above_size(pdf: bytes) -> bytes:
    return cross_reference_stream(b"/W[1 4 1]")(pdf).replace(b"/Size %d" % (size(pdf) + 1), b"/Size %d" % size(pdf))


def listed_twice_alike(pdf: bytes) -> bytes:
    number = content_number(pdf)
    return table(pdf, b"", 2 * (b"%d 1\n%010d 00000 n \n" % (number, pdf.index(b"\n%d 0 obj" % number) + 1)))


def not_where_it_is_listed(pdf: bytes) -> bytes:
    return appended(pdf, Update(elsewhere={content_number(pdf): 17}))


def poppler(pdf: bytes) -> bytes:
    """A new object as Poppler numbers it when it signs."""
    return appended(pdf, Update({last_number(pdf, rb"/Size (\d+)"): b"(a)"}, generation=1))


BODY = b"19 0 obj\n<</Length 3>>\nstream\nBT \nendstream\nendobj\n"
PNG = b"/W[1 4 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 6%b>>"
UPDATES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (entries(FREE), "passed"),
    "a_comment": (entries(FREE, b"% said in passing\r\n\n"), "passed"),
    "all_kinds": (new(b"<</A(a(b\\)c)d)/B<41 42>/C#20[1 -2.5 .5 +3 true null 5 0 R]>>"), "passed"),
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
    "brackets_in_brackets": (new(b"[" * 30 + b"]" * 30), "passed"),
    "too_many_brackets_in_brackets": (new(b"[" * 33 + b"]" * 33), "odd_syntax"),
    "odd_number": (new(b"[1_0 0 R]"), "odd_syntax"),
    "comment_within": (new(b"<<%\n/A 1>>"), "odd_syntax"),
    "brackets_open": (new(b"<</A[1>>"), "odd_syntax"),
    "stream_longer_than_it_says": (new(b"<</Length 3>>\nstream\nabcdef\nendstream"), "odd_syntax"),
    "length_of_a_font": (new(stream(b"abc", b"/Length1 9/X<</Length 7>>/Length2 2")), "passed"),
    "length_within": (new(b"<</X<</Length 3>>>>\nstream\nabc\nendstream"), "odd_syntax"),
    "length_in_a_string": (new(b"<</X(/Length 3)/Le#6egth 25>>\nstream\nabc\nendstream"), "odd_syntax"),
    "length_of_nothing": (new(b"<</Length>>\nstream\nabc\nendstream"), "odd_syntax"),
    "length_twice": (new(b"<</Le#6egth 25/Length 3>>\nstream\nabc\nendstream"), "odd_syntax"),
    "length_of_another_kind": (new(b"<</Le#6egth 25/Length3 3>>\nstream\nabc\nendstream"), "odd_syntax"),
    "new_object_of_generation_1": (poppler, "odd_syntax"),
    "packed_in_wider_rows": (cross_reference_stream(PNG % b"/Colors 2", pack=png), "odd_syntax"),
    "two_packed": (two_packed(b"15 |1"), "passed"),
    "two_packed_in_brackets": (two_packed(b"[15]|1"), "passed"),
    "two_packed_that_touch": (two_packed(b"15|1"), "odd_syntax"),
    "object_stream_of_nothing": (object_stream(b"N 0 | ", 1), "odd_syntax"),
    "object_stream_with_a_gap": (object_stream(b"N 1 | 1", 1), "odd_syntax"),
    "object_stream_run_together": (object_stream(b"N 0|1", 1), "odd_syntax"),
    "object_stream_with_another": (object_stream(b"N 0 19 8 |<</A 1>>(a)", 2), "odd_syntax"),
    "object_stream_with_a_body": (object_stream(b"N 0 |<</A 1_0>>", 1), "odd_syntax"),
    "body_after_a_comment": (new(stream(BODY.replace(b"0 obj", b"0%\nobj"))), "odd_syntax"),
    "body_after_comments": (new(stream(BODY.replace(b" 0 obj", b" % a\n%b\n 0 obj"))), "odd_syntax"),
    "body_after_a_long_comment": (
        new(stream(BODY.replace(b"0 obj", b"0%" + b"x" * 5000 + b"\nobj"))),
        "odd_syntax",
    ),
    "body_after_much_space": (new(stream(BODY.replace(b" 0 obj", b" " * 50 + b"0 obj"))), "odd_syntax"),
    "body_with_a_longer_word": (new(stream(BODY.replace(b"obj\n", b"object\n", 1))), "two_readings"),
    "run_with_a_space": (entries(FREE.replace(b"0 1\n", b"0 1 \n")), "passed"),
    "run_with_spaces": (entries(FREE.replace(b"0 1\n", b"0 1  \n")), "odd_syntax"),
    "run_with_zeros": (entries(FREE.replace(b"0 1\n", b"0 0000000001\n")), "odd_syntax"),
    "word_with_a_space": (lambda pdf: table(pdf, b"", FREE, b"xref "), "odd_syntax"),
    "word_with_lines": (lambda pdf: table(pdf, b"", FREE, b"xref\n"), "odd_syntax"),
    "stream_with_no_filter_named": (cross_reference_stream(b"/W[1 4 1]/Filter[]"), "odd_syntax"),
    "stream_with_a_null_filter": (cross_reference_stream(b"/W[1 4 1]/Filter null"), "odd_syntax"),
    "stream_with_null_parameters": (cross_reference_stream(b"/W[1 4 1]/DecodeParms null"), "odd_syntax"),
    "stream_with_filter_in_a_list": (
        cross_reference_stream(b"/W[1 4 1]/Filter[/FlateDecode]", pack=zlib.compress),
        "passed",
    ),
    "stream_with_more_after": (
        cross_reference_stream(b"/W[1 4 1]/Filter/FlateDecode", pack=lambda rows: zlib.compress(rows) + b"\r\n"),
        "odd_syntax",
    ),
    "object_stream_packed": (
        object_stream(b"N 0 |<</A 1>>", 1, PLAIN + b"/Filter/FlateDecode", zlib.compress),
        "passed",
    ),
    "trailer_with_an_odd_identity": (trailer_with(b"/ID[(a)<</Prev 1>>]"), "odd_syntax"),
    "trailer_in_stream": (new(stream(b"trailer\n<</Root 1 0 R>>")), "odd_syntax"),
    "cross_reference_in_a_string": (new(b"(/XRef)"), "odd_syntax"),
    "section_after_space": (section_after_space, "odd_syntax"),
    "another_catalog": (new(b"<</Type/Catalog/Pages 1 0 R>>"), "odd_syntax"),
    "another_catalog_in_a_stream": (object_stream(b"N 0 |<</Type/Catalog>>", 1), "odd_syntax"),
    "object_stream_not_listed": (new(stream(b"19 0 null", b"/Type/Obj#53tm/N 1/First 5")), "odd_syntax"),
    "cross_reference_not_followed": (new(stream(b"", b"/Type/XRef/W[1 4 1]/Index[0 0]/Size 1")), "odd_syntax"),
    "short_key_for_a_filter": (new(stream(b"abc", b"/F/ASCII85Decode")), "odd_syntax"),
    "data_elsewhere": (new(stream(b"abc", b"/FFilter/FlateDecode")), "odd_syntax"),
    "rows_predicted": (new(stream(png(b"a"), b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>")), "odd_syntax"),
    "name_as_long_as_any_is": (new(b"[/" + b"X" * 127 + b"]"), "passed"),
    "name_longer_than_any": (new(b"[/" + b"#C3#A5" * 22 + b"]"), "odd_syntax"),
    "name_with_escaped_marks": (new(b"[/Plats#20#2F]"), "passed"),
    "name_beyond_ascii": (new(b"[/Pl#E5ts]"), "odd_syntax"),
    "string_with_a_line_end": (new(b"[(a\nb)]"), "passed"),
    "string_with_a_carriage_return": (new(b"[(a\r\nb)]"), "odd_syntax"),
    "string_with_an_escaped_line_end": (new(b"[(a\\\n\nb)]"), "odd_syntax"),
    "half_a_byte": (new(b"[<41 4>]"), "odd_syntax"),
    "name_with_an_escaped_letter": (new(b"[/#58]"), "odd_syntax"),
    "name_with_an_escaped_digit": (new(b"[/X#39]"), "odd_syntax"),
    "name_that_is_cut_short": (new(b"<</A 1/A#00 2>>"), "odd_syntax"),
    "trailer_without_root": (trailer_without(b"/Root"), "odd_syntax"),
    "trailer_without_information": (trailer_without(b"/Info"), "odd_syntax"),
    "trailer_with_more": (trailer_with(b"/Private 1"), "odd_syntax"),
    "no_numbers": (entries(b"0 0\n"), "odd_syntax"),
    "no_numbers_far_away": (entries(FREE + b"9999999999 0\n"), "two_readings"),
    "free_number_far_away": (entries(FREE.replace(b"0000000000", b"9999999999")), "odd_syntax"),
    "stream_with_wide_kinds": (cross_reference_stream(b"/W[8 4 1]", b"\0\0\0\0\0\0\0\1%b\0"), "odd_syntax"),
    "stream_as_pyhanko_writes_it": (cross_reference_stream(b"/W[1 8 2]", b"\1\0\0\0\0%b\0\0"), "passed"),
    "stream_with_four_widths": (cross_reference_stream(b"/W[1 4 1 0]"), "odd_syntax"),
    "stream_packed_twice": (
        cross_reference_stream(
            b"/W[1 4 1]/Filter[/FlateDecode/FlateDecode]", pack=lambda r: zlib.compress(zlib.compress(r))
        ),
        "odd_syntax",
    ),
    "listed_twice_alike": (listed_twice_alike, "two_readings"),
    "not_where_it_is_listed": (not_where_it_is_listed, "two_readings"),
    "entry_of_no_kind": (cross_reference_stream(b"/W[1 4 1]", b"\3%b\0"), "two_readings"),
    "listed_above_size": (listed_above_size, "two_readings"),
}


@pytest.mark.parametrize(("make", "reason"), UPDATES.values(), ids=UPDATES)
def test_an_update_is_what_it_lists(make: Callable[[bytes], bytes], reason: str, plan: Plan, trust: Trust) -> None:
    found = verify(make(plan.sealed), trust, None, LATER).rule(RuleId.FILE)
    assert found.reason == reason, found.evidence


FLATE = b"/Filter/FlateDecode"


def ended(data: bytes) -> bytes:
    return zlib.compress(data) + b"\n"


@pytest.mark.parametrize(
    ("said", "pack", "reason"),
    [
        (PLAIN.replace(b"COUNT", b"%d 0 R"), bytes, "odd_syntax"),
        (PLAIN.replace(b"FIRST", b"%d 0 R"), bytes, "odd_syntax"),
        (PLAIN.replace(b"LENGTH", b"%d 0 R"), bytes, "odd_syntax"),
        (PLAIN.replace(b"/ObjStm", b" %d 0 R"), bytes, "odd_syntax"),
        (PLAIN + b"/Filter %d 0 R", zlib.compress, "odd_syntax"),
        (PLAIN + b"/Filter[]", bytes, "odd_syntax"),
        (PLAIN + b"/Filter null", bytes, "odd_syntax"),
        (PLAIN + FLATE, ended, "odd_syntax"),
        (PLAIN + FLATE + b"/DecodeParms null", zlib.compress, "odd_syntax"),
        (PLAIN + FLATE + b"/DecodeParms %d 0 R", zlib.compress, "odd_syntax"),
        (PLAIN + FLATE + b"/DecodeParms<</Predictor %d 0 R>>", zlib.compress, "odd_syntax"),
        (PLAIN + FLATE + b"/DecodeParms<</Predictor 1>>", zlib.compress, "passed"),
        (PLAIN + b"/Filter[/FlateDecode]", zlib.compress, "passed"),
    ],
)
def test_an_object_stream_says_all_itself(
    said: bytes, pack: Callable[[bytes], bytes], reason: str, plan: Plan, trust: Trust
) -> None:
    """Where something else in the file says it rightly, some readers still do without what the stream holds."""
    packed = b"N 0 |<</A 1>>"
    number = size(plan.sealed)
    words = {b"/N ": b"1", b"/First ": b"%d" % len(b"%d 0 " % (number + 1)), b"/Type ": b"/ObjStm"}
    words |= {b"/Length ": b"%d" % len(packed.replace(b"N", b"%d" % (number + 1)).replace(b"|", b""))}
    words |= {b"/Filter ": b"/FlateDecode", b"/DecodeParms ": b"<<>>", b"/Predictor ": b"1"}
    named = next((body for key, body in words.items() if key + b"%d" in said), b"null")
    pdf = appended(plan.sealed, Update({number: named}))
    found = verify(object_stream(packed, 1, said.replace(b"%d", b"%d" % number), pack)(pdf), trust, None, LATER)
    assert found.rule(RuleId.FILE).reason == reason, found.rule(RuleId.FILE).evidence


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"19 +0 obj", "odd_syntax"),
        (b"+19 -0 obj", "odd_syntax"),
        (b"19 ++0 obj", "odd_syntax"),
        (b"19. 0.0 obj", "odd_syntax"),
        (b"19 - obj", "odd_syntax"),
        (b"19\x800\x80obj", "odd_syntax"),
        (b"19 \xff0 obj", "odd_syntax"),
        (b"19\v0\xa0obj", "odd_syntax"),
        (b"19 0 % a\n\x80obj", "odd_syntax"),
        (b"19 %5\n\x80+0\robj", "odd_syntax"),
        (b"19 0 an obj", "passed"),
        (b"19 (0) obj", "passed"),
        (b"19 <> 0 obj", "passed"),
        (b"x\n0 obj", "passed"),
        (b"\x80\x07\nobj", "passed"),
    ],
)
def test_the_word_for_an_object_stands_after_no_two_numbers(head: bytes, reason: str, plan: Plan, trust: Trust) -> None:
    """As some reader at least would take them; elsewhere packed data may have it by chance (each was tried in five)."""
    found = verify(new(stream(b"(a)\n" + head + b"\n<<>>"))(plan.sealed), trust, None, LATER).rule(RuleId.FILE)
    assert found.reason == reason, found.evidence


def test_packed_data_are_not_called_odd_by_chance() -> None:
    """Ten megabytes of noise that have the word thousands of times as often as chance would have it."""
    noise = bytearray(shake_128(b"noise").digest(10_000_000))
    for at in range(1000, len(noise), 2500):
        noise[at : at + 3] = b"obj"
    assert len(list(bodies(bytes(noise), {}, set(), 0))) < 4000 * 0.04


@pytest.mark.parametrize("byte", [b"\x80", b"\xff", b"\v", b"\x7f", "å".encode()])
def test_a_name_is_of_printable_bytes(byte: bytes) -> None:
    for name, end in ((b"/xa", 20), (b"/x" + byte, None)):
        assert object_end(b"1 0 obj\n[%b]\nendobj\n" % name, 0, {}) == end


def test_what_lies_in_an_object_stream_has_no_body_of_its_own(trust: Trust) -> None:
    """Before the first update as well: no place in the file says which of the two is the later one."""

    def saved(body: bytes) -> bytes:
        with pikepdf.open(io.BytesIO(base())) as pdf:
            pdf.Root.PieceInfo = pikepdf.Dictionary(Private=pdf.make_stream(body))
            out = io.BytesIO()
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=False)
        return out.getvalue()

    with pikepdf.open(io.BytesIO(saved(b""))) as pdf:
        number = pdf.Root.Pages.objgen[0]
    found = {
        at: verify(saved(b"%d 0 obj <</Type/Pages>> endobj" % at), trust, None, LATER).rule(RuleId.FILE).reason
        for at in (number, 500)
    }
    assert found == {number: "odd_syntax", 500: "passed"}


@pytest.mark.parametrize("kind", range(5))
def test_rows_of_any_type_that_png_has_are_read(kind: int, trust: Trust) -> None:
    """Of a cross-reference stream, as an encoder may choose them row by row."""
    pdf = cross_reference_stream(PNG % b"", pack=lambda rows: zlib.compress(bytes([kind]) + _row(kind, rows)))(base())
    assert verify(pdf, trust, None, LATER).rule(RuleId.FILE).reason == "passed"


def _row(kind: int, row: bytes) -> bytes:
    """A first row as PNG packs it: above it is nothing, so that only what is to the left matters."""
    left = b"\0" + row[:-1]
    predicted = {1: left, 3: bytes(each // 2 for each in left), 4: left}.get(kind, bytes(len(row)))
    return bytes((byte - guess) % 256 for byte, guess in zip(row, predicted, strict=True))


@pytest.mark.parametrize(
    ("before", "more", "reason"),
    [
        (b"", 0, "two_readings"),
        (b"", 1, "odd_syntax"),
        (b"/PieceInfo<</L 5>>", 0, "two_readings"),
        (b"/Z(/L 5 )", 0, "two_readings"),
        (b"%\n", 0, "odd_syntax"),
    ],
)
def test_a_file_that_says_it_is_made_for_the_web_and_is_not(
    before: bytes, more: int, reason: str, trust: Trust
) -> None:
    """Whichever of its numbers is the length to a reader; where none is, or where it is not said by the letter, nobody
    need believe it."""
    pdf = other_line_ends()
    start = re.search(rb"\d+ 0 obj", pdf)
    assert start
    length = len(pdf) + 200
    said = b"%d 0 obj\n<<%b/Linearized 1/L %d>>\nendobj\n" % (size(pdf), before, length + more)
    odd = pdf[: start.start()] + said + pdf[start.start() :]
    moved = re.sub(rb"(\d{10})(?= 00000 n)", lambda m: b"%010d" % (int(m[1]) + len(said)), odd)
    at = last_number(pdf, rb"startxref\s+(\d+)") + len(said)
    end = b"startxref\n%d\n%%%%EOF\n" % at
    body = re.sub(rb"startxref\n\d+\n%%EOF\n?\Z", b"", moved)
    whole = body + b"\n" * (length - len(body + end)) + end
    assert verify(whole, trust, None, LATER).rule(RuleId.FILE).reason == reason


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


def hybrid() -> bytes:
    """With a second cross-reference for newer readers, as some office programs write it (ISO 32000-2 §7.5.8.4)."""
    pdf = saved(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    at, number = pdf.rindex(b"xref\n0 "), size(pdf)
    said = b"/Type/XRef/W[1 4 1]/Index[%d 1]/Size %d" % (number, number + 1)
    second = b"%d 0 obj\n%b\nendobj\n" % (number, stream(b"\1" + at.to_bytes(4) + b"\0", said))
    rest = pdf[at:].replace(b"/Size %d" % number, b"/Size %d/XRefStm %d" % (number + 1, at))
    return pdf[:at] + second + re.sub(rb"startxref\n\d+", b"startxref\n%d" % (at + len(second)), rest)


def too_small_a_size() -> bytes:
    pdf = saved(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return pdf.replace(b"/Size %d" % size(pdf), b"/Size %d" % (size(pdf) - 1))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (hybrid, "hybrid"),
        (lambda: saved(encryption=pikepdf.Encryption(owner="x", user="")), "encrypted"),
        (too_small_a_size, "odd_syntax"),
    ],
    ids=["hybrid", "encrypted", "size"],
)
def test_what_is_not_read_here_is_not_called_wrong(make: Callable[[], bytes], reason: str, trust: Trust) -> None:
    """Other programs open such files, and nothing shows that they were changed."""
    report = verify(make(), trust, None, LATER)
    assert (report.verdict, report.rule(RuleId.FILE).reason) == (Verdict.INDETERMINATE, reason)


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
