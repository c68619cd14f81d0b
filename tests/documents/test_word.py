"""The plan as Word: the view's words in the view's order, nothing else, and the same bytes each time."""

import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from docx import Document
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from pipeline.documents import letterhead as letterheads
from pipeline.documents import view
from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.dress import Dress
from pipeline.documents.pages import LARGE
from pipeline.documents.reduced import LINKS, printed
from pipeline.documents.rendering import Rendering, type_size
from pipeline.documents.view import Fact, Frame, Slot
from pipeline.documents.word import document as in_word
from pipeline.documents.word.document import TEMPLATE, render_word, values
from pipeline.documents.word.pictures import PLACE
from pipeline.documents.word.template import filled, names
from pipeline.documents.words import swedish
from pipeline.errors import Misuse, Refused
from pipeline.plan.slots import EndedSlot
from tests.documents.builders import (
    SAMPLES,
    Tree,
    document,
    full_plan,
    leaves,
    rendering,
    sample,
    sized,
    squeezed,
)
from tests.documents.test_printed import shown

HOSTILE = "{{ 7 * 191 }} {% raw %} {_{ x }_} {#p {%p endfor %} <w:p/> </w:t> & &amp; \"'  ]]>"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
UNABLE = EndedSlot(
    "brukare", "unable", reason="kan_inte_fysiskt", text="Stroke i höger arm.", by="Eva", at=date(2026, 5, 4)
)
DECLINED = EndedSlot("kontaktman", "declined", reason="annat", text=None, by="Eva", at=date(2026, 5, 4))


def made(tree: Tree, **how: Any) -> Any:
    return Document(BytesIO(render_word(rendering(tree, **how))))


def paragraphs(opened: Any) -> Iterator[Paragraph]:
    """Every paragraph of the body in reading order, those of tables too."""
    for block in opened.iter_inner_content():
        if isinstance(block, Table):
            yield from (p for row in block.rows for cell in row.cells for p in cell.paragraphs)
        else:
            yield block


def body(opened: Any) -> list[str]:
    return [p.text for p in paragraphs(opened)]


def places(opened: Any) -> list[Any]:
    """The boxes to sign in."""
    return [shape for p in paragraphs(opened) if p.style.name == PLACE for shape in p._element.iter(f"{WP}inline")]


def around(opened: Any) -> list[str]:
    """The heads and feet of pages."""
    page = opened.sections[0]
    parts = (page.header, page.first_page_header, page.footer, page.first_page_footer)
    return ["".join(t.text or "" for t in part._element.iter(f"{W}t")) for part in parts]


def said(tree: Tree, **how: Any) -> str:
    opened = made(tree, **how)
    return "\n".join([*body(opened), *around(opened)])


def expected(r: Rendering) -> Iterator[str]:
    """What the paragraphs should be: the view's words, read from top to bottom; a picture's paragraph is empty."""
    told, large = compose(r), type_size(r.plan) >= LARGE
    w, short = swedish(), told.short
    yield from letterhead(told.frame, r.dress)
    yield from facts(told.head, large=large)
    yield from (w("rubrik.korthet"), short.intro, w("korthet.vad"))
    if large:
        yield from (f"{v.what}: {v.when}" for v in short.visits)
    else:
        yield w("korthet.dagar_kolumn")
        yield from (x for v in short.visits for x in (v.what, v.when))
    if short.contact or short.calls:
        several = w("korthet.ring") if len(short.calls) == 1 else w("korthet.ring_flera")
        yield w("korthet.kontaktvag") if short.contact else several
        yield from short.contact
        yield from (f"{c.phone} {', '.join(x for x in (c.name, c.role) if x)}" for c in short.calls)
    yield from (w("korthet.uppfoljning"), short.follow_up)
    for section in told.sections:
        yield from (section.heading, *section.lines, *facts(section.facts, large=large))
        for rows in section.tables:
            yield from table(rows, large=large)
        for item in section.items:
            yield from (item.heading, *facts(item.facts, large=large), *item.lines)
    yield w("rubrik.underskrifter")
    for slot in told.slots:
        yield from signature(slot, large=large)


