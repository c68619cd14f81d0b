"""What the journey answers about a dropped file; intake asks, reports and moves, and commits nothing itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a refusal: the rule, the field's path, what is wrong and what to do; never a value.

    An empty `en` shows the Swedish text; an empty `do` the general advice.
    """

    rule: str
    field: str | None
    sv: str
    en: str = ""
    do_sv: str = ""
    do_en: str = ""
    source: str = "P"


@dataclass(frozen=True, slots=True)
class Decision:
    """The journey's committed answer. `receipt` is one result of `process`; `reasons` are for a refusal's report.

    `sha256` is that of the bytes which this intake id was first asked about: when the file has changed since, what it
    holds now is asked about under another id. It is None only for what was never read.
    """

    outcome: Outcome
    receipt: Mapping[str, object]
    sha256: str | None
    reasons: tuple[Reason, ...] = ()


Decide = Callable[[bytes, str, str], Decision]
"""``decide(data, intake_id, sha256)``: commits in a transaction keyed by `intake_id`; asked again under the same id, it
answers what it answered before. Raises only for faults of ours: then the file stays claimed and is tried again."""
