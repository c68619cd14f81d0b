"""Open a PDF as a stranger's file: strictly, bounded, and without touching anything outside it (rule R1)."""

from __future__ import annotations

import io
import itertools
import logging
import re
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, MiB, StreamDecodeLimits
from pyhanko.pdf_utils.generic import NullObject, Reference, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.pdf_utils.xref import XRefBuilder, XRefCache, XRefSection
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .objects import entry, items, target
from .pagetree import TooManyPages, pages

# A library's warnings about a hostile file are no news to whoever runs `verify`; the rules say what matters.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

MAX_BYTES = 100 * MiB
MAX_REVISIONS = 200
MAX_OBJECTS = 500_000
MAX_SIGNATURES = 64
MAX_FIELDS = 10_000
# Each revision is compared with the one before, and its pages are looked through for that.
MAX_PAGES_COMPARED = 50_000
MAX_OBJECTS_COMPARED = 500_000

_SUBFILTERS = ("/ETSI.CAdES.detached", "/adbe.pkcs7.detached", "/ETSI.RFC3161")
_HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n]")
# Generations end at 65535 (ISO 32000-2 §7.5.4), but some programs write a higher one for what is free.
_ODD_FREE = re.compile(rb"\d{10} (?:6553[6-9]|655[4-9]\d|65[6-9]\d\d|6[6-9]\d{3}|[7-9]\d{4}) f")
_END = re.compile(rb"startxref[ \t]*\r?\n?[ \t]*\d+[ \t]*\r?\n?%%EOF(\r\n|\n|\r)?\Z")


# What is no fault of the file's: it is not read here, and may be good.
UNREAD = frozenset({"too_large", "too_complex", "odd_syntax"})


class NotOpened(Exception):
    """The bytes are not a PDF that can be judged; `reason` is a key under R1 in the texts, and one of UNREAD where
    nothing is shown to be wrong."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that could be opened: its reader, its signatures in the order of their revisions, its empty fields."""

    pdf: bytes
    reader: PdfFileReader
    signatures: tuple[EmbeddedPdfSignature, ...]
    empty_fields: tuple[str, ...]
    broken_signatures: tuple[str, ...]

    @property
    def approvals(self) -> tuple[EmbeddedPdfSignature, ...]:
        """People's signatures."""
        return tuple(s for s in self.signatures if not is_stamp(s))

    @property
    def stamps(self) -> tuple[EmbeddedPdfSignature, ...]:
        """Archive (document) time stamps."""
        return tuple(s for s in self.signatures if is_stamp(s))

    @property
    def last_revision(self) -> int:
        """Number of the newest revision; the oldest is 0."""
        return int(self.reader.xrefs.total_revisions) - 1


def is_stamp(signature: EmbeddedPdfSignature) -> bool:
    """Whether this is a document time stamp rather than a person's signature."""
    return str(signature.sig_object_type) == "/DocTimeStamp"


def open_pdf(pdf: bytes) -> Opened:
    """Read the file or raise NotOpened.

    Demanded: at most MAX_BYTES; a PDF header in the very first byte; nothing after the last %%EOF but one line end; a
    strict parse under decoding limits; no encryption; no hybrid cross-reference; a bounded number of revisions,
    objects, pages, fields and signatures, and of pages and objects in all revisions together. What a file claims to
    have is counted before it is read.
    """
    if len(pdf) > MAX_BYTES:
        raise NotOpened("too_large")
    if not _HEADER.match(pdf):
        if pdf.startswith(b"%PDF-"):
            raise NotOpened("odd_header")
        raise NotOpened("bytes_before_header" if b"%PDF-" in pdf[:1024] else "not_pdf")
    if not _END.search(pdf[-1024:]):
        raise NotOpened("bytes_after_end" if b"%%EOF" in pdf else "no_end")
    try:
        return _read(pdf)
    except (NotOpened, MemoryError):
        raise
    except Exception as error:
        raise NotOpened("unreadable", type(error).__name__) from error


def _read(pdf: bytes) -> Opened:
    _measure(pdf)
    reader = _Reader(io.BytesIO(pdf), strict=True, decode_limits=_limits())
    if reader.encrypted:
        raise NotOpened("encrypted")
    if reader.xrefs.hybrid_xrefs_present:
        raise NotOpened("hybrid")
    if reader.xrefs.total_revisions > MAX_REVISIONS or int(reader.trailer["/Size"]) > MAX_OBJECTS:
        raise NotOpened("too_complex")
    if reader.xrefs.total_revisions * int(reader.trailer["/Size"]) > MAX_OBJECTS_COMPARED:
        raise NotOpened("too_complex")
    if "/Kids" not in reader.root["/Pages"]:
        raise NotOpened("no_pages")
    _count_pages(reader)
    _count_fields(reader)
    fields = list(itertools.islice(enumerate_sig_fields(reader), MAX_SIGNATURES + 1))
    if len(fields) > MAX_SIGNATURES:
        raise NotOpened("too_complex")
    empty = tuple(str(name) for name, value, _ in fields if value is None)
    tried = [(str(name), _signature(reader, holder, str(name))) for name, value, holder in fields if value is not None]
    found = sorted((s for _, s in tried if s), key=lambda s: int(s.signed_revision))
    return Opened(pdf, reader, tuple(found), empty, tuple(name for name, s in tried if s is None))


