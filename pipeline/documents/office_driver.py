"""LibreOffice kept warm behind a pipe: a program of its own, started by `pipeline.documents.office` and never imported.

It runs under the Python that has LibreOffice's ``uno`` module, so besides unoserver's converter it uses the standard
library only. Arguments: soffice.bin, the folder that unoserver is installed in, a folder of its own to work in.

It says ``ready``; then each line of JSON on standard input, ``[source, target, options]``, is a conversion to PDF, and
is answered by ``done`` or ``failed CLASS``. It ends when standard input does, which also the death of whoever started
it brings about, and when LibreOffice does; LibreOffice and the folder go with it.

LibreOffice listens on a named pipe that only this user may open: on a TCP port, whoever has an account on the machine
could give it orders. Where the system allows it, neither program has a network.
"""

import ctypes
import hashlib
import json
import os
import queue
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PDEATHSIG = 1  # prctl(2)
NEW_NETWORK, NEW_USER = 0x40000000, 0x10000000  # unshare(2)
FILTER = "writer_pdf_Export"
MOST_MEMORY = 4_000_000_000
"""Bytes of address space; a long plan takes a quarter of it."""

Process = subprocess.Popen[bytes]
_libc = ctypes.CDLL(None)


def main(soffice: str, unoserver: str, folder: str) -> None:
    """Start LibreOffice, and convert until told to stop."""
    sys.path.append(unoserver)  # last: nothing else of that folder may come before this Python's own
    leave_network()
    profile = Path(folder, "profile").as_uri()
    digest = hashlib.md5(profile.encode("utf-16-le"), usedforsecurity=False).digest()
    name = "".join(f"{byte:x}" for byte in digest)  # as LibreOffice names the pipe that is for itself
    command = [soffice, "--headless", "--invisible", "--nocrashreport", "--nodefault", "--nologo"]
    command += ["--nofirststartwizard", "--norestore", f"-env:UserInstallation={profile}"]
    start([*command, "--terminate_after_init"]).wait()  # once a new profile has been set up, it wants a new start
    office = start([*command, f"--accept=pipe,name={name};urp;StarOffice.ComponentContext"])

    def end() -> None:
        office.kill()
        office.wait()
        for pipe in Path("/tmp").glob(f"OSL_PIPE_*_{name}"):  # noqa: S108  where LibreOffice puts its own and ours
            pipe.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    def watch() -> None:
        office.wait()
        end()

    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(asked, end), daemon=True).start()
    threading.Thread(target=watch, daemon=True).start()
    try:
        converter = connected(name)
        answer("ready")
        while True:
            answer(convert(converter, office, *json.loads(asked.get())))
    finally:
        end()  # also when it dies under way: this thread's own end would stop the others in the middle of it


def start(command: list[str]) -> Process:
    """LibreOffice, bounded, and killed by the kernel when this program dies, however it does; before any threads."""

    def bound() -> None:
        _libc.prctl(PDEATHSIG, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))

    silent = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=silent, stdout=silent, preexec_fn=bound)  # noqa: PLW1509  no threads yet


def answer(text: str) -> None:
    """One line to whoever started this."""
    os.write(1, f"{text}\n".encode())


def listen(asked: "queue.SimpleQueue[str]", end: Callable[[], None]) -> None:
    """Pass on what is asked; when there is nobody left to ask, end everything."""
    for line in sys.stdin:
        asked.put(line)
    end()


def convert(converter: Any, office: Process, source: str, target: str, options: list[str]) -> str:
    """Make the PDF `target` of the document `source`, and say how it went."""
    try:
        converter.convert(inpath=source, outpath=target, filtername=FILTER, filter_options=options)
    except Exception as error:
        try:
            office.wait(1)  # it may be LibreOffice that died: then there is nothing to answer
        except subprocess.TimeoutExpired:
            return f"failed {type(error).__name__}"
        raise
    return "done"


def connected(name: str) -> Any:
    """unoserver's converter on the named pipe, as soon as LibreOffice listens."""
    import uno  # from here on, com.sun.star can be imported
    from com.sun.star.connection import NoConnectException
    from unoserver.converter import UnoConverter

    class Converter(UnoConverter):  # type: ignore[misc]  # unoserver is untyped; its own would open a TCP port
        def __init__(self) -> None:
            self.temp_dir = None
            self._export_filters = self._import_filters = None
            local = uno.getComponentContext()
            resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
            context = resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
            service = context.ServiceManager
            self.desktop = service.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            self.filter_service = service.createInstanceWithContext("com.sun.star.document.FilterFactory", context)
            self.type_service = service.createInstanceWithContext("com.sun.star.document.TypeDetection", context)

    while True:  # until it listens, or it ends, or whoever waits has lost patience
        try:
            return Converter()
        except NoConnectException:
            time.sleep(0.05)


def leave_network() -> None:
    """Into a network namespace with nothing in it; where the system does not allow that, stay."""
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(NEW_NETWORK) == 0 or _libc.unshare(NEW_NETWORK | NEW_USER) != 0:
        return
    for name, mapping in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(mapping)


if __name__ == "__main__":
    main(*sys.argv[1:])
