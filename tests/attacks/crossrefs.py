"""Attacks on what says where each object lies: one reader follows it, another does not and finds other contents.

All hide other contents for the first page in what a trusted time stamp then covers. To pyHanko the page is as it was;
mutool, Poppler, Ghostscript or pdfium show the other (each of these files was looked at in all four).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from signatures.verify import RuleId

from .model import Attack, Plan
from .parsers import OTHER_WORDS
from .pki import NOW, World
from .plans import Signing, base, stages, stamp
from .raw import Update, appended, content_number, last_number, stream

FREE = b"0 1\n0000000000 65535 f \n"
HEADER, LENGTH = b"%PDF-1.7\n", 200_000


def _other(pdf: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (content_number(pdf), stream(OTHER_WORDS))


def _place(pdf: bytes) -> int:
    return pdf.index(b"\n%d 0 obj" % content_number(pdf)) + 1


def size(pdf: bytes) -> int:
    """The number that the next new object may have."""
    return max(int(n) for n in re.findall(rb"/Size (\d+)", pdf))


def facts(pdf: bytes, total: int) -> bytes:
    """What an update's trailer says."""
    root, info = last_number(pdf, rb"/Root (\d+) 0 R"), last_number(pdf, rb"/Info (\d+) 0 R")
    previous = last_number(pdf, rb"startxref\s+(\d+)")
    return b"/Size %d/Root %d 0 R/Info %d 0 R/Prev %d" % (total, root, info, previous)


def table(pdf: bytes, bodies: bytes, rows: bytes, word: bytes = b"xref") -> bytes:
    """The file with bodies and a cross-reference after its end, whatever that lists."""
    trailer = b"trailer\n<<%b>>\n" % facts(pdf, size(pdf))
    end = b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(bodies))
    return pdf + bodies + word + b"\n" + rows + trailer + end


def listed_twice(pdf: bytes) -> bytes:
    """Two entries for one number: some readers take the first, others the last."""
    row = b"%d 1\n%%010d 00000 n \n" % content_number(pdf)
    return table(pdf, _other(pdf), row % len(pdf) + row % _place(pdf))


def word_misspelt(pdf: bytes) -> bytes:
    """`xrefX`: who sees that it is no table searches the file for objects."""
    return table(pdf, _other(pdf), FREE, b"xrefX")


def object_misspelt(pdf: bytes) -> bytes:
    """The contents written anew as they were, but headed `foo` for `obj`: who sees it searches the file."""
    number, other = content_number(pdf), _other(pdf)
    bodies = other + b"%d 0 foo\n%b\nendobj\n" % (number, _contents(pdf))
    return table(pdf, bodies, b"%d 1\n%010d 00000 n \n" % (number, len(pdf) + len(other)))


def entry_of_no_kind(pdf: bytes) -> bytes:
    """A cross-reference stream with an entry of type 3, which is null to one reader and a damage to another."""
    other, number = _other(pdf), size(pdf)
    start = len(pdf) + len(other)
    rows = b"".join(bytes([kind]) + at.to_bytes(4) + b"\0" for kind, at in ((3, 0), (1, start)))
    said = b"/Type/XRef/W[1 4 1]/Index[%d 1 %d 1]%b" % (content_number(pdf), number, facts(pdf, number + 1))
    written = b"%d 0 obj\n%b\nendobj\n" % (number, stream(rows, said))
    return pdf + other + written + b"startxref\n%d\n%%%%EOF\n" % start


