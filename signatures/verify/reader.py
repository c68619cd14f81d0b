"""pyHanko's strict reader, which counts before it reads and unpacks by the letter (rule R1)."""

from __future__ import annotations

import io
import os
import re
from typing import Any

from pyhanko.pdf_utils.decode_limits import (
    DecodeContext,
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    MiB,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.generic import DictionaryObject, NullObject, Reference, StreamObject
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.pdf_utils.xref import TrailerDictionary, XRefBuilder, XRefCache

from .objects import named
from .streams import unpacked
from .syntax import HEADER, WHITE

MAX_REVISIONS = 200
MAX_OBJECTS = 500_000

# Generations end at 65535 (ISO 32000-2 §7.5.4), but some programs write a higher one for what is free.
_ODD_FREE = re.compile(rb"\d{10} (?:6553[6-9]|655[4-9]\d|65[6-9]\d\d|6[6-9]\d{3}|[7-9]\d{4}) f")

_SECTION = re.compile(WHITE + rb"*+(?:xref|\d++" + WHITE + rb"++\d++" + WHITE + rb"++obj)")

# What does not show that anything was changed: it is not read here, and may be good.
UNREAD = frozenset({"too_large", "too_complex", "odd_syntax", "encrypted", "hybrid"})


class NotOpened(Exception):
    """The bytes are not a PDF that can be judged; `reason` is a key under R1 in the texts, and one of UNREAD where
    nothing is shown to be wrong."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Reader(PdfFileReader):
    """pyHanko's, but that cross-references and object streams are unpacked by `streams.py`, and that a reference to
    what is not there is no error but null.

    ISO 32000-2 §7.3.10 has the latter so. Rule R5 sees to it that it stays null (`references.py`). `trailers` are what
    each revision's own says, the oldest first; that of a cross-reference stream is the stream.

    Raises NotOpened, NotUnderstood, and whatever pyHanko does.
    """

    def __init__(self, pdf: bytes) -> None:
        # Which sets all that pyHanko's sets, as that one reads the cross-references in its own way at once.
        self.strict, self.stream = True, io.BytesIO(pdf)
        self._decode_context = DecodeContext(_limits(), input_size=len(pdf))
        self._security_handler = self._input_version = self._embedded_signatures = None
        header = HEADER.match(pdf)  # one that says it otherwise is odd, see `crossrefs.py`
        self._header_version = (int(header[1][:1]), int(header[1][2:])) if header else (1, 7)
        self.resolved_objects, self._historical_resolver_cache = {}, {}
        self.stream.seek(-1, os.SEEK_END)
        found = _Sections(self, self.stream, strict=True, last_startxref=process_data_at_eof(self.stream))
        self.xrefs = _Known(self, found.read_all())
        self.trailer: TrailerDictionary = found.trailer
        self.trailers: tuple[DictionaryObject, ...] = tuple(reversed(found.trailer._trailer_revisions))
        self.last_startxref, self.has_xref_stream = found.last_startxref, found.has_xref_stream

    def get_object(self, ref: Reference, *which: Any, **how: Any) -> Any:
        """As pyHanko's, but for the null."""
        revision = how.get("revision", which[0] if which else None)
        known = self.xrefs[ref] if revision is None else self.xrefs.get_historical_ref(ref, revision)
        if known is None:
            nothing = NullObject()
            nothing.container_ref = ref
            return nothing
        return super().get_object(ref, *which, **how)  # type: ignore[no-untyped-call]  # pyHanko's is half typed

    def _read_object(self, ref: Reference, *where: Any, **how: Any) -> Any:
        found = super()._read_object(ref, *where, **how)
        if isinstance(found, StreamObject) and named(found, "/Type") == "/ObjStm":
            return _ready(found, DecodePurpose.OBJECT_STREAM)
        return found


class _Known(XRefCache):
    """pyHanko's, which does not stumble over what was never there: it came before anything else."""

    def get_introducing_revision(self, ref: Reference) -> int:
        try:
            return int(super().get_introducing_revision(ref))
        except KeyError:
            return -1


class _Sections(XRefBuilder):
    """Follows the cross-references through the file, the newest first, and counts what they claim before it is read.

    An entry of a cross-reference stream may take no bytes at all, so that a short file can claim any number.
    """

    entries = 0
    tables = 0

    def __init__(self, *which: Any, **how: Any) -> None:
        super().__init__(*which, **how)
        self.seen: set[int] = set()

    def read_all(self) -> Any:
        """The sections, checked against each other.

        A new object is of generation 0 (§7.5.4), but Poppler writes its first as 1, and readers know what is meant.
        """
        self._led_to(self.last_startxref)
        try:
            return self.read_xrefs()  # type: ignore[no-untyped-call]  # as above
        except PdfStrictReadError as error:
            if self._only_new_are_raised():
                raise NotOpened("odd_syntax") from error
            raise

    def _only_new_are_raised(self) -> bool:
        """Whether some objects are of a higher generation, and those have numbers that nothing had before."""
        had: set[int] = set()
        raised: list[bool] = []
        for data in (section.xref_data for section in reversed(self.sections)):
            raised += [at not in had for at, (generation, _) in data.standard_xrefs.items() if generation]
            had |= data.standard_xrefs.keys() | data.xrefs_in_objstm.keys() | data.freed.keys()
        return bool(raised) and all(raised)

    def _count(self, entries: int) -> None:
        self.tables, self.entries = self.tables + 1, self.entries + entries
        if self.tables > MAX_REVISIONS or self.entries > MAX_OBJECTS:
            raise NotOpened("too_complex")

    def _read_xref_stream_object(self) -> tuple[Reference, StreamObject]:
        reference, found = super()._read_xref_stream_object()  # type: ignore[no-untyped-call]  # as above
        index = found.get("/Index", (0, found.get("/Size")))
        entries = sum(abs(int(count)) for count in list(index)[1::2])
        self._count(entries)
        # The strict reader refuses it, but PDFBox takes the number of a cross-reference stream for a new object.
        if any((reference.idnum, reference.generation) in s.xref_data.explicit_refs_in_revision for s in self.sections):
            raise NotOpened("odd_syntax")
        size = entries * (sum(map(int, found["/W"])) + 1)
        return reference, _ready(found, DecodePurpose.XREF_STREAM, size)

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        self._count(0)
        pdf, start = self.stream.getvalue(), self.stream.tell()
        # Likewise of a table as mutool writes it.
        if _ODD_FREE.search(pdf, start, max(start, pdf.find(b"trailer", start))):
            raise NotOpened("odd_syntax")
        return self._led_to(super()._read_xref_table(declared_startxref))

    def _read_xref_stream(self, declared_startxref: int) -> int | None:
        return self._led_to(super()._read_xref_stream(declared_startxref))

    def _led_to(self, place: int | None) -> int | None:
        """The place, unless no section is there or it was read before: such a file is damaged."""
        if place is not None:
            if place in self.seen or place < 0 or not _SECTION.match(self.stream.getvalue(), place):
                raise NotOpened("unreadable", "startxref")
            self.seen.add(place)
        return place


def _ready(stream: StreamObject, purpose: DecodePurpose, expected_size: int | None = None) -> StreamObject:
    """The same stream with its data unpacked, which pyHanko then need not do."""
    data = unpacked(stream, purpose, expected_size)
    ready = StreamObject(stream, stream_data=data, encoded_data=stream.encoded_data)
    ready.container_ref = stream.container_ref
    return ready


def _limits() -> DecodeLimits:
    return DecodeLimits(
        per_stream=StreamDecodeLimits(max_output_size=64 * MiB),
        document_budget=DocumentDecodeBudget(base_allowance=256 * MiB, max_ratio=20),
    )
