"""`process` of few or many files: taken one after another in their order, made ready here or by worker processes.

Up to `FEW` files are made ready in this process, each before the next is taken. For more, worker processes as the
daemon's are started, and this process only takes the files, a few ahead of what the workers have made ready, so that
memory stays level however many there are. What a file is answered is the same either way: a plan that is already under
way, an order or an event waits until everything before it is at rest.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pipeline import acts
from pipeline.app import open_worker, open_workspace
from pipeline.casework import histories
from pipeline.casework.outbox import document_path, shown_path
from pipeline.casework.receipts import Receipt, of_version, receipt_json
from pipeline.casework.tools import Tools
from pipeline.console.daemon import log_to_stderr
from pipeline.console.files import named, read_bytes, require_readable
from pipeline.console.printing import Answer, Json, Progress, finding_line, progress, say_beside, word
from pipeline.engine.claims import unrested
from pipeline.engine.daemon import stopping
from pipeline.engine.runner import Options, supervise
from pipeline.engine.worker import Worker
from pipeline.errors import EnvironmentFailed, PlansigillError, Refused
from pipeline.intake.names import new_id
from pipeline.plan.parsing import NotAnObject, parse
from pipeline.plan.schemas import Kind
from pipeline.reception import receive
from pipeline.store import rows

FEW = 12
"""Up to so many files it costs more to start workers than they save (bench/batch.py)."""
AHEAD = 4
"""Plans under way for each worker: enough that none waits for the next file."""
LOOK = 0.25
"""Seconds between looks at what has come to rest."""
PATIENCE = 60.0
"""Seconds without any plan coming to rest, after which this process lends a hand."""
STEPS_PER_PROCESS = 600


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file that has been received, and whose steps are still to be run."""

    place: int
    file: str
    receipt: Receipt
    owner: str
    """The plan or order whose steps they are."""


@dataclass(slots=True)
class _Course:
    """How far the files have come: what each was answered, by place; what failed; what is under way."""

    tools: Tools
    home: Path
    bar: Progress
    told: threading.Event
    workers: int
    values: dict[int, Json] = field(default_factory=dict)
    faults: dict[int, PlansigillError] = field(default_factory=dict)
    under_way: list[_Taken] = field(default_factory=list)
    rested_at: float = field(default_factory=time.monotonic)


def process(home: Path, files: list[Path], *, confirm_person: bool) -> Answer:
    """Take files through to documents ready to sign, and tell what became of each, in their order.

    Raises `Misuse` before anything is taken when one cannot be read. What fails after that is told on standard error,
    beside the others' results and with its exit code; of a single file it is raised.
    """
    tools = open_workspace(home)
    for path in files:
        require_readable(path)
    workers = tools.settings.engine.workers if len(files) > FEW else 0
    with stopping() as told, progress(len(files), "rad.tar_emot") as bar, _working(tools.home, workers):
        course = _Course(tools, home, bar, told, workers)
        for place, path in enumerate(files):
            if told.is_set():
                break
            _receive(course, place, path, confirm_person=confirm_person)
            _settle(course, workers * AHEAD)
        _settle(course, 0)
    return _told(course, files)


def _receive(course: _Course, place: int, path: Path, *, confirm_person: bool) -> None:
    """Take one file, when its turn has come; a fault of ours is noted and stops nothing."""
    tools, file = course.tools, named(course.home, path)
    try:
        data = read_bytes(path)
        if course.under_way and _plan_id(data) in {None, *(taken.owner for taken in course.under_way)}:
            _settle(course, 0)
        if course.told.is_set():
            return
        receipt = receive(tools, data, new_id(tools.now()), confirm_person=confirm_person)
        with tools.db.read() as conn:
            owner = histories.owner_of(conn, receipt.receipt)
        if owner is None:
            course.values[place] = received(tools, file, receipt)
            course.bar.step()
        else:
            course.under_way.append(_Taken(place, file, receipt, owner))
    except PlansigillError as error:
        course.faults[place] = error
        course.bar.step()


def _plan_id(data: bytes) -> str | None:
    """The id of a plan's file; None for a file of any other kind, or of none."""
    try:
        tree, _ = parse(data)
    except NotAnObject:
        return None
    found = tree.get("plan_id") if tree.get("schema") == Kind.GENOMFORANDEPLAN else None
    return found if isinstance(found, str) else None


