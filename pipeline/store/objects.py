"""Every revision's bytes, encrypted, by owner and hash, until the archive object holds them.

A file is complete or absent: it gets its name only when its bytes are on disk. What lies here without a row in the
database is harmless and is found again under the same name by the step that runs again.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EnvironmentFailed
from pipeline.store.crypt import open_bytes, seal_bytes
from pipeline.store.durable import disk, make_folder, sync_folder, write_whole
from pipeline.store.keys import Keys


@dataclass(frozen=True, slots=True)
class Stored:
    """The plain bytes' hashes (hex) and size in bytes."""

    sha256: str
    sha512: str
    size: int


@dataclass(frozen=True, slots=True)
class Objects:
    """Encrypted files under ``<root>/staging``, sealed with the owner's own key."""

    root: Path
    keys: Keys

    def put(self, owner: str, data: bytes) -> Stored:
        """Stores `data` for `owner`; the same bytes again change nothing, a damaged copy is replaced."""
        stored = describe(data)
        key = self.keys.get_or_create(owner)
        path = self.path(owner, stored.sha256)
        with disk():
            if self._holds(path, key, data):
                sync_folder(path.parent)  # the rename may be another process's and not yet durable
            else:
                make_folder(path.parent)
                write_whole(path, seal_bytes(key, owner, data))
        return stored

    def get(self, owner: str, sha256: str) -> bytes:
        """The bytes of `owner` with that hash; raises `EnvironmentFailed` when damaged or missing."""
        data = open_bytes(self.keys.get(owner), self.sealed(owner, sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EnvironmentFailed("objekt_skadat")
        return data

    def sealed(self, owner: str, sha256: str) -> bytes:
        """The encrypted file as it lies on disk."""
        path = self.path(owner, sha256)
        with disk():
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                raise EnvironmentFailed("objekt_skadat") from error

    def exists(self, owner: str, sha256: str) -> bool:
        """Whether a file of that hash lies here."""
        return self.path(owner, sha256).is_file()

    def remove(self, owner: str, sha256: str) -> None:
        """Takes the file away; may be repeated."""
        path = self.path(owner, sha256)
        with disk():
            if path.parent.is_dir():
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def path(self, owner: str, sha256: str) -> Path:
        """Where the file of that hash lies or would lie; the owner's id is not part of the name."""
        folder = hashlib.sha256(owner.encode("utf-8")).hexdigest()[:32]
        return self.root / "staging" / folder / f"{sha256}.enc"

    @staticmethod
    def _holds(path: Path, key: bytes, data: bytes) -> bool:
        try:
            return open_bytes(key, path.read_bytes()) == data
        except (FileNotFoundError, EnvironmentFailed):
            return False


def describe(data: bytes) -> Stored:
    """The hashes and size of plain bytes."""
    return Stored(hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest(), len(data))
