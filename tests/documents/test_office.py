"""LibreOffice as a function: kept warm, watched, replaced when it is gone, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE

from pipeline.documents import office
from pipeline.documents.office import Office, Programs, programs
from pipeline.errors import EnvironmentFailed
from tests.documents.builders import text_of

LONG = 120.0


def letter(*lines: str) -> bytes:
    document, made = Document(), BytesIO()
    for line in lines or ("Hej på dig",):
        document.add_paragraph(line)
    document.save(made)
    return made.getvalue()


def pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)


def children(pid: int) -> set[int]:
    """The living children of a process."""
    found = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found |= {int(child) for child in task.read_text().split()}
    return found


def drivers(pid: int) -> list[int]:
    return [child for child in children(pid) if b"office_driver.py" in Path(f"/proc/{child}/cmdline").read_bytes()]


def libreoffice(pid: int) -> tuple[int, Path]:
    """The pid of the LibreOffice that a process has running, and the folder it works in."""
    (driver,) = drivers(pid)
    (found,) = children(driver)
    return found, Path(f"/proc/{driver}/cwd").readlink()


@dataclass(frozen=True)
class Traces:
    """All that a LibreOffice leaves on the machine while it runs: itself, its folder, its pipes."""

    pid: int
    folder: Path
    pipes: frozenset[Path]

    @classmethod
    def of(cls, parent: int) -> "Traces":
        pid, folder = libreoffice(parent)
        opened = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
        sockets = [line.split() for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]]
        named = {Path(line[7]) for line in sockets if len(line) > 7 and f"socket:[{line[6]}]" in opened}
        assert len(named) == 2
        return cls(pid, folder, frozenset(named))

    @property
    def remain(self) -> bool:
        stat = Path(f"/proc/{self.pid}/stat")
        alive = stat.exists() and stat.read_text().split()[2] != "Z"
        return alive or any(path.exists() for path in (self.folder, *self.pipes))


def until(fact: Callable[[], Any], what: str, seconds: float = LONG) -> None:
    pause, end = threading.Event(), time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, f"it did not come about: {what}"
        pause.wait(0.05)


@pytest.fixture(autouse=True)
def none_before() -> None:
    """Another test of this process may have left its own warm."""
    office.shared().stop()


@pytest.fixture
def warm(libreoffice_installed: None) -> Iterator[Office]:
    made = Office(programs, limit=LONG)
    yield made
    made.stop()
    assert drivers(os.getpid()) == []


def test_a_warm_one_converts_again_and_goes_when_told(warm: Office) -> None:
    assert "Hej på dig" in text_of(warm.convert(letter()))
    traces = Traces.of(os.getpid())
    assert "Andra" in text_of(warm.convert(letter("Andra")))
    assert libreoffice(os.getpid()) == (traces.pid, traces.folder)
    assert "Max address space 4000000000" in " ".join(Path(f"/proc/{traces.pid}/limits").read_text().split())
    assert not list(traces.folder.glob("*.docx"))
    assert traces.folder.stat().st_mode & 0o777 == 0o700
    assert all(pipe.stat().st_mode & 0o022 == 0 for pipe in traces.pipes)  # who may not write may not connect
    warm.stop()
    assert not traces.remain


def test_killed_while_idle_it_is_replaced(warm: Office) -> None:
    warm.convert(letter())
    traces = Traces.of(os.getpid())
    os.kill(traces.pid, signal.SIGKILL)
    assert pages(warm.convert(letter())) == 1
    assert libreoffice(os.getpid())[0] != traces.pid
    assert not traces.remain


def test_killed_under_way_the_conversion_is_done_by_another(warm: Office) -> None:
    warm.convert(letter())
    traces = Traces.of(os.getpid())
    os.kill(traces.pid, signal.SIGSTOP)
    made: list[bytes] = []
    thread = threading.Thread(target=lambda: made.append(warm.convert(letter())))
    thread.start()
    until((traces.folder / "plan.docx").exists, "the conversion has begun")
    os.kill(traces.pid, signal.SIGKILL)
    thread.join(LONG)
    assert pages(made[0]) == 1
    assert not traces.remain


def test_one_that_hangs_is_given_up_and_replaced(warm: Office) -> None:
    warm.convert(letter())
    traces = Traces.of(os.getpid())
    os.kill(traces.pid, signal.SIGSTOP)
    warm.limit = 0.5
    with pytest.raises(EnvironmentFailed) as failure:
        warm.convert(letter())
    assert failure.value.code == "libreoffice_avbrott"
    assert not traces.remain
    warm.limit = LONG
    assert pages(warm.convert(letter())) == 1


def test_what_it_cannot_read_is_said_and_it_goes_on(warm: Office) -> None:
    with pytest.raises(EnvironmentFailed) as failure:
        warm.convert(b"PK\x03\x04 no document")
    assert failure.value.code == "libreoffice_avbrott"
    assert pages(warm.convert(letter())) == 1


def test_one_that_crashes_at_every_start_stops_the_step(libreoffice_installed: None, tmp_path: Path) -> None:
    broken = tmp_path / "soffice.bin"
    broken.write_text(f"#!/bin/sh\necho start >>{tmp_path}/starts\nexit 1\n")
    broken.chmod(0o755)
    failing = Office(lambda: Programs(broken, programs().python))
    with pytest.raises(EnvironmentFailed) as failure:
        failing.convert(letter())
    assert failure.value.code == "libreoffice_avbrott"
    assert len((tmp_path / "starts").read_text().split()) == 4  # profile and start, twice
    assert drivers(os.getpid()) == []


SCRIPT = """
import sys, time
from pathlib import Path
from pipeline.documents import office
office.shared().convert(Path(sys.argv[1]).read_bytes())
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("ending", ["exit", "kill"])
def test_however_we_end_nothing_is_left_behind(ending: str, libreoffice_installed: None, tmp_path: Path) -> None:
    source = tmp_path / "brev.docx"
    source.write_bytes(letter())
    root = str(Path(office.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": root},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        traces = Traces.of(process.pid)
        if ending == "kill":
            process.kill()
    if ending == "exit":
        assert process.returncode == 0
        assert not traces.remain
    until(lambda: not traces.remain, "LibreOffice and its folder are gone", 30)


def test_where_it_is_not_installed_we_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    programs.cache_clear()
    with pytest.raises(EnvironmentFailed) as failure:
        Office(programs).convert(letter())
    assert failure.value.code == "libreoffice_saknas"
    assert "apt-get install" in failure.value.sv


def test_a_document_reaches_nothing_outside_itself(warm: Office) -> None:
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            warm.convert(_with_linked_picture(f"http://127.0.0.1:{server.server_port}/bild.png"))
        finally:
            server.shutdown()
            thread.join()
    assert asked == []


def _with_linked_picture(url: str) -> bytes:
    from PIL import Image

    picture, made = BytesIO(), BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    document = Document()
    document.add_picture(picture)
    key = document.part.relate_to(url, RELATIONSHIP_TYPE.IMAGE, is_external=True)
    for blip in document.element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"):
        relationships = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
        del blip.attrib[f"{relationships}embed"]
        blip.set(f"{relationships}link", key)
    document.save(made)
    return made.getvalue()
