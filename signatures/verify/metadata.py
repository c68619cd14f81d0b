"""What a file says about itself (rule R9): title, language of conformance, author, dates.

Readers show the title from the XMP or the information dictionary, and pyHanko's difference analysis lets both change
after signing. Signing tools do rewrite them, but only to note the date and themselves; nothing else may differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import (
    ByteStringObject,
    DictionaryObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.reader import HistoricalResolver

from .objects import changed_keys, entry, number, raw_entry, target, written
from .streams import unpacked
from .xmp import Value, properties, texts

_XMP = "{http://ns.adobe.com/xap/1.0/}"
_PDF = "{http://ns.adobe.com/pdf/1.3/}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_NOTED_BY_SIGNING = {f"{_XMP}ModifyDate", f"{_XMP}MetadataDate", f"{_PDF}Producer"}
_INFO_NOTED_BY_SIGNING = {"/ModDate", "/Producer"}
_PACKING = {"/Length", "/Filter", "/DecodeParms"}
_IS_XMP = {"/Type": "/Metadata", "/Subtype": "/XML"}


@dataclass(frozen=True, slots=True)
class Statements:
    """What a revision says about itself: its information dictionary, as comparable facts without what signing itself
    notes down, and its XMP packet, or None."""

    info: Mapping[str, str]
    packet: bytes | None


def statements(resolver: HistoricalResolver) -> Statements:
    """Raises TypeError or ValueError where the metadata is not what it should be."""
    return Statements(_info(resolver), _packet(resolver))


def changed(before: Statements, after: Statements) -> tuple[str, ...]:
    """The names of what differs. A packet that is not the same to the byte may differ only in what signing notes down.

    Raises NotUnderstood or lxml's XMLSyntaxError where the packets differ and one is written as no standard writer
    does (`xmp.py`).
    """
    if found := _differ(before.info, after.info):
        return tuple(key.lstrip("/") for key in found)
    if before.packet == after.packet:
        return ()
    return tuple(name.rpartition("}")[2] for name in _differ(_said(before.packet), _said(after.packet)))


def _differ(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def title(resolver: HistoricalResolver) -> str | None:
    """The document's title: the XMP's dc:title in its default language, else the information dictionary's."""
    packet = _packet(resolver)
    found = texts(properties(packet).get(_TITLE)) if packet is not None else []
    if not found and isinstance(told := entry(_info_dictionary(resolver), "/Title"), str):
        return str(told)
    return next((text for text, language in found if language == "x-default"), found[0][0] if found else None)


def only_noted(old: PdfObject, new: PdfObject) -> bool:
    """Whether the XMP stream or the information dictionary, written anew, is still one that says something in words.

    What it says is compared by `statements`; here, that what is not compared there can be nothing but words.
    """
    if not isinstance(old, DictionaryObject) or type(old) is not type(new):
        return False
    if isinstance(old, StreamObject):
        return all(key in _PACKING or entry(new, key) == _IS_XMP.get(key, "") for key in changed_keys(old, new))
    return _words(new, changed_keys(old, new))


def only_words(info: PdfObject) -> bool:
    """Whether a new information dictionary is one, and holds nothing but words."""
    return isinstance(info, DictionaryObject) and not isinstance(info, StreamObject) and _words(info, set(info))


def _words(info: DictionaryObject, keys: set[str]) -> bool:
    said = (entry(info, key) for key in keys)
    return all(each is None or isinstance(each, TextStringObject | ByteStringObject) for each in said)


def _info(resolver: HistoricalResolver) -> dict[str, str]:
    """Its entries, told apart by kind as well: a reader that looks for a list finds none in the same words as text."""
    info = _info_dictionary(resolver)
    told = {} if info is None else {str(key): info[key] for key in info}
    return {key: written(value) for key, value in told.items() if key not in _INFO_NOTED_BY_SIGNING}


def _info_dictionary(resolver: HistoricalResolver) -> DictionaryObject | None:
    reference = raw_entry(resolver.trailer_view, "/Info")
    if reference is None:
        return None
    # The trailer's references lead to the newest revision; the resolver's own answer is that of its revision.
    info = resolver(reference.reference) if number(reference) is not None else reference
    if not isinstance(info, DictionaryObject):
        raise TypeError("the information dictionary is no dictionary")
    return info


def _packet(resolver: HistoricalResolver) -> bytes | None:
    reference = raw_entry(resolver.root, "/Metadata")
    if reference is None:
        return None
    stream = target(reference)
    if not isinstance(stream, StreamObject):
        raise TypeError("the metadata is no stream")
    return unpacked(stream, DecodePurpose.XMP_METADATA)


def _said(packet: bytes | None) -> dict[str, Value]:
    """What is not noted by signing; what is noted is a text and nothing more."""
    told = {} if packet is None else properties(packet)
    return {name: value for name, value in told.items() if name not in _NOTED_BY_SIGNING or value[1:] != ("",)}
