"""Who holds a claim: a process on a host, told apart from a later process with the same number by its start time."""

import os
import socket
from functools import cache
from pathlib import Path

_START_TIME = 19  # field 22 of /proc/<pid>/stat, counted after the command's closing parenthesis; proc(5)


def owner() -> str:
    """This process as ``host:pid:starttime``."""
    return _owner_of(os.getpid())


@cache
def _owner_of(pid: int) -> str:
    return f"{host()}:{pid}:{_start_time(pid)}"


@cache
def host() -> str:
    """This host's name, without the colon that separates the parts of an owner."""
    return socket.gethostname().replace(":", "_")


def is_dead(holder: str) -> bool:
    """Whether `holder` is a process of this host that is gone; of another host's processes nothing is known."""
    name, _, process = holder.rpartition(":")[0].rpartition(":")
    if name != host() or not process.isdigit() or not Path("/proc/self/stat").exists():
        return False
    return f"{name}:{process}:{_start_time(int(process))}" != holder


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return "gone"
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] in {"Z", "X"} else fields[_START_TIME]
