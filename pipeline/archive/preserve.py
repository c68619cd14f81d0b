"""A plan's files and what happened to them -> its archive object.

The object is a projection of the database at one moment: the same facts give the same state and no new version, so the
step may run any number of times. The plan's own versions are folders in it (``v1/`` …); OCFL's versions are how the
object came to be.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.archive.history import History, read_history, serialised
from pipeline.archive.ocfl import ObjectWriter, Source, StorageRoot
from pipeline.archive.ocfl_inventory import Inventory
from pipeline.errors import EnvironmentFailed, Refused, unknown_plan
from pipeline.store import tables as t
from pipeline.store.crypt import open_bytes, read_header, seal_bytes
from pipeline.store.db import Database
from pipeline.store.keys import Keys
from pipeline.store.objects import Objects, describe
from pipeline.store.papers import ENDINGS, PaperRow, papers_of_plan
from pipeline.store.rows import FileRow, files_of, versions

SUFFIXES = {"content": "json", "word": "docx", "scan": "bin", "basis": "bin"}


@dataclass(frozen=True, slots=True)
class Preserved:
    """What has been written: the object's newest version, and where each file and paper (row id) now lies in it."""

    plan_id: str
    head: str
    paths: tuple[tuple[int, str], ...]
    paper_paths: tuple[tuple[int, str], ...]

    def commit(self, conn: Connection) -> None:
        """Marks the files and papers as archived, in the caller's write transaction."""
        for table, paths in ((t.file, self.paths), (t.paper, self.paper_paths)):
            for row_id, path in paths:
                conn.execute(table.update().where(table.c.id == row_id).values(ocfl_path=path))


def object_id(plan_id: str) -> str:
    """The name of the plan's archive object."""
    return f"urn:plansigill:plan:{plan_id}"


def logical_path(row: FileRow | PaperRow) -> str:
    """Where the file or paper lies in the plan's object, by what it is and its hash."""
    if isinstance(row, PaperRow):
        return f"papers/{row.slag}-{row.number}-{row.sha256[:16]}.{ENDINGS[row.form]}.enc"
    name = f"r{row.revision}-{row.kind}-{row.sha256[:16]}.{SUFFIXES.get(row.kind, 'pdf')}.enc"
    return f"v{row.version}/e{row.edition}/{name}"


def preserve(db: Database, objects: Objects, ocfl: StorageRoot, keys: Keys, plan_id: str) -> Preserved:
    """Brings the plan's archive object up to the database; the caller commits the answer in its own transaction.

    Raises `Refused` for an unknown plan, `EnvironmentFailed` when a file is damaged or missing or the disk fails.
    """
    with ocfl.writing(object_id(plan_id)) as writer:
        with db.read() as conn:
            if conn.execute(sa.select(t.plan.c.plan_id).where(t.plan.c.plan_id == plan_id)).first() is None:
                raise unknown_plan(plan_id)
            history = read_history(conn, keys, plan_id)
            files = [file for version in versions(conn, plan_id) for file in files_of(conn, version)]
            papers = papers_of_plan(conn, plan_id)
        state = _State(writer, objects, keys.get(plan_id), plan_id)
        state.take_files([*files, *papers])
        state.take_history(history)
        made = writer.write(state.sources, created=history.latest, message="Plansigill")
    kept = [paper for paper in papers if logical_path(paper) in state.sources]
    return Preserved(plan_id, made.head, tuple(_paths(files)), tuple(_paths(kept)))


def _paths(rows: Iterable[FileRow | PaperRow]) -> Iterator[tuple[int, str]]:
    return ((row.id, logical_path(row)) for row in rows)


def _owner(row: FileRow | PaperRow) -> str:
    """Whose staged bytes these are: a paper made of an order lies under the order's own key until it is archived."""
    return row.owner if isinstance(row, PaperRow) else row.plan_id


