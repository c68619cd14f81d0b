"""Take a workspace through everything in processes that die one after the other; then see what the books say.

Run as a script: workspace, seed, kills. Prints one JSON object. Each runner is a forked child that goes on where the
one before fell: it takes what lies in the inbox, runs the steps, signs what is unsigned and hands over, and at its n-th
call that outlives it (a name or bytes on disk, a transaction about to begin, about to commit, just committed) it is
killed with SIGKILL. Forked, since what costs time is importing; so the kills can be many and fall anywhere.
"""

import contextlib
import functools
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from accounts import flaws  # type: ignore[import-not-found]
from sqlalchemy.engine import Connection

import pipeline.documents.render
import pipeline.documents.word.document  # noqa: F401 - what the children need, imported once
from pipeline import acts, standing
from pipeline.app import open_workspace
from pipeline.casework.tools import Tools
from pipeline.console.daemon import decide
from pipeline.engine.owner import is_dead, owner
from pipeline.errors import Refused
from pipeline.intake.claim import Holder
from pipeline.intake.watch import DropFolder, Memory, look_once
from pipeline.store import rows
from pipeline.store.db import Database

LASTING = ("rename", "mkdir", "rmdir", "unlink", "fsync", "link")
MOST = 120  # calls of a runner before it falls, at most; the whole journey has some 700
ROUNDS = 3  # looks at the inbox


def whole_journey(home: Path) -> None:
    """From whatever lies there to the end; begun again, it goes on."""
    tools = open_workspace(home)
    folder, memory = DropFolder(home / "inbox", Holder(owner(), is_dead), settle=0.0), Memory()
    for _ in range(ROUNDS):
        look_once(folder, functools.partial(decide, tools), memory, at=time.monotonic(), now=tools.now())
    acts.rest(tools)
    for plan_id in _plans(tools):
        _sign(tools, plan_id)
        acts.rest(tools, plan_id)
        if standing.status(tools, plan_id)["state"] == "archived":
            acts.hand_over(tools, plan_id, by=_kontaktman(tools, plan_id))


def _plans(tools: Tools) -> tuple[str, ...]:
    with tools.db.read() as conn:
        return rows.plan_ids(conn)


def _sign(tools: Tools, plan_id: str) -> None:
    slots: Any = standing.status(tools, plan_id)["slots"]
    for slot in slots:
        if slot["outcome"] is None:
            with contextlib.suppress(Refused):  # the act of the runner before may have been finished meanwhile
                acts.sign(tools, plan_id, slot["role"])


def _kontaktman(tools: Tools, plan_id: str) -> str:
    with tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        if v is None:
            raise LookupError(plan_id)
        return str(tools.plan_of(conn, v).roller.kontaktman.personal_id)


def doom(number: int, kinds: str) -> None:
    """From now on the `number`-th moment of these kinds (``d`` a lasting call, ``t`` a transaction's) is the last."""
    count = 0

    def tick(kind: str) -> None:
        nonlocal count
        count += kind in kinds
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def ticking(real: Callable[..., object], *args: object, **kwargs: object) -> object:
        tick("d")
        return real(*args, **kwargs)

    real_write = Database.write

    @contextlib.contextmanager
    def write(self: Database) -> Iterator[Connection]:
        tick("t")
        with real_write(self) as conn:
            yield conn
            tick("t")
        tick("t")

    real_open = os.open

    def opening(path: str, flags: int, *args: int, **kwargs: int) -> int:
        if flags & os.O_CREAT:
            tick("d")
        return real_open(path, flags, *args, **kwargs)

    for name in LASTING:
        setattr(os, name, functools.partial(ticking, getattr(os, name)))
    os.open = opening  # type: ignore[assignment]
    Database.write = write  # type: ignore[method-assign]


def child(home: Path, number: int, kinds: str) -> int:
    """One runner, who falls at the `number`-th moment (never, for -1); its wait status."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            doom(number, kinds)
            whole_journey(home)
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def main(home: Path, seed: int, kills: int) -> dict[str, object]:
    chance = random.Random(seed)  # noqa: S311 - a seed makes the failure return
    dropped = [path.read_bytes() for path in (home / "inbox").iterdir() if path.is_file()]
    ends: list[int] = []
    reached: list[int] = []
    while len(ends) < kills and (not ends or os.WIFSIGNALED(ends[-1])):
        ends.append(child(home, *chance.choice(((chance.randint(1, MOST), "dt"), (chance.randint(1, MOST // 6), "t")))))
        reached.append(_trail_size(home))
    fell = sum(os.WIFSIGNALED(end) and os.WTERMSIG(end) == signal.SIGKILL for end in ends)
    last = child(home, -1, "")
    tools = open_workspace(home)
    states = {plan_id: standing.status(tools, plan_id)["state"] for plan_id in _plans(tools)}
    broke = [end for end in (*ends[:-1], last) if not os.WIFSIGNALED(end) and end]
    told = {"killed": fell, "broke": broke, "reached": reached, "whole": _trail_size(home), "states": states}
    return told | {"flaws": flaws(tools, dropped)}


def _trail_size(home: Path) -> int:
    """How far the runners have come, seen past the program."""
    with contextlib.closing(sqlite3.connect(home / "archive" / "index.db")) as conn:
        return int(conn.execute("select count(*) from trail").fetchone()[0])


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201
