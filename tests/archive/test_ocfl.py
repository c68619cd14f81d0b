import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import ocfl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.ocfl import StorageRoot, create_storage_root, open_storage_root
from pipeline.errors import EnvironmentFailed

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ID = "urn:plansigill:plan:GP-2026.1"
FIRST = {"v1/content.json.enc": b"ett", "v1/e1/r0-prepared.pdf.enc": b"tva" * 1000, "history.json.enc": b"h1"}
SECOND = {**FIRST, "v1/e1/r1-signed.pdf.enc": b"tre" * 1000, "history.json.enc": b"h2"}


@pytest.fixture
def root(tmp_path: Path) -> StorageRoot:
    return create_storage_root(tmp_path / "objects")


def write(root: StorageRoot, state: Mapping[str, bytes], object_id: str = ID) -> str:
    def source(data: bytes) -> Callable[[], bytes]:
        return lambda: data

    with root.writing(object_id) as writer:
        return writer.write({p: source(d) for p, d in state.items()}, created=NOW, message="Plansigill").head


def judge(root: StorageRoot, object_id: str = ID) -> list[str]:
    """What ocfl-py, which shares nothing with us, has to say against the object: errors and warnings."""
    judged = ocfl.Object(path=str(root.object_path(object_id)))
    passed, validator = judged.validate(log_warnings=True)
    told = [m for m in str(validator).splitlines() if m.strip()]
    assert passed == (not any("[E" in m for m in told))
    return told


def judge_root(root: StorageRoot) -> bool:
    """Whether ocfl-py finds the storage root, its layout and every object in it valid.

    The one warning is that our workspace is no registered extension (W901); it lies there because a storage root may be
    a file system of its own, and a rename cannot leave it.
    """
    judged = ocfl.StorageRoot(root=str(root.path))
    sound = judged.validate(validate_objects=True, log_warnings=True) and judged.good_objects == judged.num_objects
    told = [m for m in str(judged.log).splitlines() if m.strip()]
    return sound and judged.errors == [] and all("[W901]" in m and "plansigill-workspace" in m for m in told)


def content(root: StorageRoot, object_id: str = ID) -> dict[str, bytes]:
    inventory = root.head(object_id)
    assert inventory is not None
    found = {path: root.read(object_id, path) for path in inventory.state}
    return {path: data for path, data in found.items() if data is not None}


def test_a_new_object_and_its_versions_are_valid_ocfl(root: StorageRoot) -> None:
    assert write(root, FIRST) == "v1"
    assert judge(root) == []
    assert write(root, SECOND) == "v2"
    assert judge(root) == []
    assert content(root) == SECOND
    assert judge_root(root)


def test_the_judge_would_see_a_flaw(root: StorageRoot) -> None:
    write(root, FIRST)
    file = next(f for f in root.object_path(ID).rglob("*.enc"))
    file.write_bytes(file.read_bytes() + b"x")
    assert judge(root) != []
    assert not judge_root(root)


def test_the_same_state_makes_no_new_version(root: StorageRoot) -> None:
    write(root, FIRST)
    before = {f: f.stat().st_mtime_ns for f in root.path.rglob("*") if f.is_file()}
    assert write(root, FIRST) == "v1"
    assert {f: f.stat().st_mtime_ns for f in root.path.rglob("*") if f.is_file()} == before


def test_bytes_already_held_are_named_by_their_digest(root: StorageRoot) -> None:
    write(root, FIRST)
    inventory = root.head(ID)
    assert inventory is not None
    with root.writing(ID) as writer:
        after = writer.write({**inventory.state, "ny.enc": lambda: b"ny"}, created=NOW, message="Plansigill")
        with pytest.raises(ValueError, match="digest"):
            writer.write({"x.enc": "0" * 128}, created=NOW, message="Plansigill")
    assert after.head == "v2"
    assert [f.name for f in (root.object_path(ID) / "v2" / "content").rglob("*") if f.is_file()] == ["ny.enc"]
    assert judge(root) == []


def test_equal_bytes_lie_once(root: StorageRoot) -> None:
    write(root, {"a.enc": b"samma", "b/c.enc": b"samma"})
    assert len(list(root.object_path(ID).rglob("*.enc"))) == 1
    assert content(root) == {"a.enc": b"samma", "b/c.enc": b"samma"}
    assert judge(root) == []


def test_digests_and_fixity_are_those_of_the_bytes(root: StorageRoot) -> None:
    write(root, FIRST)
    inventory = json.loads((root.object_path(ID) / "inventory.json").read_bytes())
    for digest, paths in inventory["manifest"].items():
        data = (root.object_path(ID) / paths[0]).read_bytes()
        assert hashlib.sha512(data).hexdigest() == digest
        assert paths[0] in inventory["fixity"]["sha256"][hashlib.sha256(data).hexdigest()]


@pytest.mark.parametrize("object_id", ["urn:plansigill:plan:GP-2026.1", "Åsa/..:%", "x" * 300])
def test_the_layout_is_the_registered_one(root: StorageRoot, object_id: str) -> None:
    layout = ocfl.layout_0003_hash_and_id_n_tuple.Layout_0003_Hash_And_Id_N_Tuple()
    expected = root.path / layout.identifier_to_path(object_id)
    assert root.object_path(object_id) == expected


def test_damage_is_never_read_as_good(root: StorageRoot) -> None:
    write(root, FIRST)
    (root.object_path(ID) / "v1/content/v1/content.json.enc").write_bytes(b"annat")
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        root.read(ID, "v1/content.json.enc")
    (root.object_path(ID) / "v1/content/v1/content.json.enc").unlink()
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        root.read(ID, "v1/content.json.enc")
    inventory = root.object_path(ID) / "v1" / "inventory.json"
    inventory.write_bytes(inventory.read_bytes().replace(b"Plansigill", b"Plansigull"))
    for act in (lambda: root.head(ID), lambda: write(root, SECOND)):
        with pytest.raises(EnvironmentFailed, match="arkiv_skadat"):
            act()


