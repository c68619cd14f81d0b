"""The table of where other validators differ from us, and what it makes of an attack."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .others import JUDGES

TABLE = Path(__file__).with_name("agreement.toml")
GOOD = {
    "good_base": "indeterminate",
    "good_brukare": "indeterminate",
    "good_kontaktman": "indeterminate",
    "good_enhetschef": "indeterminate",
    "good_seal": "valid",
}
"""The good plan's stages, and our verdict on each without the archive's record."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Another verdict than ours, and the key of its reason."""

    says: str
    because: str


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Every reason in Swedish and English."""
    found: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text("utf-8"))["because"]
    return found


@cache
def differences() -> dict[str, dict[str, Difference]]:
    """By file and judge."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["differs"]
    return {name: {judge: Difference(*row) for judge, row in judges.items()} for name, judges in rows.items()}


def expected(name: str, ours: str) -> dict[str, str]:
    """What each judge is to say: what we say, unless the table has something else."""
    rows = differences().get(name, {})
    return {judge: rows[judge].says if judge in rows else ours for judge in JUDGES}
