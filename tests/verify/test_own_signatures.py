"""What this project signs and seals, verification calls valid, by all twelve rules and long after."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from signatures.verify import Expected, ExpectedSignature, RuleVerdict, Trust, Verdict, to_text, verify
from tests.signatures import plans


def record() -> Expected:
    signed = tuple(
        ExpectedSignature(role, role, plans.PEOPLE[role].name, plans.PEOPLE[role].id_value) for role in plans.ROLES
    )
    return Expected(hashlib.sha256(plans.base()).hexdigest(), signed, title="Genomförandeplan")


def trust() -> Trust:
    return Trust(plans.issuer().trust_pem(), plans.issuer().trust_pem())


@pytest.mark.parametrize("days", [1, 365, 9 * 365])
def test_sealed_by_us(days: int) -> None:
    report = verify(plans.sealed(), trust(), record(), plans.NOW + timedelta(days=days))
    assert {r.id.value: r.reason for r in report.rules if r.verdict is not RuleVerdict.PASSED} == {}
    assert report.verdict is Verdict.VALID
    assert [s.level for s in report.signatures] == ["B-LTA"] * 3


@pytest.mark.parametrize("stage", range(4))
def test_not_yet_sealed_by_us(stage: int) -> None:
    """Every stage before the seal is unfinished to a stranger, and not the plan on record to us."""
    pdf = plans.stages()[stage].pdf
    now = plans.NOW + timedelta(days=1)
    assert verify(pdf, trust(), None, now).verdict is Verdict.INDETERMINATE
    assert verify(pdf, trust(), record(), now).verdict is Verdict.INVALID


def test_a_test_signature_is_called_one() -> None:
    report = verify(plans.sealed(), trust(), None, plans.NOW + timedelta(days=1))
    assert "TEST" in to_text(report).splitlines()[1]
