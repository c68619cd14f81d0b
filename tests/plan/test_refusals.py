"""A refusal names the path, the rule and the nearest known key, and never a value from the file."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.plan.findings import Finding
from pipeline.plan.reading import Kind, Unreadable, read_file
from pipeline.plan.schemas import known_keys, schema_for

SAMPLES = Path(__file__).parents[1] / "samples"
PLAN = json.loads((SAMPLES / "hemtjanst-kort.json").read_text("utf-8"))
PERSONAL = "Hemlig 19420119-9124"


def findings(instance: Any) -> tuple[Finding, ...]:
    with pytest.raises(Unreadable) as refusal:
        read_file(json.dumps(instance).encode())
    return refusal.value.findings


def only(instance: Any) -> Finding:
    (finding,) = findings(instance)
    return finding


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("insatsar", "insatser"),
        ("Insatser", "insatser"),
        ("mål", "mal"),
        ("viktigtFörMig", "viktigt_for_mig"),
        ("samtycke", "samtycken"),
        ("uppföljning", "uppfoljning"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(written: str, meant: str) -> None:
    finding = only(PLAN | {written: []})
    assert (finding.code, finding.field) == ("okand_nyckel", written)
    assert f"Menade du {meant}?" in finding.text


def test_the_nearest_key_is_one_that_fits_the_place() -> None:
    insatser = [*PLAN["insatser"], {"insats_id": "x", "rubrik": "x", "nar": {"text": "x", "veckodag": []}}]
    finding = only(PLAN | {"insatser": insatser})
    assert (finding.code, finding.field) == ("okand_nyckel", "insatser[5].nar.veckodag")
    assert "Menade du veckodagar?" in finding.text


def test_a_key_like_nothing_gets_no_hint() -> None:
    assert "Menade" not in only(PLAN | {"qqqq": 1}).text


def test_an_event_knows_the_keys_of_its_own_slag() -> None:
    event = {"schema": "handelse/1", "handelse_id": "H-1", "plan_id": "GP-1", "datum": "2026-11-02", "av": "x"}
    told = findings(event | {"slag": "genomgangen", "uppgifter": {"medd": "brukare"}})
    assert {(f.code, f.field) for f in told} == {("schema", "uppgifter.med"), ("okand_nyckel", "uppgifter.medd")}
    assert any("Menade du med?" in f.text for f in told)
    assert only(event | {"slag": "genomgangen"}).field == "uppgifter"
    assert only({k: v for k, v in event.items() if k != "plan_id"} | {"slag": "verkstalld"}).text.count("plan_id")


def test_samma_som_stands_alone() -> None:
    roller = PLAN["roller"] | {"fast_omsorgskontakt": {"samma_som": "kontaktman", "namn": PERSONAL}}
    finding = only(PLAN | {"roller": roller})
    assert finding.field == "roller.fast_omsorgskontakt.namn"
    assert "samma_som" in finding.text


@pytest.mark.parametrize(
    ("raw", "hint"), [({}, ""), ({"schema": "plan/9"}, ""), ({"shcema": 1}, "shcema"), ({"schema": 1}, "")]
)
def test_a_file_of_no_known_kind_is_told_the_kinds(raw: dict[str, Any], hint: str) -> None:
    finding = only(raw)
    assert (finding.code, finding.field) == ("schema", "schema")
    assert all(kind.value in finding.text for kind in Kind)
    assert hint in finding.text


def everywhere(value: Any, secret: Any) -> list[Any]:
    """`value` with `secret` put in each place in turn."""
    if isinstance(value, dict):
        changed = [value | {key: new} for key, item in value.items() for new in [secret, *everywhere(item, secret)]]
    elif isinstance(value, list):
        changed = [
            [*value[:n], new, *value[n + 1 :]]
            for n, item in enumerate(value)
            for new in [secret, *everywhere(item, secret)]
        ]
    else:
        changed = []
    return changed


@pytest.mark.parametrize("secret", [PERSONAL, {"namn": [PERSONAL]}, 4201199124, PERSONAL + "\r", [PERSONAL]])
def test_no_value_is_ever_repeated(secret: Any) -> None:
    refusals = 0
    for instance in everywhere(PLAN, secret)[::7]:
        try:
            read_file(json.dumps(instance).encode())
        except Unreadable as refusal:
            refusals += 1
            told = f"{refusal} {refusal.sv} {refusal.findings}"
            assert "Hemlig" not in told
            assert "4201199124" not in told
    assert refusals > 10


def test_a_key_that_carries_a_number_or_is_long_is_not_spelled_out() -> None:
    told = str(findings(PLAN | {"kund 19420119-9124": 1, "x" * 5000: 1, "a\u202eb": 1}))
    assert "19420119" not in told
    assert "9124" not in told
    assert "xxxxx…" in told
    assert len(told) < 2000
    assert "\u202e" not in told


def test_the_published_schemas_name_the_files_they_describe() -> None:
    for kind in Kind:
        assert schema_for(kind)["properties"]["schema"]["const"] == kind
    schema_for(Kind.UPPDRAG).clear()
    assert schema_for(Kind.UPPDRAG)


def test_known_keys_follow_lists_choices_and_nulls() -> None:
    plan = Kind.GENOMFORANDEPLAN
    assert known_keys(plan, ("insatser", 3, "nar", "frekvens")) == ("antal", "per", "varje")
    assert "samma_som" in known_keys(plan, ("roller", "fast_omsorgskontakt"))
    assert known_keys(plan, ("nagot", 1, "annat")) == ()
    assert known_keys(Kind.HANDELSE, ("uppgifter", "vad"), "bedomning") == ("kommentar", "svar")
    assert known_keys(Kind.HANDELSE, ("uppgifter",), "okant") == ()
