"""A real `plansigill run` for tests: started as a user starts it, watched from outside, gone when the test ends."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.app import open_workspace
from pipeline.casework.tools import Tools
from pipeline.documents.kinds import kinds

COMMAND = [sys.executable, "-c", "from pipeline.cli import main; main()"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(pipeline.__file__).parent.parent), "PYTHONWARNINGS": "default"}
QUICK = "test = true\n\n[inbox]\nsettle_seconds = 0.3\nrescan_seconds = 0.5\n"


def until(fact: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    """Poll until `fact()` is true; its value. Fails naming `what` when it does not come about."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < end:
        value = fact()
        if value:
            return value
        pause.wait(0.04)
    return pytest.fail(f"it did not come about: {what}")


@dataclass
class Running:
    """One workspace and the daemons started on it, the present one last."""

    home: Path
    tools: Tools
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    @property
    def fel(self) -> Path:
        return self.inbox / "fel"

    def start(self) -> subprocess.Popen[bytes]:
        """A daemon in a process group of its own; returns at once."""
        with (self.home / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, "run", "--json", "--workspace", str(self.home)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        """Any other command on this workspace, in a process group of its own; returns at once."""
        return subprocess.Popen(
            [*COMMAND, *words, "--json", "--workspace", str(self.home)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            start_new_session=True,
        )

    def is_watching(self) -> bool:
        """Whether the present daemon has begun."""
        return self.log().count("run.started") >= len(self.started)

    def log(self) -> str:
        path = self.home / "log.txt"
        return path.read_text("utf-8") if path.exists() else ""

    def drop(self, name: str, content: object) -> bytes:
        """Put a file into the inbox as a careful sender does, and give its bytes."""
        data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        unfinished = self.home / f"{len(name)}.sending"
        unfinished.write_bytes(data)
        unfinished.rename(self.inbox / name)
        return data

    def copies(self, plan_id: str) -> set[str]:
        """The parts after ``<plan_id>_`` of the plan's own copies in outbox, without the papers around it."""
        found = {p.name.removeprefix(f"{plan_id}_") for p in self.outbox.glob(f"{plan_id}_v*")}
        return {name for name in found if name.split(".")[1].split("-")[0] not in kinds()}

    def receipts(self) -> list[dict[str, Any]]:
        """Every receipt in outbox that belongs to no version."""
        found = [p for p in self.outbox.glob("*.kvitto.json") if "_v" not in p.name]
        return [json.loads(path.read_bytes()) for path in found]

    def refused(self, stem: str) -> dict[str, Path]:
        """What lies in ``fel`` under the sender's name, by what follows the id; empty until all three parts do."""
        stem = unicodedata.normalize("NFC", stem)
        found = {p.name.split(".", 2)[2]: p for p in self.fel.glob("*") if p.name.split(".", 1)[0] == stem}
        return found if {"json", "FEL.txt", "fel.json"} <= set(found) else {}

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM to the present daemon; its exit code."""
        self.started[-1].terminate()
        return self.started[-1].wait(seconds)

    def kill(self) -> None:
        """SIGKILL to the daemon and its workers at once."""
        kill(self.started[-1])


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process that leads its group, and to the whole group; its pipes are closed."""
    if process.returncode is None:  # else the number may be another's by now
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


@contextlib.contextmanager
def workspace(made: Path, home: Path) -> Iterator[Running]:
    """A copy of the workspace `made` at `home`, in which files settle quickly."""
    shutil.copytree(made, home)
    (home / "plansigill.toml").write_text(QUICK, "utf-8")
    running = Running(home, open_workspace(home))
    try:
        yield running
    finally:
        for process in running.started:
            kill(process)
        running.tools.db.engine.dispose()
