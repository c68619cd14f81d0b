"""What is printed is what is embedded, and nothing else: field by field over the whole schema."""

import json
from datetime import date
from io import BytesIO

import pikepdf
import pytest

from pipeline.documents.reduced import LINKS, PRINTED, printed
from pipeline.documents.words import swedish
from pipeline.plan.schemas import Kind, schema_for
from tests.documents.builders import (
    SAMPLES,
    document,
    full_plan,
    leaves,
    plan_of,
    profil,
    rendering,
    sample,
    squeezed,
    text_of,
)

DELIBERATELY_NOT = {
    "profil",
    "kommun.kod",
    "kommun.finskt_forvaltningsomrade",
    "brukare.skydd",
    "anpassning.format",
    "anpassning.teckenstorlek_pt",
    "anpassning.sprak",
    "anpassning.sammanfattning_sprak",
    "narstaende.samtycke_ref",
    "deltagare.samtycke_ref",
    "uppdrag.bestallning_bekraftad",
    "uppdrag.senaste_plan_hos_utforaren",
    "uppdrag.system",
    "insatser.besok",
    "underskrifter.metod_onskad",
    "sammanfattning",
} | {f"roller.{role}.personal_id" for role in schema_for(Kind.GENOMFORANDEPLAN)["properties"]["roller"]["properties"]}
"""Every field of the schema that no reader of the document needs; a new field lands here or in PRINTED."""

WORDED = {
    "insatser.nar.frekvens.antal": "3 gånger",
    "insatser.nar.frekvens.varje": "vart tredje år",
    "insatser.nar.veckor": "vecka 3 av 4",
    "insatser.nar.frekvens.per": "vart tredje år",
    "uppfoljning.intervall_manader": "var tredje månad",
    "brukare.person_id.varde": "19420119-9124",
    "schemaperiod.veckor": "4 veckor",
    "underskrifter.anledning_saknas.erbjuden_antal_ganger": "3 gånger",
}


def schema_paths(schema: dict, path: str = "") -> set[str]:
    if "anyOf" in schema:
        return set().union(*(schema_paths(s, path) for s in schema["anyOf"] if s.get("type") != "null"))
    if "items" in schema:
        return schema_paths(schema["items"], path)
    if "properties" in schema:
        below = (schema_paths(s, f"{path}.{name}" if path else name) for name, s in schema["properties"].items())
        return set().union(*below)
    return {path}


def spec_paths(spec: dict | None, path: str = "") -> set[str]:
    if spec is None:
        return {path}
    return set().union(*(spec_paths(inner, f"{path}.{name}" if path else name) for name, inner in spec.items()))


def shown(path: str, value: object) -> list[str]:
    """How a printed value may stand in the text."""
    w = swedish()
    if path in WORDED:
        return [WORDED[path]]
    if isinstance(value, bool):
        return [""]
    if isinstance(value, int):
        return [str(value), w.minutes(value)]
    if isinstance(value, float):
        return [str(value).replace(".", ",")]
    text = str(value)
    try:
        return [w.day(date.fromisoformat(text))]
    except ValueError:
        worded = [word for key, word in w.entries.items() if key.startswith("kod.") and key.endswith(f".{text}")]
        return [text, *worded, text.replace("_", " "), *(["varunummer"] if not text else [])]


def test_every_field_of_the_schema_is_printed_or_deliberately_not() -> None:
    in_schema = schema_paths(schema_for(Kind.GENOMFORANDEPLAN))
    in_spec = spec_paths(PRINTED)
    not_real = {f"roller.{r}.samma_som" for r in PRINTED["roller"] if r != "fast_omsorgskontakt"}
    assert in_spec - in_schema == not_real | {
        p for p in in_spec if p.startswith("roller.fast_omsorgskontakt.") and p not in in_schema
    }
    assert in_schema - in_spec == DELIBERATELY_NOT
    assert not in_spec & DELIBERATELY_NOT


def test_every_printed_value_stands_in_the_text() -> None:
    tree = full_plan()
    r = rendering(tree)
    text = squeezed(text_of(document(tree).pdf))
    for path, value in leaves(printed(r.plan, r.profil, r.ended)):
        if path.split(".")[-1] not in LINKS:
            assert any(squeezed(s) in text for s in shown(path, value)), (path, value)


