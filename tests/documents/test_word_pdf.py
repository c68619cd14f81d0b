"""The PDF that LibreOffice makes of the plan in Word: judged, whole, and the same each time."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from docx import Document as WordDocument
from pikepdf import Name
from PIL.Image import Transpose

from pipeline.documents import office
from pipeline.documents.rendering import Document
from pipeline.documents.word.pdf import render_word_plan
from pipeline.errors import EnvironmentFailed, Misuse
from signatures.conformance import lost
from tests.conformance.contrast import too_pale
from tests.conformance.meaning import faults, spoken
from tests.conformance.pairwise import pairwise
from tests.conformance.specimens import PLAN, PLANS, SIZES, Specimen, dress_of, dresses
from tests.conformance.tags import Reading, read
from tests.documents.builders import Tree, document, full_plan, rendering, sample, sized, squeezed
from tests.documents.test_word import body
from tests.plugins.judge_process import Judge
from tests.plugins.judges import Pdf

ARABIC = "مرحبا بالعالم 123"
SCRIPTS = "ሰላም ለዓለም Привет Καλημέρα"
UNHEARD = re.compile("[\u00ad•]")
"""Soft hyphens, and the marks of lists."""
FIELDS = '{ MERGEFIELD namn } { DATE } <w:instrText>INCLUDETEXT "/etc/passwd"</w:instrText> <w:br/> {{ 7 * 191 }}'

pytestmark = pytest.mark.usefixtures("libreoffice_installed")


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    office.shared().stop()


@cache
def made(name: str, size: int = 14) -> tuple[Document, bytes]:
    return render_word_plan(rendering(sized(tree_of(name), size)))


def tree_of(name: str) -> Tree:
    if name == "full":
        return full_plan()
    tree = sample("hemtjanst-kort" if name == "hostile" else name)
    if name == "hostile":
        tree["viktigt_for_mig"] = f"{SCRIPTS}\n{ARABIC}\n{FIELDS}"
        tree["insatser"][0] |= {"rubrik": f"Dusch {SCRIPTS}", "hur": FIELDS}
        tree["mal"][0]["text"], tree["mal"][1]["text"] = FIELDS, ARABIC
    return tree


def elements(pdf: pikepdf.Pdf, *tags: str) -> list[Any]:
    found: list[Any] = []

    def walk(element: Any) -> None:
        kids = element.get("/K", pikepdf.Array())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                if str(kid.S).removeprefix("/") in tags:
                    found.append(kid)
                walk(kid)

    walk(pdf.Root.StructTreeRoot)
    return found


FEW = (
    Specimen(PLAN, "alvhamra", 14, "langst"),
    Specimen(PLAN, "norrbro", 12, "tommast"),
    Specimen(PLAN, "sjovalla", 18, "hemtjanst-kort"),
    Specimen(PLAN, "standard", 24, "lss-avstar"),
    Specimen(PLAN, "alvhamra", 30, "skrifter"),
    Specimen(PLAN, "norrbro", 36, "skyddad-allt"),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "specimen" in metafunc.fixturenames:
        axes = {"kind": (PLAN,), "dress": dresses(), "size": SIZES, "plan": tuple(PLANS)}
        every = metafunc.config.getoption("--full")
        metafunc.parametrize("specimen", [Specimen(*row) for row in pairwise(axes)] if every else FEW, ids=str)


def test_it_is_archivable_and_accessible_and_means_what_it_says(
    specimen: Specimen, judge: Judge, qpdf_check: Callable[[Pdf], tuple[str, ...]]
) -> None:
    worn = replace(rendering(specimen.tree()), dress=dress_of(specimen.dress))
    plan, docx = render_word_plan(worn)
    assert judge.pdf(plan.pdf)["failed"] == {}
    assert qpdf_check(plan.pdf) == ()
    reading = read(plan.pdf)
    assert faults(reading) == []
    assert list(too_pale(plan.pdf, reading, 6)) == []
    assert lost(plan.pdf) == ()
    assert heard(reading) == written(docx)


def heard(reading: Reading) -> str:
    """The text in the order of the tags, as a screen reader meets it."""
    return UNHEARD.sub("", squeezed("".join(words for role, words, _ in spoken(reading) if role != "Figure")))


def written(docx: bytes) -> str:
    """The text of the Word document, without the heads and feet of pages."""
    return UNHEARD.sub("", squeezed("".join(body(WordDocument(BytesIO(docx))))))


@pytest.mark.parametrize("name", ["hemtjanst-kort", "hostile"])
def test_its_tags_say_the_words_of_the_word_document_in_order(name: str, judge: Judge) -> None:
    plan, docx = made(name)
    assert heard(read(plan.pdf)) == written(docx)
    assert judge.pdf(plan.pdf)["failed"] == {}


@pytest.mark.parametrize(("name", "size"), [("hemtjanst-kort", 14), ("lss-avstar", 14), ("hemtjanst-kort", 36)])
def test_each_field_lies_on_the_box_that_is_drawn_for_it(name: str, size: int) -> None:
    plan = made(name, size)[0]
    assert [place.role for place in plan.placeholders] == [
        slot.role for slot in rendering(tree_of(name)).slots if name != "lss-avstar" or slot.role != "brukare"
    ]
    with pypdfium2.PdfDocument(plan.pdf) as opened:
        assert len(opened) == plan.pages
        for place in plan.placeholders:
            page = opened[place.page]
            seen = page.render(scale=4, grayscale=True).to_pil()
            left, low, right, high = (round(4 * x) for x in place.rect)
            top, bottom = seen.height - high, seen.height - low
            for edge in ((left, top, right, top + 6), (left, bottom - 6, right, bottom)):
                assert drawn_through(seen.crop(edge)), (place, edge)
            for edge in ((left, top, left + 6, bottom), (right - 6, top, right, bottom)):
                assert drawn_through(seen.crop(edge).transpose(Transpose.ROTATE_90)), (place, edge)
            inside = seen.crop((left + 8, top + 8, right - 8, bottom - 8))
            assert inside.getextrema() == (255, 255), place
            assert bottom - top == pytest.approx(4 * (44 + 4 * size), abs=8)


def drawn_through(band: Any) -> bool:
    """Whether a line is drawn from one end of a horizontal band to the other."""
    seen = band.load()
    return all(min(seen[x, y] for y in range(band.height)) < 150 for x in range(3, band.width - 3))


def test_the_same_plan_gives_the_same_bytes_also_from_a_new_libreoffice() -> None:
    one = made("full")[0].pdf
    office.shared().stop()
    assert render_word_plan(rendering(sized(full_plan(), 14)))[0].pdf == one


def test_it_says_of_itself_what_the_other_route_says() -> None:
    ours, theirs = made("hemtjanst-kort")[0].pdf, document(sample("hemtjanst-kort")).pdf
    with pikepdf.open(BytesIO(ours)) as word, pikepdf.open(BytesIO(theirs)) as plain:
        assert set(word.docinfo.keys()) == {"/Title", "/Producer"}
        assert word.docinfo["/Title"] == plain.docinfo["/Title"]
        told, other = word.open_metadata(), plain.open_metadata()
        for key in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part", "dc:title", "dc:identifier"):
            assert told[key] == other[key], key
        assert told["pdfaid:conformance"] == "A"
        assert "LibreOffice" in told["pdf:Producer"]
        assert b"<x:xmpmeta" in ours  # can be read with any editor
        assert b"/ObjStm" not in ours
        (data,) = word.attachments.values()
        (same,) = plain.attachments.values()
        assert data.get_file().read_bytes() == same.get_file().read_bytes()
        assert (data.filename, data.relationship) == ("genomforandeplan.json", Name.Data)
        assert data.get_file().creation_date == same.get_file().creation_date


def test_nothing_in_it_depends_on_the_clock() -> None:
    with pikepdf.open(BytesIO(made("hemtjanst-kort")[0].pdf)) as pdf:
        assert b"acsp" in (profile := pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes())
        with pikepdf.open(BytesIO(document(sample("hemtjanst-kort")).pdf)) as plain:
            assert profile == plain.Root.OutputIntents[0].DestOutputProfile.read_bytes()
        assert set(pdf.trailer.keys()) <= {"/Root", "/Info", "/Size", "/ID"}


def test_tables_have_headers_the_logotype_words_and_places_are_empty_blocks() -> None:
    with pikepdf.open(BytesIO(made("hemtjanst-kort")[0].pdf)) as pdf:
        rows = elements(pdf, "TR")
        scopes = [[str(_scope(cell)) for cell in row.K] for row in rows]
        assert scopes[0] == ["/Column", "/Column"]
        assert scopes[1:] == [["/Row", "None"]] * (len(rows) - 1)
        (logotype,) = elements(pdf, "Figure")
        assert str(logotype.Alt) == "Norrbro kommun"
        places = elements(pdf, "Div")
        assert len(places) == 3
        assert all("/K" not in place for place in places)
        assert str(pdf.Root.Lang) == "sv"
        with pdf.open_outline() as outline:
            assert [mark.title for mark in outline.root] == ["Genomförandeplan"]
            assert outline.root[0].children[-1].title == "Underskrifter"


def _scope(cell: Any) -> Any:
    attributes = cell.A if isinstance(cell.A, pikepdf.Array) else [cell.A]
    return next((a.Scope for a in attributes if "/Scope" in a), None)


def test_every_font_is_ours_and_embedded_whatever_the_script() -> None:
    with pikepdf.open(BytesIO(made("hostile")[0].pdf)) as pdf:
        descriptors = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontFile2" in o]
        names = {str(d.FontName).split("+")[1].rsplit("-", 1)[0] for d in descriptors}
    assert names == {"AtkinsonHyperlegibleNext", "NotoSans", "NotoSansArabic", "NotoSansEthiopic"}


def strange_font(pdf: pikepdf.Pdf) -> None:
    descriptor(pdf).FontName = Name("/ABCDEF+OpenSymbol")


def no_font(pdf: pikepdf.Pdf) -> None:
    del descriptor(pdf)["/FontFile2"]


def no_words(pdf: pikepdf.Pdf) -> None:
    del elements(pdf, "Figure")[0]["/Alt"]


def no_tags(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/StructTreeRoot"]


def descriptor(pdf: pikepdf.Pdf) -> Any:
    return next(o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontFile2" in o)


@pytest.mark.parametrize(
    ("lose", "told"),
    [
        (strange_font, "font OpenSymbol"),
        (no_font, "embedded fonts"),
        (no_words, "alternative text"),
        (no_tags, "AttributeError"),
    ],
)
def test_a_document_that_loses_a_promise_stops(
    lose: Callable[[pikepdf.Pdf], None], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert = office.shared().convert

    def losing(docx: bytes) -> bytes:
        changed = BytesIO()
        with pikepdf.open(BytesIO(convert(docx))) as pdf:
            lose(pdf)
            pdf.save(changed)
        return changed.getvalue()

    monkeypatch.setattr(office.shared(), "convert", losing)
    with pytest.raises(EnvironmentFailed) as failure:
        render_word_plan(rendering(sample("hemtjanst-kort")))
    assert (failure.value.code, failure.value.params) == ("dokument_forlorad", {"fel": told})


def test_a_template_without_a_place_for_each_signature_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    convert = office.shared().convert

    def other(docx: bytes) -> bytes:
        opened, changed = WordDocument(BytesIO(docx)), BytesIO()
        last = [p for p in opened.paragraphs if p.style.name == "Underskriftsplats"][-1]
        last._element.getparent().remove(last._element)
        opened.save(changed)
        return convert(changed.getvalue())

    monkeypatch.setattr(office.shared(), "convert", other)
    with pytest.raises(Misuse) as failure:
        render_word_plan(rendering(sample("hemtjanst-kort")))
    assert (failure.value.code, failure.value.params) == ("dokument_plats", {"roll": "enhetschef"})


def test_without_a_logotype_the_name_stands_in_letters(judge: Judge) -> None:
    plain = rendering(sample("lss-avstar"), kod="0000")
    assert plain.dress.logotyp is None
    pdf, _ = render_word_plan(replace(plain, test=False))
    assert judge.pdf(pdf.pdf)["failed"] == {}
    with pikepdf.open(BytesIO(pdf.pdf)) as opened:
        assert elements(opened, "Figure") == []
