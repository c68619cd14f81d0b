"""One revision's cross-reference and trailer, read once more by a strict grammar of our own (rule R1).

ISO 32000-2 §7.5.4 (tables), §7.5.5 (trailers) and §7.5.8 (streams). More is demanded of what came `late`, after the
first signature: nothing in it may be other than careful writers write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from pyhanko.pdf_utils.generic import (
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.xref import XRefSectionData

from .objects import items, raw_entry
from .reader import Reader
from .streams import is_plain
from .syntax import END_OF_LINE, ENDS, WHITE, dictionary_end, object_end

_SPACE = re.compile(WHITE)
_WORD = re.compile(WHITE + rb"{0,8}+xref *" + END_OF_LINE + WHITE + rb"{0,8}+")
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10}) *" + END_OF_LINE)
_LATE_WORD = re.compile(rb"xref" + END_OF_LINE)
_LATE_SUBSECTION = re.compile(rb"(0|[1-9]\d{0,9}) (0|[1-9]\d{0,9}) ?" + END_OF_LINE)
_ROWS = re.compile(rb"(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))*+")
_ROW = 20
_FREE = re.compile(rb"(\d{10}) (\d{5}) f")
_TRAILER = re.compile(WHITE + rb"*+(trailer)" + ENDS + WHITE + rb"*+")
_TAIL = re.compile(
    rb"(?:" + WHITE + rb"++|%(?!%EOF)[^\r\n]*+)*+startxref" + WHITE + rb"++(\d{1,10})" + WHITE + rb"++%%EOF"
    rb"(?:" + END_OF_LINE + rb"|\Z)"
)
_FIRST_FREE = b"0000000000 65535 f"
_MOST = 0xFFFF  # generations, and the objects in one stream
_STRINGS = ByteStringObject | TextStringObject
_TRAILER_KEYS = {"/Size", "/Prev", "/Root", "/Info", "/ID"}
_STREAM_KEYS = {"/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"}


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that readers may take differently: `proven` where two of them must find different objects."""

    what: str
    proven: bool = False


@dataclass(slots=True)
class Section:
    """One revision's cross-reference: its entries, its own trailer, and where its bytes begin.

    Where it is `written` by the letter: `end` is the end of its `%%EOF`, `said` the offset before that. The first of
    two in a file made for the web may have neither. `word_at` is where it says `trailer`, or of what type a stream is.
    """

    revision: int
    data: XRefSectionData
    trailer: DictionaryObject
    start: int
    late: bool
    written: bool = False
    said: int | None = None
    end: int | None = None
    word_at: int | None = None
    runs: list[tuple[int, int]] = field(default_factory=list)
    """First number and count of each run of entries."""
    free: list[tuple[int, int]] = field(default_factory=list)
    """Of each entry for a free number: the next free one, and the generation that it may have."""

    @property
    def name(self) -> str:
        """What it is called in evidence."""
        return f"revision {self.revision}"


def section_of(pdf: bytes, reader: Reader, revision: int, *, late: bool) -> Section:
    """The section's bytes, followed by the letter as far as they go."""
    facts = reader.xrefs.get_xref_container_info(revision)
    data, start = reader.xrefs.get_xref_data(revision), int(facts.declared_startxref)
    section = Section(revision, data, reader.trailers[revision], start, late)
    if isinstance(section.trailer, StreamObject):
        places = {number: at for number, (_, at) in data.standard_xrefs.items()}
        end, section.word_at = object_end(pdf, start, places), pdf.find(b"/XRef", start)
    else:
        end = _table_end(pdf, section)
    section.written = end is not None and not (late and _SPACE.match(pdf, start))
    if end is not None and (tail := _TAIL.match(pdf, end)):
        section.said, section.end = int(tail[1]), tail.end()
    return section


def _table_end(pdf: bytes, section: Section) -> int | None:
    """Where the table's trailer ends, or None where it is not written by the letter."""
    words, subsections = (_LATE_WORD, _LATE_SUBSECTION) if section.late else (_WORD, _SUBSECTION)
    word = words.match(pdf, section.start)
    at = word.end() if word else len(pdf)
    while (head := subsections.match(pdf, at)) is not None:
        first, count = int(head[1]), int(head[2])
        at = head.end() + _ROW * count
        if at > len(pdf) or not _ROWS.fullmatch(pdf, head.end(), at):
            return None
        if first == 0 and count and pdf[head.end() + 17 : head.end() + 18] != b"f":
            return None
        # Which some readers take for a table that begins at 0 and says 1.
        if first == 1 and pdf.startswith(_FIRST_FREE, head.end()):
            return None
        section.runs.append((first, count))
        section.free += [(int(row[1]), int(row[2])) for row in _FREE.finditer(pdf, head.end(), at)]
    trailer = _TRAILER.match(pdf, at)
    if trailer is None or not section.runs:
        return None
    section.word_at = trailer.start(1)
    return dictionary_end(pdf, trailer.end())


