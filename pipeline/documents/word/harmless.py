"""What a Word document of ours may hold: no piece of another file, nothing fetched, nothing computed by the clock.

A municipality may put its own template in place of ours, and Word documents can link to pictures and other documents,
carry programs, and ask for the date or the reader's name. LibreOffice would follow some of that on our machine, and
Word all of it on the reader's. The lists say what is allowed; everything else stops.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

LARGEST = 30_000_000
"""Bytes of all parts of a template together, unpacked."""
PARTS = frozenset({"core-properties", "custom-properties", "customXml", "customXmlProps", "extended-properties"}) | {
    *("endnotes", "fontTable", "footer", "footnotes", "header", "image", "numbering", "officeDocument", "settings"),
    *("styles", "stylesWithEffects", "theme", "webSettings"),
}
"""The last word of each relationship type that may stand in the file (ECMA-376-1, part 1, 11.3 and 15.2)."""
FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
"""Fields that say where on the pages a text stands (ECMA-376-1, 17.16.5)."""


class ForbiddenError(ValueError):
    """What stands in a document and may not; the message names it without quoting."""


def require_small(data: bytes) -> None:
    """Raise ForbiddenError for a file that would unpack to more than is ever needed."""
    with ZipFile(BytesIO(data)) as package:
        if sum(entry.file_size for entry in package.infolist()) > LARGEST:
            raise ForbiddenError("size")


def require_harmless(document: Any) -> None:
    """Raise ForbiddenError for the first thing in a python-docx document that may not stand there."""
    package = document.part.package
    for part in (package, *package.iter_parts()):
        for relation in part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1]
            if relation.is_external or kind not in PARTS:
                raise ForbiddenError(f"{'external ' * relation.is_external}{kind}")
    for part in package.iter_parts():
        root = _root(part)
        if root is None:
            continue
        if root.getroottree().docinfo.internalDTD is not None:
            raise ForbiddenError("DOCTYPE")
        for code in _fields(root):
            name = (code.split() or [""])[0]
            if name.upper() not in FIELDS:
                raise ForbiddenError(f"field {name}")


def _root(part: Any) -> Any:
    """A part's XML, also of those that python-docx hands on unread (notes, themes); None for pictures."""
    if isinstance(part, XmlPart):
        return part.element
    if not part.content_type.endswith("xml"):
        return None
    try:
        return parse_xml(part.blob)
    except SyntaxError as error:
        raise ForbiddenError("XML") from error


def _fields(root: Any) -> Iterator[str]:
    """The code of each field: in one attribute, or between two marks, in as many pieces as Word likes."""
    code: list[str] | None = None
    for element in root.iter(qn("w:fldSimple"), qn("w:fldChar"), qn("w:instrText")):
        if element.tag == qn("w:fldSimple"):
            yield element.get(qn("w:instr"), "")
        elif element.tag == qn("w:instrText"):
            code = [*(code or []), element.text or ""]
        elif code is not None:
            yield "".join(code)
            code = None
    if code is not None:
        yield "".join(code)
