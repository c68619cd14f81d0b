"""The copies that people fetch: for each plan exactly what its present state says, never read back.

========================  ==============================================================
awaiting_signatures       ``<plan_id>_v<n>.osignerad.pdf`` (and ``.docx`` where asked for)
archived, handed_over     ``<plan_id>_v<n>.pdf``
superseded                nothing
every other               ``<plan_id>_v<n>.kvitto.json``, as beside all of the above
========================  ==============================================================

Beside them lie the papers of the plan (``<plan_id>_v<n>.<kind>.pdf``, ``.txt`` …) and of an order (``<order>.<kind>…``)
until their retention time ends; those of a version that was superseded unsigned go with it. An open version of a person
who has been protected since has nothing here but its receipt: whoever may see it fetches it from the archive.

An archived version leaves the folder after the retention time of `plansigill.toml`; the archive keeps it.
"""

import errno
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import Connection

from pipeline.casework.protection import order_says_too_much, says_too_much
from pipeline.casework.receipts import of_version, receipt_json
from pipeline.casework.tools import Tools
from pipeline.errors import EnvironmentFailed
from pipeline.store import rows
from pipeline.store.durable import disk, sync_folder, write_whole
from pipeline.store.papers import ENDINGS, PaperRow, paper_name, papers_of
from pipeline.store.rows import FileRow, VersionRow
from pipeline.store.tables import parse_stamp

UNSIGNED = ".osignerad.pdf"
SIGNED = ".pdf"
WORD = ".docx"
RECEIPT = ".kvitto.json"
READABLE = 0o640  # the folder says who may enter it
_PAPER = rf"\.[a-z][a-z0-9_]*(?:-\d+)?\.(?:{'|'.join(ENDINGS.values())})"
_COPIES = "|".join([*(re.escape(ending) for ending in (UNSIGNED, SIGNED, WORD, RECEIPT)), _PAPER])
_UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{16}\.tmp")  # what a killed `write_whole` leaves; it cuts names at 40


Source = FileRow | PaperRow | bytes
"""What a copy is made of: a stored file or paper, or the bytes themselves."""


def stem(v: VersionRow) -> str:
    """The part of the name that all copies of a version share."""
    return f"{v.plan_id}_v{v.version}"


def shown(conn: Connection, v: VersionRow) -> FileRow | None:
    """The file that a reader of the version is shown now: the sealed one, or the one with empty fields."""
    if v.state in {"archived", "handed_over"}:
        return rows.newest_issued(conn, v)
    if v.state in {"awaiting_signatures", "sealed"}:
        return next((f for f in rows.files_of(conn, v, "prepared") if f.edition == v.edition), None)
    return None


def document_path(tools: Tools, conn: Connection, v: VersionRow) -> tuple[Path, FileRow] | None:
    """Where in outbox the version's document lies, and which file that is; None when it has none there."""
    file = shown(conn, v)
    if file is None or _expired(tools, v) or says_too_much(tools, conn, v):
        return None
    return tools.outbox / (stem(v) + (SIGNED if file.kind in rows.ISSUED else UNSIGNED)), file


def shown_path(tools: Tools, path: Path) -> str:
    """A path as people are told it: relative to the workspace when it lies inside."""
    return str(path.relative_to(tools.home)) if path.is_relative_to(tools.home) else str(path)


def reconcile(tools: Tools, plan_id: str) -> None:
    """Make outbox hold the plan's copies, no more and no less; may be repeated."""
    with tools.db.read() as conn:
        wanted: dict[str, Source] = {}
        versions = rows.versions(conn, plan_id)
        for v in versions:
            wanted |= _wanted(tools, conn, v)
        gone = {v.version for v in versions if _is_gone(tools, conn, v)}
        wanted |= _papers(tools, (p for p in papers_of(conn, plan_id) if p.version not in gone))
    _hold(tools, f"{plan_id}_v", re.compile(rf"{re.escape(plan_id)}_v\d+({_COPIES})"), wanted)


def _is_gone(tools: Tools, conn: Connection, v: VersionRow) -> bool:
    """Whether the papers of the version lie in outbox no more, however new they are."""
    replaced = v.state == "superseded" and not v.sealed_at
    return v.state == "erased" or replaced or says_too_much(tools, conn, v)


def reconcile_order(tools: Tools, order_id: str) -> None:
    """Make outbox hold the order's papers, no more and no less; may be repeated."""
    with tools.db.read() as conn:
        wanted = {} if order_says_too_much(tools, conn, order_id) else _papers(tools, papers_of(conn, order_id))
    _hold(tools, order_id, re.compile(rf"{re.escape(order_id)}{_PAPER}"), wanted)


