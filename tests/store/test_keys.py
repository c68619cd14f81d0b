import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import EnvironmentFailed, Misuse, Refused
from pipeline.store.keys import Keys, create_keys, create_master_key, open_keys


def test_the_master_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    create_master_key(path)
    first = path.read_bytes()
    assert len(first) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Misuse, match="huvudnyckel_finns"):
        create_master_key(path)
    assert path.read_bytes() == first


def test_each_owner_has_one_key_of_its_own(keys: Keys) -> None:
    one = keys.get_or_create("plan-1")
    assert len(one) == 32
    assert keys.get_or_create("plan-1") == one == keys.get("plan-1")
    assert keys.get_or_create("plan-2") != one


def test_the_raw_key_is_nowhere_on_disk(keys: Keys) -> None:
    key = keys.get_or_create("plan-1")
    files = [f for f in keys.database.parent.iterdir() if f.is_file()]
    assert files
    assert all(key not in f.read_bytes() for f in files)


def test_keys_are_found_again_by_the_same_master_key_only(keys: Keys, tmp_path: Path) -> None:
    one = keys.get_or_create("plan-1")
    assert open_keys(keys.master_file, keys.database).get("plan-1") == one
    create_master_key(tmp_path / "other.key")
    with pytest.raises(Misuse, match="huvudnyckel_fel"):
        open_keys(tmp_path / "other.key", keys.database)


def test_a_missing_short_or_open_master_key_is_named(keys: Keys) -> None:
    keys.master_file.chmod(0o640)
    with pytest.raises(Misuse, match="huvudnyckel_oppen"):
        open_keys(keys.master_file, keys.database)
    keys.master_file.chmod(0o600)
    keys.master_file.write_bytes(b"short")
    with pytest.raises(Misuse, match="huvudnyckel_saknas"):
        open_keys(keys.master_file, keys.database)
    keys.master_file.unlink()
    with pytest.raises(Misuse, match="huvudnyckel_saknas"):
        open_keys(keys.master_file, keys.database)


def test_making_the_key_database_again_changes_nothing(keys: Keys) -> None:
    one = keys.get_or_create("plan-1")
    assert create_keys(keys.master_file, keys.database).get("plan-1") == one
    assert {f.name for f in keys.database.parent.iterdir()} <= {"keys.db", "keys.db-wal", "keys.db-shm"}


def test_a_destroyed_key_is_gone_from_every_file(keys: Keys) -> None:
    for number in range(60):
        keys.get_or_create(f"plan-{number}")
    with sqlite3.connect(keys.database) as raw:
        wrapped = {owner: bytes(value) for owner, value in raw.execute("select owner, wrapped from dek")}
    raw.close()
    for number in range(0, 60, 2):
        keys.destroy(f"plan-{number}")
    keys.destroy("plan-0")
    on_disk = b"".join(f.read_bytes() for f in keys.database.parent.iterdir() if not f.name.endswith("-shm"))
    assert [owner for owner, value in wrapped.items() if value in on_disk] == [
        owner for owner in wrapped if int(owner[5:]) % 2
    ]
    with pytest.raises(Refused, match="nyckel_saknas"):
        keys.get("plan-0")


def test_a_reader_that_keeps_the_log_is_reported(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.get_or_create("plan-1")
    monkeypatch.setattr("pipeline.store.keys.BUSY_SECONDS", 0.01)
    reader = sqlite3.connect(keys.database, isolation_level=None)
    reader.execute("begin")
    reader.execute("select * from dek").fetchall()
    with pytest.raises(EnvironmentFailed, match="nyckel_anvands"):
        keys.destroy("plan-1")
    reader.close()
    keys.destroy("plan-1")
    with pytest.raises(Refused):
        keys.get("plan-1")


ASKER = """
import pathlib, sys
from pipeline.store.keys import create_keys
keys = create_keys(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
print([keys.get_or_create(f"plan-{n}").hex() for n in range(20)])
"""


def test_processes_that_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master.key")
    command = [sys.executable, "-c", ASKER, str(tmp_path / "master.key"), str(tmp_path / "new" / "keys.db")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert answers[0] == answers[1] == answers[2]
    assert len(set(answers[0].split(","))) == 20


def test_no_key_shows_or_travels(keys: Keys) -> None:
    sealed = pickle.dumps(keys)
    assert keys.lookup not in sealed
    assert "lookup" not in repr(keys)
    assert pickle.loads(sealed).lookup == keys.lookup  # noqa: S301


def test_a_damaged_wrapped_key_is_our_failure(keys: Keys) -> None:
    keys.get_or_create("plan-1")
    with sqlite3.connect(keys.database) as raw:
        raw.execute("update dek set wrapped = zeroblob(40)")
    raw.close()
    with pytest.raises(EnvironmentFailed, match="nyckeldatabas"):
        keys.get("plan-1")