class _Reader(PdfFileReader):
    """pyHanko's strict one, but for a reference to what is not there: that is no error, it is null.

    ISO 32000-2 §7.3.10 has it so. Rule R5 sees to it that it stays null (`references.py`).
    """

    def __init__(self, stream: io.BytesIO, **named: Any) -> None:
        super().__init__(stream, **named)
        known = self.xrefs
        revisions = range(known.total_revisions)
        sections = [XRefSection(known.get_xref_container_info(n), known.get_xref_data(n)) for n in revisions]
        self.xrefs = _Known(self, sections)

    def get_object(self, ref: Reference, *which: Any, **named: Any) -> Any:
        revision = named.get("revision", which[0] if which else None)
        known = self.xrefs[ref] if revision is None else self.xrefs.get_historical_ref(ref, revision)
        if known is None:
            nothing = NullObject()
            nothing.container_ref = ref
            return nothing
        return super().get_object(ref, *which, **named)  # type: ignore[no-untyped-call]  # pyHanko's is half typed


class _Known(XRefCache):
    """pyHanko's, which does not stumble over what was never there: it came before anything else."""

    def get_introducing_revision(self, ref: Reference) -> int:
        try:
            return int(super().get_introducing_revision(ref))
        except KeyError:
            return -1


class _Measured(XRefBuilder):
    """Follows the cross-references through the file and counts what they claim, before anything reads their entries.

    An entry of a cross-reference stream may take no bytes at all, so that a short file can claim any number. A table
    with generations that the strict reader refuses outright is known here, where it is read all the same.
    """

    entries = 0
    tables = 0

    def _count(self, entries: int) -> None:
        self.tables, self.entries = self.tables + 1, self.entries + entries
        if self.tables > MAX_REVISIONS or self.entries > MAX_OBJECTS:
            raise NotOpened("too_complex")

    def _read_xref_stream_object(self) -> tuple[Reference, StreamObject]:
        reference, found = super()._read_xref_stream_object()  # type: ignore[no-untyped-call]  # as above
        index = found.get("/Index", (0, found.get("/Size")))
        self._count(sum(abs(int(count)) for count in list(index)[1::2]))
        return reference, found

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        self._count(0)
        start = self.stream.tell()
        previous: int | None = super()._read_xref_table(declared_startxref)
        if _ODD_FREE.search(self.stream.getvalue(), start, self.sections[-1].meta_info.end_location):
            raise NotOpened("odd_syntax")
        return previous


def _measure(pdf: bytes) -> None:
    stream = io.BytesIO(pdf)
    stream.seek(-1, io.SEEK_END)
    last = process_data_at_eof(stream)
    sections: list[XRefSection] = _Measured(PdfHandler(), stream, strict=False, last_startxref=last).read_xrefs()  # type: ignore[no-untyped-call]  # likewise
    streams: set[int] = set()
    for section in sections:
        # The strict reader refuses it, but PDFBox takes the number of a cross-reference stream for a new object.
        if any(number in streams for number, _ in section.xref_data.explicit_refs_in_revision):
            raise NotOpened("odd_syntax")
        if section.meta_info.stream_ref is not None:
            streams.add(int(section.meta_info.stream_ref.idnum))


def _count_pages(reader: PdfFileReader) -> None:
    """Refuse more pages than are compared."""
    try:
        count = sum(1 for _ in pages(reader.root))
    except TooManyPages as problem:
        raise NotOpened("too_complex") from problem
    if count * reader.xrefs.total_revisions > MAX_PAGES_COMPARED:
        raise NotOpened("too_complex")


def _count_fields(reader: PdfFileReader) -> None:
    """Refuse a form with more fields than any has, each counted as often as a way leads to it: so pyHanko visits it."""
    waiting = items(entry(entry(reader.root, "/AcroForm"), "/Fields"))
    visited = 0
    while waiting:
        visited += 1
        if visited + len(waiting) > MAX_FIELDS:
            raise NotOpened("too_complex")
        waiting += items(entry(target(waiting.pop()), "/Kids"))


def _signature(reader: PdfFileReader, holder: Any, name: str) -> EmbeddedPdfSignature | None:
    """The signature in a filled field, or None when it cannot even be taken apart."""
    try:
        signature = EmbeddedPdfSignature(reader, holder, name)
        known = str(entry(signature.sig_object, "/SubFilter")) in _SUBFILTERS
        return signature if known and signature.signer_cert else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken signature is an answer (R4), whatever the parser raised
        return None


def _limits() -> DecodeLimits:
    return DecodeLimits(
        per_stream=StreamDecodeLimits(max_output_size=64 * MiB),
        document_budget=DocumentDecodeBudget(base_allowance=256 * MiB, max_ratio=20),
    )
