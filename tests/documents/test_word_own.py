"""A municipality's own Word template: it moves, shapes and adds, stays inside its bounds, and hides nothing."""

import re
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image

from pipeline.documents import bounded, bounded_process, office, provblad
from pipeline.documents.bounded import Limits
from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.dress import Dress
from pipeline.documents.kinds import kind
from pipeline.documents.paper import render
from pipeline.documents.rendering import Document as Plan
from pipeline.documents.rendering import Rendering
from pipeline.documents.specimens import facts_for
from pipeline.documents.word import seen
from pipeline.documents.word.document import PAPER_TEMPLATE, TEMPLATE, render_word
from pipeline.documents.word.pdf import render_word_plan
from pipeline.errors import EnvironmentFailed, Misuse, PlansigillError
from signatures.conformance import lost
from tests.conformance.meaning import faults
from tests.conformance.tags import read
from tests.documents.builders import Tree, rendering, sample, sized, squeezed, text_of
from tests.documents.dresses import dressed, loaded
from tests.documents.test_word import body
from tests.documents.test_word_pdf import heard, written
from tests.plugins.judge_process import Judge

Edit = Callable[[Any], None]
PLAN = "skyddad"
INTRO = "{{ view.short.intro }}"
SECRECY = "{{ view.frame.secrecy }}"


@pytest.fixture(autouse=True, scope="module")
def _ended() -> Iterator[None]:
    yield
    bounded.stop()
    office.shared().stop()


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the bounded process does it, but here: for what needs no bounds to be stopped."""
    monkeypatch.setattr(bounded, "_ask", bounded_process._answer)


def edited(*edits: Edit, template: str = TEMPLATE) -> bytes:
    """Our template, changed as somebody would in Word."""
    opened, made = Document(str(templates() / template)), BytesIO()
    for edit in edits:
        edit(opened)
    opened.save(made)
    return made.getvalue()


def replaced(*pairs: tuple[str, str], part: str = "word/document.xml") -> bytes:
    """Our template with pieces of one part's XML replaced."""
    made = BytesIO()
    with zipfile.ZipFile(templates() / TEMPLATE) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                text = content.decode()
                for old, new in pairs:
                    assert old in text, old
                    text = text.replace(old, new)
                content = text.encode()
            target.writestr(name, content)
    return made.getvalue()


def own(workspace: Path, data: bytes, template: str = TEMPLATE, **fields: Any) -> Dress:
    return loaded(dressed(workspace, {template: data}, **({"format": "word"} | fields)))


def worn(dress: Dress, tree: Tree | None = None) -> Rendering:
    return replace(rendering(tree) if tree else usual(), dress=dress)


@cache
def usual() -> Rendering:
    return rendering(sample(PLAN))


def refused(dress: Dress, tree: Tree | None = None) -> Misuse:
    with pytest.raises(Misuse) as error:
        render_word(worn(dress, tree))
    assert error.value.params["drakt"] == "prov"
    return error.value


def paragraph(opened: Any, text: str) -> Any:
    return next(p for p in opened.element.body.iter(qn("w:p")) if text in "".join(t.text or "" for t in p.iter()))


def short_last(opened: Any) -> None:
    """The plan in short comes after the sections."""
    children = list(opened.element.body)
    first, after, end = (
        children.index(paragraph(opened, text)) for text in ("{#p Planen i korthet", "{#p Planens avsnitt", "{#p Under")
    )
    for element in children[first:after]:
        children[end].addprevious(element)


