"""The drop folder's loop. Events are hints to look sooner; the truth is a full look, at start and every few seconds."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from pipeline.errors import EnvironmentFailed
from pipeline.intake import claim as claims
from pipeline.intake.claim import Claim, Holder
from pipeline.intake.decision import Decide
from pipeline.intake.files import Look, is_share, sweep
from pipeline.intake.hints import Hints
from pipeline.intake.names import folder_id, split
from pipeline.intake.report import Case, refusal, write_reports
from pipeline.intake.settle import REFUSED_FOLDER, Settling, is_finished, scan
from pipeline.intake.work_off import Changed, Inbox, Unsettled, refused_folder, work_off

log = logging.getLogger(__name__)

_IN_ORDER = 5  # attempts for which a file that meets a fault of ours holds up those behind it
_LONGEST_WAIT = 300.0  # seconds


def backoff(failures: int) -> float:
    """Seconds to wait after the n-th failure in a row: 1, doubled each time, at most five minutes."""
    return min(2.0 ** min(failures - 1, 30), _LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class DropFolder:
    """A folder to watch. Times in seconds; a network share needs longer to show that a file is finished."""

    inbox: Path
    holder: Holder
    settle: float = 2.0
    settle_on_share: float = 10.0
    rescan: float = 2.0


@dataclass(slots=True)
class _Wait:
    attempts: int
    until: float


@dataclass(slots=True)
class Memory:
    """What the loop remembers between looks; losing it loses time, nothing else."""

    settling: Settling = field(default_factory=Settling)
    waits: dict[str, _Wait] = field(default_factory=dict)
    swept: bool = False

    def may_try(self, key: str, at: float) -> bool:
        """Whether `key` is not waiting at `at`."""
        return key not in self.waits or self.waits[key].until <= at

    def holds_up(self, key: str) -> bool:
        """Whether those behind `key` wait with it, so that a plan's versions keep their order; not for ever."""
        return key in self.waits and 0 < self.waits[key].attempts <= _IN_ORDER

    def put_off(self, key: str, at: float) -> int:
        """Let `key` wait 1 s, doubled with each failure in a row to five minutes; how many failures that makes."""
        failures = 1 + (self.waits[key].attempts if key in self.waits else 0)
        self.waits[key] = _Wait(failures, at + backoff(failures))
        return failures

    def settle(self, key: str, until: float) -> None:
        """Let `key` wait until it has had time to settle; no failure."""
        self.waits[key] = _Wait(0, until)


def watch(folder: DropFolder, decide: Decide, clock: Callable[[], datetime], stop: threading.Event) -> None:
    """Take what settles in the inbox until `stop` is set; an inbox that is gone or replaced is looked for again."""
    memory, failures = Memory(), 0
    with closing(Hints()) as hints:
        while not stop.is_set():
            hints.clear()
            try:
                hints.follow(folder.inbox)
                pause = look_once(folder, decide, memory, at=time.monotonic(), now=clock())
                failures = 0
            except (OSError, EnvironmentFailed) as error:
                failures += 1
                pause = backoff(failures)
                log.warning("inbox.not_readable %s", {"error": type(error).__name__, "seconds": pause})
            _rest(stop, hints, pause)


def _rest(stop: threading.Event, hints: Hints, seconds: float) -> None:
    """Until a hint, but at least a tenth of a second: a burst of events is one look."""
    end = time.monotonic() + seconds
    stop.wait(0.1)
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        if hints.wait(min(left, 0.5)):
            return


def look_once(folder: DropFolder, decide: Decide, memory: Memory, *, at: float, now: datetime) -> float:
    """One full look: claims first, then what has settled. Returns after how many seconds to look again.

    `at` is the monotonic clock in seconds, `now` the wall clock. Raises `OSError` when the inbox cannot be read.
    """
    if not memory.swept:
        sweep(folder.inbox / REFUSED_FOLDER)
        memory.swept = True
    share = is_share(folder.inbox)
    inbox = Inbox(folder.inbox, decide, ask_lease=not share)
    found = scan(folder.inbox)
    settle = folder.settle_on_share if share else folder.settle
    look = _Look(folder, inbox, memory, at, now, settle)
    if look.claimed():
        look.settled(found)
    return look.pause()