def test_what_is_not_there_is_not_there(root: StorageRoot) -> None:
    assert root.head(ID) is None
    assert root.read(ID, "x") is None
    write(root, FIRST)
    assert root.read(ID, "x") is None


def test_only_our_own_storage_root_is_opened(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match="arkiv_saknas"):
        open_storage_root(tmp_path / "objects")
    root = create_storage_root(tmp_path / "objects")
    assert open_storage_root(root.path) == create_storage_root(root.path) == root
    config = next((root.path / "extensions").rglob("config.json"))
    config.write_text(config.read_text().replace("3", "4"))
    with pytest.raises(EnvironmentFailed, match="arkiv_saknas"):
        open_storage_root(root.path)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["a.enc", "b.enc", "v1/a.enc", "v1/e1/c.enc", "v2/d.enc"]),
            st.binary(max_size=3),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_history_of_states_is_a_valid_object(tmp_path_factory: pytest.TempPathFactory, states: list) -> None:
    root = create_storage_root(tmp_path_factory.mktemp("root") / "objects")
    versions = 0
    before: dict[str, bytes] = {}
    for state in states:
        versions += state != before
        assert write(root, state) == f"v{versions}"
        assert content(root) == state
        before = state
    assert judge(root) == []


def _prepared(tmp_path: Path) -> StorageRoot:
    root = create_storage_root(tmp_path / "made" / "objects")
    write(root, FIRST)
    return root


@pytest.mark.parametrize("call", ["fsync", "rename", "open", "mkdir", "fdopen", "unlink"])
@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("start", [{}, FIRST])
def test_a_failure_at_any_call_is_mended_by_doing_it_again(
    tmp_path: Path, armed: Callable, call: str, cut: bool, start: dict[str, bytes]
) -> None:
    """At every call in turn: readers see the old state or the new one, whole; the redo gives the one valid object."""
    made = create_storage_root(tmp_path / "made" / "objects")
    if start:
        write(made, start)
    failures = 0
    for nth in range(1, 200):
        root = open_storage_root(Path(shutil.copytree(made.path, tmp_path / f"{nth}" / "objects")))
        with armed(call, nth, cut=cut) as fault:
            write(root, SECOND)
        if not fault.reached:
            break
        failures += fault.failed
        allowed = (start, SECOND) if fault.failed else (SECOND,)
        assert (content(root) if root.head(ID) else {}) in allowed
        assert write(root, SECOND) == ("v2" if start else "v1")
        assert content(root) == SECOND
        assert judge(root) == []
        assert nothing_is_left_over(root)
        shutil.rmtree(root.path)
    assert not fault.reached
    assert failures >= 1


def nothing_is_left_over(root: StorageRoot) -> bool:
    """The workspace is empty and every folder holds something (E073)."""
    folders = [folder for folder in root.path.rglob("*") if folder.is_dir() and folder != root.workspace]
    return not any(root.workspace.iterdir()) and all(any(folder.iterdir()) for folder in folders)


def test_no_name_is_given_before_the_bytes_are_on_disk(tmp_path: Path, order) -> None:
    root = create_storage_root(tmp_path / "objects")
    for state in (FIRST, SECOND):
        write(root, state)
    assert order.renames >= 7
    assert order.flaws == []
    assert order.loose_names(root.path) == []


def test_one_writer_at_a_time(root: StorageRoot) -> None:
    with root.writing(ID), _folder(root.workspace) as handle, pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with _folder(root.workspace) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    yield handle
    os.close(handle)


WRITER = """
import pathlib, sys
from datetime import UTC, datetime
from pipeline.archive.ocfl import open_storage_root
state = {f"f{n}.enc": (lambda n=n: b"ny" * n) for n in range(3)}
with open_storage_root(pathlib.Path(sys.argv[1])).writing(sys.argv[2]) as writer:
    writer.write(state, created=datetime(2026, 1, 1, tzinfo=UTC), message="Plansigill")
"""
STATE = {f"f{n}.enc": b"ny" * n for n in range(3)}


def _kill_at(root: StorageRoot, call: str, nth: int) -> int:
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}"]
    command = ["strace", "-f", "-qq", "-o", os.devnull, *inject, sys.executable, "-B", "-c", WRITER, str(root.path), ID]
    return subprocess.run(command, check=False, capture_output=True).returncode


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here; the faults above are the same story")
@pytest.mark.parametrize("call", ["rename", "fsync"])
def test_kill_9_at_each_system_call_is_mended_by_the_next_run(tmp_path: Path, call: str) -> None:
    """A small sweep with a real SIGKILL, over an update; the in-process faults above visit every call."""
    made = create_storage_root(tmp_path / "made" / "objects")
    write(made, FIRST)
    if _kill_at(made, "getpid", 10_000) != 0:
        pytest.skip("ptrace is not allowed here")
    shutil.rmtree(made.path)
    write(create_storage_root(made.path), FIRST)
    kills = 0
    for nth in range(1, 12):
        root = open_storage_root(Path(shutil.copytree(made.path, tmp_path / f"{nth}" / "objects")))
        ended = _kill_at(root, call, nth)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        kills += 1
        assert content(root) in (FIRST, STATE)
        assert write(root, STATE) == "v2"
        assert content(root) == STATE
        assert judge(root) == []
        assert nothing_is_left_over(root)
    assert kills >= 3
