"""Whether all readers find the same objects in the bytes: the cross-references by a strict grammar (rule R1).

A cross-reference says where each object lies (ISO 32000-2 §7.5.4, §7.5.8). Where it is not quite what the standard
says, readers differ: one takes the first of two entries for a number, another the last; one overlooks a misspelt word,
another throws the table away and searches the bytes for objects, and finds what no table lists. Then they show two
documents.

Demanded of every revision: the section is where it is said to be and is written by the letter; each number has one
entry; each entry leads to the head of its object; no body lies later in the file than the one that is listed.

Demanded of every revision after number `since` besides: its bytes are the objects that it lists, the section, the
trailer, `startxref`, `%%EOF`, and between them only white space and comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject, Reference, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionData, XRefSectionType

from .objects import items
from .syntax import END_OF_LINE, ENDS, FILLER, HEAD, WHITE, dictionary_end, is_value, object_end

_WORD = re.compile(WHITE + rb"{0,8}+xref *" + END_OF_LINE + WHITE + rb"{0,8}+")
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10}) *" + END_OF_LINE)
_ROWS = re.compile(rb"(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))*+")
_ROW = 20
_TRAILER = re.compile(WHITE + rb"*+trailer" + ENDS + WHITE + rb"*+")
_TAIL = re.compile(
    rb"(?:" + WHITE + rb"++|%(?!%EOF)[^\r\n]*+)*+startxref" + WHITE + rb"++(\d{1,10})" + WHITE + rb"++%%EOF"
    rb"(?:" + END_OF_LINE + rb"|\Z)"
)
_BODY = re.compile(rb"obj" + ENDS)
_BEFORE_BODY = re.compile(rb"(?s:.*?)(\d+)" + WHITE + rb"+\d+" + WHITE + rb"*\Z")
_LOOK_BACK = 40
_FIRST_FREE = b"0000000000 65535 f"
_LINEARIZED = re.compile(rb"/L" + WHITE + rb"*+\+?0*+(\d{1,10})" + ENDS)
_PACKED = re.compile(WHITE + rb"*+(\d{1,7})" + WHITE + rb"++(\d{1,10})(?!\d)")


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that readers may take differently: `proven` where two of them must find different objects."""

    what: str
    proven: bool = False


@dataclass(slots=True)
class _Section:
    """One revision's cross-reference: its entries, and where its bytes begin.

    Where it is `written` by the letter: `end` is the end of its `%%EOF` and `said` the offset before that. The first of
    two in a file made for the web may have neither.
    """

    revision: int
    data: XRefSectionData
    start: int
    written: bool = False
    said: int | None = None
    end: int | None = None
    numbers: list[tuple[int, int]] = field(default_factory=list)
    """First number and count of each run of entries."""

    @property
    def name(self) -> str:
        return f"revision {self.revision}"


def oddities(pdf: bytes, reader: PdfFileReader, since: int) -> list[Oddity]:
    """All that is odd in the file's cross-references, and in what was added after revision number `since`."""
    sections = [_section(pdf, reader, r) for r in range(int(reader.xrefs.total_revisions))]
    found: list[Oddity] = []
    listed = {s.start: -1 for s in sections}
    for section in sections:
        late = section.revision > since
        found += _written(reader, pdf, section, late=late)
        found += _led_astray(pdf, section, listed, late=late)
        found += _containers(reader, section, late=late)
    ends = [s.end for s in sections[: since + 1] if s.end is not None]
    resumed = max(ends, default=len(pdf))
    found += _bodies(pdf, listed, resumed)
    found += _linearized(pdf, sections)
    found += _walked(pdf, sections[since + 1 :], resumed, sections[: since + 1])
    return found


def _section(pdf: bytes, reader: PdfFileReader, revision: int) -> _Section:
    """The section's bytes, followed by the letter as far as they go."""
    facts = reader.xrefs.get_xref_container_info(revision)
    section = _Section(revision, reader.xrefs.get_xref_data(revision), int(facts.declared_startxref))
    if facts.xref_section_type is XRefSectionType.STREAM:
        places = {number: at for number, (_, at) in section.data.standard_xrefs.items()}
        end = object_end(pdf, section.start, places)
    else:
        end = _table_end(pdf, section)
    section.written = end is not None
    if end is not None and (tail := _TAIL.match(pdf, end)):
        section.said, section.end = int(tail[1]), tail.end()
    return section


