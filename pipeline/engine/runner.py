"""The local runner: worker processes that claim steps, and the supervisor that keeps them running.

Workers are spawned, never forked, and each builds its own `Worker` from a factory that pickles by its import path.
Killing any of them, or the supervisor, at any moment costs at most the attempt under way: its lease is freed by the
next worker that starts on this host, or runs out.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from pipeline.engine import claims
from pipeline.engine.step import LONGEST_WAIT, backoff
from pipeline.engine.worker import Worker, run_step
from pipeline.errors import EnvironmentFailed

log = logging.getLogger(__name__)

Factory = Callable[[], Worker]
Beside = Callable[[threading.Event], None]
"""Runs in a thread of the supervisor until its event is set, e.g. the drop folder's loop."""


@dataclass(frozen=True, slots=True)
class Options:
    """How many workers, and their measures (seconds)."""

    workers: int = 2
    steps_per_process: int = 200  # then a fresh one: rendering libraries leak
    idle: float = 0.2
    grace: float = 30.0


@dataclass(slots=True)
class _Place:
    """One worker's place: the process that fills it, and how often in a row that one broke down."""

    process: SpawnProcess | None = None
    failures: int = 0
    began: float = 0.0
    not_before: float = 0.0


def supervise(factory: Factory, options: Options, stop: threading.Event, beside: Sequence[Beside] = ()) -> None:
    """Keep `options.workers` processes, and one thread for each of `beside`, running until `stop` is set.

    Then every worker ends after its present step; one that takes longer than `grace` is killed.
    """
    threads = [threading.Thread(target=_keep, args=(work, stop), name=f"beside-{n}") for n, work in enumerate(beside)]
    places = [_Place() for _ in range(options.workers)]
    for thread in threads:
        thread.start()
    try:
        while not stop.is_set():
            for place in places:
                _fill(place, factory, options)
            wait([place.process.sentinel for place in places if place.process], timeout=options.idle)
    finally:
        stop.set()
        _end([place.process for place in places if place.process], options.grace)
        for thread in threads:
            thread.join()


def _fill(place: _Place, factory: Factory, options: Options) -> None:
    if place.process is not None:
        if place.process.is_alive():
            return
        broke = place.process.exitcode != 0
        place.failures = _in_a_row(place.failures, place.began) if broke else 0
        place.not_before = time.monotonic() + (backoff(place.failures).total_seconds() if broke else 0)
        if broke:
            log.warning("worker.died %s", {"exitcode": place.process.exitcode, "in_a_row": place.failures})
        place.process.close()
        place.process = None
    if time.monotonic() >= place.not_before:
        place.process = multiprocessing.get_context("spawn").Process(target=work, args=(factory, options))
        place.process.start()
        place.began = time.monotonic()


def _end(processes: Sequence[SpawnProcess], grace: float) -> None:
    deadline = time.monotonic() + grace
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            log.warning("worker.killed")
            process.kill()
            process.join()


def _keep(work: Beside, stop: threading.Event) -> None:
    """Run `work` until `stop`; whatever it raises is logged by class, and it starts again after a while."""
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            work(stop)
        except Exception as error:  # noqa: BLE001 - a daemon's side must not end in silence
            failures = _in_a_row(failures, began)
            log.warning("beside.failed %s", {"error": type(error).__name__, "in_a_row": failures})
            stop.wait(backoff(failures).total_seconds())
        else:
            return


def _in_a_row(failures: int, began: float) -> int:
    """How many breakdowns in a row this one makes: what stood for as long as the longest wait starts afresh."""
    return 1 if time.monotonic() - began > LONGEST_WAIT.total_seconds() else failures + 1


def work(factory: Factory, options: Options) -> None:
    """A worker process: claim and run steps until told to stop, orphaned, or old enough to be replaced."""
    told, tell = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(tell, b"."))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor says when to stop
    parent = multiprocessing.parent_process()
    endings = [told] if parent is None else [told, parent.sentinel]
    worker = factory()
    left, failures, pause = options.steps_per_process, 0, 0.0
    while left > 0 and not wait(endings, timeout=pause):
        try:
            ran = _run_next(worker)
        except EnvironmentFailed as error:
            failures += 1
            pause = backoff(failures).total_seconds()
            log.warning("worker.waits %s", {"code": error.code, "seconds": pause})
        else:
            left, failures, pause = left - ran, 0, 0.0 if ran else options.idle


def _run_next(worker: Worker) -> bool:
    step = claims.claim(worker.db, worker.claimant(), worker.clock())
    if step is None:
        claims.release_dead(worker.db, worker.clock())
        return False
    run_step(worker, step)
    return True
