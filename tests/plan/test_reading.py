"""Byte rules, content form and the samples: what `read_file` takes, and what it makes of it."""

import json
import pickle
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from pipeline.plan.reading import DroppedFile, Kind, Unreadable, read_file

SAMPLES = Path(__file__).parents[1] / "samples"
PLAN = json.loads((SAMPLES / "hemtjanst-kort.json").read_text("utf-8"))
ORDER = json.loads((SAMPLES / "uppdrag-utan-plan.json").read_text("utf-8"))
EVENT = '"schema": "handelse/1", "handelse_id": "H-1", "plan_id": "GP-1", "slag": "verkstalld", "datum": "2026-11-02"'


def event(rest: str = '"av": "nb-1"') -> bytes:
    return f"{{{EVENT}, {rest}}}".encode()


def plan(**changes: Any) -> bytes:
    return json.dumps(PLAN | changes, ensure_ascii=False).encode()


def refused(data: bytes) -> list[tuple[str, str | None]]:
    with pytest.raises(Unreadable) as refusal:
        read_file(data)
    return [(finding.code, finding.field) for finding in refusal.value.findings]


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_samples_are_read(sample: Path) -> None:
    raw = json.loads(sample.read_text("utf-8"))
    found = read_file(sample.read_bytes())
    assert found.kind == raw["schema"] == found.value.schema_
    without_comment = {key: value for key, value in raw.items() if not key.startswith("_")}
    assert json.loads(found.content) == without_comment == found.raw


def test_attributes_are_those_of_the_json() -> None:
    value: Any = read_file(plan()).value
    assert value.insatser[2].nar.veckodagar == ("fre",)
    assert value.roller.fast_omsorgskontakt.samma_som == "kontaktman"
    assert value.uppdrag.beslut_datum.isoformat() == "2026-10-27"
    assert value.schemaperiod is None
    assert value.foretradare == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "tom"),
        (b" \n", "tom"),
        (b"\xef\xbb\xbf" + event(), "BOM"),
        (event().decode().encode("utf-16"), "UTF-16"),
        (event().decode().encode("utf-16-le"), "UTF-16"),
        (event('"av": "Åsa"').decode().encode("latin-1"), "UTF-8"),
        (event('"av": "x"')[:-1], "giltig JSON"),
        (event('"av": "x",'), "giltig JSON"),
        (event("\"av\": 'x'"), "giltig JSON"),
        (event('"av": "a\nb"'), "giltig JSON"),
        (event() + b"{}", "giltig JSON"),
        (b"[" + event() + b"]", "JSON-objekt"),
        (b'"text"', "JSON-objekt"),
        (event('"av": "' + "x" * 10_000_000 + '"'), "10 MB"),
    ],
)
def test_bytes_that_hold_no_object_are_refused_as_format(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_file(data)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.level, finding.field, finding.source) == ("format", "stop", None, "P")
    assert says in finding.text


@pytest.mark.parametrize(
    "bad", [r"\u0000", r"\r", r"\u001f", r"\u007f", "\x7f", r"\u0085", "\x9f", r"\ud800", r"\udc00\ud800"]
)
@pytest.mark.parametrize("place", ['"av": "a{}"', '"av": "a", "_kommentar": ["{}"]', '"av": "a", "_k{}": 1'])
def test_control_characters_and_lone_surrogates_are_refused_everywhere(bad: str, place: str) -> None:
    assert [code for code, _ in refused(event(place.format(bad)))] == ["format"]


@pytest.mark.parametrize("good", [r"\t", r"\n", r"\ud83d\ude00", "\u2028", "\u00a0", "\ufeff", "'\\\"\\\\"])
def test_other_characters_are_taken(good: str) -> None:
    assert read_file(event(f'"av": "a{good}b"')).kind is Kind.HANDELSE


@pytest.mark.parametrize("data", [event().replace(b", ", b",\r\n\t"), b"\n " + event() + b"\r\n"])
def test_space_between_values_is_not_text(data: bytes) -> None:
    assert read_file(data).content == read_file(event()).content


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 400, "9" * 5000])
@pytest.mark.parametrize("key", ["minuter_per_vecka", "_anm"])
def test_what_is_no_number_of_json_is_refused(number: str, key: str) -> None:
    changed = plan(insatser=[{"insats_id": "1", "rubrik": "x", "tid": {"minuter_per_vecka": 1, key: "HERE"}}])
    assert refused(changed.replace(b'"HERE"', number.encode())) == [("format", f"insatser[0].tid.{key}")]


@pytest.mark.parametrize(("number", "means"), [("1.0", 1), ("1e2", 100), ("-0.0", 0), (str(2**53 + 1), 2**53)])
def test_a_number_is_what_it_means_and_not_how_it_is_written(number: str, means: int) -> None:
    tid = {"typ": "rambeslut", "minuter_per_vecka": "HERE"}
    changed = plan(uppdrag=PLAN["uppdrag"] | {"beviljad_tid": tid})
    found: Any = read_file(changed.replace(b'"HERE"', number.encode()))
    minutes = found.value.uppdrag.beviljad_tid.minuter_per_vecka
    assert (minutes, type(minutes)) == (means, int)
    assert found.content == read_file(changed.replace(b'"HERE"', str(means).encode())).content


