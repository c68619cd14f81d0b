"""The structure tree of a PDF, built from its laid-out pages: what a screen reader meets.

WeasyPrint's own tree is one of pages: what goes on over a page break becomes two elements, heads and feet of pages lie
loose, and words that meet at the end of a line have no space between them. Ours has one element for each element of
the HTML, however many pages and lines it takes (ISO 14289-1, 7.1), and

- heads and feet of pages, and repeated heads of tables, are artifacts (7.8, 7.1);
- header cells say their scope (7.5), passages their language (7.2), pictures what they show (7.3);
- a line that ends between two words ends with a space, and the hyphen of a line break is a soft one (ISO 32000-1,
  14.8.2.2.3, 14.8.2.5); text from right to left is given in the order it is read;
- nothing stands empty but a block with an ``id``, the place of a signature (`signatures.tagging`), and table cells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf

from pipeline.documents.spoken import Marks, Passage
from pipeline.documents.tag_tree import CELLS, Annotated, Marked, Node, Writer
from pipeline.errors import EnvironmentFailed

_SVG = "{http://www.w3.org/2000/svg}"
_ROLES = {
    **{f"h{n}": f"H{n}" for n in range(1, 7)},
    **{"p": "P", "section": "Sect", "article": "Art", "main": "Part", "blockquote": "BlockQuote", "a": "Link"},
    **{"ul": "L", "ol": "L", "dl": "L", "img": "Figure", f"{_SVG}svg": "Figure", "figcaption": "Caption"},
    **{"table": "Table", "thead": "THead", "tbody": "TBody", "tfoot": "TFoot", "tr": "TR", "th": "TH", "td": "TD"},
    **{"caption": "Caption"},
}
_GROUPS = frozenset({"Document", "Part", "Art", "Sect", "Div", "BlockQuote"})
"""Elements that hold elements; text right in them becomes a paragraph."""
_INLINE = frozenset({"Span", "Link"})
_POINTS = 0.75  # of a CSS pixel


@contextmanager
def our_tags() -> Iterator[None]:
    """While the context is open, WeasyPrint writes the tree of this module."""
    import weasyprint.pdf

    theirs, weasyprint.pdf.add_tags = weasyprint.pdf.add_tags, _add_tags
    try:
        yield
    finally:
        weasyprint.pdf.add_tags = theirs


def _add_tags(pdf: Any, document: Any, _version: object, streams: list[Any]) -> None:
    root = Node("Document", None, document.metadata.lang, 0)
    builder = _Builder(root, document)
    for number, (page, stream) in enumerate(zip(document.pages, streams, strict=True)):
        builder.read(number, page, stream)
    Writer(pdf, [len(stream._tags) for stream in streams]).write(root)


class _Builder:
    """Reads the pages' boxes into elements."""

    def __init__(self, root: Node, document: Any) -> None:
        from weasyprint.formatting_structure import boxes
        from weasyprint.layout.absolute import AbsolutePlaceholder

        self._boxes, self._placeholder = boxes, AbsolutePlaceholder
        self._root = root
        self._fonts = document.fonts
        self._nodes: dict[Any, Node] = {}
        self._passages: dict[Any, Passage] = {}
        self._loose = root

    def read(self, number: int, page: Any, stream: Any) -> None:
        """Add one page. Raises EnvironmentFailed where something is drawn that has no place in the tree."""
        self._number, self._height = number, page.height
        self._mcids = {box: tag["mcid"] for box, tag in stream._tags.items()}
        self._marks = Marks(stream, self._fonts)
        self._marks.require(self._mcids.values())
        self._box(page._page_box, self._root, None)
        if self._mcids:
            raise EnvironmentFailed("dokument_forlorad", fel="tags")

    def _box(self, box: Any, node: Node, passage: Passage | None) -> None:
        box = box._box if isinstance(box, self._placeholder) else box
        if isinstance(box, self._boxes.MarginBox):
            self._set_apart(box, "Header" if box.at_keyword.startswith("@top") else "Footer")
        elif isinstance(box, self._boxes.TextBox):
            self._text(box, node, passage)
        elif self._is_repeated(box):
            self._set_apart(box, None)
        else:
            self._element(box, node, passage)

    def _element(self, box: Any, node: Node, passage: Passage | None) -> None:
        node = self._node(box, node)
        if isinstance(box, self._boxes.ReplacedBox):
            self._picture(box, node)
            return
        if isinstance(box, self._boxes.BlockLevelBox):
            passage = None  # within a line or not, a block says its own
        if isinstance(box, self._boxes.LineBox) and passage is None:
            passage = self._passages.setdefault(box.element, Passage(box.element))
        if box.link_annotation and node.role == "Link":
            node.kids.append(Annotated(self._number, box.link_annotation))
        for child in box.children:
            self._box(child, node, passage)

    def _paragraph(self, node: Node) -> Node:
        """What holds text: the element itself, or in a group a paragraph, until something else comes in between."""
        if node.role not in _GROUPS:
            return node
        if not node.kids or node.kids[-1] is not self._loose:
            self._loose = node.add("P", self._number)
        return self._loose

    def _node(self, box: Any, parent: Node) -> Node:
        """The element that the box's content belongs to: its own, or its parent's when it means nothing by itself."""
        element, tag = box.element, box.element_tag
        if element is None or tag in ("html", "body"):
            return parent
        if tag.endswith("::marker"):
            return self._label(element)
        if element not in self._nodes:
            made = self._made(box, element, parent)
            if made is None:
                return parent
            self._nodes[element] = made
        return self._nodes[element]

    def _made(self, box: Any, element: Any, parent: Node) -> Node | None:
        lang = element.get("lang") or parent.lang
        match element.tag:
            case "li":
                return parent.add("LI", self._number, lang).add("LBody", self._number)
            case "dt":
                return parent.add("LI", self._number, lang).add("Lbl", self._number)
            case "dd":
                items = [kid for kid in parent.kids if isinstance(kid, Node)]
                item = items[-1] if items else parent.add("LI", self._number)
                return item.add("LBody", self._number, lang)
        is_place = element.tag == "div" and "id" in element.attrib
        role = _ROLES.get(element.tag) or self._unnamed(box, parent, is_apart=is_place or lang != parent.lang)
        if role is None:
            return None
        made = (self._paragraph(parent) if role in _INLINE else parent).add(role, self._number, lang)
        made.is_place = is_place
        if role in CELLS:
            made.entries["A"] = _cell(box, element, parent)
        return made

    def _unnamed(self, box: Any, parent: Node, *, is_apart: bool) -> str | None:
        if isinstance(box, self._boxes.InlineLevelBox):
            return "Span" if is_apart else None
        if is_apart:
            return "Div"
        lines = [isinstance(child, self._boxes.LineBox) for child in box.children]
        return "P" if any(lines) and parent.role in _GROUPS else None

    def _label(self, element: Any) -> Node:
        """The label of a list item: its bullet or number."""
        body = self._nodes[element]
        label = Node("Lbl", body.parent, body.lang, self._number)
        if body.parent is not None:
            body.parent.kids.insert(0, label)
        return label

    def _is_repeated(self, box: Any) -> bool:
        """Whether the box is the head or foot of a table that an earlier page has shown already."""
        known = self._nodes.get(box.element) if box.element_tag in ("thead", "tfoot") else None
        return known is not None and known.page != self._number

    def _set_apart(self, box: Any, kind: str | None) -> None:
        """Make what the box draws an artifact."""
        box = box._box if isinstance(box, self._placeholder) else box
        if box in self._mcids:
            self._marks.set_apart(self._mcids.pop(box), kind)
        for child in getattr(box, "children", ()):
            self._set_apart(child, kind)

    def _text(self, box: Any, node: Node, passage: Passage | None) -> None:
        mcid = self._mcids.pop(box)
        if not box.text.strip():  # nothing is drawn; the words around it are kept apart by `Passage`
            self._marks.set_apart(mcid, None)
            return
        self._paragraph(node).kids.append(Marked(self._number, mcid))
        if passage is not None and "::" not in box.element_tag:
            passage.say(box.text, self._marks, mcid)

    def _picture(self, box: Any, node: Node) -> None:
        alt = _alt(box.element)
        if alt is None:
            raise EnvironmentFailed("dokument_forlorad", fel="alternativtext")
        if not alt:
            node.role = ""
            self._set_apart(box, None)
            return
        node.kids.append(Marked(self._number, self._mcids.pop(box)))
        left, top = box.content_box_x(), box.content_box_y()
        sides = (left, self._height - top - box.height, left + box.width, self._height - top)
        node.entries["Alt"] = pydyf.String(alt)
        node.entries["A"] = pydyf.Dictionary(
            {"O": "/Layout", "Placement": "/Block", "BBox": pydyf.Array(_POINTS * side for side in sides)}
        )


def _alt(element: Any) -> str | None:
    """What a picture shows, in words; empty for one that only decorates, None where the template forgot it."""
    if element.tag == "img":
        found: str | None = element.get("alt")
        return found
    title: str | None = element.findtext(f"{_SVG}title")
    return title or element.get("aria-label")


def _cell(box: Any, element: Any, row: Node) -> Any:
    found = pydyf.Dictionary({"O": "/Table"})
    if element.tag == "th":
        in_head = row.parent is not None and row.parent.role == "THead"
        found["Scope"] = {"row": "/Row", "col": "/Column"}.get(element.get("scope"), "/Column" if in_head else "/Row")
    if box.colspan != 1:
        found["ColSpan"] = box.colspan
    if box.rowspan != 1:
        found["RowSpan"] = box.rowspan
    return found
