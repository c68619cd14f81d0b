"""A structure tree as values, and how it is written into a PDF (ISO 32000-1, 14.7)."""

from dataclasses import dataclass, field
from typing import Any

import pydyf

CELLS = frozenset({"TH", "TD"})


@dataclass(frozen=True, slots=True)
class Marked:
    """Marked content of a page."""

    page: int
    mcid: int


@dataclass(frozen=True, slots=True)
class Annotated:
    """A link's annotation on a page."""

    page: int
    annotation: Any


@dataclass(eq=False, slots=True)
class Node:
    """A structure element and what it holds, in reading order; `lang` is the language in force."""

    role: str
    parent: "Node | None"
    lang: str
    page: int
    is_place: bool = False
    entries: dict[str, Any] = field(default_factory=dict)
    kids: "list[Node | Marked | Annotated]" = field(default_factory=list)

    def add(self, role: str, page: int, lang: str | None = None) -> "Node":
        """A new element at the end; a language of its own is noted."""
        made = Node(role, self, lang or self.lang, page)
        if made.lang != self.lang:
            made.entries["Lang"] = pydyf.String(made.lang)
        self.kids.append(made)
        return made


class Writer:
    """Writes elements into a PDF, with the tree that leads back to them from the pages."""

    def __init__(self, pdf: Any, counts: list[int]) -> None:
        self._pdf = pdf
        self._pages = pdf.page_references
        self._parents: list[list[bytes]] = [[b"null"] * count for count in counts]
        self._annotations: list[bytes] = []

    def write(self, root: Node) -> None:
        """The whole tree and what the catalog says about it."""
        tree = pydyf.Dictionary({"Type": "/StructTreeRoot"})
        self._pdf.add_object(tree)
        tree["K"] = pydyf.Array([self._element(root, tree.reference)])
        numbers = pydyf.Array()
        for key, parents in enumerate([*map(pydyf.Array, self._parents), *self._annotations]):
            numbers.extend((key, parents))
        parent_tree = pydyf.Dictionary({"Nums": numbers})
        self._pdf.add_object(parent_tree)
        tree |= {"ParentTree": parent_tree.reference, "ParentTreeNextKey": len(numbers) // 2}
        self._pdf.catalog |= {
            "StructTreeRoot": tree.reference,
            "ViewerPreferences": pydyf.Dictionary({"DisplayDocTitle": "true"}),
            "MarkInfo": pydyf.Dictionary({"Marked": "true"}),
        }

    def _element(self, node: Node, parent: bytes) -> bytes:
        made = pydyf.Dictionary({"Type": "/StructElem", "S": f"/{node.role}", "P": parent, **node.entries})
        self._pdf.add_object(made)
        reference: bytes = made.reference
        made["Pg"] = self._pages[node.page]
        made["K"] = pydyf.Array(self._kid(kid, node, reference) for kid in node.kids if _is_worth(kid))
        return reference

    def _kid(self, kid: Node | Marked | Annotated, node: Node, reference: bytes) -> Any:
        match kid:
            case Node():
                return self._element(kid, reference)
            case Marked(page, mcid):
                self._parents[page][mcid] = reference
                if page == node.page:
                    return mcid
                return pydyf.Dictionary({"Type": "/MCR", "Pg": self._pages[page], "MCID": mcid})
            case Annotated(page, annotation):
                annotation["StructParent"] = len(self._parents) + len(self._annotations)
                self._annotations.append(reference)
                return pydyf.Dictionary({"Type": "/OBJR", "Pg": self._pages[page], "Obj": annotation.reference})


def _is_worth(kid: Node | Marked | Annotated) -> bool:
    """Whether it says anything: content, the place of a signature, or a cell, which keeps its row's others in place."""
    if not isinstance(kid, Node):
        return True
    return kid.role != "" and (kid.is_place or kid.role in CELLS or any(map(_is_worth, kid.kids)))
