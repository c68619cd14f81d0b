"""The master key, one key for each plan, and the key of the look-up hashes.

The master key is a file of 32 random bytes that no backup of the archive includes. From it HKDF derives the key that
wraps the plans' keys (AES key wrap, RFC 3394) and the key of the look-up hashes. The wrapped keys lie in a small
database of their own, apart from the objects: destroying a row there is what erasure (gallring) is.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from pipeline.errors import EnvironmentFailed, Misuse, Refused
from pipeline.store.durable import disk, make_folder, sync_folder, write_new

KEY_BYTES = 32
BUSY_SECONDS = 30.0
_SCHEMA = """
create table kek (kek_id text primary key) strict;
create table dek (
    owner text primary key,
    kek_id text not null references kek,
    wrapped blob not null
) strict, without rowid;
"""


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """The keys of one workspace; safe to hand to a forked or spawned process."""

    master_file: Path
    database: Path
    lookup: bytes = field(repr=False)
    _kek: bytes = field(repr=False)
    _kek_id: str = field(repr=False)

    def get_or_create(self, owner: str) -> bytes:
        """The key of `owner` (a plan id, or another id that is erased as one), made at the first call."""
        wrapped = aes_key_wrap(self._kek, os.urandom(KEY_BYTES))
        with _connect(self.database) as conn:
            found = _wrapped(conn, owner)
            if found is None:
                conn.execute("begin immediate")
                conn.execute(
                    "insert into dek (owner, kek_id, wrapped) values (?, ?, ?) on conflict do nothing",
                    (owner, self._kek_id, wrapped),
                )
                conn.execute("commit")
                found = _wrapped(conn, owner)
        return self._unwrap(found)

    def get(self, owner: str) -> bytes:
        """The key of `owner`; raises `Refused` ("nyckel_saknas") when it never was or has been destroyed."""
        with _connect(self.database) as conn:
            return self._unwrap(_wrapped(conn, owner))

    def destroy(self, owner: str) -> None:
        """Erases the key of `owner` from the database and its log; may be repeated.

        Raises `EnvironmentFailed` ("nyckel_anvands") when a reader keeps the log from being emptied: call again.
        """
        with _connect(self.database) as conn:
            conn.execute("delete from dek where owner = ?", (owner,))
            blocked, _, _ = conn.execute("pragma wal_checkpoint(truncate)").fetchone()
            if blocked:
                raise EnvironmentFailed("nyckel_anvands")

    def _unwrap(self, wrapped: bytes | None) -> bytes:
        if wrapped is None:
            raise Refused("nyckel_saknas")
        try:
            return aes_key_unwrap(self._kek, wrapped)
        except InvalidUnwrap as error:
            raise EnvironmentFailed("nyckeldatabas") from error

    def __reduce__(self) -> tuple[object, ...]:
        """A spawned process reads the master key itself; no key travels."""
        return open_keys, (self.master_file, self.database)


def create_master_key(path: Path) -> None:
    """Writes a new master key to `path` (mode 0600); raises `Misuse` when there is a file already."""
    with disk():
        make_folder(path.parent)
        try:
            write_new(path, os.urandom(KEY_BYTES))
        except FileExistsError as error:
            raise Misuse("huvudnyckel_finns") from error
        sync_folder(path.parent)


def create_keys(master_file: Path, database: Path) -> Keys:
    """Makes the empty key database of the master key in `master_file`; an existing one is opened as it is."""
    if not database.exists():
        master = _read_master(master_file)
        unfinished = database.with_name(f".{database.name}.{os.urandom(8).hex()}.tmp")
        with disk():
            make_folder(database.parent)
            try:
                _write_empty(unfinished, _kek_id(master))
                with suppress(FileExistsError):
                    database.hardlink_to(unfinished)
            finally:
                unfinished.unlink(missing_ok=True)
            sync_folder(database.parent)
    return open_keys(master_file, database)


def open_keys(master_file: Path, database: Path) -> Keys:
    """The keys of a workspace; raises `Misuse` for a missing, readable-by-others or wrong master key."""
    master = _read_master(master_file)
    if not database.exists():
        raise EnvironmentFailed("nyckeldatabas")
    with _connect(database) as conn:
        known = conn.execute("select 1 from kek where kek_id = ?", (_kek_id(master),)).fetchone()
    if known is None:
        raise Misuse("huvudnyckel_fel")
    lookup, kek = _derive(master, b"plansigill lookup v1"), _derive(master, b"plansigill kek v1")
    return Keys(master_file, database, lookup, kek, _kek_id(master))


def derived_secret(master_file: Path, info: bytes) -> bytes:
    """32 bytes that belong to this master key and the purpose `info` (fixed, ``plansigill … v1``) alone."""
    return _derive(_read_master(master_file), info)


def _read_master(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise Misuse("huvudnyckel_oppen")
        master = path.read_bytes()
    except OSError as error:
        raise Misuse("huvudnyckel_saknas") from error
    if len(master) != KEY_BYTES:
        raise Misuse("huvudnyckel_saknas")
    return master


def _derive(master: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def _kek_id(master: bytes) -> str:
    return _derive(master, b"plansigill kek id v1")[:8].hex()


def _write_empty(database: Path, kek_id: str) -> None:
    write_new(database, b"")
    with _connect(database) as conn:
        conn.executescript(_SCHEMA)
        conn.execute("insert into kek values (?)", (kek_id,))
        conn.execute("pragma journal_mode=wal")


def _wrapped(conn: sqlite3.Connection, owner: str) -> bytes | None:
    row = conn.execute("select wrapped from dek where owner = ?", (owner,)).fetchone()
    return None if row is None else bytes(row[0])


@contextmanager
def _connect(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one act: none outlives it, so a fork never inherits one."""
    try:
        conn = sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            conn.execute("pragma synchronous=full")
            conn.execute("pragma secure_delete=on")
            conn.execute("pragma foreign_keys=on")
            yield conn
        finally:
            conn.close()
    except sqlite3.Error as error:
        raise EnvironmentFailed("nyckeldatabas") from error
