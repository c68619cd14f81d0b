"""A real drop folder, looked at by a clock that only moves when told."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.intake.claim import Holder
from pipeline.intake.decision import Decide
from pipeline.intake.watch import DropFolder, Memory, look_once

from .journal import Journal

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@dataclass
class Drop:
    """The inbox as a test drives it: `look` looks once, `rest` lets two seconds pass and looks again."""

    folder: DropFolder
    journal: Journal
    decide: Decide
    memory: Memory = field(default_factory=Memory)
    at: float = 1000.0

    @property
    def inbox(self) -> Path:
        return self.folder.inbox

    @property
    def fel(self) -> Path:
        return self.inbox / "fel"

    def look(self, after: float = 0) -> float:
        self.at += after
        now = START + timedelta(seconds=self.at)
        return look_once(self.folder, self.decide, self.memory, at=self.at, now=now)

    def rest(self) -> None:
        self.look()
        self.look(after=2)

    def put(self, name: str, data: bytes = b'{"a": 1}') -> Path:
        path = self.inbox / name
        path.write_bytes(data)
        return path

    def waiting(self) -> list[str]:
        return sorted(path.name for path in self.inbox.iterdir() if path.name not in {"fel", ".claims"})

    def claims(self) -> list[Path]:
        root = self.inbox / ".claims"
        return sorted(root.iterdir()) if root.exists() else []

    def refused(self) -> list[str]:
        return sorted(path.name for path in self.fel.iterdir()) if self.fel.exists() else []

    def report(self) -> str:
        [path] = self.fel.glob("*.FEL.txt")
        return path.read_text("utf-8")

    def restarted(self, me: str = "heir", dead: frozenset[str] = frozenset({"me"})) -> "Drop":
        """The same folder as another process sees it."""
        folder = DropFolder(self.inbox, Holder(me, dead.__contains__))
        return Drop(folder, self.journal, self.journal.decide, at=self.at)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    journal = Journal(tmp_path / "journal.db")
    return Drop(DropFolder(inbox, Holder("me", lambda _: False)), journal, journal.decide)