def faults(section: Section, before: list[Section]) -> Iterator[Oddity]:
    """What is odd in how the section is written; `before` are those of older revisions."""
    if not section.written:
        yield Oddity(f"{section.name}: the cross-reference is not written as the standard says")
    size = raw_entry(section.trailer, "/Size")
    if not isinstance(size, NumberObject):
        yield Oddity(f"{section.name}: no /Size")
        return
    if isinstance(section.trailer, StreamObject):
        yield from _stream(section, section.trailer, int(size))
    elif "/XRefStm" in section.trailer:
        yield Oddity(f"{section.name}: a second cross-reference")
    yield from _runs(section, int(size))
    if section.late:
        yield from _late(section, before, int(size))


def _runs(section: Section, size: int) -> Iterator[Oddity]:
    """Runs of numbers below /Size, none of them twice; runs of no numbers are no use, but some programs write them."""
    for first, count in section.runs:
        if first < 0 or count < 0 or first + count > size:
            yield Oddity(f"{section.name}: {count} numbers from {first} on of {size}", proven=section.late)
        elif section.late and not count:
            yield Oddity(f"{section.name}: no numbers from {first} on")
    runs = sorted(section.runs)
    for (first, count), (following, _) in pairwise(runs):
        if first + count > following:
            yield Oddity(f"{section.name}: object {following} is listed twice", proven=section.late)
    if section.revision == 0 and runs and runs[0][0] != 0:
        yield Oddity(f"{section.name}: the table does not begin at 0")


def _stream(section: Section, stream: StreamObject, size: int) -> Iterator[Oddity]:
    """A cross-reference stream: three widths, numbers below /Size, and entries of type 0 to 2 (ibid., table 18)."""
    widths, index = (_integers(raw_entry(stream, key)) for key in ("/W", "/Index"))
    if widths is None or len(widths) != 3 or not widths[1] or not all(0 <= width <= 8 for width in widths):
        yield Oddity(f"{section.name}: widths {widths}")
        return
    if section.late and (widths[0] != 1 or widths[2] > 2):
        yield Oddity(f"{section.name}: widths {widths} that no careful writer uses")
    if section.late and not is_plain(stream, "/Size"):
        yield Oddity(f"{section.name}: a cross-reference stream that is not plain")
    numbers = [0, size] if "/Index" not in stream else index
    if not numbers or len(numbers) % 2:
        yield Oddity(f"{section.name}: no runs of numbers")
        return
    section.runs += zip(numbers[::2], numbers[1::2], strict=True)
    entries = list(_entries(stream.data, widths))
    section.free += [(following, generation) for kind, following, generation in entries if kind == 0]
    if any(kind > 2 for kind, _, _ in entries):
        yield Oddity(f"{section.name}: entries of a kind that is not known", proven=section.late)
    if numbers[:1] == [0] and numbers[1] and entries[0][0] != 0:
        yield Oddity(f"{section.name}: object 0 in use")


def _entries(data: bytes, widths: list[int]) -> Iterator[tuple[int, ...]]:
    """The three numbers of each entry; of what takes no bytes the kind is 1, else the number is 0."""
    ends = list(accumulate(widths, initial=0))
    for at in range(0, len(data), ends[-1]):
        row = [int.from_bytes(data[at + a : at + b]) for a, b in pairwise(ends)]
        yield (row[0] if widths[0] else 1, *row[1:])


def _integers(value: PdfObject | None) -> list[int] | None:
    """The members of an array of integers, written as such; None for anything else."""
    members = items(value)
    found = [int(each) for each in members if isinstance(each, NumberObject)]
    return found if len(found) == len(members) else None


def _late(section: Section, before: list[Section], size: int) -> Iterator[Oddity]:
    """A trailer of its own that says all it should and no more than those before it, and a list of free numbers that
    leads nowhere else.

    All that the one before says should stand in it too (§7.5.6). Without /Root a reader may search the file for
    another, and without /Info it shows none; the rest some programs leave out.
    """
    allowed = _TRAILER_KEYS.union(_STREAM_KEYS if isinstance(section.trailer, StreamObject) else ())
    earlier = {str(key) for each in before for key in each.trailer}
    own = set(map(str, section.trailer))
    odd = (own - allowed - (earlier - _STREAM_KEYS)) | ({"/Info"} & (earlier - own))
    if odd:
        yield Oddity(f"{section.name}: a trailer with or without {', '.join(sorted(odd))}")
    root, *roots = (raw_entry(each.trailer, "/Root") for each in (section, *reversed(before)))
    if not isinstance(root, IndirectObject) or root != next(filter(None, roots), None):
        yield Oddity(f"{section.name}: a trailer with another /Root")
    if "/ID" in own and [isinstance(each, _STRINGS) for each in items(raw_entry(section.trailer, "/ID"))] != [
        True,
        True,
    ]:
        yield Oddity(f"{section.name}: a trailer with an odd /ID")
    if any(following >= size or generation > _MOST for following, generation in section.free):
        yield Oddity(f"{section.name}: free numbers that are none")
