"""What a dress puts on a document: names, logotype, foot, diary number, words, secrecy line, type, provider."""

import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops

from pipeline.documents import paper
from pipeline.documents.kinds import kind
from pipeline.documents.render import render_plan
from pipeline.documents.rendering import Rendering
from pipeline.documents.specimens import of_plan
from pipeline.plan.slots import slots
from tests.documents.builders import (
    document,
    profil,
    rendering,
    sample,
    sized,
    text_of,
    words_with_boxes,
)
from tests.documents.dresses import SQUARE, SVG, dressed, loaded, mark
from tests.plugins.judge_process import Judge

MM = 72 / 25.4
DRAWN = {"logotyp.svg": SVG.format(SQUARE)}
PROVIDER = {"regi": "privat", "namn": "Almhaga Omsorg AB"}


def worn(tree: dict[str, Any], workspace: Path) -> Rendering:
    made = rendering(tree)
    dress = loaded(workspace)
    routine = dress.worded(profil(made.plan.profil))
    return replace(made, dress=dress, profil=routine, slots=slots(made.plan, routine))


def receipt(workspace: Path, tree: dict[str, Any] | None = None) -> bytes:
    """The shortest document there is: one page, with the same letterhead and foot as any other."""
    r = worn(tree or sample("hemtjanst-kort"), workspace)
    declared = kind("overlamningskvitto")
    return paper.render(declared, of_plan(r.plan, r.profil, declared), r.dress)["pdf"]


def page_one(workspace: Path, tree: dict[str, Any] | None = None) -> str:
    return text_of(receipt(workspace, tree))


def test_names_of_the_dress_come_before_the_plans_own(tmp_path: Path) -> None:
    names = {"kommun": "Provby kommun", "namnd": "Nämnden för omsorg", "forvaltning": "Omsorg Provby"}
    said = page_one(dressed(tmp_path, namn=names))
    assert [n for n in names.values() if n not in said] == []
    assert "Omsorgsförvaltningen" not in said
    said = page_one(dressed(tmp_path, namn={"kommun": "Provby kommun"}))
    assert "Omsorgsförvaltningen" in said
    assert "Nämnden" not in said


def test_the_foot_has_the_fields_with_their_labels_and_the_free_lines(tmp_path: Path) -> None:
    fields = {
        "telefon": "0123-45",
        "adress": "Gatan 1, 123 45 Provby",
        "orgnr": "123456-0000",
        "webb": "provby.example",
    }
    said = page_one(dressed(tmp_path, kontakt=fields, sidfot=["Egen rad"]))
    told = " ".join(said.split())
    at = [told.index(x) for x in ("Egen rad", "Gatan 1", "Telefon 0123-45", "provby.example", "Org.nr 123456-0000")]
    assert at == sorted(at)
    assert "Egen rad" not in text_of(document(sample("hemtjanst-kort")).pdf)


@pytest.mark.parametrize("which", ["beslut_id", "bestallning_id", "plan_id"])
def test_the_diary_number_is_the_id_that_the_dress_names(tmp_path: Path, which: str) -> None:
    tree = sample("hemtjanst-kort")
    tree["uppdrag"] |= {"beslut_id": "BESLUT-7", "bestallning_id": "BEST-8"}
    number = {"beslut_id": "BESLUT-7", "bestallning_id": "BEST-8", "plan_id": tree["plan_id"]}[which]
    assert f"Diarienummer: {number}" in page_one(dressed(tmp_path, diarienummer=which), tree)
    assert "Diarienummer" not in page_one(dressed(tmp_path, diarienummer=None), tree)


def test_the_words_for_the_roles_are_the_dresss_everywhere(tmp_path: Path) -> None:
    tree = sample("hemtjanst-kort")
    for roll in tree["roller"].values():
        if isinstance(roll, dict):
            roll.pop("benamning", None)
    words = {"brukare": "hyresgäst", "kontaktman": "kontaktpersonal", "enhetschef": "verksamhetsledare"}
    said = text_of(render_plan(worn(tree, dressed(tmp_path, ord=words))).pdf)
    for old, new in words.items():
        assert f"{new.capitalize()}:" in said
        assert f"{old.capitalize()}:" not in said
    assert "Emma Sjöö, kontaktpersonal" in said


def test_the_line_about_secrecy_may_be_the_dresss_own(tmp_path: Path) -> None:
    tree = sample("hemtjanst-kort")
    lines = {"rad": "Skyddas av {lagrum} sedan {datum}", "rad_utan_markning": "Visa inte för vem som helst."}
    workspace = dressed(tmp_path, sekretess=lines)
    assert "Skyddas av 26 kap. 1 § OSL sedan 13 november 2026" in " ".join(page_one(workspace, tree).split())
    tree["sekretess"] = None
    assert "Visa inte för vem som helst." in page_one(workspace, tree)


def test_a_protected_persons_marking_is_not_the_dresss_to_take_away(tmp_path: Path) -> None:
    lines = {"rad": "Mjuk rad", "rad_utan_markning": "Mjuk rad"}
    assert "Skyddade personuppgifter" in page_one(dressed(tmp_path, sekretess=lines), sample("skyddad"))


def blue(pdf: bytes) -> tuple[int, int, int, int]:
    """Where the first page's logotype, a rectangle of #004488, is drawn, in points from the top left."""
    command = ["pdftoppm", "-r", "72", "-f", "1", "-l", "1", "-"]
    drawn = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    page = Image.open(BytesIO(drawn)).convert("RGB")
    away = ImageChops.difference(page, Image.new("RGB", page.size, "#004488")).convert("L")
    box = away.point(lambda value: 255 * (value < 4)).getbbox()
    assert box
    return box


