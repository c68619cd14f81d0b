"""What signing changes is one thing to all that refers to it, and of it only so much may change (rule R5)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signatures.verify import RuleId, Trust, verify
from signatures.verify.changes import Changes, review
from signatures.verify.metadata import only_noted
from signatures.verify.objects import changed_keys, same
from signatures.verify.opening import open_pdf
from tests.attacks.edits import Edit, updated
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import base, stamp
from tests.attacks.raw import Update, appended, last_number, stream
from tests.attacks.shadow import page_of_info
from tests.verify.test_foreign import letter

LATER = NOW + timedelta(hours=1)
Facts = dict[str, PdfObject]
Prepare = Callable[[pikepdf.Pdf], None]


def told(**facts: PdfObject) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in facts.items()})


def made(prepare: Prepare) -> bytes:
    with pikepdf.open(io.BytesIO(base())) as pdf:
        prepare(pdf)
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)
    return out.getvalue()


def changes(plan: Plan, pdf: bytes) -> Changes:
    """What is found in a file since its first revision, after a field has been added to its first page and form."""
    done = stamp(pdf, plan.world, NOW + timedelta(minutes=15))
    return review(open_pdf(done).reader, 0)


def page_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.Root.PieceInfo = Dictionary(Private=pdf.pages[0].obj)


def page_as_resources(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.ColorSpace = pdf.pages[0].obj


def annotations_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Annots = pdf.make_indirect(pdf.pages[0].Annots)
    pdf.pages[0].Resources.ColorSpace = Dictionary(C=pdf.pages[0].Annots)


def form_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pdf.make_indirect(pdf.Root.AcroForm)
    pdf.pages[0].Resources.ExtGState = pdf.Root.AcroForm


def fields_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.Fields = pdf.make_indirect(pdf.Root.AcroForm.Fields)
    pdf.Root.PieceInfo = Dictionary(Private=pdf.Root.AcroForm.Fields)


def catalog_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.Properties = pdf.Root


def information_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.ColorSpace = pdf.trailer.Info


@pytest.mark.parametrize(
    "prepare",
    [
        page_elsewhere,
        page_as_resources,
        annotations_elsewhere,
        form_elsewhere,
        fields_elsewhere,
        catalog_elsewhere,
        information_elsewhere,
    ],
)
def test_what_signing_changes_may_not_be_used_for_something_else(prepare: Prepare, plan: Plan) -> None:
    found = changes(plan, made(prepare))
    assert (found.unexplained, bool(found.unclear)) == ((), True)


def read_from_a_false_parent(pdf: pikepdf.Pdf) -> None:
    """Only the page's /Parent leads there, which no walk down the tree finds."""
    resources = Dictionary(XObject=pdf.trailer.Info, Font=pdf.pages[0].Resources.Font)
    del pdf.pages[0].Resources
    pdf.pages[0].Parent = pdf.make_indirect(Dictionary(Type=Name.Pages, Resources=resources))


def test_what_a_false_parent_leads_to_is_used_for_something_else(plan: Plan) -> None:
    found = changes(plan, made(read_from_a_false_parent))
    assert [what for what in found.unclear if what.endswith("used for something else")]


def test_what_is_two_things_that_signing_changes_may_not_change() -> None:
    """Here the page inherits from the information dictionary; in one update it is not even reached otherwise."""
    pdf = page_of_info()
    info = last_number(pdf, rb"/Info (\d+) 0 R")
    found = review(open_pdf(appended(pdf, Update({info: b"<</Title(a)>>"}))).reader, 0)
    assert (len(found.unexplained), len(found.unclear)) == (1, 1)


EMPTY = b"/Type/Annot/Subtype/Widget/FT/Sig/T(ny)/Rect[0 0 0 0]"


@pytest.mark.parametrize(("after", "allowed"), [(b"<<%b/V<</Type/Sig>>>>" % EMPTY, True), (None, False)])
def test_a_field_that_is_drawn_as_well_is_not_filled(after: bytes | None, allowed: bool) -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        field = pikepdf.Object.parse(b"<<%b>>" % EMPTY)
        pdf.Root.AcroForm.Fields.append(pdf.make_indirect(field) if after else pdf.make_stream(b"1 g", field))

    pdf = made(prepare)
    number = open_pdf(pdf).reader.root["/AcroForm"]["/Fields"].raw_get(-1).idnum
    body = after or stream(b"0 g", EMPTY + b"/V<</Type/Sig>>")
    found = review(open_pdf(appended(pdf, Update({number: body}))).reader, 0)
    assert (not found.unexplained) is allowed


