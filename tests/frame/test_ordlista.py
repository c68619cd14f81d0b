"""The glossary is true: its words are used, and what it says a thing is not called is no name in the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "ordlista.md"
CODE = ("pipeline", "signatures")
KINDS = {".py", ".toml", ".j2", ".css", ".json"}
DESIGN = {
    *(
        "version",
        "edition",
        "revision",
        "slot",
        "outcome",
        "step",
        "evidence",
        "Dress",
        "Profil",
        "stop",
        "gap",
        "hint",
    ),
    *("seal", "trail", "receipt", "uppdrag", "Handelse", "brukare", "kontaktman", "enhetschef", "findings"),
    *("deadlines", "inbox", "outbox", "withdrawn", "superseded", "erased"),
}


@cache
def entries() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Each row: the word, its names in the code, and the names it must not have."""
    found = []
    for line in GLOSSARY.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[0] not in {"ord", "---"}:
            assert all(cells), f"an empty cell: {line}"
            found.append((cells[0], _names(cells[1]), _names(cells[4])))
    return tuple(found)


def _names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([A-Za-z_]+)`", cell))


def words(name: str) -> tuple[str, ...]:
    """The words of an identifier: `SigningCase` and `signing_case` have the same."""
    return tuple(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_"))


def holds(name: str, other: str) -> bool:
    """Whether the words of `other`, in the singular or plural, stand together in `name`."""
    whole, part = words(name), words(other)
    plural = (*part[:-1], part[-1] + "s")
    return any(whole[i : i + len(part)] in {part, plural} for i in range(len(whole)))


@cache
def identifiers() -> dict[str, str]:
    """Every name that the project's code defines or gives, with a place where it stands."""
    found: dict[str, str] = {}
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                for name in _defined(node):
                    found.setdefault(name, f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")
            found.setdefault(path.stem, str(path.relative_to(ROOT)))
    return found


def _defined(node: ast.AST) -> Iterator[str]:
    """Names of ours: what is defined, assigned or an argument; an attribute read may be another library's."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.arg():
            yield node.arg
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.Attribute(ctx=ast.Store()):
            yield node.attr


@cache
def vocabulary() -> frozenset[str]:
    """Every word that stands in the code, the catalogues, the schemas or the templates."""
    folders = [ROOT / folder for folder in (*CODE, "templates")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in KINDS]
    return frozenset(word for path in files for word in re.findall(r"\w+", path.read_text("utf-8")))


def test_the_glossary_is_read() -> None:
    assert len(entries()) > 50
    named = {name for _word, names, _not in entries() for name in names}
    assert named >= DESIGN


def test_each_word_stands_once() -> None:
    seen = [word for word, _names, _not in entries()]
    assert sorted(seen) == sorted(set(seen))


@pytest.mark.parametrize(("word", "names"), [(word, names) for word, names, _not in entries()])
def test_what_the_glossary_names_is_in_the_code(word: str, names: tuple[str, ...]) -> None:
    assert names, f"{word} has no name in the code"
    assert not [name for name in names if name not in vocabulary()]


@pytest.mark.parametrize(("word", "forbidden"), [(word, wrong) for word, _names, wrong in entries()])
def test_nothing_is_called_what_it_is_not_called(word: str, forbidden: tuple[str, ...]) -> None:
    assert forbidden, f"{word} says nothing of what it is not called"
    found = {name: place for name, place in identifiers().items() if any(holds(name, wrong) for wrong in forbidden)}
    assert not found


def test_the_search_for_names_finds_them() -> None:
    assert {"SigningCase", "signing_case", "journey", "plan_id"} <= set(identifiers())
    assert holds("ClientName", "client")
    assert holds("unit_managers", "unit_manager")
    assert not holds("clientele", "client")
    assert not holds("unit_key_manager", "unit_manager")


def test_no_word_is_both_used_and_forbidden() -> None:
    used = {name for _word, names, _not in entries() for name in names}
    forbidden = {name for _word, _names, wrong in entries() for name in wrong}
    assert not used & forbidden
