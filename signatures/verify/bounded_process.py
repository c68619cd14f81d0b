"""The other side of `bounded.py`: judges one file within its limits, and ends."""

from __future__ import annotations

import pickle
import resource
import sys

from .bounded import BROKE
from .judging import verify


def main() -> None:
    """Answer the one request on standard input, within the limits that the arguments give."""
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    try:
        answer = pickle.dumps(verify(*request))
    except Exception as error:  # noqa: BLE001 - the caller is told, by the exit code, which of the two it was
        sys.exit(1 if isinstance(error, MemoryError) else BROKE)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
