"""What of a stamp's drawing and its fonts is read: what every reader takes alike, and no more than a stamp needs."""

from __future__ import annotations

import struct
import time
import zlib
from io import BytesIO
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)

from pipeline.documents.fonts import signature_fonts
from signatures.font import subsets
from signatures.verify.stamp.letters import Unreadable
from signatures.verify.stamp.outlines import Outlines
from signatures.verify.stamp.reading import Standing
from signatures.verify.stamp.shown import shown_in
from tests.verify.test_stamps import SHEET, START, UNREADABLE, array, dictionary, drawn, form, named, shown


@pytest.mark.parametrize(
    "written",
    [
        # strings
        "<<(Bo Ek)>> Tj",
        "[<<(Bo Ek)>>] TJ",
        "(Bo\r\nEk) Tj",
        "(Bo\tEk) Tj",
        "(B(o) Ek) Tj",
        "(B\\o Ek) Tj",
        "(Bo\\\nEk) Tj",
        "(\\40Bo Ek) Tj",
        "(\\502o Ek) Tj",
        "(Bo Ek" + "k" * 2000 + ") Tj",
        "<426F20456B2> Tj",
        "<426F 20456B> Tj",
        # numbers
        "+1 0 Td (Bo Ek) Tj",
        "01 0 Td (Bo Ek) Tj",
        "1. 0 Td (Bo Ek) Tj",
        "1-1 0 Td (Bo Ek) Tj",
        "--1 0 Td (Bo Ek) Tj",
        "1e1 0 Td (Bo Ek) Tj",
        "16385 TL (Bo Ek) Tj",
        "16000 0 Td 16000 0 Td -16000 0 Td -16000 0 Td (Bo Ek) Tj",
        "0.0001 0 0 0.0001 5 20 Tm 1 0 0 1 5 20 Tm (Bo Ek) Tj",
        "1 0 Td -1 0 Td " * 1200 + "(Bo Ek) Tj",
        "ET q 99999 0 0 1 0 0 cm Q BT 5 20 Td (Bo Ek) Tj",
        "ET q 1 1 0 1 0 0 cm Q BT 5 20 Td (Bo Ek) Tj",
        "ET q 10000 0 0 10000 0 0 cm 1 0 0 1 1.7 0 cm Q BT 5 20 Td (Bo Ek) Tj",
        # operators and what stands before them
        "/X( %) MP (Annan Person) Tj /Y\nMP",
        "/Span <</A 1>> BDC (Bo Ek) Tj EMC",
        "/Span MP (Bo Ek) Tj",
        "/Span BMC (Bo Ek) Tj",
        "(Bo Ek) Tj EMC",
        "/Tx /Ty BMC (Bo Ek) Tj EMC",
        "/OC BMC (Bo Ek) Tj EMC",
        "0.3 0.3 g (Bo Ek) Tj",
        "2 g (Bo Ek) Tj",
        "-1 w (Bo Ek) Tj",
        "3 J (Bo Ek) Tj",
        "/X J (Bo Ek) Tj",
        "[/X] 0 d (Bo Ek) Tj",
        "12 /F1 Tf (Bo Ek) Tj",
        "/F1 12Tf (Bo Ek) Tj",
        "/F1 12 Tf% (Annan\n(Bo Ek) Tj",
        "ET 5 5 m q Q BT 5 20 Td (Bo Ek) Tj",
        "ET h f BT 5 20 Td (Bo Ek) Tj",
        "ET W n BT 5 20 Td (Bo Ek) Tj",
        "ET n BT 5 20 Td (Bo Ek) Tj",
        "ET 150 40 m 0 g 160 45 l S BT 5 20 Td (Bo Ek) Tj",
        "ET 150 40 10 5 re BT 5 20 Td (Bo Ek) Tj",
        "ET q 0 0 200 50 re W 0 0 1 1 re n Q BT 5 20 Td (Bo Ek) Tj",
        "ET " + "q " * 17 + "Q " * 17 + "BT 5 20 Td (Bo Ek) Tj",
        "\0(Bo Ek) Tj",
    ],
)
def test_what_no_plain_writer_writes_is_unreadable(written: str) -> None:
    assert shown(f"{START}{written} ET") == UNREADABLE


