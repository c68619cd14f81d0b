"""Rows of plans, versions, slots and files, as values; the journey and the look-ups read and write through here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from pipeline.store import tables as t

OPEN_STATES = ("received", "rendered", "awaiting_signatures")
SEALED_STATES = ("sealed", "archived", "handed_over")
PAPERS = "~papers"
"""The papers of a plan or order wait in a queue of their own, so that one that cannot be made holds up no signature."""
ISSUED = ("sealed", "renewed")
"""The kinds of file that the archive issues: sealed, and sealed anew when an archive time stamp was about to end."""
ENDED_STATES = ("superseded", "withdrawn")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One accepted version of a plan and how far it has come."""

    plan_id: str
    version: int
    intake_id: str
    profil: str
    verksamhetsomrade: str
    beslut_id: str
    content_sha256: str
    state: str
    edition: int
    accepted_at: str
    adopted_at: str | None
    sealed_at: str | None
    archived_at: str | None
    ended_at: str | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One signature slot of a version; `detail_enc` is readable with the plan's key only."""

    role: str
    position: int
    required: bool
    intent: str
    outcome: str | None
    reason: str | None
    edition: int | None
    ended_at: str | None
    detail_enc: bytes | None
    evidence_id: str | None


@dataclass(frozen=True, slots=True)
class FileRow:
    """One stored file of a version; hashes are of the plain bytes, `size` in bytes.

    `holds_until` is when a sealed file's last time stamp can no longer be shown to be good.
    """

    id: int
    plan_id: str
    version: int
    edition: int
    revision: int
    kind: str
    sha256: str
    sha512: str
    size: int
    made_at: str
    ocfl_path: str | None
    holds_until: str | None


def _version(row: Row[tuple[object, ...]]) -> VersionRow:
    return VersionRow(**{name: row._mapping[name] for name in VersionRow.__slots__})


def _file(row: Row[tuple[object, ...]]) -> FileRow:
    told = {name: row._mapping[name] for name in FileRow.__slots__}
    return FileRow(**told | {"holds_until": t.valid_stamp(told["holds_until"])})


def latest_version(conn: Connection, plan_id: str) -> VersionRow | None:
    """The newest version of the plan, whatever its state."""
    query = sa.select(t.version).where(t.version.c.plan_id == plan_id).order_by(t.version.c.version.desc()).limit(1)
    row = conn.execute(query).first()
    return _version(row) if row else None


def has_any(conn: Connection, plan_ids: Sequence[str]) -> bool:
    """Whether any of these plans is here."""
    query = sa.select(t.version.c.plan_id).where(t.version.c.plan_id.in_(list(plan_ids))).limit(1)
    return conn.execute(query).first() is not None


def version_row(conn: Connection, plan_id: str, version: int) -> VersionRow | None:
    """One version of the plan."""
    where = (t.version.c.plan_id == plan_id, t.version.c.version == version)
    row = conn.execute(sa.select(t.version).where(*where)).first()
    return _version(row) if row else None


def versions(conn: Connection, plan_id: str) -> tuple[VersionRow, ...]:
    """All versions of the plan, oldest first."""
    query = sa.select(t.version).where(t.version.c.plan_id == plan_id).order_by(t.version.c.version)
    return tuple(_version(row) for row in conn.execute(query))


def plan_ids(conn: Connection) -> tuple[str, ...]:
    """Every plan of the archive, by id."""
    return tuple(conn.execute(sa.select(t.plan.c.plan_id).order_by(t.plan.c.plan_id)).scalars())


def update_version(conn: Connection, v: VersionRow, **values: object) -> None:
    """Set columns of one version."""
    where = (t.version.c.plan_id == v.plan_id, t.version.c.version == v.version)
    conn.execute(t.version.update().where(*where).values(**values))


def slots_of(conn: Connection, v: VersionRow) -> tuple[SlotRow, ...]:
    """The version's slots in signing order."""
    c = t.slot.c
    columns = [c[name] for name in SlotRow.__slots__]
    query = sa.select(*columns).where(c.plan_id == v.plan_id, c.version == v.version).order_by(c.position)
    return tuple(SlotRow(*row) for row in conn.execute(query))


def update_slot(conn: Connection, v: VersionRow, role: str, **values: object) -> None:
    """Set columns of one slot."""
    c = t.slot.c
    conn.execute(t.slot.update().where(c.plan_id == v.plan_id, c.version == v.version, c.role == role).values(**values))


def files_of(conn: Connection, v: VersionRow, *kinds: str) -> tuple[FileRow, ...]:
    """The version's files in the order they were made; only those of `kinds` when any is given."""
    c = t.file.c
    query = sa.select(t.file).where(c.plan_id == v.plan_id, c.version == v.version).order_by(c.id)
    return tuple(_file(row) for row in conn.execute(query.where(c.kind.in_(kinds)) if kinds else query))


