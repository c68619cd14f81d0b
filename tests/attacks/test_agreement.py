"""EU DSS, pdfsig and openssl judge every good file and every attack; where they differ from us, the table says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from signatures.verify import Expected, RuleVerdict, Trust, verify
from tests.plugins.judge_process import Judge
from tests.plugins.judges import PdfsigSignature

from . import others
from .agreement import GOOD, differences, expected, reasons
from .corpus import ATTACKS, BY_NAME
from .fixtures import good_plan
from .listener import listener
from .model import Attack, Plan
from .page import PAGE, page
from .pki import NOW

LATER = NOW + timedelta(hours=1)
Pdfsig = Callable[..., tuple[PdfsigSignature, ...]]


@pytest.fixture(scope="session")
def ask(judge: Judge, pdfsig: Pdfsig, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, Trust], object]:
    folder = tmp_path_factory.mktemp("openssl")

    def said(pdf: bytes, trust: Trust) -> dict[str, str]:
        root = trust.roots_pem
        return {
            "dss": others.dss(judge, pdf, root, LATER),
            "pdfsig": others.pdfsig(pdfsig, pdf, root),
            "openssl": others.openssl(folder, pdf, root, LATER),
        }

    return said


@pytest.mark.parametrize("name", GOOD)
def test_others_on_a_good_file(name: str, plan: Plan, trust: Trust, ask: Callable[..., object]) -> None:
    pdf = plan.at[name.removeprefix("good_")]
    assert verify(pdf, trust, None, LATER).verdict == GOOD[name]
    assert ask(pdf, trust) == expected(name, GOOD[name])


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_attack_is_caught_by_its_rule_and_others_say_what_the_table_says(
    attack: Attack, trust: Trust, record: Expected, ask: Callable[..., object]
) -> None:
    """One test an attack: making its file costs as much as judging it."""
    pdf, before = attack.make(good_plan()), listener().visits
    report = verify(pdf, trust, attack.recorded(record), LATER)
    rule = report.rule(attack.rule)
    verdict = RuleVerdict.FAILED if attack.known == "invalid" else RuleVerdict.NOT_CHECKED
    assert (rule.verdict, rule.reason) == (verdict, attack.reason), rule.evidence
    alone = verify(pdf, trust, None, LATER)
    assert (report.verdict, alone.verdict) == (attack.known, attack.alone), [r.reason for r in alone.rules]
    assert ask(pdf, trust) == expected(attack.name, attack.alone)
    assert listener().visits == before


def test_every_row_of_the_table_is_about_something_and_says_something() -> None:
    ours = GOOD | {name: attack.alone for name, attack in BY_NAME.items()}
    rows = [(name, judge, row) for name, judges in differences().items() for judge, row in judges.items()]
    assert differences().keys() <= ours.keys()
    assert {judge for _, judge, _ in rows} <= set(others.JUDGES)
    assert [(name, judge) for name, judge, row in rows if row.says == ours[name]] == []
    assert {row.because for _, _, row in rows} == reasons().keys()


def test_the_page_is_in_step() -> None:
    assert Path(PAGE).read_text("utf-8") == page(), "python -m tests.attacks.page"
