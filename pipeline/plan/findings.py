"""A finding: one thing a file's reader has to say about it, with where, by which rule and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs; people read the levels as stopp, brist, råd."""

    STOP = "stop"
    """The file cannot go on; it goes back to its sender."""
    GAP = "gap"
    """The plan goes on; the enhetschef sees what is missing and decides."""
    HINT = "hint"
    """Advice."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: `text` is Swedish and says what to do, and never carries a value from the file."""

    code: str
    level: Level
    field: str | None
    """Where, as a path in the JSON such as ``insatser[2].nar``; None for the file as a whole."""
    text: str
    source: str
    """The routine's requirement, such as ``S1.13``, or ``P`` for this product's own rule."""
    en: str = ""
    """The same in English, where the catalogue has it; shown beside the Swedish."""