def letterhead_line(opened: Any) -> None:
    """A line and a picture of its own, in a style of its own."""
    style = opened.styles.add_style("Provby rad", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style, style.font.bold = opened.styles["Normal"], True
    style.font.color.rgb, style.font.name = RGBColor(0x00, 0x44, 0x88), "Calibri"
    first = opened.paragraphs[0].insert_paragraph_before("Omsorgen i Provby", style)
    drawn = BytesIO()
    Image.new("RGB", (40, 20), "#004488").save(drawn, "PNG")
    drawn.seek(0)
    picture = first.insert_paragraph_before("", style)
    shape = picture.add_run().add_picture(drawn, Mm(20))
    shape._inline.docPr.set("descr", "Provbys vapen")


def labels_apart(opened: Any) -> None:
    """A label stands in a paragraph of its own, above what it says."""
    value = paragraph(opened, "{{ fact.label }}")
    label = deepcopy(value)
    label.remove(label.findall(qn("w:r"))[1])
    value.remove(value.find(qn("w:r")))
    value.addprevious(label)


def as_word_saves(opened: Any) -> None:
    """What Word adds by itself: ids, theme colours, spelling marks, a content control, an older drawing."""
    run = next(opened.element.body.iter(qn("w:r")))
    run.set(qn("w:rsidR"), "00AA11BB")
    run.addprevious(parse_xml(f'<w:proofErr {nsdecls("w")} w:type="spellStart"/>'))
    ligatures = '<w14:ligatures xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" w14:val="none"/>'
    colour = '<w:color w:val="1F3864" w:themeColor="background1"/>'
    said = paragraph(opened, INTRO).find(qn("w:r"))
    size = '<w:sz w:val="36"/>'
    said.insert(0, parse_xml(f'<w:rPr {nsdecls("w")}>{colour}<w:strike w:val="0"/>{size}{ligatures}</w:rPr>'))
    split = paragraph(opened, "{{ view.short.follow_up }}").find(qn("w:r"))
    split.addnext(deepcopy(split))
    for half, text in ((split, "{{ view.sho"), (split.getnext(), "rt.follow_up }}")):
        half.find(qn("w:t")).text = text
    choice = next(e for e in opened.element.iter() if e.tag.endswith("}Choice"))
    fallback = choice.makeelement(choice.tag.replace("Choice", "Fallback"), {})
    fallback.append(parse_xml(f"<w:pict {nsdecls('w')}/>"))
    choice.addnext(fallback)
    page = next(e for e in opened.sections[0].footer._element.iter(qn("w:fldSimple")))
    control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtPr><w:id w:val='1'/></w:sdtPr><w:sdtContent/></w:sdt>")
    page.addprevious(control)
    control.find(qn("w:sdtContent")).append(page)
    (picture,) = (part for part in opened.part.package.iter_parts() if part.partname.endswith("fot.png"))
    opened.part.package.relate_to(picture, "http://x/relationships/thumbnail")


@cache
def good() -> bytes:
    return edited(short_last, letterhead_line, labels_apart, as_word_saves)


@pytest.fixture(scope="module")
def dress(tmp_path_factory: pytest.TempPathFactory) -> Dress:
    return own(tmp_path_factory.mktemp("own"), good())


@pytest.fixture(scope="module")
def made(dress: Dress, libreoffice_installed: None) -> tuple[Plan, bytes]:
    """The plan in the good template, as PDF and as Word."""
    return render_word_plan(worn(dress, sample("hemtjanst-kort")))


LOOP = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"


def test_a_template_without_end_is_stopped_and_named(
    tmp_path: Path, dress: Dress, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounded.stop()
    monkeypatch.setattr(bounded, "LIMITS", Limits(cpu_seconds=2))
    error = refused(own(tmp_path, replaced((INTRO, LOOP))))
    assert (error.code, error.params["mall"], error.params["grans"]) == ("dokument_drakt_grans", TEMPLATE, "tid/time")
    monkeypatch.setattr(bounded, "LIMITS", Limits())
    assert render_word(worn(dress)), "the next document is made"


def test_a_template_of_their_own_is_used_and_its_pdf_is_whole(
    dress: Dress, made: tuple[Plan, bytes], judge: Judge
) -> None:
    assert dress.untrusted_word(TEMPLATE)
    assert not dress.untrusted
    plan, docx = made
    lines = body(Document(BytesIO(docx)))
    assert lines[1] == "Omsorgen i Provby"
    assert lines.index("Underskrifter") > lines.index("Din plan i korthet") > lines.index("Uppföljning")
    assert [place.role for place in plan.placeholders] == ["brukare", "kontaktman", "enhetschef"]
    assert judge.pdf(plan.pdf)["failed"] == {}
    assert lost(plan.pdf) == ()
    reading = read(plan.pdf)
    assert faults(reading) == []
    assert heard(reading) == written(docx)
    kept = bounded._kept[0].pid
    assert render_word(worn(dress, sample("hemtjanst-kort"))) == docx
    assert bounded._kept[0].pid == kept, "the process is kept for the next document"


@pytest.mark.usefixtures("in_process")
def test_what_word_adds_by_itself_is_gone_and_large_type_is_large(dress: Dress) -> None:
    wanted = worn(dress, sized(sample(PLAN), 36))
    docx = render_word(wanted)
    with zipfile.ZipFile(BytesIO(docx)) as package:
        text = "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    for gone in ("Calibri", "w:pict", "w14:ligatures", "themeColor", "w:sdtPr", "w:strike", "thumbnail"):
        assert gone not in text, gone
    intro = compose(wanted).short.intro
    (run,) = (r for p in Document(BytesIO(docx)).paragraphs for r in p.runs if r.text == intro)
    assert run.font.size == Pt(40)


def test_our_own_template_in_their_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    dress = own(tmp_path, (templates() / TEMPLATE).read_bytes())
    assert render_word(worn(dress)) == render_word(worn(replace(dress, word_templates={})))


@pytest.mark.usefixtures("in_process")
def test_a_dress_is_tried_on_in_word_first(
    dress: Dress, monkeypatch: pytest.MonkeyPatch, libreoffice_installed: None
) -> None:
    monkeypatch.setattr(provblad, "sheet", lambda _: b"")
    assert [name for name, _ in islice(provblad.tried_on(dress), 2)] == ["provblad", "genomforandeplan-word"]


@pytest.mark.usefixtures("in_process")
def test_a_broken_template_is_named_before_any_plan_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = kind("uppfoljning")
    monkeypatch.setattr(provblad, "specimens", lambda: iter([(one, facts_for(one))]))
    monkeypatch.setattr(provblad, "sheet", lambda _: b"")
    monkeypatch.setattr(provblad, "_rendered", lambda *_: b"")
    plan, paper = with_run("<w:vanish/>"), edited(set_style("Normal", size=None), template=PAPER_TEMPLATE)
    for name, data, form in ((TEMPLATE, plan, "pdf"), (PAPER_TEMPLATE, paper, "pdf")):
        tried = provblad.tried_on(own(tmp_path / form / name.partition("/")[0], data, name, format=form))
        with pytest.raises(Misuse) as error:
            list(tried)
        assert error.value.params["plats"] == name


@pytest.mark.usefixtures("in_process")
def test_a_draft_is_marked_as_one_on_every_page(dress: Dress) -> None:
    opened = Document(BytesIO(render_word(replace(worn(dress), draft=True))))
    page = opened.sections[0]
    for part in (page.header, page.first_page_header):
        assert "UTKAST" in "".join(p.text for p in part.paragraphs)


@pytest.mark.usefixtures("in_process")
def test_the_papers_around_the_plan_have_theirs(tmp_path: Path) -> None:
    def added(opened: Any) -> None:
        opened.paragraphs[0].insert_paragraph_before("Tillägg i brevet")

    def lost_sections(opened: Any) -> None:
        loop = paragraph(opened, "{%p for part in")
        loop.find(qn("w:r")).find(qn("w:t")).text = "{%p for part in paper.sections[1:] %}"

    wanted = kind("uppfoljning").model_copy(update={"form": ("word",)})
    dress = own(tmp_path, edited(added, template=PAPER_TEMPLATE), PAPER_TEMPLATE)
    lines = body(Document(BytesIO(render(wanted, facts_for(wanted), dress)["word"])))
    assert "Tillägg i brevet" in lines
    less = own(tmp_path, edited(lost_sections, template=PAPER_TEMPLATE), PAPER_TEMPLATE)
    with pytest.raises(Misuse) as error:
        render(wanted, facts_for(wanted), less)
    assert (error.value.code, error.value.params["regel"]) == ("dokument_drakt_dold", "word_saknas")


def intro(new: str) -> bytes:
    return replaced((INTRO, new))


def with_run(properties: str) -> bytes:
    return intro(f"</w:t></w:r><w:r><w:rPr>{properties}</w:rPr><w:t>{INTRO}")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("{{ ''.__class__ }}", "SecurityError"),
        ("{{ words.__init__.__globals__ }}", "SecurityError"),
        ("{{ words.entries.clear() }}", "SecurityError"),
        ("{{ view.short.finns_inte }}", "finns_inte"),
        ("{% include 'plan.html.j2' %}", "TemplateNotFound"),
    ],
)
def test_a_template_stays_in_the_sandbox(tmp_path: Path, new: str, fault: str) -> None:
    error = refused(own(tmp_path, intro(new)))
    assert (error.code, error.params["mall"]) == ("dokument_drakt_mall", TEMPLATE)
    assert fault in str(error.params["fel"])