def test_ends_and_dashes_of_lines_are_of_no_consequence() -> None:
    assert named(START + "1 J 1 j [3 2] 0 d .5 w 0 G -0.25 0 Td .25 0 Td (Bo Ek) Tj ET") is Standing.WHOLE


def packed(data: bytes, **facts: PdfObject) -> StreamObject:
    found = form(b"")
    plain = {str(key)[1:]: found.raw_get(key) for key in found}
    return StreamObject(dict(dictionary(**{**plain, **facts})), encoded_data=data)


WRITTEN = (START + "(Bo Ek) Tj ET").encode()
FLATE = pdf_name("/FlateDecode")


@pytest.mark.parametrize(
    ("stream", "read"),
    [
        (packed(WRITTEN), True),
        (packed(zlib.compress(WRITTEN), Filter=FLATE), True),
        (packed(zlib.compress(WRITTEN) + b"\r\n", Filter=ArrayObject([FLATE])), True),
        (packed(zlib.compress(WRITTEN)[:-4], Filter=FLATE), False),
        (packed(zlib.compress(WRITTEN) + zlib.compress(WRITTEN), Filter=FLATE), False),
        (packed(zlib.compress(zlib.compress(WRITTEN)), Filter=ArrayObject([FLATE, FLATE])), False),
        (packed(zlib.compress(WRITTEN), Filter=TextStringObject("/FlateDecode")), False),
        (packed(zlib.compress(WRITTEN), Filter=pdf_name("/Fl")), False),
        (packed(WRITTEN.hex().encode() + b">", Filter=pdf_name("/ASCIIHexDecode")), False),
        (packed(zlib.compress(WRITTEN), Filter=FLATE, DecodeParms=dictionary()), False),
        (packed(zlib.compress(b" " * 200_000 + WRITTEN), Filter=FLATE), False),
        *((packed(WRITTEN, **{key: FLATE}), False) for key in ("F", "FFilter", "FDecodeParms", "DP", "DecodeParms")),
        (packed(WRITTEN, Subtype2=FLATE), False),
        (packed(WRITTEN, FormType=NumberObject(2)), False),
        (packed(WRITTEN, Group=dictionary(K=NumberObject(1))), False),
    ],
)
def test_a_drawing_is_read_where_every_reader_unpacks_the_same(stream: StreamObject, *, read: bool) -> None:
    assert (drawn(stream).problem is None) is read


@pytest.mark.parametrize(
    ("lists", "read"),
    [
        ({"/XObject": {"/" + "X" * 40: form(b"")}}, True),
        ({"/XObject": {"/" + "X" * 41: form(b"")}}, False),
        ({"/XObject": {"/X\0": form(b"")}}, False),
        ({"/XObject": {"/Å": form(b"")}}, False),
        ({"/XObject\0": {"/X": form(b"")}}, False),
        ({"/XObject": ArrayObject()}, False),
        ({"/Private": {"/X": form(b"")}}, False),
    ],
)
def test_what_a_drawing_may_use_has_a_name_that_every_reader_reads_alike(lists: dict[str, Any], *, read: bool) -> None:
    resources = DictionaryObject(form(b"")["/Resources"])
    for key, each in lists.items():
        named_in = each if isinstance(each, ArrayObject) else DictionaryObject({pdf_name(n): each[n] for n in each})
        resources[pdf_name(key)] = named_in
    assert (drawn(form(WRITTEN, Resources=resources)).problem is None) is read


def test_a_stamp_that_looks_otherwise_under_the_pointer_is_unreadable() -> None:
    look = dictionary(N=form(WRITTEN), R=form(b""))
    assert shown_in(dictionary(Rect=array(100, 100, 300, 150), AP=look), SHEET).problem == "stamp_unreadable"


