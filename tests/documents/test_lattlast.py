"""The easy-to-read layout: the same signed document in short lines, an insats a page, pictures by the words."""

import json
import re
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.phrases import phrases
from pipeline.documents.render import render_plan
from pipeline.documents.words import swedish
from pipeline.plan.schemas import Kind, schema_for
from tests.documents.builders import SAMPLES, document, full_plan, rendering, sample, squeezed, text_of


def easy(tree: dict[str, Any], size: int = 14, *, bildstod: bool = True) -> dict[str, Any]:
    wanted = {"format": "lattlast", "teckenstorlek_pt": size, "bildstod": bildstod}
    return tree | {"anpassning": {**tree.get("anpassning", {}), **wanted}}


def alternatives(pdf: bytes) -> list[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [str(o.Alt) for o in opened.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]


@pytest.mark.parametrize("name", SAMPLES)
def test_it_says_all_that_the_usual_layout_says_in_the_same_order(name: str) -> None:
    tree = easy(sample(name))
    view = compose(rendering(tree))
    text = squeezed(text_of(document(tree).pdf)).replace("\x0c", "")
    at = text.index(squeezed(view.sections[0].heading))
    for section in view.sections:
        for fact in (*section.facts, *(f for item in section.items for f in item.facts)):
            for part in (f"{fact.label}:", *(p for line in fact.lines for p in phrases(line))):
                at = text.index(squeezed(part), at)


def test_it_is_signed_like_any_other_and_carries_the_same_data() -> None:
    usual, made = document(sample("hemtjanst-kort")), document(easy(sample("hemtjanst-kort"), bildstod=False))
    assert [p.role for p in made.placeholders] == [p.role for p in usual.placeholders]

    def data(pdf: bytes) -> dict[str, Any]:
        with pikepdf.open(BytesIO(pdf)) as opened:
            return json.loads(opened.attachments["genomforandeplan.json"].get_file().read_bytes())

    assert made.pdf == render_plan(rendering(easy(sample("hemtjanst-kort"), bildstod=False))).pdf
    assert data(made.pdf) | {"anpassning": None} == data(usual.pdf) | {"anpassning": None}


def test_each_insats_has_a_page_of_its_own_from_its_heading_to_who() -> None:
    pages = text_of(document(easy(sample("hemtjanst-kort"))).pdf).split("\f")
    insatser = sample("hemtjanst-kort")["insatser"]
    assert len(insatser) == 5
    for insats in insatser:
        (page,) = [p for p in pages if re.search(rf"^{insats['nummer']}\. {insats['rubrik']}$", p, re.MULTILINE)]
        for said in ("Mål:", "Vad:", "Hur:", "När:", "Vem:", "Hör till:"):
            assert page.count(said) == 1, (insats["rubrik"], said)


def test_lines_are_short() -> None:
    tree = easy(sample("hemtjanst-kort"))
    tree["insatser"][0]["hur"] = "Ställ fram duschstolen och lägg halkmattan rätt så att jag kommer fram till den. " * 4
    lines = [line for page in text_of(document(tree).pdf).split("\f")[1:] for line in page.splitlines()]
    running = [line for line in lines if re.search("duschstolen|halkmattan|kommer fram", line)]
    assert running
    assert max(map(len, running)) <= 45


def test_a_line_breaks_where_a_phrase_begins() -> None:
    assert phrases("Ni tvättar rygg, ben och fötter och hjälper mig att torka mig. Jag väljer kläder.") == (
        "Ni tvättar rygg, ben och fötter",
        "och hjälper mig att torka mig.",
        "Jag väljer kläder.",
    )
    assert phrases("Individanpassningsplaneringsöverläggningsprotokollet", 20) == (
        "Individanpassningsplaneringsöverläggningsprotokollet",
    )
    assert phrases("Kl. 9 och 10, ca 2 ggr.") == ("Kl. 9 och 10, ca 2 ggr.",)


def test_pictures_have_alternative_texts_and_come_only_where_they_are_wanted() -> None:
    found = alternatives(document(easy(sample("hemtjanst-kort"))).pdf)
    assert found.count("Bild: Hemliv") == 3
    assert "Bild: Personlig vård" in found
    assert "Bild av veckan. Markerat: måndag och torsdag" in found
    assert "Bild: dag, solen står högt" in found
    assert alternatives(document(easy(sample("hemtjanst-kort"), bildstod=False)).pdf) == ["Norrbro kommun"]


def test_there_is_a_picture_for_every_area_of_life_and_it_never_stands_alone() -> None:
    insats = schema_for(Kind.GENOMFORANDEPLAN)["properties"]["insatser"]["items"]["properties"]
    areas = [a for s in insats["livsomrade"].get("anyOf", [insats["livsomrade"]]) for a in s.get("enum", []) if a]
    assert len(areas) == 11
    tree = easy(sample("hemtjanst-kort"))
    tree["insatser"] = [tree["insatser"][0] | {"livsomrade": area} for area in areas]
    made = document(tree).pdf
    text, found = " ".join(text_of(made).split()), alternatives(made)
    for area in areas:
        svg = (templates() / "bilder" / f"{area}.svg").read_text("utf-8")
        assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= {"#123456", "#ffffff"}
        word = swedish()(f"kod.livsomrade.{area}")
        assert word in text
        assert f"Bild: {word}" in found


def test_a_protected_person_gets_no_picture_of_the_week() -> None:
    tree = easy(full_plan())
    assert any("Bild av veckan" in alt for alt in alternatives(document(tree).pdf))
    tree["brukare"] = tree["brukare"] | {"skydd": "sekretessmarkering"}
    assert not any("veckan" in alt for alt in alternatives(document(tree).pdf))


@pytest.mark.parametrize(("name", "size"), [("hemtjanst-kort", 14), ("lss-avstar", 18), ("skyddad", 12), ("full", 30)])
def test_it_keeps_its_conformance(judge, name: str, size: int) -> None:
    verdict = judge.pdf(document(easy(full_plan() if name == "full" else sample(name), size)).pdf)
    assert verdict["passed"], verdict
