"""Claims: ``inbox/.claims/<id>.<turn>/`` holds the claimed ``file`` and ``claim.json`` (name, holder, lease, look).

The folder is made and on disk before the file is renamed into it, so the file is always either the sender's or a
claim's, and the claim knows whose name it bore. A claim whose holder died, or whose lease ran out, is taken over by
renaming the folder to the next turn: of two that try, one wins, and the late former holder finds its path gone. Hosts'
clocks may differ; a lease ended too early costs a second decision under the same id, which answers as the first did.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.intake.files import Look, write_atomically
from pipeline.intake.names import is_id, new_id, time_of
from pipeline.store.durable import sync_folder
from pipeline.store.tables import parse_stamp, stamp

CLAIMS_FOLDER = ".claims"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who claims here: this process's name, which others are known to be dead, and how long a lease lasts."""

    me: str
    is_dead: Callable[[str], bool]
    lease: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed file. `look` is how it looked when last found settled."""

    folder: Path
    id: str
    turn: int
    name: str
    owner: str
    until: datetime
    look: Look

    @property
    def file(self) -> Path:
        """Where the claimed file lies."""
        return self.folder / "file"


def take(inbox: Path, name: str, seen: Look, holder: Holder, now: datetime) -> Claim | None:
    """Claim the file `name`; None when somebody else had it first. Raises `OSError`; the file is then where it was."""
    case_id = new_id(now)
    root = inbox / CLAIMS_FOLDER
    if not root.exists():
        root.mkdir(mode=0o770, exist_ok=True)
        sync_folder(inbox)
    claim = Claim(root / f"{case_id}.1", case_id, 1, name, holder.me, now + holder.lease, seen)
    claim.folder.mkdir(mode=0o770)
    try:
        _write(claim)
        sync_folder(root)
        (inbox / name).rename(claim.file)
    except FileNotFoundError:
        discard(claim)
        return None
    except OSError:
        discard(claim)
        raise
    sync_folder(claim.folder)
    sync_folder(inbox)
    return claim


def _write(claim: Claim) -> None:
    facts = {"name": claim.name, "owner": claim.owner, "until": stamp(claim.until), "look": asdict(claim.look)}
    write_atomically(claim.folder / "claim.json", json.dumps(facts).encode("ascii"))


def listed(inbox: Path) -> list[Path]:
    """The folder of every claim beside the inbox, oldest first."""
    try:
        found = list((inbox / CLAIMS_FOLDER).iterdir())
    except FileNotFoundError:
        return []
    return sorted(folder for folder in found if is_id(id_of(folder)) and folder.suffix[1:].isdecimal())


def id_of(folder: Path) -> str:
    """The case id in a claim folder's name."""
    return folder.stem


def opened(folder: Path) -> Claim | None:
    """The claim in `folder`; None when it is gone, or never came to hold a file (then it is removed)."""
    try:
        written = (folder / "claim.json").read_bytes()
    except FileNotFoundError:
        if not os.path.lexists(folder / "file"):
            _remove_empty(folder)
            return None
        written = b""
    case_id, turn = id_of(folder), int(folder.suffix[1:])
    try:
        return _parsed(json.loads(written), folder, case_id, turn)
    except (ValueError, KeyError, TypeError):  # not as we wrote it: anybody's, under a name that says nothing
        unknown = Look(mode=0, inode=0, links=0, size=0, mtime_ns=0, ctime_ns=0)
        return Claim(folder, case_id, turn, "okand.json", "", time_of(case_id), unknown)


def _parsed(facts: dict[str, Any], folder: Path, case_id: str, turn: int) -> Claim:
    until, seen = parse_stamp(facts["until"]), Look(**facts["look"])
    return Claim(folder, case_id, turn, str(facts["name"]), str(facts["owner"]), until, seen)


def hold(claim: Claim, holder: Holder, now: datetime) -> Claim | None:
    """The claim as ours with time left on its lease; None when it is another's, or gone."""
    if claim.owner == holder.me:
        if claim.until - now > holder.lease / 2:
            return claim
        return _rewritten(claim, holder, now, claim.look)
    if claim.until > now and not holder.is_dead(claim.owner):
        return None
    return _renamed(claim, claim.id, claim.turn + 1, holder, now)


def resettle(claim: Claim, seen: Look, holder: Holder, now: datetime) -> Claim | None:
    """The claim waits once more, with the look its file has now."""
    return _rewritten(claim, holder, now, seen)


def anew(claim: Claim, seen: Look, holder: Holder, now: datetime) -> Claim | None:
    """The file under a new case id: its bytes are others than those the old id was decided for."""
    fresh = _renamed(claim, new_id(now), 1, holder, now)
    return None if fresh is None else _rewritten(fresh, holder, now, seen)


def _renamed(claim: Claim, case_id: str, turn: int, holder: Holder, now: datetime) -> Claim | None:
    folder = claim.folder.with_name(f"{case_id}.{turn}")
    try:
        claim.folder.rename(folder)
    except FileNotFoundError:
        return None
    sync_folder(folder.parent)
    return _rewritten(replace(claim, folder=folder, id=case_id, turn=turn), holder, now, claim.look)


def _rewritten(claim: Claim, holder: Holder, now: datetime, seen: Look) -> Claim | None:
    renewed = replace(claim, owner=holder.me, until=now + holder.lease, look=seen)
    try:
        _write(renewed)
    except FileNotFoundError:
        return None
    return renewed


def discard(claim: Claim) -> None:
    """Remove a claim whose file is gone from it; one that still holds its file stays."""
    if os.path.lexists(claim.file):
        return
    (claim.folder / "claim.json").unlink(missing_ok=True)
    _remove_empty(claim.folder)


def _remove_empty(folder: Path) -> None:
    try:
        for unfinished in folder.glob(".plansigill-*.tmp"):
            unfinished.unlink(missing_ok=True)
        folder.rmdir()
        sync_folder(folder.parent)
    except OSError:  # gone already, or not empty: then it is somebody's
        return
