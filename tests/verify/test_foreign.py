"""Signed PDFs that are not ours: other writers, other layouts of objects, fields made while signing."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject, StreamObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec

from signatures.verify import Expected, RuleId, RuleVerdict, Trust, Verdict, verify
from tests.attacks.edits import Edit, updated
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import PEOPLE, Signing, base, sign, stages, stamp

LATER = NOW + timedelta(hours=1)


def letter() -> bytes:
    """A document without any form."""
    with pikepdf.open(io.BytesIO(base())) as pdf:
        del pdf.Root.AcroForm
        for page in pdf.pages:
            if "/Annots" in page:
                del page.Annots
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def nested(pdf: pikepdf.Pdf) -> None:
    """The three fields under one name, `plan`."""
    form = pdf.Root.AcroForm
    above = pdf.make_indirect(Dictionary(T=String("plan"), Kids=Array(list(form.Fields))))
    for field in form.Fields:
        field.Parent = above
        del field.Lock
    form.Fields = Array([above])


def split(pdf: pikepdf.Pdf) -> None:
    """Each field apart from its widget."""
    fields = []
    for widget in pdf.Root.AcroForm.Fields:
        fields.append(pdf.make_indirect(Dictionary(FT=Name.Sig, T=widget.T, Lock=widget.Lock, Kids=Array([widget]))))
        widget.Parent = fields[-1]
        del widget.T, widget.FT, widget.Lock
    pdf.Root.AcroForm.Fields = Array(fields)


def dangling(pdf: pikepdf.Pdf) -> None:
    """Somebody's private facts have gone."""
    gone = pdf.make_indirect(Dictionary(A=1))
    pdf.Root.PieceInfo = Dictionary(A=Dictionary(LastModified=String("D:20260101"), Private=gone))


def remade(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(base())) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return re.sub(rb"/Private \d+ 0 R", b"/Private 98 0 R", out.getvalue())


def signed(plan: Plan, pdf: bytes, field: SigFieldSpec, person: str, minutes: int) -> bytes:
    moment = NOW + timedelta(minutes=minutes)
    signing = Signing(plan.world, new_field=field)
    return sign(pdf, signing, field.sig_field_name, plan.world.signer(person, moment), moment)


def sealed(plan: Plan, pdf: bytes) -> bytes:
    return stamp(pdf, plan.world, NOW + timedelta(minutes=30))


def test_objects_in_streams(plan: Plan, trust: Trust) -> None:
    with pikepdf.open(io.BytesIO(base())) as pdf:
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert verify(stages(Signing(plan.world), out.getvalue())[-1].pdf, trust, None, LATER).verdict is Verdict.VALID


def test_a_field_made_with_the_first_signature(plan: Plan, trust: Trust) -> None:
    pdf = signed(plan, letter(), SigFieldSpec("Signature1", box=(50, 50, 200, 100)), "Extern Person", 0)
    report = verify(pdf, trust, None, LATER)
    assert (report.verdict, report.rule(RuleId.SEAL).reason) == (Verdict.INDETERMINATE, "not_sealed")
    assert verify(sealed(plan, pdf), trust, None, LATER).verdict is Verdict.VALID


def test_a_second_field_may_hide_text_when_it_shows_and_not_when_it_does_not(plan: Plan, trust: Trust) -> None:
    first = signed(plan, letter(), SigFieldSpec("Signature1", box=(50, 50, 200, 100)), "Extern Person", 0)
    shown = signed(plan, first, SigFieldSpec("Signature2", box=(250, 50, 400, 100)), "Andra Person", 5)
    hidden = signed(plan, first, SigFieldSpec("Signature2"), "Andra Person", 5)
    report = verify(sealed(plan, shown), trust, None, LATER)
    assert (report.verdict, report.rule(RuleId.CHANGES).reason) == (Verdict.INDETERMINATE, "visible_added")
    assert verify(sealed(plan, hidden), trust, None, LATER).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("change", "name"), [(nested, "plan.{}"), (split, "{}"), (dangling, "{}")], ids=["nested", "split", "dangling"]
)
def test_forms_and_files_as_other_tools_make_them(
    change: Callable[[pikepdf.Pdf], None], name: str, plan: Plan, trust: Trust
) -> None:
    """Fields named in steps, or apart from their widgets; a reference to nothing, which is null."""
    people = tuple((name.format(role), person) for role, person in PEOPLE)
    report = verify(stages(Signing(plan.world, people=people), remade(change))[-1].pdf, trust, None, LATER)
    assert report.verdict is Verdict.VALID, [r.evidence for r in report.rules]