@dataclass(frozen=True, slots=True)
class _Look:
    """One look in the making; the methods say whether the look may go on."""

    folder: DropFolder
    inbox: Inbox
    memory: Memory
    at: float
    now: datetime
    settle: float

    def claimed(self) -> bool:
        """Work off every claim that is ours, or that nobody living holds; False when those behind must wait."""
        for folder in claims.listed(self.folder.inbox):
            key = claims.id_of(folder)
            if self.memory.may_try(key, self.at):
                self._work_off(key, partial(self._held, folder))
            if self.memory.holds_up(key):
                return False
        return True

    def settled(self, found: dict[str, Look]) -> None:
        """Claim what has settled, in the order of arrival, and work each off at once."""
        for name in self.memory.settling.settled(found, self.at, self.settle):
            if found[name].is_folder:
                self._report_folder(name, found[name])
            elif not self._take(name, found[name]):
                return

    def _take(self, name: str, seen: Look) -> bool:
        key = f"inode:{seen.inode}"
        path = self.folder.inbox / name
        if not self.memory.may_try(key, self.at) or not is_finished(path, seen, ask_lease=self.inbox.ask_lease):
            return True
        try:
            claim = claims.take(self.folder.inbox, name, seen, self.folder.holder, self.now)
        except OSError as error:
            failures = self.memory.put_off(key, self.at)
            log.warning("intake.not_claimed %s", {"error": type(error).__name__, "errno": error.errno, "n": failures})
            return True
        self.memory.waits.pop(key, None)
        if claim is None:
            return True
        self._work_off(claim.id, lambda: claim)
        return not self.memory.holds_up(claim.id)

    def _work_off(self, key: str, find: Callable[[], Claim | None]) -> None:
        """Work off the claim that `find` finds; what fails is a fault of ours, and the claim stays as it is."""
        try:
            claim = find()
            if claim is not None:
                self._settled_or_again(claim)
        except Exception as error:  # noqa: BLE001 - a bug, too, must neither lose the file nor end the loop
            failures = self.memory.put_off(key, self.at)
            facts = {"case": key, "error": type(error).__name__, "code": getattr(error, "code", None), "n": failures}
            log.warning("intake.put_off %s", facts)

    def _held(self, folder: Path) -> Claim | None:
        claim = claims.opened(folder)
        return None if claim is None else claims.hold(claim, self.folder.holder, self.now)

    def _settled_or_again(self, claim: Claim) -> None:
        try:
            work_off(self.inbox, claim)
            self.memory.waits.pop(claim.id, None)
        except Changed as changed:
            self._again(claims.anew(claim, changed.look, self.folder.holder, self.now))
        except Unsettled as unsettled:
            self._again(claims.resettle(claim, unsettled.look, self.folder.holder, self.now))

    def _again(self, claim: Claim | None) -> None:
        if claim is not None:
            self.memory.settle(claim.id, self.at + self.settle)

    def _report_folder(self, name: str, seen: Look) -> None:
        """Say once that a folder is not read; it stays where it is, since somebody may be copying into it."""
        case_id = folder_id(seen.inode, name)
        stem = split(name)[0]
        try:
            refused = refused_folder(self.folder.inbox)
            if not (refused / f"{stem}.{case_id}.fel.json").exists():
                write_reports(refused, stem, Case(case_id, self.now, None), refusal("mapp", case_id))
        except OSError as error:
            log.warning("intake.not_reported %s", {"case": case_id, "errno": error.errno})

    def pause(self) -> float:
        """Seconds until something is due: the next full look, a file that settles, a wait that ends."""
        dues = [since + self.settle for _, since in self.memory.settling.seen.values() if since + self.settle > self.at]
        dues += [wait.until for wait in self.memory.waits.values() if wait.until > self.at]
        return max(0.0, min([self.folder.rescan, *(due - self.at for due in dues)]))
