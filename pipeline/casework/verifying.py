"""What is said of a file: the numbered rules of `signatures.verify`, and what the archive knows of these bytes.

1. Bytes that the archive issued (sealed, or renewed later) are judged by their signatures against the record of who
   signed; a newer version or revision is named.
2. Bytes of a known plan that the archive never issued (cut, added to, changed, half signed) are invalid; while the
   case is open, indeterminate at best.
3. Bytes of a document around a plan, as it was made, are judged by their signatures; that they are so is said. Other
   bytes that name themselves such a document of a plan known here are invalid.
4. Of bytes of a plan unknown here the signatures decide.

That is the archive's rule A1. For a sealed plan it has another, A2: what is stored of each person's identification
proves again who they were. Both can lower what the signatures say and never raise it, and stand in the one report that
JSON, text and XML are made of.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework import cases, proving
from pipeline.casework.tools import Tools
from pipeline.documents.kinds import kinds
from pipeline.store import papers, rows
from pipeline.store.rows import FileRow, VersionRow
from pipeline.texts import text

if TYPE_CHECKING:
    from signatures.verify import Expected, Report

PLAN_MARK = re.compile(rb"urn:plansigill:plan:([A-Za-z0-9][A-Za-z0-9._-]{2,63})")
PAPER_MARK = re.compile(rb"urn:plansigill:([a-z][a-z0-9_]*):([A-Za-z0-9][A-Za-z0-9._-]{2,63})")


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

    known, expected = _known(tools, data) if tools else (None, None)
    trust = tools.trust if tools else Trust(roots_pem=b"", tsa_roots_pem=b"")
    ours = known is not None and (known.issued is not None or known.paper)
    report = (verify if ours else verify_bounded)(data, trust, expected, now)
    report = _with(report, ArchiveRule.ISSUED, _reason(known))
    if tools is not None and known is not None and known.issued is not None:
        with tools.db.read() as conn:
            report = _with(
                report, ArchiveRule.IDENTITIES, proving.identities(tools, conn, known.version, report.signatures)
            )
    return report, known


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
        "never_issued": ("failed", "invalid"),
    },
    ArchiveRule.IDENTITIES: {
        "proven": ("passed", "valid"),
        "not_provable": ("not_checked", "valid"),
        "unproven": ("failed", "indeterminate"),
    },
}
"""What each of the archive's rules says for each reason, and the best verdict that the file can then have."""


def _reason(known: Known | None) -> str:
    if known is None:
        return "no_record"
    if known.paper:
        return "paper_issued"
    if known.issued is not None:
        return "issued"
    return "case_open" if known.is_open else "never_issued"


def _known(tools: Tools, data: bytes) -> "tuple[Known | None, Expected | None]":
    with tools.db.read() as conn:
        exact = rows.files_with_hash(conn, [hashlib.sha256(data).hexdigest()])
        for file in exact:
            if file.kind in rows.ISSUED:
                v = rows.version_row(conn, file.plan_id, file.version)
                if v is not None:
                    return _about(conn, v, file), cases.expected(tools, conn, v)
        made = _made_paper(conn, data)
        if made is not None:
            return made, None
        v = _of_which_version(conn, data, exact)
        if v is None:
            return None, None
        return _about(conn, v, None), None


def _made_paper(conn: Connection, data: bytes) -> Known | None:
    """What is known of bytes that are a document around a plan, or that name themselves one and are not.

    Of such a one the archive has no record but its hash: its seal, where it has one, speaks for the rest.
    """
    for paper in papers.papers_with_hash(conn, hashlib.sha256(data).hexdigest()):
        v = _version_of(conn, paper.plan_id, paper.version)
        if v is not None:
            return replace(_about(conn, v, None), paper=True)
    for match in PAPER_MARK.finditer(data):
        v = rows.latest_version(conn, match[2].decode()) if match[1].decode() in kinds() else None
        if v is not None:
            return replace(_about(conn, v, None), is_open=False)
    return None


def _version_of(conn: Connection, plan_id: str | None, version: int | None) -> VersionRow | None:
    if plan_id is None:
        return None
    return rows.version_row(conn, plan_id, version) if version else rows.latest_version(conn, plan_id)


def _of_which_version(conn: Connection, data: bytes, exact: tuple[FileRow, ...]) -> VersionRow | None:
    """The version that bytes never issued come from: by a revision they are or begin with, or by the plan they name."""
    for file in (*exact, *rows.files_with_hash(conn, list(_prefix_hashes(data)))):
        found = rows.version_row(conn, file.plan_id, file.version)
        if found is not None:
            return found
    for match in PLAN_MARK.finditer(data):
        found = rows.latest_version(conn, match[1].decode())
        if found is not None:
            return found
    return None


def _prefix_hashes(data: bytes) -> list[str]:
    """SHA-256 of the bytes up to each end-of-file mark: each is a revision that somebody may have signed."""
    digest, start, found = hashlib.sha256(), 0, []
    for mark in re.finditer(rb"%%EOF(\r\n|\n|\r)?", data):
        digest.update(data[start : mark.end()])
        start = mark.end()
        found.append(digest.hexdigest())
    return found[:1000]


def _about(conn: Connection, v: VersionRow, issued: FileRow | None) -> Known:
    everything = rows.versions(conn, v.plan_id)
    sealed = [other.version for other in everything if other.sealed_at and other.version > v.version]
    later: list[int] = []
    if issued is not None:
        files = rows.files_of(conn, v, *rows.ISSUED)
        later = [f.revision for f in files if f.revision > issued.revision]
    is_open = any(other.state in rows.OPEN_STATES for other in everything)
    return Known(v, issued, is_open, max(sealed, default=None), max(later, default=None))
