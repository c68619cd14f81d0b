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


def on_two_pages(pdf: Pdf, widget: Object) -> None:
    pdf.pages[0].Annots = Array([widget])


def on_no_page(pdf: Pdf, _: Object) -> None:
    del pdf.pages[-1].Annots


def on_a_smaller_page(pdf: Pdf, _: Object) -> None:
    pdf.pages[-1].UserUnit = 0.1


ELSEWHERE = Array([400, 20, 420, 40])


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
    with pikepdf.open(io.BytesIO(base(pages=2))) as pdf:
        change(pdf, pdf.Root.AcroForm.Fields[0])
        out = io.BytesIO()
        pdf.save(out)
    reader = PdfFileReader(out)
    reference = reader.root["/AcroForm"]["/Fields"].raw_get(0)
    widget = reference.get_object()
    assert isinstance(widget, DictionaryObject)
    assert sheet_of(reader, widget, reference.idnum) == ((0, 0, 595, 842) if seen else None)


def test_a_stamp_is_read_where_the_field_s_widget_is(plan: Plan, trust: Trust) -> None:
    pdf = stages(Signing(plan.world, drawn={"brukare": Drawn(content=SET)}), apart())[-1].pdf
    assert verify(pdf, trust, None, LATER).verdict is Verdict.VALID


def test_a_name_entry_that_is_no_text_is_not_passed_over(
    plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_byterange, "pdf_string", lambda _: ByteStringObject(b"Annan Person\x7f"))
    pdf = stages(Signing(plan.world))[-1].pdf
    assert verify(pdf, trust, None, LATER).rule(RuleId.IDENTITY).reason == "name_entry_unreadable"
