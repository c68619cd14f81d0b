"""Attacks by parser differential: two readers of the same bytes see two documents. And files that eat their reader."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from signatures.verify import RuleId

from .model import Attack, Plan, flipped, hole_of
from .raw import Update, appended, content_number, last_number, stream

OTHER_WORDS = b"BT /F1 14 Tf 60 760 Td (Ingen dusch alls) Tj ET"


def _root(pdf: bytes) -> int:
    return last_number(pdf, rb"/Root (\d+) 0 R")


def duplicate_key(plan: Plan) -> bytes:
    """Two /Pages in the catalog: some readers take the first, others the last."""
    pdf, number = plan.sealed, max(int(n) for n in re.findall(rb"/Size (\d+)", plan.sealed))
    catalog = re.findall(rb"\n%d 0 obj\s*<<(.*?)>>\s*endobj" % _root(pdf), pdf, re.DOTALL)[-1]
    tree = b"<</Type/Pages/Count 0/Kids[]>>"
    return appended(pdf, Update({_root(pdf): b"<</Pages %d 0 R%b>>" % (number, catalog), number: tree}))


def hybrid_cross_reference(plan: Plan) -> bytes:
    """A second cross-reference that only newer readers follow (/XRefStm)."""
    return appended(plan.sealed, Update(trailer=b"/XRefStm %d" % plan.sealed.index(b" 0 obj")))


def startxref_astray(plan: Plan) -> bytes:
    """The cross-reference cannot be found; a reader that scans for objects opens the file all the same."""
    return flipped(plan.sealed, plan.sealed.rindex(b"startxref\n") + 12)


def comment_in_startxref(plan: Plan) -> bytes:
    """White space and comments where some readers skip them and others do not."""
    at = plan.sealed.rindex(b"startxref\n") + 10
    return plan.sealed[:at] + b"%4560\n" + plan.sealed[at:]


def odd_header(plan: Plan) -> bytes:
    return b"%PDF-1.\0" + plan.sealed[8:]


def other_type_before(plan: Plan) -> bytes:
    """At once a web page and a PDF."""
    return b"<html><!--" + plan.sealed


def generation_raised(plan: Plan) -> bytes:
    """The contents once more as generation 1: a reader that minds no generations shows the new ones."""
    number = content_number(plan.sealed)
    return appended(plan.sealed, Update({number: stream(OTHER_WORDS)}, generation=1))


def signatures_skipped(plan: Plan) -> bytes:
    """The newest cross-reference leads past all signatures back to the base; scanning readers still find them."""
    start = last_number(plan.at["base"], rb"startxref\s+(\d+)")
    return appended(plan.sealed, Update(previous=start))


def body_without_cross_reference(plan: Plan) -> bytes:
    """Other contents appended with no cross-reference: only readers that scan see them (Mladenov et al. 2019, ISA)."""
    return plan.sealed + b"%d 0 obj\n%b\nendobj\n" % (content_number(plan.sealed), stream(OTHER_WORDS)) + b"%%EOF\n"


def shadowed_in_object_stream(plan: Plan) -> bytes:
    """A cross-reference stream that moves the first page into an object stream."""
    pdf, page = plan.sealed, int(re.findall(rb"/Kids \[ ?(\d+) 0 R", plan.sealed)[0])
    size = max(int(n) for n in re.findall(rb"/Size (\d+)", pdf))
    head = b"%d 0 " % page
    packed = head + b"<</Type/Page/MediaBox[0 0 595 842]>>"
    holder = b"%d 0 obj\n%b\nendobj\n" % (size, stream(packed, b"/Type/ObjStm/N 1/First %d" % len(head)))
    start = len(pdf) + len(holder)
    rows = ((2, size, 0), (1, len(pdf), 0), (1, start, 0))
    table = b"".join(bytes([kind]) + at.to_bytes(4) + bytes([index]) for kind, at, index in rows)
    previous = last_number(pdf, rb"startxref\s+(\d+)")
    facts = b"/Type/XRef/W[1 4 1]/Index[%d 1 %d 2]/Size %d" % (page, size, size + 2)
    facts += b"/Root %d 0 R/Info %d 0 R/Prev %d" % (_root(pdf), last_number(pdf, rb"/Info (\d+) 0 R"), previous)
    written = b"%d 0 obj\n%b\nendobj\n" % (size + 1, stream(table, facts))
    return pdf + holder + written + b"startxref\n%d\n%%%%EOF\n" % start


def signature_wrapped(plan: Plan) -> bytes:
    """The seal's second half is moved to the end, and between the halves lies another document (ibid., SWA)."""
    pdf = plan.sealed
    resume = hole_of(pdf, -1)[1] + 1
    tail, start = pdf[resume:], last_number(pdf, rb"startxref\s+(\d+)")
    body = b"%d 0 obj\n%b\nendobj\n" % (content_number(pdf), stream(OTHER_WORDS))
    rest = pdf[start + len(b"xref\n") : pdf.rindex(b"startxref")]
    line = len(b"0000000000 00000 n \n") + len(b"%d 1\n" % content_number(pdf))
    at = start + len(b"xref\n") + line + len(rest)
    table = b"xref\n%d 1\n%010d 00000 n \n%b" % (content_number(pdf), at, rest)
    end = start + len(table) + len(body)
    facts = b"/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
    claim = b"/ByteRange[0 %d %d %d]%b>>\nendobj\n" % (hole_of(pdf, -1)[0] - 1, end, len(tail), facts)
    assert len(claim) <= start - resume
    return pdf[:resume] + claim.ljust(start - resume) + table + body + tail


