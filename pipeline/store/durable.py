"""Writing that survives a power cut: a name appears only when its bytes are on disk.

Order everywhere: write under another name, fsync the file, rename, fsync the folder.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import EnvironmentFailed

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@contextmanager
def disk() -> Iterator[None]:
    """Turns an `OSError` into `EnvironmentFailed`, naming the error number and never the path."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFailed("lagring", orsak=errno.errorcode.get(error.errno or 0, "OSError")) from error


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_new(path: Path, data: bytes) -> None:
    """Creates `path` (mode 0600) with `data` on disk; its name is durable after `sync_folder`.

    Raises `FileExistsError` when something is there already.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes) -> None:
    """Puts `data` at `path` at once: a reader, now or after a crash, sees the old file or all of the new one."""
    unfinished = path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        write_new(unfinished, data)
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_whole_new(path: Path, data: bytes) -> None:
    """As `write_whole`, where nothing may be at `path` yet. Raises `FileExistsError`, and leaves what is there."""
    unfinished = path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        write_new(unfinished, data)
        os.link(unfinished, path)  # unlike a rename, it replaces nothing
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Makes `path` and its missing parents (mode 0700), each name durable."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        sync_folder(folder.parent)
