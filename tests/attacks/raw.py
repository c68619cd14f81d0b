"""Incremental updates written by hand, since no careful writer would make these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Update:
    """What an update says: object bodies by number, objects set free, and what its cross-reference claims besides.

    `elsewhere` gives offsets of objects that already lie in the file. `previous` and `root` default to the file's own.
    """

    bodies: Mapping[int, bytes] = field(default_factory=dict)
    freed: tuple[int, ...] = ()
    elsewhere: Mapping[int, int] = field(default_factory=dict)
    root: int | None = None
    previous: int | None = None
    generation: int = 0
    trailer: bytes = b""


def appended(pdf: bytes, update: Update) -> bytes:
    """The file with the update after its end."""
    places, written = dict(update.elsewhere), b""
    for number, body in update.bodies.items():
        places[number] = len(pdf) + len(written)
        written += b"%d %d obj\n%b\nendobj\n" % (number, update.generation, body)
    lines = [b"%d 1\n%010d %05d n \n" % (n, at, update.generation) for n, at in sorted(places.items())]
    lines += [b"%d 1\n0000000000 00001 f \n" % number for number in update.freed]
    lines = lines or [b"0 1\n0000000000 65535 f \n"]
    start = len(pdf) + len(written)
    return pdf + written + b"xref\n" + b"".join(lines) + _trailer(pdf, update, start)


def _trailer(pdf: bytes, update: Update, start: int) -> bytes:
    size = max([int(n) for n in re.findall(rb"/Size (\d+)", pdf)] + [n + 1 for n in update.bodies])
    root = update.root if update.root is not None else last_number(pdf, rb"/Root (\d+) 0 R")
    info = last_number(pdf, rb"/Info (\d+) 0 R")
    previous = last_number(pdf, rb"startxref\s+(\d+)") if update.previous is None else update.previous
    facts = b"/Size %d/Root %d 0 R/Info %d 0 R/Prev %d%b" % (size, root, info, previous, update.trailer)
    return b"trailer\n<<%b>>\nstartxref\n%d\n%%%%EOF\n" % (facts, start)


def last_number(pdf: bytes, pattern: bytes) -> int:
    """The number that the pattern's last place in the file names."""
    return int(re.findall(pattern, pdf)[-1])


def content_number(pdf: bytes) -> int:
    """The object number of the first page's contents."""
    return int(re.findall(rb"/Contents (\d+) 0 R", pdf)[0])


def stream(data: bytes, facts: bytes = b"") -> bytes:
    """The body of a stream object."""
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (facts, len(data), data)
