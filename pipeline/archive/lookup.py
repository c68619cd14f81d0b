"""Finding, showing and fetching what the archive holds: always for a stated purpose, always logged.

The access row is written in the transaction that looks, before anything is answered, and also when nothing is found
(lag 2001:454 10 §: access is documented so that it can be checked). It says who, when, why, what was done, by which
kind of criterion and which plans came out: never what was searched for.
"""

import getpass
import json
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.archive.ocfl import StorageRoot
from pipeline.archive.preserve import read_file
from pipeline.errors import Misuse, Refused, unknown_plan
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.db import Database
from pipeline.store.index import name_query, person_key, unit_key
from pipeline.store.keys import Keys
from pipeline.store.objects import Objects
from pipeline.store.papers import PaperRow, papers_of_plan
from pipeline.store.rows import FileRow, VersionRow
from pipeline.store.tables import stamp

READABLE = ("renewed", "sealed", "signed", "prepared", "document")
"""The kinds of file that are the plan as a PDF, the most finished first."""


class Shelves(Protocol):
    """Where a look-up looks."""

    @property
    def db(self) -> Database:
        """The index."""

    @property
    def objects(self) -> Objects:
        """The staged files, and the keys."""

    @property
    def ocfl(self) -> StorageRoot:
        """The archive objects."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who looks and why; `actor` is an id of the one who asks, by default the account the program runs under."""

    purpose: str
    now: datetime
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to look for; everything given must hold.

    `text` is a plan id, a SHA-256 or words of a name. `person` is type and normalised value of a personal id; `plans`
    are the plan ids that the caller has found by other means, such as a due date.
    """

    text: str | None = None
    person: tuple[str, str] | None = None
    sha256: str | None = None
    status: str | None = None
    unit: str | None = None
    plans: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One version, with the file that is the plan as it stands; `sha256` is None before it has one."""

    plan_id: str
    version: int
    state: str
    sha256: str | None
    archived_at: str | None
    adopted_at: str | None


@dataclass(frozen=True, slots=True)
class Got:
    """One version's file: its PDF, or its content."""

    plan_id: str
    version: int
    sha256: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Contents:
    """Some versions' content, and whether the plan's person is protected now."""

    protected: bool
    versions: tuple[Got, ...]


def find(shelves: Shelves, criteria: Criteria, access: Access) -> tuple[Found, ...]:
    """The versions that meet the criteria, newest first within each plan.

    Raises `Misuse` without a purpose, without a criterion or for a malformed one.
    """
    kinds, where = _conditions(shelves.objects.keys, criteria)
    with shelves.db.write() as conn:
        query = sa.select(t.version.c.plan_id, t.version.c.version).where(*where)
        query = query.order_by(t.version.c.plan_id, t.version.c.version.desc())
        found = tuple(_found(conn, plan_id, number) for plan_id, number in conn.execute(query).all())
        _log(conn, access, "find", "+".join(kinds), (row.plan_id for row in found))
    return found


def show(shelves: Shelves, plan_id: str, access: Access) -> tuple[VersionRow, ...]:
    """All versions of the plan, oldest first; raises `Refused` ("okand_plan") when there is none."""
    with shelves.db.write() as conn:
        found = rows.versions(conn, plan_id)
        _log(conn, access, "show", "plan_id", (row.plan_id for row in found[:1]))
    if not found:
        raise unknown_plan(plan_id)
    return found


def get(shelves: Shelves, plan_id: str, access: Access, *, version: int | None = None) -> Got:
    """The PDF of the version, or of the newest version in force, else the newest; bytes checked against its hash.

    Raises `Refused` for an unknown plan ("okand_plan") or a version without a file ("fil_okand").
    """
    with shelves.db.write() as conn:
        known = rows.versions(conn, plan_id)
        chosen = _chosen(known, version)
        file = None if chosen is None else _current(conn, chosen)
        _log(conn, access, "get", "plan_id", [plan_id] if known else [])
    if not known:
        raise unknown_plan(plan_id)
    if file is None:
        raise Refused("fil_okand")
    return _got(shelves, file)


def contents(
    shelves: Shelves, plan_id: str, access: Access, choose: Callable[[tuple[int, ...]], tuple[int, ...]]
) -> Contents:
    """The content of some versions, as their sender wrote it, to set them side by side (action ``diff``).

    `choose` is given the plan's versions, oldest first, and says which are wanted. Raises `Refused` for an unknown
    plan ("okand_plan"), an unknown version ("okand_version") or an erased one ("gallrad").
    """
    with shelves.db.write() as conn:
        known = {row.version: row for row in rows.versions(conn, plan_id)}
        _log(conn, access, "diff", "plan_id", [plan_id] if known else [])
    if not known:
        raise unknown_plan(plan_id)
    wanted = choose(tuple(known))
    if not set(wanted) <= known.keys():
        raise Refused("okand_version", antal=max(known))
    if any(known[number].state == "erased" for number in wanted):
        raise Refused("gallrad")
    with shelves.db.read() as conn:
        files = [rows.files_of(conn, known[number], "content")[0] for number in wanted]
        protected = conn.execute(sa.select(t.plan.c.protected).where(t.plan.c.plan_id == plan_id)).scalar_one()
    return Contents(bool(protected), tuple(_got(shelves, file) for file in files))


