"""The tags of a document follow its HTML, wherever lines and pages break."""

import pytest

from tests.conformance.meaning import faults, spoken
from tests.conformance.tags import Reading, read
from tests.documents.builders import page

STYLE = """@page { size: 90mm 120mm; margin: 30pt; @bottom-left { content: "Sida " counter(page) } }
body { font: 14pt "Atkinson Hyperlegible Next", "Noto Sans Arabic"; bookmark-level: none }"""
LONG = "Ställ fram duschstolen och lägg halkmattan rätt, 09:00–10:00. Hjälp mig in och ut. " * 12


def reading(body: str, css: str = "") -> Reading:
    html = f'<html lang="sv"><title>Prov</title><body><h1>Plan</h1>{body}</body></html>'
    made = page(html, STYLE, css)
    found = read(made.content)
    assert len(found.pages) == made.pages
    return found


def test_a_paragraph_over_many_lines_and_pages_is_one_with_its_spaces() -> None:
    found = reading(f"<section><p><b>Hur:</b> {LONG}</p></section>")
    assert len(found.pages) > 2
    assert [p.text for p in found.document.all("P")] == [f"Hur: {LONG.strip()}"]
    assert len(found.document.all("Sect")) == 1


def test_heads_and_feet_of_pages_are_artifacts() -> None:
    found = reading(f"<p>{LONG}</p>")
    assert ["".join(r.text for r in found.artifacts if r.page == n) for n in range(2)] == ["Sida 1", "Sida 2"]
    assert found.loose == ()


def test_a_table_over_two_pages_is_one_whose_head_is_read_once() -> None:
    rows = "".join(f"<tr><th scope=row>Rad {n}<td>{LONG[:60]}</tr>" for n in range(12))
    found = reading(f"<table><thead><tr><th scope=col>Vad<th scope=col>Hur</tr></thead>{rows}</table>")
    (table,) = found.document.all("Table")
    assert [len(head.elements) for head in table.all("THead")] == [1]
    assert len(table.all("TR")) == 13
    assert sum(run.text == "Vad" for run in found.artifacts) == len(found.pages) - 1 > 0
    assert {cell.attributes["Scope"] for cell in table.all("TH")} == {"Row", "Column"}
    assert faults(found) == []


def test_a_hyphen_of_the_line_break_is_no_letter() -> None:
    found = reading("<p>En individanpassningsplanering, e-post.</p>", "p { hyphens: auto; font-size: 30pt }")
    drawn = "".join(run.text for page in found.pages for run in page.runs)
    assert "‐" in drawn
    assert [p.text for p in found.document.all("P")] == ["En individanpassningsplanering, e-post."]


def test_a_word_broken_anywhere_is_whole() -> None:
    found = reading(f"<p>{'x' * 90} slut</p>", "p { overflow-wrap: anywhere }")
    assert [p.text for p in found.document.all("P")] == [f"{'x' * 90} slut"]


def test_forced_breaks_and_spaces_between_inline_parts_keep_words_apart() -> None:
    found = reading("<p>ett<br>två <span>tre</span> <b>fyra</b>\n<i>fem</i></p>")
    assert [p.text for p in found.document.all("P")] == ["ett två tre fyra fem"]


def test_text_from_right_to_left_is_read_in_its_own_order() -> None:
    words = "اسمي محمد وأعيش في الشمال مع أختي"
    found = reading(f'<p lang="ar">{words}</p>', "p { font-size: 24pt }")
    assert spoken(found)[1] == ("P", words, "ar")


def test_passages_say_their_language() -> None:
    found = reading('<div lang="fi"><h2>Yhteenveto</h2><p>Suihku. <span lang="sv">Dusch.</span></p></div><p>Sist.</p>')
    assert spoken(found) == [
        ("H1", "Plan", "sv"),
        ("H2", "Yhteenveto", "fi"),
        ("P", "Suihku. Dusch.", "fi"),
        ("P", "Sist.", "sv"),
    ]
    assert [(e.text, e.lang) for e in found.document.all("Span")] == [("Dusch.", "sv")]


@pytest.mark.parametrize(
    ("body", "items"),
    [
        ("<ul><li>Ett<li>Två</ul>", [("•", "Ett"), ("•", "Två")]),
        ("<ol><li>Ett<li>Två</ol>", [("1.", "Ett"), ("2.", "Två")]),
        ("<dl><dt>Mål<dd>Dusch<dt>Hur<dd>Varsamt</dl>", [("Mål", "Dusch"), ("Hur", "Varsamt")]),
        ("<dl><div><dt>Mål<dd>Dusch</div></dl>", [("Mål", "Dusch")]),
    ],
)
def test_lists_have_items_with_labels(body: str, items: list[tuple[str, str]]) -> None:
    found = reading(body)
    (whole,) = found.document.all("L")
    assert [tuple(part.text for part in item.elements) for item in whole.elements] == items
    assert faults(found) == []


def test_text_without_a_paragraph_of_its_own_gets_one() -> None:
    found = reading("<div>Löst</div><section>ett <b>två</b><p>tre</p>fyra</section>")
    assert [p.text for p in found.document.all("P")] == ["Löst", "ett två", "tre", "fyra"]


def test_lines_that_stand_beside_blocks_are_whole() -> None:
    beside = f'<div style="display: inline-block; width: 20em"><p>{LONG}</p></div>'
    found = reading(f"<section><h2>Rubrik</h2>{LONG}{beside}</section>", "@page { size: A4 }")
    assert [p.text for p in found.document.all("P") if p.text] == [LONG.strip(), LONG.strip()]


def test_an_empty_block_stands_only_where_it_has_a_name() -> None:
    found = reading('<div></div><p></p><div id="plats-brukare" style="height: 2em"></div><p>Sist.</p>')
    assert [e.role for e in found.document.elements] == ["H1", "Div", "P"]


def test_a_link_is_in_the_tree_and_says_where_it_leads(judge) -> None:
    html = '<html lang="sv"><title>Prov</title><body><h1>Plan</h1><p>Läs <a href="https://norrbro.example/">mer</a>.'
    made = page(html, STYLE)
    found = read(made.content)
    assert [link.text for link in found.document.all("Link")] == ["mer"]
    assert faults(found) == []
    verdict = judge.pdf(made.content)
    assert verdict["passed"], verdict
