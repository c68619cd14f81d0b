"""Open a PDF as a stranger's file: strictly, bounded, and without touching anything outside it (rule R1)."""

from __future__ import annotations

import itertools
import logging
import re
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.decode_limits import MiB
from pyhanko.pdf_utils.misc import PdfDecodeLimitError, PdfReadError
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .objects import entry, items, target
from .pagetree import TooManyPages, pages
from .reader import MAX_OBJECTS, NotOpened, Reader
from .streams import NotUnderstood

# A library's warnings about a hostile file are no news to whoever runs `verify`; the rules say what matters.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

MAX_BYTES = 100 * MiB
MAX_SIGNATURES = 64
MAX_FIELDS = 10_000
MAX_EVIDENCE = 1000
# Each revision is compared with the one before, and its pages are looked through for that.
MAX_PAGES_COMPARED = 50_000
MAX_OBJECTS_COMPARED = 500_000

_SUBFILTERS = ("/ETSI.CAdES.detached", "/adbe.pkcs7.detached", "/ETSI.RFC3161")
_END = re.compile(rb"startxref[ \t]*\r?\n?[ \t]*\d+[ \t]*\r?\n?%%EOF(\r\n|\n|\r)?\Z")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that could be opened: its reader, its signatures in the order of their revisions, its empty fields."""

    pdf: bytes
    reader: Reader
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
    if not pdf.startswith(b"%PDF-"):
        raise NotOpened("bytes_before_header" if b"%PDF-" in pdf[:1024] else "not_pdf")
    if not _END.search(pdf[-1024:]):
        raise NotOpened("bytes_after_end" if b"%%EOF" in pdf else "no_end")
    try:
        return _read(pdf)
    except (NotOpened, MemoryError):
        raise
    except NotUnderstood as error:
        raise NotOpened("odd_syntax") from error
    except PdfDecodeLimitError as error:
        raise NotOpened("too_complex", type(error).__name__) from error
    except PdfReadError as error:  # others may read it, and nothing shows that it was changed
        raise NotOpened("odd_syntax", type(error).__name__) from error
    except Exception as error:
        raise NotOpened("unreadable", type(error).__name__) from error


def _read(pdf: bytes) -> Opened:
    reader = Reader(pdf)
    if reader.encrypted:
        raise NotOpened("encrypted")
    if reader.xrefs.hybrid_xrefs_present:
        raise NotOpened("hybrid")
    if int(reader.trailer["/Size"]) > MAX_OBJECTS:
        raise NotOpened("too_complex")
    if reader.xrefs.total_revisions * int(reader.trailer["/Size"]) > MAX_OBJECTS_COMPARED:
        raise NotOpened("too_complex")
    if "/Kids" not in reader.root["/Pages"]:
        raise NotOpened("no_pages")
    _count_pages(reader)
    _count_fields(reader)
    _count_evidence(reader)
    fields = list(itertools.islice(enumerate_sig_fields(reader), MAX_SIGNATURES + 1))
    if len(fields) > MAX_SIGNATURES:
        raise NotOpened("too_complex")
    empty = tuple(str(name) for name, value, _ in fields if value is None)
    tried = [(str(name), _signature(reader, holder, str(name))) for name, value, holder in fields if value is not None]
    found = sorted((s for _, s in tried if s), key=lambda s: int(s.signed_revision))
    return Opened(pdf, reader, tuple(found), empty, tuple(name for name, s in tried if s is None))


def _count_pages(reader: Reader) -> None:
    """Refuse more pages than are compared."""
    try:
        count = sum(1 for _ in pages(reader.root))
    except TooManyPages as problem:
        raise NotOpened("too_complex") from problem
    if count * reader.xrefs.total_revisions > MAX_PAGES_COMPARED:
        raise NotOpened("too_complex")


def _count_fields(reader: Reader) -> None:
    """Refuse a form with more fields than any has, each counted as often as a way leads to it: so pyHanko visits it."""
    waiting = items(entry(entry(reader.root, "/AcroForm"), "/Fields"))
    visited = 0
    while waiting:
        visited += 1
        if visited + len(waiting) > MAX_FIELDS:
            raise NotOpened("too_complex")
        waiting += items(entry(target(waiting.pop()), "/Kids"))


def _count_evidence(reader: Reader) -> None:
    """Refuse more evidence than twenty years' renewals bring: each piece may be held against each other."""
    store = entry(reader.root, "/DSS")
    if sum(len(items(entry(store, key))) for key in ("/Certs", "/OCSPs", "/CRLs")) > MAX_EVIDENCE:
        raise NotOpened("too_complex")


def _signature(reader: Reader, holder: Any, name: str) -> EmbeddedPdfSignature | None:
    """The signature in a filled field, or None when it cannot even be taken apart."""
    try:
        signature = EmbeddedPdfSignature(reader, holder, name)
        known = str(entry(signature.sig_object, "/SubFilter")) in _SUBFILTERS
        return signature if known and signature.signer_cert else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken signature is an answer (R4), whatever the parser raised
        return None
