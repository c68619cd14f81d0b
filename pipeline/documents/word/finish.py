"""What LibreOffice leaves undone in a PDF made from Word: its description, its data, its places for signatures.

LibreOffice names its PDF/A-3 "b" and does not describe the ``pdfuaid`` schema, embeds nothing, dates the file by the
clock and gives it a random identifier. A signature's place it can only draw: a box in a paragraph of the style
`PLACE`, tagged as a figure. Its rectangle becomes the field's, the drawing an artifact, and the paragraph an empty
``Div``, as on the other route: where the field is read aloud.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf, Stream, String

from pipeline.documents import fonts, xmp
from pipeline.documents.pages import Embedded
from pipeline.documents.rendering import Rect
from pipeline.documents.word.pictures import PLACE
from pipeline.documents.word.spoken import speak
from pipeline.errors import EnvironmentFailed

_CATALOG = ("/StructTreeRoot", "/MarkInfo", "/Metadata", "/OutputIntents", "/Lang", "/AF")


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself: title, language, and which plan it belongs to."""

    title: str
    lang: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The finished PDF, and where its places for signatures lie: (page from 0, rectangle), in reading order."""

    content: bytes
    pages: int
    places: tuple[tuple[int, Rect], ...]


def finish(converted: bytes, about: About, embedded: Embedded, description: str) -> Finished:
    """A PDF of LibreOffice's, whole; the same input gives the same bytes, whenever it was converted.

    Raises EnvironmentFailed("dokument_forlorad") when it is less than PDF/A-3a and PDF/UA-1 ask for.
    """
    try:
        with pikepdf.open(BytesIO(converted)) as pdf:
            _describe(pdf, about)
            _intend(pdf)
            _embed(pdf, embedded, description)
            _head_rows(pdf)
            _own_pictures(pdf)
            places = _places(pdf)
            speak(pdf)
            _require_whole(pdf)
            made = BytesIO()
            pdf.save(
                made,
                deterministic_id=True,
                min_version="1.7",
                compress_streams=False,  # the description can be read with any editor; the rest is compressed already
                object_stream_mode=pikepdf.ObjectStreamMode.disable,  # as `pdf.py` says
            )
            return Finished(made.getvalue(), len(pdf.pages), places)
    except (pikepdf.PdfError, LookupError, AttributeError, TypeError) as error:
        raise EnvironmentFailed("dokument_forlorad", fel=type(error).__name__) from error


def _describe(pdf: Pdf, about: About) -> None:
    for name in pdf.trailer.keys() - {"/Root", "/Info", "/Size"}:  # a random identifier, and a checksum with it
        del pdf.trailer[name]
    producer = str(pdf.docinfo.get("/Producer", "LibreOffice"))
    del pdf.docinfo
    pdf.docinfo.update({"/Title": String(about.title), "/Producer": String(producer)})
    pdf.Root.Lang = String(about.lang)
    told = xmp.packet(title=about.title, lang=about.lang, about=about.identifier, producer=producer)
    pdf.Root.Metadata = pdf.make_indirect(Stream(pdf, told, Type=Name.Metadata, Subtype=Name.XML))
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    for page in pdf.pages:
        page.obj.Tabs = Name.S  # the archive time stamp adds its field to a page and leaves the page as it is


def _intend(pdf: Pdf) -> None:
    """The other route's sRGB profile: LibreOffice makes one anew, dated by the clock, for each file."""
    profile = pdf.Root.OutputIntents[0].DestOutputProfile
    profile.write(zlib.compress(_icc()), filter=Name.FlateDecode)


@cache
def _icc() -> bytes:
    spec = find_spec("weasyprint")  # where it lies, without the second that loading takes
    if spec is None or spec.origin is None:
        raise LookupError("weasyprint")
    return (Path(spec.origin).parent / "pdf" / "sRGB2014.icc").read_bytes()


def _embed(pdf: Pdf, data: Embedded, description: str) -> None:
    """The data, with AFRelationship Data (ISO 19005-3, 6.8 and annex E)."""
    dated = f"D:{datetime.combine(data.day or date(1970, 1, 1), time(), UTC):%Y%m%d%H%M%S}Z"
    checksum = hashlib.md5(data.content, usedforsecurity=False).digest()  # what ISO 32000-1, 7.11.4 asks for
    file = Stream(
        pdf,
        zlib.compress(data.content),
        Type=Name.EmbeddedFile,
        Subtype=Name("/application/json"),
        Filter=Name.FlateDecode,
        Params=Dictionary(Size=len(data.content), CheckSum=String(checksum), CreationDate=dated, ModDate=dated),
    )
    spec = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=data.name,
            UF=data.name,
            Desc=description,
            AFRelationship=Name.Data,
            EF=Dictionary(F=pdf.make_indirect(file)),
        )
    )
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(data.name), spec])))
    pdf.Root.AF = pdf.make_indirect(Array([spec]))


def _head_rows(pdf: Pdf) -> None:
    """The first cell of a row is its header (`view.Table`); LibreOffice marks only the row that heads the columns."""
    for row in _tagged(pdf.Root.StructTreeRoot, Name.TR):
        cell = _kids(row)[0]
        if cell.S == Name.TD:
            cell.S = Name.TH
            cell.A = Array([cell.A, Dictionary(O=Name.Table, Scope=Name.Row)])


