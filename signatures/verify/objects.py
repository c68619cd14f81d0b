"""Small questions about PDF objects, asked of pyHanko's types."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

_VIEWS = frozenset({"/XYZ", "/Fit", "/FitH", "/FitV", "/FitR", "/FitB", "/FitBH", "/FitBV"})
# Boxes, rectangles and colours (ISO 32000-2, tables 31, 166, 192).
_OF_REALS = frozenset(
    {"/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rect", "/Border", "/BC", "/BG", "/C"}
)


def entry(holder: PdfObject | None, key: str) -> Any:
    """The value under a key with references followed; None where there is no such dictionary or key."""
    if isinstance(holder, DictionaryObject) and key in holder:
        return holder[key]
    return None


def named(holder: PdfObject | None, key: str) -> str | None:
    """The name under a key; None where there is nothing, and no name at all (empty) for anything else."""
    found = entry(holder, key)
    return found if found is None or isinstance(found, NameObject) else ""


def raw_entry(holder: PdfObject | None, key: str) -> Any:
    """The value under a key as written; None where there is no such dictionary or key."""
    if isinstance(holder, DictionaryObject) and key in holder:
        return holder.raw_get(key)
    return None


def items(value: PdfObject | None) -> list[PdfObject]:
    """The members of an array as written; none for anything else."""
    return list(value) if isinstance(value, ArrayObject) else []


def number(value: PdfObject | None) -> int | None:
    """The object number that a reference names; None for anything else."""
    return int(value.idnum) if isinstance(value, IndirectObject) else None


def target(value: PdfObject) -> PdfObject:
    """What a reference leads to; anything else is its own target."""
    if not isinstance(value, IndirectObject):
        return value
    found: PdfObject = value.get_object()  # type: ignore[no-untyped-call]
    return found


def is_destination(value: PdfObject | None) -> bool:
    """Whether this is the place on a page that a link or an outline leads to (ISO 32000-2 §12.3.2.2)."""
    each = items(value)
    return len(each) > 1 and isinstance(each[1], NameObject) and each[1] in _VIEWS


def same(a: PdfObject | None, b: PdfObject | None) -> bool:
    """Whether two objects are written alike, references compared by number and streams by their stored bytes.

    Where a real number is expected an integer may stand (§7.3.3), and some programs write 56 for the 56.0 they read.
    """
    if isinstance(a, IndirectObject) and isinstance(b, IndirectObject):
        return bool(a.idnum == b.idnum and a.generation == b.generation)
    if isinstance(a, StreamObject) and isinstance(b, StreamObject) and a.encoded_data != b.encoded_data:
        return False
    if isinstance(a, DictionaryObject) and isinstance(b, DictionaryObject):
        return a.keys() == b.keys() and all(_same_under(str(k), a.raw_get(k), b.raw_get(k)) for k in a)
    if isinstance(a, ArrayObject) and isinstance(b, ArrayObject):
        real = is_destination(a) and is_destination(b)
        both = zip(list(a), list(b), strict=False)
        return len(a) == len(b) and all(same(x, y) or (real and _equal(x, y)) for x, y in both)
    return type(a) is type(b) and a == b


def respelled(a: PdfObject | None, b: PdfObject | None) -> bool:
    """Whether strings that are the same text stand in two objects as other bytes: for a reader that takes them for a
    table of colours they differ."""
    if isinstance(a, TextStringObject) and isinstance(b, TextStringObject):
        return a == b and bool(a.original_bytes != b.original_bytes)
    if isinstance(a, DictionaryObject) and isinstance(b, DictionaryObject):
        return any(respelled(a.raw_get(key), b.raw_get(key)) for key in a.keys() & b.keys())
    if isinstance(a, ArrayObject) and isinstance(b, ArrayObject):
        return any(map(respelled, list(a), list(b)))
    return False


def _same_under(key: str, a: PdfObject | None, b: PdfObject | None) -> bool:
    if same(a, b):
        return True
    x, y = items(a), items(b)
    return key in _OF_REALS and len(x) == len(y) > 0 and all(map(_equal, x, y))


def _equal(a: PdfObject, b: PdfObject) -> bool:
    return isinstance(a, NumberObject | FloatObject) and isinstance(b, NumberObject | FloatObject) and a == b


def written(value: PdfObject) -> str:
    """An object in one line, so that two lines are alike only where `same` finds the objects so; no stream's bytes."""
    if isinstance(value, IndirectObject):
        return f"{value.idnum} {value.generation} R"
    if isinstance(value, DictionaryObject):
        return f"<<{''.join(sorted(f'{key!r} {written(value.raw_get(key))}' for key in value))}>>"
    if isinstance(value, ArrayObject):
        return f"[{' '.join(map(written, list(value)))}]"
    return f"{type(value).__name__} {value!r}"


def changed_keys(a: DictionaryObject, b: DictionaryObject) -> set[str]:
    """The keys under which two dictionaries differ."""
    return {str(k) for k in a.keys() | b.keys() if not _same_under(str(k), raw_entry(a, str(k)), raw_entry(b, str(k)))}


def kind(value: PdfObject) -> str:
    """What an object says that it is, in brackets after a blank; empty where it says nothing."""
    found = (entry(value, key) for key in ("/Type", "/Subtype", "/S"))
    names = [name.lstrip("/") for name in found if isinstance(name, str)]
    return f" ({' '.join(names)})" if names else ""
