"""What a stream's data is when unpacked, by the letter and by a list of what is understood (ISO 32000-2 §7.4).

Whatever `verify` reads out of a stream, every other reader must read out of it too. So only what all of them unpack
alike is unpacked: data as they are, and Flate with or without rows predicted as in PNG, one byte a pixel. Everything
else is not understood, which is no fault of the file's: other filters, several of them, and keys by which some readers
look for filters or data elsewhere.
"""

from __future__ import annotations

import re
import zlib
from itertools import accumulate
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose, check_output_size
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
)

from .objects import items, raw_entry, target

ELSEWHERE = frozenset({"/F", "/FFilter", "/FDecodeParms", "/DP"})
"""A file outside that holds the data, and its filters (ibid., table 5). In a page's text /F and /DP are short for
/Filter and /DecodeParms (ibid., table 91), and some readers heed them in any stream."""

_PARAMETERS = {"/Predictor": 1, "/Columns": 1, "/Colors": 1, "/BitsPerComponent": 8}  # ibid., table 8
_AFTER_FLATE = re.compile(rb"[\r\n]{0,2}")


class NotUnderstood(ValueError):
    """The stream is packed in a way that is not on the list."""


def unpacked(
    stream: StreamObject, purpose: DecodePurpose = DecodePurpose.GENERIC, expected_size: int | None = None
) -> bytes:
    """The stream's data.

    Raises NotUnderstood, or pyHanko's PdfDecodeLimitError beyond the limits of the stream's reader.
    """
    packed: bytes = stream.encoded_data
    if not ELSEWHERE.isdisjoint(map(str, stream)):
        raise NotUnderstood
    columns = _columns(stream)
    if columns is None or not packed:
        return packed  # qpdf deflates nothing to nothing
    context = stream._decode_context()  # its reader's, which counts all that is unpacked
    cap = context.stage_output_cap(context.stream_output_cap(len(packed), purpose, expected_size))
    data = _inflated(packed, cap)
    context.record_output(len(data))
    return _rows(data, columns) if columns else data


def is_plain(stream: StreamObject, *integers: str) -> bool:
    """Whether a cross-reference or object stream has the one form that all readers understand.

    Its type, its length and these `integers` are written in itself (ISO 32000-2 §7.5.8.2 demands it of the former), and
    its data are packed not at all or by Flate, with nothing after. To be asked only of what could be `unpacked`.
    """
    said = [raw_entry(stream, key) for key in ("/Length", *integers)]
    return (
        isinstance(raw_entry(stream, "/Type"), NameObject)
        and all(isinstance(each, NumberObject) for each in said)
        and _is_plainly_packed(stream)
    )


def _is_plainly_packed(stream: StreamObject) -> bool:
    names, parameters = (raw_entry(stream, key) for key in ("/Filter", "/DecodeParms"))
    if names is None:
        return parameters is None
    if not isinstance(names, NameObject) and (
        parameters is not None or [type(name) for name in items(names)] != [NameObject]
    ):
        return False
    if parameters is not None and not (
        isinstance(parameters, DictionaryObject)
        and all(isinstance(raw_entry(parameters, str(key)), NumberObject) for key in parameters)
    ):
        return False
    unpacking = zlib.decompressobj()
    unpacking.decompress(stream.encoded_data)
    return unpacking.eof and not unpacking.unused_data


def _columns(stream: StreamObject) -> int | None:
    """How many bytes a predicted row has, 0 where rows are not predicted, None where nothing is packed."""
    names, parameters = (_only(target(raw_entry(stream, key))) for key in ("/Filter", "/DecodeParms"))
    if names is None and parameters is None:
        return None
    if names != "/FlateDecode" or not isinstance(names, NameObject):
        raise NotUnderstood
    said = _PARAMETERS | _numbers(parameters)
    if len(said) != len(_PARAMETERS) or (said["/Colors"], said["/BitsPerComponent"]) != (1, 8) or said["/Columns"] < 1:
        raise NotUnderstood
    if said["/Predictor"] != 1 and not 10 <= said["/Predictor"] <= 15:
        raise NotUnderstood
    return 0 if said["/Predictor"] == 1 else said["/Columns"]


def _only(value: Any) -> Any:
    """The one member of an array, or what stands alone; None for nothing and for an array with nothing in it."""
    members = list(value) if isinstance(value, ArrayObject) else [value]
    if len(members) > 1:
        raise NotUnderstood
    found = target(members[0]) if members else None
    return None if isinstance(found, NullObject) else found


def _numbers(parameters: Any) -> dict[str, int]:
    if parameters is None:
        return {}
    if not isinstance(parameters, DictionaryObject):
        raise NotUnderstood
    found = {str(key): parameters[key] for key in parameters}
    if not all(isinstance(each, NumberObject) for each in found.values()):
        raise NotUnderstood
    return {key: int(each) for key, each in found.items()}


def _inflated(packed: bytes, cap: int | None) -> bytes:
    """One whole zlib stream (RFC 1950) with nothing after it but the end of a line."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, 0 if cap is None else cap + 1)
    except zlib.error as error:
        raise NotUnderstood from error
    check_output_size(len(data), cap)
    if not unpacking.eof or not _AFTER_FLATE.fullmatch(unpacking.unused_data):
        raise NotUnderstood
    return data


def _rows(data: bytes, columns: int) -> bytes:
    """The rows without their types, each byte the sum of what is written and what was predicted (§7.4.4.4)."""
    width = columns + 1
    if len(data) % width:
        raise NotUnderstood
    found, above = bytearray(), bytes(columns)
    for at in range(0, len(data), width):
        if data[at] >= len(_TYPES):
            raise NotUnderstood
        above = _TYPES[data[at]](data[at + 1 : at + width], above)
        found += above
    return bytes(found)


def _none(written: bytes, above: bytes) -> bytes:
    return written


def _sub(written: bytes, above: bytes) -> bytes:
    row: list[int] = list(accumulate(written, lambda left, byte: (left + byte) & 0xFF))
    return bytes(row)


def _up(written: bytes, above: bytes) -> bytes:
    return bytes([(byte + upper) & 0xFF for byte, upper in zip(written, above, strict=True)])


def _average(written: bytes, above: bytes) -> bytes:
    row, left = bytearray(), 0
    for byte, upper in zip(written, above, strict=True):
        left = (byte + (left + upper) // 2) & 0xFF
        row.append(left)
    return bytes(row)


def _paeth(written: bytes, above: bytes) -> bytes:
    """By the neighbour nearest to left + above - corner; of two as near that which is named first."""
    row, left, corner = bytearray(), 0, 0
    for byte, upper in zip(written, above, strict=True):
        to_left, to_upper, to_corner = abs(upper - corner), abs(left - corner), abs(left + upper - 2 * corner)
        nearest = upper if to_upper <= to_corner else corner
        left = (byte + (left if to_left <= min(to_upper, to_corner) else nearest)) & 0xFF
        row.append(left)
        corner = upper
    return bytes(row)


_TYPES = (_none, _sub, _up, _average, _paeth)
"""How each type of row is put together, from what is written and the row above (PNG, §9.2)."""
