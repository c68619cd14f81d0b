"""Whether a stamp is seen where it is: nothing hides it, and no other annotation may lie over or under it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf
from pyhanko.pdf_utils.generic import ByteStringObject, DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import pdf_byterange

from signatures.verify import RuleId, Trust, Verdict, verify
from signatures.verify.stamp.covers import sheet_of
from tests.attacks.drawn import SET, Drawn, apart
from tests.attacks.model import Plan
from tests.attacks.plans import Signing, base, stages
from tests.verify.test_hostile import LATER

Change = Callable[[Pdf, Object], None]
ELSEWHERE, NOWHERE, FLAT = (Array(box) for box in ([400, 20, 420, 40], [0, 0, 0, 0], [400, 20, 420, 20]))
SHEET = (0.0, 0.0, 595.0, 842.0)


def annotated(**facts: object) -> Change:
    """Another annotation on the page; over the widget unless it says otherwise."""

    def change(pdf: Pdf, widget: Object) -> None:
        note = {"Type": Name.Annot, "Subtype": Name.Link, "Rect": widget.Rect, "Border": Array([0, 0, 0]), **facts}
        pdf.pages[-1].Annots.insert(0, pdf.make_indirect(Dictionary(**note)))

    return change


def stated(**facts: object) -> Change:
    def change(_: Pdf, widget: Object) -> None:
        for key, value in facts.items():
            widget[f"/{key}"] = value

    return change


def painted(
    box: list[int] | None, data: bytes = b"1 g 0 0 595 842 re f", rect: Array = ELSEWHERE, kind: Name = Name.Stamp
) -> Change:
    """An annotation elsewhere, whose appearance has such a box, or none."""

    def change(pdf: Pdf, widget: Object) -> None:
        look = pdf.make_stream(data)
        if box is not None:
            look.BBox = Array(box)
        annotated(Subtype=kind, Rect=Array(list(rect)), AP=Dictionary(N=look))(pdf, widget)

    return change


def cropped(own: list[int] | None, above: list[int] | None) -> Change:
    def change(pdf: Pdf, _: Object) -> None:
        for node, box in ((pdf.pages[-1].obj, own), (pdf.Root.Pages, above)):
            if box is not None:
                node.CropBox = Array(box)

    return change


def on_two_pages(pdf: Pdf, widget: Object) -> None:
    pdf.pages[0].Annots = Array([widget])


def on_no_page(pdf: Pdf, _: Object) -> None:
    del pdf.pages[-1].Annots


def on_a_smaller_page(pdf: Pdf, _: Object) -> None:
    pdf.pages[-1].UserUnit = 0.1


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (stated(), True),
        (stated(F=4 + 64 + 128 + 512), True),
        (annotated(Rect=ELSEWHERE), True),
        (annotated(F=2, Subtype=Name.Stamp), True),
        (annotated(), False),
        (annotated(Rect=ELSEWHERE, Border=Array([0, 0, 900])), False),
        (annotated(Rect=ELSEWHERE, BS=Dictionary(W=900)), False),
        (annotated(Rect=ELSEWHERE, F=8), False),
        (annotated(Rect=ELSEWHERE, Subtype=Name.Ink), False),
        (painted([0, 0, 20, 20]), True),
        (painted([0, 0, 0, 0], b"", NOWHERE, Name.Link), True),
        (painted(None), False),
        (painted([0, 0, 595, 842], rect=NOWHERE), False),
        (painted([0, 0, 595, 842], rect=FLAT), False),
        (painted([0, 0, 0, 842]), False),
        (painted([0, 0, 595, 842], rect=NOWHERE, kind=Name.Link), False),
        (annotated(Subtype=Name.Stamp, F=4 + 32), False),
        (annotated(Rect=Array([])), False),
        (stated(F=2), False),
        (stated(F=32), False),
        (stated(F=16), False),
        (stated(OC=Dictionary()), False),
        (stated(ca=0), False),
        (on_two_pages, False),
        (on_no_page, False),
        (on_a_smaller_page, False),
    ],
)
def test_a_widget_is_seen_when_nothing_hides_it(change: Change, seen: bool) -> None:
    assert sheet(change) == (SHEET if seen else None)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (cropped([0, 0, 595, 400], None), (0, 0, 595, 400)),
        (cropped(None, [0, 0, 595, 400]), (0, 0, 595, 400)),
        (cropped([0, 0, 595, 500], [0, 0, 595, 400]), (0, 0, 595, 500)),
        (cropped([-100, 0, 2000, 400], None), (0, 0, 595, 400)),
        (cropped([900, 0, 2000, 400], None), None),
        (cropped([0, 0, 595], None), None),
        (cropped(None, [0, 0, 595]), None),
    ],
)
def test_a_page_shows_what_is_within_its_crop_box_and_its_media_box(change: Change, seen: object) -> None:
    """Each of them its own or inherited by itself (ISO 32000-2, 7.7.3.4 and 14.11.2)."""
    assert sheet(change) == seen


def sheet(change: Change) -> object:
    with pikepdf.open(io.BytesIO(base(pages=2))) as pdf:
        change(pdf, pdf.Root.AcroForm.Fields[0])
        out = io.BytesIO()
        pdf.save(out)
    reader = PdfFileReader(out)
    reference = reader.root["/AcroForm"]["/Fields"].raw_get(0)
    widget = reference.get_object()
    assert isinstance(widget, DictionaryObject)
    return sheet_of(reader, widget, reference.idnum)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"1 g 0 0 9 9 re f", "stamp_unreadable"), (b"", "passed_without_record")]
)
def test_a_stamp_without_an_area_has_nothing_to_show(data: bytes, reason: str, plan: Plan, trust: Trust) -> None:
    """Some readers paint it where it would be without a rectangle."""
    with pikepdf.open(io.BytesIO(base())) as pdf:
        widget = pdf.Root.AcroForm.Fields[0]
        widget.Rect = Array([0, 0, 300, 0])
        widget.AP = Dictionary(N=pdf.make_stream(data, BBox=Array([0, 0, 595, 842])))
        out = io.BytesIO()
        pdf.save(out)
    signed = stages(Signing(plan.world), out.getvalue())[-1].pdf
    assert verify(signed, trust, None, LATER).rule(RuleId.IDENTITY).reason == reason


def test_a_stamp_is_read_where_the_field_s_widget_is(plan: Plan, trust: Trust) -> None:
    pdf = stages(Signing(plan.world, drawn={"brukare": Drawn(content=SET)}), apart())[-1].pdf
    assert verify(pdf, trust, None, LATER).verdict is Verdict.VALID


def test_a_name_entry_that_is_no_text_is_not_passed_over(
    plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_byterange, "pdf_string", lambda _: ByteStringObject(b"Annan Person\x7f"))
    pdf = stages(Signing(plan.world))[-1].pdf
    assert verify(pdf, trust, None, LATER).rule(RuleId.IDENTITY).reason == "name_entry_unreadable"
