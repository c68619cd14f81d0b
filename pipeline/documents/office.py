"""LibreOffice as a function: `Office.convert` makes the PDF of a Word document.

One LibreOffice for each process of ours, started at the first conversion and kept warm by unoserver's converter in a
program of its own (`office_driver.py`, which says what it leaves outside). It is watched here: a conversion has a hard
limit, and a LibreOffice that is gone or does not answer is replaced at the next one. It has a new profile each time, in
a folder that goes with it, where macros, links and recovery are off, and it sees no fonts but the bundled ones.
"""

import atexit
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipeline.documents import fonts
from pipeline.errors import EnvironmentFailed

LIMIT = 60.0
"""Seconds that a conversion may take; a long plan takes two."""
START_LIMIT = 120.0
"""Seconds that a start may take, new profile and all."""
GRACE = 5.0
LARGEST = 100_000_000
"""Bytes of a PDF that can be one of ours."""

WRITER = "libswlo.so"
"""What LibreOffice's folder holds when Writer is installed."""
SYSTEM_PYTHON = Path("/usr/bin/python3")

OPTIONS = (
    "SelectPdfVersion=3",
    "PDFUACompliance=true",
    "UseTaggedPDF=true",
    "ExportBookmarks=true",
    "ExportFormFields=false",
    "UseLosslessCompression=true",
    "ReduceImageResolution=false",
)
"""PDF/A-3 and PDF/UA with tags and bookmarks, and pictures as they are."""

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>
"""
_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Recovery/AutoSave", "Enabled", "false"),
    ("Setup/L10N", "ooSetupSystemLocale", "sv-SE"),
)


@dataclass(frozen=True, slots=True)
class Programs:
    """What of the system's a conversion takes: LibreOffice itself, and the Python that has its ``uno`` module."""

    soffice: Path
    python: Path


class _Gone(Exception):
    """LibreOffice ended by itself or was killed."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: "subprocess.Popen[bytes]"
    folder: Path


class Office:
    """One LibreOffice at a time, and one conversion in it at a time; threads wait for each other."""

    def __init__(self, find: Callable[[], Programs], limit: float = LIMIT, start_limit: float = START_LIMIT) -> None:
        self._find = find
        self.limit = limit
        self._start_limit = start_limit
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def convert(self, docx: bytes) -> bytes:
        """The PDF of a Word document.

        Raises EnvironmentFailed: `libreoffice_saknas` where it is not installed, `libreoffice_avbrott` when it took too
        long, could not do it, or died twice.
        """
        with self._lock:
            for _ in range(2):
                try:
                    return self._try(docx)
                except _Gone:
                    self._end()  # killed while it lay idle, or under way: once more with a new one
            raise EnvironmentFailed("libreoffice_avbrott", fel="avslutades")

    def stop(self) -> None:
        """End LibreOffice, if it runs, and leave nothing behind; the next conversion starts a new one."""
        with self._lock:
            self._end()

    def _try(self, docx: bytes) -> bytes:
        try:
            if self._running is None:
                self._running = _start(self._find())
                _expect(self._running, self._start_limit)
            return _converted(self._running, docx, self.limit)
        except EnvironmentFailed:
            self._end()
            raise

    def _end(self) -> None:
        if self._running is not None:
            _end(self._running)
            self._running = None


@cache
def shared() -> Office:
    """This process's own."""
    office = Office(programs)
    atexit.register(office.stop)
    return office


@cache
def programs() -> Programs:
    """What is installed here; raises EnvironmentFailed("libreoffice_saknas"), and looks again at the next call."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    if command is None:
        raise EnvironmentFailed("libreoffice_saknas")
    folder = Path(command).resolve().parent
    python = next(filter(_has_uno, (SYSTEM_PYTHON, folder / "python")), None)
    if python is None or not (folder / WRITER).exists():
        raise EnvironmentFailed("libreoffice_saknas")
    return Programs(folder / "soffice.bin", python)


def _has_uno(python: Path) -> bool:
    return (
        python.exists()
        and subprocess.run([python, "-I", "-c", "import uno"], capture_output=True, check=False).returncode == 0
    )


def _start(found: Programs) -> _Running:
    unoserver = _unoserver()
    folder = Path(tempfile.mkdtemp(prefix="plansigill-"))
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    items = "".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
    settings.write_text(_PROFILE.format(items=items), "utf-8")
    process = subprocess.Popen(
        [found.python, "-I", _driver(), found.soffice, unoserver, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=_environment(folder),
        cwd=folder,
        start_new_session=True,
    )
    return _Running(process, folder)


def _driver() -> Path:
    return Path(__file__).with_name("office_driver.py")


def _unoserver() -> Path:
    """The folder that unoserver is installed in; importing it here would need ``uno``."""
    spec = find_spec("unoserver")
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentFailed("libreoffice_saknas")
    return Path(spec.submodule_search_locations[0]).parent


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's own: the same machine gives the same pages, whoever asks."""
    home = str(folder)
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "HOME": home,
        "TMPDIR": home,
        "XDG_CACHE_HOME": home,
        "XDG_CONFIG_HOME": home,
        "FONTCONFIG_FILE": str(fonts.folder() / "fonts.conf"),
        "SAL_USE_VCLPLUGIN": "svp",  # no screen
    }


def _converted(running: _Running, docx: bytes, limit: float) -> bytes:
    source, target = running.folder / "plan.docx", running.folder / "plan.pdf"
    try:
        source.write_bytes(docx)
        _ask(running, json.dumps([str(source), str(target), OPTIONS]))
        _expect(running, limit)
        if target.stat().st_size > LARGEST:
            raise EnvironmentFailed("libreoffice_avbrott", fel="storlek")
        return target.read_bytes()
    except FileNotFoundError as error:
        raise _Gone from error  # the folder goes when LibreOffice does
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


def _ask(running: _Running, question: str) -> None:
    assert running.process.stdin is not None  # noqa: S101  as it was started
    try:
        running.process.stdin.write(f"{question}\n".encode())
    except BrokenPipeError as error:
        raise _Gone from error


def _expect(running: _Running, limit: float) -> None:
    """Wait for a good answer; raises _Gone when none can come, EnvironmentFailed for a bad one or too long a wait."""
    assert running.process.stdout is not None  # noqa: S101  as it was started
    end, answer = time.monotonic() + limit, b""
    while not answer.endswith(b"\n"):
        if not select.select([running.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
            raise EnvironmentFailed("libreoffice_avbrott", fel="tid")
        read = running.process.stdout.read(4096)
        if not read:
            raise _Gone
        answer += read
    if answer.startswith(b"failed"):
        raise EnvironmentFailed("libreoffice_avbrott", fel=answer.decode().split()[-1])


def _end(running: _Running) -> None:
    """The driver takes LibreOffice and the folder with it when its input ends; if it does not, all of it is killed."""
    process = running.process
    assert process.stdin is not None and process.stdout is not None  # noqa: S101  as it was started
    process.stdin.close()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()
    shutil.rmtree(running.folder, ignore_errors=True)
