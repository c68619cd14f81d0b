"""Files as commands are given them: read in bounds, named as people know them, written where they were asked for."""

import os
import stat
from pathlib import Path

from pipeline.casework.attachments import LARGEST
from pipeline.errors import Misuse
from pipeline.plan.parsing import MAX_BYTES
from pipeline.settings import CONFIG_NAME
from pipeline.store.durable import disk, write_whole, write_whole_new


def read_bytes(path: Path, largest: int = MAX_BYTES) -> bytes:
    """At most one byte more of a file than it may have. Raises `Misuse` when it cannot be read.

    A pipe or a device is refused before anybody waits for what it may never say.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as source:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Misuse("fil_ar_ingen_vanlig", file=path)
            return source.read(largest + 1)
    except OSError as error:
        raise Misuse("fil_gar_inte_att_lasa", file=path) from error


def read_attachment(path: Path) -> bytes:
    """At most one byte more of a scan or a representative's document than it may have. Raises `Misuse`."""
    return read_bytes(path, LARGEST)


def require_readable(path: Path) -> None:
    """Raise `Misuse` when a file is not there, is none or may not be read, without opening it."""
    if path.is_dir() or not os.access(path, os.R_OK):
        raise Misuse("fil_gar_inte_att_lasa", file=path)
    if not path.is_file():
        raise Misuse("fil_ar_ingen_vanlig", file=path)


def named(home: Path, path: Path) -> str:
    """A path as people are told it: relative to the workspace when it lies inside one, otherwise as they gave it."""
    whole = path.resolve()
    inside = whole.is_relative_to(home.resolve()) and (home / CONFIG_NAME).is_file()
    return str(whole.relative_to(home.resolve()) if inside else path)


def require_free(path: Path, *, replace: bool) -> None:
    """Raise `Misuse` unless a file can be put at `path`: in a folder that is there, over nothing unless `replace`."""
    if path.is_dir() or not path.parent.is_dir():
        raise Misuse("fil_gar_inte_att_skriva", file=path)
    if not replace and os.path.lexists(path):
        raise Misuse("fil_finns", file=path)


def write_beside(path: Path, data: bytes) -> None:
    """Put a new file at `path`, whole or not at all, and over nothing. Raises `Misuse`."""
    require_free(path, replace=False)
    with disk():
        try:
            write_whole_new(path, data)
        except FileExistsError:  # since we looked
            raise Misuse("fil_finns", file=path) from None


def write(path: Path, data: bytes) -> None:
    """Put what was asked for where it was asked to be. Raises `Misuse` when no file can be there."""
    if path.is_dir() or not path.parent.is_dir():
        raise Misuse("fil_gar_inte_att_skriva", file=path)
    with disk():
        write_whole(path, data)
