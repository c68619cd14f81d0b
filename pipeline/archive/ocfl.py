"""Archive objects on disk after OCFL 1.1 (https://ocfl.io/1.1/spec/), written so that a power cut loses nothing.

A new object appears by one rename. A new version appears by three: its folder, then the object's inventory, then the
inventory's digest; every byte of it is on disk before the first. Between the renames the version's own inventory, which
names its digest beside it, is the truth for readers, and whoever writes next completes what was begun. What is put here
is never changed or removed. Names, messages and ids carry no personal data.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.archive.ocfl_inventory import Inventory, Version, read_inventory, sha512, truth
from pipeline.errors import EnvironmentFailed
from pipeline.store.durable import disk, make_folder, sync_folder, write_new

ROOT_DECLARATION = ("0=ocfl_1.1", b"ocfl_1.1\n")
OBJECT_DECLARATION = ("0=ocfl_object_1.1", b"ocfl_object_1.1\n")
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
LAYOUT_CONFIG = {"extensionName": LAYOUT, "digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3}
WORKSPACE = "plansigill-workspace"
INVENTORY, SIDECAR = "inventory.json", "inventory.json.sha512"

Source = str | Callable[[], bytes]
"""Where a file's bytes come from: the digest (SHA-512, hex) of what the object holds, or a call that gives them."""


