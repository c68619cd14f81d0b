"""One daemon for each workspace, and how it is told to stop."""

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Misuse
from pipeline.store.durable import PRIVATE_FILE, disk


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold the lock file `lock` for the block; raises `Misuse` when a living process holds it.

    The kernel lets go of the lock when its holder dies, so a file left behind locks nobody out.
    """
    with disk():
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misuse(
                "redan_igang", pid=os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "?"
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(handle)


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set while the block runs; only in the main thread."""
    stop = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