def _papers(tools: Tools, made: Iterable[PaperRow]) -> dict[str, Source]:
    kept = timedelta(days=tools.settings.outbox.retention_days)
    fresh = (p for p in made if parse_stamp(p.made_at) + kept >= tools.now())
    return {paper_name(p.owner, p.version, p.slag, p.number, p.form): p for p in fresh}


def _hold(tools: Tools, start: str, ours: re.Pattern[str], wanted: Mapping[str, Source]) -> None:
    folder = tools.outbox
    with _laying_out(tools):
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder, start)
        for name, source in wanted.items():
            _write(tools, folder / name, source)
        for path in folder.iterdir():
            if ours.fullmatch(path.name) and path.name not in wanted:
                path.unlink(missing_ok=True)
        sync_folder(folder)


@contextmanager
def _laying_out(tools: Tools) -> Iterator[None]:
    """What the copies are of is kept already: whoever is told that they cannot be written is told that too."""
    try:
        yield
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "OSError")
        raise EnvironmentFailed("utkorg", folder=tools.settings.outbox.folder, orsak=reason) from error


def leave(tools: Tools, receipt_id: str, value: Mapping[str, object]) -> None:
    """Leave a receipt that belongs to no version, as ``<id>.kvitto.json``; may be repeated."""
    with disk():
        _clear(tools.outbox, receipt_id)
        _write(tools, tools.outbox / f"{receipt_id}{RECEIPT}", _told(value))


def _told(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _clear(folder: Path, start: str) -> None:
    """Remove what killed processes left unfinished of the copies whose names begin so."""
    for path in folder.iterdir():
        unfinished = _UNFINISHED.fullmatch(path.name)
        if unfinished and unfinished[1].startswith(start[:40]):
            path.unlink(missing_ok=True)


def _wanted(tools: Tools, conn: Connection, v: VersionRow) -> dict[str, Source]:
    if v.state in {"superseded", "erased"} or _expired(tools, v):
        return {}
    wanted: dict[str, Source] = {}
    found = document_path(tools, conn, v)
    if found is not None:
        wanted[found[0].name] = found[1]
        word = [f for f in rows.files_of(conn, v, "word") if f.edition == v.edition]
        if found[1].kind == "prepared" and word:
            wanted[stem(v) + WORD] = word[-1]
    answer = receipt_json(of_version(conn, v), None, shown_path(tools, found[0]) if found else None)
    wanted[stem(v) + RECEIPT] = _told(answer)
    return wanted


def _expired(tools: Tools, v: VersionRow) -> bool:
    since = v.archived_at or v.ended_at
    if since is None:
        return False
    return parse_stamp(since) + timedelta(days=tools.settings.outbox.retention_days) < tools.now()


def _write(tools: Tools, path: Path, source: Source) -> None:
    if isinstance(source, bytes):
        if not path.is_file() or path.read_bytes() != source:
            write_whole(path, source)
    elif not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != source.sha256:
        write_whole(path, tools.read(source))
    path.chmod(READABLE)


def sweep(tools: Tools) -> None:
    """Take away what has lain for its retention time: copies of ended versions, loose receipts, refused files.

    It only ever removes what no state of its version asks for any more, so it may run beside `reconcile`.
    """
    inbox, kept = tools.settings.inbox, tools.settings.outbox
    with disk():
        _take_expired(tools)
        _take_old(tools, tools.home / inbox.folder / "fel", inbox.fel_retention_days, re.compile(r".+"))
        loose = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{26}}{re.escape(RECEIPT)}|uppdrag-[0-9A-HJKMNP-TV-Z]{{26}}{_PAPER}")
        _take_old(tools, tools.outbox, kept.retention_days, loose)


def _take_expired(tools: Tools) -> None:
    copy = re.compile(rf"(?P<plan_id>.+)_v(?P<version>\d+)({_COPIES})")
    found = [(path, copy.fullmatch(path.name)) for path in (tools.outbox.iterdir() if tools.outbox.is_dir() else ())]
    with tools.db.read() as conn:
        for path, name in found:
            v = rows.version_row(conn, name["plan_id"], int(name["version"])) if name else None
            if v is not None and _expired(tools, v):
                path.unlink(missing_ok=True)


def _take_old(tools: Tools, folder: Path, days: int, names: re.Pattern[str]) -> None:
    oldest = (tools.now() - timedelta(days=days)).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        # by ctime: a file keeps its sender's mtime when it is moved here
        if names.fullmatch(path.name) and not path.is_dir() and path.lstat().st_ctime < oldest:
            path.unlink(missing_ok=True)
