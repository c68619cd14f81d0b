"""What an attack is: every way we know to pass off another file as the signed plan, made by code.

An attack is made from the stages of a good plan and names the rule that must catch it. `Attack.alone` is the verdict
without the archive's record, where only the file itself can speak: a plan cut off before its seal, for instance, is
then not provably wrong, only unproven.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from signatures.verify import Expected, RuleId

from .pki import World


@dataclass(frozen=True, slots=True)
class Plan:
    """A good plan to attack: its world and every stage's bytes, by name."""

    world: World
    other: World
    at: dict[str, bytes]

    @property
    def sealed(self) -> bytes:
        return self.at["seal"]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: how it is made, the rule that catches it, and the verdicts with and without the record."""

    name: str
    make: Callable[[Plan], bytes]
    rule: RuleId
    reason: str
    known: str = "invalid"
    alone: str = "invalid"
    recorded: Callable[[Expected], Expected] = lambda record: record  # what the archive's record then says


def flipped(pdf: bytes, at: int, to: int | None = None) -> bytes:
    """The file with one byte changed."""
    return pdf[:at] + bytes([pdf[at] ^ 1 if to is None else to]) + pdf[at + 1 :]


def holes(pdf: bytes) -> list[tuple[int, int]]:
    """Where each signature's hexadecimal digits stand, in the file's order."""
    return [m.span(1) for m in re.finditer(rb"/Contents <([0-9A-F]{2000,})>", pdf)]


def hole_of(pdf: bytes, number: int) -> tuple[int, int]:
    return holes(pdf)[number]
