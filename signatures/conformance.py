"""What a PDF/A-3a that is PDF/UA-1 too must still have after a revision: a look, not a judgement.

It is cheap enough for every field, signature and seal, and sees that a promise was dropped: tags, mark, language,
metadata, output intent, the fonts of pages and stamps, the tags and names of fields. Whether the promises are *kept*
an independent validator judges in the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject, StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from .verify.objects import entry, items, number, raw_entry, target

_MARKS = {
    "PDF/A-3": (b'pdfaid:part="3"', b"<pdfaid:part>3<"),
    "PDF/A-3a": (b'pdfaid:conformance="A"', b"<pdfaid:conformance>A<"),
    "PDF/UA-1": (b'pdfuaid:part="1"', b"<pdfuaid:part>1<"),
}
"""How the metadata say what the file is, as attribute or as element (ISO 19005-3, 6.6.4; ISO 14289-1, 5)."""


def lost(pdf: bytes) -> tuple[str, ...]:
    """The names of what the file's newest revision has lost; nothing for a whole file."""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        return (*_catalog(reader), *_metadata(reader.root), *_Pages(reader.root).lost())
    except (PdfError, KeyError, ValueError, TypeError, RecursionError) as error:
        return (f"unreadable: {type(error).__name__}",)


def _catalog(reader: Any) -> Iterator[str]:
    root = reader.root
    if "/Encrypt" in reader.trailer_view:
        yield "open text"
    tree = entry(root, "/StructTreeRoot")
    if not entry(tree, "/K") or entry(tree, "/ParentTree") is None:
        yield "StructTreeRoot"
    if not entry(entry(root, "/MarkInfo"), "/Marked"):
        yield "MarkInfo"
    if not entry(entry(root, "/ViewerPreferences"), "/DisplayDocTitle"):
        yield "DisplayDocTitle"
    if not entry(root, "/Lang"):
        yield "Lang"
    intents = _targets(entry(root, "/OutputIntents"))
    if not any(entry(i, "/S") == "/GTS_PDFA1" and entry(i, "/DestOutputProfile") for i in intents):
        yield "OutputIntents"


def _metadata(root: Any) -> Iterator[str]:
    stream = entry(root, "/Metadata")
    packet = stream.data if isinstance(stream, StreamObject) else b""
    yield from (name for name, ways in _MARKS.items() if not any(way in packet for way in ways))


class _Pages:
    """The pages of a file, with the fonts and fields on them; what many share is looked at once."""

    def __init__(self, root: DictionaryObject) -> None:
        self._root = root
        self._seen: set[int] = set()

    def lost(self) -> Iterator[str]:
        for page in _leaves(entry(self._root, "/Pages")):
            yield from self._fonts(raw_entry(page, "/Resources"))
            widgets = _targets(entry(page, "/Annots"))
            if widgets and entry(page, "/Tabs") != "/S":
                yield "Tabs"
            for widget in widgets:
                yield from _unnamed(widget)
                yield from self._fonts(raw_entry(entry(entry(widget, "/AP"), "/N"), "/Resources"))
        yield from self._fonts(raw_entry(entry(self._root, "/AcroForm"), "/DR"))

    def _fonts(self, resources: Any) -> Iterator[str]:
        """Fonts without a program, also in the forms that are drawn with these resources."""
        for font in self._named(resources, "/Font"):
            inner = _targets(entry(font, "/DescendantFonts")) or [font]
            descriptor = entry(inner[0], "/FontDescriptor")
            if not any(entry(descriptor, f"/FontFile{number}") for number in ("", 2, 3)):
                yield f"font {entry(font, '/BaseFont')}"
        for form in self._named(resources, "/XObject"):
            yield from self._fonts(raw_entry(form, "/Resources"))

    def _named(self, resources: Any, kind: str) -> list[PdfObject]:
        """The resources of a kind that no page before had."""
        found = entry(target(resources), kind)
        values = [found.raw_get(name) for name in found] if isinstance(found, DictionaryObject) else []
        new = [value for value in values if number(value) is None or number(value) not in self._seen]
        self._seen.update(at for at in map(number, new) if at is not None)
        return [target(value) for value in new]


def _unnamed(widget: PdfObject) -> Iterator[str]:
    """What a field that can be seen lacks to be found and read aloud (PDF/UA-1, 7.18.1 and 7.18.4)."""
    left, bottom, right, top = (float(side) for side in items(entry(widget, "/Rect")))  # type: ignore[arg-type]
    is_seen = left != right and bottom != top and max(left, right) > 0 and max(bottom, top) > 0
    if is_seen and entry(widget, "/Subtype") == "/Widget":
        name = entry(widget, "/T")
        if not entry(widget, "/TU"):
            yield f"TU {name}"
        if entry(widget, "/StructParent") is None:
            yield f"StructParent {name}"


def _leaves(node: Any) -> Iterator[PdfObject]:
    for kid in _targets(entry(node, "/Kids")):
        if entry(kid, "/Kids") is None:
            yield kid
        else:
            yield from _leaves(kid)


def _targets(value: PdfObject | None) -> list[PdfObject]:
    return [target(each) for each in items(value)]