def row_of_no_type(pdf: bytes) -> bytes:
    """A cross-reference stream whose first row is to be taken as it stands (PNG's type 0), which pyHanko takes for
    zeros. So to pyHanko the contents lie where they are written anew as they were; to others where the first row says,
    in a stream's data, and headed so that a comment stands between number and word."""
    number = content_number(pdf)
    evil = b"%d 0%%\nobj\n%b\nendobj\n" % (number, stream(OTHER_WORDS))
    longer = appended(pdf, Update({size(pdf): stream(b"\n" + evil)}))
    same = b"%d 0 obj\n%b\nendobj\n" % (number, _contents(pdf))
    other, here, own = longer.rindex(evil), len(longer), size(longer)
    start = here + len(same)
    first = bytes((a - b) % 256 for a, b in zip(other.to_bytes(4), here.to_bytes(4), strict=True))
    rows = b"\0" + b"\0" + first + b"\0" + b"\2" + b"\1" + here.to_bytes(4) + b"\0"
    said = b"/Type/XRef/W[1 4 1]/Index[0 1 %d 1]%b" % (number, facts(longer, own + 1))
    said += b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 6>>"
    written = b"%d 0 obj\n%b\nendobj\n" % (own, stream(zlib.compress(rows), said))
    return longer + same + written + b"startxref\n%d\n%%%%EOF\n" % start


def _hidden_page(pdf: bytes) -> dict[int, bytes]:
    """An object stream that is listed as an object, but not what it holds: the first page, with other contents."""
    number, page = size(pdf), last_number(pdf, rb"/Kids \[ (\d+) 0 R")
    body = re.findall(rb"\n%d 0 obj\s*(<<.*?>>)\s*endobj" % page, pdf, re.DOTALL)[-1]
    other = re.sub(rb"/Contents \d+ 0 R", b"/Contents %d 0 R" % (number + 1), body)
    head = b"%d 0 " % page
    return {number: stream(head + other, b"/Type/ObjStm/N 1/First %d" % len(head)), number + 1: stream(OTHER_WORDS)}


def run_of_no_numbers(pdf: bytes) -> bytes:
    """A run of nothing from a number that no file has: who finds that wrong searches the file for objects."""
    written, rows = b"", b""
    for number, body in _hidden_page(pdf).items():
        rows += b"%d 1\n%010d 00000 n \n" % (number, len(pdf) + len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    facts_ = facts(pdf, size(pdf) + 2)
    table_ = b"xref\n%b9999999999 0\ntrailer\n<<%b>>\n" % (rows, facts_)
    return pdf + written + table_ + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(written))


def another_catalog(pdf: bytes) -> bytes:
    """Entries whose kind takes eight bytes: who finds that wrong searches the file, and finds another catalog."""
    number, font = size(pdf), last_number(pdf, rb"/F1 (\d+) 0 R")
    page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 %d 0 R>>>>/Contents %d 0 R>>"
    bodies = (
        b"<</Type/Catalog/Pages %d 0 R>>" % (number + 1),
        b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 2),
        page % (number + 1, font, number + 3),
        stream(OTHER_WORDS),
        stream(b"\nendstream\nendobj\n\ntrailer\n<</Size %d/Root %d 0 R>>\n" % (number + 5, number)),
    )
    written, rows = b"", b""
    for at, body in enumerate(bodies, number):
        rows += (1).to_bytes(8) + (len(pdf) + len(written)).to_bytes(4) + b"\0"
        written += b"%d 0 obj\n%b\nendobj\n" % (at, body)
    own, start = number + len(bodies), len(pdf) + len(written)
    rows += (1).to_bytes(8) + start.to_bytes(4) + b"\0"
    said = b"/Type/XRef/W[8 4 1]/Index[%d %d]%b" % (number, len(bodies) + 1, facts(pdf, own + 1))
    return pdf + written + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, stream(rows, said), start)


