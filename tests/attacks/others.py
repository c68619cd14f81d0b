"""What independent validators say of a file, in our three words: valid, invalid, indeterminate.

DSS has a verdict a signature. `pdfsig` (Poppler) and `openssl` know only the mathematics of each signature, and openssl
not even where in a PDF it stands: what it is given is what the /ByteRange entries in the file's bytes name.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from tests.plugins.judge_process import Judge, JudgeFailed
from tests.plugins.judges import PdfsigSignature

JUDGES = ("dss", "pdfsig", "openssl")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+) (\d+) (\d+) (\d+)\s*\]")


def dss(judge: Judge, pdf: bytes, root: bytes, at: datetime) -> str:
    """Valid when every signature and every time stamp is; a file that DSS cannot read is invalid."""
    try:
        answer = judge.signatures(pdf, [root], at)
    except JudgeFailed:
        return "invalid"
    found = [s["indication"] for s in answer["signatures"]]
    stamps = [t["indication"] for t in answer["timestamps"]]
    if any(i in {"TOTAL_FAILED", "FAILED"} for i in (*found, *stamps)):
        return "invalid"
    passed = answer["passed"] and all(i in {"PASSED", "TOTAL_PASSED"} for i in stamps)
    return "valid" if passed else "indeterminate"


def pdfsig(ask: Callable[..., tuple[PdfsigSignature, ...]], pdf: bytes, root: bytes) -> str:
    """Valid when the mathematics of every person's signature is; it does not know document time stamps."""
    try:
        found = [s for s in ask(pdf, [root]) if s.type.endswith(".detached")]  # neither empty fields nor time stamps
    except AssertionError:
        return "invalid"
    if not found:
        return "indeterminate"
    return "valid" if all(s.valid for s in found) else "invalid"


def openssl(folder: Path, pdf: bytes, root: bytes, at: datetime) -> str:
    """Valid when every signature and time stamp over a /ByteRange leads to the root at the time `at`."""
    (folder / "root.pem").write_bytes(root)
    answers = [_openssl_one(folder, cms, covered, at) for cms, covered in _signed_parts(pdf)]
    if not answers:
        return "indeterminate"
    return "valid" if all(answers) else "invalid"


def _signed_parts(pdf: bytes) -> Iterator[tuple[bytes, bytes]]:
    for match in _RANGE.finditer(pdf):
        start, before, resume, after = (int(n) for n in match.groups())
        digits = re.sub(rb"\s", b"", pdf[start + before : resume]).strip(b"<>")
        try:
            raw = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            raw = b""
        yield raw, pdf[start : start + before] + pdf[resume : resume + after]


def _openssl_one(folder: Path, raw: bytes, covered: bytes, at: datetime) -> bool:
    signature, content = folder / "signature.der", folder / "content.bin"
    signature.write_bytes(raw)
    content.write_bytes(covered)
    trust = ("-CAfile", folder / "root.pem", "-attime", str(int(at.timestamp())))
    if b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04" in raw[:80]:  # id-ct-TSTInfo
        command = ("openssl", "ts", "-verify", "-data", content, "-in", signature, "-token_in", *trust)
    else:
        given = ("-in", signature, "-inform", "DER", "-content", content)
        command = ("openssl", "cms", "-verify", "-binary", "-purpose", "any", "-out", "/dev/null", *given, *trust)
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