class _State:
    """The object's next state while it is put together; what the object has already is named by its digest."""

    def __init__(self, writer: ObjectWriter, objects: Objects, key: bytes, plan_id: str) -> None:
        self.writer, self.objects, self.key, self.plan_id = writer, objects, key, plan_id
        self.before = writer.head() or Inventory.empty(object_id(plan_id))
        self.known = dict(self.before.state) if self.before.versions else {}
        self.sources: dict[str, Source] = {}

    def take_files(self, files: Iterable[FileRow | PaperRow]) -> None:
        for file in files:
            path = logical_path(file)
            held = self._held(path, file.sha256) or self._held_elsewhere(file)
            if held or self._is_readable(file):
                self.sources[path] = held or self._staged(file)

    def take_history(self, history: History) -> None:
        self._take("history.json.enc", serialised(history.plan, plan_id=self.plan_id))
        for number, tables in history.versions.items():
            told = serialised(tables, plan_id=self.plan_id, version=number)
            self._take(f"v{number}/history.json.enc", told)

    def _take(self, path: str, data: bytes) -> None:
        held = self._held(path, describe(data).sha256)
        self.sources[path] = held or (lambda: seal_bytes(self.key, self.plan_id, data))

    def _held(self, path: str, sha256: str) -> str | None:
        """The digest of `path` when the object holds those very (plain) bytes under it."""
        digest = self.known.get(path)
        if digest is None:
            return None
        data = self.writer.root.read_content(self.writer.object_id, self.before, digest)
        return digest if read_header(data).sha256 == sha256 else None

    def _held_elsewhere(self, file: FileRow | PaperRow) -> str | None:
        """The same bytes under another name, when their staged copy has been swept."""
        if self.objects.exists(_owner(file), file.sha256):
            return None
        return next((digest for path in self.known if (digest := self._same(path, file))), None)

    def _same(self, path: str, file: FileRow | PaperRow) -> str | None:
        return self._held(path, file.sha256) if f"-{file.sha256[:16]}." in path else None

    def _is_readable(self, file: FileRow | PaperRow) -> bool:
        """False for the paper of an order whose own key has been destroyed: it is erased, and the plan goes on."""
        if _owner(file) == self.plan_id:
            return True
        try:
            self.objects.keys.get(_owner(file))
        except Refused:
            return False
        return True

    def _staged(self, file: FileRow | PaperRow) -> Callable[[], bytes]:
        def sealed() -> bytes:
            if _owner(file) != self.plan_id:
                return seal_bytes(self.key, self.plan_id, self.objects.get(_owner(file), file.sha256))
            data = self.objects.sealed(self.plan_id, file.sha256)
            open_bytes(self.key, data)  # nothing damaged is archived
            if read_header(data).sha256 != file.sha256:
                raise EnvironmentFailed("objekt_skadat")
            return data

        return sealed


def read_file(objects: Objects, ocfl: StorageRoot, row: FileRow | PaperRow) -> bytes:
    """The plain bytes of a file or paper, from the archive object or from staging; judged by the hash of its row.

    Raises `EnvironmentFailed` ("objekt_skadat") when damaged or missing, `Refused` when the plan is erased.
    """
    if objects.exists(_owner(row), row.sha256):
        return objects.get(_owner(row), row.sha256)
    if row.plan_id is None:
        raise EnvironmentFailed("objekt_skadat")
    sealed = ocfl.read(object_id(row.plan_id), logical_path(row))
    if sealed is None:
        sealed = _by_hash(ocfl, row.plan_id, row.sha256)
    if sealed is None or read_header(sealed).sha256 != row.sha256:
        raise EnvironmentFailed("objekt_skadat")
    return open_bytes(objects.keys.get(row.plan_id), sealed)


def _by_hash(ocfl: StorageRoot, plan_id: str, sha256: str) -> bytes | None:
    inventory = ocfl.head(object_id(plan_id))
    for path in inventory.state if inventory else ():
        if f"-{sha256[:16]}." in path:
            return ocfl.read(object_id(plan_id), path)
    return None


def sweep(db: Database, objects: Objects, ocfl: StorageRoot, plan_id: str) -> int:
    """Removes staged copies of files that the archive object holds and the database says so; gives how many.

    May run at any time and again: a copy goes only when the archived bytes have been opened and have their hashes.
    """
    with db.read() as conn:
        kept: list[FileRow | PaperRow] = [f for version in versions(conn, plan_id) for f in files_of(conn, version)]
        kept += papers_of_plan(conn, plan_id)
    waiting = {(_owner(file), file.sha256) for file in kept if file.ocfl_path is None}
    swept = 0
    for file in kept:
        if (_owner(file), file.sha256) in waiting or not objects.exists(_owner(file), file.sha256):
            continue
        sealed = ocfl.read(object_id(plan_id), logical_path(file))
        if sealed is None or read_header(sealed).sha256 != file.sha256:
            raise EnvironmentFailed("objekt_skadat")
        open_bytes(objects.keys.get(plan_id), sealed)
        objects.remove(_owner(file), file.sha256)
        swept += 1
    return swept
