"""A file is accepted exactly when its JSON Schema accepts it and the byte rules hold.

The files are made from the published schemas and then damaged; see `schema_judge` for the judge.
"""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.plan.reading import Kind, Unreadable, read_file
from pipeline.plan.schemas import schema_for
from tests.plan.schema_files import by_slag, fullest, made_file, places
from tests.plan.schema_judge import judged

KINDS = list(Kind)
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FILES = {kind: made_file(kind) for kind in KINDS}


def accepted(instance: Any, *, ascii_only: bool = True) -> bool:
    data = json.dumps(instance, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        read_file(data)
    except Unreadable as refusal:
        assert refusal.findings
        assert not any("följer inte filens schema" in finding.text for finding in refusal.findings)
        return False
    return True


NUMBERS = [0, -1, -0.0, 0.5, 1.0, 1.5, 11, 12, 12.0, 13, 24, 25, 36, 37, 1e-400, 2**53 + 1, 10**300]
NEARLY = [
    "",
    " ",
    "a",
    "ab",
    "abcd",
    "ABC",
    "-abc",
    "abc\n",
    "0180",
    "0180\n",
    "٠١٢٣",
    "\u212aabc",
    "0180 ",
    "12",
    "true",
]
DAYS = ["2026-02-29", "2028-02-29", "2026-13-01", "0000-01-01", "2026-1-1", "20260101", "2026-01-01\n", "２026-01-01"]
ODD = ["2026-01-01T00:00:00", "é", "e\u0301", "a\r", "a\x7f", "a\x85", "a\x00", "\ud800", "\ufeff", "\u2028"]
MISPLACED = ["ingen", "okand", "man", "avslutad", "verkstalld", "uppfoljning", *KINDS]
OTHERS = [None, True, False, [], {}, [None], [[]], ["man", "man"], {"_": 1}, {"samma_som": "kontaktman"}]
VALUES = [*NUMBERS, *NEARLY, *DAYS, *ODD, *MISPLACED, *OTHERS]
STRIDE = 31  # every place gets some of the values; all of them (1) take a few minutes
ANYTHING = st.sampled_from(VALUES)
KEYS = st.sampled_from(["_", "_x", "", "Namn", "namn", "samma_som", "kommentar", "plan_id", "fi", "sve", "FI", "a\x00"])


@st.composite
def damaged(draw: st.DrawFn, files: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    instance = copy.deepcopy(draw(files))
    for _ in range(draw(st.integers(1, 2))):
        where, key = draw(st.sampled_from(places(instance)))
        match draw(st.sampled_from(["replace", "replace", "remove", "add", "move", "double"])):
            case "replace":
                where[key] = draw(ANYTHING)
            case "remove":
                del where[key]
            case "add" if isinstance(where, dict):
                where[draw(KEYS)] = draw(ANYTHING)
            case "move":
                source, name = draw(st.sampled_from(places(instance)))
                where[key] = copy.deepcopy(source[name])
            case "double" if isinstance(where[key], list):
                where[key].extend(copy.deepcopy(where[key]))
        if not places(instance):
            break
    return instance


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_schema_accepts_is_read(kind: Kind) -> None:
    verdicts = []

    @BOUNDED
    @given(FILES[kind], st.booleans())
    def holds(instance: dict[str, Any], ascii_only: bool) -> None:
        verdicts.append(judged(kind, instance))
        assert verdicts[-1] == accepted(instance, ascii_only=ascii_only)

    holds()
    assert sum(verdicts) > 0.9 * len(verdicts), "files made from the schema are nearly all valid"


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_judged_as_the_schema_judges_them(kind: Kind) -> None:
    verdicts = []

    @BOUNDED
    @given(damaged(FILES[kind]))
    def holds(instance: dict[str, Any]) -> None:
        verdicts.append(judged(kind, instance))
        assert verdicts[-1] == accepted(instance)

    holds()
    assert 10 < sum(verdicts) < len(verdicts) - 10, "the damage must be sometimes harmless, often not"


FULL = {
    Kind.GENOMFORANDEPLAN: [fullest(schema_for(Kind.GENOMFORANDEPLAN))],
    Kind.UPPDRAG: [fullest(schema_for(Kind.UPPDRAG))],
    Kind.HANDELSE: [fullest(schema) for schema in by_slag(schema_for(Kind.HANDELSE))],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_place_of_a_full_file_is_judged_as_the_schema_judges_it(kind: Kind) -> None:
    """Each place in turn left out, and put to some of the values that are easily taken for something else."""
    for full in FULL[kind]:
        assert judged(kind, full)
        assert accepted(full)
        for number, (where, key) in enumerate(places(full)):
            whole = where[key]
            for value in VALUES[number % STRIDE :: STRIDE]:
                where[key] = value
                assert judged(kind, full) == accepted(full), (key, value)
            if isinstance(where, dict):
                del where[key]
                assert judged(kind, full) == accepted(full), (key, "left out")
            where[key] = whole
