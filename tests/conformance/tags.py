"""A PDF as a screen reader meets it: the structure tree with its texts, in reading order.

`read` resolves every marked content of the tree to the text drawn on the page, fields to their descriptions, and tells
what lies outside: artifacts, text that is in no element (`loose`), and elements' content that no page draws (`empty`).
`dump` prints it as it would be read aloud. Roles are resolved by the file's own role map (ISO 32000-1, 14.7.3).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf

from tests.conformance.content import Drawing, Page, Run, read_page

HEADINGS = ("H1", "H2", "H3", "H4", "H5", "H6")
BLOCKS = frozenset({*HEADINGS, "P", "Lbl", "LBody", "TH", "TD", "Caption", "Figure", "Form", "BlockQuote", "Note"})
"""What is read as one piece, where nothing in it is."""

_GAP = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True, slots=True)
class Content:
    """Marked content of a page that belongs to an element; `text` is None for what is drawn but not written."""

    page: int
    mcid: int
    text: str
    runs: tuple[Run, ...]
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True, slots=True)
class Widget:
    """A field or link that an element holds: its kind, name, description and page."""

    kind: str
    name: str
    description: str
    page: int


@dataclass(frozen=True, slots=True)
class Element:
    """One structure element with its standard role, its own attributes and what it holds, in order."""

    role: str
    page: int | None
    kids: tuple["Element | Content | Widget", ...]
    alt: str | None = None
    actual: str | None = None
    lang: str | None = None
    """Its own; `in_force` is the language it is read in."""
    in_force: str = ""
    id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def elements(self) -> tuple["Element", ...]:
        return tuple(kid for kid in self.kids if isinstance(kid, Element))

    @property
    def text(self) -> str:
        """All text under the element, as it is read: spaces run together, soft hyphens left out."""
        return _GAP.sub(" ", self._text().replace("\u00ad", "")).strip(" ")

    def _text(self) -> str:
        if self.actual is not None:
            return self.actual
        return "".join(kid._text() if isinstance(kid, Element) else _said(kid) for kid in self.kids)

    def walk(self) -> Iterator["Element"]:
        """The element and all below it, in reading order."""
        yield self
        for kid in self.elements:
            yield from kid.walk()

    def all(self, *roles: str) -> list["Element"]:
        """Every element of these roles, in reading order."""
        return [element for element in self.walk() if element.role in roles]

    def contents(self) -> Iterator[Content]:
        """All marked content under the element, in reading order."""
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.contents()
            elif isinstance(kid, Content):
                yield kid

    @property
    def start(self) -> tuple[int, float] | None:
        """Where its first text stands: the page from 0, and how high in points."""
        for content in self.contents():
            if content.runs:
                return content.page, max(run.box[3] for run in content.runs)
        return None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline: level from 1, title, and where it leads: page from 0, height in points."""

    level: int
    title: str
    page: int
    top: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file as read: its tree, what is outside the tree, its bookmarks and what it says of itself."""

    document: Element
    artifacts: tuple[Run, ...]
    loose: tuple[Run | Drawing, ...]
    empty: tuple[tuple[int, int], ...]
    bookmarks: tuple[Bookmark, ...]
    widgets: tuple[Widget, ...]
    pages: tuple[Page, ...]
    tabs: tuple[str, ...]
    lang: str
    title: str
    shows_title: bool

    def blocks(self) -> list[Element]:
        """The elements that hold text or pictures of their own, in reading order; a list item is one block."""
        return list(_blocks(self.document))


def _blocks(element: Element) -> Iterator[Element]:
    for kid in element.elements:
        inner = list(_blocks(kid))
        if kid.role in BLOCKS and not inner:
            yield kid
        else:
            yield from inner


def _said(kid: Content | Widget) -> str:
    return kid.text if isinstance(kid, Content) else ""


def read(pdf: bytes) -> Reading:
    """The file as a screen reader meets it; raises ValueError for what this reader does not understand."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return _Tree(opened).reading()


