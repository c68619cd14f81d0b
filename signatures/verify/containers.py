"""What the objects of a revision are to a reader that searches the file for them (rule R1).

Such a reader finds objects that no table lists inside object streams, and catalogs that no trailer names. So in what
came late an object stream holds just what is listed, and is there for that; a cross-reference stream is the one that
`startxref` leads to; and the only catalog is the one that the trailer names. Of other streams only pictures may have
rows that are predicted, as pyHanko predicts them in another way than the standard says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pyhanko.pdf_utils.generic import PdfObject, Reference, StreamObject

from .objects import entry, number, raw_entry
from .reader import Reader
from .sections import Oddity, Section
from .streams import ELSEWHERE, is_plain
from .syntax import WHITE, is_closed, is_value

_PAIR = re.compile(WHITE + rb"*+(\d{1,7})" + WHITE + rb"++(\d{1,10})(?!\d)")
_HEADER = re.compile(rb"(?:" + _PAIR.pattern + rb")*+" + WHITE + rb"*+")
_KEYS = {"/Type", "/N", "/First", "/Length", "/Filter", "/DecodeParms"}


def containers(reader: Reader, section: Section) -> Iterator[Oddity]:
    """Object streams that are no objects of their own, or (in what came late) hold others than are listed."""
    held: dict[int, list[tuple[int, int]]] = {}
    for at, place in section.data.xrefs_in_objstm.items():
        held.setdefault(int(place.obj_stream_id), []).append((int(place.ix_in_stream), at))
    for container, entries in held.items():
        reference = Reference(container, 0, reader)
        if not isinstance(reader.xrefs.get_historical_ref(reference, section.revision), int):
            yield Oddity(f"{section.name}: the object stream {container} is no object")
        elif section.late and not _holds(reader, reference, sorted(entries), section):
            yield Oddity(f"{section.name}: the object stream {container} holds other than what is listed")


def _holds(reader: Reader, reference: Reference, entries: list[tuple[int, int]], section: Section) -> bool:
    """Whether an object stream holds these objects in this order, each written by the letter, and no others."""
    if reference.idnum not in section.data.standard_xrefs:
        return False
    stream = reader.get_object(reference, section.revision)
    if not isinstance(stream, StreamObject) or not set(map(str, stream)) <= _KEYS:
        return False
    data = stream.data  # within the bounds of what is unpacked, which `is_plain` does not know
    if not is_plain(stream, "/N", "/First"):
        return False
    first = int(stream["/First"])
    pairs = [(int(each), int(at)) for each, at in _PAIR.findall(data[:first])]
    if not _HEADER.fullmatch(data, 0, first) or len(pairs) != stream["/N"] or not is_closed(data[:first]):
        return False
    if list(enumerate(each for each, _ in pairs)) != entries:
        return False
    starts = [first + at for _, at in pairs] + [len(data)]
    slices = [data[a:b] for a, b in pairwise(starts)]
    return starts[0] == first and all(map(is_value, slices)) and all(map(is_closed, slices[:-1]))


def mistakable(reader: Reader, section: Section) -> Iterator[Oddity]:
    """Objects that readers may take for more than they are listed as."""
    data = section.data
    listed = {at: generation for at, (generation, _) in data.standard_xrefs.items()} | dict.fromkeys(
        data.xrefs_in_objstm, 0
    )
    for at, generation in listed.items():
        try:
            found = reader.get_historical_resolver(section.revision)(Reference(at, generation, reader))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - pyHanko raises many things on strange objects
            yield Oddity(f"{section.name}: object {at} cannot be read ({type(error).__name__})")
            continue
        if not _as_listed(section, at, found):
            yield Oddity(f"{section.name}: object {at} may be taken for another than it is listed as")


def _as_listed(section: Section, at: int, found: PdfObject) -> bool:
    kind = entry(found, "/Type")
    if isinstance(found, StreamObject):
        plain = kind in {"/ObjStm", "/XRef"} or entry(found, "/Subtype") == "/Image" or "/DecodeParms" not in found
        if not plain or not ELSEWHERE.isdisjoint(map(str, found)):
            return False
    if kind == "/ObjStm":
        return any(place.obj_stream_id == at for place in section.data.xrefs_in_objstm.values())
    if kind == "/XRef":
        return isinstance(section.trailer, StreamObject) and section.data.standard_xrefs[at][1] == section.start
    return kind != "/Catalog" or number(raw_entry(section.trailer, "/Root")) == at
