"""The rules about meaning, and the reader beneath them, can say no: each is shown a file that breaks it."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from weasyprint import HTML

from tests.conformance import meaning
from tests.conformance.contrast import too_pale
from tests.conformance.tags import dump, read
from tests.documents.builders import page

STYLE = 'body { font: 14pt "Atkinson Hyperlegible Next"; bookmark-level: none } .aside { float: right }'
GOOD = """<html lang="sv"><title>Prov</title><body><h1>Plan</h1><p>En rad.</p><ul><li>Ett</li></ul>
<table><thead><tr><th scope="col">Vad</th><th scope="col">När</th></tr></thead>
<tr><th scope="row">Dusch</th><td>I dag</td></tr></table>
<img alt="Vapen" src="dress:logotyp.svg" style="width: 3cm"><h2>Två</h2><p>Sist.</p></body></html>"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0H9V9Z"/></svg>'


def made(html: str = GOOD, css: str = "") -> bytes:
    return page(html, STYLE, css, served={"dress:logotyp.svg": ("image/svg+xml", SVG)}).content


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        change(opened)
        opened.save(out)
    return out.getvalue()


def element(pdf: pikepdf.Pdf, role: str) -> pikepdf.Object:
    return next(o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == pikepdf.Name(role))


def roles(one: str, other: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        element(pdf, one).S = pikepdf.Name(other)

    return change


def without(role: str, key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        del element(pdf, role)[key]

    return change


def retitled(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root[0].title = "Annat"


def without_bookmarks(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Outlines


def in_no_language(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def emptied(pdf: pikepdf.Pdf) -> None:
    element(pdf, "/P").K = pikepdf.Array()


def with_field(pdf: pikepdf.Pdf) -> None:
    widget = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Widget, "/T": "f", "/Rect": [50, 50, 150, 90]}
    field = pdf.make_indirect(pikepdf.Dictionary(widget))
    pdf.pages[0].obj.Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary({"/Fields": [field]})


def test_a_good_file_breaks_no_rule() -> None:
    reading = read(made())
    assert meaning.faults(reading) == []
    assert list(too_pale(made(), reading)) == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("headings_are_in_order", roles("/H2", "/H3")),
        ("headings_are_in_order", roles("/H2", "/H1")),
        ("headings_are_in_order", roles("/H1", "/P")),
        ("bookmarks_are_headings", retitled),
        ("bookmarks_are_headings", without_bookmarks),
        ("tables_have_headers", without("/TH", "/A")),
        ("tables_have_headers", roles("/TH", "/TD")),
        ("lists_are_lists", roles("/LI", "/P")),
        ("lists_are_lists", roles("/LBody", "/P")),
        ("pictures_say_what_they_show", without("/Figure", "/Alt")),
        ("pictures_say_what_they_show", without("/Figure", "/A")),
        ("the_file_presents_itself", in_no_language),
        ("nothing_is_empty", emptied),
        ("nothing_is_lost", emptied),
        ("fields_are_described", with_field),
    ],
)
def test_each_rule_sees_its_fault_in_the_tags(rule: str, change: Callable[[pikepdf.Pdf], None]) -> None:
    assert list(meaning.RULES[rule](read(changed(made(), change))))


@pytest.mark.parametrize(
    ("rule", "css"),
    [
        ("nothing_is_small", "p { font-size: 11.5pt }"),
        ("the_eye_reads_the_same_order", "h2 { position: absolute; top: 0 }"),
        ("artifacts_are_heads_and_feet", "@page { @top-left { content: 'x' } } h1 { margin-top: -70pt }"),
    ],
)
def test_each_rule_sees_its_fault_on_the_page(rule: str, css: str) -> None:
    assert list(meaning.RULES[rule](read(made(css=css))))


@pytest.mark.parametrize(
    ("css", "named"),
    [
        ("p { color: #666666 }", "En rad."),
        ("h2 { color: #888888 }", "Två"),
        ("ul { background: #808080 }", "Ett"),
        ("ul { background: black; color: black }", "Ett"),
        ("td { color: white }", "I dag"),
    ],
)
def test_pale_text_is_measured_on_its_ground(css: str, named: str) -> None:
    pdf = made(css=css)
    assert named in str(list(too_pale(pdf, read(pdf))))


def test_headings_may_be_paler_than_running_text() -> None:
    pdf = made(css="h1, h2 { color: #666666 }")
    assert list(too_pale(pdf, read(pdf))) == []


def test_the_renderers_own_tags_are_found_wanting() -> None:
    """What this project writes its own structure tree for: loose feet of pages, words run together, no scopes."""
    page = '<html lang="sv"><title>Prov</title><style>@page { @bottom-left { content: "Sida 1" } } body { width: 5em }'
    pdf = HTML(string=f"{page}</style><h1>Plan</h1><p>mycket lång rad").write_pdf(pdf_variant="pdf/a-3a")
    reading = read(bytes(pdf))
    assert "Sida 1" in str(list(meaning.nothing_is_lost(reading)))
    assert reading.document.all("P")[0].text.count(" ") < 2


def test_the_dump_reads_as_a_screen_reader_does() -> None:
    assert dump(read(made())).splitlines() == [
        "[sv] Prov",
        "rubrik 1: Plan",
        "stycke: En rad.",
        "(L)",
        "  (LI)",
        "    Lbl: •",
        "    LBody: Ett",
        "(Table)",
        "  (THead)",
        "    (TR)",
        "      rubrikcell: Vad",
        "      rubrikcell: När",
        "  (TBody)",
        "    (TR)",
        "      rubrikcell: Dusch",
        "      cell: I dag",
        "bild: Vapen",
        "rubrik 2: Två",
        "stycke: Sist.",
    ]