def test_nothing_left_out_stands_in_the_text() -> None:
    tree = full_plan()
    r = rendering(tree)
    pdf = document(tree).pdf
    text = squeezed(text_of(pdf)) + squeezed(json.dumps(embedded(pdf), ensure_ascii=False))
    kept = set(leaves(printed(r.plan, r.profil, r.ended)))
    left_out = [(p, v) for p, v in leaves(tree) if (p, v) not in kept and isinstance(v, str) and "nummer" in v]
    assert len(left_out) > 5
    for path, value in left_out:
        assert squeezed(value) not in text, path


def embedded(pdf: bytes) -> dict:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return json.loads(opened.attachments["genomforandeplan.json"].get_file().read_bytes())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_embedded_data_is_what_is_printed(name: str) -> None:
    r = rendering(sample(name))
    assert embedded(document(sample(name)).pdf) == printed(r.plan, r.profil, r.ended)


def test_consents_are_printed_only_where_the_profile_prints_them() -> None:
    tree = sample("hemtjanst-kort")
    assert not profil("omsorg_lifecare").utskrift.samtycken
    assert "Samtycken" not in text_of(document(tree).pdf)
    assert "samtycken" not in printed(plan_of(tree), profil("omsorg_lifecare"))
    assert "Samtycke till att lämna information" in text_of(document(tree | {"profil": "sas_aldre_ifo"}).pdf)


def test_protected_person_leaves_no_trace_of_where_or_with_whom() -> None:
    tree = full_plan()
    tree["brukare"]["skydd"] = "skyddad_folkbokforing"
    tree["foretradare"][0]["roll"] = "vardnadshavare"
    tree["insatser"][0]["nar"]["klockslag"] = "07:15"
    pdf = document(tree).pdf
    said = squeezed(text_of(pdf)) + squeezed(json.dumps(embedded(pdf), ensure_ascii=False))
    b = tree["brukare"]
    hidden = [
        *b["adress"].values(),
        b["telefon"],
        b["person_id"]["varde"],
        "19420119-9124",
        *(tree["narstaende"][0][k] for k in ("namn", "relation", "telefon")),
        tree["foretradare"][0]["namn"],
        tree["deltagare"][0]["namn"],
        tree["samtycken"][0]["till"],
        tree["utforare"]["telefon"],
        tree["insatser"][0]["var"],
        tree["insatser"][0]["nar"]["dygnsdel"],
        "07:15",
        "söndag",
        *(role["telefon"] for role in tree["roller"].values()),
    ]
    assert [h for h in hidden if squeezed(h) in said] == []
    assert squeezed(b["kontaktvag"]) in said
    assert squeezed("Internt id: GP-FULL-1") in said
    assert squeezed("Skyddade personuppgifter") in said


def test_a_protected_persons_days_do_not_come_back_in_the_plans_own_words() -> None:
    """Such a file is stopped at intake; a draft of it, or of one taken before the protection, still leaks nothing."""
    tree = sample("skyddad")
    tree["insatser"][0]["nar"]["text"] = "Måndagsförmiddag och torsdagar"
    for format in ("standard", "lattlast"):
        text = squeezed(text_of(document(tree | {"anpassning": {"format": format, "bildstod": True}}).pdf))
        assert not any(day in text for day in ("måndag", "torsdag"))
        assert squeezed("Tid bestäms tillsammans") in text


def test_the_personal_number_stands_once_on_page_one_and_never_in_the_metadata() -> None:
    made = document(sample("hemtjanst-kort"))
    with pikepdf.open(BytesIO(made.pdf)) as opened:
        told = str(dict(opened.docinfo)) + opened.Root.Metadata.read_bytes().decode()
        marks = repr([item.title for item in walk(opened)])
    number = "19420119-9124"
    assert text_of(made.pdf).count(number) == text_of(made.pdf, 1).count(number) == 1
    for secret in (number, "194201199124", "Björkqvist", "Aina"):
        assert secret not in told
        assert secret not in made.title
    assert number not in marks


def walk(pdf: pikepdf.Pdf) -> list[pikepdf.OutlineItem]:
    with pdf.open_outline() as outline:
        items = list(outline.root)
        for item in items:
            items.extend(item.children)
        return items
