"""The signers for Node, kept warm in one process: they sign with a key file, and make a bare signature."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(__file__).with_name("signers.mjs")
NAMES = ("@libpdf/core", "@signpdf/signpdf")

Signer = Callable[[str, bytes, bytes, Sequence[str]], tuple[list[list[float]], bytes]]
"""Engine, file, key file and fields in; out, milliseconds by the clock and of the processor for each signature, and the
signed file."""


@contextmanager
def signer(node: str, packages: Path, code: str) -> Iterator[Signer]:
    """Node finds its modules beside the script, which is therefore copied to them."""
    script = packages / SCRIPT.name
    script.write_bytes(SCRIPT.read_bytes())
    server = subprocess.Popen([node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def sign(engine: str, pdf: bytes, p12: bytes, fields: Sequence[str]) -> tuple[list[list[float]], bytes]:
        files = {"pdf": base64.b64encode(pdf).decode(), "p12": base64.b64encode(p12).decode()}
        asked = {"engine": engine, "code": code, "fields": list(fields)} | files
        server.stdin.write(json.dumps(asked).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline() or '{"error": "Node has ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["taken"], base64.b64decode(answer["pdf"])

    try:
        yield sign
    finally:
        server.stdin.close()
        server.wait(30)