def letterhead(frame: Frame, dress: Dress) -> Iterator[str]:
    at_top = dress.logotyp is not None and dress.placement.startswith("uppe")
    yield from ("" if at_top else frame.sender[0], *frame.sender[1:])
    provider = dress.provider(frame.provider)
    if provider:
        yield from (swedish()("brev.utforare"), "" if provider.logotyp else provider.name)
    diary = f" · {frame.diary.label}: {frame.diary.lines[0]}" if frame.diary else ""
    yield from (frame.title, f"{frame.plan_id} · {frame.version}{diary}")


def facts(listed: tuple[Fact, ...], *, large: bool) -> Iterator[str]:
    for fact in listed:
        gap = " " if large or not in_word._fits_column(fact.label) else " \t"
        yield from (f"{fact.label}:{gap}{fact.lines[0]}", *fact.lines[1:])


def table(rows: view.Table, *, large: bool) -> Iterator[str]:
    if large:
        for row in rows.rows:
            yield " ".join(row[0])
            for column, cell in zip(rows.columns[1:], row[1:], strict=True):
                yield from ((f"{column}: {cell[0]}", *cell[1:]) if cell else ())
    else:
        yield from (*rows.columns, *(line for row in rows.rows for cell in row for line in cell or [""]), "")


def signature(slot: Slot, *, large: bool) -> Iterator[str]:
    yield slot.heading
    if slot.is_open:
        yield from (*slot.intent, *facts(slot.basis, large=large), slot.prompt, "")
    else:
        yield from facts(slot.ended, large=large)


@pytest.mark.parametrize("size", [14, 24])
@pytest.mark.parametrize("name", [*SAMPLES, "full"])
def test_the_words_and_their_order_are_the_views(name: str, size: int) -> None:
    tree = sized(full_plan() if name == "full" else sample(name), size)
    assert body(made(tree)) == list(expected(rendering(tree)))


def test_its_headings_are_those_of_the_pdf() -> None:
    tree = sample("hemtjanst-kort")
    with pikepdf.open(BytesIO(document(tree).pdf)) as pdf, pdf.open_outline() as outline:
        (top,) = outline.root
        marks = [top.title, *(mark.title for mark in top.children)]
    ours = [p.text for p in paragraphs(made(tree)) if p.style.name in ("Heading 1", "Heading 2")]
    assert ours == marks


def test_every_printed_value_stands_in_the_text() -> None:
    tree = full_plan()
    r = rendering(tree)
    text = squeezed(said(tree))
    for path, value in leaves(printed(r.plan, r.profil, r.ended)):
        if path.split(".")[-1] not in LINKS:
            assert any(squeezed(s) in text for s in shown(path, value)), (path, value)


def test_a_protected_person_leaves_no_trace_of_where_or_with_whom() -> None:
    tree = full_plan()
    b = tree["brukare"]
    b["skydd"] = "skyddad_folkbokforing"
    data = render_word(rendering(tree))
    with zipfile.ZipFile(BytesIO(data)) as package:
        told = squeezed("".join(package.read(name).decode("utf-8", "replace") for name in package.namelist()))
    hidden = [
        *b["adress"].values(),
        b["telefon"],
        "19420119-9124",
        b["person_id"]["varde"],
        *(tree["narstaende"][0][k] for k in ("namn", "relation", "telefon")),
        tree["utforare"]["telefon"],
        tree["insatser"][0]["var"],
        *(role["telefon"] for role in tree["roller"].values()),
    ]
    assert [h for h in hidden if squeezed(h) in told] == []
    assert squeezed("Internt id: GP-FULL-1") in squeezed(said(tree))
    assert all("Skyddade personuppgifter" in foot for foot in around(made(tree))[2:])


def test_the_template_asks_for_all_it_is_given_and_nothing_else() -> None:
    r = rendering(sample("skyddad"))
    assert names((templates() / TEMPLATE).read_bytes()) == set(values(r, compose(r)))


