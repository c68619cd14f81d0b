"""The loop itself, with real events: hints wake it, and losing them loses nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.intake.hints import Hints
from pipeline.intake.watch import watch

from .conftest import Drop


def until(fact: Callable[[], object], seconds: float = 20) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if fact():
            return
        pause.wait(0.02)
    pytest.fail("it did not come about")


@contextmanager
def watching(drop: Drop, *, settle: float = 0.05, rescan: float = 0.2) -> Iterator[None]:
    folder = replace(drop.folder, settle=settle, rescan=rescan)
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(folder, drop.decide, lambda: datetime.now(UTC), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_what_lies_there_at_start_and_what_comes_later_is_taken(drop: Drop) -> None:
    drop.put("before.json", b"1")
    with watching(drop):
        until(lambda: len(drop.journal.outcomes()) == 1)
        drop.put("after.json", b"2")
        drop.put(".copy.tmp", b"3").rename(drop.inbox / "moved.json")
        until(lambda: len(drop.journal.outcomes()) == 3)
    assert drop.waiting() == drop.claims() == []


def test_a_hint_wakes_it_long_before_the_next_full_look(drop: Drop) -> None:
    drop.put("first.json", b"1")
    with watching(drop, rescan=3600):
        until(lambda: len(drop.journal.outcomes()) == 1)
        drop.put("second.json", b"2")
        until(lambda: len(drop.journal.outcomes()) == 2)


def test_without_hints_the_full_looks_suffice(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.intake.hints.Hints._observe", lambda *_: None)
    with watching(drop):
        drop.put("a.json", b"1")
        until(lambda: len(drop.journal.outcomes()) == 1)


def test_an_inbox_that_is_replaced_is_followed(drop: Drop) -> None:
    with watching(drop):
        drop.put("a.json", b"1")
        until(lambda: len(drop.journal.outcomes()) == 1)
        drop.inbox.rename(drop.inbox.with_name("old"))
        drop.inbox.mkdir()
        drop.put("b.json", b"2")
        until(lambda: len(drop.journal.outcomes()) == 2)


def test_hints_follow_a_replaced_folder(drop: Drop) -> None:
    hints = Hints()
    try:
        hints.follow(drop.inbox)
        observer = hints._observer
        hints.follow(drop.inbox)
        assert hints._observer is observer
        drop.inbox.rename(drop.inbox.with_name("old"))
        with pytest.raises(FileNotFoundError):
            hints.follow(drop.inbox)
        drop.inbox.mkdir()
        hints.follow(drop.inbox)
        assert hints._observer is not observer
        hints.clear()
        drop.put("a.json")
        assert hints.wait(10)
    finally:
        hints.close()


def test_looking_is_no_hint(drop: Drop) -> None:
    hints = Hints()
    try:
        hints.follow(drop.inbox)
        drop.look()
        assert not hints.wait(0.3), "reading the folder must not wake who reads it"
        drop.put("a.json")
        assert hints.wait(10)
    finally:
        hints.close()


def test_it_stops_while_it_waits(drop: Drop) -> None:
    drop.put("a.json")
    with watching(drop, rescan=3600):
        until(drop.journal.outcomes)