def _table_end(pdf: bytes, section: _Section) -> int | None:
    """Where the table's trailer ends, or None where it is not written by the letter."""
    word = _WORD.match(pdf, section.start)
    at = word.end() if word else len(pdf)
    while (head := _SUBSECTION.match(pdf, at)) is not None:
        first, count = int(head[1]), int(head[2])
        at = head.end() + _ROW * count
        if at > len(pdf) or not _ROWS.fullmatch(pdf, head.end(), at):
            return None
        if first == 0 and count and pdf[head.end() + 17 : head.end() + 18] != b"f":
            return None
        # Which some readers take for a table that begins at 0 and says 1.
        if first == 1 and pdf.startswith(_FIRST_FREE, head.end()):
            return None
        section.numbers.append((first, count))
    trailer = _TRAILER.match(pdf, at)
    return dictionary_end(pdf, trailer.end()) if trailer and section.numbers else None


def _written(reader: PdfFileReader, pdf: bytes, section: _Section, *, late: bool) -> Iterator[Oddity]:
    """Whether the section is written by the letter, with one entry a number and no kind of entry that is not known."""
    if not section.written:
        yield Oddity(f"{section.name}: the cross-reference is not written as the standard says")
    facts = reader.xrefs.get_xref_container_info(section.revision)
    if facts.xref_section_type is XRefSectionType.STREAM:
        yield from _stream(reader, section, int(facts.size), late=late)
        return
    if pdf.find(b"/XRefStm", int(facts.end_location), section.end or len(pdf)) >= 0:
        yield Oddity(f"{section.name}: a second cross-reference")
    runs = sorted(section.numbers)
    for (first, count), (following, _) in pairwise(runs):
        if first + count > following:
            yield Oddity(f"{section.name}: object {following} is listed twice", proven=late)
    if section.revision == 0 and runs and runs[0][0] != 0:
        yield Oddity(f"{section.name}: the table does not begin at 0")


def _stream(reader: PdfFileReader, section: _Section, size: int, *, late: bool) -> Iterator[Oddity]:
    """A cross-reference stream: three widths, numbers below /Size, and entries of type 0 to 2 (ibid., table 18)."""
    data = section.data
    widths = [int(width) for width in _own(reader, section, "/W")]
    if len(widths) != 3 or not all(0 <= width <= 8 for width in widths):
        yield Oddity(f"{section.name}: widths {widths}")
        return
    if not _simply_packed(_own(reader, section, "/Filter"), _own(reader, section, "/DecodeParms"), sum(widths)):
        yield Oddity(f"{section.name}: a cross-reference packed in a way that is not known")
    index = [int(number) for number in _own(reader, section, "/Index") or (0, size)]
    known = [*data.freed, *data.standard_xrefs, *data.xrefs_in_objstm]
    zero = any(first == 0 and count for first, count in zip(index[::2], index[1::2], strict=True))
    if len(known) + zero != sum(index[1::2]):
        yield Oddity(f"{section.name}: entries of a kind that is not known, or two of one number", proven=late)
    if max(known, default=0) >= size:
        yield Oddity(f"{section.name}: numbers above /Size", proven=late)
    if zero and not widths[0]:
        yield Oddity(f"{section.name}: object 0 in use")


def _own(reader: PdfFileReader, section: _Section, key: str) -> Any:
    """What the section's own trailer says; None where it says nothing."""
    try:
        return reader.trailer.raw_get(key, revision=section.revision)
    except KeyError:
        return None


def _simply_packed(name: Any, parameters: Any, columns: int) -> bool:
    """Whether a cross-reference stream is packed as all readers unpack it: in rows of bytes, of its own width."""
    if name is None:
        return parameters is None
    facts = items(parameters)[0] if len(items(parameters)) == 1 else parameters
    if [str(each) for each in items(name) or [name]] != ["/FlateDecode"] or not isinstance(
        facts, DictionaryObject | None
    ):
        return False
    said = {"/Predictor": 1, "/Columns": 1, "/Colors": 1, "/BitsPerComponent": 8} | dict(facts or {})
    rows = said["/Predictor"] == 1 or (10 <= said["/Predictor"] <= 15 and said["/Columns"] == columns)
    return rows and len(said) == 4 and (said["/Colors"], said["/BitsPerComponent"]) == (1, 8)


def _led_astray(pdf: bytes, section: _Section, listed: dict[int, int], *, late: bool) -> Iterator[Oddity]:
    """Entries that do not lead to the head of their object. Adds to `listed` the places of those that do."""
    for number, (generation, at) in section.data.standard_xrefs.items():
        head = HEAD.match(pdf, at) if at > 0 else None
        if head is None or int(head[1]) != number or int(head[2]) != generation or (late and head.start(1) != at):
            yield Oddity(f"{section.name}: object {number} is not where it is listed", proven=late)
        else:
            listed[head.start(1)] = number


