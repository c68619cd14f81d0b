"""Whether all readers find the same objects in the bytes: the cross-references by a strict grammar (rule R1).

A cross-reference says where each object lies (ISO 32000-2 §7.5.4, §7.5.8). Where it is not quite what the standard
says, readers differ: one takes the first of two entries for a number, another the last; one overlooks a misspelt word,
another throws the table away and searches the bytes for objects, and finds what no table lists. Then they show two
documents.

Demanded of the file: a first line that says its version.

Demanded of every revision: the section is where it is said to be and is written by the letter (`sections.py`); each
number has one entry; each entry leads to the head of its object; no body lies later in the file than the one that is
listed (`searched.py`).

Demanded of every revision after number `since` besides: its bytes are the objects that it lists, the section, the
trailer, `startxref`, `%%EOF`, and between them only white space and comments; and no reader that searches them finds
other objects, trailers or catalogs (`containers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from .containers import containers, mistakable
from .reader import Reader
from .searched import bodies, linearized, words
from .sections import Oddity, Section, faults, section_of
from .syntax import FILLER, HEAD, HEADER, object_end


def oddities(pdf: bytes, reader: Reader, since: int) -> list[Oddity]:
    """All that is odd in the file's cross-references, and in what was added after revision number `since`."""
    revisions = range(int(reader.xrefs.total_revisions))
    sections = [section_of(pdf, reader, revision, late=revision > since) for revision in revisions]
    found = [] if HEADER.match(pdf) else [Oddity("the first line does not say which version of PDF it is")]
    listed = {s.start: -1 for s in sections}
    for section in sections:
        found += faults(section, sections[: section.revision])
        found += _led_astray(pdf, section, listed)
        found += containers(reader, section)
        found += mistakable(reader, section) if section.late else ()
    before, late = sections[: since + 1], sections[since + 1 :]
    resumed = max((s.end for s in before if s.end is not None), default=len(pdf))
    packed = {number for s in sections for number in s.data.xrefs_in_objstm}
    found += bodies(pdf, listed, packed, resumed)
    found += words(pdf, {s.word_at for s in late}, resumed)
    found += linearized(pdf, sections)
    found += _walked(pdf, late, resumed, before)
    return found


def _led_astray(pdf: bytes, section: Section, listed: dict[int, int]) -> Iterator[Oddity]:
    """Entries that do not lead to the head of their object. Adds to `listed` the places of those that do."""
    for number, (generation, at) in section.data.standard_xrefs.items():
        head = HEAD.match(pdf, at) if at > 0 else None
        aside = head is None or (section.late and head.start(1) != at)
        if head is None or aside or int(head[1]) != number or int(head[2]) != generation:
            yield Oddity(f"{section.name}: object {number} is not where it is listed", proven=section.late)
        else:
            listed[head.start(1)] = number


def _walked(pdf: bytes, late: list[Section], at: int, before: list[Section]) -> Iterator[Oddity]:
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
