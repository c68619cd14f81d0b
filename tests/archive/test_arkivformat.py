"""docs/arkivformat.md is true: its recipe opens what this software writes, and its words stand in what is written."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline.archive.preserve import logical_path, object_id, preserve
from pipeline.store.crypt import seal_value

PLAN = "GP-2026-1"


@pytest.fixture(scope="module")
def page() -> str:
    root = next(folder for folder in Path(__file__).parents if (folder / "docs" / "arkivformat.md").exists())
    return (root / "docs" / "arkivformat.md").read_text("utf-8")


@pytest.fixture
def recipe(page: str, tmp_path: Path) -> Path:
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(code.splitlines()) <= 30
    assert set(re.findall(r"^(?:import|from) (.*?)(?: import .*)?$", code, re.MULTILINE)) == {
        "base64, hashlib, json, sqlite3, sys",
        "cryptography.hazmat.primitives.ciphers.aead",
        "cryptography.hazmat.primitives.hashes",
        "cryptography.hazmat.primitives.kdf.hkdf",
        "cryptography.hazmat.primitives.keywrap",
    }
    path = tmp_path / "elsewhere" / "oppna.py"
    path.parent.mkdir()
    path.write_text(code, "utf-8")
    return path


def run(recipe: Path, shelf, sealed: Path) -> subprocess.CompletedProcess[bytes]:
    paths = (shelf.keys.master_file, shelf.keys.database, sealed, recipe.with_name("ut"))
    command = [sys.executable, "-I", str(recipe), *map(str, paths)]
    return subprocess.run(command, cwd=recipe.parent, capture_output=True, check=False)


@pytest.fixture
def archived(shelf, add_plan, add_file):
    """A plan's object, and the encrypted file of each logical path."""
    v = add_plan(PLAN)
    add_file(shelf, v, "sealed", b"%PDF sealed", revision=4)
    add_file(shelf, v, "word", b"PK")
    preserve(shelf.db, shelf.objects, shelf.ocfl, shelf.keys, PLAN)
    folder = shelf.ocfl.object_path(object_id(PLAN))
    inventory = json.loads((folder / "inventory.json").read_bytes())
    state = inventory["versions"][inventory["head"]]["state"]
    return {path: folder / inventory["manifest"][digest][0] for digest, paths in state.items() for path in paths}


def test_the_recipe_opens_every_file_of_an_object(shelf, archived: dict[str, Path], recipe: Path) -> None:
    expected = {logical_path(file): shelf.objects.get(PLAN, file.sha256) for file in shelf.files(PLAN)}
    for path, sealed in archived.items():
        done = run(recipe, shelf, sealed)
        assert (done.returncode, done.stderr) == (0, b"")
        opened = recipe.with_name("ut").read_bytes()
        if path.endswith("history.json.enc"):
            assert json.loads(opened)["plan_id"] == PLAN
        else:
            assert opened == expected.pop(path)
    assert expected == {}


def test_the_recipe_opens_a_staged_file(shelf, archived: dict[str, Path], recipe: Path) -> None:
    assert archived
    sealed = shelf.objects.path(PLAN, shelf.files(PLAN)[0].sha256)
    assert run(recipe, shelf, sealed).returncode == 0


def test_the_recipe_sees_a_changed_byte_and_a_destroyed_key(shelf, archived: dict[str, Path], recipe: Path) -> None:
    sealed = recipe.with_name("x.enc")
    whole = next(iter(archived.values())).read_bytes()
    for place in (0, 20, len(whole) - 1):
        sealed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert run(recipe, shelf, sealed).returncode != 0
    sealed.write_bytes(whole)
    shelf.keys.destroy(PLAN)
    done = run(recipe, shelf, sealed)
    assert (done.returncode, done.stderr.strip()) == (1, b"the key has been destroyed: the plan is erased")
    assert not recipe.with_name("ut").exists()


def test_the_page_names_the_paths_that_are_written(archived: dict[str, Path], page: str) -> None:
    patterns = [
        re.escape(told).replace("<version>", r"\d+").replace("<utgåva>", r"\d+").replace("<revision>", r"\d+")
        .replace("<slag>", "(document|prepared|signed|sealed|receipt)").replace("<hash>", "[0-9a-f]{16}")
        for told in re.findall(r"`([^`]*\.enc)`", page)
    ]  # fmt: skip
    for path in archived:
        assert any(re.fullmatch(pattern, path) for pattern in patterns), path


def test_the_page_tells_how_a_column_is_bound(shelf) -> None:
    key = shelf.keys.get_or_create(PLAN)
    sealed = seal_value(key, PLAN, "plan.personal", '{"namn":["Karl"]}')
    bound = b'plansigill column v1\n["GP-2026-1","plan.personal"]'
    assert sealed[:1] == b"\x01"
    assert AESGCM(key).decrypt(sealed[1:13], sealed[13:], bound) == b'{"namn":["Karl"]}'
