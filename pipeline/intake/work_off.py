"""One claimed file to its end: read, ask for the decision, then move what is left.

The decision is committed before anything is moved, and the reports lie on disk before the refused file joins them. So
recovery is to do it again: the same id gets the same answer, the reports the same bytes, and a move that was made is
not made twice.
"""

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.intake import claim as claims
from pipeline.intake.claim import Claim
from pipeline.intake.decision import Decide, Decision, Outcome
from pipeline.intake.files import Content, Look, is_being_written, look, read
from pipeline.intake.names import is_json, split, time_of
from pipeline.intake.report import Case, refusal, write_reports
from pipeline.intake.settle import REFUSED_FOLDER
from pipeline.store.durable import sync_folder

log = logging.getLogger(__name__)


class Unsettled(Exception):
    """The claimed file is not as it was when it was found settled; `look` is how it is now."""

    def __init__(self, seen: Look) -> None:
        super().__init__()
        self.look = seen


class Changed(Unsettled):
    """The file changed after its bytes were decided: what it holds now is another case."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """The drop folder, who decides, and whether this system's leases tell who is writing."""

    folder: Path
    decide: Decide
    ask_lease: bool


def work_off(inbox: Inbox, claim: Claim) -> Outcome | None:
    """Bring a claim of ours to its end; None when its file had gone on already.

    Raises `Unsettled`, and whatever the disk or the decision raises: then the claim stays as it is.
    """
    try:
        seen = look(claim.file)
    except FileNotFoundError:
        claims.discard(claim)
        return None
    rule = _unfit(claim, seen)
    if rule is not None:
        return _end(inbox, claim, refusal(rule, claim.id), Case(claim.id, time_of(claim.id), None))
    content = _settled_content(inbox, claim, seen)
    if content.data is None:
        return _end(inbox, claim, refusal("for_stor", claim.id), Case(claim.id, time_of(claim.id), None))
    sha256 = hashlib.sha256(content.data).hexdigest()
    decision = inbox.decide(content.data, claim.id, sha256)
    now_is = look(claim.file)
    if decision.sha256 != sha256 or not now_is.same_content(content.after):
        raise Changed(now_is)
    return _end(inbox, claim, decision, Case(claim.id, time_of(claim.id), sha256))


def _unfit(claim: Claim, seen: Look) -> str | None:
    """Why the claimed thing is not even opened; the rules are keys of ``inkorg.orsak``."""
    if not seen.is_file:
        return "inte_vanlig_fil"
    if seen.links != 1:
        return "flera_namn"
    return None if is_json(claim.name) else "inte_json"


def _settled_content(inbox: Inbox, claim: Claim, seen: Look) -> Content:
    """The bytes of a file that nobody wrote to since it was found settled, nor while it was read."""
    if not seen.same_content(claim.look) or (inbox.ask_lease and is_being_written(claim.file)):
        raise Unsettled(seen)
    content = read(claim.file)
    if not (content.before.same_content(seen) and content.after.same_content(seen)):
        raise Unsettled(content.after)
    return content


def _end(inbox: Inbox, claim: Claim, decision: Decision, case: Case) -> Outcome:
    if decision.outcome is Outcome.REJECTED:
        _refuse(inbox, claim, decision, case)
    else:
        claim.file.unlink()
        sync_folder(claim.folder)
    claims.discard(claim)
    log.info("intake.decided %s", {"case": claim.id, "outcome": decision.outcome.value, "sha256": case.sha256})
    return decision.outcome


def _refuse(inbox: Inbox, claim: Claim, decision: Decision, case: Case) -> None:
    folder = refused_folder(inbox.folder)
    stem, suffix = split(claim.name)
    write_reports(folder, stem, case, decision)
    claim.file.rename(_free(folder, f"{stem}.{claim.id}", suffix))
    sync_folder(folder)
    sync_folder(claim.folder)


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A name nobody uses: the id makes it ours, unless somebody put a file there to be overwritten."""
    path, number = folder / f"{stem}{suffix}", 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path


def refused_folder(inbox: Path) -> Path:
    """``inbox/fel``, made when it is not there."""
    folder = inbox / REFUSED_FOLDER
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        sync_folder(inbox)
    return folder
