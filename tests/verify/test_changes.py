"""What signing may add to a file below its surface: fields in a tree, widgets, and what others refer to (rule R5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    Reference,
    StreamObject,
    TextStringEncoding,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter

from signatures.verify import RuleId, RuleVerdict, Trust, verify
from signatures.verify.objects import written
from signatures.verify.widgets import form_of, is_added_field, shows
from tests.attacks.corpus import BY_NAME
from tests.attacks.fixtures import made
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import Signing, stages, stamp
from tests.attacks.raw import Update, appended, last_number

LATER = NOW + timedelta(hours=1)
Facts = dict[str, PdfObject]


def told(**facts: PdfObject | str) -> DictionaryObject:
    found = DictionaryObject()
    for key, value in facts.items():
        found[NameObject(f"/{key}")] = NameObject(value) if isinstance(value, str) else value
    return found


def numbers(*given: float) -> ArrayObject:
    return ArrayObject(map(NumberObject, given))


def look(data: bytes, box: ArrayObject | None = None, **forms: PdfObject) -> StreamObject:
    found = StreamObject(stream_data=data)
    found[NameObject("/Subtype")] = NameObject("/Form")
    if box is not None:
        found[NameObject("/BBox")] = box
    if forms:
        found[NameObject("/Resources")] = told(XObject=told(**forms))
    return found


def packed(key: str, name: str) -> StreamObject:
    found = look(b"")
    found[NameObject(key)] = NameObject(name)
    return found


NOWHERE, SOMEWHERE = (0, 0, 0, 0), (10, 10, 100, 50)
PAINT, EMPTY = b"1 g 0 0 595 842 re f", b"% DSBlank"
IMAGE = StreamObject(stream_data=b"x", dict_data={NameObject("/Subtype"): NameObject("/Image")})


@pytest.mark.parametrize(
    ("facts", "seen"),
    [
        ({}, False),
        ({"AP": told(N=look(b""))}, False),
        ({"AP": told(N=look(EMPTY), D=look(b" \r\n"))}, False),
        ({"AP": told(N=look(b"q 1 0 0 1 0 0 cm /FRM Do Q", FRM=look(b"q /n0 Do Q", n0=look(EMPTY))))}, True),
        ({"AP": told(N=look(b"/X( %) MP 1 g 0 0 595 842 re f /Y\nMP"))}, True),
        ({"AP": told(N=look(b"q Q"))}, True),
        ({"AP": told(N=packed("/F", "/ASCII85Decode"))}, True),
        ({"AP": told(N=packed("/DP", "/X"))}, True),
        ({"AP": told(N=packed("/Filter", "/ASCIIHexDecode"))}, True),
        ({"AP": told(N=look(b""), D=numbers(1))}, True),
        ({"AP": look(b"")}, True),
        ({"MK": told()}, False),
        ({"AP": told(N=look(PAINT, numbers(0, 0, 1, 1)))}, True),
        ({"AP": told(N=look(b""), D=told(On=look(PAINT)))}, True),
        ({"AP": told(N=look(b"/FRM Do", FRM=look(b"/n2 Do", n2=look(b"BT (x) Tj ET"))))}, True),
        ({"AP": told(N=look(b"/Im Do", Im=IMAGE))}, True),
        ({"AP": told(N=look(b"/Im Do"))}, True),
        ({"AP": told(N=look(b"<zz> q"))}, True),
        ({"AP": numbers(1)}, True),
        ({"MK": told(BG=numbers(1))}, True),
        ({"Rect": numbers(*SOMEWHERE)}, True),
        ({"Rect": numbers(-100, -100, -10, -10)}, True),
        ({"Rect": numbers(100, 100, 100, 101)}, True),
        ({"Rect": numbers(0, 0, 0)}, True),
    ],
)
def test_an_added_field_that_does_not_show_has_no_area_and_nothing_to_paint(facts: Facts, seen: bool) -> None:
    assert shows(told(**{"Rect": numbers(*NOWHERE), **facts})) is seen


def named(name: str, **facts: PdfObject | str) -> DictionaryObject:
    return told(T=pdf_string(name), **facts)


def leaf(name: str, **facts: PdfObject | str) -> DictionaryObject:
    return named(name, FT="/Sig", V=told(Type="/Sig"), **facts)


class Tree:
    """A form that is being made: every node knows the one above it unless it says another."""

    def __init__(self) -> None:
        self.writer = PdfFileWriter()

    def put(self, node: DictionaryObject, *kids: DictionaryObject) -> IndirectObject:
        at = self.writer.add_object(node)
        for kid in kids:
            kid.setdefault(NameObject("/Parent"), at)
        if kids:
            node[NameObject("/Kids")] = ArrayObject(self.writer.add_object(kid) for kid in kids)
        return at


WIDGET: dict[str, PdfObject | str] = {"Subtype": "/Widget", "Rect": numbers(*NOWHERE)}


@pytest.mark.parametrize(
    ("make", "allowed"),
    [
        (lambda tree: tree.put(leaf("a", **WIDGET)), True),
        (lambda tree: tree.put(leaf("a"), told(**WIDGET)), True),
        (lambda tree: tree.put(named("plan"), leaf("a", **WIDGET), leaf("b", **WIDGET)), True),
        (lambda tree: tree.put(named("plan"), named("b", FT="/Sig", **WIDGET)), False),
        (lambda tree: tree.put(named("plan"), named("b", FT="/Tx", V=pdf_string("x"))), False),
        (lambda tree: tree.put(named("plan", AA=told()), leaf("a", **WIDGET)), False),
        (lambda tree: tree.put(named("plan", V=pdf_string("x")), leaf("a", **WIDGET)), False),
        (lambda tree: tree.put(leaf("a", AA=told(), **WIDGET)), False),
        (lambda tree: tree.put(leaf("a"), told(AA=told(), **WIDGET)), False),
        (lambda tree: tree.put(leaf("a"), told(Contents=pdf_string("x"), **WIDGET)), False),
        (lambda tree: tree.put(leaf("a", Parent=told(), **WIDGET)), False),
        (lambda tree: tree.put(leaf("a", Parent=tree.put(named("other")), **WIDGET)), False),
        (lambda tree: tree.put(named("plan"), leaf("a", Parent=tree.put(named("other")))), False),
        (lambda tree: tree.put(leaf("a", **WIDGET), told(**WIDGET)), False),
        (lambda tree: leaf("a", **WIDGET), False),
    ],
)
def test_a_field_that_signing_adds_is_filled_and_in_its_place(make: Callable[[Tree], PdfObject], allowed: bool) -> None:
    assert is_added_field(make(Tree()), None) is allowed


def test_a_list_that_names_a_field_twice_is_none() -> None:
    tree = Tree()
    at = tree.put(named("plan"), leaf("a", **WIDGET))
    kids = at.get_object()["/Kids"]
    kids.append(kids.raw_get(0))
    assert not is_added_field(at, None)


def test_a_widget_that_two_fields_have_is_neither_s() -> None:
    tree = Tree()
    widget = tree.writer.add_object(told(**WIDGET))
    fields = [tree.put(named(name, FT="/Sig", Kids=ArrayObject([widget]))) for name in "ab"]
    found = form_of(told(AcroForm=told(Fields=ArrayObject(fields))))
    assert found.fields.keys() == {f.idnum for f in fields}
    assert found.widgets == {widget.idnum: None}


def changes(pdf: bytes, trust: Trust) -> tuple[str, ...]:
    rule = verify(pdf, trust, None, LATER).rule(RuleId.CHANGES)
    assert (rule.verdict, rule.reason) == (RuleVerdict.FAILED, "changed")
    return rule.evidence


def test_what_one_update_awaits_the_next_may_not_bring(plan: Plan, trust: Trust) -> None:
    """The reference may come after the first signature as well, in something that is of no consequence by itself."""
    number = last_number(plan.sealed, rb"/Size (\d+)")
    awaiting = appended(plan.sealed, Update({number: b"<</Font %d 0 R>>" % (number + 9)}))
    brought = appended(awaiting, Update({number + 9: b"<</Type/Font>>"}))
    assert f"revision 9: object {number + 9} was awaited" in changes(brought, trust)


def test_a_table_of_colours_is_not_the_same_for_being_the_same_text(plan: Plan, trust: Trust) -> None:
    """A string beside a page's other resources, which pyHanko takes for text and writes in another coding."""
    base = plan.at["base"]
    (page,) = {int(at) for at in re.findall(rb"/Kids \[ ?(\d+) 0 R", base)}
    (body,) = re.findall(rb"\n%d 0 obj\s*(.*?)\s*endobj" % page, base, re.DOTALL)[-1:]
    colours = b"/Resources <</ColorSpace <</CS0 [/Indexed /DeviceGray 1 <20e0>]>>"
    prepared = appended(base, Update({page: body.replace(b"/Resources <<", colours)}))
    *_, last = stages(Signing(plan.world), prepared)

    def again(writer: IncrementalPdfFileWriter) -> None:
        found = writer.get_object(Reference(page, 0, writer))
        text = found["/Resources"]["/ColorSpace"]["/CS0"][3]
        text.force_output_encoding = TextStringEncoding.UTF16BE
        writer.mark_update(Reference(page, 0, writer))

    for edit, reason in ((None, "passed"), (again, "unclear")):
        pdf = stamp(last.pdf, plan.world, LATER, "Arkivstampel2", edit)
        assert verify(pdf, trust, None, LATER + timedelta(hours=1)).rule(RuleId.CHANGES).reason == reason


def test_a_fact_is_told_apart_by_kind(trust: Trust) -> None:
    """The information dictionary holds other things than text; in the same letters they mean something else (R9)."""
    report = verify(made(BY_NAME["shadow_parent_reads_otherwise_after_seal"]), trust, None, LATER)
    assert report.rule(RuleId.METADATA).reason == "changed"
    assert "CropBox" in report.rule(RuleId.METADATA).text_en
    like = (pdf_string("/0"), NameObject("/0"), numbers(0), pdf_string("[0]"), NumberObject(0), told(A="/0"))
    assert len({written(each) for each in like}) == len(like)