@pytest.mark.usefixtures("in_process")
def test_a_name_that_is_not_given_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    error = refused(own(tmp_path, intro("{% if 0 %}{{ viwe.short.intro }}{% endif %}" + INTRO)))
    assert (error.code, error.params["plats"], error.params["regel"]) == ("dokument_drakt", TEMPLATE, "word_okant_namn")
    assert "viwe" in error.sv and "view" in error.sv


RELATIONS = "word/_rels/document.xml.rels"
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(relation: str) -> bytes:
    new = f'<Relationship Id="rId77" Type="{TYPES}/{relation}"/></Relationships>'
    return replaced(("</Relationships>", new), part=RELATIONS)


def bomb() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 40_000_000)
    return made.getvalue()


def entities(part: str) -> bytes:
    defined = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{defined}]>'
    made = BytesIO()
    with zipfile.ZipFile(templates() / TEMPLATE) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                text = re.sub(rb"(<\?xml[^>]*\?>)?\s*", doctype.encode(), text, count=1)
                text = text.replace(INTRO.encode(), b"&e8;" + INTRO.encode())
            target.writestr(name, text)
    return made.getvalue()


def indented(**by: str) -> Edit:
    told = " ".join(f'{name.replace("_", ":")}="{value}"' for name, value in by.items())
    return lambda opened: paragraph(opened, INTRO).get_or_add_pPr().append(parse_xml(f"<w:ind {nsdecls('w')} {told}/>"))


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (related('image" TargetMode="External" Target="file:///etc/hostname'), "external image"),
        (related('aFChunk" Target="settings.xml'), "aFChunk"),
        (related('oleObject" Target="settings.xml'), "oleObject"),
        (related('comments" Target="settings.xml'), "comments"),
        (with_run("<w:vanish/>"), "w:vanish"),
        (with_run('<w:w w:val="1"/>'), "w:w"),
        (intro(f'</w:t></w:r><w:del w:id="1"><w:r><w:t>{INTRO}</w:t></w:r></w:del><w:r><w:t>'), "w:del"),
        (intro('</w:t></w:r><w:fldSimple w:instr=" DATE "/><w:r><w:t>' + INTRO), "field DATE"),
        (replaced(('<w:pPr><w:pStyle w:val="Rubrik1"/>', '<w:pPr><w:pStyle w:val="Rubrik1"/><w:framePr w:x="1"/>')),
         "w:framePr"),
        (replaced(('w:styleId="Brdtext">', 'w:styleId="Brdtext"><w:rPr><w:vanish/></w:rPr>'), part="word/styles.xml"),
         "w:vanish"),
        (replaced(("wp:inline", "wp:anchor")), "anchor"),
        (replaced(('w:left="567" w:hanging', 'w:left="-9000" w:hanging'), part="word/numbering.xml"), "w:ind < 0"),
        (edited(indented(w_left="100", w_hanging="9000")), "w:ind < 0"),
        (bomb(), "size"),
        (entities("word/fontTable.xml"), "DOCTYPE"),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_a_template_is_named(tmp_path: Path, data: bytes, rule: str) -> None:
    error = refused(own(tmp_path, data))
    assert (error.code, error.params["plats"], error.params["regel"]) == ("dokument_drakt", TEMPLATE, "word_far_inte")
    assert f": {rule}." in error.sv


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("data", [b"", b"inte en mall", entities("word/document.xml")])
def test_what_is_no_word_document_is_refused(tmp_path: Path, data: bytes) -> None:
    assert refused(own(tmp_path, data)).code == "dokument_drakt_mall"


