"""Attacks by what makes a single reader give up and search the file: an update in a form that the others understand.

What it then finds are other contents for the first page, in a stream's data: headed in a way that only some take for an
object, and in a stream whose length stands elsewhere, so that who searches ends it at the first `endstream`; or it
finds nothing. Each of these files was looked at in pdfium, mutool, Poppler and Ghostscript.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from signatures.verify import RuleId

from .crossrefs import facts, size
from .model import Attack, Plan
from .parsers import OTHER_WORDS
from .pki import NOW
from .plans import stamp
from .raw import content_number, last_number, stream


def _body(pdf: bytes, number: int) -> bytes:
    return bytes(re.findall(rb"\n%d 0 obj\s*(<<.*?>>)\s*endobj" % number, pdf, re.DOTALL)[-1])


def _hidden(pdf: bytes) -> dict[int, bytes]:
    """Two new objects, the second a stream that holds other contents."""
    number = size(pdf)
    data = b"x\nendstream\nendobj\n%d +0 obj\n%b\nendobj\n" % (content_number(pdf), stream(OTHER_WORDS))
    said = b"<</Length %d 0 R>>\nstream\n%b\nendstream" % (number, data)
    return {number: b"%d" % len(data), number + 1: said}


def _updated(pdf: bytes, bodies: Mapping[int, bytes], packed: Sequence[int] = (), said: bytes = b"") -> bytes:
    """The file with these objects, with those that the last of them holds, and with a cross-reference stream that says
    this besides."""
    out, entries = pdf, {n: (2, max(bodies), index) for index, n in enumerate(packed)}
    for number, body in bodies.items():
        entries[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    own, start = max(bodies) + 1, len(out)
    entries[own] = (1, start, 0)
    numbers = sorted(entries)
    rows = b"".join(
        bytes([kind]) + at.to_bytes(4) + bytes([index]) for kind, at, index in (entries[n] for n in numbers)
    )
    index = b" ".join(b"%d 1" % n for n in numbers)
    written = stream(rows, b"/Type/XRef/W[1 4 1]/Index[%b]%b%b" % (index, facts(pdf, own + 1), said))
    return out + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, written, start)


def _packed_tree(pdf: bytes, said: bytes) -> bytes:
    """An object stream that holds the page tree's root as it was, and says this of itself."""
    tree = last_number(pdf, rb"/Pages (\d+) 0 R")
    head = b"%d 0 " % tree
    return stream(head + _body(pdf, tree), b"/Type/ObjStm/First %d%b" % (len(head), said))


def count_said_elsewhere(pdf: bytes) -> bytes:
    """The page tree in an object stream whose /N is an object of its own: pdfium does without it, and searches."""
    number = size(pdf) + 2
    holder = _packed_tree(pdf, b"/N %d 0 R" % number)
    return _updated(pdf, {**_hidden(pdf), number: b"1", number + 1: holder}, [last_number(pdf, rb"/Pages (\d+) 0 R")])


def pages_under_a_null_filter(pdf: bytes) -> bytes:
    """The page tree in an object stream whose filter is null: Ghostscript finds no pages at all."""
    holder = _packed_tree(pdf, b"/N 1/Filter null")
    return _updated(pdf, {size(pdf): holder}, [last_number(pdf, rb"/Pages (\d+) 0 R")])


def filter_that_is_none(pdf: bytes) -> bytes:
    """A cross-reference stream with an empty list of filters: Ghostscript searches."""
    return _updated(pdf, _hidden(pdf), said=b"/Filter[]/DecodeParms[]")


def run_with_spaces(pdf: bytes) -> bytes:
    """A table with spaces before the end of a run's first line: mutool searches."""
    written, rows = b"", b""
    for number, body in _hidden(pdf).items():
        rows += b"%d 1        \n%010d 00000 n \n" % (number, len(pdf) + len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    trailer = b"trailer\n<<%b>>\n" % facts(pdf, size(pdf) + 2)
    return pdf + written + b"xref\n" + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(written))


TURNS: tuple[Callable[[bytes], bytes], ...] = (
    count_said_elsewhere,
    pages_under_a_null_filter,
    filter_that_is_none,
    run_with_spaces,
)


def _after_seal(turn: Callable[[bytes], bytes]) -> Callable[[Plan], bytes]:
    """Closed with one more time stamp, which anybody can get."""
    return lambda plan: stamp(turn(plan.sealed), plan.world, NOW + timedelta(minutes=30), "Arkivstampel2")


ATTACKS: tuple[Attack, ...] = tuple(
    Attack(
        turn.__name__,
        _after_seal(turn),
        RuleId.FILE,
        "odd_syntax",
        known="indeterminate",
        alone="indeterminate",
    )
    for turn in TURNS
)
