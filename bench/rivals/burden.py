"""The processor time of this process and of all that it has started, children's children too."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def seconds() -> float:
    """User and system time so far, in seconds, of the whole tree; what has ended and was waited for counts as well."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(folder.name)
            parents[pid] = int(fields[1])
            spent[pid] = sum(map(int, fields[11:15])) / _TICK
    return sum(time for pid, time in spent.items() if _descends(pid, parents))


def _descends(pid: int, parents: dict[int, int]) -> bool:
    while pid and pid != os.getpid():
        pid = parents.get(pid, 0)
    return bool(pid)
