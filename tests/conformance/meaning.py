"""What veraPDF cannot judge: whether the tags mean what the page says. Each rule gives its faults in words."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from tests.conformance.content import UNKNOWN, Run
from tests.conformance.tags import HEADINGS, Element, Reading

SMALLEST = 12.0
"""No text is set smaller, the foot of the page included, in points."""
_ROWS = ("THead", "TBody", "TFoot")
_NEAR = 40.0  # points between a bookmark's aim and its heading: the line and its margin


def nothing_is_lost(reading: Reading) -> Iterator[str]:
    """All that is drawn is in the tree or an artifact; all that is in the tree is drawn and can be read (7.1)."""
    for thing in reading.loose:
        yield f"page {thing.page + 1}: neither in the tree nor an artifact: {getattr(thing, 'text', thing)!r}"
    for page, mcid in reading.empty:
        yield f"page {page + 1}: marked content {mcid} is in the tree and draws nothing"
    for page in reading.pages:
        for run in page.runs:
            if UNKNOWN in run.text:
                yield f"page {page.number + 1}: a glyph that means no character in {run.text!r}"
            if not run.visible and run.text.strip():
                yield f"page {page.number + 1}: {run.text!r} is in the file and cannot be seen"


def artifacts_are_heads_and_feet(reading: Reading) -> Iterator[str]:
    """Text outside the tree stands above or below all text of the document on its page."""
    for page in reading.pages:
        told = [run.box for run in page.runs if not run.is_artifact]
        if not told:
            continue
        top, bottom = max(box[3] for box in told), min(box[1] for box in told)
        for run in page.runs:
            if run.is_artifact and run.text.strip() and not (run.box[1] >= top - 1 or run.box[3] <= bottom + 1):
                yield f"page {page.number + 1}: {run.text!r} stands amid the text and is not read"


def headings_are_in_order(reading: Reading) -> Iterator[str]:
    """One H1, first of all headings; no level is skipped (7.4.2)."""
    levels = [int(heading.role[1]) for heading in reading.document.all(*HEADINGS)]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"headings begin {levels[:3]} with {levels.count(1)} of level 1"
    for one, other in pairwise(levels):
        if other > one + 1:
            yield f"a heading of level {other} follows one of level {one}"


def bookmarks_are_headings(reading: Reading) -> Iterator[str]:
    """Each bookmark is a heading with its words, at its place, in its order; no H1 or H2 is without one (7.17)."""
    headings = [(h.text, h.role, h.start) for h in reading.document.all(*HEADINGS)]
    left = iter(headings)
    for mark in reading.bookmarks:
        title = " ".join(mark.title.split())
        found = next((h for h in left if h[0] == title and h[1] == f"H{mark.level}"), None)
        if found is None:
            yield f"bookmark {title!r} (level {mark.level}) is no heading in its order"
            return
        if found[2] is None or found[2][0] != mark.page:
            yield f"bookmark {title!r} leads to page {mark.page + 1}, its heading is on {found[2]}"
        elif mark.top is not None and not -4 <= mark.top - found[2][1] <= _NEAR:
            yield f"bookmark {title!r} leads {mark.top - found[2][1]:.0f} points above its heading"
    marked = [" ".join(mark.title.split()) for mark in reading.bookmarks]
    for text, role, _ in headings:
        if role in ("H1", "H2") and text not in marked:
            yield f"{role} {text!r} has no bookmark"


def tables_have_headers(reading: Reading) -> Iterator[str]:
    """Rows of equal width; each data cell has a header over it or before it that says its scope (7.5)."""
    for table in reading.document.all("Table"):
        rows = [row.elements for row in table.all("TR")]
        if any(kid.role not in ("TR", "Caption", *_ROWS) for kid in table.elements):
            yield f"a table holds {[kid.role for kid in table.elements]}"
        if len({sum(_span(cell) for cell in row) for row in rows}) != 1:
            yield f"a table of uneven rows: {[len(row) for row in rows]}"
            continue
        over = _columns_with_headers(rows)
        for row in rows:
            before = any(c.role == "TH" and c.attributes.get("Scope") in ("Row", "Both") for c in row)
            for at, cell in enumerate(row):
                if cell.role == "TD" and at not in over and not before:
                    yield f"the cell {cell.text!r} has no header"
                if cell.role == "TH" and (not cell.text or "Scope" not in cell.attributes):
                    yield f"the header {cell.text!r} says no scope"


def _columns_with_headers(rows: Sequence[tuple[Element, ...]]) -> set[int]:
    return {
        at
        for row in rows
        for at, cell in enumerate(row)
        if cell.role == "TH" and cell.attributes.get("Scope") in ("Column", "Both")
    }


def _span(cell: Element) -> int:
    return int(cell.attributes.get("ColSpan", 1))


def lists_are_lists(reading: Reading) -> Iterator[str]:
    """A list holds items, an item a label and a body (7.6)."""
    for found in reading.document.all("L"):
        kids = [kid.role for kid in found.elements]
        if not kids or set(kids) - {"LI", "L", "Caption"}:
            yield f"a list holds {kids}"
    for item in reading.document.all("LI"):
        kids = [kid.role for kid in item.elements]
        if "LBody" not in kids or set(kids) - {"Lbl", "LBody"}:
            yield f"a list item holds {kids}: {item.text!r}"


def pictures_say_what_they_show(reading: Reading) -> Iterator[str]:
    """Each picture has words and a place on its page (7.3)."""
    for figure in reading.document.all("Figure"):
        if not (figure.alt or "").strip():
            yield "a picture without words"
        box = [float(side) for side in figure.attributes.get("BBox", ())]
        if len(box) != 4 or not (0 <= box[0] < box[2] <= 596 and 0 <= box[1] < box[3] <= 842):
            yield f"the picture {figure.alt!r} has the box {box}"


def fields_are_described(reading: Reading) -> Iterator[str]:
    """Each visible field or link is in the tree, once, and says what it is for (7.18.1)."""
    told = [kid for element in reading.document.walk() for kid in element.kids if hasattr(kid, "description")]
    names = sorted(kid.name for kid in told)
    if names != sorted(widget.name for widget in reading.widgets):
        yield f"the tree holds the fields {names}, the pages {sorted(w.name for w in reading.widgets)}"
    for widget in reading.widgets:
        if not widget.description.strip():
            yield f"the field {widget.name!r} is not described"
    for element in reading.document.all("Form"):
        if not (element.alt or "").strip():
            yield "a field without words"


def the_file_presents_itself(reading: Reading) -> Iterator[str]:
    """It says its language and title, shows the title, and has its tab order by structure (7.1, 7.2, 7.18.3)."""
    if not reading.lang:
        yield "no language is said"
    if not reading.title or not reading.shows_title:
        yield f"the title {reading.title!r} is shown: {reading.shows_title}"
    if set(reading.tabs) != {"/S"}:
        yield f"tab orders {set(reading.tabs)}"


def nothing_is_empty(reading: Reading) -> Iterator[str]:
    """No element stands empty, but table cells and the blocks where signatures go."""
    for element in reading.document.walk():
        if not element.kids and element.role not in ("TD", "Div"):
            yield f"an empty {element.role} on page {(element.page or 0) + 1}"
        if element.role in (*HEADINGS, "P", "LBody", "Caption") and not element.text and not element.elements:
            yield f"a {element.role} that says nothing"


def nothing_is_small(reading: Reading) -> Iterator[str]:
    """No text is smaller than 12 points."""
    for page in reading.pages:
        for run in page.runs:
            if run.text.strip() and run.size < SMALLEST - 0.01:
                yield f"page {page.number + 1}: {run.text!r} is {run.size:.1f} points"


def the_eye_reads_the_same_order(reading: Reading) -> Iterator[str]:
    """On each page, what is read later stands lower or to the right."""
    last: Run | None = None
    for content in reading.document.contents():
        for run in content.runs:
            if not run.text.strip():
                continue
            if last is not None and not _comes_after(last, run):
                yield f"page {run.page + 1}: {run.text!r} is read after {last.text!r} and stands before it"
            last = run


def _comes_after(one: Run, other: Run) -> bool:
    if one.page != other.page:
        return other.page > one.page
    to_the_right = other.box[0] >= one.box[2] - 1
    return to_the_right or other.box[3] < one.box[3]


RULES: Mapping[str, Callable[[Reading], Iterator[str]]] = {
    rule.__name__: rule
    for rule in (
        nothing_is_lost,
        artifacts_are_heads_and_feet,
        headings_are_in_order,
        bookmarks_are_headings,
        tables_have_headers,
        lists_are_lists,
        pictures_say_what_they_show,
        fields_are_described,
        the_file_presents_itself,
        nothing_is_empty,
        nothing_is_small,
        the_eye_reads_the_same_order,
    )
}


def faults(reading: Reading) -> list[str]:
    """Everything that is wrong with what the file says, by rule."""
    return [f"{name}: {fault}" for name, rule in RULES.items() for fault in rule(reading)]


_BULLET = re.compile(r"[•◦▪–-]|\d+\.")


def spoken(reading: Reading) -> list[tuple[str, str, str]]:
    """What is read, in order: (role, words, language) of each block; bullets, numbers and fields left out."""
    found = []
    for block in reading.blocks():
        words = block.alt or "" if block.role == "Figure" else block.text
        if block.role != "Form" and not (block.role == "Lbl" and _BULLET.fullmatch(words)):
            found.append((block.role, words, block.in_force))
    return found