def set_style(name: str, **font: Any) -> Edit:
    def edit(opened: Any) -> None:
        for key, value in font.items():
            if key == "color":
                opened.styles[name].font.color.rgb = value
            else:
                setattr(opened.styles[name].font, key, value)

    return edit


def no_alt(opened: Any) -> None:
    letterhead_line(opened)
    next(opened.element.iter(qn("wp:docPr"))).set("descr", "")


def narrow_margin(opened: Any) -> None:
    opened.sections[0].left_margin = Mm(1)


def narrow_place(opened: Any) -> None:
    for extent in paragraph_of_place(opened).iter(qn("wp:extent")):
        extent.set("cx", str(Mm(20)))


def paragraph_of_place(opened: Any) -> Any:
    return next(p for p in opened.element.body.iter(qn("w:p")) if p.style == "Underskriftsplats")


def first_heading_lower(opened: Any) -> None:
    paragraph(opened, "{{ view.frame.title }}").pPr.find(qn("w:pStyle")).set(qn("w:val"), "Rubrik2")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (set_style("Normal", size=None), "word_brodtext"),
        (set_style("Avsändare", color=RGBColor(0xFF, 0xFF, 0xFF)), "word_farg"),
        (no_alt, "word_bild_alt"),
        (narrow_margin, "word_sida"),
        (narrow_place, "word_plats_smal"),
        (first_heading_lower, "word_rubriker"),
    ],
)
def test_a_broken_rule_is_named_with_the_file(tmp_path: Path, edit: Edit, rule: str) -> None:
    error = refused(own(tmp_path, edited(edit)))
    assert (error.code, error.params["plats"], error.params["regel"]) == ("dokument_drakt", TEMPLATE, rule)


