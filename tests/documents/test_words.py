"""How days, lengths of time, lists and periods are written; and that no word is missing."""

import re
from datetime import date
from pathlib import Path

import pytest

import pipeline.documents
from pipeline.documents.bundle import templates
from pipeline.documents.words import grouped, listed, number, swedish
from pipeline.plan.schemas import Kind, schema_for

GROUPS = {
    "veckodagar": "veckodag",
    "verksamhetsomrade": "verksamhetsomrade",
    "regi": "regi",
    "satt": None,
    "typ": None,
    "roll": None,
    "omfattning": "omfattning",
    "niva": "niva",
    "inriktning": "inriktning",
    "livsomrade": "livsomrade",
    "utforandesatt": "utforandesatt",
    "form": "form",
    "part": "part",
    "kod": "anledning",
    "status": "delaktighet",
}


def test_days_minutes_numbers_and_lists() -> None:
    w = swedish()
    assert w.day(date(2026, 11, 2)) == "2 november 2026"
    assert [w.minutes(m) for m in (0, 1, 30, 60, 61, 210)] == [
        "0 minuter",
        "1 minut",
        "30 minuter",
        "1 timme",
        "1 timme 1 minut",
        "3 timmar 30 minuter",
    ]
    assert [number(n) for n in (0.5, 2, 2.25)] == ["0,5", "2", "2,25"]
    assert [listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a och b", "a, b och c"]
    assert grouped("0123456789abcdef") == "01234567 89abcdef"


@pytest.mark.parametrize(
    ("period", "nth", "words"),
    [
        ("vecka", 1, "i veckan"),
        ("vecka", 2, "varannan vecka"),
        ("2_veckor", 1, "varannan vecka"),
        ("2_veckor", 2, "var fjärde vecka"),
        ("manad", 6, "var sjätte månad"),
        ("ar", 2, "vartannat år"),
        ("ar", 3, "vart tredje år"),
        ("2_veckor", 12, "var 24:e vecka"),
    ],
)
def test_periods(period: str, nth: int, words: str) -> None:
    assert swedish().every(period, nth) == words


def enums(schema: dict, key: str = "") -> set[tuple[str, str]]:
    found = {(key, value) for value in schema.get("enum", ())}
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        found |= enums(inner, key)
    for name, inner in schema.get("properties", {}).items():
        found |= enums(inner, name)
    return found


def test_every_code_of_the_schema_has_its_words() -> None:
    entries = swedish().entries
    for key, value in enums(schema_for(Kind.GENOMFORANDEPLAN)):
        if group := GROUPS.get(key):
            assert f"kod.{group}.{value}" in entries or f"kod.overlamning.{value}" in entries, (key, value)


def test_every_key_used_in_code_and_templates_is_in_the_catalogue() -> None:
    entries = swedish().entries
    sources = [*Path(pipeline.documents.__file__).parent.rglob("*.py"), *templates().glob("*/*.j2")]
    used = {key for path in sources for key in re.findall(r"""w(?:ords)?\("([a-z_.]+)"[,)]""", path.read_text("utf-8"))}
    labels = {
        f"etikett.{key}"
        for path in sources
        for key in re.findall(r"""(?:fact|day|code|yes_no|several|each)\(\s*w, "([a-z_]+)",""", path.read_text("utf-8"))
    }
    assert len(used) > 40
    assert (used | labels) - set(entries) == set()


def test_no_word_stands_in_the_catalogue_unused() -> None:
    sources = [*Path(pipeline.documents.__file__).parent.rglob("*.py"), *templates().glob("*/*.j2")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    groups = ("rubrik", "korthet", "kvitto", "etikett", "mening", "dokument")
    made_of_parts = {f"dokument.{kind}_pdf" for kind in ("titel", "utkast", "maskerad", "sammanfattning")}
    made_of_parts.add("etikett.reservnummer")
    last = {key: key.split(".", 1) for key in swedish().entries if key.startswith(groups)}
    found = {key for key, (_, name) in last.items() if not re.search(rf"\b{name}\b", text)}
    begun = tuple(key for key in re.findall(r'w\(f"([a-z_.]+)\{', text) if not key.endswith("."))
    unused = sorted(key for key in found - made_of_parts if not key.startswith(begun))
    assert unused == []
