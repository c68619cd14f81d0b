"""The pages of a file, found from the top of their tree down (ISO 32000-2 §7.7.3)."""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject

from .objects import entry, items, number, raw_entry, target

MAX_PAGES = 5000


class TooManyPages(ValueError):
    """There are more than MAX_PAGES pages, or twice as many branches."""


def pages(root: PdfObject) -> Iterator[tuple[int, DictionaryObject]]:
    """The pages under this catalog, each once and with its object number. Raises TooManyPages."""
    seen: set[int] = set()
    for at, node, _ in _nodes(root):
        if at is not None and at not in seen and isinstance(node, DictionaryObject) and entry(node, "/Kids") is None:
            seen.add(at)
            if len(seen) > MAX_PAGES:
                raise TooManyPages
            yield at, node


def astray(root: PdfObject) -> list[str]:
    """What in the tree has another /Parent than the node that lists it, or stands there twice.

    What a page lacks it has from the nodes above it (§7.7.3.4). Some readers find these by /Parent and some on the way
    down, so that such a page is not the same in all of them. Raises TooManyPages.
    """
    seen: set[int] = set()
    found = []
    for at, node, above in _nodes(root):
        if at is None or at in seen or not isinstance(node, DictionaryObject) or not _is_under(node, above):
            found.append(f"object {at} has no one place in the page tree")
        seen.add(at or 0)
    return found


def _nodes(root: PdfObject) -> Iterator[tuple[int | None, PdfObject, int | None]]:
    """Everything that the tree lists, as often as it does so, with its number and that of the node that lists it."""
    waiting: list[tuple[PdfObject, int | None]] = [(raw_entry(root, "/Pages"), None)]
    opened: set[int] = set()
    listed = 0
    while waiting:
        given, above = waiting.pop()
        at, node = number(given), target(given)
        yield at, node, above
        if at is None or at in opened:
            continue
        opened.add(at)
        kids = items(entry(node, "/Kids"))
        listed += len(kids)  # as written, since many branches may share one long list
        if listed > 2 * MAX_PAGES:
            raise TooManyPages
        waiting += [(kid, at) for kid in kids]


def _is_under(node: DictionaryObject, above: int | None) -> bool:
    return "/Parent" not in node if above is None else number(raw_entry(node, "/Parent")) == above