def without(text: str) -> Edit:
    def edit(opened: Any) -> None:
        lost = paragraph(opened, text)
        lost.getparent().remove(lost)

    return edit


def no_places(opened: Any) -> None:
    place = paragraph_of_place(opened)
    place.getparent().remove(place)


def places_first(opened: Any) -> None:
    """Each place to sign in comes before its heading, and so below another's."""
    heading = paragraph(opened, "{{ slot.heading }}")
    opens, closes = (parse_xml(heading.xml) for _ in range(2))
    for code, text in ((opens, "{%p if slot.is_open %}"), (closes, "{%p endif %}")):
        next(code.iter(qn("w:t"))).text = text
    place = paragraph_of_place(opened)
    for element in (opens, place, closes):
        heading.addprevious(element)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (edited(without(INTRO)), "word_saknas"),
        (replaced(("for part in view.sections", 'for part in view.sections if part.key != "insatser"')), "word_saknas"),
        (replaced(("for it in part[", "for it in part[&quot;items&quot;][1:] or part[")), "word_saknas"),
        (intro(f'</w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>{INTRO}</w:t></w:r></w:fldSimple><w:r><w:t>'),
         "word_saknas"),
        (intro('</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText><w:fldChar '
               f'w:fldCharType="separate"/><w:t>{INTRO}</w:t><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>'),
         "word_saknas"),
        (with_run('<w:sz w:val="12"/>'), "word_for_liten"),
        (edited(set_style("Uppgift", size=Pt(11))), "teckenstorlek"),
        (replaced((SECRECY, ""), part="word/footer1.xml"), "word_sidfot"),
        (replaced((SECRECY, ""), part="word/footer2.xml"), "word_sidfot"),
        (replaced(("{{ view.frame.test }}", ""), part="word/header2.xml"), "word_sidfot"),
        (edited(no_places), "word_plats"),
        (edited(places_first), "word_plats"),
        (replaced(("for slot in view.slots", "for slot in view.slots | reverse")), "word_plats"),
        (intro(INTRO + '{{ "x" * 200000 }}'), "word_for_langt"),
    ],
)  # fmt: skip
def test_a_template_that_hides_a_text_or_a_place_is_refused(tmp_path: Path, data: bytes, rule: str) -> None:
    error = refused(own(tmp_path, data))
    assert (error.code, error.params["regel"]) == ("dokument_drakt_dold", rule)
    assert "{" not in error.sv