class _Tree:
    """A file being read."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.root = pdf.Root.StructTreeRoot
        self.roles = {str(k): str(v) for k, v in self.root.get("/RoleMap", {}).items()}
        self.numbers = {page.obj.objgen: n for n, page in enumerate(pdf.pages)}
        self.pages = [read_page(page, n) for n, page in enumerate(pdf.pages)]
        self.runs = _by_mcid(run for page in self.pages for run in page.runs)
        self.drawings = _by_mcid(drawing for page in self.pages for drawing in page.drawings)
        self.used: set[tuple[int, int]] = set()

    def reading(self) -> Reading:
        document = self._whole()
        known = self.used
        runs = [run for page in self.pages for run in page.runs]
        drawn = [drawing for page in self.pages for drawing in page.drawings]
        catalog = self.pdf.Root
        return Reading(
            document=document,
            artifacts=tuple(run for run in runs if run.is_artifact),
            loose=tuple(x for x in (*runs, *drawn) if not _is_artifact(x) and (x.page, _mcid(x)) not in known),
            empty=tuple(key for key in sorted(known) if key not in self.runs and key not in self.drawings),
            bookmarks=tuple(self._bookmarks()),
            widgets=tuple(self._annotations()),
            pages=tuple(self.pages),
            tabs=tuple(str(page.obj.get("/Tabs", "")) for page in self.pdf.pages),
            lang=str(catalog.get("/Lang", "")),
            title=str(self.pdf.docinfo.get("/Title", "")),
            shows_title=bool(catalog.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)),
        )

    def _whole(self) -> Element:
        kids = self._kids(self.root, None, str(self.pdf.Root.get("/Lang", "")))
        elements = [kid for kid in kids if isinstance(kid, Element)]
        if len(elements) == 1 and elements[0].role == "Document":
            return elements[0]
        raise ValueError(f"the tree has no single Document but {[element.role for element in elements]}")

    def _kids(self, holder: pikepdf.Object, page: int | None, lang: str) -> tuple[Element | Content | Widget, ...]:
        held = holder.get("/K")
        if held is None:
            return ()
        return tuple(self._kid(kid, page, lang) for kid in (held if isinstance(held, pikepdf.Array) else [held]))

    def _kid(self, kid: Any, page: int | None, lang: str) -> Element | Content | Widget:
        if isinstance(kid, int):
            return self._content(page, kid)
        here = self._page(kid, page)
        match str(kid.get("/Type", "/StructElem")):
            case "/MCR":
                return self._content(here, int(kid.MCID))
            case "/OBJR":
                return self._widget(kid.Obj, here)
            case _:
                return self._element(kid, here, lang)

    def _page(self, holder: pikepdf.Object, page: int | None) -> int | None:
        return self.numbers[holder.Pg.objgen] if "/Pg" in holder else page

    def _content(self, page: int | None, mcid: int) -> Content:
        if page is None:
            raise ValueError(f"marked content {mcid} is on no page")
        key = (page, mcid)
        if key in self.used:
            raise ValueError(f"marked content {mcid} of page {page + 1} is in two elements")
        self.used.add(key)
        runs = tuple(self.runs.get(key, ()))
        actual = next((m.actual for run in runs for m in run.marks if m.mcid == mcid and m.actual is not None), None)
        text = "".join(run.said for run in runs) if actual is None else actual
        return Content(page, mcid, text, runs, tuple(self.drawings.get(key, ())))

    def _element(self, entries: pikepdf.Object, page: int | None, lang: str) -> Element:
        attributes = entries.get("/A", {})
        lang = _text(entries, "/Lang") or lang
        return Element(
            role=self._role(str(entries.S)),
            page=page,
            kids=self._kids(entries, page, lang),
            alt=_text(entries, "/Alt"),
            actual=_text(entries, "/ActualText"),
            lang=_text(entries, "/Lang"),
            in_force=lang,
            id=_text(entries, "/ID"),
            attributes=_merged(attributes if isinstance(attributes, pikepdf.Array) else [attributes]),
        )

    def _role(self, role: str) -> str:
        seen: set[str] = set()
        while role in self.roles and role not in seen:
            seen.add(role)
            role = self.roles[role]
        return role[1:]

    def _widget(self, annotation: pikepdf.Object, page: int | None) -> Widget:
        description = annotation.get("/TU") or annotation.get("/Contents") or ""
        kind = str(annotation.get("/Subtype", ""))[1:]
        return Widget(kind, str(annotation.get("/T", "")), str(description), page if page is not None else -1)

    def _annotations(self) -> Iterator[Widget]:
        for number, page in enumerate(self.pdf.pages):
            for annotation in page.obj.get("/Annots", []):
                if _is_seen(annotation, page):
                    yield self._widget(annotation, number)

    def _bookmarks(self) -> Iterator[Bookmark]:
        with self.pdf.open_outline() as outline:
            yield from self._below(outline.root, 1)

    def _below(self, items: list[pikepdf.OutlineItem], level: int) -> Iterator[Bookmark]:
        for item in items:
            page, top = self._destination(item)
            yield Bookmark(level, item.title, page, top)
            yield from self._below(item.children, level + 1)

    def _destination(self, item: pikepdf.OutlineItem) -> tuple[int, float | None]:
        where = item.destination
        if where is None and item.action is not None:
            where = item.action.get("/D")
        if not isinstance(where, pikepdf.Array):
            raise TypeError(f"the bookmark {item.title} leads to no page")
        kind = str(where[1])
        top = where[3] if kind == "/XYZ" else where[2] if kind in ("/FitH", "/FitBH") else None
        return self.numbers[where[0].objgen], None if top is None else float(top)


def _by_mcid(things: Any) -> dict[tuple[int, int], list[Any]]:
    found: dict[tuple[int, int], list[Any]] = {}
    for thing in things:
        mcid = _mcid(thing)
        if mcid is not None and not _is_artifact(thing):
            found.setdefault((thing.page, mcid), []).append(thing)
    return found


def _mcid(thing: Run | Drawing) -> int | None:
    return next((mark.mcid for mark in reversed(thing.marks) if mark.mcid is not None), None)


def _is_artifact(thing: Run | Drawing) -> bool:
    return any(mark.tag == "Artifact" for mark in thing.marks)


def _text(entries: pikepdf.Object, key: str) -> str | None:
    return str(entries[key]) if key in entries else None


def _merged(attributes: Any) -> dict[str, Any]:
    """The attributes of every owner in one, as plain values."""
    found: dict[str, Any] = {}
    for each in attributes:
        found |= {str(key)[1:]: _plain(value) for key, value in each.items() if str(key) != "/O"}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, pikepdf.Array):
        return [_plain(each) for each in value]
    if isinstance(value, pikepdf.Name):
        return str(value)[1:]
    return str(value) if isinstance(value, pikepdf.String) else value


def _is_seen(annotation: pikepdf.Object, page: pikepdf.Page) -> bool:
    one, two, three, four = (float(v) for v in annotation.Rect)
    (left, right), (bottom, top) = sorted((one, three)), sorted((two, four))
    x0, y0, x1, y1 = (float(v) for v in page.mediabox)
    return right > left and top > bottom and left < x1 and right > x0 and bottom < y1 and top > y0


_SAID = {
    "Figure": "bild",
    "TH": "rubrikcell",
    "TD": "cell",
    "P": "stycke",
    "LI": "punkt",
    "Form": "fält",
    "Link": "länk",
}


def dump(reading: Reading) -> str:
    """The file as it would be read aloud, a line to a block: what it is, and what it says."""
    lines = [f"[{reading.lang}] {reading.title}"]
    lines += _dumped(reading.document, 0)
    return "\n".join(lines)


def _dumped(element: Element, depth: int) -> Iterator[str]:
    indent, lang = "  " * depth, f" [{element.lang}]" if element.lang else ""
    if element.role in BLOCKS and not list(_blocks(element)):
        name = f"rubrik {element.role[1]}" if element.role in HEADINGS else _SAID.get(element.role, element.role)
        yield f"{indent}{name}{lang}: {element.alt or element.text}"
        return
    if element.role not in ("NonStruct", "Document"):
        yield f"{indent}({element.role}){lang}"
    for kid in element.elements:
        yield from _dumped(kid, depth + (element.role not in ("NonStruct", "Document")))
