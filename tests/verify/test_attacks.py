"""Every attack of the corpus is caught, by the rule that is there for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signatures.verify import Expected, RuleVerdict, Trust, verify

from .attacks import ATTACKS, Attack, Plan
from .pki import NOW

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_attack_is_caught_by_its_rule(attack: Attack, plan: Plan, trust: Trust, record: Expected) -> None:
    pdf = attack.make(plan)
    report = verify(pdf, trust, record, LATER)
    rule = report.rule(attack.rule)
    verdict = RuleVerdict.FAILED if attack.known == "invalid" else RuleVerdict.NOT_CHECKED
    assert (rule.verdict, rule.reason) == (verdict, attack.reason), rule.evidence
    alone = verify(pdf, trust, None, LATER)
    assert (report.verdict, alone.verdict) == (attack.known, attack.alone), [r.reason for r in alone.rules]


def test_no_two_attacks_share_a_name() -> None:
    assert len({a.name for a in ATTACKS}) == len(ATTACKS) >= 30