def current_revision(conn: Connection, v: VersionRow) -> FileRow | None:
    """The newest prepared, signed or sealed file of the version's current edition."""
    found = [f for f in files_of(conn, v, "prepared", "signed", *ISSUED) if f.edition == v.edition]
    return max(found, key=lambda f: f.revision, default=None)


def newest_issued(conn: Connection, v: VersionRow) -> FileRow | None:
    """The version's sealed file as it stands: the one with the newest archive time stamp."""
    return max(files_of(conn, v, *ISSUED), key=lambda f: f.revision, default=None)


def files_with_hash(conn: Connection, sha256: Sequence[str]) -> tuple[FileRow, ...]:
    """Every stored file whose plain bytes have one of these SHA-256."""
    query = sa.select(t.file).where(t.file.c.sha256.in_(list(sha256))).order_by(t.file.c.id)
    return tuple(_file(row) for row in conn.execute(query))


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file already in the object store, about to get its row."""

    edition: int
    revision: int
    kind: str
    sha256: str
    sha512: str
    size: int
    holds_until: str | None = None


def add_file(conn: Connection, v: VersionRow, new: NewFile, now: datetime) -> None:
    """Record a file of the version; the same file twice is one row."""
    values = {name: getattr(new, name) for name in NewFile.__slots__}
    c = t.file.c
    told = (c[name] == value for name, value in values.items() if name != "holds_until")
    same = sa.select(c.id).where(c.plan_id == v.plan_id, c.version == v.version, *told)
    if conn.execute(same).first() is None:
        conn.execute(t.file.insert().values(plan_id=v.plan_id, version=v.version, made_at=t.stamp(now), **values))


def base_hash(conn: Connection, v: VersionRow) -> str | None:
    """SHA-256 of the current edition's file with its empty fields, before anyone signed."""
    c = t.edition.c
    where = (c.plan_id == v.plan_id, c.version == v.version, c.edition == v.edition)
    return conn.execute(sa.select(c.base_sha256).where(*where)).scalar()


def edition_made(conn: Connection, v: VersionRow) -> str | None:
    """When the current edition was ready to sign; None when it is not yet."""
    c = t.edition.c
    where = (c.plan_id == v.plan_id, c.version == v.version, c.edition == v.edition)
    return conn.execute(sa.select(c.made_at).where(*where)).scalar()


def add_edition(conn: Connection, v: VersionRow, base_sha256: str, now: datetime) -> None:
    """Record the version's current edition with the hash of its file with empty fields."""
    values = {"plan_id": v.plan_id, "version": v.version, "edition": v.edition}
    conn.execute(t.edition.insert().values(base_sha256=base_sha256, made_at=t.stamp(now), **values))


def waiting_steps(conn: Connection, plan_id: str) -> list[dict[str, object]]:
    """The plan's steps that have not ended, and why one waits to be tried again."""
    c = t.step.c
    query = sa.select(c.kind, c.state, c.due, c.attempts, c.error_code).order_by(c.id)
    queues = (plan_id, plan_id + PAPERS)
    found = conn.execute(query.where(c.plan_id.in_(queues), c.state.in_(("ready", "running"))))
    return [dict(row._mapping) for row in found]


def step_error(conn: Connection, queue: str, key: str) -> str | None:
    """Why the step with that key has not come about: its error code; None when all is well."""
    c = t.step.c
    return conn.execute(sa.select(c.error_code).where(c.plan_id == queue, c.key == key, c.state != "done")).scalar()


def events_of(conn: Connection, plan_id: str) -> list[dict[str, object]]:
    """The plan's events by id, kind and day."""
    c = t.handelse.c
    orders = sa.select(t.uppdrag.c.id).where(t.uppdrag.c.plan_id == plan_id)
    query = sa.select(c.handelse_id, c.slag, c.datum, c.version).order_by(c.datum, c.recorded_at)
    found = conn.execute(query.where(sa.or_(c.plan_id == plan_id, c.uppdrag_id.in_(orders))))
    return [dict(row._mapping) for row in found]


def trail_of(conn: Connection, plan_id: str) -> list[dict[str, object]]:
    """The plan's trail entries by index, type and leaf hash."""
    c = t.trail.c
    found = conn.execute(sa.select(c.idx, c.type, c.leaf).where(c.plan_id == plan_id).order_by(c.idx))
    return [{"idx": row.idx, "type": row.type, "leaf": bytes(row.leaf).hex()} for row in found]


def intake_hash(conn: Connection, intake_id: str) -> str | None:
    """SHA-256 of the bytes that an intake's answer was given for."""
    return conn.execute(sa.select(t.intake.c.sha256).where(t.intake.c.id == intake_id)).scalar()


def event_row(conn: Connection, handelse_id: str) -> Row[tuple[object, ...]] | None:
    """One recorded event."""
    return conn.execute(sa.select(t.handelse).where(t.handelse.c.handelse_id == handelse_id)).first()
