"""From HTML and CSS to a PDF/A-3a that is PDF/UA-1 too: the one place that knows WeasyPrint.

Only bundled data is ever read: the fetcher serves what it was given by name and refuses every other address, file and
network alike. Anything WeasyPrint would merely log, a letter without a glyph or a font of the system's stops the step.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from typing import Any

from pipeline.documents import fonts, xmp
from pipeline.errors import EnvironmentFailed

fonts.configuration()

from weasyprint import CSS, HTML, Attachment  # noqa: E402  Pango must meet our font configuration first
from weasyprint.css import ColorProfile  # noqa: E402
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: E402

VARIANT = "pdf/a-3a"
_POINTS = 0.75  # of a CSS pixel
_INTENT = "--srgb"
_CATALOG = ("StructTreeRoot", "MarkInfo", "Metadata", "OutputIntents", "Lang")

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Data:
    """A file embedded in the PDF as its data (AFRelationship Data)."""

    name: str
    description: str
    content: bytes
    day: date | None
    """What the embedded file is dated; never the clock."""


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


@cache
def stylesheet(css: str) -> Any:
    """A parsed stylesheet, shared by every document that uses the same text."""
    return CSS(string=css, font_config=fonts.configuration(), url_fetcher=_Bundled({}))


def make(
    html: str, styles: tuple[str, ...], served: Mapping[str, tuple[str, bytes]], data: Data | None, about: str
) -> Pdf:
    """The PDF of `html`, `about` being its identifier; raises EnvironmentFailed when it is less than perfect."""
    with _silence_or_stop():
        source = HTML(string=html, url_fetcher=_Bundled(served))
        sheets = [stylesheet(css) for css in styles]
        attachments = [_attachment(data)] if data else []
        options = {"pdf_variant": VARIANT, "output_intent": _INTENT, "attachments": attachments}
        document = source.render(
            font_config=fonts.configuration(), color_profiles={_INTENT: _srgb()}, stylesheets=sheets, **options
        )
        xmp.identify(document.metadata, about)
        content: bytes = document.write_pdf(finisher=partial(_require_whole, with_data=data is not None), **options)
    return Pdf(content, len(document.pages), _anchors(document.pages))


def _srgb() -> Any:
    """The sRGB profile of the output intent, from memory: WeasyPrint's own way leaves its file open."""
    return ColorProfile(BytesIO(_icc()), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


@cache
def _icc() -> bytes:
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def _attachment(data: Data) -> Any:
    dated = datetime.combine(data.day or date(1970, 1, 1), time(), UTC)
    return Attachment(
        string=data.content.decode(),
        name=data.name,
        description=data.description,
        created=dated,
        modified=dated,
        relationship="Data",
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
    if heard:
        raise EnvironmentFailed("dokument_varning", fel=heard[0])


def _require_whole(document: Any, pdf: Any, *, with_data: bool) -> None:
    """The promises that must not be lost on the way: tags, metadata, output intent, embedded fonts of our own, data."""
    wanted = (*_CATALOG, "AF") if with_data else _CATALOG
    lost = [name for name in wanted if not pdf.catalog.get(name)]
    for font in document.fonts.values():
        if font.missing:
            lost.append(f"glyph {font.family}")
        if font.family not in fonts.FAMILIES:
            lost.append(f"font {font.family}")
    descriptors = [o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/FontDescriptor"]
    if not descriptors or any("FontFile2" not in d and "FontFile3" not in d for d in descriptors):
        lost.append("embedded fonts")
    if lost:
        raise EnvironmentFailed("dokument_forlorad", fel=", ".join(lost))
    _plain_objects(pdf)


def _plain_objects(pdf: Any) -> None:
    """Write no object streams: the file grows by some 95 kB, and every later look at it is linear in its objects.

    A validator that walks the structure tree of a signed plan reads each object on its own; out of one large object
    stream that took 5 s for a plan of ten pages, against 0.4 s. Content, fonts and images stay compressed.
    """
    for stream in pdf.objects:
        if getattr(stream, "extra", {}).get("Type") == "/Metadata":
            stream.compress = False  # the description can be read with any editor, in any year
    write = pdf.write
    pdf.write = lambda output, version, identifier, _compress: write(output, version, identifier, compress=False)