def with_text(tmp_path: Path, old: str, new: str, part: str = "word/document.xml") -> Path:
    """The template with a piece of one part's XML replaced, as a file of its own."""
    path = tmp_path / "plan.docx"
    with zipfile.ZipFile(templates() / TEMPLATE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content.decode()
                content = content.decode().replace(old, new).encode()
            target.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("{{ finns_inte }}", "UndefinedError"),
        ("{{ view.short.finns_inte }}", "UndefinedError"),
        ("{{ view.__class__.__mro__ }}", "SecurityError"),
        ("{{ words.entries.clear() }}", "SecurityError"),
        ("{{ view.short.intro }", "TemplateSyntaxError"),
        ("{% include 'plan.html.j2' %}", "TemplateNotFound"),
        ("{{ words() }}", "TypeError"),
        ("{{ words('finns_inte') }}", "KeyError"),
        ("{%p set x = 1 %} och mer", "TemplateSyntaxError"),
        ("{%p set x = 1 %}{{ large }}", "TemplateSyntaxError"),
        ("{{ '&lt;/w:t&gt;' | safe }}", "XMLSyntaxError"),
    ],
)
@pytest.mark.parametrize("part", ["word/document.xml", "word/footer1.xml"])
def test_a_broken_template_stops_loudly(tmp_path: Path, new: str, fault: str, part: str) -> None:
    old = "{{ view.short.intro }}" if part == "word/document.xml" else "{{ view.frame.secrecy }}"
    r = rendering(sample("hemtjanst-kort"))
    path = with_text(tmp_path, old, new, part)
    with pytest.raises(Misuse) as refusal:
        filled(path.read_bytes(), TEMPLATE, values(r, compose(r)))
    assert refusal.value.code == "dokument_mall"
    assert fault in refusal.value.sv


def test_a_file_that_is_no_word_document_stops(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    path.write_bytes(b"inte en mall")
    with pytest.raises(Misuse):
        filled(path.read_bytes(), TEMPLATE, {})


def hostile_plan() -> Tree:
    tree = sample("hemtjanst-kort")
    tree["viktigt_for_mig"] = HOSTILE
    tree["kommun"]["forvaltning"] = HOSTILE
    tree["insatser"][0] |= {"rubrik": HOSTILE, "hur": HOSTILE}
    tree["brukare"]["tilltalsnamn"] = HOSTILE
    tree["sekretess"]["myndighet"] = HOSTILE
    return tree


def test_a_plans_text_stays_text() -> None:
    opened = made(hostile_plan())
    assert body(opened) == list(expected(rendering(hostile_plan())))
    assert sum(HOSTILE in line for line in body(opened)) >= 5
    assert HOSTILE in around(opened)[2]


def test_new_lines_break_the_line_and_paragraphs_stay_paragraphs() -> None:
    tree = sample("hemtjanst-kort")
    tree["viktigt_for_mig"] = "Första stycket.\nAndra stycket.\tMed tabb."
    tree["mal"][0]["text"] = "Ett mål\nmed två rader"
    opened = made(tree)
    lines = body(opened)
    first = lines.index("Första stycket.")
    assert lines[first + 1] == "Andra stycket. Med tabb."
    goal = next(p for p in paragraphs(opened) if p.style.name == "Heading 3" and "Ett mål" in p.text)
    assert goal.text == "Ett mål\nmed två rader"
    assert len(goal._element.findall(f".//{W}br")) == 1


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\U0001fffe", "한", "\u202e"])
def test_what_the_pdf_cannot_write_is_refused_here_too(character: str) -> None:
    tree = sample("hemtjanst-kort")
    tree["viktigt_for_mig"] = f"a{character}b"
    with pytest.raises(Refused) as refusal:
        render_word(rendering(tree))
    assert refusal.value.code == "dokument_tecken"


def test_a_character_that_xml_cannot_hold_in_an_outcome_is_refused() -> None:
    ending = EndedSlot("brukare", "declined", reason="annat", text="x\x0c", by="Eva", at=date(2026, 5, 4))
    with pytest.raises(Refused) as refusal:
        render_word(rendering(sample("hemtjanst-kort"), ended=ending))
    assert refusal.value.code == "dokument_tecken"


def test_a_character_that_xml_cannot_hold_from_elsewhere_stops() -> None:
    r = rendering(sample("hemtjanst-kort"))
    with pytest.raises(Misuse):
        filled((templates() / TEMPLATE).read_bytes(), TEMPLATE, {**values(r, compose(r)), "words": lambda _key: "\x0c"})


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (
            UNABLE,
            ["Kunde inte skriva under.", "Kan inte skriva under av fysiska skäl.", "Stroke i höger arm.", "4 maj 2026"],
        ),
        (DECLINED, ["Skrev inte under.", "Annan anledning.", "Eva, 4 maj 2026"]),
    ],
)
def test_an_ended_slot_prints_its_reason_instead_of_a_place_to_sign_in(ending: EndedSlot, words: list[str]) -> None:
    opened = made(sample("hemtjanst-kort"), ended=ending)
    lines = body(opened)
    assert len(places(opened)) == 2
    for found in words:
        assert any(found in line for line in lines), found


