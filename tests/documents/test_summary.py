"""The plan's summary in another language: the sender's text as it is, fixed words of that language, never signed."""

import re
import string
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from pipeline.documents import summary
from pipeline.documents.bundle import templates
from pipeline.documents.dress import load_dress
from pipeline.documents.rendering import Document
from pipeline.documents.summary import Summary, languages, render_summary
from pipeline.documents.words import Words, load, swedish, words
from pipeline.errors import Refused
from tests.documents.builders import full_plan, plan_of, profil, sample, sized, squeezed, text_of

FINNISH = "Aina asuu kotona.\nHän haluaa tehdä itse niin paljon kuin mahdollista."
ARABIC = "تعيش آينا في منزلها وتحتاج إلى المساعدة."
CATALOGUES = [path for path in (templates() / "texter").glob("*.toml") if path.stem != "sv"]


def wanted(name: str = "hemtjanst-kort", lang: str = "fi", size: int = 14, **changes: Any) -> Summary:
    tree = sized(full_plan() if name == "full" else sample(name), size) | {
        "sammanfattning": {"fi": FINNISH, "ar": ARABIC}
    }
    plan = plan_of(tree | changes)
    return Summary(plan, profil(plan.profil), load_dress(templates(), plan.kommun.kod), 3, lang, test=True)


@pytest.fixture(scope="module")
def finnish() -> Document:
    return render_summary(wanted())


def test_it_says_the_plan_in_short_in_its_language(finnish: Document) -> None:
    text = squeezed(text_of(finnish.pdf))
    for said in (
        "Suunnitelman yhteenveto",
        "Nimi: Aina Margareta Björkqvist",
        "Hän haluaa tehdä itse niin paljon kuin mahdollista.",
        "Dusch Maanantai ja torstai, 09:00–10:00",
        "Keskiviikko joka toinen viikko",
        "Voit soittaa heille 0980-319212 Emma Sjöö, yhteyshenkilö",
        "Seuraava seuranta 12. toukokuuta 2027",
    ):
        assert squeezed(said) in text, said


def test_every_page_says_in_both_languages_that_nobody_has_signed_it(finnish: Document) -> None:
    for page in text_of(finnish.pdf).split("\f")[:-1]:
        assert "Käännös, ei allekirjoitettu. Översättning, ej undertecknad." in " ".join(page.split())
    text = squeezed(text_of(finnish.pdf))
    assert squeezed("ruotsinkielinen suunnitelma GP-NB-2026-000417, versio 3") in text
    assert squeezed("originalet är den svenska planen GP-NB-2026-000417, version 3") in text
    assert finnish.placeholders == ()
    with pikepdf.open(BytesIO(finnish.pdf)) as pdf:
        assert "/AcroForm" not in pdf.Root


def passages(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        nodes = (o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem")
        return {str(opened.Root.Lang)} | {str(node.Lang) for node in nodes if "/Lang" in node}


def test_each_passage_carries_its_language(finnish: Document) -> None:
    assert passages(finnish.pdf) == {"fi", "sv"}
    arabic = render_summary(wanted(lang="ar"))
    assert passages(arabic.pdf) == {"sv", "ar"}
    text = squeezed(text_of(arabic.pdf))
    assert squeezed("Måndag och torsdag, 09:00–10:00") in text
    assert squeezed("Översättning, ej undertecknad.") in text


def test_a_protected_person_stays_protected() -> None:
    tree = full_plan()
    person = tree["brukare"] | {"skydd": "skyddad_folkbokforing"}
    text = squeezed(text_of(render_summary(wanted("full", brukare=person)).pdf))
    hidden = [*person["adress"].values(), person["telefon"], tree["utforare"]["telefon"], "sunnuntai", "söndag"]
    hidden += [role["telefon"] for role in tree["roller"].values()] + [tree["narstaende"][0]["namn"]]
    assert [h for h in hidden if squeezed(h) in text] == []
    assert squeezed("Suojattuja henkilötietoja") in text
    assert squeezed(person["kontaktvag"]) in text


def test_the_number_stands_nowhere_and_the_metadata_names_nobody(finnish: Document) -> None:
    assert "9124" not in text_of(finnish.pdf)
    with pikepdf.open(BytesIO(finnish.pdf)) as pdf:
        told = str(dict(pdf.docinfo)) + pdf.Root.Metadata.read_bytes().decode()
    assert "Aina" not in told + finnish.title
    assert "Björkqvist" not in told


def test_a_language_without_a_summary_is_refused() -> None:
    assert languages(wanted().plan) == ("ar", "fi")
    with pytest.raises(Refused) as refused:
        render_summary(wanted(lang="so"))
    assert refused.value.code == "sammanfattning_saknas"
    with pytest.raises(Refused) as refused:
        render_summary(wanted(sammanfattning={"fi": "한국어"}))
    assert refused.value.code == "dokument_tecken"


def test_the_same_inputs_give_the_same_bytes(finnish: Document) -> None:
    assert render_summary(wanted()).pdf == finnish.pdf


class Asked(dict[str, str]):
    """A catalogue that remembers what it was asked for."""

    def __init__(self, entries: dict[str, str]) -> None:
        super().__init__(entries)
        self.keys_asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.keys_asked.add(key)
        return super().__getitem__(key)


def test_finnish_lacks_no_word_that_a_summary_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(dict(words("fi").entries))
    monkeypatch.setattr(summary, "words", lambda _lang: Words(asked, words("fi").months, words("fi").ordinals, "fi"))
    tree = sample("hemtjanst-kort")
    often = [{"antal": n, "per": per, "varje": varje} for n in (1, 2) for per in ("dag", "vecka", "manad", "ar")
             for varje in (1, 2, 3)]  # fmt: skip
    days = ["man", "tis", "ons", "tor", "fre", "lor", "son"]
    insats = tree["insatser"][0]
    for chosen in (days, *([day] for day in days)):
        tree["insatser"] += [insats | {"nar": {"text": "x", "veckodagar": chosen, "frekvens": f}} for f in often]
    tree["insatser"].append(insats | {"nar": None})
    for changes in ({"insatser": tree["insatser"]}, {"sekretess": None}, {"uppfoljning": {"nasta": None}}):
        summary.compose(wanted(**changes))
    summary.compose(wanted("skyddad"))
    shared = ((templates() / kind / name).read_text("utf-8") for kind, name in (
        ("sammanfattning", "sammanfattning.html.j2"), ("gemensamt", "ram.html.j2"), ("gemensamt", "huvud.html.j2")
    ))  # fmt: skip
    used = asked.keys_asked | {key for text in shared for key in re.findall(r'words\("([a-z_.]+)"', text)}
    assert len(used) > 40
    own = load(templates() / "texter" / "fi.toml").entries
    assert used - set(own) - {"utkast.version"} == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_only_known_words_with_the_same_blanks(path: Any) -> None:
    own = load(path)
    assert len(own.months) == 12
    for key, said in own.entries.items():
        blanks = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (said, swedish()(key))]
        assert blanks[0] == blanks[1], key


@pytest.mark.parametrize(("lang", "size"), [("fi", 12), ("fi", 18), ("ar", 14), ("fi", 36)])
def test_summaries_keep_their_conformance(judge, lang: str, size: int) -> None:
    verdict = judge.pdf(render_summary(wanted(lang=lang, size=size)).pdf)
    assert verdict["passed"], verdict