def beside_the_tree(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Parent = pdf.make_indirect(Dictionary(Type=Name.Pages, Rotate=180))


def without_parent(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0].Parent


def in_two_places(pdf: pikepdf.Pdf) -> None:
    page, top = pdf.pages[0].obj, pdf.Root.Pages
    top.Kids = Array([page, pdf.make_indirect(Dictionary(Type=Name.Pages, Parent=top, Kids=Array([page]), Count=1))])


def under_a_parent_of_its_own(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Pages.Parent = pdf.make_indirect(Dictionary(Type=Name.Pages, Rotate=180))


@pytest.mark.parametrize("prepare", [beside_the_tree, without_parent, in_two_places, under_a_parent_of_its_own])
def test_a_page_that_has_no_one_place_in_the_tree_is_not_the_same_to_all(prepare: Prepare, plan: Plan) -> None:
    assert [what for what in changes(plan, made(prepare)).unclear if what.endswith("in the page tree")]


@pytest.mark.parametrize(
    ("written", "meant"), [(b"/Priv_00ate 1", b"/Priv#00ate 1"), (b"/Private 3 0 R", b"/Private 3 7 R")]
)
def test_a_name_or_a_generation_that_some_readers_overlook_is_not_the_same_to_all(
    written: bytes, meant: bytes, plan: Plan
) -> None:
    def note(pdf: pikepdf.Pdf) -> None:
        pdf.Root.PieceInfo = Dictionary({"/Priv_00ate": 1, "/Private": pdf.get_object(3, 0)})

    honest = made(note)
    assert honest.count(written) == 1
    assert (changes(plan, honest).unclear, len(changes(plan, honest.replace(written, meant)).unclear)) == ((), 1)


def named_by_all_that_may(pdf: pikepdf.Pdf) -> None:
    """Destinations of every kind, an outline, a thread, a link, a nested tree; a signature's reference to it all."""
    page = pdf.pages[0].obj
    view = Array([page, Name.XYZ, 0, 800, 0])
    pdf.Root.OpenAction = Array([page, Name.Fit])
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String("a"), view, String("b"), Dictionary(D=view)])))
    outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines))
    item = pdf.make_indirect(Dictionary(Title=String("a"), Parent=outlines, Dest=pdf.make_indirect(view)))
    outlines.First = outlines.Last = item
    pdf.Root.Outlines = outlines
    bead = pdf.make_indirect(Dictionary(P=page, R=Array([0, 0, 9, 9])))
    bead.N = bead.V = bead
    page.B = Array([bead])
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), P=page, Dest=view)
    page.Annots.append(pdf.make_indirect(link))
    note = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), P=page))
    note.Popup = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Popup, Parent=note, P=page))
    page.Annots.append(note)
    method = Dictionary(Type=Name.SigRef, TransformMethod=Name.FieldMDP, Data=pdf.Root)
    pdf.Root.Perms = Dictionary(Reference=Array([method]))
    top = pdf.Root.Pages
    page.Parent = pdf.make_indirect(Dictionary(Type=Name.Pages, Parent=top, Kids=Array([page]), Count=1))
    top.Kids = Array([page.Parent])


def test_what_names_a_page_or_a_field_takes_nothing_from_it(plan: Plan) -> None:
    assert changes(plan, made(named_by_all_that_may)) == Changes((), (), ())


def with_fractions(pdf: pikepdf.Pdf) -> None:
    """Whole numbers as some programs write them, which pyHanko writes anew without the fraction."""
    page = pdf.pages[0].obj
    page.MediaBox = page.CropBox = Array([Decimal("0.0"), Decimal("0.0"), Decimal("595.0"), Decimal("842.0")])
    pdf.Root.OpenAction = Array([page, Name.XYZ, Decimal("56.0"), Decimal("630.7"), 0])


def test_a_number_written_without_its_fraction_is_the_same_where_a_real_one_stands(plan: Plan) -> None:
    pdf = made(with_fractions)
    assert b"595.0" in pdf
    assert changes(plan, pdf) == Changes((), (), ())
    real, whole = (told(Rotate=kind("90.0")) for kind in (FloatObject, lambda _: NumberObject(90)))
    assert changed_keys(real, whole) == {"/Rotate"}
    assert not same(told(Rect=ArrayObject([FloatObject("1.0")])), told(Rect=ArrayObject([FloatObject("1.5")])))


def catalog(**facts: PdfObject) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        for key, value in facts.items():
            writer.root[f"/{key}"] = value
        writer.update_root()

    return edit


def first_page(**facts: PdfObject) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        for key, value in facts.items():
            page[f"/{key}"] = value
        writer.update_container(page)

    return edit


LEVEL = told(BaseVersion=NameObject("/1.7"), ExtensionLevel=NumberObject(8))