@dataclass(frozen=True, slots=True)
class StorageRoot:
    """An OCFL storage root; one process at a time writes in it."""

    path: Path

    @property
    def workspace(self) -> Path:
        """Where a version is made before it gets its name: on the same file system, and outside every object."""
        return self.path / "extensions" / WORKSPACE

    def object_path(self, object_id: str) -> Path:
        """Where the object lies or would lie (layout extension 0003)."""
        digest = hashlib.sha256(object_id.encode("utf-8")).hexdigest()
        name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else _percent(c) for c in object_id)
        if len(name) > 100:
            name = f"{name[:100]}-{digest}"
        return self.path.joinpath(digest[0:3], digest[3:6], digest[6:9], name)

    def head(self, object_id: str) -> Inventory | None:
        """The object's newest inventory, or None when there is no such object.

        Raises `EnvironmentFailed` ("arkiv_skadat") when its newest version's inventory does not match its digest.
        """
        with disk():
            found = truth(self.object_path(object_id))
        return None if found is None else read_inventory(found)

    def read(self, object_id: str, logical_path: str) -> bytes | None:
        """The bytes of one file of the newest version; None when it has none of that name.

        Raises `EnvironmentFailed` ("objekt_skadat") when they do not match their digest.
        """
        inventory = self.head(object_id)
        digest = None if inventory is None else inventory.state.get(logical_path)
        if inventory is None or digest is None:
            return None
        return self.read_content(object_id, inventory, digest)

    def read_content(self, object_id: str, inventory: Inventory, digest: str) -> bytes:
        """The bytes that have that digest in the object's manifest."""
        with disk():
            try:
                data = (self.object_path(object_id) / inventory.content_path(digest)).read_bytes()
            except FileNotFoundError as error:
                raise EnvironmentFailed("objekt_skadat") from error
        if sha512(data) != digest:
            raise EnvironmentFailed("objekt_skadat")
        return data

    @contextmanager
    def writing(self, object_id: str) -> Iterator["ObjectWriter"]:
        """The right to write, held until the block ends; first completes what an interrupted writer left."""
        with disk():
            handle = os.open(self.workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with disk():
                fcntl.flock(handle, fcntl.LOCK_EX)
                for left in self.workspace.iterdir():
                    _remove(left)
                writer = ObjectWriter(self, object_id)
                writer.complete()
            yield writer
        finally:
            os.close(handle)


@dataclass(frozen=True, slots=True)
class ObjectWriter:
    """Writes one object while the storage root is held."""

    root: StorageRoot
    object_id: str

    @property
    def path(self) -> Path:
        """The object's folder."""
        return self.root.object_path(self.object_id)

    def head(self) -> Inventory | None:
        """The object's newest inventory."""
        return self.root.head(self.object_id)

    def write(self, state: Mapping[str, Source], *, created: datetime, message: str) -> Inventory:
        """Makes `state` (logical path to source) the newest version; the same state again makes none."""
        with disk():
            before = self.head()
            made = self.root.workspace / "new"
            _remove(made)
            make_folder(made)
            builder = _Build(before or Inventory.empty(self.object_id), made)
            after = builder.fill(state).version(_moment(created), message)
            if before is not None and after.state == before.state:
                _remove(made)
                return before
            builder.finish(after)
            if before is None:
                self._place_object(made, after)
            else:
                made.rename(self.path / after.head)
                sync_folder(self.path)
                self.complete()
            return after

    def complete(self) -> None:
        """Makes the object's own inventory that of its newest version; does nothing when it is."""
        found = truth(self.path)
        if found is None:
            return
        for name, data in ((INVENTORY, found), (SIDECAR, _sidecar(found))):
            target = self.path / name
            if not target.is_file() or target.read_bytes() != data:
                unfinished = self.root.workspace / name
                unfinished.unlink(missing_ok=True)
                write_new(unfinished, data)
                unfinished.rename(target)
                sync_folder(self.path)

    def _place_object(self, made: Path, inventory: Inventory) -> None:
        whole = self.root.workspace / "object"
        make_folder(whole)
        made.rename(whole / inventory.head)
        data = inventory.serialised()
        for name, content in (OBJECT_DECLARATION, (INVENTORY, data), (SIDECAR, _sidecar(data))):
            write_new(whole / name, content)
        sync_folder(whole)
        make_folder(self.path.parent)
        whole.rename(self.path)
        sync_folder(self.path.parent)


class _Build:
    """One version's folder while it is filled."""

    def __init__(self, before: Inventory, folder: Path) -> None:
        self.before, self.folder = before, folder
        self.state: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.fixity: dict[str, str] = {}

    def fill(self, state: Mapping[str, Source]) -> "_Build":
        for logical_path, source in sorted(state.items()):
            self.state[logical_path] = source if isinstance(source, str) else self._add(logical_path, source())
            if self.state[logical_path] not in self.before.manifest and self.state[logical_path] not in self.added:
                raise ValueError("the object holds no such digest")
        return self

    def _add(self, logical_path: str, data: bytes) -> str:
        digest = sha512(data)
        if digest not in self.before.manifest and digest not in self.added:
            target = self.folder / "content" / logical_path
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_new(target, data)
            self.added[digest] = f"{self.before.next_head}/content/{logical_path}"
            self.fixity[self.added[digest]] = hashlib.sha256(data).hexdigest()
        return digest

    def version(self, created: str, message: str) -> Inventory:
        return self.before.next(Version(self.state, created, message), self.added, self.fixity)

    def finish(self, inventory: Inventory) -> None:
        data = inventory.serialised()
        write_new(self.folder / INVENTORY, data)
        write_new(self.folder / SIDECAR, _sidecar(data))
        for folder, _, _ in os.walk(self.folder, topdown=False):
            sync_folder(Path(folder))


def create_storage_root(path: Path) -> StorageRoot:
    """Makes `path` a storage root, its declaration last; an existing one is opened as it is."""
    root = StorageRoot(path)
    if not (path / ROOT_DECLARATION[0]).exists():
        layout = {"extension": LAYOUT, "description": "SHA-256 of the object id, then the object id"}
        with disk():
            make_folder(root.workspace)
            make_folder(path / "extensions" / LAYOUT)
            _place(root, path / "extensions" / LAYOUT / "config.json", _pretty(LAYOUT_CONFIG))
            _place(root, path / "ocfl_layout.json", _pretty(layout))
            _place(root, path / ROOT_DECLARATION[0], ROOT_DECLARATION[1])
    return open_storage_root(path)


def open_storage_root(path: Path) -> StorageRoot:
    """The storage root at `path`; raises `EnvironmentFailed` ("arkiv_saknas") when there is none of our layout."""
    root = StorageRoot(path)
    try:
        declared = (path / ROOT_DECLARATION[0]).read_bytes() == ROOT_DECLARATION[1]
        config = json.loads((path / "extensions" / LAYOUT / "config.json").read_bytes())
        if declared and config == LAYOUT_CONFIG:
            with disk():
                make_folder(root.workspace)
            return root
    except (OSError, ValueError):
        pass
    raise EnvironmentFailed("arkiv_saknas")


def _place(root: StorageRoot, target: Path, data: bytes) -> None:
    unfinished = root.workspace / f"root-{target.name}"
    unfinished.unlink(missing_ok=True)
    write_new(unfinished, data)
    unfinished.rename(target)
    sync_folder(target.parent)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sidecar(inventory: bytes) -> bytes:
    return f"{sha512(inventory)} {INVENTORY}\n".encode("ascii")


def _percent(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode("utf-8"))


def _pretty(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, indent=2).encode("utf-8") + b"\n"


def _moment(created: datetime) -> str:
    return created.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
