"""`plansigill dress check`: a dress is judged and tried on."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from pipeline.console import dress as console
from pipeline.documents import provblad
from pipeline.documents.bundle import templates
from pipeline.documents.dress import named_dress
from tests.cli.conftest import ask, put, run_cli, sample
from tests.cli.test_schemas import fits
from tests.documents.builders import text_of
from tests.documents.dresses import COLOURS, SQUARE, SVG, dressed, mark
from tests.plugins.judge_process import Judge


@pytest.fixture
def sheet_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The specimen sheet without the documents, which take a while."""
    monkeypatch.setattr(provblad, "tried_on", lambda dress: iter([("provblad", provblad.sheet(dress))]))


def test_a_bundled_dress_is_tried_on_in_every_kind_of_document(tmp_path: Path) -> None:
    said = fits("dress_check", ask("dress", "check", "norrbro", "--out", tmp_path, cwd=tmp_path)).value
    assert said["bundled"]
    assert {
        "provblad",
        "genomforandeplan",
        "genomforandeplan-24",
        "genomforandeplan-utforare",
        "overlamningskvitto",
        "bedomning",
    } <= set(said["documents"])
    assert {path.name for path in tmp_path.iterdir()} == {Path(file).name for file in said["files"]}
    pdf, *pictures = (tmp_path / Path(file).name for file in said["files"])
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == len(pictures)
    text = text_of(pdf.read_bytes())
    for told in ("Provblad", "Frizonen".lower(), "36 punkter", "Genomförandeplan", "Överlämningskvitto", "Utförs av"):
        assert told in text
    for picture in pictures:
        with Image.open(picture) as image:
            assert image.size[0] > 800
            assert len(image.convert("L").getcolors(maxcolors=256) or ()) > 2, f"{picture.name} is blank"


@pytest.mark.usefixtures("sheet_only")
def test_a_workspaces_own_dress_is_found_without_a_workspace_file(tmp_path: Path) -> None:
    dressed(tmp_path, {"logotyp.svg": SVG.format(SQUARE)}, slug="min-kommun", logotyp=mark(frizon_mm=5))
    said = fits("dress_check", ask("dress", "check", "min-kommun", cwd=tmp_path)).value
    assert (said["bundled"], said["kod"]) == (False, "9909")
    assert said["files"][0] == "min-kommun-provblad.pdf"
    told = run_cli("dress", "check", "min-kommun", cwd=tmp_path).out
    assert "min-kommun" in told
    assert "18.9" in told, "the contrast of the text against white"
    assert said["colours"][0] == {"name": "text", "colour": "#111111", "white": 18.88, "surface": 16.28, "least": 7.0}


def test_a_plan_wears_the_workspaces_dress_and_waits_while_that_is_broken(empty: Path) -> None:
    dressed(empty, slug="var-egen", kod="9902", sidfot=["Vår egen rad"], sekretess={"rad": "{fel}"})
    plan = put(empty / "plan.json", sample("skyddad"))
    said = ask("process", plan, home=empty)
    assert (said.code, said.error) == (2, "dokument_drakt")
    failed = {c["id"] for c in ask("doctor", home=empty).value["checks"] if c["status"] == "failed"}
    assert failed == {"draktar"}
    dressed(empty, slug="var-egen", kod="9902", sidfot=["Vår egen rad"])
    assert ask("process", plan, home=empty).code == 0
    (document,) = (empty / "outbox").glob("*.pdf")
    assert "Vår egen rad" in text_of(document.read_bytes(), 1)


def test_a_broken_dress_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    dressed(tmp_path, farger=COLOURS | {"rubrik": "#f0a000"})
    said = ask("dress", "check", "prov", "--out", tmp_path, cwd=tmp_path)
    assert (said.code, said.error) == (2, "dokument_drakt")
    assert "farger.rubrik" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["kommuner"]


@pytest.mark.usefixtures("sheet_only")
@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("ingen-alls",), "dokument_drakt_saknas"),
        (("norrbro", "--out", "finns-inte"), "fil_gar_inte_att_skriva"),
        (("norrbro", "--workspace", "finns-inte"), "ingen_arbetsyta"),
    ],
)
def test_what_cannot_be_checked_is_wrong_usage(in_tmp: Path, words: tuple[str, ...], error: str) -> None:
    said = ask("dress", "check", *words)
    assert (said.code, said.error) == (2, error)
    assert list(in_tmp.iterdir()) == []


@pytest.mark.parametrize("slug", ["norrbro", "standard"])
def test_the_sheet_is_as_accessible_as_any_document(judge: Judge, slug: str) -> None:
    pdf = provblad.sheet(named_dress(templates(), slug))
    assert judge.pdf(pdf)["failed"] == {}
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert "norrbro" in str(opened.docinfo["/Title"]) or slug != "norrbro"


def test_of_the_plan_the_first_and_the_last_page_are_shown() -> None:
    assert console._shown("genomforandeplan-24", 19) == [0, 18]
    assert console._shown("overlamningskvitto", 2) == [0]
    assert console._shown("provblad", 2) == [0, 1]
