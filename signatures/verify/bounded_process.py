"""The other side of `bounded.py`: judges one file within its limits, and ends."""

from __future__ import annotations

import pickle
import resource
import sys

from .judging import verify


def main() -> None:
    """Answer the one request on standard input, within the limits that the arguments give."""
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    sys.stdout.buffer.write(pickle.dumps(verify(*request)))


if __name__ == "__main__":
    main()