def test_the_same_rendering_gives_the_same_bytes() -> None:
    one = render_word(rendering(full_plan()))
    assert one == render_word(rendering(full_plan()))
    with zipfile.ZipFile(BytesIO(one)) as package:
        entries = package.infolist()
    assert {e.date_time for e in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert entries[0].filename == "[Content_Types].xml"


def test_the_properties_name_the_plan_and_nobody() -> None:
    found = made(sample("hemtjanst-kort")).core_properties
    assert found.title == "Genomförandeplan GP-NB-2026-000417, version 1"
    assert found.language == "sv-SE"
    assert found.created.date() == found.modified.date() == date(2026, 11, 12)
    assert (found.author, found.last_modified_by, found.subject, found.keywords, found.comments) == ("",) * 5


def test_head_and_foot_of_every_page() -> None:
    opened = made(sample("hemtjanst-kort"), version=3)
    head, first_head, foot, first_foot = around(opened)
    assert head == "TEST – inte en riktig handlingGenomförandeplan GP-NB-2026-000417 · Version 3"
    assert first_head == "TEST – inte en riktig handling"
    for text in (foot, first_foot):
        assert text.startswith("Sekretess 26 kap. 1 § OSL")
        assert text.endswith("Sida 1 av 1")
    assert "Strandgatan" in first_foot
    assert "Strandgatan" not in foot
    for part in (opened.sections[0].footer, opened.sections[0].first_page_footer):
        asked = [field.get(f"{W}instr").strip() for field in part._element.iter(f"{W}fldSimple")]
        assert asked == ["PAGE", "NUMPAGES"]


def test_nothing_says_test_outside_a_test_workspace() -> None:
    from dataclasses import replace

    opened = Document(BytesIO(render_word(replace(rendering(sample("hemtjanst-kort")), test=False))))
    assert "TEST" not in "".join([*body(opened), *around(opened)])


@pytest.mark.parametrize(("size", "headings"), [(12, (22, 16, 13.5)), (14, (24, 18, 15.5)), (36, (46, 40, 37.5))])
def test_the_type_follows_the_person(size: int, headings: tuple[float, ...]) -> None:
    styles = made(sized(sample("hemtjanst-kort"), size)).styles
    assert styles["Normal"].font.size == Pt(size)
    assert tuple(styles[f"Heading {n}"].font.size.pt for n in (1, 2, 3)) == headings
    assert styles["Header"].font.size == styles["Footer"].font.size == Pt(12)
    column = round(styles["Uppgift"].paragraph_format.left_indent.pt, 1)
    assert column == (0 if size >= 18 else 9 * size)


@pytest.mark.parametrize(("kod", "colour"), [("9901", "0B4A63"), ("0000", "16181D")])
def test_the_colours_are_the_dresss(kod: str, colour: str) -> None:
    opened = made(sample("hemtjanst-kort"), kod=kod)
    assert {str(opened.styles[f"Heading {n}"].font.color.rgb) for n in (1, 2, 3)} == {colour}


@cache
def package() -> dict[str, etree._Element]:
    with zipfile.ZipFile(BytesIO(render_word(rendering(full_plan())))) as opened:
        return {name: etree.fromstring(opened.read(name)) for name in opened.namelist() if not name.endswith(".png")}


def test_what_later_conversion_to_tagged_pdf_dislikes_is_not_there() -> None:
    for name, root in package().items():
        assert not list(root.iter(f"{W}pBdr")), name
        used = {v for fonts in root.iter(f"{W}rFonts") for v in fonts.attrib.values()}
        assert used <= {"Atkinson Hyperlegible Next", "Arial"}, name
    (language,) = package()["word/styles.xml"].iter(f"{W}lang")
    assert language.get(f"{W}val") == "sv-SE"


def test_every_style_that_is_used_exists() -> None:
    known = {style.get(f"{W}styleId") for style in package()["word/styles.xml"].iter(f"{W}style")}
    for name, root in package().items():
        used = {e.get(f"{W}val") for tag in ("pStyle", "rStyle", "tblStyle") for e in root.iter(W + tag)}
        assert used <= known, name


def test_no_template_code_is_left_in_any_part() -> None:
    for name, root in package().items():
        text = "".join(root.itertext())
        assert not any(mark in text for mark in ("{{", "{%", "{#")), name


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ('</w:t></w:r><w:fldSimple w:instr=" DATE "><w:r><w:t>x</w:t></w:r></w:fldSimple><w:r><w:t>', "field DATE"),
        (
            '</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDE</w:instrText></w:r>'
            '<w:r><w:instrText>TEXT "/etc/hostname" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>'
            '</w:r><w:r><w:t>x</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>',
            "field INCLUDETEXT",
        ),
        ("{{ '&lt;/w:t&gt;&lt;w:instrText&gt;DDE x&lt;/w:instrText&gt;&lt;w:t&gt;' | safe }}", "field DDE"),
    ],
)
def test_a_template_that_would_have_something_computed_or_fetched_stops(tmp_path: Path, new: str, fault: str) -> None:
    r = rendering(sample("hemtjanst-kort"))
    path = with_text(tmp_path, "{{ view.short.intro }}", new)
    with pytest.raises(Misuse) as refusal:
        filled(path.read_bytes(), TEMPLATE, values(r, compose(r)))
    assert (refusal.value.code, refusal.value.params["fel"]) == ("dokument_mall", fault)


