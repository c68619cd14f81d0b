"""A document around the plan as Word: its words in its order, its tables in columns or, in large type, as lists."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from pipeline.documents import office
from pipeline.documents.bundle import templates
from pipeline.documents.dress import load_dress
from pipeline.documents.kinds import kind, kinds
from pipeline.documents.pages import LARGE
from pipeline.documents.paper import compose, render
from pipeline.documents.specimens import facts_for
from pipeline.documents.view import Paper, Section, Table
from pipeline.documents.word.document import PAPER_TEMPLATE, paper_values, render_paper_word
from pipeline.documents.word.template import names
from tests.documents.builders import squeezed, text_of
from tests.documents.test_word import body, facts, letterhead, places, table

DAY = date(2026, 11, 25)
ROWS = Table(
    ("Insats", "Förut", "Nu"),
    (
        (("Dusch",), ("En gång", "i veckan"), ("Två gånger",)),
        (("Städning {{ 7 * 191 }}",), (), ("Varannan vecka </w:t>",)),
    ),
)
PAPERS = sorted(slag for slag, k in kinds().items() if "pdf" in k.form)


def dress(code: str = "9901") -> Any:
    return load_dress(templates(), code)


def with_table() -> Paper:
    paper = compose(kind("uppfoljning"), facts_for(kind("uppfoljning")), dress())
    return replace(paper, sections=(*paper.sections, Section("prov", "Vad som ändrats", ("Så här.",), tables=(ROWS,))))


def opened(paper: Paper, size: int = 12, code: str = "9901") -> Any:
    return Document(BytesIO(render_paper_word(paper, dress(code), size, DAY)))


def expected(paper: Paper, *, large: bool, code: str = "9901") -> Iterator[str]:
    yield from letterhead(paper.frame, dress(code))
    yield from facts(paper.head, large=large)
    yield from paper.opening
    for section in paper.sections:
        yield from (section.heading, *section.lines, *facts(section.facts, large=large))
        for rows in section.tables:
            yield from table(rows, large=large)
        for item in section.items:
            yield from (item.heading, *facts(item.facts, large=large), *item.lines)
    if paper.mark:
        yield from (paper.mark, "")


@pytest.mark.parametrize("slag", PAPERS)
def test_a_kind_of_any_form_is_word_as_soon_as_its_declaration_says_so(slag: str) -> None:
    wanted = kind(slag).model_copy(update={"form": ("word",)})
    made = render(wanted, facts_for(wanted), dress())
    paper = compose(wanted, facts_for(wanted), dress())
    size = 14 if wanted.till == "brukare" else 12
    assert body(Document(BytesIO(made["word"]))) == list(expected(paper, large=size >= LARGE))
    assert made == render(wanted, facts_for(wanted), dress())


@pytest.mark.parametrize("size", [12, 18])
def test_tables_are_columns_or_in_large_type_lists(size: int) -> None:
    made = opened(with_table(), size)
    assert body(made) == list(expected(with_table(), large=size >= LARGE))
    found = [t for t in made.tables if t.rows[0].cells[0].text == "Insats"]
    assert len(found) == (size < LARGE)
    for rows in found:
        head, *rest = rows._tbl.tr_lst
        assert [len(tr.tc_lst) for tr in (head, *rest)] == [3, 3, 3]
        assert len(rows._tbl.tblGrid.gridCol_lst) == 3
        assert head.trPr.find(qn("w:tblHeader")) is not None
        assert all(tr.trPr.find(qn("w:tblHeader")) is None for tr in rest)


@pytest.mark.parametrize("columns", [2, 5])
def test_a_table_has_as_many_columns_as_it_is_given(columns: int) -> None:
    wide = Table(tuple(f"Kolumn {n}" for n in range(columns)), ((tuple(("x",) for _ in range(columns))),) * 2)
    made = opened(replace(with_table(), sections=(Section("prov", "Prov", tables=(wide,)),)))
    (rows,) = made.tables
    assert len(rows._tbl.tblGrid.gridCol_lst) == columns
    assert sum(int(column.w) for column in rows._tbl.tblGrid.gridCol_lst) == pytest.approx(9638 * 635, rel=0.01)
    assert {tc.tcPr.find(qn("w:tcW")).get(qn("w:type")) for tr in rows._tbl.tr_lst for tc in tr.tc_lst} == {"auto"}


def test_without_a_logotype_the_sender_stands_in_letters_and_no_picture_is_left() -> None:
    made = opened(with_table(), code="0000")
    assert body(made) == list(expected(with_table(), large=False, code="0000"))
    assert not [part for part in made.part.package.iter_parts() if "image" in part.content_type]


def test_a_place_for_a_mark_is_a_box() -> None:
    paper = replace(with_table(), mark="Mottagarens namn eller eget märke:")
    assert len(places(opened(paper))) == 1
    assert not places(opened(with_table()))


def test_the_template_asks_for_all_it_is_given_and_nothing_else() -> None:
    given = set(paper_values(with_table(), dress(), 12))
    assert given - names((templates() / PAPER_TEMPLATE).read_bytes()) <= {
        "size"
    }  # only the plan's hides a line in the largest type
    assert names((templates() / PAPER_TEMPLATE).read_bytes()) <= given


def test_libreoffice_reads_the_same_words_in_tagged_tables(libreoffice_installed: None) -> None:
    pdf = office.shared().convert(render_paper_word(with_table(), dress(), 12, DAY))
    office.shared().stop()
    text = squeezed(text_of(pdf))
    for words in expected(with_table(), large=False):
        assert all(squeezed(word) in text for word in words.split())
