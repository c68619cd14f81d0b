"""What we write beside the sender's files: whole or not at all, and once."""

import errno
import os
from pathlib import Path

import pytest

from pipeline.intake.files import sweep, write_atomically


def test_it_writes_once_and_knows_what_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "a.FEL.txt"
    assert write_atomically(path, b"one")
    first = path.stat().st_ino
    assert not write_atomically(path, b"one")
    assert path.stat().st_ino == first
    assert write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_it_by_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"1")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "x")

    path = tmp_path / "a"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="x"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (tmp_path / "a").symlink_to(outside)
    assert write_atomically(tmp_path / "a", b"mine")
    assert outside.read_bytes() == b"mine"
    assert not (tmp_path / "a").is_symlink()


def test_it_sweeps_only_what_it_left(tmp_path: Path) -> None:
    (tmp_path / ".plansigill-00.tmp").write_bytes(b"")
    (tmp_path / "other.tmp").write_bytes(b"")
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["other.tmp"]
