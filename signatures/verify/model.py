"""The words of a verification: what is trusted, what is expected, what each rule said."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What the whole file amounts to; "could not check" is never "valid"."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class RuleVerdict(StrEnum):
    """What one rule found."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


class RuleId(StrEnum):
    """The twelve rules, in the order in which they are judged; `rules.py` says what each demands."""

    FILE = "R1"
    BASE = "R2"
    FIELDS = "R3"
    SIGNATURES = "R4"
    CHANGES = "R5"
    SEAL = "R6"
    TRUST = "R7"
    IDENTITY = "R8"
    METADATA = "R9"
    ALGORITHMS = "R10"
    TIMES = "R11"
    DURABILITY = "R12"


@dataclass(frozen=True, slots=True)
class Weakened:
    """An algorithm that is no longer good from `since` (aware) on, earlier than the table of `strength.py` has it.

    `algorithm` is a hash (`SHA256`), a kind of key (`RSA`), one up to so many bits (`RSA-3072`, `EC-256`), or RSA's old
    padding (`PKCS1V15`).
    """

    algorithm: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Trust:
    """The certificates that are trusted, as PEM (one or several in each): for people, and for time stamps.

    The two are kept apart on purpose: a time-stamp authority's root must never vouch for a person, nor the reverse.
    `weakened` are algorithms that have fallen.
    """

    roots_pem: bytes
    tsa_roots_pem: bytes
    weakened: tuple[Weakened, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedSignature:
    """One signature that the record says was made: in which field, for which role, by whom.

    `id_value` is compared with the certificate's serialNumber when both are known (digits only, so a hyphen or an
    ETSI prefix such as `PNOSE-` does not matter). `attester` is who has attested the person's identity, if somebody
    has: the stamp may say so, of nobody else.
    """

    field: str
    role: str
    name: str
    id_value: str | None = None
    attester: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the archive's record says about the file; a part that is None is not compared.

    `signatures` is the full set: a field signed without being listed fails R3, and `()` says that every slot ended
    without one (on paper, say). `sealed` is False while the case is still open. `base_sha256` is the hash of the
    prepared document that the first person signed, in hexadecimal.
    """

    base_sha256: str | None = None
    signatures: tuple[ExpectedSignature, ...] | None = None
    sealed: bool = True
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, before it is put into words: the reason is a key of `texts.toml` under the rule."""

    verdict: RuleVerdict
    reason: str
    params: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


NO_RECORD = "no_record"
"""The reason of a rule that compares with a record where there is none; it was not asked, and weighs nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule's verdict with its sentence in both languages and the facts it rests on.

    `id` is a `RuleId`, or that of a rule of somebody who knows more than the file (`Report.further`).
    """

    id: StrEnum
    verdict: RuleVerdict
    reason: str
    text_sv: str
    text_en: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """One signature or archive time stamp in the file, as a reader wants it told.

    `time` is a trusted time stamp's time, or None where none could be trusted. `level` is the PAdES baseline level
    that the file's own material reaches (B-B, B-T, B-LT, B-LTA), empty where it reaches none. `trusted` says that both
    the signer and the time lead back to the trusted roots. `certificate` is the signer's and `cms` the SignedData
    itself, both as DER.
    """

    role: str
    signer: str
    time: datetime | None
    level: str
    trusted: bool
    field: str
    issuer: str
    certificate: bytes = dataclasses.field(default=b"", repr=False)
    cms: bytes = dataclasses.field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """The answer. Deliberately has no truth value: ask for the verdict.

    `further` are rules that were judged by somebody who knows more than the file (`judged_further`).
    """

    verdict: Verdict
    rules: tuple[Rule, ...]
    signatures: tuple[SignatureFact, ...]
    stamps: tuple[SignatureFact, ...]
    checkable_until: datetime | None
    sha256: str
    verified_at: datetime
    further: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        """Refused: `if verify(...)` would take an invalid file for a valid one."""
        raise TypeError("ask for report.verdict; a report is neither true nor false")

    def rule(self, rule_id: RuleId) -> Rule:
        """The rule with this id; every report has all twelve."""
        return next(r for r in self.rules if r.id is rule_id)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The twelve, and what was judged further."""
        return (*self.rules, *self.further)


_GRAVITY = (Verdict.VALID, Verdict.INDETERMINATE, Verdict.INVALID)


def judged_further(report: Report, rule: Rule, verdict: Verdict) -> Report:
    """The report with one more rule, by somebody who knows more than the file, and the verdict that then stands.

    What the file itself has decided can be lowered and never raised: the graver of the two verdicts stands, so that
    every form of the report says the same.
    """
    graver = max(report.verdict, verdict, key=_GRAVITY.index)
    return dataclasses.replace(report, further=(*report.further, rule), verdict=graver)


def passed(reason: str = "passed", *, evidence: tuple[str, ...] = (), **params: str) -> Finding:
    """A rule that holds."""
    return Finding(RuleVerdict.PASSED, reason, params, evidence)


def failed(reason: str, *, evidence: tuple[str, ...] = (), **params: str) -> Finding:
    """A rule that is broken."""
    return Finding(RuleVerdict.FAILED, reason, params, evidence)


def not_checked(reason: str, *, evidence: tuple[str, ...] = (), **params: str) -> Finding:
    """A rule about which nothing can be said."""
    return Finding(RuleVerdict.NOT_CHECKED, reason, params, evidence)
