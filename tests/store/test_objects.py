import hashlib
import os
from pathlib import Path

import pytest

from pipeline.errors import EnvironmentFailed, Refused
from pipeline.store.objects import Objects

DATA = b"ett dokument " * 500


def _files(objects: Objects) -> list[Path]:
    return sorted(f for f in objects.root.rglob("*") if f.is_file())


def test_what_is_put_is_got(objects: Objects) -> None:
    stored = objects.put("plan-1", DATA)
    assert stored.sha256 == hashlib.sha256(DATA).hexdigest()
    assert stored.sha512 == hashlib.sha512(DATA).hexdigest()
    assert stored.size == len(DATA)
    assert objects.get("plan-1", stored.sha256) == DATA
    assert objects.exists("plan-1", stored.sha256)


def test_nothing_readable_lies_on_disk_and_no_name_tells_the_owner(objects: Objects) -> None:
    objects.put("plan-1", DATA)
    (file,) = _files(objects)
    assert b"dokument" not in file.read_bytes()
    assert "plan-1" not in str(file.relative_to(objects.root))
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_same_bytes_again_change_nothing(objects: Objects) -> None:
    stored = objects.put("plan-1", DATA)
    before = objects.sealed("plan-1", stored.sha256)
    assert objects.put("plan-1", DATA) == stored
    assert objects.sealed("plan-1", stored.sha256) == before


def test_owners_do_not_share(objects: Objects) -> None:
    stored = objects.put("plan-1", DATA)
    assert not objects.exists("plan-2", stored.sha256)
    objects.keys.get_or_create("plan-2")
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        objects.get("plan-2", stored.sha256)


def test_a_damaged_copy_is_reported_and_mended_by_a_new_put(objects: Objects) -> None:
    stored = objects.put("plan-1", DATA)
    path = objects.path("plan-1", stored.sha256)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        objects.get("plan-1", stored.sha256)
    objects.put("plan-1", DATA)
    assert objects.get("plan-1", stored.sha256) == DATA


def test_bytes_under_another_hash_are_refused(objects: Objects) -> None:
    one, two = objects.put("plan-1", b"ett"), objects.put("plan-1", b"tva")
    objects.path("plan-1", one.sha256).write_bytes(objects.sealed("plan-1", two.sha256))
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        objects.get("plan-1", one.sha256)


def test_remove_may_be_repeated(objects: Objects) -> None:
    stored = objects.put("plan-1", DATA)
    objects.remove("plan-1", stored.sha256)
    objects.remove("plan-1", stored.sha256)
    objects.remove("never-seen", stored.sha256)
    assert _files(objects) == []


def test_a_destroyed_key_makes_the_bytes_unreadable(objects: Objects) -> None:
    stored = objects.put("plan-1", DATA)
    objects.keys.destroy("plan-1")
    with pytest.raises(Refused, match="nyckel_saknas"):
        objects.get("plan-1", stored.sha256)


@pytest.mark.parametrize("call", ["fsync", "rename", "write", "open"])
def test_an_interrupted_put_leaves_nothing_that_reads_as_good(
    objects: Objects, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Fails every single call of one kind in turn, until a put goes through."""
    failures = 0
    for nth in range(1, 30):
        with monkeypatch.context() as patched:
            reached = _fail_at(patched, call, nth)
            try:
                stored = objects.put("plan-1", DATA)
            except EnvironmentFailed:
                failures += 1
            else:
                if not reached():
                    break
        sha256 = hashlib.sha256(DATA).hexdigest()
        if objects.exists("plan-1", sha256):
            assert objects.get("plan-1", sha256) == DATA
        objects.remove("plan-1", sha256)
    else:
        pytest.fail("no put ever went through")
    assert failures >= 1
    assert objects.get("plan-1", stored.sha256) == DATA
    assert [f.suffix for f in _files(objects)] == [".enc"]


def _fail_at(patched: pytest.MonkeyPatch, call: str, nth: int):
    calls = 0

    def failing(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    if call == "write":
        real = os.fdopen
        patched.setattr(os, "fdopen", failing)
    else:
        real = getattr(os, call)
        patched.setattr(os, call, failing)
    return lambda: calls >= nth