@pytest.mark.parametrize(
    ("relation", "fault"),
    [
        ('image" TargetMode="External" Target="file:///etc/hostname', "external image"),
        ('hyperlink" TargetMode="External" Target="https://x', "external hyperlink"),
        ('attachedTemplate" TargetMode="External" Target="//x/y', "external attachedTemplate"),
        ('aFChunk" Target="settings.xml', "aFChunk"),
        ('vbaProject" Target="settings.xml', "vbaProject"),
        ('oleObject" Target="settings.xml', "oleObject"),
    ],
)
def test_a_template_that_brings_more_than_words_and_pictures_stops(tmp_path: Path, relation: str, fault: str) -> None:
    part, schemas = "word/_rels/document.xml.rels", "http://schemas.openxmlformats.org/officeDocument/2006"
    new = f'<Relationship Id="rId77" Type="{schemas}/relationships/{relation}"/></Relationships>'
    path = with_text(tmp_path, "</Relationships>", new, part)
    with pytest.raises(Misuse) as refusal:
        filled(path.read_bytes(), TEMPLATE, values(r := rendering(sample("hemtjanst-kort")), compose(r)))
    assert (refusal.value.code, refusal.value.params["fel"]) == ("dokument_mall", fault)


def test_a_template_that_unpacks_without_end_stops(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 40_000_000)
    with pytest.raises(Misuse) as refusal:
        filled(path.read_bytes(), TEMPLATE, {})
    assert refusal.value.params["fel"] == "size"


def test_field_codes_in_a_plan_stay_words() -> None:
    tree = sample("hemtjanst-kort")
    tree["viktigt_for_mig"] = '{ DATE } { MERGEFIELD x } <w:fldSimple w:instr="DATE"/> DDEAUTO c:\\x'
    opened = made(tree)
    assert tree["viktigt_for_mig"] in body(opened)
    assert not list(opened.element.iter(f"{W}instrText", f"{W}fldSimple", f"{W}fldChar"))


