"""Nothing is lost and nothing done twice: crashes, faults, leases, two processes at one inbox."""

import errno
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import EnvironmentFailed
from pipeline.intake import claim as claims
from pipeline.intake.claim import Holder
from pipeline.intake.decision import Decision
from pipeline.intake.files import look

from .conftest import START, Drop


def test_cut_at_any_call_and_started_again_all_is_well() -> None:
    script = Path(__file__).with_name("storm.py")
    stride = os.environ.get("PLANSIGILL_STORM_STRIDE", "13")
    done = subprocess.run([sys.executable, script, stride], capture_output=True, check=True, timeout=900)
    found = json.loads(done.stdout)
    assert found["violations"] == []
    assert found["calls"] > 150
    assert found["trials"] > found["calls"]


def test_the_same_file_twice_is_a_duplicate(drop: Drop) -> None:
    drop.put("a.json")
    drop.rest()
    drop.put("a.json")
    drop.rest()
    drop.put("b.json")
    drop.rest()
    assert drop.journal.outcomes() == ["accepted", "duplicate", "duplicate"]
    assert len(drop.journal.effects()) == 1
    assert drop.waiting() == drop.refused() == drop.claims() == []


def test_a_dead_holders_claim_is_taken_over_under_its_id(drop: Drop) -> None:
    def dies() -> None:
        raise KeyboardInterrupt

    drop.journal.committed = dies  # type: ignore[method-assign]
    drop.put("a.json", b"[1,")
    with pytest.raises(KeyboardInterrupt):
        drop.rest()
    [claim] = drop.claims()
    del drop.journal.committed
    heir = drop.restarted()
    heir.look()
    assert drop.journal.ids() == [claim.name.partition(".")[0]]
    assert len(heir.refused()) == 3
    assert heir.claims() == []


def test_a_living_holders_claim_is_left_alone_until_its_lease_runs_out(drop: Drop) -> None:
    seen = look(drop.put("a.json"))
    now = START + timedelta(seconds=drop.at)
    other = Holder("elsewhere", lambda _: False)
    claim = claims.take(drop.inbox, "a.json", seen, other, now)
    assert claim is not None
    drop.look(after=119)
    assert drop.journal.outcomes() == []
    drop.look(after=1)
    assert drop.journal.ids() == [claim.id]
    assert drop.claims() == []
    assert claims.resettle(claim, seen, other, now) is None, "the late holder finds its claim gone"


def test_of_two_that_take_over_one_wins(drop: Drop) -> None:
    seen = look(drop.put("a.json"))
    claim = claims.take(drop.inbox, "a.json", seen, Holder("dead", lambda _: False), START)
    assert claim is not None
    later = START + timedelta(minutes=3)
    first = claims.hold(claim, Holder("first", lambda _: False), later)
    assert first is not None
    assert claims.hold(claim, Holder("second", lambda _: False), later) is None
    assert first.turn == 2
    assert first.file.read_bytes() == b'{"a": 1}'


def test_of_two_that_claim_one_wins(drop: Drop) -> None:
    seen = look(drop.put("a.json"))
    assert claims.take(drop.inbox, "a.json", seen, drop.folder.holder, START) is not None
    assert claims.take(drop.inbox, "a.json", seen, drop.folder.holder, START) is None
    assert len(drop.claims()) == 1


def test_a_claim_that_is_not_as_we_wrote_it_is_still_worked_off(drop: Drop) -> None:
    seen = look(drop.put("a.json"))
    claim = claims.take(drop.inbox, "a.json", seen, drop.folder.holder, START)
    assert claim is not None
    (claim.folder / "claim.json").write_bytes(b"{")
    drop.look()
    drop.look(after=2)
    assert drop.journal.ids() == [claim.id]
    assert drop.claims() == []


FAULTS = [OSError(errno.EIO, "x"), OSError(errno.ENOSPC, "x"), EnvironmentFailed("steg_upptaget"), KeyError("a bug")]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_fault_of_ours_keeps_the_file_and_backs_off(drop: Drop, fault: Exception) -> None:
    asked: list[float] = []

    def failing(_data: bytes, _intake_id: str, _sha256: str) -> Decision:
        asked.append(drop.at)
        raise fault

    drop.decide, decide = failing, drop.decide
    drop.put("a.json")
    drop.rest()
    began = asked[0]
    for _ in range(400):
        drop.look(after=1)
    assert [at - began for at in asked] == [0, 1, 3, 7, 15, 31, 63, 127, 255]
    assert drop.refused() == []
    assert len(drop.claims()) == 1
    drop.decide = decide
    drop.look(after=300)
    assert drop.journal.outcomes() == ["accepted"]
    assert drop.claims() == []


def test_those_behind_a_failing_file_wait_with_it_but_not_for_ever(drop: Drop) -> None:
    decide = drop.decide

    def failing(data: bytes, intake_id: str, digest: str) -> Decision:
        if data == b"1":
            raise EnvironmentFailed("steg_upptaget")
        return decide(data, intake_id, digest)

    drop.decide = failing
    drop.put("1.json", b"1")
    drop.rest()
    drop.put("2.json", b"2")
    drop.rest()
    assert drop.journal.outcomes() == []
    for _ in range(70):
        drop.look(after=1)
    assert drop.journal.outcomes() == ["accepted"]
    assert len(drop.claims()) == 1


def test_a_file_that_cannot_be_claimed_stays_with_its_sender(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(_self: Path, _target: object) -> None:
        raise PermissionError(errno.EACCES, "x")

    drop.put("a.json")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refusing)
        drop.rest()
        assert drop.waiting() == ["a.json"]
        assert drop.claims() == []
    drop.look(after=1)
    assert drop.journal.outcomes() == ["accepted"]


def test_a_full_disk_under_the_reports_loses_nothing(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "x")

    drop.put("a.json", b"[1,")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.intake.report.write_atomically", full)
        drop.rest()
    assert drop.refused() == []
    [claim] = drop.claims()
    assert (claim / "file").read_bytes() == b"[1,"
    drop.look(after=1)
    assert len(drop.refused()) == 3
    assert drop.journal.outcomes() == ["rejected"]


def test_the_reports_lie_there_before_the_file_joins_them(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(claim: object, *_: object) -> None:
        raise KeyboardInterrupt

    drop.put("a.json", b"[1,")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.intake.work_off._free", dies)
        with pytest.raises(KeyboardInterrupt):
            drop.rest()
    before = {path.name: path.read_bytes() for path in drop.fel.iterdir()}
    assert len(before) == 2
    heir = drop.restarted()
    heir.look()
    assert before.items() <= {path.name: path.read_bytes() for path in drop.fel.iterdir()}.items()
    assert len(heir.refused()) == 3