def _got(shelves: Shelves, file: FileRow) -> Got:
    data = read_file(shelves.objects, shelves.ocfl, file)
    return Got(file.plan_id, file.version, file.sha256, file.kind, data)


def papers(shelves: Shelves, plan_id: str, access: Access) -> tuple[PaperRow, ...]:
    """The documents around the plan; raises `Refused` ("okand_plan") when there is no such plan."""
    with shelves.db.write() as conn:
        known = rows.versions(conn, plan_id)
        found = papers_of_plan(conn, plan_id)
        _log(conn, access, "document", "plan_id", [plan_id] if known else [])
    if not known:
        raise unknown_plan(plan_id)
    return found


def version(shelves: Shelves, plan_id: str, access: Access, action: str, *, number: int | None = None) -> VersionRow:
    """The version that a new document is to be made of, chosen as by `get`; `action` is what the log calls it.

    Raises `Refused` ("okand_plan") for an unknown plan or version.
    """
    with shelves.db.write() as conn:
        known = rows.versions(conn, plan_id)
        chosen = _chosen(known, number)
        _log(conn, access, action, "plan_id", [plan_id] if known else [])
    if chosen is None:
        raise unknown_plan(plan_id)
    return chosen


def os_user() -> str:
    """The account the program runs under."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "okand"


def _log(conn: Connection, access: Access, action: str, criterion: str, plans: Iterable[str]) -> None:
    if not access.purpose.strip():
        raise Misuse("andamal_saknas")
    row = {"at": stamp(access.now), "actor": access.actor or os_user(), "purpose": access.purpose.strip()}
    row |= {"action": action, "criterion": criterion, "plans": json.dumps(sorted(set(plans)))}
    conn.execute(t.access.insert().values(row))


def _conditions(keys: Keys, wanted: Criteria) -> tuple[list[str], list[sa.ColumnElement[bool]]]:
    found: dict[str, sa.ColumnElement[bool]] = {}
    if wanted.text is not None:
        kind, condition = _text(keys, wanted.text.strip())
        found[kind] = condition
    if wanted.person is not None:
        found["person_id"] = _of_plans(t.plan.c.plan_id, t.plan.c.person_key == _person(keys, *wanted.person))
    if wanted.sha256 is not None:
        if not _is_sha256(wanted.sha256):
            raise Misuse("sokord_ogiltigt", falt="sha256")
        found["sha256"] = _has_file(wanted.sha256.lower())
    if wanted.status is not None:
        found["status"] = t.version.c.state == wanted.status
    if wanted.unit is not None:
        found["enhet"] = t.version.c.unit_key == unit_key(keys.lookup, wanted.unit)
    if wanted.plans is not None:
        found["forfaller"] = t.version.c.plan_id.in_(sorted(wanted.plans))
    if not found:
        raise Misuse("sokning_tom")
    return list(found), list(found.values())


def _text(keys: Keys, text: str) -> tuple[str, sa.ColumnElement[bool]]:
    if _is_sha256(text):
        return "sha256", _has_file(text.lower())
    same_id = t.version.c.plan_id == text
    words = name_query(keys.lookup, text)
    if not words:
        if not text:
            raise Misuse("sokning_tom")
        return "plan_id", same_id
    named = [_of_plans(t.name_key.c.plan_id, t.name_key.c.token_key == word) for word in words]
    return "text", sa.or_(same_id, sa.and_(*named))


def _person(keys: Keys, typ: str, varde: str) -> bytes:
    try:
        return person_key(keys.lookup, typ, varde)
    except ValueError as error:
        raise Misuse("sokord_ogiltigt", falt="personnummer") from error


def _of_plans(column: sa.Column[str], condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return t.version.c.plan_id.in_(sa.select(column).where(condition))


def _has_file(sha256: str) -> sa.ColumnElement[bool]:
    c = t.file.c
    return sa.exists().where(c.sha256 == sha256, c.plan_id == t.version.c.plan_id, c.version == t.version.c.version)


def _is_sha256(text: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]{64}", text) is not None


def _found(conn: Connection, plan_id: str, number: int) -> Found:
    row = rows.version_row(conn, plan_id, number)
    if row is None:
        raise LookupError(plan_id)
    file = _current(conn, row)
    return Found(plan_id, number, row.state, file.sha256 if file else None, row.archived_at, row.adopted_at)


def _chosen(known: Collection[VersionRow], version: int | None) -> VersionRow | None:
    if version is not None:
        return next((row for row in known if row.version == version), None)
    newest = sorted(known, key=lambda row: row.version, reverse=True)
    sealed = [row for row in newest if row.state in rows.SEALED_STATES]
    return next(iter(sealed or newest), None)


def _current(conn: Connection, row: VersionRow) -> FileRow | None:
    """The version's newest sealed file; before it has one, the newest of its current edition."""
    files = rows.files_of(conn, row, *READABLE)
    of_now = [file for file in files if file.kind in rows.ISSUED or file.edition == row.edition]
    order = {kind: -place for place, kind in enumerate(READABLE)}
    return max(of_now, key=lambda file: (order[file.kind], file.revision), default=None)
