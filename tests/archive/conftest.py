"""A small archive with plans in it, built row by row as the journey would."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.archive.ocfl import StorageRoot, create_storage_root
from pipeline.errors import EnvironmentFailed
from pipeline.store import index, rows, trail
from pipeline.store import tables as t
from pipeline.store.crypt import seal_value
from pipeline.store.db import Database, open_database
from pipeline.store.keys import Keys, create_keys, create_master_key
from pipeline.store.objects import Objects
from pipeline.store.rows import FileRow, NewFile, VersionRow

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NAMES = ("Karl", "Björkqvist", "Kalle")
NUMBER = "191212121212"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything the archive works with."""

    db: Database
    keys: Keys
    objects: Objects
    ocfl: StorageRoot

    def seal(self, owner: str, column: str, value: object) -> bytes:
        return seal_value(self.keys.get_or_create(owner), owner, column, json.dumps(value))

    def files(self, plan_id: str) -> list[FileRow]:
        with self.db.read() as conn:
            return [file for v in rows.versions(conn, plan_id) for file in rows.files_of(conn, v)]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy, since migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "index.db"
    open_database(path).engine.dispose()
    return path


@pytest.fixture
def shelf(tmp_path: Path, empty_database: Path) -> Shelf:
    create_master_key(tmp_path / "master.key")
    keys = create_keys(tmp_path / "master.key", tmp_path / "keys" / "keys.db")
    archive = tmp_path / "archive"
    archive.mkdir()
    db = open_database(Path(shutil.copy(empty_database, archive / "index.db")))
    return Shelf(db, keys, Objects(archive, keys), create_storage_root(archive / "objects"))


@pytest.fixture
def add_plan(shelf: Shelf) -> Callable[..., VersionRow]:
    """Makes a plan with one version and its content; `names` and `number` say whose it is."""

    def add(
        plan_id: str = "GP-2026-1",
        *,
        names: tuple[str, ...] = NAMES,
        number: str = NUMBER,
        protected: bool = False,
        state: str = "received",
        unit: str = "Norra hemtjänsten",
    ) -> VersionRow:
        secret = shelf.keys.lookup
        with shelf.db.write() as conn:
            personal = shelf.seal(plan_id, "plan.personal", {"namn": names})
            person = index.person_key(secret, "personnummer", number)
            plan = {"plan_id": plan_id, "kommun_kod": "9901", "person_key": person, "protected": protected}
            conn.execute(t.plan.insert().values(**plan, personal_enc=personal, created_at=t.stamp(NOW)))
            for key in index.name_keys(secret, names, protected=protected):
                conn.execute(t.name_key.insert().values(plan_id=plan_id, token_key=key))
        return add_version(shelf, plan_id, 1, state, unit)

    return add


def add_version(shelf: Shelf, plan_id: str, number: int, state: str = "received", unit: str = "Norra") -> VersionRow:
    content = json.dumps({"plan_id": plan_id, "version": number}).encode()
    intake_id = f"drop-{plan_id}-{number}"
    with shelf.db.write() as conn:
        drop = {"id": intake_id, "sha256": hashlib.sha256(content).hexdigest(), "outcome": "accepted"}
        drop |= {"plan_id": plan_id, "version": number, "receipt": "{}", "at": t.stamp(NOW)}
        conn.execute(t.intake.insert().values(drop))
        values: dict[str, object] = {"plan_id": plan_id, "version": number, "intake_id": intake_id, "state": state}
        values |= {"profil": "omsorg_lifecare", "verksamhetsomrade": "hemtjanst", "beslut_id": "B-1", "edition": 1}
        values |= {"content_sha256": drop["sha256"], "accepted_at": t.stamp(NOW)}
        conn.execute(t.version.insert().values(unit_key=index.unit_key(shelf.keys.lookup, unit), **values))
        v = rows.version_row(conn, plan_id, number)
        assert v is not None
        slot = {"plan_id": plan_id, "version": number, "role": "brukare", "position": 0, "required": True}
        detail = shelf.seal(plan_id, t.slot_column(number, "brukare"), {"signer": "Karl"})
        conn.execute(t.slot.insert().values(**slot, intent="godkanner", detail_enc=detail))
        trail.append(conn, "accepted", {"plan_id": plan_id, "version": number}, NOW)
    add_file(shelf, v, "content", content, edition=0)
    return v