@pytest.mark.parametrize(
    ("rest", "field"),
    [
        ('"av": "x", "av": "x"', "av"),
        (r'"av": "x", "\u0061v": "y"', "av"),
        ('"av": "x", "_k": 1, "_k": 1', "_k"),
        ('"av": "x", "_\u00e5": 1, "_a\u030a": 1', "_\u00e5"),
        ('"av": "x", "uppgifter": {"_a": [{"x": 1, "x": 2}]}', "uppgifter._a[0].x"),
    ],
)
def test_a_key_stands_once_in_an_object(rest: str, field: str) -> None:
    ((code, found),) = refused(event(rest))
    assert (code, unicodedata.normalize("NFC", str(found))) == ("format", field)


def test_nesting_up_to_32_is_read_and_deeper_is_refused() -> None:
    def nested(depth: int) -> bytes:
        return event('"av": "[[{{ \\" [[", "_k": ' + "[" * depth + "]" * depth)

    assert read_file(nested(31)).kind is Kind.HANDELSE
    assert refused(nested(32)) == [("format", None)]
    assert refused(b"[" * 9_000_000) == [("format", None)]


def test_text_is_nfc_in_value_and_content_alike() -> None:
    decomposed = plan(viktigt_for_mig=unicodedata.normalize("NFD", "Ö är på \u212bse"))
    found: Any = read_file(decomposed)
    assert found.value.viktigt_for_mig == "Ö är på Åse"
    assert found.raw["viktigt_for_mig"] == "Ö är på Åse"
    assert found.content == read_file(plan(viktigt_for_mig="Ö är på Åse")).content


def test_an_id_is_judged_before_it_is_normalised() -> None:
    kelvin = "\u212a-417"
    assert unicodedata.normalize("NFC", kelvin).isascii()
    assert refused(plan(plan_id=kelvin)) == [("schema", "plan_id")]


def test_content_is_rfc_8785_of_the_file_without_comments() -> None:
    found = read_file(plan(_hemligt={"a": [1]}))
    assert found.content == rfc8785.dumps({key: value for key, value in PLAN.items() if not key.startswith("_")})
    assert found.content == read_file(json.dumps(dict(reversed(PLAN.items())), indent=3).encode()).content
    assert read_file(found.content) == found


def test_comments_are_dropped_at_every_level() -> None:
    insats = PLAN["insatser"][0] | {"_intern": "x", "nar": PLAN["insatser"][0]["nar"] | {"_": None}}
    assert b"_intern" not in read_file(plan(insatser=[insats])).content


def test_all_problems_are_told_and_none_of_them_twice() -> None:
    changed = plan(
        plan_id="x", insatser=[{"insats_id": "1", "rubrik": "a\r"}, {"insats_id": "", "nummer": 0.5}], mål=[]
    )
    assert sorted(refused(changed), key=str) == [
        ("format", "insatser[0].rubrik"),
        ("okand_nyckel", "mål"),
        ("schema", "insatser[1].insats_id"),
        ("schema", "insatser[1].nummer"),
        ("schema", "insatser[1].rubrik"),
        ("schema", "plan_id"),
    ]


def test_a_long_list_of_errors_is_cut_and_says_so() -> None:
    found = refused(json.dumps(ORDER | {"lagrum": ["SoL"] * 300 + [1, "x"] * 300}).encode())
    assert found[0] == ("schema", "lagrum[300]")
    assert found[99] == ("schema", "lagrum[498]")
    assert found[100:] == [("format", None)]


HOSTILE = {
    "marks": json.dumps(ORDER | {"lagrum": ["a" + "\u0301\u0316" * 200_000]}, ensure_ascii=False),
    "decomposing marks": json.dumps(ORDER | {"lagrum": ["a" + "\u0f73" * 200_000]}, ensure_ascii=False),
    "open string": '"\\"' * 300_000,
    "wrong items": json.dumps(ORDER | {"lagrum": [0] * 200_000}),
    "wrong objects": json.dumps(PLAN | {"mal": [{}] * 100_000}),
    "unknown keys": json.dumps(ORDER | {f"k{number}": 1 for number in range(100_000)}),
    "unknown languages": json.dumps(PLAN | {"sammanfattning": {f"k{number}": "x" for number in range(100_000)}}),
    "digits": json.dumps(ORDER)[:-1] + ', "x": ' + "1" * 900_000 + "}",
    "long key": json.dumps(ORDER | {"k" * 900_000: 1}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_megabyte_is_answered_in_bounded_time(name: str) -> None:
    data = HOSTILE[name].encode()
    began = time.process_time()
    try:
        read_file(data)
    except Unreadable as refusal:
        assert len(refusal.findings) <= 101
        assert all(len(finding.text) + len(finding.field or "") < 1000 for finding in refusal.findings)
    assert time.process_time() - began < 5


def test_what_is_read_crosses_a_process_boundary() -> None:
    found: DroppedFile = pickle.loads(pickle.dumps(read_file(plan())))  # noqa: S301
    assert found == read_file(plan())
    with pytest.raises(Unreadable) as refusal:
        read_file(b"{}")
    again = pickle.loads(pickle.dumps(refusal.value))  # noqa: S301
    assert again.findings == refusal.value.findings
