"""Looking at, reading and writing single files, trusting nothing about what the sender put there."""

import errno
import fcntl
import os
import secrets
import signal
import stat
from dataclasses import dataclass
from pathlib import Path

from pipeline.plan.parsing import MAX_BYTES
from pipeline.store.durable import sync_folder

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SHARES = ("nfs", "cifs", "smb", "9p", "fuse", "ceph", "afs", "gfs", "ocfs", "lustre", "gluster", "vboxsf")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looked like at one moment; two equal looks some time apart mean that nobody wrote meanwhile."""

    mode: int
    inode: int
    links: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> "Look":
        """The look that `found` is."""
        return cls(found.st_mode, found.st_ino, found.st_nlink, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    @property
    def is_folder(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file: no link, pipe, socket or device."""
        return stat.S_ISREG(self.mode)

    def same_content(self, other: "Look") -> bool:
        """Whether both are the same file with nothing written in between; a rename changes `ctime_ns` only."""
        return (self.inode, self.size, self.mtime_ns) == (other.inode, other.size, other.mtime_ns)


def look(path: Path) -> Look:
    """A look at `path` itself, never at what it links to."""
    return Look.of(os.lstat(path))


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes (None when there are more than `MAX_BYTES`) and its look before and after reading them."""

    data: bytes | None
    before: Look
    after: Look


def read(path: Path) -> Content:
    """Read at most `MAX_BYTES` bytes; raises `OSError`, also for what is no regular file."""
    handle = os.open(path, _READ)
    try:
        before = Look.of(os.fstat(handle))
        if not before.is_file:
            raise OSError(errno.EINVAL, "not a regular file")
        parts, left = [], MAX_BYTES + 1
        while left and (part := os.read(handle, left)):
            parts.append(part)
            left -= len(part)
        return Content(b"".join(parts) if left else None, before, Look.of(os.fstat(handle)))
    finally:
        os.close(handle)


def is_being_written(path: Path) -> bool:
    """Whether a process of this host has the file open for writing; False also where the system cannot tell.

    A read lease is granted only while nobody has the file open for writing (fcntl(2)). It is given back at once;
    whoever opens the file in between makes the kernel send a signal, which must not be the deadly SIGIO.
    """
    try:
        handle = os.open(path, _READ)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False


def is_share(folder: Path) -> bool:
    """Whether `folder` lies on a network file system, where leases say nothing and looks may lag."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    kinds = [line.partition(" - ")[2].split()[0] for line in mounts if line.split()[2] == number]
    return any(kind.startswith(_SHARES) for kind in kinds)


def write_atomically(path: Path, data: bytes) -> bool:
    """Put `data` at `path` so that a reader, now or after a crash, sees all of it or none; False when it lay there.

    Unlike the archive's own files, these are for others to read: their mode follows the umask.
    """
    if holds(path, data):
        return False
    unfinished = path.with_name(f".plansigill-{secrets.token_hex(8)}.tmp")
    try:
        handle = os.open(unfinished, _WRITE, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return True


def holds(path: Path, data: bytes) -> bool:
    """Whether a regular file at `path` has exactly these bytes."""
    try:
        handle = os.open(path, _READ)
    except OSError:
        return False
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        return stat.S_ISREG(found.st_mode) and found.st_size == len(data) and file.read(len(data) + 1) == data


def sweep(folder: Path) -> None:
    """Remove what a killed `write_atomically` left in `folder`; only for the one process that writes there."""
    for unfinished in folder.glob(".plansigill-*.tmp"):
        unfinished.unlink(missing_ok=True)
