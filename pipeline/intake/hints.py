"""Hints that the inbox has changed, from the operating system; they may be lost, and nothing depends on them."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)


class Hints:
    """Wakes a waiting loop when something appears in the folder it follows.

    An observer goes on in silence when its folder is replaced, so the folder's identity is compared at each look.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._observer: BaseObserver | None = None
        self._root: tuple[int, int] | None = None

    def clear(self) -> None:
        """Forget the hints so far; what they hinted at is seen by the look that follows."""
        self._event.clear()

    def wait(self, seconds: float) -> bool:
        """Whether a hint came within `seconds`."""
        return self._event.wait(seconds)

    def follow(self, folder: Path) -> None:
        """Watch `folder` as it is now; raises `OSError` when it is not there."""
        found = folder.stat()
        root = (found.st_dev, found.st_ino)
        if self._root == root and (self._observer is None or _is_alive(self._observer)):
            return
        self.close()
        self._observer = self._observe(folder)
        self._root = root

    def _observe(self, folder: Path) -> "BaseObserver | None":
        from watchdog.events import (  # only now: half of what starting a command would cost
            FileClosedEvent,
            FileCreatedEvent,
            FileMovedEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer

        class Handler(FileSystemEventHandler):
            def on_any_event(_self, _event: "FileSystemEvent") -> None:  # noqa: N805 - two selves meet here
                self._event.set()

        observer = Observer()
        observer.schedule(
            Handler(), str(folder), recursive=False, event_filter=[FileCreatedEvent, FileClosedEvent, FileMovedEvent]
        )
        try:
            observer.start()
        except OSError as error:  # no watches left: the full looks go on alone
            log.warning("inbox.no_hints %s", {"errno": error.errno})
            return None
        return observer

    def close(self) -> None:
        """Watch nothing any more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        self._observer, self._root = None, None


def _is_alive(observer: "BaseObserver") -> bool:
    return observer.is_alive() and all(emitter.is_alive() for emitter in observer.emitters)
