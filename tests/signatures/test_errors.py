"""The error tree: stable codes, each in one place, and nothing raised that is not in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import signatures
from signatures import errors
from signatures.errors import FieldRefused, SignatureError

ROOT = Path(signatures.__file__).parent
OTHERS_ROOM = {"verify"}


def kinds() -> dict[str, type[SignatureError]]:
    return {kind.__name__: kind for kind in SignatureError.__subclasses__() if kind.__module__ == errors.__name__}


def raised() -> dict[str, set[str]]:
    """Every literal code given to an error of the tree, by class, as the source has it."""
    found: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        if path.relative_to(ROOT).parts[0] in OTHERS_ROOM:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds():
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{path.name}: a code that is not written out"
                found.setdefault(node.func.id, set()).add(code.value)
    return found


def test_each_code_belongs_to_one_error():
    codes = [code for kind in kinds().values() for code in kind.codes]
    assert sorted(codes) == sorted(set(codes))
    assert all(code.isascii() and code == code.lower() for code in codes)


def test_every_code_is_raised_somewhere_and_none_is_invented():
    assert raised() == {name: set(kind.codes) for name, kind in kinds().items()}


def test_a_code_outside_the_tree_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="has no code"):
        FieldRefused("hittepa", "no such thing")


def test_facts_are_for_whoever_words_the_error():
    error = FieldRefused("falt_saknas", "the document has no field x", falt="x")
    assert (error.code, error.facts, str(error)) == ("falt_saknas", {"falt": "x"}, "the document has no field x")
