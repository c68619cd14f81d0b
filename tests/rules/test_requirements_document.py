"""docs/requirements.md and the tests say the same: each requirement once, each claimed test there, none unclaimed."""

import re
from pathlib import Path

import pytest

from pipeline.plan.profile import Profil

ROOT = Path(__file__).parents[2]
LAST = {"S0": 10, "S1": 13, "S2": 10, "S3": 5, "S4": 10}
ALL = [f"{routine}.{number}" for routine, last in LAST.items() for number in range(1, last + 1)]
BESIDE = ["S2 background", "S2 goals, difference", "S2 goals, reach", "S3 purpose"]

_ROW = re.compile(r"^\| (S[0-4][^|]*?) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_CLAIM = re.compile(r"`(test_\w+)`")
_BEARS = re.compile(r"^def (test_S([0-4])_(\d+)_\w+)\(", re.MULTILINE)


def rows():
    return _ROW.findall((ROOT / "docs" / "requirements.md").read_text("utf-8"))


def written_tests():
    return [source.read_text("utf-8") for source in (ROOT / "tests").rglob("test_*.py")]


def test_there_are_48_requirements_and_each_stands_once():
    assert len(ALL) == 48
    assert [number for number, _, _ in rows()] == ALL + BESIDE


def test_each_is_carried_by_a_test_by_later_work_or_by_a_human():
    for number, _, carried in rows():
        for part in carried.split("; "):
            kind, _, rest = part.partition(": ")
            assert kind in ("test", "later", "human"), number
            assert rest.strip(), number


def test_each_claimed_test_exists_and_bears_the_number():
    there = set(re.findall(r"^def (test_\w+)\(", "\n".join(written_tests()), re.MULTILINE))
    for number, _, carried in rows():
        claimed = _CLAIM.findall(carried)
        assert bool(claimed) == ("test: " in carried), number
        assert set(claimed) <= there, number
        bearing = "test_" + number.split(" ")[0].replace(".", "_") + "_"
        assert all(name.startswith(bearing) for name in claimed), number


def test_each_test_that_bears_a_number_is_claimed_by_it():
    carried = {number: carried for number, _, carried in rows()}
    for name, routine, number in _BEARS.findall("\n".join(written_tests())):
        assert f"`{name}`" in carried[f"S{routine}.{number}"]


@pytest.mark.parametrize(
    "name", ["lov_rambeslut", "omsorg_lifecare", "sas_aldre_ifo", "sol_lss_kund", "rambeslut_stad"]
)
def test_a_profile_cites_only_requirements_that_exist(name, routine):
    cited = set(re.findall(r'"(S\d\.\d+)"', Profil.model_dump_json(routine(name))))
    assert cited
    assert cited <= set(ALL)