def test_a_file_that_is_too_large_a_link_or_without_use_is_refused(tmp_path: Path) -> None:
    for name, data, rule in (
        (TEMPLATE, b"x" * 2_000_001, "for_stor"),
        ("genomforandeplan/planen.docx", b"", "ersatter_inget"),
        ("plan.docx", b"", "ersatter_inget"),
    ):
        with pytest.raises(Misuse) as error:
            own(tmp_path / rule / name.partition("/")[0], data, name)
        assert (error.value.params["plats"], error.value.params["regel"]) == (name, rule)
    workspace = dressed(tmp_path)
    folder = workspace / "kommuner" / "prov" / "genomforandeplan"
    folder.mkdir()
    (folder / "~$plan.docx").write_bytes(b"Word has the file open")
    assert loaded(workspace).word_templates == {}
    (folder / "plan.docx").symlink_to(templates() / TEMPLATE)
    with pytest.raises(Misuse) as linked:
        loaded(workspace)
    assert linked.value.params["regel"] == "utanfor"


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("fel", "code"),
    [("tid", "dokument_drakt_grans"), ("avslutades", "dokument_drakt_mall"), (None, "libreoffice_saknas")],
)
def test_what_libreoffice_makes_nothing_of_is_told_as_the_dresss(
    dress: Dress, monkeypatch: pytest.MonkeyPatch, fel: str | None, code: str
) -> None:
    def convert(_: bytes) -> bytes:
        raise EnvironmentFailed("libreoffice_avbrott", fel=fel) if fel else EnvironmentFailed("libreoffice_saknas")

    monkeypatch.setattr(office.shared(), "convert", convert)
    with pytest.raises(PlansigillError) as error:
        render_word_plan(worn(dress))
    assert error.value.code == code
    ours = replace(dress, word_templates={})
    with pytest.raises(EnvironmentFailed):
        render_word_plan(worn(ours))


def test_what_libreoffice_draws_off_the_page_is_refused(tmp_path: Path, libreoffice_installed: None) -> None:
    with pytest.raises(Misuse) as error:
        render_word_plan(worn(own(tmp_path, edited(indented(w_left="11200")))))
    assert error.value.code == "dokument_drakt_dold"
    assert error.value.params["regel"] in ("syns_inte", "word_ritas_inte")


def test_the_pdf_is_held_against_the_word_document(made: tuple[Plan, bytes]) -> None:
    plan, docx = made
    places = [(place.page, place.rect) for place in plan.placeholders]
    seen.require("prov", docx, plan.pdf, ("TEST",), places)
    opened, more = Document(BytesIO(docx)), BytesIO()
    opened.add_paragraph("Quality")
    opened.save(more)
    for given, rule in (
        ((more.getvalue(), plan.pdf, (), places), "word_ritas_inte"),
        ((docx, plan.pdf, ("Omsorgen i Provby",), places), "sidfot"),
        ((docx, plan.pdf, (), [(0, (50.0, 50.0, 500.0, 790.0))]), "word_plats_upptagen"),
        ((docx, plan.pdf, (), [(0, (50.0, -9.0, 500.0, 1.0))]), "word_plats_upptagen"),
    ):
        with pytest.raises(Misuse) as error:
            seen.require("prov", *given)
        assert error.value.params["regel"] == rule
    assert squeezed("Omsorgen i Provby") in squeezed(text_of(plan.pdf))
