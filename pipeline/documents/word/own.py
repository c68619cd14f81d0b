"""A municipality's own Word template, filled and tamed: `filled`. Only in a bounded process.

Refused with the file, the rule and what to do (``drakt.word_*`` in the catalogues): a name that is not given, what it
may not hold, text too pale for its ground, pictures without words, pages that are not A4, headings out of order.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any

from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image, UnidentifiedImageError

from pipeline.documents.colours import WHITE, contrast
from pipeline.documents.dress import Dress
from pipeline.documents.dress_rules import refused
from pipeline.documents.legible import LEAST_CONTRAST
from pipeline.documents.word.harmless import ForbiddenError, require_small
from pipeline.documents.word.pictures import PLACE
from pipeline.documents.word.shown import style_names
from pipeline.documents.word.styles import BODY
from pipeline.documents.word.tame import style_of, tame, told, used_styles
from pipeline.documents.word.template import FAULTS, names, rendered
from pipeline.plan.refusals import nearest_key

A4 = (11906, 16838)
"""The page in twentieths of a point, either way up; Word rounds it by some."""
LEAST_MARGIN = 283
"""Half a centimetre, in the same."""
LEAST_PLACE = Mm(80)
"""How wide a place to sign in must be."""
MOST_PIXELS = 40_000_000
PICTURES = {"PNG", "JPEG"}

_BLACK = "#000000"


def filled(dress: Dress, name: str, values: Mapping[str, object]) -> Any:
    """The python-docx document of the dress's template `name`; raises Misuse when it breaks a rule or is broken."""
    slug, data = dress.slug, dress.word_templates[name]
    try:
        require_small(data)
        with suppress(*FAULTS):  # what is not even readable is told by `rendered`
            _require_known(slug, name, names(data), values)
        document = rendered(data, name, values)
        tame(document)
    except ForbiddenError as error:
        raise refused(slug, name, "word_far_inte", vad=str(error)) from error
    for rule, facts in _broken(document, dress):
        raise refused(slug, name, rule, **facts)
    return document


def _require_known(slug: str, template: str, asked: frozenset[str], values: Mapping[str, object]) -> None:
    unknown = sorted(asked - values.keys())
    if unknown:
        near = nearest_key(unknown[0], tuple(values)) or ", ".join(sorted(values))
        raise refused(slug, template, "word_okant_namn", namn=unknown[0], kanda=near)


def _broken(document: Any, dress: Dress) -> Iterator[tuple[str, dict[str, object]]]:
    """Each rule that the document breaks, with its facts."""
    if not any(style.name == BODY and style.font.size for style in document.styles):
        yield "word_brodtext", {"stil": BODY}
    yield from _pages(document)
    yield from _pictures(document)
    yield from _colours(document, {_BLACK, dress.farger.text, dress.farger.rubrik})
    yield from _headings(document)


def _pages(document: Any) -> Iterator[tuple[str, dict[str, object]]]:
    for section in document.element.body.iter(qn("w:sectPr")):
        size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
        if size is None or margins is None:
            yield "word_sida", {}
            continue
        sides = sorted(int(size.get(qn(f"w:{side}"), "0")) for side in ("w", "h"))
        free = [int(margins.get(qn(f"w:{side}"), "0")) for side in ("top", "bottom", "left", "right")]
        if any(abs(x - y) > 20 for x, y in zip(sides, A4, strict=True)) or min(free) < LEAST_MARGIN:
            yield "word_sida", {}


def _pictures(document: Any) -> Iterator[tuple[str, dict[str, object]]]:
    for root in told(document):
        for drawing in root.iter(qn("w:drawing")):
            if not any(shown.get("descr", "").strip() for shown in drawing.iter(qn("wp:docPr"))):
                yield "word_bild_alt", {}
    for part in document.part.package.image_parts:
        if not _is_small_picture(part.blob):
            yield "word_bild", {"slag": ", ".join(sorted(PICTURES))}
    for paragraph in document.element.body.iter(qn("w:p")):
        if style_of(paragraph) == PLACE:
            for extent in paragraph.iter(qn("wp:extent")):
                if int(extent.get("cx", "0")) < LEAST_PLACE:
                    yield "word_plats_smal", {"minst": LEAST_PLACE.mm}


def _is_small_picture(data: bytes) -> bool:
    try:
        with Image.open(BytesIO(data)) as picture:  # reads the head, no pixels
            return picture.format in PICTURES and picture.width * picture.height <= MOST_PIXELS
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return False


def _colours(document: Any, ours: set[str]) -> Iterator[tuple[str, dict[str, object]]]:
    texts = list(told(document))
    roots = (*texts, *used_styles(document.styles.element, texts))
    inks = {_colour(c.get(qn("w:val"), "")) or _BLACK for root in roots for c in root.iter(qn("w:color"))} | ours
    grounds = {_colour(s.get(qn("w:fill"), "")) or WHITE for root in roots for s in root.iter(qn("w:shd"))} | {WHITE}
    for ink in sorted(inks):
        for ground in sorted(grounds):
            if contrast(ink, ground) < LEAST_CONTRAST:
                yield "word_farg", {"farg": ink, "grund": ground, "minst": f"{LEAST_CONTRAST:g}"}


def _colour(value: str) -> str | None:
    return None if value in ("", "auto") else f"#{int(value, 16):06x}"


def _headings(document: Any) -> Iterator[tuple[str, dict[str, object]]]:
    """PDF/UA-1 (ISO 14289-1, 7.4.2): the first heading is of level 1, and none skips a level."""
    before, called = 0, style_names(document.styles.element)
    for paragraph in document.element.body.iter(qn("w:p")):
        name = called.get(style_of(paragraph) or "", "").lower()
        if name.startswith("heading ") and name[8:].isdecimal():
            level = int(name[8:])
            if level > before + 1:
                yield "word_rubriker", {"niva": level}
            before = level
