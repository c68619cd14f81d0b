"""Putting form fields into the structure tree, so that a screen reader meets them where they stand.

PDF/UA-1 7.18.1, 7.18.3 and 7.18.4 want each widget nested in a ``Form`` element,
the page's tab order to follow the structure and the field to have a tooltip.
The ``Form`` element's ``/K`` must be the object reference *itself*, never an array
around it: pyHanko's difference analysis follows only paths ending in ``/K/Obj``, and
with an array calls every earlier signature broken once a later field is filled.

A template leaves an empty block where a field will be, and that block is an empty
``Div`` in the tree: the field's place in the reading order. Where a page does not
have exactly one empty ``Div`` for each field, the fields are read last on the page.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from .errors import FieldRefused


@dataclass(frozen=True, slots=True)
class Placed:
    """A widget on a page (number from 0), how high its top is, and what it is called when read aloud."""

    widget: generic.IndirectObject
    page: generic.IndirectObject
    number: int
    top: float
    description: str


def nest(writer: Any, fields: Sequence[Placed]) -> None:
    """Give each widget its place in the structure tree. Raises FieldRefused `ej_taggad`."""
    tree = _Tree(writer)
    places = tree.empty_blocks(min((field.number for field in fields), default=0))
    for number in sorted({field.number for field in fields}):
        here = sorted((field for field in fields if field.number == number), key=lambda field: -field.top)
        blocks = places.get(number, [])
        for index, field in enumerate(here):
            tree.add_form(field, blocks[index] if len(blocks) == len(here) else None)


class _Tree:
    """The structure tree of a file being revised."""

    def __init__(self, writer: Any) -> None:
        root = writer.root
        if "/StructTreeRoot" not in root or "/ParentTree" not in root["/StructTreeRoot"]:
            raise FieldRefused("ej_taggad", "the PDF has no structure tree; a signature field could not be read aloud")
        self._writer = writer
        self._root = root["/StructTreeRoot"]
        self._document = self._document_element()
        self._pages = {page.idnum: number for number, page in enumerate(_pages(root["/Pages"]))}
        self._next_key = max(self._keys(), default=-1) + 1

    def _document_element(self) -> generic.IndirectObject:
        for kid in _kids(self._root):
            if isinstance(kid, generic.IndirectObject) and kid.get_object()["/S"] == "/Document":
                return kid
        raise FieldRefused("ej_taggad", "the structure tree has no Document element")

    def _keys(self) -> Iterator[int]:
        yield from _number_tree_keys(self._root["/ParentTree"])
        if "/ParentTreeNextKey" in self._root:
            yield int(self._root["/ParentTreeNextKey"]) - 1

    def empty_blocks(self, first_page: int) -> dict[int, list[generic.IndirectObject]]:
        """The empty Div elements from `first_page` on, by page, in reading order."""
        found: dict[int, list[generic.IndirectObject]] = {}
        for element in self._backwards(self._document):
            page = self._page_of(element)
            if page < first_page:
                break
            if element.get_object()["/S"] == "/Div":
                found.setdefault(page, []).insert(0, element)
        return found

    def _backwards(self, element: generic.IndirectObject) -> Iterator[generic.IndirectObject]:
        """Elements without elements in them, the last one first: fields stand at the end of a long tree."""
        kids, has_elements = list(_kids(element.get_object())), False
        for kid in reversed(kids):
            if isinstance(kid, generic.IndirectObject) and "/S" in kid.get_object():
                has_elements = True
                yield from self._backwards(kid)
        if not has_elements and (not kids or element.get_object()["/S"] != "/Div"):
            yield element

    def _page_of(self, element: generic.IndirectObject) -> int:
        entries = element.get_object()
        return self._pages.get(entries.raw_get("/Pg").idnum, -1) if "/Pg" in entries else -1

    def add_form(self, field: Placed, block: generic.IndirectObject | None) -> None:
        """Nest the widget in a Form element inside `block`, or last on its page."""
        reference = generic.DictionaryObject(
            {pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): field.widget, pdf_name("/Pg"): field.page}
        )
        element = self._writer.add_object(
            generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/StructElem"),
                    pdf_name("/S"): pdf_name("/Form"),
                    pdf_name("/P"): block or self._document,
                    pdf_name("/Pg"): field.page,
                    pdf_name("/Alt"): generic.TextStringObject(field.description),
                    pdf_name("/K"): reference,
                }
            )
        )
        if block is None:
            self._insert_last_on_page(element, field.number)
        else:
            # An array here: pyHanko does not see an element that is its parent's only, bare /K.
            block.get_object()[pdf_name("/K")] = generic.ArrayObject([element])
            self._writer.mark_update(block)
        field.widget.get_object()[pdf_name("/StructParent")] = generic.NumberObject(self._next_key)
        self._register(element)

    def _insert_last_on_page(self, element: generic.IndirectObject, page: int) -> None:
        kids = list(_kids(self._document.get_object()))
        at = len(kids)
        while at and self._starts_on(kids[at - 1]) > page:
            at -= 1
        kids.insert(at, element)
        self._document.get_object()[pdf_name("/K")] = generic.ArrayObject(kids)
        self._writer.mark_update(self._document)

    def _starts_on(self, kid: object) -> int:
        return self._page_of(kid) if isinstance(kid, generic.IndirectObject) else -1

    def _register(self, element: generic.IndirectObject) -> None:
        key, parent_tree = self._next_key, self._root["/ParentTree"]
        number = generic.NumberObject(key)
        if "/Nums" in parent_tree:
            numbers = parent_tree["/Nums"]
            numbers.extend((number, element))
        else:
            limits = generic.ArrayObject((number, number))
            leaf = {pdf_name("/Limits"): limits, pdf_name("/Nums"): generic.ArrayObject((number, element))}
            numbers = parent_tree["/Kids"]
            numbers.append(self._writer.add_object(generic.DictionaryObject(leaf)))
        self._writer.update_container(numbers)
        self._next_key = key + 1
        self._root[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(self._next_key)
        self._writer.update_container(self._root)


def _kids(element: Any) -> Iterator[Any]:
    """What /K holds, references unresolved; it may be one thing or an array of them."""
    if "/K" not in element:
        return
    content = element["/K"]
    if isinstance(content, generic.ArrayObject):
        yield from content
    else:
        yield element.raw_get("/K")


def _pages(node: Any) -> Iterator[generic.IndirectObject]:
    for kid in node["/Kids"]:
        if "/Kids" in kid.get_object():
            yield from _pages(kid.get_object())
        else:
            yield kid


def _number_tree_keys(node: Any) -> Iterator[int]:
    if "/Nums" in node:
        yield from (int(node["/Nums"][index]) for index in range(0, len(node["/Nums"]), 2))
    for index in range(len(node["/Kids"]) if "/Kids" in node else 0):
        yield from _number_tree_keys(node["/Kids"][index])
