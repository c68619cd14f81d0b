"""Cut the drop folder's work at every call it makes to the system, start again, and see what is left.

Run as a script with a stride (1: every call meets every fault); prints one JSON object. Each trial is a forked child in
which the n-th call to a function of `os` (or to the journey's commit) is replaced by SIGKILL, EIO or ENOSPC, once or
from there on. Then another process looks on.
"""

import errno
import functools
import gc
import io
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from journal import Journal  # type: ignore[import-not-found]

from pipeline.engine.owner import is_dead, owner
from pipeline.intake.claim import Holder
from pipeline.intake.watch import DropFolder, Memory, look_once
from pipeline.texts import catalogue

DROPPED = {
    "a.json": b'{"plan": 1}',
    "b.json": b'{"plan": 1}',
    "trasig.json": b"[1,",
    "bild.png": b"\x89PNG",
}
ACCEPTED = 1
CUT = ("open", "read", "rename", "mkdir", "rmdir", "unlink", "fsync", "lstat", "stat", "scandir", "listdir", "fstat")
START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Trial:
    """One folder, and the call at which its first look is cut."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = root / "inbox"
        self.inbox.mkdir()
        self.journal = Journal(root / "journal.db")
        for name, data in DROPPED.items():
            (self.inbox / name).write_bytes(data)

    def work(self, looks: int, *, start: float) -> None:
        folder = DropFolder(self.inbox, Holder(owner(), is_dead))
        memory = Memory()
        for n in range(looks):
            at = start + 10 * n
            try:
                look_once(folder, self.journal.decide, memory, at=at, now=START + timedelta(seconds=at))
            except OSError:  # as `watch` does
                continue

    def lost(self) -> list[str]:
        """What was dropped and is neither in a folder exactly once nor answered."""
        found = [
            path.read_bytes()
            for path in self.inbox.rglob("*")
            if path.is_file() and path.name != "claim.json" and not path.name.endswith((".txt", ".fel.json", ".tmp"))
        ]
        with self.journal.transaction() as conn:
            taken = conn.execute("select count(*) from intake where outcome <> 'rejected'").fetchone()[0]
        wrong = [f"{name} lies twice" for name, data in DROPPED.items() if found.count(data) > _copies(data)]
        gone = len(DROPPED) - len(found)
        return wrong + ([f"{gone} gone, {taken} answered"] if gone > taken else [])

    def unfinished(self) -> list[str]:
        """What a finished folder must not show."""
        left = [path.name for path in self.inbox.iterdir() if path.name not in {"fel", ".claims"}]
        left += [str(path) for path in (self.inbox / ".claims").rglob("*")]
        left += [str(path) for path in self.inbox.rglob("*.tmp")]
        effects = self.journal.effects()
        if len(effects) != ACCEPTED or len(set(effects)) != ACCEPTED:
            left.append(f"{len(effects)} effects, {len(set(effects))} of them different")
        fel = sorted(path.name.partition(".")[0] + path.name[-9:] for path in (self.inbox / "fel").iterdir())
        ends = [sorted(name.rpartition(".")[2] for name in fel if name.startswith(stem)) for stem in ("trasig", "bild")]
        if ends != [["json", "json", "txt"], ["json", "png", "txt"]]:
            left.append(f"in fel: {ends}")
        return left


def _copies(data: bytes) -> int:
    return list(DROPPED.values()).count(data)


def cut_at(number: int, how: str, *, once: bool) -> Callable[[], int]:
    """Replace the system's calls by counting ones, the n-th of which does not come back; the count so far."""
    count = 0

    def counting(real: Callable[..., object], *args: object, **kwargs: object) -> object:
        nonlocal count
        count += 1
        hit = count == number or (not once and count > number)
        if hit and how == "KILL":
            os.kill(os.getpid(), signal.SIGKILL)
        if hit:
            raise OSError(getattr(errno, how), how)
        return real(*args, **kwargs)

    for name in CUT:
        setattr(os, name, functools.partial(counting, getattr(os, name)))
    io.open = functools.partial(counting, io.open)  # type: ignore[assignment]
    Journal.committed = functools.partialmethod(lambda _self, step: step(), functools.partial(counting, lambda: None))
    return lambda: count


def in_child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def calls() -> int:
    """How many calls an undisturbed run makes."""
    with tempfile.TemporaryDirectory(dir=_memory()) as root:
        trial = Trial(Path(root))
        read, write = os.pipe()

        def work() -> None:
            count = cut_at(0, "KILL", once=True)
            trial.work(2, start=0)
            os.write(write, str(count()).encode("ascii"))

        in_child(work)
        return int(os.read(read, 20))


def run(number: int, how: str, *, once: bool) -> list[str]:
    root = Path(tempfile.mkdtemp(dir=_memory()))
    trial = Trial(root)

    def cut() -> None:
        cut_at(number, how, once=once)
        trial.work(2, start=0)

    try:
        status = in_child(cut)
        lost = trial.lost()
        if how == "KILL" and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            lost.append("was not killed")
        elif how != "KILL" and status != 0:
            lost.append("did not survive")
        trial.work(4, start=100)
        return [f"{how} at {number}, once={once}: {what}" for what in lost + trial.unfinished()]
    finally:
        shutil.rmtree(root)


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own is made there


def main(stride: int) -> None:
    catalogue()  # a cache that every child inherits, so that all make the same calls
    gc.freeze()
    total = calls()
    trials = [(n, "KILL", True) for n in range(1, total + 1)]
    faults = [(n, how, once) for n in range(1, total + 1) for how in ("EIO", "ENOSPC") for once in (True, False)]
    trials += faults[::stride]
    violations = [what for n, how, once in trials for what in run(n, how, once=once)]
    print(json.dumps({"calls": total, "trials": len(trials), "violations": violations}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(int(sys.argv[1]))
