"""Everything the project can make is archivable and accessible, and means what its page says.

`./run test` judges a selection in which every two values (a kind and a dress, a size and a plan …) meet;
`./run test --full` judges every specimen and more that is signed.
"""

from io import BytesIO
from itertools import pairwise as neighbours

import pikepdf
import pytest

from pipeline.documents.compose import compose
from pipeline.documents.view import Fact, Section, Slot, View
from signatures.conformance import lost
from tests.conformance import specimens
from tests.conformance.contrast import too_pale
from tests.conformance.intended import filled_html, intended
from tests.conformance.meaning import faults, spoken
from tests.conformance.pairwise import pairwise
from tests.conformance.specimens import PLAN, PLANS, SIZES, Specimen, dresses
from tests.conformance.tags import Reading, read
from tests.documents.builders import rendering
from tests.plugins.judge_process import Judge

LOOKED_AT = 5
"""Pages of each specimen whose contrast is measured; all with --full."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    every = bool(metafunc.config.getoption("--full"))
    for name, chosen in (("specimen", specimens.specimens), ("to_sign", specimens.to_sign)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, list(chosen(every=every)), ids=str)


def test_each_specimen_is_archivable_accessible_and_means_what_it_says(
    specimen: Specimen, judge: Judge, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    full = request.config.getoption("--full")
    if specimen.route == "word":
        request.getfixturevalue("libreoffice_installed")
    with filled_html(monkeypatch) as html:
        pdf = specimens.make(specimen)
    verdict = judge.pdf(pdf)
    assert verdict["passed"], verdict["failed"]
    reading = read(pdf)
    assert faults(reading) == []
    assert reading.lang == "sv" or specimen.kind == "sammanfattning"
    if specimen.route == "html":
        assert spoken(reading) == intended(html[0], specimen.hidden)
    if specimen.kind == PLAN and specimen.layout != "lattlast" and specimen.route == "html":
        assert out_of_order(reading, compose(rendering(specimen.tree()))) is None
    assert list(too_pale(pdf, reading, len(reading.pages) if full else LOOKED_AT)) == []
    assert lost(pdf) == ()


def test_each_stage_of_signing_keeps_what_the_document_had(
    to_sign: Specimen, judge: Judge, request: pytest.FixtureRequest
) -> None:
    """With its fields, after each signature, after the seal."""
    if to_sign.route == "word":
        request.getfixturevalue("libreoffice_installed")
    told: list[Reading] = []
    for stage, pdf in specimens.signed_stages(to_sign):
        verdict = judge.pdf(pdf)
        assert verdict["passed"], (stage, verdict["failed"])
        told.append(read(pdf))
        assert faults(told[-1]) == [], stage
        assert lost(pdf) == (), stage
        assert sizes_of_stamps(pdf) >= 12, stage
    assert len(told) >= 4
    assert all(spoken(one) == spoken(other) for one, other in neighbours(told))
    assert all(one.bookmarks == other.bookmarks for one, other in neighbours(told))


def sizes_of_stamps(pdf: bytes) -> float:
    """The smallest type in the visible signatures, in points; 99 where there is none."""
    found = [99.0]
    with pikepdf.open(BytesIO(pdf)) as opened:
        for page in opened.pages:
            for field in page.obj.get("/Annots", ()):
                for each in pikepdf.parse_content_stream(field.AP.N) if "/AP" in field else ():
                    found += [float(each.operands[1])] if str(each.operator) == "Tf" else []
    return min(found)


def test_each_field_is_read_after_its_own_heading() -> None:
    tree = Specimen(PLAN, dresses()[0], 14, "hemtjanst-kort").tree()
    reading = read(specimens.with_fields(tree, specimens.document(tree, dresses()[0])))
    blocks = [block for block in reading.blocks() if block.role in ("H3", "Form")][-6:]
    assert [block.role for block in blocks] == ["H3", "Form"] * 3
    heads, fields = [b.text for b in blocks[::2]], [b.alt for b in blocks[1::2]]
    assert [head.split(":")[0].casefold() in str(field).casefold() for head, field in zip(heads, fields, strict=True)]


def out_of_order(reading: Reading, view: View) -> str | None:
    """What the view says next and the file does not: every heading, line and labelled fact has its turn."""
    said, at = " ".join(words for _, words, _ in spoken(reading)), 0
    for words in composed(view):
        at = said.find(words, at)
        if at < 0:
            return words
        at += len(words)
    return None


def composed(view: View) -> list[str]:
    found = [view.frame.title, *_facts(view.head)]
    for section in view.sections:
        found += _section(section)
    for slot in view.slots:
        found += _slot(slot)
    return [" ".join(line.split()) for line in found]


def _section(section: Section) -> list[str]:
    items = [line for i in section.items for line in (i.heading, *_facts(i.facts), *i.lines)]
    return [section.heading, *section.lines, *_facts(section.facts), *items]


def _slot(slot: Slot) -> list[str]:
    return [slot.heading, *(slot.intent if slot.is_open else ()), *_facts(slot.ended)]


def _facts(facts: tuple[Fact, ...]) -> list[str]:
    return [line for f in facts for line in (f"{f.label}: {f.lines[0]}", *f.lines[1:])]


def test_every_two_values_meet_and_few_rows_are_enough() -> None:
    axes = {"dress": dresses(), "size": SIZES, "plan": tuple(PLANS), "stage": specimens.STAGES}
    rows = pairwise(axes)
    columns = list(axes.values())
    for one in range(len(columns)):
        for other in range(one):
            met = {(row[one], row[other]) for row in rows}
            assert met == {(a, b) for a in columns[one] for b in columns[other]}
    assert len(rows) == len(SIZES) * len(PLANS)
    assert rows == pairwise(axes)


def test_every_kind_dress_size_and_plan_is_among_the_specimens() -> None:
    chosen = list(specimens.specimens(every=False))
    every = list(specimens.specimens(every=True))
    for name in ("kind", "dress", "size", "plan", "layout", "stage"):
        assert {getattr(s, name) for s in chosen} == {getattr(s, name) for s in every}
    assert set(chosen) <= set(every)
    assert len({s.kind for s in every}) >= 12
