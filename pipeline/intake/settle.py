"""Which files of the inbox are finished: the truth is what `scandir` shows, twice, and unchanged."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.intake.files import Look, is_being_written
from pipeline.intake.names import is_ignored

REFUSED_FOLDER = "fel"


def scan(inbox: Path) -> dict[str, Look]:
    """Everything in the inbox that is meant for us, by name."""
    found = {}
    with os.scandir(inbox) as entries:
        for entry in entries:
            if is_ignored(entry.name) or entry.name == REFUSED_FOLDER:
                continue
            try:
                found[entry.name] = Look.of(entry.stat(follow_symlinks=False))
            except FileNotFoundError:  # gone since the folder was read
                continue
    return found


@dataclass(slots=True)
class Settling:
    """What each file looked like, and since when by the monotonic clock (seconds); wall clocks jump."""

    seen: dict[str, tuple[Look, float]] = field(default_factory=dict)

    def settled(self, found: dict[str, Look], at: float, seconds: float) -> list[str]:
        """The names that have looked the same for `seconds`, in the order they arrived."""
        self.seen = {name: self._since(name, seen, at) for name, seen in found.items()}
        ready = [name for name, (_, since) in self.seen.items() if at - since >= seconds]
        return sorted(ready, key=lambda name: (found[name].ctime_ns, name))

    def _since(self, name: str, seen: Look, at: float) -> tuple[Look, float]:
        before = self.seen.get(name)
        return before if before is not None and before[0] == seen else (seen, at)


def is_finished(path: Path, seen: Look, *, ask_lease: bool) -> bool:
    """Whether nobody here still has a settled file open for writing."""
    return not (ask_lease and seen.is_file and is_being_written(path))
