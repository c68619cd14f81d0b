"""Everything that is said has words: each error that the code can raise, and each code that a command shows."""

import ast
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import pipeline
import signatures
from pipeline.casework import esealing, verifying
from pipeline.casework.receipts import EXPIRED, WITHDRAW_REASONS
from pipeline.console import doctor
from pipeline.console.commands import STATES
from pipeline.errors import EnvironmentFailed, Misuse, PlansigillError, Refused
from pipeline.plan.deadlines import Status
from pipeline.plan.findings import Level
from pipeline.plan.model_handelse import Slag
from pipeline.plan.profile import Ansvarig
from pipeline.plan.slots import OUTCOME_OF_CODE
from pipeline.texts import catalogue
from signatures.errors import SignatureError
from signatures.verify import Verdict
from signatures.verify.model import RuleVerdict

PIPELINE, SIGNATURES = Path(pipeline.__file__).parent, Path(signatures.__file__).parent
PROFILES = Path(__file__).parents[2] / "templates" / "rutiner"
OURS = {kind.__name__ for kind in (PlansigillError, Refused, Misuse, EnvironmentFailed)}
THEIRS = {kind.__name__: kind for kind in SignatureError.__subclasses__()}
HANDED_ON = "error.code"  # by `cases.answering`: an error of `signatures`, told by its own code and facts


@dataclass(frozen=True)
class Raised:
    """One place where an error is made: its code and the names of what its text may say."""

    place: str
    code: str
    params: frozenset[str]


def calls(folder: Path, names: set[str]) -> Iterator[tuple[Path, ast.AST, ast.Call]]:
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in names:
                yield path, tree, node


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def raised() -> list[Raised]:
    found = []
    for path, tree, call in calls(PIPELINE, OURS):
        params = frozenset(str(keyword.arg) for keyword in call.keywords)
        if ast.unparse(call.args[0]) != HANDED_ON:
            codes = _codes(tree, call.args[0])
            assert codes, f"{path}:{call.lineno}: which code is {ast.unparse(call)}?"
            found += [Raised(f"{path.name}:{call.lineno}", code, params) for code in codes]
    for path, _tree, call in calls(SIGNATURES, set(THEIRS)):
        params = frozenset(str(keyword.arg) for keyword in call.keywords)
        code = ast.literal_eval(call.args[0])
        found.append(Raised(f"{path.name}:{call.lineno}", code, params))
    return found


def _codes(tree: ast.AST, expression: ast.expr) -> list[str]:
    """The codes an expression may be: written out, or the values of a table of the module that it looks up."""
    found = {node.value for node in ast.walk(expression) if isinstance(node, ast.Constant)}
    tables = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        named = isinstance(node, ast.Assign) and {_name(target) for target in node.targets} & tables
        if named and isinstance(node.value, ast.Dict):
            found |= {value.value for value in node.value.values if isinstance(value, ast.Constant)}
    return sorted(map(str, found))


def test_the_search_sees_the_errors() -> None:
    codes = {one.code for one in raised()}
    assert len(codes) > 60
    assert {"okand_plan", "ersatt_version", "redan_forseglad", "lagring", "falt_saknas", "tidsstampel_onabar"} <= codes


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_error_has_its_text_and_all_that_the_text_says(language: str) -> None:
    wanting = []
    for one in raised():
        entry = catalogue().get(f"fel.{one.code}")
        if entry is None:
            wanting.append(f"{one.place}: no text fel.{one.code}")
            continue
        said = getattr(entry, language)
        blanks = {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}
        if not said or blanks - one.params:
            wanting.append(f"{one.place}: fel.{one.code} lacks {sorted(blanks - one.params)}")
    assert not wanting


def test_every_code_of_signatures_has_a_text() -> None:
    codes = {code for kind in THEIRS.values() for code in kind.codes}
    assert not {code for code in codes if f"fel.{code}" not in catalogue()}


def test_no_text_of_an_error_is_left_over() -> None:
    """A code that nothing raises is a text that somebody keeps in order for nothing."""
    theirs = {code for kind in THEIRS.values() for code in kind.codes}
    known = {one.code for one in raised()} | theirs
    written = {key.removeprefix("fel.") for key in catalogue() if key.startswith("fel.")}
    literals = {
        node.value
        for path in PIPELINE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not {code for code in written - known if code not in literals}


def deadline_codes() -> set[str]:
    profiles = [tomllib.loads(path.read_text("utf-8")) for path in PROFILES.glob("*.toml")]
    return {row["kod"] for profile in profiles for table in ("frister", "att_gora") for row in profile.get(table, ())}


OUTCOMES = {"signed", "represented", "declined", "unable", "not_participating", "paper"}
TABLES = {
    "lage": {*STATES, "utan_plan"},
    "utfall": OUTCOMES | set(OUTCOME_OF_CODE.values()),
    "orsak": set(OUTCOME_OF_CODE),
    "aterkallelse": {*WITHDRAW_REASONS, EXPIRED},
    "roll": {"brukare", "kontaktman", "enhetschef", esealing.ROLE},
    "niva": {str(level) for level in Level},
    "utslag": {"ready", "incomplete", "unreadable"},
    "mottaget": {"accepted", "duplicate", "rejected"},
    "frist_status": {str(status) for status in Status},
    "frist_kod": deadline_codes() | {"forsegling", "fornyelse", "underskrift"},
    "fornyelse": {"renewed", "failed"},
    "ansvarig": set(get_args(Ansvarig)),
    "dom": {str(verdict) for verdict in Verdict},
    "regel": {str(verdict) for verdict in RuleVerdict},
    "handelse": set(get_args(Slag)),
    "arkiv": {reason for rule in verifying.ARCHIVE_RULES.values() for reason in rule},
    "doctor.bra": {check.id for check in doctor.CHECKS},
}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_code_that_is_shown_has_a_word_and_no_word_is_left_over(table: str) -> None:
    words = {key.removeprefix(f"{table}.") for key in catalogue() if key.startswith(f"{table}.")}
    assert {word for word in words if "." not in word} == TABLES[table]


def test_every_word_table_that_the_code_names_is_among_them() -> None:
    named = {
        call.args[0].value
        for _path, _tree, call in calls(PIPELINE, {"word"})
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert named
    assert named <= set(TABLES)


def test_every_line_that_is_said_is_in_the_catalogue() -> None:
    said = set()
    for _path, _tree, call in calls(PIPELINE, {"both", "text"}):
        parts = list(ast.walk(call.args[0])) if call.args else []
        if not any(isinstance(node, ast.JoinedStr) for node in parts):
            constants = {str(node.value) for node in parts if isinstance(node, ast.Constant)}
            said |= {key for key in constants if "." in key}
    assert "rad.vantar" in said
    assert said <= set(catalogue())


def test_doctor_has_words_for_what_it_finds() -> None:
    found = {ast.literal_eval(call.args[0]) for _path, _tree, call in calls(PIPELINE, {"_Found"})}
    assert found
    assert {f"doctor.{key}" for key in found} <= set(catalogue())


def test_both_languages_say_the_same_things() -> None:
    """The same blanks in both, so that neither leaves out what the other tells."""
    uneven = []
    for key, entry in catalogue().items():
        blanks = [{name for _, name, _, _ in string.Formatter().parse(said)} - {None} for said in (entry.sv, entry.en)]
        if blanks[0] < blanks[1] or not entry.sv or not entry.en:
            uneven.append(key)
    assert not uneven
