"""The archive's one database: SQLite in WAL mode, every commit on disk before it answers.

`write` begins with ``begin immediate``, so two writers never meet half-way; `read` sees one moment and cannot write.
A database of an older schema is migrated when it is opened; one that is up to date is opened without importing Alembic.
"""

import fcntl
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from pipeline.errors import EnvironmentFailed, Misuse
from pipeline.store import migrations
from pipeline.store.durable import PRIVATE_FILE, disk, make_folder, sync_folder

BUSY_MILLISECONDS = 30_000
_PRAGMAS = (
    f"pragma busy_timeout={BUSY_MILLISECONDS}",
    "pragma synchronous=full",
    "pragma foreign_keys=on",
    "pragma secure_delete=on",
    "pragma recursive_triggers=on",  # else `insert or replace` would slip past the append-only triggers
)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Database:
    """An open database; safe to use after a fork and to hand to a spawned process."""

    path: Path
    engine: Engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that commits at the end and rolls back on any exception."""
        with _answering(), self.engine.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the database; writing in it fails."""
        with _answering(), self.engine.connect() as plain:
            conn = plain.execution_options(reading=True)
            raw = _driver(conn)
            raw.execute("pragma query_only=on")
            try:
                with conn.begin():
                    yield conn
            finally:
                raw.execute("pragma query_only=off")

    def __reduce__(self) -> tuple[object, ...]:
        """A spawned process opens its own."""
        return open_database, (self.path,)


def open_database(path: Path) -> Database:
    """The database at `path`, made or migrated as needed.

    Raises `EnvironmentFailed` when it does not answer, `Misuse` when a newer program made it.
    """
    if not path.exists():
        with disk():
            make_folder(path.parent)
            path.touch(mode=PRIVATE_FILE)
    address = sa.URL.create("sqlite", database=str(path))  # as text, a ? or % in the path would lead elsewhere
    engine = sa.create_engine(address, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    database = Database(path, engine)
    _OPEN.add(database)
    with _answering():
        if _schema(engine) != migrations.HEAD:
            _migrate(database)
    return database


def _schema(engine: Engine) -> str | None:
    with engine.connect() as conn:
        raw = _driver(conn)
        if raw.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone() is None:
            return None
        row = raw.execute("select version_num from alembic_version").fetchone()
        return None if row is None else str(row[0])


def _migrate(database: Database) -> None:
    """One process at a time brings the schema to the head, in one transaction."""
    with disk(), _alone(database.path.parent):
        found = _schema(database.engine)
        if found == migrations.HEAD:
            return
        if found is not None and found not in migrations.KNOWN:
            raise Misuse("databas_nyare")
        with database.engine.connect() as conn:
            _driver(conn).execute("pragma journal_mode=wal")
        with database.engine.begin() as conn:
            migrations.upgrade(conn)
        sync_folder(database.path.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _prepare(raw: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    raw.isolation_level = None  # SQLAlchemy's begin event alone decides when a transaction starts
    for pragma in _PRAGMAS:
        raw.execute(pragma)


def _begin(conn: Connection) -> None:
    conn.exec_driver_sql("begin" if conn.get_execution_options().get("reading") else "begin immediate")


def _driver(conn: Connection) -> sqlite3.Connection:
    raw = conn.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("not an SQLite connection")
    return raw


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, DatabaseError, sqlite3.DatabaseError) as error:
        raise EnvironmentFailed("databas") from error


_OPEN: "weakref.WeakSet[Database]" = weakref.WeakSet()
_INHERITED: list[Pool] = []


def _after_fork() -> None:
    """A child never touches its parent's connections: not to use them, not to close them."""
    for database in list(_OPEN):
        _INHERITED.append(database.engine.pool)
        database.engine.dispose(close=False)


os.register_at_fork(after_in_child=_after_fork)
