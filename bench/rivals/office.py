"""LibreOffice, kept warm by unoserver: docxtpl fills a Word template, LibreOffice makes it PDF/A-3 and PDF/UA."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path

from docxtpl import DocxTemplate

from pipeline.documents.fonts import folder
from rivals import word
from rivals.content import Job

PATIENCE = 60.0
FILTER = ["SelectPdfVersion=3", "PDFUACompliance=true", "UseTaggedPDF=true", "ExportBookmarks=true"]


@contextmanager
def engine(python: str, soffice: Path, packages: Path, profile: Path) -> Iterator[Callable[[Job], bytes]]:
    """`python` is the one that has LibreOffice's ``uno``; unoserver lies in `packages`, which are on the path."""
    from unoserver.client import UnoClient

    port, uno_port = _free_port(), _free_port()
    environment = os.environ | {"PYTHONPATH": str(packages), "FONTCONFIG_FILE": str(folder() / "fonts.conf")}
    command = [python, "-m", "unoserver.server", "--port", str(port), "--uno-port", str(uno_port)]
    command += ["--user-installation", str(profile), "--executable", str(soffice.with_name("soffice"))]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = UnoClient(server="127.0.0.1", port=str(port), host_location="remote")

    def make(job: Job) -> bytes:
        template = DocxTemplate(BytesIO(_template(job.points)))
        template.render(word.flat(job.words), autoescape=True)
        filled = BytesIO()
        template.save(filled)
        made: bytes = client.convert(indata=filled.getvalue(), convert_to="pdf", filter_options=FILTER)
        return made

    try:
        _await(port, server)
        yield make
    finally:
        server.terminate()
        server.wait(PATIENCE)


@cache
def _template(points: float) -> bytes:
    return word.docxtpl_template(points)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await(port: int, server: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and server.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("unoserver did not start")
