"""Is this PDF unchanged since it was signed, by whom was it signed, who vouches for that, and when was it?

`verify` is a pure function: it sees the bytes, the trust, the record and the time it is given, and never the network,
the disk or the clock. Start reading in `judging.py`; the rules are in `rules.py`, the walk back in time in `proof.py`.
"""

from __future__ import annotations

from .bounded import verify_bounded
from .judging import rests_on, verify
from .model import (
    NO_RECORD,
    Expected,
    ExpectedSignature,
    Report,
    Rule,
    RuleId,
    RuleVerdict,
    SignatureFact,
    Trust,
    Verdict,
    Weakened,
    judged_further,
)
from .reader import NotOpened
from .report import to_json, to_text

__all__ = [
    "NO_RECORD",
    "Expected",
    "ExpectedSignature",
    "NotOpened",
    "Report",
    "Rule",
    "RuleId",
    "RuleVerdict",
    "SignatureFact",
    "Trust",
    "Verdict",
    "Weakened",
    "judged_further",
    "rests_on",
    "to_json",
    "to_text",
    "verify",
    "verify_bounded",
]
