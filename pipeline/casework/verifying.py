"""What is said of a file: the numbered rules of `signatures.verify`, and what the archive knows of these bytes.

1. Bytes that the archive issued (sealed, or renewed later) are judged by their signatures against the record of who
   signed; a newer version or revision is named.
2. Bytes that are or begin with something of ours that was never issued as it stands (cut, added to, half signed) are
   invalid; while the case is open, indeterminate at best.
3. Bytes of a document around a plan, as it was made, are judged by their signatures; that they are so is said. Bytes
   that begin with one are invalid.
4. Bytes that only name a plan known here may be a neighbour's honest ones with the same number: indeterminate at
   best, and the archive says that it does not know them.
5. Of other bytes the signatures decide.

That is the archive's rule A1. For a sealed plan it has another, A2: what is stored of each person's identification
proves again who they were. Both can lower what the signatures say and never raise it, and stand in the one report that
JSON, text and XML are made of.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework import cases, proving
from pipeline.casework.esealing import ROLE as STAMP
from pipeline.casework.tools import Tools
from pipeline.documents.kinds import kinds
from pipeline.errors import EnvironmentFailed
from pipeline.store import papers, rows
from pipeline.store.rows import FileRow, VersionRow
from pipeline.texts import text

if TYPE_CHECKING:
    from signatures.verify import Expected, Report

MARK = re.compile(rb"urn:plansigill:([a-z][a-z0-9_]*):([A-Za-z0-9][A-Za-z0-9._-]{2,63})")
"""How a document names its kind and the plan it is of."""
# A stranger's bytes are looked up before anything bounds the work. Our own files hold a few of each.
_HANDED_IN = {"basis", "scan"}  # files of others that lie with a plan
_MOST_MARKS, _MOST_NAMES, _MOST_PREFIXES = 10_000, 100, 1000


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows of some bytes: of which version they are, and the file they are when it issued them."""

    version: VersionRow
    issued: FileRow | None
    is_open: bool
    newer_version: int | None
    newer_revision: int | None
    paper: bool = False
    """Whether they are a document around the plan, byte for byte as it was made."""

    def to_json(self) -> dict[str, object]:
        """The `archive` part of the answer."""
        v = self.version
        newer: dict[str, object] = {"newer_version": self.newer_version, "newer_revision": self.newer_revision}
        return {"known": True, "plan_id": v.plan_id, "version": v.version} | newer


def report_on(tools: Tools | None, data: bytes, now: datetime) -> "tuple[Report, Known | None]":
    """The one report on bytes, whose verdict heeds what the archive knows of them, and that knowledge.

    Without a workspace nobody is trusted and nothing is known.
    """
    from signatures.verify import Trust, verify, verify_bounded

    found = _looked_up(tools, data) if tools else _Lookup("no_record")
    trust = tools.trust if tools else Trust(roots_pem=b"", tsa_roots_pem=b"")
    known = found.known
    ours = known is not None and (known.issued is not None or known.paper)
    report = (verify if ours else verify_bounded)(data, trust, found.expected, now)
    if known is not None and known.paper and any(each.field != STAMP for each in report.signatures):
        return _with(report, ArchiveRule.ISSUED, "never_issued"), known  # people sign plans, and no paper around them
    if tools is None or known is None or known.issued is None:
        return _with(report, ArchiveRule.ISSUED, found.reason), known
    with tools.db.read() as conn:
        proven = proving.identities(tools, conn, known.version, report.signatures)
    if proven == "unproven" and report.verdict == "invalid":
        report = verify(data, trust, None, now)  # a record that does not hold says nothing against the file
    return _with(_with(report, ArchiveRule.ISSUED, found.reason), ArchiveRule.IDENTITIES, proven), known


def _with(report: "Report", rule_id: "ArchiveRule", reason: str) -> "Report":
    from signatures.verify import Rule, RuleVerdict, Verdict, judged_further

    said, at_best = ARCHIVE_RULES[rule_id][reason]
    told = text(f"arkiv.{reason}")
    return judged_further(report, Rule(rule_id, RuleVerdict(said), reason, told.sv, told.en), Verdict(at_best))


class ArchiveRule(StrEnum):
    """What the archive adds to the numbered rules."""

    ISSUED = "A1"
    IDENTITIES = "A2"


