import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store.db import Database, open_database
from pipeline.store.keys import Keys, create_keys, create_master_key
from pipeline.store.objects import Objects

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    create_master_key(tmp_path / "master.key")
    return create_keys(tmp_path / "master.key", tmp_path / "keys" / "keys.db")


@pytest.fixture
def objects(tmp_path: Path, keys: Keys) -> Objects:
    return Objects(tmp_path / "archive", keys)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy, since migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "index.db"
    open_database(path).engine.dispose()
    return path


@pytest.fixture
def db(tmp_path: Path, empty_database: Path) -> Database:
    (tmp_path / "archive").mkdir()
    return open_database(Path(shutil.copy(empty_database, tmp_path / "archive" / "index.db")))