def add_file(
    shelf: Shelf, v: VersionRow, kind: str, data: bytes, *, revision: int = 0, edition: int = 1, later: int = 0
) -> None:
    stored = shelf.objects.put(v.plan_id, data)
    new = NewFile(edition, revision, kind, stored.sha256, stored.sha512, stored.size)
    with shelf.db.write() as conn:
        rows.add_file(conn, v, new, NOW + timedelta(minutes=later))


@pytest.fixture(name="add_file")
def _add_file() -> Callable[..., None]:
    return add_file


@pytest.fixture(name="add_version")
def _add_version() -> Callable[..., VersionRow]:
    return add_version


class Cut(BaseException):
    """The process ends here, as far as its own clean-up goes."""


@dataclass
class Fault:
    """The nth `os.<call>` fails: with a full disk, or `cut`, and then every call after it fails too."""

    call: str
    nth: int
    cut: bool
    count: int = 0
    dead: bool = False
    failed: bool = False

    @property
    def reached(self) -> bool:
        """Whether there was an nth call."""
        return self.count >= self.nth

    def wrap(self, name: str, real: Callable) -> Callable:
        def counted(*args: object, **kwargs: object) -> object:
            if self.dead:
                raise Cut
            self.count += name == self.call
            if name == self.call and self.count == self.nth:
                self.dead = self.cut
                raise Cut if self.cut else OSError(errno.ENOSPC, "full")
            return real(*args, **kwargs)

        return counted


@contextmanager
def armed(call: str, nth: int, *, cut: bool) -> Iterator[Fault]:
    """Within the block the fault is armed; that it struck is told by `failed`, not raised."""
    fault = Fault(call, nth, cut)
    with pytest.MonkeyPatch.context() as patched:
        for name in ("fsync", "rename", "open", "mkdir", "fdopen", "unlink"):
            patched.setattr(os, name, fault.wrap(name, getattr(os, name)))
        try:
            yield fault
        except (EnvironmentFailed, Cut):
            fault.failed = True


@pytest.fixture(name="armed")
def _armed() -> Callable[..., object]:
    return armed


class Order:
    """Watches `os`: a name is given only to what is on disk whole, and is itself made durable before the answer."""

    def __init__(self) -> None:
        self.synced: set[tuple[int, int]] = set()
        self.loose: set[Path] = set()
        self.renames = 0
        self.flaws: list[str] = []

    def fsync(self, handle: int) -> None:
        told = os.fstat(handle)
        self.synced.add((told.st_ino, told.st_mtime_ns))
        self.loose.discard(Path(f"/proc/self/fd/{handle}").readlink())

    def rename(self, source: Path, target: Path) -> None:
        self.renames += 1
        for path in (source, *source.rglob("*")):
            told = path.stat()
            if (told.st_ino, told.st_mtime_ns) not in self.synced:
                self.flaws.append(f"{path.name} has its name before its bytes are on disk")
        self.loose.add(target.parent)

    def loose_names(self, inside: Path) -> list[Path]:
        """Folders whose newest names are not durable; the workspace's are nobody's."""
        return sorted(path for path in self.loose if path.is_relative_to(inside) and "workspace" not in str(path))


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> Order:
    seen = Order()
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(handle: int) -> None:
        real_fsync(handle)
        seen.fsync(handle)

    def rename(source: Path, target: Path) -> None:
        seen.rename(Path(source), Path(target))
        real_rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    return seen
