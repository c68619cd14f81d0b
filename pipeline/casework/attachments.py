"""Files that people hand in with an act: is it whole, and can a person look at it later?

Only looked at, never kept in another form: what is kept is the file as it came.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pipeline.errors import Misuse

LARGEST = 50_000_000
"""Bytes; the one limit for everything that is handed in."""
PICTURES = ("PNG", "JPEG", "TIFF")
_MOST_UNPACKED = 256_000_000  # bytes that one stream may become: a page is found long before


def require_document(data: bytes) -> None:
    """Raise `Misuse` unless a representative's document is a whole PDF, PNG, JPEG or TIFF of an attachment's size."""
    if not (is_pdf(data) or is_picture(data)):
        raise Misuse("fel_slags_bilaga")


def is_pdf(data: bytes) -> bool:
    """Whether it is a PDF of an attachment's size that opens, without a password, on at least one page."""
    import pikepdf

    if not data.startswith(b"%PDF-") or len(data) > LARGEST:
        return False
    try:
        with _bounded(), pikepdf.open(BytesIO(data)) as pdf:
            return len(pdf.pages) > 0
    except (pikepdf.PdfError, pikepdf.PasswordError, LookupError, TypeError, ValueError, AttributeError, RuntimeError):
        return False  # whatever the library makes of a broken file


@contextmanager
def _bounded() -> Iterator[None]:
    """Streams may not unpack without end: qpdf's limits are of the whole process, and are put back."""
    from pikepdf.settings import set_qpdf_limits

    before = set_qpdf_limits(flate_max_memory=_MOST_UNPACKED, run_length_max_memory=_MOST_UNPACKED)
    try:
        yield
    finally:
        set_qpdf_limits(**before)  # type: ignore[arg-type]  # as it gave them


def is_picture(data: bytes) -> bool:
    """Whether it is a PNG, JPEG or TIFF of an attachment's size whose head says a picture; no pixels are unpacked."""
    from PIL import Image

    if len(data) > LARGEST:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a picture of very many pixels: nobody unpacks them here
            with Image.open(BytesIO(data), formats=PICTURES) as picture:
                picture.verify()
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, Image.DecompressionBombError):
        return False
    return True
