"""Documents in a dress that is not trusted are made by another process, which has little time and memory for it.

The process is started when first needed and kept for the next document; it ends with this one, since its requests end
then. It is told what to do and with what (a pickle, from us to it alone) and answers with JSON and bytes, never with
objects: what goes wrong inside it stays inside it.
"""

import atexit
import json
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import errors
from pipeline.errors import EnvironmentFailed, Misuse, PlansigillError, Refused

if TYPE_CHECKING:
    from pipeline.documents.pages import Embedded, Sheet
    from pipeline.documents.pdf import Pdf

LENGTH = struct.Struct(">Q")
TIME, MEMORY = "tid/time", "minne/memory"
MOST_ANSWERED = 200_000_000
"""Bytes of one answer: no document comes near it."""
_ROOT = Path(errors.__file__).parents[1]
_KINDS: Mapping[str, type[PlansigillError]] = {k.__name__: k for k in (EnvironmentFailed, Misuse, Refused)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the other process may use for one document."""

    cpu_seconds: int = 30
    wall_seconds: float = 300.0
    """Only for one that is stuck: on a busy machine time passes that is not the dress's."""
    memory_bytes: int = 1_000_000_000


LIMITS = Limits()


class _Gone(Exception):
    """The other process ended, or was ended, before it answered; says why."""


def make(sheet: "Sheet", embedded: "Embedded | None", values: Mapping[str, object]) -> "Pdf":
    """As `pages.make`; raises Misuse that names the dress for all that goes wrong through it."""
    from pipeline.documents.pdf import Pdf

    about = (sheet.dress.slug, f"{sheet.kind}/{sheet.template}")
    head, content = ask("pages", about, sheet, embedded, dict(values))
    anchors = {name: (page, tuple(rect)) for name, (page, rect) in head["anchors"].items()}
    return Pdf(content, head["pages"], anchors)


def ask(wanted: str, about: tuple[str, str], *given: object) -> tuple[dict[str, Any], bytes]:
    """What `bounded_process.SERVED[wanted]` makes of what it is given; `about` are the dress and the template.

    Raises Misuse that names them for all that goes wrong through the dress: `dokument_drakt_grans` when it took more
    than it may, `dokument_drakt_mall` when it is broken, and whatever that itself raises.
    """
    slug, template = about
    try:
        head, content = _ask(pickle.dumps((wanted, *given)))
    except _Gone as gone:
        raise Misuse("dokument_drakt_grans", drakt=slug, mall=template, grans=str(gone)) from gone
    if "error" in head:
        raise _told(head["error"], slug, template)
    return head, content


def _told(error: Mapping[str, Any], slug: str, template: str) -> PlansigillError:
    """What went wrong over there. Broken templates and pages are the dress's own fault, not the environment's."""
    code, params = error["code"], error["params"]
    if code == "dokument_drakt_grans" or params.get("fel") == "MemoryError":
        return Misuse("dokument_drakt_grans", drakt=slug, mall=template, grans=MEMORY)
    if code in ("dokument_mall", "dokument_varning", "dokument_forlorad", "dokument_drakt_mall"):
        return Misuse("dokument_drakt_mall", drakt=slug, mall=template, fel=params["fel"])
    return _KINDS[error["kind"]](code, **params)


_lock = threading.Lock()
_kept: list["subprocess.Popen[bytes]"] = []
"""The process that waits for the next document, if there is one."""


def _ask(request: bytes) -> tuple[dict[str, Any], bytes]:
    with _lock:
        process = _kept.pop() if _kept else _start()
        try:
            answer = _answer(process, request, time.monotonic() + LIMITS.wall_seconds)
        except BaseException:  # also when interrupted: nobody would read its answer
            _end(process)
            raise
        if "error" in answer[0]:
            _end(process)  # it may have little left of what it was given
        else:
            _kept.append(process)
        return answer


def _start() -> "subprocess.Popen[bytes]":
    limits = (str(LIMITS.cpu_seconds), str(LIMITS.memory_bytes))
    command = [sys.executable, "-P", "-m", "pipeline.documents.bounded_process", *limits]
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    return subprocess.Popen(  # noqa: S603  ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )


@atexit.register
def stop() -> None:
    """End the process that waits, if there is one."""
    while _kept:
        _end(_kept.pop())


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


def _answer(process: "subprocess.Popen[bytes]", request: bytes, deadline: float) -> tuple[dict[str, Any], bytes]:
    assert process.stdin is not None  # noqa: S101  it was asked for
    try:
        process.stdin.write(LENGTH.pack(len(request)) + request)
        process.stdin.flush()
    except BrokenPipeError as error:
        raise _Gone(_why(process)) from error
    return json.loads(_part(process, deadline)), _part(process, deadline)


def _part(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    (length,) = LENGTH.unpack(_read(process, LENGTH.size, deadline))
    if length > MOST_ANSWERED:
        raise _Gone(MEMORY)
    return _read(process, length, deadline)


def _read(process: "subprocess.Popen[bytes]", count: int, deadline: float) -> bytes:
    assert process.stdout is not None  # noqa: S101  it was asked for
    handle, found = process.stdout.fileno(), bytearray()
    while len(found) < count:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([handle], [], [], left)[0]:
            raise _Gone(TIME)
        piece = os.read(handle, min(count - len(found), 1 << 20))
        if not piece:
            raise _Gone(_why(process))
        found += piece
    return bytes(found)


def _why(process: "subprocess.Popen[bytes]") -> str:
    """What ended it: the kernel for its time, or a library that got no memory."""
    return TIME if process.wait() in (-signal.SIGXCPU, -signal.SIGKILL) else MEMORY
