"""`verify` of a stranger's bytes, in a process of its own that may use so much time and memory and no more.

The reader of a PDF has no end of corners where a small file makes much work. What is found is bounded where it is; this
bounds the rest: the file is then one that could not be checked.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import datetime

from .judging import require_own, unfinished, verify
from .model import Expected, Report, Trust

SECONDS = 60  # of processor time; a sealed plan takes a quarter of one
BROKE = 70  # the exit code of a process in which judging raised what nobody foresaw
MEMORY = 4 * 1024**3  # bytes of address space; the largest file that is opened has 100 MB


def verify_bounded(
    pdf: bytes,
    trust: Trust,
    expected: Expected | None,
    now: datetime,
    *,
    seconds: int = SECONDS,
    memory: int = MEMORY,
) -> Report:
    """As `verify`; where that would take more than `seconds` of processor time or `memory` bytes, a report that says
    so: R1 not checked, and the verdict indeterminate. So does one on which the process broke (`unreadable`)."""
    require_own(trust, now)
    if not pdf.startswith(b"%PDF-"):
        return verify(pdf, trust, expected, now)  # which says so, and ends
    command = [sys.executable, "-P", "-m", f"{__package__}.bounded_process", str(seconds), str(memory)]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter and a module of ours
            command,
            input=pickle.dumps((pdf, trust, expected, now)),
            capture_output=True,
            timeout=10 * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return unfinished(pdf, now)
    if done.returncode == BROKE:
        return unfinished(pdf, now, "unreadable")
    if done.returncode != 0:
        return unfinished(pdf, now)
    report: Report = pickle.loads(done.stdout)  # noqa: S301 - from the process that was started here
    return report
