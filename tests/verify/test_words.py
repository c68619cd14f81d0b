"""Every sentence is there in both languages, is reachable from the code, and is filled in."""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

from signatures.verify.chain import Problem
from signatures.verify.model import RuleId, RuleVerdict, Verdict
from signatures.words import catalogue, rule_sentence

ROOT = Path(str(files("signatures.verify")))
SOURCES = {str(p.relative_to(ROOT)): p.read_text("utf-8") for p in ROOT.rglob("*.py")}


def literals() -> set[str]:
    """Every string constant in the package, doc texts aside."""
    return {
        node.value
        for source in SOURCES.values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_0-9]+", node.value)
    }


def test_both_languages_have_the_same_blanks() -> None:
    for group in catalogue().values():
        for key, sentence in group.items():
            assert sentence.keys() == {"sv", "en"}, key
            blanks = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in sentence.values()]
            assert blanks[0] == blanks[1], key


def test_every_rule_has_a_title_and_every_verdict_a_word() -> None:
    words = catalogue()
    assert all("title" in words[rule.value] for rule in RuleId)
    assert words["verdict"].keys() == {v.value for v in Verdict}
    assert words["rule_verdict"].keys() == {v.value for v in RuleVerdict}


def test_every_reason_in_the_catalogue_is_one_the_code_can_give() -> None:
    written = literals() | {p.value for p in Problem} | {"title"}
    unused = {f"{g}.{k}" for g, group in catalogue().items() if g.startswith("R") for k in group if k not in written}
    assert not unused


def test_every_problem_of_a_chain_has_a_sentence_for_people_and_for_time_stamps() -> None:
    for problem in Problem:
        for rule in ("R7", "R11"):
            assert problem.value in catalogue()[rule]


def test_every_reason_in_the_code_has_a_sentence() -> None:
    calls = re.compile(r"\b(?:failed|not_checked|passed)\(\s*\"([a-z_0-9]+)\"")
    functions = [
        node
        for source in (SOURCES["rules.py"], SOURCES["record.py"])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    ]
    assert sum(bool(re.match(r"R\d+\.", ast.get_docstring(node) or "")) for node in functions) == len(RuleId)
    for node in functions:
        rule = re.match(r"(R\d+)\.", ast.get_docstring(node) or "")
        reasons = calls.findall(ast.unparse(node).replace("'", '"'))
        if rule:
            known = catalogue()[rule.group(1)].keys() | catalogue()["skipped"].keys()
            assert set(reasons) <= known, node.name


def test_a_rule_that_broke_says_so() -> None:
    assert "inte" in rule_sentence("R5", "unreadable").sv