def _own_pictures(pdf: Pdf) -> None:
    """LibreOffice makes a figure of a picture in the text, and then draws the picture outside it, as an artifact."""
    for figure in _tagged(pdf.Root.StructTreeRoot, Name.Figure):
        if not len(_kids(figure)):
            _, page = _page_of(pdf, figure)
            steps = list(pikepdf.parse_content_stream(page))
            owners = _owners(pdf, page)
            begin = Array([Name.Figure, Dictionary(MCID=len(owners))])
            steps[_drawn(steps, _box(figure))] = pikepdf.ContentStreamInstruction(begin, Operator("BDC"))
            figure.K = Array([len(owners)])
            owners.append(figure)
            _draw(pdf, page, steps)


def _drawn(steps: list[Any], box: Rect) -> int:
    """Where the artifact begins that fills `box` with a picture; raises LookupError when there is none."""
    begin, corner = 0, (0.0, 0.0, 0.0, 0.0)
    for at, step in enumerate(steps):
        if step.operator == Operator("BMC"):
            begin = at
        elif step.operator == Operator("cm"):
            wide, _, _, high, left, low = map(float, step.operands)
            corner = (left, low, left + wide, low + high)
        elif step.operator == Operator("Do") and all(abs(x - y) < 1 for x, y in zip(corner, box, strict=True)):
            return begin
    raise LookupError("picture")


def _places(pdf: Pdf) -> tuple[tuple[int, Rect], ...]:
    found: list[tuple[int, Rect]] = []
    for place in _tagged(pdf.Root.StructTreeRoot, Name(f"/{PLACE}")):  # the name of a style is its tag
        figure = _tagged(place, Name.Figure)[0]
        number, page = _page_of(pdf, figure)
        found.append((number, _box(figure)))
        _clear(pdf, page, set(map(int, _kids(figure))))
        place.S, place.Pg = Name.Div, figure.Pg
        del place.K
    return tuple(found)


def _page_of(pdf: Pdf, element: Any) -> tuple[int, pikepdf.Page]:
    """The page that an element is on, and its number from 0."""
    return next((number, page) for number, page in enumerate(pdf.pages) if page.objgen == element.Pg.objgen)


def _tagged(parent: Any, tag: Name) -> list[Any]:
    return [element for element in _elements(parent) if tag == element.S]


def _elements(parent: Any) -> Iterator[Any]:
    """The elements of a structure tree below `parent`, in reading order."""
    for kid in _kids(parent):
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def _kids(element: Any) -> Any:
    kids = element.get("/K", Array())
    return kids if isinstance(kids, Array) else [kids]


def _box(figure: Any) -> Rect:
    attributes = figure.A if isinstance(figure.A, Array) else [figure.A]
    left, low, right, high = next(a.BBox for a in attributes if "/BBox" in a)
    return float(left), float(low), float(right), float(high)


def _clear(pdf: Pdf, page: pikepdf.Page, marked: set[int]) -> None:
    """Make the marked content of these numbers an artifact, which no element of the structure tree owns."""
    _draw(pdf, page, [_ARTIFACT if _marks(step, marked) else step for step in pikepdf.parse_content_stream(page)])
    owners = _owners(pdf, page)
    for number in marked:
        owners[number] = None


def _draw(pdf: Pdf, page: pikepdf.Page, steps: list[Any]) -> None:
    content = zlib.compress(pikepdf.unparse_content_stream(steps))
    page.obj.Contents = pdf.make_indirect(Stream(pdf, content, Filter=Name.FlateDecode))


def _owners(pdf: Pdf, page: pikepdf.Page) -> Any:
    """The elements that own the page's marked content, by its numbers."""
    return _number_tree(pdf.Root.StructTreeRoot.ParentTree)[int(page.obj.StructParents)]


_ARTIFACT = pikepdf.ContentStreamInstruction([Name.Artifact], Operator("BMC"))


def _marks(step: Any, marked: set[int]) -> bool:
    """Whether a step of a content stream begins marked content of one of these numbers."""
    if step.operator != Operator("BDC") or not isinstance(step.operands[1], Dictionary):
        return False
    return step.operands[1].get("/MCID") in marked


def _number_tree(node: Any) -> dict[int, Any]:
    found: dict[int, Any] = {}
    numbers = node.get("/Nums", Array())
    for index in range(0, len(numbers), 2):
        found[int(numbers[index])] = numbers[index + 1]
    for kid in node.get("/Kids", Array()):
        found |= _number_tree(kid)
    return found


def _require_whole(pdf: Pdf) -> None:
    """The promises that must not be lost on the way, as `pdf.make` asks of WeasyPrint."""
    lost = [name.removeprefix("/") for name in _CATALOG if name not in pdf.Root]
    descriptors = [o for o in pdf.objects if isinstance(o, Dictionary) and o.get("/Type") == Name.FontDescriptor]
    if not descriptors or any("/FontFile2" not in d and "/FontFile3" not in d for d in descriptors):
        lost.append("embedded fonts")
    families = tuple(family.replace(" ", "") for family in fonts.FAMILIES)
    names = {str(d.FontName).split("+")[-1].removeprefix("/") for d in descriptors}
    lost += [f"font {name}" for name in sorted(names) if not name.startswith(families)]
    if not all(str(figure.get("/Alt", "")) for figure in _tagged(pdf.Root.StructTreeRoot, Name.Figure)):
        lost.append("alternative text")
    if lost:
        raise EnvironmentFailed("dokument_forlorad", fel=", ".join(lost))
