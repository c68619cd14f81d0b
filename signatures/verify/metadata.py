"""What a file says about itself (rule R9): title, language of conformance, author, dates.

Readers show the title from the XMP or the information dictionary, and pyHanko's difference analysis lets both change
after signing. Signing tools do rewrite them, but only to note the date and themselves; nothing else may differ.
"""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]
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

_XMP = "{http://ns.adobe.com/xap/1.0/}"
_PDF = "{http://ns.adobe.com/pdf/1.3/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_NOTED_BY_SIGNING = {f"{_XMP}ModifyDate", f"{_XMP}MetadataDate", f"{_PDF}Producer"}
_INFO_NOTED_BY_SIGNING = {"/ModDate", "/Producer"}
_PACKING = {"/Length", "/Filter", "/DecodeParms"}
_IS_XMP = {"/Type": "/Metadata", "/Subtype": "/XML"}

Statements = frozenset[tuple[str, ...]]


def statements(resolver: HistoricalResolver) -> Statements:
    """Everything a revision says about itself, as comparable facts, without what signing itself notes down.

    Raises TypeError, ValueError or lxml's XMLSyntaxError where the metadata is not what it should be.
    """
    return frozenset(_info(resolver) | _xmp(resolver))


def title(resolver: HistoricalResolver) -> str | None:
    """The document's title: the XMP's dc:title, else the information dictionary's."""
    found = {fact[-1] for fact in _xmp(resolver) if "{http://purl.org/dc/elements/1.1/}title" in fact}
    if not found and isinstance(told := entry(_info_dictionary(resolver), "/Title"), str):
        return str(told)
    return sorted(found)[0] if found else None


def only_noted(old: PdfObject, new: PdfObject) -> bool:
    """Whether the XMP stream or the information dictionary, written anew, is still one that says something in words.

    What it says is compared by `statements`; here, that what is not compared there can be nothing but words.
    """
    if not isinstance(old, DictionaryObject) or type(old) is not type(new):
        return False
    if isinstance(old, StreamObject):
        return all(key in _PACKING or entry(new, key) == _IS_XMP.get(key, "") for key in changed_keys(old, new))
    said = (entry(new, key) for key in changed_keys(old, new))
    return all(each is None or isinstance(each, TextStringObject | ByteStringObject) for each in said)


def _info(resolver: HistoricalResolver) -> set[tuple[str, ...]]:
    """Its entries, told apart by kind as well: a reader that looks for a list finds none in the same words as text."""
    info = _info_dictionary(resolver)
    told = {} if info is None else {str(key): info[key] for key in info}
    return {("info", key, written(value)) for key, value in told.items() if key not in _INFO_NOTED_BY_SIGNING}


def _info_dictionary(resolver: HistoricalResolver) -> DictionaryObject | None:
    reference = raw_entry(resolver.trailer_view, "/Info")
    if reference is None:
        return None
    # The trailer's references lead to the newest revision; the resolver's own answer is that of its revision.
    info = resolver(reference.reference) if number(reference) is not None else reference
    if not isinstance(info, DictionaryObject):
        raise TypeError("the information dictionary is no dictionary")
    return info


def _xmp(resolver: HistoricalResolver) -> set[tuple[str, ...]]:
    reference = raw_entry(resolver.root, "/Metadata")
    if reference is None:
        return set()
    stream = target(reference)
    if not isinstance(stream, StreamObject):
        raise TypeError("the metadata is no stream")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=False)
    root = etree.fromstring(unpacked(stream, DecodePurpose.XMP_METADATA).strip(), parser)
    if any(True for _ in root.iter(etree.Entity)):
        raise ValueError("the metadata holds entities")
    facts: set[tuple[str, ...]] = set()
    for place, block in enumerate(root.iter(f"{_RDF}RDF")):
        for description in block:
            _collect(description, (f"xmp{place or ''}",), facts)
    return facts


def _collect(element: etree._Element, path: tuple[str, ...], facts: set[tuple[str, ...]]) -> None:
    """Note an element's attributes, text and children; a description's attributes are written as its children are."""
    for name, value in element.attrib.items():
        if str(name) not in _NOTED_BY_SIGNING and (str(name) != f"{_RDF}about" or value):
            facts.add((*path, str(name), str(value)))
    children = [c for c in element if isinstance(c.tag, str)]
    text = (element.text or "").strip()
    if text and not children:
        facts.add((*path, text))
    for position, child in enumerate(children):
        if str(child.tag) in _NOTED_BY_SIGNING:
            continue
        inner = (*path, str(child.tag))
        if str(child.tag) == f"{_RDF}li":
            inner = (*inner, str(position))
        _collect(child, inner, facts)
        if not len(child) and not (child.text or "").strip() and not child.attrib:
            facts.add((*inner, ""))