@pytest.mark.parametrize("size", [14, 24])
@pytest.mark.parametrize("place", ["uppe_vanster", "uppe_hoger", "nere_hoger", "nere_mitten"])
def test_the_logotype_stands_where_it_should_as_wide_as_it_should_with_its_clear_zone(
    tmp_path: Path, place: str, size: int
) -> None:
    fields = mark(plats=place, bredd_mm=60, frizon_mm=6)
    workspace = dressed(tmp_path, DRAWN, logotyp=fields, sidfot=["Rad"] * 4)
    made = receipt(workspace, sized(sample("skyddad"), size))
    left, top, right, bottom = blue(made)
    assert right - left == pytest.approx(60 * MM, abs=3)
    assert bottom - top == pytest.approx(15 * MM, abs=3)
    assert (top < 150) == place.startswith("uppe")
    assert bottom < 842
    middle = (left + right) / 2
    assert {"vanster": middle < 250, "hoger": middle > 350, "mitten": 290 < middle < 305}[place.partition("_")[2]]
    clear = 6 * MM - 1.5
    for x0, y0, x1, y1, word in words_with_boxes(made)[0]:
        beside = x1 < left - clear or x0 > right + clear or y1 < top - clear or y0 > bottom + clear
        assert beside or (place.startswith("uppe") and word in "TEST – inte en riktig handling"), (word, x0, y0, x1, y1)


def test_with_the_logotype_below_the_name_stands_in_letters_above(tmp_path: Path) -> None:
    above = page_one(dressed(tmp_path, DRAWN, logotyp=mark(plats="nere_hoger")))
    assert "Norrbro kommun" in above.partition("Överlämningskvitto")[0]
    beside = page_one(dressed(tmp_path, DRAWN, logotyp=mark()))
    assert "Norrbro kommun" not in beside.partition("Överlämningskvitto")[0]


def test_a_private_providers_plan_carries_provider_and_municipality() -> None:
    tree = sample("hemtjanst-kort")
    tree["utforare"] |= PROVIDER
    made = document(tree)
    said = text_of(made.pdf, 1)
    assert "Utförs av" in said
    assert "Almhaga Omsorg AB, på uppdrag av Norrbro kommun" in said
    assert "Strandgatan" not in said
    assert alternatives(made.pdf) == ["Norrbro kommun", "Almhaga Omsorg AB"]
    tree["utforare"] |= {"namn": "Björkens Omsorg"}
    other = document(tree)
    assert "Björkens Omsorg" in text_of(other.pdf, 1).partition("Genomförandeplan")[0]
    assert "Strandgatan" in text_of(other.pdf, 1)
    assert alternatives(other.pdf) == ["Norrbro kommun"]
    tree["utforare"] |= {"regi": "egen"}
    assert "Utförs av" not in text_of(document(tree).pdf, 1)


def alternatives(pdf: bytes) -> list[str]:
    found: list[str] = []
    with pikepdf.open(BytesIO(pdf)) as opened:

        def walk(node: pikepdf.Object) -> None:
            if isinstance(node, pikepdf.Dictionary):
                if "/Alt" in node:
                    found.append(str(node.Alt))
                if "/K" in node:
                    walk(node.K)
            elif isinstance(node, pikepdf.Array):
                for kid in node:
                    walk(kid)

        walk(opened.Root.StructTreeRoot.K)
    return found


def fonts_of(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        names = [str(o.FontName) for o in opened.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o]
    return {name.partition("+")[2] for name in names}


def test_an_own_type_is_embedded_and_the_bundled_ones_write_what_it_cannot() -> None:
    tree = sample("lss-avstar")
    tree["viktigt_for_mig"] = "Ħ ß Đ – ኣማርኛ"
    names = fonts_of(document(tree).pdf)
    assert any(name.startswith("Lexend") for name in names)
    assert any("Ethiopic" in name for name in names)
    assert "Atkinson" not in " ".join(fonts_of(document(sample("lss-avstar")).pdf))
    assert not any(name.startswith("Lexend") for name in fonts_of(document(sample("hemtjanst-kort")).pdf))


@pytest.mark.parametrize("size", [14, 24])
@pytest.mark.parametrize("name", ["hemtjanst-kort", "lss-avstar", "skyddad"])
def test_every_dress_keeps_the_document_archivable_and_accessible(judge: Judge, name: str, size: int) -> None:
    assert judge.pdf(document(sized(sample(name), size)).pdf)["failed"] == {}


@pytest.mark.parametrize("size", [14, 24])
def test_so_does_a_providers(judge: Judge, size: int) -> None:
    tree = sized(sample("hemtjanst-kort"), size)
    tree["utforare"] |= PROVIDER
    assert judge.pdf(document(tree).pdf)["failed"] == {}


def test_the_three_municipalities_look_different() -> None:
    dresses = [rendering(sample(name)).dress for name in ("hemtjanst-kort", "lss-avstar", "skyddad")]
    assert len({d.farger.rubrik for d in dresses}) == 3
    assert len({d.placement for d in dresses}) == 3
    for dress in dresses:
        assert dress.bundled
        assert dress.logotyp
        assert dress.logotyp.one_colour


def test_nothing_of_a_dress_is_left_in_the_next() -> None:
    before = document(sample("hemtjanst-kort")).pdf
    document(sample("lss-avstar"))
    document(sample("skyddad"))
    assert render_plan(rendering(sample("hemtjanst-kort"))).pdf == before
