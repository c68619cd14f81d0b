"""The data of the streams that a widget shows, where every reader unpacks the same (ISO 32000-2 §7.3.8, §7.4.4)."""

from __future__ import annotations

import zlib
from collections.abc import Set

from pyhanko.pdf_utils.generic import ArrayObject, NameObject, StreamObject

from ..objects import entry, named, target
from .letters import Unreadable

_FORM_KEYS = frozenset(
    {"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Group", "/Length", "/Filter"}
    | {"/Name", "/LastModified", "/PieceInfo", "/Metadata", "/StructParent", "/StructParents"}
)
_AFTER = {b"", b"\r", b"\n", b"\r\n"}  # some writers count the line end before `endstream`


def form_data(form: StreamObject, most: int) -> bytes:
    """The operators of a form that has nothing but what a form needs. Raises Unreadable."""
    kind = (named(form, "/Type"), named(form, "/Subtype"), entry(form, "/FormType"))
    if any(found not in {None, plain} for found, plain in zip(kind, ("/XObject", "/Form", 1), strict=True)):
        raise Unreadable
    return plain_data(form, _FORM_KEYS, most)


def plain_data(stream: StreamObject, keys: Set[str], most: int) -> bytes:
    """The data of a stream that has only these keys: as it stands, or deflated whole and without parameters.

    Filters that need more are unpacked in as many ways as there are readers, and so is data that is kept elsewhere or
    cut short. Raises Unreadable for these, and for more than `most` bytes.
    """
    packing = entry(stream, "/Filter")
    if isinstance(packing, ArrayObject) and len(packing) == 1:
        packing = target(packing[0])
    deflated = isinstance(packing, NameObject) and packing == "/FlateDecode"
    if not {str(key) for key in stream} <= keys or not (packing is None or deflated):
        raise Unreadable
    data: bytes = stream.encoded_data
    found = _inflated(data, most) if deflated and data else data  # qpdf deflates nothing to nothing
    if len(found) > most:
        raise Unreadable
    return found


def _inflated(data: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, most + 1)
    except zlib.error:
        raise Unreadable from None
    if not unpacking.eof or unpacking.unused_data not in _AFTER:
        raise Unreadable
    return found