def _settle(course: _Course, most: int) -> None:
    """Wait until no more than `most` files are under way, or somebody has said stop."""
    while len(course.under_way) > most and not course.told.is_set():
        for taken in _rested(course):
            course.under_way.remove(taken)
            try:
                course.values[taken.place] = received(course.tools, taken.file, taken.receipt)
            except PlansigillError as error:
                course.values[taken.place] = receipt_json(taken.receipt, taken.file, None)
                course.faults[taken.place] = error
            course.bar.step()


def _rested(course: _Course) -> list[_Taken]:
    """What the workers are through with; without any, or when they have not got on for long, the first in turn."""
    if not course.workers:
        return course.under_way[:1]
    queues = {taken.owner: {taken.owner, taken.owner + rows.PAPERS} for taken in course.under_way}
    busy = unrested(course.tools.db, set().union(*queues.values()), course.tools.now())
    rested = [taken for taken in course.under_way if not queues[taken.owner] & busy]
    if not rested and time.monotonic() < course.rested_at + PATIENCE:
        course.told.wait(LOOK)
        return []
    course.rested_at = time.monotonic()
    return rested or course.under_way[:1]


def received(tools: Tools, file: str, receipt: Receipt) -> Json:
    """What became of a received file, once its plan's or order's due steps are at rest.

    Raises `EnvironmentFailed` when a step could not be carried out now.
    """
    with tools.db.read() as conn:
        owner = histories.owner_of(conn, receipt.receipt)
    if owner is not None:
        with suppress(Refused):  # answered in the receipt below
            acts.rest(tools, owner)
    if receipt.plan_id is None or receipt.version is None:
        return receipt_json(receipt, file, None)
    with tools.db.read() as conn:
        v = rows.version_row(conn, receipt.plan_id, receipt.version)
        if v is None:
            raise LookupError(receipt.plan_id)
        found = document_path(tools, conn, v)
        final = of_version(conn, v) if receipt.outcome == "accepted" and receipt.receipt == v.intake_id else receipt
    return receipt_json(final, file, shown_path(tools, found[0]) if found else None)


def results(values: Sequence[Json]) -> Answer:
    """The answer to files, in the shape of `process`."""
    lines: list[str] = []
    for value in values:
        document = f" → {value['document']}" if value["document"] else ""
        lines.append(f"{value['file']}: {word('mottaget', value['outcome'])}{document}")
        lines += [finding_line(f) for f in value["findings"]]  # type: ignore[attr-defined]  # a list, by receipt_json
    return Answer([{"results": values}], lines, int(any(v["outcome"] == "rejected" for v in values)))


def _told(course: _Course, files: list[Path]) -> Answer:
    """The results, with what failed or was left told on standard error and in the exit code."""
    if len(files) == 1 and course.faults:
        raise course.faults[0]
    ended = len(course.values.keys() | course.faults.keys())
    for taken in course.under_way:  # taken, and safe; whoever drives the plan next makes it ready
        course.values[taken.place] = receipt_json(taken.receipt, taken.file, None)
    answer = results([value for _, value in sorted(course.values.items())])
    faults = [(named(course.home, files[place]), error) for place, error in sorted(course.faults.items())]
    if ended < len(files):
        faults.append(("process", EnvironmentFailed("avbruten", klara=ended, antal=len(files))))
    for file, error in faults:
        say_beside(file, error)
    return replace(answer, exit_code=max([answer.exit_code, *(error.exit_code for _, error in faults)]))


@contextmanager
def _working(home: Path, workers: int) -> Iterator[None]:
    """Worker processes for the block; each ends after its present step."""
    if not workers:
        yield
        return
    ended = threading.Event()
    options = Options(workers=workers, steps_per_process=STEPS_PER_PROCESS, idle=LOOK / 5)
    thread = threading.Thread(target=supervise, args=(partial(worker_process, home), options, ended), name="workers")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def worker_process(home: Path) -> Worker:
    """What each worker process works with; it tells of nothing but trouble."""
    log_to_stderr(logging.WARNING)
    return open_worker(home)
