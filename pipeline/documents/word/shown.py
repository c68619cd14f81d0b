"""What is made from a municipality's own Word template shows all that ours would, and as large.

Judged in the Word document itself, which leaves the house beside the PDF: its elements are already known to be plain
(`tame`), so what its text says is what is seen. What LibreOffice then makes of it is looked at in `seen`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from docx.oxml.ns import qn

from pipeline.documents.dress_rules import hiding
from pipeline.documents.legible import LEAST_POINTS, SAME_SIZE, letters
from pipeline.documents.word.pictures import PLACE
from pipeline.documents.word.tame import style_of, told
from pipeline.documents.words import swedish

LONGER = 8
"""So many times as long as our own document may theirs be."""
_DEFAULT = 10.0
"""Points of a text whose size nothing says (ECMA-376-1, 17.3.2.38)."""
_ON = (None, "1", "true", "on")
_KINDS = ("default", "first", "even")


@dataclass(frozen=True, slots=True)
class Demand:
    """What must be shown: all of `ours` (a python-docx document), `always` on every page, in `size` points."""

    ours: Any
    always: tuple[str, ...]
    size: int
    above: tuple[str, ...]
    """The texts that places to sign in stand below."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph: its texts as (letters, points), the name of its style, and whether it is a place to sign in."""

    texts: tuple[tuple[str, float], ...]
    style: str
    said: str
    place: bool

    @property
    def letters(self) -> str:
        """All its letters."""
        return "".join(text for text, _ in self.texts)


def require(slug: str, demand: Demand, theirs: Any) -> None:
    """Raise Misuse("dokument_drakt_dold") when the document `theirs` shows less than is demanded."""
    if _length(theirs) > LONGER * _length(demand.ours):
        raise hiding(slug, "word_for_langt", antal=LONGER)
    wanted, found = (tuple(blocks(document, document.element.body)) for document in (demand.ours, theirs))
    _require_texts(slug, wanted, found)
    _require_places(slug, [letters(text) for text in demand.above], wanted, found)
    around = {id(root): tuple(blocks(theirs, root)) for root in told(theirs)}
    _require_running(slug, demand.always, theirs, around)
    if any(points < LEAST_POINTS for block in chain(found, *around.values()) for _, points in block.texts):
        raise hiding(slug, "word_for_liten", minst=f"{LEAST_POINTS:g}")
    if _large(found, demand.size) < _large(wanted, demand.size) * SAME_SIZE:
        raise hiding(slug, "teckenstorlek", storlek=demand.size)


def body_letters(document: Any) -> str:
    """Every letter of a document's text, without heads and feet."""
    return "".join(block.letters for block in blocks(document, document.element.body))


def blocks(document: Any, root: Any) -> Iterator[Block]:
    """The paragraphs below `root` in order, without what a field will replace."""
    styles = document.styles.element
    sizes, names, body = _sizes(styles), style_names(styles), _body(styles)
    fields = 0
    for paragraph in root.iter(qn("w:p")):
        style, texts, said = style_of(paragraph) or body, list[tuple[str, float]](), ""
        for element in paragraph.iter(qn("w:fldChar"), qn("w:t")):
            if element.tag == qn("w:fldChar"):
                fields += {"begin": 1, "end": -1}.get(element.get(qn("w:fldCharType"), ""), 0)
            elif not fields and next(element.iterancestors(qn("w:fldSimple")), None) is None:
                said += element.text or ""
                texts.append((letters(element.text or ""), _points(element.getparent(), style, sizes)))
        place = style == PLACE and next(paragraph.iter(qn("w:drawing")), None) is not None
        yield Block(tuple(text for text in texts if text[0]), names.get(style, style), said.strip(), place)


def _body(styles: Any) -> str:
    """The style of a paragraph that names none."""
    of_paragraphs = (s for s in styles.iter(qn("w:style")) if s.get(qn("w:type")) == "paragraph")
    defaults = (s for s in of_paragraphs if s.get(qn("w:default"), "0") in _ON)
    return next((s.get(qn("w:styleId")) for s in defaults), "")


def style_names(styles: Any) -> Mapping[str, str]:
    """What each style is called in Word, by its id."""
    return {s.get(qn("w:styleId")): s.find(qn("w:name")).get(qn("w:val")) for s in styles.iter(qn("w:style"))}


