"""The file of a Word document: the same parts give the same bytes, and nobody's name is in its properties."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from markupsafe import escape

_FIRST = ("[Content_Types].xml", "_rels/.rels")
"""What a reader of the package looks for first (ECMA-376-2, 7.3.7)."""
_CORE = "docProps/core.xml"
_CORE_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<dc:title>{title}</dc:title><dc:language>{language}</dc:language>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified>'
    "</cp:coreProperties>"
)


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says of itself: `title` without personal data, and one day for both its dates."""

    title: str
    language: str
    day: date


def repacked(document: Any, properties: Properties) -> bytes:
    """The .docx of a python-docx document: parts in a fixed order, without time stamps, with these properties."""
    parts = _parts(document)
    parts[_CORE] = _core(properties)
    made = BytesIO()
    with ZipFile(made, "w") as package:
        for name in sorted(parts, key=lambda name: (name not in _FIRST, name)):
            package.writestr(_entry(name), parts[name])
    return made.getvalue()


def _parts(document: Any) -> dict[str, bytes]:
    saved = BytesIO()
    document.save(saved)
    with ZipFile(saved) as package:
        return {name: package.read(name) for name in package.namelist()}


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)  # dated 1980-01-01, the earliest a zip can say
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 0
    return entry


def _core(properties: Properties) -> bytes:
    title, language = escape(properties.title), escape(properties.language)
    return _CORE_XML.format(title=title, language=language, day=properties.day.isoformat()).encode()
