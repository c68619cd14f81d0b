"""What holds for the kinds that a plan or a signature brings about: protected persons, hostile text, large type."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest

from pipeline.documents.facts import Facts
from pipeline.documents.reduced import consents
from pipeline.plan.history import History
from tests.documents.around import SECRETS, event, facts, made, protected
from tests.documents.builders import Tree, plan_of, sample, sized, squeezed, text_of

HANDED = event("overlamnad", mottagare="brukare", satt="personligen", kvitterad=True)
KINDS: dict[str, dict[str, Any]] = {
    "planerare": {"vid": "plan_mottagen"},
    "journalanteckning": {"vid": "plan_mottagen"},
    "ej_underskriven": {"vid": "ej_underskriven"},
    "aterkoppling": {"vid": "plan_mottagen"},
    "overlamningskvitto": HANDED,
    "samtyckesblad": {"vid": "plan_mottagen"},
    "andringar": {"vid": "plan_mottagen", "version": 2, "earlier_version": 1},
}
"""Each kind with what brings it about."""
PDFS = [slag for slag in KINDS if slag != "journalanteckning"]


def declined(tree: Tree, why: str = "Vill inte.") -> Tree:
    reason = {"kod": "vill_inte", "text": why, "registrerad_av": "nb-1042", "datum": "2026-11-12"}
    return tree | {"underskrifter": [{"roll": "brukare", "anledning_saknas": reason}]}


def told(slag: str, tree: Tree) -> Facts:
    found = facts(tree, samtycken=consents(plan_of(tree), History()), **KINDS[slag])
    before = found.plan.model_copy(update={"mal": ()})
    return replace(found, earlier=before) if found.earlier_version else found


def texts(forms: dict[Any, bytes]) -> str:
    """Everything the forms say, in letters and in what is embedded and described."""
    found = [data.decode() for form, data in forms.items() if form == "text"]
    if "word" in forms:
        with ZipFile(BytesIO(forms["word"])) as package:
            found += [package.read(name).decode() for name in package.namelist() if name.endswith(".xml")]
    if "pdf" in forms:
        found.append(text_of(forms["pdf"]))
        with pikepdf.open(BytesIO(forms["pdf"])) as pdf:
            found += [file.get_file().read_bytes().decode() for file in pdf.attachments.values()]
            found.append(str(dict(pdf.docinfo)) + pdf.Root.Metadata.read_bytes().decode())
    return "\n".join(found)


@pytest.mark.parametrize("slag", [slag for slag in KINDS if slag not in ("samtyckesblad", "andringar")])
def test_a_protected_persons_document_says_no_address_number_relative_or_weekday(slag: str) -> None:
    tree = declined(protected())
    tree["foretradare"] = [{"namn": "Göran Björkqvist", "roll": "vardnadshavare"}]
    found = texts(made(slag, told(slag, tree))).casefold()
    assert "skyddade" in found or slag == "journalanteckning"
    assert not [secret for secret in SECRETS if secret.casefold() in found]


def test_a_protected_persons_consents_are_on_no_sheet() -> None:
    assert told("samtyckesblad", protected()).samtycken == ()


@pytest.mark.parametrize("hostile", ["</p><style>* { display: none }</style>", "{{ 7 * 191 }}", "&lt;b&gt; {dag}"])
@pytest.mark.parametrize("slag", PDFS)
def test_hostile_text_stays_text(slag: str, hostile: str) -> None:
    tree = declined(sample("hemtjanst-kort"), hostile)
    tree["insatser"][0] |= {"rubrik": hostile, "besok": hostile}
    tree["delaktighet"]["hansyn"] = tree["samtycken"][0]["till"] = hostile
    tree["overlamning"]["transportskydd"] = hostile
    assert squeezed(hostile) in squeezed(text_of(made(slag, told(slag, tree))["pdf"]))


def test_hostile_text_is_no_template_of_a_note() -> None:
    tree = sample("hemtjanst-kort") | {"andringsorsak": "{version.__class__} {dag}"}
    later = facts(tree, vid="plan_mottagen", earlier=plan_of(tree))
    assert "Orsak: {version.__class__} {dag}\n" in made("journalanteckning", later)["text"].decode()


@pytest.mark.parametrize("slag", PDFS)
def test_no_personal_data_in_title_and_description_and_what_is_printed_is_embedded(slag: str) -> None:
    pdf_bytes = made(slag, told(slag, declined(sample("hemtjanst-kort"))))["pdf"]
    with pikepdf.open(BytesIO(pdf_bytes)) as pdf:
        described = str(dict(pdf.docinfo)) + pdf.Root.Metadata.read_bytes().decode()
        data = json.loads(pdf.attachments[f"{slag}.json"].get_file().read_bytes())
    assert "GP-NB-2026-000417" in described
    assert not [name for name in ("Björkqvist", "Aina", "9124", "Emma") if name in described]
    assert data["slag"] == slag
    assert data["avsnitt"]


@pytest.mark.parametrize("size", [12, 24])
@pytest.mark.parametrize("slag", PDFS)
def test_every_pdf_is_archivable_and_accessible(judge: Any, slag: str, size: int) -> None:
    tree = declined(sized(sample("lss-avstar" if slag == "samtyckesblad" else "hemtjanst-kort"), size))
    tree["insatser"][1]["besok"] = tree["insatser"][2]["besok"] = "Förmiddag"
    verdict = judge.pdf(made(slag, told(slag, tree))["pdf"])
    assert verdict["passed"], verdict