def _signature_without(key: bytes) -> Callable[[Plan], bytes]:
    """The first signature as a dictionary that lacks what is to be checked (ibid., USF)."""

    def make(plan: Plan) -> bytes:
        number = int(re.findall(rb"/V (\d+) 0 R", plan.sealed)[0])
        body = re.findall(rb"\n%d 0 obj\s*(<<.*?>>)\s*endobj" % number, plan.sealed, re.DOTALL)[0]
        emptied = re.sub(key, b"", body, count=1)
        assert emptied != body
        return appended(plan.sealed, Update({number: emptied}))

    return make


def decompression_bomb(plan: Plan) -> bytes:
    """Metadata of a few kB that would unpack to hundreds of megabytes."""
    packed = zlib.compress(zlib.compress(bytes(300_000_000), 9), 9)
    bomb = stream(packed, b"/Type/Metadata/Subtype/XML/Filter[/FlateDecode/FlateDecode]")
    return appended(plan.sealed, Update({int(re.findall(rb"/Metadata (\d+) 0 R", plan.sealed)[0]): bomb}))


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "duplicate_key",
        duplicate_key,
        RuleId.FILE,
        "odd_syntax",
        known="indeterminate",
        alone="indeterminate",
    ),
    Attack(
        "hybrid_cross_reference",
        hybrid_cross_reference,
        RuleId.FILE,
        "odd_syntax",
        known="indeterminate",
        alone="indeterminate",
    ),
    Attack("startxref_astray", startxref_astray, RuleId.FILE, "unreadable"),
    Attack("comment_in_startxref", comment_in_startxref, RuleId.FILE, "bytes_after_end"),
    Attack("odd_header", odd_header, RuleId.SIGNATURES, "altered"),
    Attack("other_type_before", other_type_before, RuleId.FILE, "bytes_before_header"),
    Attack(
        "generation_raised",
        generation_raised,
        RuleId.FILE,
        "odd_syntax",
        known="indeterminate",
        alone="indeterminate",
    ),
    Attack("signatures_skipped", signatures_skipped, RuleId.FIELDS, "missing", alone="indeterminate"),
    Attack("body_without_cross_reference", body_without_cross_reference, RuleId.FILE, "bytes_after_end"),
    Attack("shadowed_in_object_stream", shadowed_in_object_stream, RuleId.CHANGES, "changed"),
    Attack("signature_wrapped", signature_wrapped, RuleId.SIGNATURES, "byte_range"),
    Attack("signature_without_contents", _signature_without(rb"/Contents <[0-9A-F]*>"), RuleId.CHANGES, "changed"),
    Attack("signature_without_byte_range", _signature_without(rb"/ByteRange \[.*?\]"), RuleId.CHANGES, "changed"),
    Attack("decompression_bomb", decompression_bomb, RuleId.CHANGES, "forbidden"),
)
