"""Every attack of the corpus is caught, by the rule that is there for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signatures.verify import Expected, RuleVerdict, Trust, verify

from .attacks import ATTACKS, Attack, Plan
from .pki import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """Attacks already made, by name."""
    return {}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_attack_is_caught_by_its_rule(
    attack: Attack, plan: Plan, trust: Trust, record: Expected, made: dict[str, bytes]
) -> None:
    pdf = made.setdefault(attack.name, attack.make(plan))
    report = verify(pdf, trust, record, LATER)
    rule = report.rule(attack.rule)
    expected = RuleVerdict.FAILED if attack.known == "invalid" else RuleVerdict.NOT_CHECKED
    assert (rule.verdict, rule.reason) == (expected, attack.reason), rule.evidence
    assert report.verdict == attack.known


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_attack_without_a_record(attack: Attack, plan: Plan, trust: Trust, made: dict[str, bytes]) -> None:
    """Where the archive knows nothing of the plan, the file speaks alone."""
    pdf = made.get(attack.name) or attack.make(plan)
    assert verify(pdf, trust, None, LATER).verdict == attack.alone


def test_no_two_attacks_share_a_name() -> None:
    assert len({a.name for a in ATTACKS}) == len(ATTACKS) >= 30
