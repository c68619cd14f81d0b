"""What `verify FILE` says: the numbered rules of `signatures.verify`, and what the archive knows of these bytes.

1. Bytes that the archive issued (sealed, or renewed later) are judged by their signatures against the record of who
   signed; a newer version or revision is named.
2. Bytes of a known plan that the archive never issued (cut, added to, changed, half signed) are invalid; while the
   case is open, indeterminate at best.
3. Bytes of a document around a plan, as it was made, are judged by their signatures; that they are so is said. Other
   bytes that name themselves such a document of a plan known here are invalid.
4. Of bytes of a plan unknown here the signatures decide.

That is the archive's rule, A1. It can lower what the signatures say and never raise it, and it stands in the one report
that JSON, text and XML are made of.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.app import open_workspace, system_clock
from pipeline.casework import cases
from pipeline.casework.tools import Tools
from pipeline.console.files import named, require_free, write, write_beside
from pipeline.console.printing import Answer, Json, both, word
from pipeline.documents.kinds import kinds
from pipeline.errors import Misuse
from pipeline.settings import CONFIG_NAME
from pipeline.store import papers, rows
from pipeline.store.rows import FileRow, VersionRow
from pipeline.texts import text

if TYPE_CHECKING:
    from signatures.verify import Expected, Report

LIMIT = 100 * 1024 * 1024  # as much as signatures.verify opens
PLAN_MARK = re.compile(rb"urn:plansigill:plan:([A-Za-z0-9][A-Za-z0-9._-]{2,63})")
PAPER_MARK = re.compile(rb"urn:plansigill:([a-z][a-z0-9_]*):([A-Za-z0-9][A-Za-z0-9._-]{2,63})")
UNKNOWN: Json = {"known": False, "plan_id": None, "version": None, "newer_version": None, "newer_revision": None}


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

    def to_json(self) -> Json:
        """The `archive` part of the answer."""
        v = self.version
        newer = {"newer_version": self.newer_version, "newer_revision": self.newer_revision}
        return {"known": True, "plan_id": v.plan_id, "version": v.version} | newer


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to judge, and where its report goes as ETSI TS 119 102-2 XML; `replace` what is there already."""

    file: Path
    report: Path | None = None
    replace: bool = False


def answer(home: Path, asked: Asked, proof: Path | None) -> Answer:
    """The answer of the command: exit code 0 only for valid."""
    if proof is not None:
        raise Misuse("bevis_ej_an")
    if asked.report is not None:
        require_free(asked.report, replace=asked.replace)
    data = _read(asked.file)
    report, known = report_on(open_workspace(home) if (home / CONFIG_NAME).is_file() else None, data)
    value = _value(report, known)
    if asked.report is not None:
        from signatures.verify.etsi import to_etsi

        (write if asked.replace else write_beside)(asked.report, to_etsi(report))
        value["report"] = named(home, asked.report)
    return Answer([value], _lines(value), int(value["verdict"] != "valid"))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            data = source.read(LIMIT + 1)
    except OSError as error:
        raise Misuse("fil_gar_inte_att_lasa", file=file) from error
    if len(data) > LIMIT:
        raise Misuse("fil_for_stor", file=file)
    return data


def judge(tools: Tools | None, data: bytes) -> Json:
    """The verdict on bytes, in the shape of the command line; without a workspace nobody is trusted."""
    return _value(*report_on(tools, data))


def report_on(tools: Tools | None, data: bytes) -> "tuple[Report, Known | None]":
    """The one report on bytes, whose verdict heeds what the archive knows of them, and that knowledge."""
    from signatures.verify import Rule, RuleVerdict, Trust, Verdict, judged_further, verify

    known, expected = _known(tools, data) if tools else (None, None)
    trust = tools.trust if tools else Trust(roots_pem=b"", tsa_roots_pem=b"")
    report = verify(data, trust, expected, tools.now() if tools else system_clock())
    reason = _reason(known)
    said, at_best = _ARCHIVE_RULE[reason]
    told = text(f"arkiv.{reason}")
    rule = Rule(ArchiveRule.ISSUED, RuleVerdict(said), reason, told.sv, told.en)
    return judged_further(report, rule, Verdict(at_best)), known


def _value(report: "Report", known: Known | None) -> dict[str, object]:
    from signatures.verify import to_json

    return dict(to_json(report)) | {"archive": known.to_json() if known else UNKNOWN}


class ArchiveRule(StrEnum):
    """What the archive adds to the numbered rules."""

    ISSUED = "A1"


_ARCHIVE_RULE = {
    "no_record": ("not_checked", "valid"),
    "issued": ("passed", "valid"),
    "paper_issued": ("passed", "valid"),
    "case_open": ("not_checked", "indeterminate"),
    "never_issued": ("failed", "invalid"),
}
"""What the archive's rule says for each reason, and the best verdict that the file can then have."""


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


def _lines(value: Json) -> list[str]:
    lines = [f"{word('dom', value['verdict'])} / {value['verdict']}"]
    signatures, rules, archive = value["signatures"], value["rules"], value["archive"]
    if isinstance(signatures, list):
        for s in signatures:
            trusted = both("rad.betrodd" if s["trusted"] else "rad.ej_betrodd")
            lines.append(f"  {word('roll', s['role'])}: {s['signer']}, {s['time'] or '–'}, {s['level']}, {trusted}")
    if isinstance(rules, list):
        lines += [f"  {r['id']:<4} {word('regel', r['verdict'])}: {r['text']}" for r in rules]
    if isinstance(archive, dict) and archive["known"]:
        lines.append(f"  {both('rad.i_arkivet', plan=archive['plan_id'], version=archive['version'])}")
        if archive["newer_version"]:
            lines.append(f"  {both('rad.nyare_version', version=archive['newer_version'])}")
    if "report" in value:
        lines.append(f"  {both('rad.rapport')}: {value['report']}")
    return lines
