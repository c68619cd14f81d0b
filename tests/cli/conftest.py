"""The command line by its words, in this process where that does: its answer, its exit code, and a few towns to ask.

A town is a workspace made by the command line itself, once, and copied for each test that changes it.
"""

import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import pipeline
from pipeline.cli import main

SAMPLES = Path(__file__).parent.parent / "samples"
PLAN = "GP-NB-2026-000417"
ROLES = ("brukare", "kontaktman", "enhetschef")
WHY = ("--purpose", "prov")

Json = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a command said: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Json]:
        """Standard output, which is nothing but JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def value(self) -> Json:
        (value,) = self.lines
        return dict(value)

    @property
    def error(self) -> str:
        assert set(self.value) == {"error"}
        assert self.value["error"]["sv"] in self.err
        assert self.value["error"]["en"] in self.err
        return str(self.value["error"]["code"])


def run_cli(*words: object, home: Path | None = None, cwd: Path | None = None) -> Said:
    """`plansigill WORDS…` in this process; `home` becomes PLANSIGILL_HOME."""
    out, err = io.StringIO(), io.StringIO()
    environment = {key: value for key, value in os.environ.items() if key != "PLANSIGILL_HOME"}
    environment |= {"PLANSIGILL_HOME": str(home)} if home else {}
    argv = ["plansigill", *map(str, words)]
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(sys, "argv", argv),
        patch.object(sys, "stdin", io.StringIO()),
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Said(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def ask(*words: object, home: Path | None = None, cwd: Path | None = None) -> Said:
    """The same with ``--json``."""
    return run_cli(*words, "--json", home=home, cwd=cwd)


def run_process(*words: object, cwd: Path, **environment: str) -> Said:
    """The same as a process of its own, with nothing of this one's environment but what it needs."""
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", *map(str, words)]
    installed = str(Path(pipeline.__file__).parents[1])
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": installed} | environment
    done = subprocess.run(command, cwd=cwd, env=told, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def sample(name: str = "hemtjanst-kort", **changes: Any) -> Json:
    plan: Json = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return plan | changes


def put(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return path


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def contents(home: Path) -> dict[str, bytes]:
    """Every file of a workspace, the database as its rows, so that "nothing changed" can be said of it."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and not re.search(r"\.db(-wal|-shm)?$", name):
            found[name] = path.read_bytes()
    for database in sorted(home.rglob("*.db")):
        found[database.relative_to(home).as_posix()] = _dump(database)
    return found


def _dump(database: Path) -> bytes:

    connection = sqlite3.connect(database)
    try:
        return "\n".join(connection.iterdump()).encode()
    finally:
        connection.close()


Copy = Callable[[str], Path]


def _copied(source: Path, tmp_path: Path) -> Copy:
    def copy(name: str) -> Path:
        return Path(shutil.copytree(source, tmp_path / name))

    return copy


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty test workspace."""
    home = tmp_path_factory.mktemp("made") / "town"
    said = ask("init", home, "--test")
    assert said.code == 0, said.err
    return home


@pytest.fixture(scope="session")
def waiting(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one plan that waits for its signatures."""
    home = Path(shutil.copytree(made, tmp_path_factory.mktemp("waiting") / "town"))
    said = ask("process", SAMPLES / "hemtjanst-kort.json", home=home)
    assert said.code == 0, (said.out, said.err)
    return home


@dataclass(frozen=True)
class Archive:
    """A workspace whose plan is archived, what `sign` said meanwhile, and the half-signed file."""

    home: Path
    signed: tuple[Said, ...]
    half: bytes

    @property
    def sealed(self) -> bytes:
        return (self.home / "outbox" / f"{PLAN}_v1.pdf").read_bytes()


@pytest.fixture(scope="session")
def archive(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("archive")
    home = Path(shutil.copytree(waiting, folder / "town"))
    signed, half = [], b""
    for role in ROLES:
        signed.append(ask("sign", PLAN, "--role", role, home=home))
        if role == "brukare":
            ask("get", PLAN, "--out", folder / "half.pdf", *WHY, home=home)
            half = (folder / "half.pdf").read_bytes()
    return Archive(home, tuple(signed), half)


@pytest.fixture
def empty(made: Path, tmp_path: Path) -> Path:
    return _copied(made, tmp_path)("empty")


@pytest.fixture
def open_town(waiting: Path, tmp_path: Path) -> Path:
    return _copied(waiting, tmp_path)("open")


@pytest.fixture
def closed_town(archive: Archive, tmp_path: Path) -> Path:
    return _copied(archive.home, tmp_path)("closed")


def accesses(home: Path) -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(home / "archive" / "index.db")
    try:
        return connection.execute("select action, purpose, criterion from access order by id").fetchall()
    finally:
        connection.close()


@pytest.fixture
def in_tmp(tmp_path: Path) -> Iterator[Path]:
    with chdir(tmp_path):
        yield tmp_path