def _sizes(styles: Any) -> Mapping[str, float]:
    """The type size of each style, its own or that of the style it is based on; under "" what else holds."""
    known = {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}
    found = {"": next(map(_size, styles.iter(qn("w:docDefaults"))), None) or _DEFAULT}
    for name, style in known.items():
        sizes = (_size(each) for each in _line(style, known))
        if size := next((size for size in sizes if size), None):
            found[name] = size
    return found


def _line(style: Any, known: Mapping[str, Any]) -> Iterator[Any]:
    """The style, what it is based on, and so on; one based on itself comes to an end as well."""
    for _ in known:
        yield style
        base = style.find(qn("w:basedOn"))
        style = None if base is None else known.get(base.get(qn("w:val")))
        if style is None:
            return


def _size(element: Any) -> float | None:
    size = next(element.iter(qn("w:sz")), None)
    return None if size is None else float(size.get(qn("w:val"))) / 2


def _points(run: Any, paragraph: str, sizes: Mapping[str, float]) -> float:
    own = run.find(qn("w:rPr"))
    named = None if own is None else own.find(qn("w:rStyle"))
    direct = None if own is None else _size(own)
    by_name = None if named is None else sizes.get(named.get(qn("w:val")))
    return direct or by_name or sizes.get(paragraph) or sizes[""]


def _length(document: Any) -> int:
    """How many elements and letters LibreOffice and Word will have to read."""
    return sum(1 + len(element.text or "") for root in told(document) for element in root.iter("*"))


def _require_texts(slug: str, wanted: tuple[Block, ...], found: tuple[Block, ...]) -> None:
    shown = "\n".join(block.letters for block in found)
    pieces = [(text.removesuffix(":"), place) for block, place in _placed(wanted) for text, _ in block.texts]
    needed = Counter(text for text, _ in pieces)
    lost = [place for text, place in pieces if shown.count(text) < needed[text]]
    if lost:
        raise hiding(slug, "word_saknas", antal=len(lost), plats=lost[0])


def _placed(wanted: tuple[Block, ...]) -> Iterator[tuple[Block, str]]:
    """Each block with where it stands, told without anything of the plan's: fixed words and the style's name."""
    fixed, under = frozenset(swedish().entries.values()), ""
    for block in wanted:
        if block.style.lower() == "heading 2":
            under = f"{block.said} / " if block.said in fixed else ""
        yield block, f"{under}{block.style}"


def _require_places(slug: str, above: list[str], wanted: tuple[Block, ...], found: tuple[Block, ...]) -> None:
    ours, theirs = (list(_places(above, some)) for some in (wanted, found))
    if ours != theirs:
        pairs = zip((*ours, None), (*theirs, None), strict=False)
        first = next(number for number, (one, other) in enumerate(pairs, 1) if one != other or one is None)
        raise hiding(slug, "word_plats", nummer=min(first, len(ours)) or 1, antal=len(ours))


def _places(above: list[str], some: tuple[Block, ...]) -> Iterator[str | None]:
    """For each place to sign in the text that it stands below."""
    last: str | None = None
    for block in some:
        last = max((text for text in above if text in block.letters), key=len, default=last)
        if block.place:
            yield last


def _require_running(slug: str, always: tuple[str, ...], theirs: Any, around: Mapping[int, tuple[Block, ...]]) -> None:
    for page in _pages(theirs):
        shown = "\n".join(block.letters for root in page for block in around[id(root)])
        if any(letters(text) not in shown for text in always):
            raise hiding(slug, "word_sidfot")


def _pages(document: Any) -> Iterator[list[Any]]:
    """The heads and feet of each kind of page that each section has; a section without its own keeps the last."""
    held: dict[tuple[str, str], Any] = {}
    evens = next(document.settings.element.iter(qn("w:evenAndOddHeaders")), None)
    for section in document.element.body.iter(qn("w:sectPr")):
        for tag in ("headerReference", "footerReference"):
            for reference in section.iter(qn(f"w:{tag}")):
                part = document.part.rels[reference.get(qn("r:id"))].target_part  # docxtpl puts its parts there
                held[tag, reference.get(qn("w:type"), "default")] = part.element
        first = section.find(qn("w:titlePg"))
        used = (True, *(mark is not None and mark.get(qn("w:val")) in _ON for mark in (first, evens)))
        for kind, is_used in zip(_KINDS, used, strict=True):
            if is_used:
                yield [root for (_, of), root in held.items() if of == kind]


def _large(some: tuple[Block, ...], size: int) -> int:
    return sum(len(text) for block in some for text, points in block.texts if points >= size - 0.01)
