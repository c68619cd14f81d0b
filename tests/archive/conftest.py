"""A small archive with plans in it, built row by row as the journey would."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.archive.ocfl import StorageRoot, create_storage_root
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


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    create_master_key(tmp_path / "master.key")
    keys = create_keys(tmp_path / "master.key", tmp_path / "keys" / "keys.db")
    archive = tmp_path / "archive"
    db = open_database(archive / "index.db")
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
        detail = shelf.seal(plan_id, "slot.detail", {"signer": "Karl"})
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
