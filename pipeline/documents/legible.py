"""A municipality's own templates and stylesheets may place a document's texts, never hide one.

What is signed has to be what can be read. So a document in a dress that replaces something of ours is laid out a second
time in our own templates, and then:

1. every text that ours print, the dress prints too, and as often; what stands in head and foot stands on every page;
2. as much of it is in the person's type size or larger, and nothing is smaller than 10 points;
3. every word of the finished PDF can be seen: drawn by a renderer that shares no code with the one that laid it out
   (PDFium), each has ink of enough contrast within its own box, on the page, and under no other word.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from pipeline.documents.dress_rules import hiding

LEAST_POINTS = 10.0
LEAST_CONTRAST = 4.5
"""Of the darkest and the palest point of a word's box (WCAG 2.1, AA)."""
SAME_SIZE = 0.98
"""So much of the text that ours set in the person's size or larger must be so in the dress."""
OVERLAP = 0.5
"""So much of a word may another cover: far more than letters that lean together do."""

_PIXELS = 3.0  # of a point
_LINE = 3.0
"""So far within its box, in points, are the lines of a place to sign in."""
_PALE = 215
"""The darkest grey (of 255) on which a signature in black has a contrast of 14:1."""
_CSS_POINTS = 0.75  # of a CSS pixel
_NOTHING = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_LEFT_OUT = str.maketrans("", "", "-\u00ad\u2010\u2011\u0002\ufffe" + _NOTHING)
"""Hyphens, as they are laid out and as PDFium reports them, and what has no ink."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text on a page, with the element it belongs to, by the path of names that leads there."""

    text: str
    page: int
    points: float
    element: int
    path: str
    running: bool
    """Whether it stands in a page's head or foot."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a dress must show: all of `ours` (laid out by WeasyPrint), `always` on every page, in `size` points."""

    ours: Any
    always: tuple[str, ...]
    size: int


def require(slug: str, demand: Demand, theirs: Any, content: bytes) -> None:
    """Raise Misuse("dokument_drakt_dold") when `theirs`, laid out, with its PDF, shows less than is demanded."""
    wanted, found = tuple(runs(demand.ours)), tuple(runs(theirs))
    _require_texts(slug, wanted, found)
    _require_running(slug, demand.always, found, len(theirs.pages))
    _require_sizes(slug, wanted, found, demand.size)
    _require_seen(slug, content, [Counter(letters("".join(_laid_out(page._page_box)))) for page in theirs.pages])


def runs(document: Any) -> Iterator[Run]:
    """The visible text of a laid-out document, without what stylesheets made up."""
    from weasyprint.formatting_structure.boxes import MarginBox

    for number, page in enumerate(document.pages):
        for part in page._page_box.children:
            yield from _walk(part, _Place(number, isinstance(part, MarginBox), 0, ""))


@dataclass(frozen=True, slots=True)
class _Place:
    page: int
    running: bool
    element: int
    path: str


def _walk(box: Any, place: _Place) -> Iterator[Run]:
    from weasyprint.formatting_structure.boxes import BlockContainerBox, TextBox

    if isinstance(box, TextBox):
        if box.style["visibility"] == "visible" and "::" not in (box.element_tag or ""):
            points = box.style["font_size"] * _CSS_POINTS
            yield Run(box.text, place.page, points, place.element, place.path, place.running)
        return
    if isinstance(box, BlockContainerBox) and box.element is not None and "::" not in box.element_tag:
        step = ".".join((box.element_tag, *box.element.get("class", "").split()))
        if id(box.element) != place.element:
            place = _Place(place.page, place.running, id(box.element), f"{place.path} {step}".strip())
    for child in getattr(box, "children", ()):
        yield from _walk(child, place)


def _laid_out(box: Any) -> Iterator[str]:
    """Every text of a page, also what will not be drawn."""
    if hasattr(box, "text"):
        yield box.text
    for child in getattr(box, "children", ()):
        yield from _laid_out(child)


def letters(text: str) -> str:
    """The text without spaces and hyphens, which depend on where lines end, each letter in its plainest form."""
    return "".join(normalize("NFKC", text).split()).translate(_LEFT_OUT)


def _blocks(found: Iterable[Run]) -> Mapping[int, tuple[str, str]]:
    """The letters of each element that is no head or foot, with its path, in order."""
    blocks: dict[int, tuple[str, str]] = {}
    for run in found:
        if not run.running:
            text, _ = blocks.get(run.element, ("", ""))
            blocks[run.element] = (text + letters(run.text), run.path)
    return {key: block for key, block in blocks.items() if block[0]}


