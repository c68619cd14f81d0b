"""From HTML and CSS to a PDF/A-3a that is PDF/UA-1 too: the one place that knows WeasyPrint.

Only bundled data is ever read: the fetcher serves what it was given by name and refuses every other address, file and
network alike. Anything WeasyPrint would merely log, a letter without a glyph or a font of the system's stops the step.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache, partial
from importlib.resources import files
from io import BytesIO
from typing import Any, Literal

from pipeline.documents import fonts, tagged, whole, xmp
from pipeline.documents.own_font import OwnFont
from pipeline.errors import EnvironmentFailed

fonts.configuration()

from weasyprint import CSS, HTML, Attachment  # noqa: E402  Pango must meet our font configuration first
from weasyprint.css import ColorProfile  # noqa: E402
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: E402

from pipeline.documents import quick  # noqa: E402
from pipeline.documents.quick import styles as lasting  # noqa: E402

VARIANT = "pdf/a-3a"
_POINTS = 0.75  # of a CSS pixel
_INTENT = "--srgb"
_OPTIONS = {"pdf_variant": VARIANT, "output_intent": _INTENT}

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Data:
    """A file embedded in the PDF: its data (AFRelationship Data), or a file enclosed with it (Supplement)."""

    name: str
    description: str
    content: bytes
    day: date | None
    """What the embedded file is dated; never the clock."""
    relation: Literal["Data", "Supplement"] = "Data"


@dataclass(frozen=True, slots=True)
class Source:
    """What pages are laid out from: HTML, stylesheets in order, files by address, a font before the bundled ones."""

    html: str
    styles: tuple[str, ...]
    served: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    font: OwnFont | None = None


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished PDF and where its anchors lie: id -> (page from 0, rectangle in points from the bottom left)."""

    content: bytes
    pages: int
    anchors: Mapping[str, tuple[int, Rect]]


class _Bundled(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types
    """Serves the given addresses and nothing else."""

    def __init__(self, served: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(fail_on_errors=True)
        self._served = served

    def fetch(self, url: str, headers: object = None) -> Any:
        if url not in self._served:
            raise PermissionError(url)
        kind, content = self._served[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})


@lru_cache(maxsize=256)
def stylesheet(css: str, font: OwnFont | None = None) -> Any:
    """A parsed stylesheet, shared by every document that uses the same text; it may load the files of `font` alone."""
    fetcher = _Bundled(font.served if font else {})
    made = CSS(string=css, font_config=fonts.configuration(), url_fetcher=fetcher)
    lasting.last(made, css)
    return made


def make(source: Source, data: tuple[Data, ...], about: str) -> Pdf:
    """The PDF of `source`, `about` being its identifier; raises EnvironmentFailed when it is less than perfect."""
    with quick.undisturbed():
        return write(lay_out(source), source.font, data, about)


def lay_out(source: Source) -> Any:
    """WeasyPrint's document of `source`; raises EnvironmentFailed for anything it has to say about it."""
    with _silence_or_stop():
        html = HTML(string=source.html, url_fetcher=_Bundled(source.served))
        sheets = [stylesheet(source.font.face, source.font)] if source.font else []
        sheets += [stylesheet(css) for css in source.styles]
        return html.render(
            font_config=fonts.configuration(), color_profiles={_INTENT: _srgb()}, stylesheets=sheets, **_OPTIONS
        )


def write(document: Any, font: OwnFont | None, data: tuple[Data, ...], about: str) -> Pdf:
    """The PDF of what `lay_out` made; raises EnvironmentFailed when it is less than perfect."""
    families = (*fonts.FAMILIES, *((font.family,) if font else ()))
    with _silence_or_stop(), tagged.our_tags():
        xmp.identify(document.metadata, about)
        content: bytes = document.write_pdf(
            finisher=partial(_require_whole, families, with_data=bool(data)),
            attachments=[_attachment(each) for each in data],
            **_OPTIONS,
        )
    return Pdf(content, len(document.pages), _anchors(document.pages))


def drawing(svg: bytes, width_mm: float, height_mm: float) -> bytes:
    """A page of this size with nothing but an SVG, which fills it."""
    page = f"@page {{ size: {width_mm}mm {height_mm}mm; margin: 0 }}"
    style = f"{page} body {{ margin: 0 }} img {{ width: 100%; display: block }}"
    served = {"bild:svg": ("image/svg+xml", svg)}
    with _silence_or_stop():
        source = HTML(string=f'<style>{style}</style><img src="bild:svg">', url_fetcher=_Bundled(served))
        content: bytes = source.write_pdf(font_config=fonts.configuration())
    return content


def _srgb() -> Any:
    """The sRGB profile of the output intent, from memory: WeasyPrint's own way leaves its file open."""
    return ColorProfile(BytesIO(_icc()), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


@lru_cache(maxsize=1)
def _icc() -> bytes:
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def _attachment(data: Data) -> Any:
    dated = datetime.combine(data.day or date(1970, 1, 1), time(), UTC)
    return Attachment(
        file_obj=BytesIO(data.content),
        name=data.name,
        description=data.description,
        created=dated,
        modified=dated,
        relationship=data.relation,
    )


def _anchors(pages: list[Any]) -> dict[str, tuple[int, Rect]]:
    found: dict[str, tuple[int, Rect]] = {}
    for index, page in enumerate(pages):
        for name, (left, top, right, bottom) in page.anchors.items():
            low, high = ((page.height - y) * _POINTS for y in (bottom, top))
            found.setdefault(name, (index, (left * _POINTS, low, right * _POINTS, high)))
    return found


@contextmanager
def _silence_or_stop() -> Iterator[None]:
    """What WeasyPrint only logs (a missing glyph, an unknown property, a lost image) stops the step."""
    heard: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: heard.append(record.msg)  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield
    except FatalURLFetchingError as error:
        raise EnvironmentFailed("dokument_varning", fel="otillåten adress i mallen") from error
    finally:
        logger.removeHandler(listener)
        if heard:  # and it shall be heard again next time
            stylesheet.cache_clear()
            quick.forget()
    if heard:
        raise EnvironmentFailed("dokument_varning", fel=heard[0])


def _require_whole(families: tuple[str, ...], document: Any, pdf: Any, *, with_data: bool) -> None:
    gone = whole.lost(document, pdf, families, with_data=with_data)
    if gone:
        raise EnvironmentFailed("dokument_forlorad", fel=", ".join(gone))
    _plain_objects(pdf)


def _plain_objects(pdf: Any) -> None:
    """Write no object streams: the file grows by some 30 kB, and every later look at it is linear in its objects.

    A validator that walks the structure tree of a signed plan reads each object on its own; out of one large object
    stream that took 5 s for a plan of ten pages, against 0.4 s. Content, fonts and images stay compressed.
    """
    for stream in whole.streams(pdf, "/Metadata"):
        stream.compress = False  # the description can be read with any editor, in any year
    write = pdf.write
    pdf.write = lambda output, version, identifier, _compress: write(output, version, identifier, compress=False)