ARCHIVE_RULES = {
    ArchiveRule.ISSUED: {
        "no_record": ("not_checked", "valid"),
        "issued": ("passed", "valid"),
        "paper_issued": ("passed", "valid"),
        "case_open": ("not_checked", "indeterminate"),
        "only_named": ("not_checked", "indeterminate"),
        "never_issued": ("failed", "invalid"),
    },
    ArchiveRule.IDENTITIES: {
        "proven": ("passed", "valid"),
        "not_provable": ("not_checked", "valid"),
        "unproven": ("failed", "indeterminate"),
    },
}
"""What each of the archive's rules says for each reason, and the best verdict that the file can then have."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What looking bytes up gave: the reason that A1 gives, what is known, and what the record of them expects."""

    reason: str
    known: Known | None = None
    expected: "Expected | None" = None


def _looked_up(tools: Tools, data: bytes) -> _Lookup:
    whole = hashlib.sha256(data).hexdigest()
    with tools.db.read() as conn:
        for file in rows.files_with_hash(conn, [whole]):
            v = rows.version_row(conn, file.plan_id, file.version)
            if v is not None and file.kind in rows.ISSUED:
                return _issued(tools, conn, v, _about(conn, v, file))
        for paper in papers.papers_with_hash(conn, whole):
            v = _version_of(conn, paper.plan_id, paper.version)
            if v is not None:  # the archive has no record of it but its hash: its seal, if any, speaks for the rest
                return _Lookup("paper_issued", replace(_about(conn, v, None), paper=True))
        return _never_issued(conn, data, (whole, *_prefix_hashes(data)))


def _issued(tools: Tools, conn: Connection, v: VersionRow, known: Known) -> _Lookup:
    """What an issued file is held against. A record that somebody has changed says nothing; that it was is told by A2,
    and of an erased plan there is none."""
    if proving.is_erased(tools, v):
        return _Lookup("issued", known)
    try:
        return _Lookup("issued", known, cases.expected(tools, conn, v))
    except EnvironmentFailed as error:
        if error.code != "objekt_skadat":
            raise
        return _Lookup("issued", known)


def _never_issued(conn: Connection, data: bytes, beginnings: Sequence[str]) -> _Lookup:
    """What is known of bytes never issued: only what they are or begin with shows that they come from here."""
    for file in rows.files_with_hash(conn, beginnings):
        v = rows.version_row(conn, file.plan_id, file.version)
        if v is not None and file.kind not in _HANDED_IN:
            known = _about(conn, v, None)
            return _Lookup("case_open" if known.is_open else "never_issued", known)
    for paper in papers.papers_with_hash(conn, *beginnings):
        v = _version_of(conn, paper.plan_id, paper.version)
        if v is not None:
            return _Lookup("never_issued", _about(conn, v, None))
    return _Lookup("only_named" if rows.has_any(conn, _named(data)) else "no_record")


def _version_of(conn: Connection, plan_id: str | None, version: int | None) -> VersionRow | None:
    if plan_id is None:
        return None
    return rows.version_row(conn, plan_id, version) if version else rows.latest_version(conn, plan_id)


def _named(data: bytes) -> tuple[str, ...]:
    """The plans that the bytes name themselves documents of; of too many, the first."""
    marks = islice(MARK.finditer(data), _MOST_MARKS)
    named = dict.fromkeys(mark[2] for mark in marks if mark[1].decode() in {"plan", *kinds()})
    return tuple(plan_id.decode() for plan_id in islice(named, _MOST_NAMES))


def _prefix_hashes(data: bytes) -> list[str]:
    """SHA-256 of the bytes up to each end-of-file mark: each is a revision that somebody may have signed."""
    digest, start, found = hashlib.sha256(), 0, []
    for mark in islice(re.finditer(rb"%%EOF(\r\n|\n|\r)?", data), _MOST_PREFIXES):
        digest.update(data[start : mark.end()])
        start = mark.end()
        found.append(digest.hexdigest())
    return found


def _about(conn: Connection, v: VersionRow, issued: FileRow | None) -> Known:
    everything = rows.versions(conn, v.plan_id)
    sealed = [other.version for other in everything if other.sealed_at and other.version > v.version]
    later: list[int] = []
    if issued is not None:
        files = rows.files_of(conn, v, *rows.ISSUED)
        later = [f.revision for f in files if f.revision > issued.revision]
    is_open = any(other.state in rows.OPEN_STATES for other in everything)
    return Known(v, issued, is_open, max(sealed, default=None), max(later, default=None))
