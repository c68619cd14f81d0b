"""What is read out of a stream is what other readers read out of it, and what they may read differently is not read."""

from __future__ import annotations

import zlib
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.decode_limits import DecodePurpose, MiB
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
)
from pyhanko.pdf_utils.misc import PdfDecodeLimitError

from signatures.verify.streams import NotUnderstood, is_plain, unpacked

FLATE = NameObject("/FlateDecode")


def rows(columns: int) -> st.SearchStrategy[bytes]:
    """Rows of any type, each with any bytes: whatever is written is the packed form of something."""
    small = st.lists(st.sampled_from((0, 1, 2, 3, 255)), min_size=columns, max_size=columns).map(
        bytes
    )  # many are alike
    row = st.tuples(st.integers(0, 4), small | st.binary(min_size=columns, max_size=columns))
    return st.lists(row, max_size=12).map(lambda found: b"".join(bytes([kind]) + data for kind, data in found))


def parameters(**named: int) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NumberObject(value) for key, value in named.items()})


def packed(data: bytes, **entries: Any) -> StreamObject:
    return StreamObject({NameObject(f"/{key}"): value for key, value in entries.items()}, encoded_data=data)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9).flatmap(lambda columns: st.tuples(st.just(columns), rows(columns))), st.integers(10, 15))
def test_rows_are_those_that_qpdf_finds(columns_and_rows: tuple[int, bytes], predictor: int) -> None:
    columns, written = columns_and_rows
    data = zlib.compress(written)
    ours = unpacked(packed(data, Filter=FLATE, DecodeParms=parameters(Predictor=predictor, Columns=columns)))
    with pikepdf.new() as pdf:
        theirs = pikepdf.Stream(pdf, b"")
        said = pikepdf.Dictionary(Predictor=predictor, Columns=columns)
        theirs.write(data, filter=pikepdf.Name.FlateDecode, decode_parms=said)
        assert ours == theirs.read_bytes()
    assert len(ours) == len(written) // (columns + 1) * columns


def test_the_standards_of_writing_nothing_are_understood() -> None:
    data = zlib.compress(b"text")
    assert unpacked(packed(b"text")) == b"text"
    assert unpacked(packed(data, Filter=FLATE)) == b"text"
    assert unpacked(packed(data + b"\r\n", Filter=ArrayObject([FLATE]), DecodeParms=NullObject())) == b"text"
    assert unpacked(packed(data, Filter=FLATE, DecodeParms=ArrayObject([parameters(Predictor=1)]))) == b"text"


def test_more_than_the_reader_allows_is_not_unpacked() -> None:
    metadata = packed(zlib.compress(bytes(33 * MiB)), Filter=FLATE)
    with pytest.raises(PdfDecodeLimitError):
        unpacked(metadata, DecodePurpose.XMP_METADATA)


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (zlib.compress(b"\2ab"), {"DecodeParms": parameters(Predictor=12, Columns=3)}),
        (zlib.compress(b"\5ab"), {"DecodeParms": parameters(Predictor=12, Columns=2)}),
        (zlib.compress(b"\2ab"), {"DecodeParms": parameters(Predictor=2, Columns=3)}),
        (zlib.compress(b"\2ab"), {"DecodeParms": parameters(Predictor=12, Columns=2, Colors=2)}),
        (zlib.compress(b"ab"), {"DecodeParms": parameters(EarlyChange=1)}),
        (zlib.compress(b"ab")[:-1], {}),
        (zlib.compress(b"ab") + b"more", {}),
        (b"ab", {}),
        (b"6162>", {"Filter": NameObject("/ASCIIHexDecode")}),
        (zlib.compress(b"ab"), {"Filter": NameObject("/Fl")}),
        (zlib.compress(zlib.compress(b"ab")), {"Filter": ArrayObject([FLATE, FLATE])}),
        (zlib.compress(b"ab"), {"F": NameObject("/ASCII85Decode")}),
        (zlib.compress(b"ab"), {"FFilter": FLATE}),
    ],
)
def test_what_readers_may_unpack_differently_is_not_unpacked(data: bytes, entries: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        unpacked(packed(data, **{"Filter": FLATE} | entries))


@pytest.mark.parametrize("key", ["Length", "N", "Type"])
def test_what_a_stream_is_must_be_said_in_itself(key: str) -> None:
    said = {"Type": NameObject("/ObjStm"), "N": NumberObject(1), "Length": NumberObject(4)}
    assert is_plain(packed(b"text", **said), "/N")
    assert not is_plain(packed(b"text", **said | {key: IndirectObject(7, 0, None)}), "/N")