@pytest.mark.parametrize(
    ("edit", "allowed"),
    [
        (catalog(Version=NameObject("/2.0")), True),
        (catalog(Version=NameObject("/1.3")), True),
        (catalog(Version=NameObject("/3.0")), False),
        (catalog(Version=pdf_string("2.0")), False),
        (catalog(Extensions=told(ADBE=LEVEL, ISO_=ArrayObject([LEVEL]))), True),
        (catalog(Extensions=told(ADBE=told(Pages=told()))), False),
        (catalog(Extensions=ArrayObject([LEVEL])), False),
        (first_page(Tabs=NameObject("/R")), True),
        (first_page(Tabs=NameObject("/DeviceCMYK")), False),
        (first_page(Rotate=NumberObject(90)), False),
    ],
)
def test_beside_the_new_fields_a_signing_program_notes_little(edit: Edit, allowed: bool, plan: Plan) -> None:
    found = review(open_pdf(updated(base(), edit)).reader, 0)
    assert (not found.unexplained) is allowed


def resources(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[NameObject("/DR")] = told(XObject=told())
    writer.update_container(form)


def test_what_other_tools_add_by_custom_leaves_it_open_what_is_seen(plan: Plan, trust: Trust) -> None:
    """PDFBox adds resources to the form, EU DSS an output intent, where the plan had none."""
    intents = ArrayObject([told(S=NameObject("/GTS_PDFA1"), Info=pdf_string("sRGB"))])
    with_form = review(open_pdf(updated(base(), resources)).reader, 0)
    assert (with_form.unexplained, len(with_form.unclear)) == ((), 1)
    pdf = plan.sealed
    found = verify(updated(pdf, catalog(OutputIntents=intents)), trust, None, LATER).rule(RuleId.CHANGES)
    assert (found.verdict, found.reason) == ("not_checked", "unclear")
    again = updated(updated(pdf, catalog(OutputIntents=intents)), catalog(OutputIntents=ArrayObject()))
    assert verify(again, trust, None, LATER).rule(RuleId.CHANGES).verdict == "failed"


@pytest.mark.parametrize(
    ("body", "allowed"),
    [(b"<</Producer(a)>>", True), (b"<</Producer 1 0 R>>", False), (b"<</Length 0>>\nstream\n\nendstream", False)],
)
def test_an_information_dictionary_may_come_where_there_was_none(body: bytes, allowed: bool) -> None:
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        del pdf.trailer.Info
        out = io.BytesIO()
        pdf.save(out)
    without, number = out.getvalue(), last_number(out.getvalue(), rb"/Size (\d+)")
    start, end = len(without), len(without) + len(body) + len(b"%d 0 obj\n\nendobj\n" % number)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    facts = (
        number + 1,
        last_number(without, rb"/Root (\d+)"),
        number,
        last_number(without, rb"startxref\s+(\d+)"),
        end,
    )
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % facts
    done = without + b"%d 0 obj\n%b\nendobj\n" % (number, body) + table + trailer
    assert (not review(open_pdf(done).reader, 0).unexplained) is allowed


def test_a_version_does_not_fall(plan: Plan) -> None:
    risen = updated(base(), catalog(Version=NameObject("/2.0")))
    found = review(open_pdf(updated(risen, catalog(Version=NameObject("/1.7")))).reader, 1)
    assert found.unexplained


@pytest.mark.parametrize(("more", "allowed"), [({"DR": told(), "DA": pdf_string("")}, True), ({"XFA": told()}, False)])
def test_a_form_that_signing_makes_holds_only_its_fields(more: Facts, allowed: bool) -> None:
    form = told(Fields=ArrayObject(), SigFlags=NumberObject(3), **more)
    found = review(open_pdf(updated(letter(), catalog(AcroForm=form))).reader, 0)
    assert (not found.unexplained) is allowed


def xmp(data: bytes, **facts: PdfObject) -> StreamObject:
    found = StreamObject(stream_data=data)
    found.update(told(**facts))
    return found


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        (told(Producer=pdf_string("a")), told(Producer=pdf_string("b"), ModDate=pdf_string("D:2026")), True),
        (told(Producer=pdf_string("a")), told(), True),
        (told(Producer=pdf_string("a")), told(Producer=NameObject("/DeviceCMYK")), False),
        (told(Producer=pdf_string("a")), told(Producer=xmp(b"1 g")), False),
        (told(), xmp(b""), False),
        (
            xmp(b"a", Type=NameObject("/Metadata")),
            xmp(b"b", Type=NameObject("/Metadata"), Subtype=NameObject("/XML")),
            True,
        ),
        (xmp(b"a", Filter=NameObject("/FlateDecode")), xmp(b"b"), True),
        (xmp(b"a", Subtype=NameObject("/XML")), xmp(b"b", Subtype=NameObject("/Form")), False),
        (xmp(b"a"), xmp(b"b", BBox=ArrayObject()), False),
        (xmp(b"a"), told(), False),
    ],
)
def test_what_a_file_says_of_itself_stays_words(old: PdfObject, new: PdfObject, allowed: bool) -> None:
    assert only_noted(old, new) is allowed
