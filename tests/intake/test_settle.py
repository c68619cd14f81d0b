"""When a file counts as finished, and what is none of ours."""

import os
from pathlib import Path

import pytest

from pipeline.intake.files import is_being_written, is_share, look, read
from pipeline.intake.settle import Settling, scan
from pipeline.plan.parsing import MAX_BYTES

from .conftest import Drop


@pytest.mark.parametrize(
    "name",
    [".dold.json", "~$plan.json", "plan.json.tmp", "plan.json.part", "plan.json.filepart", "Plan.JSON.CRDOWNLOAD",
     "._plan.json", "Thumbs.db", "desktop.ini", ".syncthing.plan.json.tmp", ".gitkeep"],
)  # fmt: skip
def test_unfinished_and_hidden_files_are_none_of_ours(drop: Drop, name: str) -> None:
    drop.put(name)
    drop.rest()
    assert drop.waiting() == [name]
    assert drop.journal.outcomes() == []


def test_a_file_is_taken_at_the_second_equal_look(drop: Drop) -> None:
    drop.put("plan.json")
    drop.look()
    drop.look(after=1.9)
    assert drop.waiting() == ["plan.json"]
    drop.look(after=0.1)
    assert drop.waiting() == []
    assert drop.journal.outcomes() == ["accepted"]
    assert drop.claims() == []


def test_the_first_look_already_says_when_to_look_again(drop: Drop) -> None:
    assert drop.look() == 2.0
    drop.put("plan.json")
    drop.look(after=1)
    assert drop.look(after=0.5) == 1.5


def test_a_file_that_grows_is_waited_for(drop: Drop) -> None:
    path = drop.put("plan.json", b'{"a":')
    drop.look()
    with path.open("ab") as file:
        file.write(b" 1")
    drop.look(after=2)
    with path.open("ab") as file:
        file.write(b"}")
    drop.look(after=2)
    assert drop.waiting() == ["plan.json"]
    drop.look(after=2)
    assert drop.journal.outcomes() == ["accepted"]


def test_a_slow_copy_is_not_taken_while_its_writer_holds_it_open(drop: Drop) -> None:
    with (drop.inbox / "plan.json").open("wb") as file:
        file.write(b'{"a": ')
        file.flush()
        for _ in range(5):
            drop.look(after=60)
        assert drop.waiting() == ["plan.json"]
        file.write(b"1}")
    drop.rest()
    assert drop.journal.outcomes() == ["accepted"]


def test_a_file_written_to_after_its_claim_settles_anew(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.intake.watch.is_finished", lambda *_, **__: True)
    with (drop.inbox / "plan.json").open("wb") as file:
        file.write(b'{"a": ')
        file.flush()
        drop.rest()
        [claim] = drop.claims()
        assert (claim / "file").exists()
        file.write(b"1}")
    drop.look(after=2)
    drop.look(after=2)
    assert drop.journal.outcomes() == ["accepted"]
    assert drop.claims() == []


def test_what_is_written_after_the_decision_is_a_case_of_its_own(drop: Drop) -> None:
    first, second = b'{"a": 1}', b'{"a": 1} '

    def writes_late() -> None:
        [claim] = drop.claims()
        if len(drop.journal.outcomes()) == 1:
            (claim / "file").write_bytes(second)

    drop.journal.committed = writes_late  # type: ignore[method-assign]
    drop.put("plan.json", first)
    drop.rest()
    drop.look(after=2)
    drop.look(after=2)
    assert drop.journal.outcomes() == ["accepted", "accepted"]
    assert len(set(drop.journal.effects())) == 2
    assert drop.claims() == []


def test_files_are_taken_in_the_order_they_arrived(drop: Drop) -> None:
    taken: list[bytes] = []
    decide = drop.decide

    def noting(data: bytes, intake_id: str, digest: str):  # type: ignore[no-untyped-def]
        taken.append(data)
        return decide(data, intake_id, digest)

    drop.decide = noting
    contents = [f'{{"n": {n}}}'.encode() for n in range(5)]
    for name, data in zip("cbead", contents, strict=True):
        drop.put(f"{name}.json", data)
        last = look(drop.inbox / f"{name}.json").ctime_ns
        while look(drop.put("tick.tmp")).ctime_ns == last:
            continue
    drop.rest()
    assert taken == contents


def test_a_file_that_goes_away_is_forgotten(drop: Drop) -> None:
    drop.put("plan.json").unlink()
    drop.look()
    path = drop.put("plan.json")
    drop.look()
    path.unlink()
    drop.look(after=2)
    assert drop.memory.settling.seen == {}


def test_scan_survives_a_file_that_goes_away_while_it_looks(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        name = "gone.json"

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            raise FileNotFoundError

    class Entries(list[Gone]):
        def __enter__(self) -> "Entries":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("os.scandir", lambda _: Entries([Gone()]))
    assert scan(drop.inbox) == {}


def test_settling_goes_by_the_look_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"1")
    settling = Settling()
    assert settling.settled({"plan.json": look(path)}, 0, 2) == []
    other = tmp_path / "other"
    other.write_bytes(b"1")
    other.rename(path)
    assert settling.settled({"plan.json": look(path)}, 2, 2) == []
    assert settling.settled({"plan.json": look(path)}, 4, 2) == ["plan.json"]


def test_the_lease_tells_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb"):
        assert is_being_written(path)
    assert not is_being_written(path)
    with path.open("rb"):
        assert not is_being_written(path)
    assert not is_being_written(tmp_path / "nothing")


def test_a_read_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES)
    assert len(read(path).data or b"") == MAX_BYTES
    with path.open("ab") as file:
        file.write(b"x")
    assert read(path).data is None


def test_a_local_folder_is_no_share(tmp_path: Path) -> None:
    assert not is_share(tmp_path)
