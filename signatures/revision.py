"""One more revision of a PDF, written the same way every time.

pyHanko's own writer stamps the machine's clock into the XMP packet and the
document information at each update and draws a random file identifier. Here the
metadata stay byte for byte those of the base, so that a changed title can never
pass as a signature's doing, and the identifier follows from the bytes before it.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import hashlib
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError

from .errors import FieldRefused


class Revision(IncrementalPdfFileWriter):
    """An incremental update that neither reads the clock nor touches the metadata."""

    def _update_meta(self) -> None:
        """Leave XMP and document information as they are in the base."""


def open_revision(pdf: bytes, *seed: bytes) -> Revision:
    """Start a new revision of `pdf`; `seed` tells apart two updates of the same bytes."""
    try:
        writer = Revision(BytesIO(pdf))
        first = writer.prev.trailer["/ID"][0] if "/ID" in writer.prev.trailer else None
    except (PdfReadError, ValueError, TypeError) as error:
        raise FieldRefused("olasbar_pdf", f"not a readable PDF: {error}") from error
    digest = hashlib.sha256(pdf)
    for part in seed:
        digest.update(part)
    second = generic.ByteStringObject(digest.digest()[:16])
    writer._document_id = generic.ArrayObject([_identifier(first) or second, second])
    return writer


def _identifier(value: object) -> generic.ByteStringObject | None:
    if isinstance(value, generic.TextStringObject):
        return generic.ByteStringObject(value.original_bytes)
    return value if isinstance(value, generic.ByteStringObject) else None


def written(writer: Revision) -> bytes:
    """The whole file with the new revision at its end."""
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