@pytest.mark.parametrize("apart", [False, True])
def test_a_field_made_under_a_name_that_is_there(apart: bool, plan: Plan, trust: Trust) -> None:
    first = signed(plan, letter(), SigFieldSpec("plan.ett", combine_annotation=not apart), "Extern Person", 0)
    pdf = signed(plan, first, SigFieldSpec("plan.tva", combine_annotation=not apart), "Andra Person", 5)
    assert verify(sealed(plan, pdf), trust, None, LATER).verdict is Verdict.VALID


def test_the_stamp_of_a_widget_apart_is_read(plan: Plan, trust: Trust) -> None:
    signing = Signing(plan.world, people=PEOPLE[:1], stamp={"brukare": "Annan Person"})
    pdf = stages(signing, remade(split))[-1].pdf
    rule = verify(pdf, trust, None, LATER).rule(RuleId.IDENTITY)
    assert (rule.verdict, rule.reason) == (RuleVerdict.NOT_CHECKED, "stamp_without_name")


def redrawn(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    widget = field["/Kids"][0]
    widget["/AP"] = DictionaryObject({NameObject("/N"): writer.add_object(StreamObject(stream_data=b"1 g"))})
    writer.update_container(widget)


def given_an_action(writer: IncrementalPdfFileWriter) -> None:
    above = writer.root["/AcroForm"]["/Fields"][0]
    above["/AA"] = DictionaryObject()
    writer.update_container(above)


def given_a_text_field(writer: IncrementalPdfFileWriter) -> None:
    above = writer.root["/AcroForm"]["/Fields"][0]
    told = {"/FT": pdf_name("/Tx"), "/T": pdf_string("dag"), "/V": pdf_string("aldrig")}
    field = DictionaryObject({NameObject(key): value for key, value in told.items()})
    field["/Parent"] = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    above["/Kids"].append(writer.add_object(field))
    writer.update_container(above)


@pytest.mark.parametrize(
    ("change", "name", "edit"),
    [
        (split, "{}", redrawn),
        (nested, "plan.{}", given_an_action),
        (nested, "plan.{}", given_a_text_field),
    ],
)
def test_below_the_top_of_the_form_nothing_else_may_change(
    change: Callable[[pikepdf.Pdf], None], name: str, edit: Edit, plan: Plan, trust: Trust
) -> None:
    people = tuple((name.format(role), person) for role, person in PEOPLE[:1])
    pdf = stages(Signing(plan.world, people=people), remade(change), seal=False)[-1].pdf
    rule = verify(updated(pdf, edit), trust, None, LATER).rule(RuleId.CHANGES)
    assert (rule.verdict, rule.reason) == (RuleVerdict.FAILED, "changed")


def test_a_plan_that_nobody_was_to_sign_here_rests_on_its_seal_and_the_record(plan: Plan, trust: Trust) -> None:
    """All signed on paper: the file has only the archive's seal, and the record says that this is right."""
    paper = letter()
    pdf = sealed(plan, paper)
    record = Expected(hashlib.sha256(paper).hexdigest(), ())
    assert verify(pdf, trust, record, LATER).verdict is Verdict.VALID
    assert verify(pdf, trust, None, LATER).verdict is Verdict.INDETERMINATE
    assert verify(paper, trust, record, LATER).rule(RuleId.SEAL).reason == "seal_missing"
