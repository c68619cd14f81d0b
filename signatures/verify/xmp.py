"""What an XMP packet says, for one written in the plain form that all readers read alike (rule R9; ISO 16684-1 §7).

Some readers take a property's first text, some all of it; some search all elements, some only where properties belong;
some go by a name's prefix. The form below leaves them nothing to differ about, and standard writers write no other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from .streams import NotUnderstood

_QUOTED = r"(?:\"[^\"<>?]*\"|'[^'<>?]*')"
# No other instruction, no comment, CDATA or declaration: of text that these divide, each reader takes another part.
_PACKET = re.compile(
    r"\ufeff?\s*+(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?i:utf-8)[\"'])?\s*+\?>\s*+)?"
    rf"(?:<\?xpacket(?: (?:begin|id|bytes|encoding)={_QUOTED})+\s*+\?>\s*+)?"
    rf"(?:<\?adobe-xap-filters esc={_QUOTED}\?>\s*+)?"
    r"(?P<body>(?:[^<]|<(?![!?]))*+)(?:<\?xpacket end=[\"'][rw][\"']\s*+\?>\s*+)?"
)
_MOST_NAMESPACES = 100  # that are declared: each element knows all that those around it declare
_NAMESPACES = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dc": "http://purl.org/dc/elements/1.1/"}
_PREFIXES = {namespace: prefix for prefix, namespace in _NAMESPACES.items()}
_RDF = f"{{{_NAMESPACES['rdf']}}}"
_ABOUT = f"{_RDF}about"
_X = "{adobe:ns:meta/}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_LISTS = {f"{_RDF}Seq", f"{_RDF}Bag", f"{_RDF}Alt"}

Text = tuple[str, str]
"""A text and its language, which is mostly none."""
Value = Text | tuple[str, str, object]
"""Besides a text: a list of values in order, or a structure of properties, with its kind and language."""


def properties(packet: bytes) -> Mapping[str, Value]:
    """Every property of the document by name.

    Raises NotUnderstood, UnicodeDecodeError or lxml's XMLSyntaxError where the packet is written otherwise.
    """
    found = _PACKET.fullmatch(packet.decode("utf-8"))
    if found is None or found["body"].count("xmlns") > _MOST_NAMESPACES:
        raise NotUnderstood
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(found["body"].strip().encode(), parser)
    for element in root.iter():
        if any(_NAMESPACES.get(p, ns) != ns or _PREFIXES.get(ns, p) != p for p, ns in element.nsmap.items()):
            raise NotUnderstood
    if root.tag in (f"{_X}xmpmeta", f"{_X}xapmeta"):
        root = _only(root, f"{_X}xmptk")
    descriptions = _members(root)
    # They are all about the one document, by whatever name (§7.4).
    if root.tag != f"{_RDF}RDF" or len({each.get(_ABOUT, "") for each in descriptions}) > 1:
        raise NotUnderstood
    return _once(each for description in descriptions for each in _described(description))


def texts(value: Value | None) -> list[Text]:
    """The texts of a property that has one, or a list of them."""
    if value is None:
        return []
    if len(value) == 2:
        return [value]
    members = value[2]
    return [each for each in members if len(each) == 2] if isinstance(members, tuple) else []


def _members(element: etree._Element, attributes: Collection[str] = ()) -> list[etree._Element]:
    """What an element holds that has nothing else: no text beside, and no attributes but these."""
    beside = [element.text, *(each.tail for each in element)]
    if not set(element.attrib) <= set(attributes) or any(text and text.strip() for text in beside):
        raise NotUnderstood
    return list(element)


def _only(element: etree._Element, attribute: str) -> etree._Element:
    found = _members(element, {attribute})
    if len(found) != 1:
        raise NotUnderstood
    return found[0]


def _once(found: Iterator[tuple[str, Value]]) -> dict[str, Value]:
    by_name: dict[str, Value] = {}
    for name, value in found:
        if name in by_name:
            raise NotUnderstood
        by_name[name] = value
    return by_name


def _described(description: etree._Element) -> Iterator[tuple[str, Value]]:
    """A description's properties; a plain one is written as an attribute or as an element (ISO 16684-1 §7.9.2.2)."""
    if description.tag != f"{_RDF}Description":
        raise NotUnderstood
    yield from _attributes({name: text for name, text in description.attrib.items() if name != _ABOUT})
    yield from _elements(_members(description, set(description.attrib)))


def _attributes(attributes: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    for name, text in attributes.items():
        if name.startswith((_RDF, _XML)):
            raise NotUnderstood
        yield name, (text, "")


def _elements(found: list[etree._Element]) -> Iterator[tuple[str, Value]]:
    for element in found:
        if element.tag.startswith(_RDF) and element.tag != f"{_RDF}value":
            raise NotUnderstood
        yield element.tag, _value(element)


def _value(element: etree._Element) -> Value:
    attributes = dict(element.attrib)
    language = attributes.pop(f"{_XML}lang", "")
    if attributes == {f"{_RDF}parseType": "Resource"}:
        return "structure", language, _frozen(_elements(_members(element, set(element.attrib))))
    if not len(element) and not attributes:
        return element.text or "", language
    if not len(element):
        _members(element, set(element.attrib))
        return "structure", language, _frozen(_attributes(attributes))
    inner = _only(element, f"{_XML}lang")
    if inner.tag not in _LISTS:
        return "structure", language, _frozen(_described(inner))
    members = _members(inner)
    if any(each.tag != f"{_RDF}li" for each in members):
        raise NotUnderstood
    return inner.tag, language, tuple(map(_value, members))


def _frozen(found: Iterator[tuple[str, Value]]) -> frozenset[tuple[str, Value]]:
    return frozenset(_once(found).items())
