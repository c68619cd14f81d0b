"""The receipt of a hand-over: who gave which file to whom, on one page."""

import hashlib
import json
from datetime import date
from io import BytesIO

import pikepdf
import pytest

from pipeline.documents.bundle import templates
from pipeline.documents.dress import load_dress
from pipeline.documents.receipt import Handover, render_receipt
from tests.documents.builders import plan_of, profil, sample, sized, squeezed, text_of

DIGEST = hashlib.sha256(b"planen").hexdigest()


def handover(name: str = "hemtjanst-kort", size: int = 14, **changes: object) -> Handover:
    plan = plan_of(sized(sample(name), size))
    values: dict[str, object] = {
        "plan": plan,
        "profil": profil(plan.profil),
        "dress": load_dress(templates(), plan.kommun.kod),
        "version": 1,
        "sha256": DIGEST,
        "copy": 2,
        "day": date(2026, 11, 16),
        "giver": "Emma Sjöö, undersköterska",
        "to": "brukare",
        "receiver": "Aina Björkqvist",
        "receipt": "signed",
        "test": True,
    }
    return Handover(**(values | changes))  # type: ignore[arg-type]


def test_the_receipt_says_it_all_on_one_page() -> None:
    made = render_receipt(handover())
    text = squeezed(text_of(made.pdf))
    assert made.pages == 1
    assert made.placeholders == ()
    for said in (
        "GP-NB-2026-000417",
        "Version 1",
        "Exemplar: 2",
        "16 november 2026",
        "Aina Björkqvist, brukare",
        "Emma Sjöö",
        "Ja, 13 november 2026",
        "Låst väska",
        DIGEST,
        "eget märke",
    ):
        assert squeezed(said) in text
    assert " ".join(DIGEST[i : i + 8] for i in range(0, 32, 8)) in text_of(made.pdf).replace("\n", " ")


def test_a_receiver_who_would_not_sign_is_quoted_and_gets_no_line() -> None:
    text = squeezed(text_of(render_receipt(handover(receipt="declined")).pdf))
    assert squeezed("Tog emot planen, ville inte kvittera.") in text
    assert squeezed("eget märke") not in text


def test_no_personal_data_in_title_and_metadata() -> None:
    made = render_receipt(handover())
    with pikepdf.open(BytesIO(made.pdf)) as pdf:
        told = str(dict(pdf.docinfo)) + pdf.Root.Metadata.read_bytes().decode()
        data = json.loads(pdf.attachments["overlamningskvitto.json"].get_file().read_bytes())
    assert "Björkqvist" not in told + made.title
    assert made.title == "Överlämningskvitto GP-NB-2026-000417, version 1"
    assert (data["sha256"], data["exemplar"], data["kvittens"]) == (DIGEST, 2, "signed")


def test_the_same_hand_over_gives_the_same_bytes_and_another_copy_others() -> None:
    assert render_receipt(handover()).pdf == render_receipt(handover()).pdf
    assert render_receipt(handover()).pdf != render_receipt(handover(copy=3)).pdf


@pytest.mark.parametrize("size", [12, 14, 24, 36])
def test_receipts_keep_their_conformance(judge, size: int) -> None:
    verdict = judge.pdf(render_receipt(handover("skyddad", size, receiver=None, receipt=None)).pdf)
    assert verdict["passed"], verdict