def sfnt(tables: dict[bytes, bytes], *, overlap: int = 0) -> bytes:
    """A font program of these tables, each of which begins so many bytes before the last one ends."""
    listed, body, start = b"", b"", 12 + 16 * len(tables)
    for tag, data in sorted(tables.items()):
        listed += struct.pack(">4sIII", tag, 0, start + len(body) - overlap * bool(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    steps = len(tables).bit_length() - 1
    search = (16 << steps, steps, 16 * len(tables) - (16 << steps))
    return struct.pack(">IHHHH", 0x10000, len(tables), *search) + listed + body


def nested_parts(points: int) -> dict[bytes, bytes]:
    """Tables of a font whose first letter is drawn of eight parts, each of them of eight, and so on, four deep."""
    flags = b"".join(bytes([0x39, min(points - at, 256) - 1]) for at in range(0, points, 256))
    leaf = struct.pack(">hhhhhHH", 1, 0, 0, 10, 10, points - 1, 0) + flags
    part = [struct.pack(">hhhhh", -1, 0, 0, 10, 10)] * 4
    for at in range(4):
        part[at] += b"".join(struct.pack(">HHbb", 0x2 | 0x20 * (n < 7), at + 1, 0, 0) for n in range(8))
    glyphs = [data + b"\0" * (-len(data) % 4) for data in (*part, leaf)]
    ends = [sum(map(len, glyphs[:n])) for n in range(len(glyphs) + 1)]
    return {
        b"head": b"\0\1\0\0" + b"\0" * 8 + b"\x5f\x0f\x3c\xf5\0\0" + struct.pack(">H", 1000) + b"\0" * 30 + b"\0\1\0\0",
        b"hhea": b"\0\1\0\0" + b"\0" * 30 + struct.pack(">H", 5),
        b"maxp": struct.pack(">IH", 0x10000, 5) + b"\0" * 26,
        b"hmtx": struct.pack(">Hh", 500, 0) * 5,
        b"loca": struct.pack(">6I", *ends),
        b"glyf": b"".join(glyphs),
    }


@pytest.mark.parametrize("points", [1, 20, 2001, 65_000])
def test_a_glyph_of_more_than_a_letter_needs_is_not_followed(points: int) -> None:
    started = time.process_time()
    with pytest.raises(Unreadable):
        Outlines(sfnt(nested_parts(points))).drawn(0)
    assert time.process_time() - started < 0.5


def our_tables() -> dict[bytes, bytes]:
    read = TTFont(BytesIO(subsets(signature_fonts(), "")[0].program)).reader
    tags = list(read.keys())
    return {tag.encode(): read[tag] for tag in tags}


def one_map(kind: int = 4, size: int = 24, last: int = 0xFFFF, offset: int = 0) -> bytes:
    """A `cmap` table of one map, which has one segment."""
    return struct.pack(">4HI", 0, 1, 3, 1, 12) + struct.pack(
        ">12H", kind, size, 0, 2, 0, 0, 0, last, 0, last, 1, offset
    )


def test_a_font_whose_tables_overlap_is_not_read() -> None:
    tables = our_tables()
    assert Outlines(sfnt(tables)).drawn(4)
    assert Outlines(sfnt(tables | {b"cmap": one_map()})).drawn(4)
    for other in (sfnt(tables, overlap=4), sfnt(tables) + b"\0" * 4):
        with pytest.raises(Unreadable):
            Outlines(other)


@pytest.mark.parametrize(
    ("tag", "data"),
    [
        (b"OS/2", b"\xff" * 96),
        (b"cmap", b"\xff" * 64),
        (b"cmap", one_map(kind=6)),
        (b"cmap", one_map(size=25)),
        (b"cmap", one_map(last=0xFFFE)),
        (b"cmap", one_map(offset=2)),
        (b"gasp", struct.pack(">4H", 1, 9, 0xFFFF, 15)),
        (b"head", b"\0" * 54),
        (b"hhea", b"\0" * 36),
        (b"hmtx", b"\0" * 9000),
        (b"maxp", struct.pack(">IH", 0x5000, 373)),
        (b"name", struct.pack(">9H", 0, 1, 18, 0, 0, 0, 0, 255, 0)),
        (b"post", b"\xff" * 40),
        (b"prep", b""),
    ],
)
def test_a_font_with_a_table_that_some_readers_cannot_read_is_not_read(tag: bytes, data: bytes) -> None:
    """They leave out the whole font, and with it the name."""
    with pytest.raises(Unreadable):
        Outlines(sfnt(our_tables() | {tag: data}))
