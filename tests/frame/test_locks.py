"""The lock files: every package pinned by hash, in step with pyproject.toml, and nothing of a machine in them."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
ASKED = {
    "run": [*PROJECT["project"]["dependencies"], *GROUPS["build"]],
    "test": [*PROJECT["project"]["dependencies"], *GROUPS["build"], *GROUPS["test"]],
    "lint": [*PROJECT["project"]["dependencies"], *GROUPS["build"], *GROUPS["lint"]],
}
ENTRY = re.compile(r"[a-z0-9.-]+==\S+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n")


def text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text()


def pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", text(lock), flags=re.M):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("lock", ASKED)
def test_every_package_is_pinned_by_hash_and_nothing_else_is_said(lock: str) -> None:
    assert re.fullmatch(f"({ENTRY.pattern})+", text(lock))


@pytest.mark.parametrize("lock", ASKED)
def test_it_gives_what_the_project_asks_for(lock: str) -> None:
    pinned = pins(lock)
    for asked in map(Requirement, ASKED[lock]):
        versions = pinned.get(canonicalize_name(asked.name), set())
        assert versions, f"{asked} is not in the lock: ./run lock"
        assert all(asked.specifier.contains(version) for version in versions), f"{asked} is not met: ./run lock"


@pytest.mark.parametrize("lock", ["test", "lint"])
def test_nothing_is_installed_in_another_version_for_tests(lock: str) -> None:
    pinned = pins(lock)
    assert {name: pinned.get(name) for name in pins("run")} == pins("run")
