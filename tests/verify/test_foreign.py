"""Signed PDFs that are not ours: other writers, other layouts of objects, fields made while signing."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import pikepdf
from pyhanko.sign.fields import SigFieldSpec

from signatures.verify import Expected, RuleId, Trust, Verdict, verify
from tests.attacks.model import Plan
from tests.attacks.pki import NOW
from tests.attacks.plans import Signing, base, sign, stages, stamp

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


def test_a_plan_that_nobody_was_to_sign_here_rests_on_its_seal_and_the_record(plan: Plan, trust: Trust) -> None:
    """All signed on paper: the file has only the archive's seal, and the record says that this is right."""
    paper = letter()
    pdf = sealed(plan, paper)
    record = Expected(hashlib.sha256(paper).hexdigest(), ())
    assert verify(pdf, trust, record, LATER).verdict is Verdict.VALID
    assert verify(pdf, trust, None, LATER).verdict is Verdict.INDETERMINATE
    assert verify(paper, trust, record, LATER).rule(RuleId.SEAL).reason == "seal_missing"
