"""The data of the streams that a widget shows, where they have only what such a stream needs (ISO 32000-2 §7.3.8)."""

from __future__ import annotations

from collections.abc import Set

from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.misc import PdfDecodeLimitError

from ..objects import entry, named
from ..streams import NotUnderstood, unpacked
from .letters import Unreadable

_FORM_KEYS = frozenset(
    {"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Group", "/Length", "/Filter"}
    | {"/Name", "/LastModified", "/PieceInfo", "/Metadata", "/StructParent", "/StructParents"}
)


def form_data(form: StreamObject, most: int) -> bytes:
    """The operators of a form that has nothing but what a form needs. Raises Unreadable."""
    kind = (named(form, "/Type"), named(form, "/Subtype"), entry(form, "/FormType"))
    if any(found not in {None, plain} for found, plain in zip(kind, ("/XObject", "/Form", 1), strict=True)):
        raise Unreadable
    return plain_data(form, _FORM_KEYS, most)


def plain_data(stream: StreamObject, keys: Set[str], most: int) -> bytes:
    """The data of a stream that has only these keys: as it stands, or deflated whole and without parameters.

    Raises Unreadable for what needs more, and for more than `most` bytes.
    """
    if not {str(key) for key in stream} <= keys:
        raise Unreadable
    try:
        found = unpacked(stream, expected_size=most)
    except (NotUnderstood, PdfDecodeLimitError):
        raise Unreadable from None
    if len(found) > most:
        raise Unreadable
    return found