def _for_the_web(also: bytes) -> bytes:
    """A base that says it is made for the web and as long as the sealed plan will be; its first cross-reference, which
    only counts in such a file, leads to other contents. It says `also` something before that."""
    pdf = base()
    bodies = {int(m[1]): m[2] for m in re.finditer(rb"\n(\d+) 0 obj\s*(.*?)\s*endobj", pdf, re.DOTALL)}
    page = next(n for n, body in bodies.items() if re.search(rb"/Type /Page\b(?!s)", body))
    total, number = max(bodies) + 2, content_number(pdf)
    identity = re.findall(rb"/ID \[.*?\]", pdf, re.DOTALL)[-1]
    root, info = last_number(pdf, rb"/Root (\d+) 0 R"), last_number(pdf, rb"/Info (\d+) 0 R")
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R%b>>\nstartxref\n%%d\n%%%%%%%%EOF\n" % (
        total, root, info, identity,
    )  # fmt: skip
    said = b"%b/Linearized 1/L %d/H[0 0]/O %d/E 1000/N 1/T %%010d" % (also, LENGTH, page)
    head, places = b"%d 0 obj\n<<%b>>\nendobj\n" % (total - 1, said), {total - 1: len(HEADER)}
    start = len(HEADER + head % 0) + len(b"xref\n0 %d\n" % total) + 20 * total + len(trailer % 0)
    other, written = start, _other(pdf)
    for n, body in bodies.items():
        places[n] = start + len(written)
        written += b"%d 0 obj\n%b\nendobj\n" % (n, body)
    end = start + len(written)

    def whole(at: dict[int, int], startxref: int) -> bytes:
        rows = (b"%010d 00000 n \n" % at[n] if n in at else b"0000000000 65535 f \n" for n in range(total))
        return b"xref\n0 %d\n%b" % (total, b"".join(rows)) + trailer % startxref

    first = whole({**places, number: other}, 0)
    return HEADER + head % end + first + written + whole(places, end)


@cache
def _signed_for_the_web(world: World, also: bytes) -> bytes:
    return stages(Signing(world), _for_the_web(also), seal=False)[-1].pdf


def first_cross_reference_of_its_own(plan: Plan, also: bytes = b"") -> bytes:
    """The archive's seal makes the file as long as it says, and readers begin to believe what it says."""

    def made(padding: int) -> bytes:
        signed = _signed_for_the_web(plan.world, also)
        longer = appended(signed, Update({size(signed): b"(%b)" % (b"-" * padding)}))
        return stamp(longer, plan.world, NOW + timedelta(minutes=15))

    padding = LENGTH // 2
    while len(pdf := made(padding)) != LENGTH:  # the evidence put in is a few bytes longer or shorter each time
        padding += LENGTH - len(pdf)
    return pdf


def another_length_before(plan: Plan) -> bytes:
    """The same, but what stands first under the key for the length is none."""
    return first_cross_reference_of_its_own(plan, b"/PieceInfo<</L 5>>")


def _contents(pdf: bytes) -> bytes:
    """The first page's contents, as a stream object's body."""
    found = re.search(rb"\n%d 0 obj\s*(<<.*?endstream)\s*endobj" % content_number(pdf), pdf, re.DOTALL)
    assert found
    return found[1]


TURNS: tuple[Callable[[bytes], bytes], ...] = (listed_twice, word_misspelt, object_misspelt, entry_of_no_kind)


def _before_seal(turn: Callable[[bytes], bytes]) -> Callable[[Plan], bytes]:
    return lambda plan: stamp(turn(plan.at["enhetschef"]), plan.world, NOW + timedelta(minutes=15))


def _after_seal(turn: Callable[[bytes], bytes]) -> Callable[[Plan], bytes]:
    """Closed with one more time stamp, which anybody can get."""
    return lambda plan: stamp(turn(plan.sealed), plan.world, NOW + timedelta(minutes=30), "Arkivstampel2")


ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"{turn.__name__}_before_seal", _before_seal(turn), RuleId.FILE, "two_readings") for turn in TURNS),
    *(Attack(f"{turn.__name__}_after_seal", _after_seal(turn), RuleId.FILE, "two_readings") for turn in TURNS[:2]),
    Attack("row_of_no_type_after_seal", _after_seal(row_of_no_type), RuleId.FILE, "two_readings"),
    Attack("run_of_no_numbers_after_seal", _after_seal(run_of_no_numbers), RuleId.FILE, "two_readings"),
    Attack(
        "another_catalog_after_seal",
        _after_seal(another_catalog),
        RuleId.FILE,
        "odd_syntax",
        known="indeterminate",
        alone="indeterminate",
    ),
    Attack("another_length_before", another_length_before, RuleId.FILE, "two_readings"),
    Attack("first_cross_reference_of_its_own", first_cross_reference_of_its_own, RuleId.FILE, "two_readings"),
)