@pytest.mark.parametrize("size", [12, 36])
def test_each_signature_has_a_box_in_the_persons_size_and_the_dresss_colour(size: int) -> None:
    found = places(made(sized(sample("hemtjanst-kort"), size)))
    assert [box.find(f"{WP}docPr").get("descr") for box in found] == [
        "Plats för underskrift. Brukare: Aina Margareta Björkqvist",
        "Plats för underskrift. Kontaktman: Emma Sjöö",
        "Plats för underskrift. Enhetschef: Carina Ström",
    ]
    for box in found:
        assert Pt(44 + 4 * size) == int(box.find(f"{WP}extent").get("cy"))
        assert {colour.get("val") for colour in box.iter(f"{A}srgbClr")} == {"0B4A63"}
    assert len({box.find(f"{WP}docPr").get("id") for box in found}) == len(found)


def test_the_logotype_is_the_dresss_in_its_width_and_with_its_words() -> None:
    from PIL import Image

    opened = made(sample("hemtjanst-kort"))
    (logotype,) = (p for p in opened.paragraphs if p.style.name == "Logotyp")
    (drawing,) = logotype._element.iter(f"{WP}inline")
    assert drawing.find(f"{WP}docPr").get("descr") == "Norrbro kommun"
    assert int(drawing.find(f"{WP}extent").get("cx")) == Mm(58)
    (image,) = (part for part in opened.part.package.iter_parts() if part.content_type == "image/png")
    with Image.open(BytesIO(image.blob)) as picture:
        width, height = picture.size
        assert picture.getpixel((width // 20, height // 8)) == (11, 74, 99)  # the shield's upper left
    assert width == pytest.approx(58 * 24, abs=2)
    assert height / width == pytest.approx(70 / 180, abs=0.01)  # the drawing's own proportions
    assert int(drawing.find(f"{WP}extent").get("cy")) == pytest.approx(Mm(58) * 70 / 180, rel=0.01)


def test_a_letter_that_the_body_font_lacks_names_a_font_that_has_it() -> None:
    tree = sample("hemtjanst-kort")
    tree["viktigt_for_mig"] = "Hej Привет, Καλημέρα! ሰላም och مرحبا بالعالم."
    (told,) = (p for p in paragraphs(made(tree)) if p.text == tree["viktigt_for_mig"])
    families = [(run._element.xpath("string(.//w:rFonts/@w:cs)"), run.text) for run in told.runs]
    assert families == [
        ("", "Hej "),
        ("Noto Sans", "Привет, Καλημέρα! "),
        ("Noto Sans Ethiopic", "ሰላም "),
        ("", "och "),
        ("Noto Sans Arabic", "مرحبا بالعالم."),
    ]


@pytest.mark.parametrize(("kod", "where"), [("9901", "body"), ("9902", "foot"), ("9903", "body")])
def test_each_dress_has_its_letterhead_in_word(kod: str, where: str) -> None:
    tree = sample("hemtjanst-kort")
    tree["utforare"] |= {"regi": "privat", "namn": "Almhaga Omsorg AB"}
    r = rendering(tree, kod=kod)
    opened = Document(BytesIO(render_word(r)))
    assert body(opened) == list(expected(r))
    page = opened.sections[0]
    foot = page.first_page_footer._element
    assert bool(list(foot.iter(f"{WP}inline"))) == (where == "foot")
    assert not list(page.footer._element.iter(f"{WP}inline"))
    words = letterheads.letterhead(swedish(), compose(r).frame, r.dress).lines
    assert all(line in around(opened)[3] for line in words)
    assert str(opened.styles["Heading 1"].font.color.rgb) == r.dress.farger.rubrik.removeprefix("#").upper()
    pictures = [part for part in opened.part.package.iter_parts() if part.content_type == "image/png"]
    assert len(pictures) == bool(r.dress.logotyp) + (kod == "9901")  # Norrbro knows the provider's logotype
