"""Carbone, kept warm in a Node process: it fills a Word template and converts it through a LibreOffice of its own."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.documents.fonts import folder
from rivals import word
from rivals.content import Job

SCRIPT = Path(__file__).with_name("carbone.mjs")


@contextmanager
def engine(node: str, python: str, soffice: Path, packages: Path) -> Iterator[Callable[[Job], bytes]]:
    """Carbone looks for ``soffice.bin`` and a ``python`` with ``uno`` on the path; Node finds its modules beside it."""
    scratch = packages / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    tools = scratch / "bin"
    tools.mkdir(parents=True)
    for name in ("python", "python3"):
        (tools / name).symlink_to(python)
    script = packages / SCRIPT.name
    script.write_bytes(SCRIPT.read_bytes())
    path = os.pathsep.join((str(tools), str(soffice.parent), os.environ["PATH"]))
    environment = os.environ | {"PATH": path, "FONTCONFIG_FILE": str(folder() / "fonts.conf")}
    server = subprocess.Popen(
        [node, script, scratch],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    templates = {points: _saved(scratch, points) for points in (8.0, 14.0)}

    def make(job: Job) -> bytes:
        asked = {"template": str(templates[job.points]), "data": word.flat(job.words)}
        server.stdin.write(json.dumps(asked).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return base64.b64decode(answer["pdf"])

    try:
        yield make
    finally:
        server.stdin.close()
        server.wait(30)


def _saved(scratch: Path, points: float) -> Path:
    path = scratch / f"plan-{points:.0f}.docx"
    path.write_bytes(word.carbone_template(points))
    return path
