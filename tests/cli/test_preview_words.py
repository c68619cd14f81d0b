"""`preview`: a draft to look at, from a plan file or a version, which opens nothing to signing and leaves no trace."""

import subprocess
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest

from tests.cli.conftest import PLAN, SAMPLES, WHY, Archive, accesses, ask, contents, put, run_cli, sample

PLAN_FILE = SAMPLES / "hemtjanst-kort.json"


def text_of(pdf: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_a_plan_file_becomes_a_draft_without_any_workspace(judge, in_tmp: Path) -> None:
    said = ask("preview", PLAN_FILE)
    assert (said.code, said.value["file"], said.value["version"]) == (0, f"{PLAN}.utkast.pdf", None)
    pdf = (in_tmp / f"{PLAN}.utkast.pdf").read_bytes()
    pages = text_of(pdf)
    assert all("UTKAST" in page for page in pages)
    assert "Det gäller inte och kan inte skrivas under." in pages[0]
    assert "Inte inlämnad" in pages[0]
    assert "Här skriver" not in "".join(pages)
    assert judge.pdf(pdf)["passed"]
    assert [path.name for path in in_tmp.iterdir()] == [f"{PLAN}.utkast.pdf"]


def test_a_draft_has_no_field_and_no_data_and_its_word_lies_outside_what_is_read(in_tmp: Path) -> None:
    ask("preview", PLAN_FILE)
    with pikepdf.open(in_tmp / f"{PLAN}.utkast.pdf") as pdf:
        assert "/AcroForm" not in pdf.Root
        assert "/AF" not in pdf.Root
        assert not pdf.attachments
        assert "/Annots" not in pdf.pages[-1]
        for page in pdf.pages:
            drawn = pikepdf.parse_content_stream(page)
            assert any(str(op) == "BMC" and str(args[0]) == "/Artifact" for args, op in drawn)


def test_what_stops_a_plan_is_told_and_does_not_stop_its_draft(in_tmp: Path) -> None:
    said = ask("preview", put(in_tmp / "plan.json", sample(mal=[])))
    assert said.code == 0
    assert "stop" in {finding["level"] for finding in said.value["findings"]}
    assert (in_tmp / said.value["file"]).is_file()
    assert "stopp" in run_cli("preview", in_tmp / "plan.json").out


def test_a_reason_that_the_routine_does_not_take_is_a_finding_beside_the_draft(in_tmp: Path) -> None:
    why = {"kod": "annat", "registrerad_av": "Emma Sjöö", "datum": "2026-11-12"}
    file = put(in_tmp / "plan.json", sample(underskrifter=[{"roll": "brukare", "anledning_saknas": why}]))
    said = ask("preview", file)
    assert (said.code, "anledning_saknas" in {f["code"] for f in said.value["findings"]}) == (0, True)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("finns-inte.json",), 2, "fil_gar_inte_att_lasa"),
        ((SAMPLES / "uppdrag-utan-plan.json",), 2, "ej_plan"),
        ((PLAN_FILE, "--kommun", "oslo"), 2, "dokument_drakt_saknas"),
        ((PLAN_FILE, "--format", "epub"), 2, "fel_val"),
        (("GP-FINNS-INTE",), 2, "ingen_arbetsyta"),
    ],
)
def test_what_gives_no_draft_says_why(in_tmp: Path, words: tuple[object, ...], code: int, error: str) -> None:
    said = ask("preview", *words)
    assert (said.code, said.error) == (code, error)
    assert list(in_tmp.iterdir()) == []


def test_another_municipalitys_dress_by_code_and_by_folder(in_tmp: Path) -> None:
    file = SAMPLES / "lss-avstar.json"
    drafts = []
    for kommun in ("9901", "norrbro", "standard"):
        assert ask("preview", file, "--kommun", kommun, "--out", in_tmp / f"{kommun}.pdf").code == 0
        drafts.append((in_tmp / f"{kommun}.pdf").read_bytes())
    assert drafts[0] == drafts[1] != drafts[2]


def test_word_says_draft_on_every_page(in_tmp: Path) -> None:
    assert ask("preview", PLAN_FILE, "--format", "word").value["file"] == f"{PLAN}.utkast.docx"
    with ZipFile(BytesIO((in_tmp / f"{PLAN}.utkast.docx").read_bytes())) as package:
        heads = [name for name in package.namelist() if name.startswith("word/header")]
        assert len(heads) == 2
        assert all("UTKAST" in package.read(name).decode() for name in heads)


def test_of_a_version_it_is_logged_with_its_purpose_and_changes_nothing_else(closed_town: Path, in_tmp: Path) -> None:
    before, log = contents(closed_town), len(accesses(closed_town))
    assert ask("preview", PLAN, home=closed_town).error == "andamal_saknas"
    said = ask("preview", PLAN, "--purpose", "visa anhörig", home=closed_town)
    assert (said.code, said.value["version"]) == (0, 1)
    assert accesses(closed_town)[log:] == [("preview", "visa anhörig", "plan_id")]
    changed = {path for path, data in contents(closed_town).items() if before.get(path) != data}
    assert all("index.db" in path for path in changed)
    pages = text_of((in_tmp / f"{PLAN}.utkast.pdf").read_bytes())
    assert all("UTKAST · TEST" in page for page in pages)
    for words in (("GP-FINNS-INTE",), (PLAN, "--version", 2)):
        assert ask("preview", *words, *WHY, home=closed_town).error == "okand_plan"


def test_the_draft_of_a_signed_version_is_still_no_signed_plan(archive: Archive, in_tmp: Path) -> None:
    ask("preview", PLAN, *WHY, home=archive.home)
    verdict = ask("verify", f"{PLAN}.utkast.pdf", home=archive.home)
    assert (verdict.code, verdict.value["verdict"]) == (1, "indeterminate")
    assert not verdict.value["archive"]["known"]
