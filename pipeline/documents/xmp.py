"""The XMP packet: a PDF/A-3a description with the PDF/UA-1 identification beside it.

WeasyPrint's own is added to (`identify`); where LibreOffice made the file, all of it is ours (`packet`).

Both must stand in the one ``rdf:RDF`` of the packet, and PDF/A demands that the ``pdfuaid`` schema, which it does not
know, is described by an extension schema (ISO 19005-3, 6.6.2.3). A second ``rdf:RDF``, which WeasyPrint's own
`xmp_metadata` would add, is ignored by every reader.
"""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

_PDF = "http://ns.adobe.com/pdf/1.3/"
_PDFA = "http://www.aiim.org/pdfa/ns/id/"
_XML = "http://www.w3.org/XML/1998/namespace"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_UA = "http://www.aiim.org/pdfua/ns/id/"
_EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
_SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY = "http://www.aiim.org/pdfa/ns/property#"

MARKS = (b'pdfaid:part="3"', b'pdfaid:conformance="A"', b"<pdfuaid:part>1</pdfuaid:part>", b"<dc:identifier>")
"""What a packet of ours always holds."""

_PREFIXES = {
    "rdf": _RDF,
    "dc": _DC,
    "pdf": _PDF,
    "pdfaid": _PDFA,
    "pdfuaid": _UA,
    "pdfaExtension": _EXTENSION,
    "pdfaSchema": _SCHEMA,
    "pdfaProperty": _PROPERTY,
}
for _prefix, _uri in _PREFIXES.items():
    ET.register_namespace(_prefix, _uri)

_PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n',
    b'\n</x:xmpmeta>\n<?xpacket end="r"?>',
)


def packet(*, title: str, lang: str, about: str, producer: str) -> bytes:
    """The whole packet, which says what `identify` makes WeasyPrint say."""
    rdf = ET.Element(f"{{{_RDF}}}RDF")
    for found in (_archivable(), _produced(producer), _titled(title), _identification(), _extension_schema()):
        rdf.append(found)
    rdf.append(_language(lang))
    rdf.append(_identifier(about))
    return _PACKET[0] + bytes(ET.tostring(rdf, encoding="utf-8")) + _PACKET[1]


def identify(metadata: Any, about: str) -> None:
    """Make a WeasyPrint document's metadata identify itself as PDF/UA-1 too, with its language and what it is about."""
    original: Callable[..., bytes] = metadata.generate_rdf_metadata

    def generate(*args: object, **kwargs: object) -> bytes:
        rdf = ET.fromstring(original(*args, **kwargs))  # noqa: S314  WeasyPrint's own output
        rdf.append(_identification())
        rdf.append(_extension_schema())
        rdf.append(_language(str(metadata.lang)))
        rdf.append(_identifier(about))
        return bytes(ET.tostring(rdf, encoding="utf-8"))

    metadata.generate_rdf_metadata = generate


def _description() -> ET.Element:
    return ET.Element(f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})


def _archivable() -> ET.Element:
    found = _description()
    found.set(f"{{{_PDFA}}}part", "3")
    found.set(f"{{{_PDFA}}}conformance", "A")
    return found


def _produced(producer: str) -> ET.Element:
    found = _description()
    ET.SubElement(found, f"{{{_PDF}}}Producer").text = producer
    return found


def _titled(title: str) -> ET.Element:
    found = _description()
    alternatives = ET.SubElement(ET.SubElement(found, f"{{{_DC}}}title"), f"{{{_RDF}}}Alt")
    ET.SubElement(alternatives, f"{{{_RDF}}}li", {f"{{{_XML}}}lang": "x-default"}).text = title
    return found


def _identification() -> ET.Element:
    found = _description()
    ET.SubElement(found, f"{{{_UA}}}part").text = "1"
    return found


def _language(lang: str) -> ET.Element:
    found = _description()
    bag = ET.SubElement(ET.SubElement(found, f"{{{_DC}}}language"), f"{{{_RDF}}}Bag")
    ET.SubElement(bag, f"{{{_RDF}}}li").text = lang
    return found


def _identifier(about: str) -> ET.Element:
    """``dc:identifier``: the plan by its id, so that any copy of the file says which plan it belongs to."""
    found = _description()
    ET.SubElement(found, f"{{{_DC}}}identifier").text = about
    return found


def _extension_schema() -> ET.Element:
    found = _description()
    schema = _resource(_bag(found, _EXTENSION, "schemas", "Bag"))
    _say(schema, _SCHEMA, schema="PDF/UA identification schema", namespaceURI=_UA, prefix="pdfuaid")
    part = _resource(_bag(schema, _SCHEMA, "property", "Seq"))
    _say(part, _PROPERTY, name="part", valueType="Integer", category="internal", description="Part of ISO 14289")
    return found


def _bag(parent: ET.Element, namespace: str, name: str, kind: str) -> ET.Element:
    return ET.SubElement(ET.SubElement(parent, f"{{{namespace}}}{name}"), f"{{{_RDF}}}{kind}")


def _resource(bag: ET.Element) -> ET.Element:
    return ET.SubElement(bag, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})


def _say(parent: ET.Element, namespace: str, **values: str) -> None:
    for name, value in values.items():
        ET.SubElement(parent, f"{{{namespace}}}{name}").text = value