def _require_texts(slug: str, wanted: tuple[Run, ...], found: tuple[Run, ...]) -> None:
    shown = "\n".join(text for text, _ in _blocks(found).values())
    blocks = _blocks(wanted).values()
    needed = Counter(text for text, _ in blocks)
    lost = [path for text, path in blocks if shown.count(text) < needed[text]]
    if lost:
        raise hiding(slug, "saknas", antal=len(lost), plats=lost[0])


def _require_running(slug: str, always: tuple[str, ...], found: tuple[Run, ...], pages: int) -> None:
    for page in range(pages):
        shown = "".join(letters(run.text) for run in found if run.page == page and run.running)
        if any(letters(text) not in shown for text in always):
            raise hiding(slug, "sidfot", sida=page + 1)


def _require_sizes(slug: str, wanted: tuple[Run, ...], found: tuple[Run, ...], size: int) -> None:
    small = [run for run in found if letters(run.text) and run.points < LEAST_POINTS - 0.01]
    if small:
        raise hiding(slug, "for_liten", minst=f"{LEAST_POINTS:g}", sida=small[0].page + 1)
    large = [_share(some, size) for some in (wanted, found)]
    if large[1] < large[0] * SAME_SIZE:
        raise hiding(slug, "teckenstorlek", storlek=size)


def _share(some: tuple[Run, ...], size: int) -> int:
    return sum(len(letters(run.text)) for run in some if not run.running and run.points >= size - 0.01)


def _require_seen(slug: str, content: bytes, pages: list[Counter[str]]) -> None:
    """`pages` are the letters that were laid out on each page."""
    import pypdfium2

    with pypdfium2.PdfDocument(content) as document:
        for number, (page, laid_out) in enumerate(zip(document, pages, strict=True), 1):
            words = tuple(inked(page))
            if laid_out - Counter(letters("".join(text for text, _ in words))):
                raise hiding(slug, "ritas_inte", sida=number)
            require_ink(slug, number, drawn(page), [box for _, box in words])


def drawn(page: Any) -> Any:
    """A picture of the page in shades of grey."""
    return page.render(scale=_PIXELS, grayscale=True).to_pil()


def require_ink(slug: str, number: int, image: Any, boxes: list[Box]) -> None:
    """Raise Misuse("dokument_drakt_dold") unless the words in these boxes of page `number` can be seen in its image."""
    if not all(_has_ink(image, box) for box in boxes):
        raise hiding(slug, "syns_inte", sida=number)
    if _covered(boxes):
        raise hiding(slug, "overlappar", sida=number)


def inked(page: Any) -> Iterator[tuple[str, Box]]:
    """The words of a page with the boxes of their ink: left, bottom, right, top in points."""
    text_page = page.get_textpage()
    word, boxes = "", list[Box]()
    for index, letter in enumerate(text_page.get_text_range()):
        if letter.isspace() or letter in "\ufffe\u0002":
            if boxes:
                yield word, _around(boxes)
            word, boxes = "", []
        else:
            word += letter
            boxes.append(text_page.get_charbox(index))
    if boxes:
        yield word, _around(boxes)


def _around(boxes: list[Box]) -> Box:
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)


def is_free(image: Any, box: Box) -> bool:
    """Whether a place to sign in lies on the page and is pale within its lines."""
    left, bottom, right, top = box
    area = _area_of(image, (left + _LINE, bottom + _LINE, right - _LINE, top - _LINE))
    if area[0] < 0 or area[1] < 0 or area[2] > image.width + 1 or area[3] > image.height + 1:
        return False
    return bool(image.crop(area).getextrema()[0] >= _PALE)


def _area_of(image: Any, box: Box) -> tuple[int, int, int, int]:
    """The pixels of a box: left, top, right, bottom."""
    left, bottom, right, top = (int(side * _PIXELS) for side in box)
    return left, image.height - top, right, image.height - bottom


def _has_ink(image: Any, box: Box) -> bool:
    left, bottom, right, top = box
    height = image.height / _PIXELS
    where = (int(left * _PIXELS) - 1, int((height - top) * _PIXELS) - 1, int(right * _PIXELS) + 2)
    area = (*where, int((height - bottom) * _PIXELS) + 2)
    if area[0] < -1 or area[1] < -1 or area[2] > image.width + 1 or area[3] > image.height + 1:
        return False
    dark, pale = image.crop(area).getextrema()
    return _grey(pale) / _grey(dark) >= LEAST_CONTRAST


def _grey(level: int) -> float:
    from pipeline.documents.colours import luminance

    return luminance(f"#{level:02x}{level:02x}{level:02x}") + 0.05


def _covered(boxes: list[Box]) -> bool:
    """Whether some word lies under another."""
    ordered = sorted(boxes, key=lambda box: box[1])
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other[1] > one[3]:
                break
            width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - other[1]
            least = min(_area(one), _area(other))
            if width > 0 and height > 0 and width * height > OVERLAP * least:
                return True
    return False


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
