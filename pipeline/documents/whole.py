"""The promises that must not be lost while a PDF is made: tags, metadata, output intent, data, fonts of our own.

Cheap and built into the step: it sees that a promise was dropped, not that it is kept, which veraPDF judges in tests.
Fields, signatures and seals are looked at by `signatures.conformance`.
"""

from collections.abc import Collection, Iterator
from typing import Any

from pipeline.documents import xmp

_CATALOG = ("StructTreeRoot", "MarkInfo", "Metadata", "OutputIntents", "Lang")


def lost(document: Any, pdf: Any, families: Collection[str], *, with_data: bool = True) -> tuple[str, ...]:
    """The names of what WeasyPrint's finished `pdf` of a laid-out `document` lacks; `families` may be its fonts.

    A draft or a masked copy carries no data: one that does has lost what it promises too.
    """
    data = _from_data(pdf) if with_data else (f"no {name}" for name in ("AF",) if pdf.catalog.get(name))
    return (*_from_catalog(pdf), *data, *_from_pages(pdf), *_from_fonts(document, pdf, families))


def _from_catalog(pdf: Any) -> Iterator[str]:
    catalog = pdf.catalog
    yield from (name for name in _CATALOG if not catalog.get(name))
    if "Title" not in pdf.info:
        yield "Title"
    if catalog.get("MarkInfo", {}).get("Marked") != "true":
        yield "Marked"
    if catalog.get("ViewerPreferences", {}).get("DisplayDocTitle") != "true":
        yield "DisplayDocTitle"
    if [intent.get("S") for intent in catalog.get("OutputIntents", ())] != ["/GTS_PDFA1"]:
        yield "GTS_PDFA1"
    described = b"".join(bytes(part) for stream in streams(pdf, "/Metadata") for part in stream.stream)
    yield from (mark.decode() for mark in xmp.MARKS if mark not in described)


def _from_data(pdf: Any) -> Iterator[str]:
    if not pdf.catalog.get("AF"):
        yield "AF"
    relations = [file.get("AFRelationship") for file in _dictionaries(pdf, "/Filespec")]
    if "/Data" not in relations or None in relations:
        yield "AFRelationship"


def _from_pages(pdf: Any) -> Iterator[str]:
    if any("StructParents" not in page or page.get("Tabs") != "/S" for page in _dictionaries(pdf, "/Page")):
        yield "Tabs"
    if not any(element.get("S") == "/H1" for element in _dictionaries(pdf, "/StructElem")):
        yield "H1"


def _from_fonts(document: Any, pdf: Any, families: Collection[str]) -> Iterator[str]:
    for font in document.fonts.values():
        if font.missing:
            yield f"glyph {font.family}"
        if font.family not in families:
            yield f"font {font.family}"
    descriptors = list(_dictionaries(pdf, "/FontDescriptor"))
    if not descriptors or any("FontFile2" not in d and "FontFile3" not in d for d in descriptors):
        yield "embedded fonts"


def _dictionaries(pdf: Any, kind: str) -> Iterator[Any]:
    return (o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == kind)


def streams(pdf: Any, kind: str) -> Iterator[Any]:
    """The streams of a type."""
    return (o for o in pdf.objects if getattr(o, "extra", {}).get("Type") == kind)