def _containers(reader: PdfFileReader, section: _Section, *, late: bool) -> Iterator[Oddity]:
    """Object streams that are no objects of their own, or (in what came `late`) hold others than are listed."""
    held: dict[int, list[tuple[int, int]]] = {}
    for number, place in section.data.xrefs_in_objstm.items():
        held.setdefault(int(place.obj_stream_id), []).append((int(place.ix_in_stream), number))
    for container, entries in held.items():
        reference = Reference(container, 0, reader)
        if not isinstance(reader.xrefs.get_historical_ref(reference, section.revision), int):
            yield Oddity(f"{section.name}: the object stream {container} is no object")
        elif late and (
            container not in section.data.standard_xrefs or not _packed(reader, reference, entries, section)
        ):
            yield Oddity(f"{section.name}: the object stream {container} holds other than what is listed")


def _packed(reader: PdfFileReader, reference: Reference, entries: list[tuple[int, int]], section: _Section) -> bool:
    """Whether an object stream holds these objects in this order, each written by the letter, and no others."""
    if reference.idnum not in section.data.standard_xrefs:
        return False
    stream = reader.get_historical_resolver(section.revision)(reference)
    if not isinstance(stream, StreamObject) or "/DecodeParms" in stream:
        return False
    data, first = stream.data, int(stream["/First"])
    pairs = [(int(number), int(at)) for number, at in _PACKED.findall(data[:first])]
    if [number for number, _ in pairs] != [number for _, number in sorted(entries)] or len(pairs) != stream["/N"]:
        return False
    starts = [first + at for _, at in pairs] + [len(data)]
    return all(a < b and is_value(data[a:b]) for a, b in pairwise(starts))


def _bodies(pdf: bytes, listed: dict[int, int], resumed: int) -> Iterator[Oddity]:
    """Bodies that no cross-reference lists, which a reader that searches the bytes finds all the same.

    Before `resumed` such are left behind by many programs, and matter only where they would stand in for a listed one.
    """
    newest: dict[int, int] = {}
    for at, number in listed.items():
        newest[number] = max(at, newest.get(number, 0))
    for body in _BODY.finditer(pdf):
        if pdf.startswith(b"end", body.start() - 3):
            continue
        head = _BEFORE_BODY.match(pdf, max(0, body.start() - _LOOK_BACK), body.start())
        if head is None or head.start(1) in listed:
            continue
        number, at = int(head[1]), head.start(1)
        if at >= resumed:
            yield Oddity(f"byte {at}: object {number} is not listed", proven=True)
        elif newest.get(number, at) < at or b"ObjStm" in pdf[body.end() : body.end() + 200]:
            yield Oddity(f"byte {at}: object {number} once more, not listed")


def _linearized(pdf: bytes, sections: list[_Section]) -> Iterator[Oddity]:
    """A file made for the web is read from its beginning, if it has the length that it says (ISO 32000-2 annex F).

    What such a reader takes for the first cross-reference must then be the one that is found from the end.
    """
    header = FILLER.match(pdf)
    start = HEAD.match(pdf, header.end() if header else 0)
    end = pdf.find(b"endobj", start.end()) if start else -1
    if start is None or end < 0:
        return
    first = re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m[1].decode()), pdf[start.end() : end])
    said = _LINEARIZED.search(first) if b"/Linearized" in first else None
    if said is None or int(said[1]) != len(pdf):
        return
    if not FILLER.fullmatch(pdf, end + len(b"endobj"), sections[-1].start):
        yield Oddity("a first cross-reference that is not the last one", proven=True)


def _walked(pdf: bytes, late: list[_Section], at: int, before: list[_Section]) -> Iterator[Oddity]:
    """Whether the bytes from `at` on are nothing but what these revisions list."""
    known = {(number, place) for s in before for number, (_, place) in s.data.standard_xrefs.items()}
    for section in late:
        places = {number: place for number, (_, place) in section.data.standard_xrefs.items()}
        own = sorted(place for place in places.values() if place >= at and place != section.start)
        if any(place < at and (number, place) not in known for number, place in places.items()):
            yield Oddity(f"{section.name}: lists what lay in the file before")
        known |= set(places.items())
        for place in own:
            end = object_end(pdf, place, places)
            if not FILLER.fullmatch(pdf, at, place) or end is None:
                yield Oddity(f"{section.name}: byte {at if end else place} is not understood")
                return
            at = end
        if section.end is None or section.said != section.start or not FILLER.fullmatch(pdf, at, section.start):
            yield Oddity(f"{section.name}: byte {at} is not understood")
            return
        at = section.end
    if late and at != len(pdf):
        yield Oddity(f"byte {at} is not understood")
