"""The other side of `pipeline.documents.bounded`: makes one document after another within its limits."""

import json
import os
import pickle
import resource
import sys
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, BinaryIO

from pipeline.documents.bounded import LENGTH, MEMORY
from pipeline.errors import Misuse, PlansigillError

Head = dict[str, Any]


def serve(requests: BinaryIO, answers: BinaryIO, cpu_seconds: int) -> None:
    """Answer each request in its turn, until they end."""
    while size := requests.read(LENGTH.size):
        request = requests.read(*LENGTH.unpack(size))
        _give_time(cpu_seconds)
        head, content = _answer(request)
        for part in (json.dumps(head).encode(), content):
            answers.write(LENGTH.pack(len(part)) + part)
        answers.flush()


def _give_time(seconds: int) -> None:
    """So many seconds of processor time from now; when they are used up, the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(used.ru_utime + used.ru_stime) + seconds, most))


def _answer(request: bytes) -> tuple[Head, bytes]:
    try:
        wanted, *given = pickle.loads(request)  # noqa: S301  from the process that started this one
        return SERVED[wanted](*given)
    except PlansigillError as error:
        return _told(error), b""
    except MemoryError:
        return _told(Misuse("dokument_drakt_grans", drakt="", mall="", grans=MEMORY)), b""
    except Exception as error:  # noqa: BLE001  whatever a hostile dress makes of our libraries is the dress's fault
        return _told(Misuse("dokument_drakt_mall", drakt="", mall="", fel=type(error).__name__)), b""


def _pages(*given: Any) -> tuple[Head, bytes]:
    from pipeline.documents import pages

    made = pages.make_untrusted(*given)
    return {"pages": made.pages, "anchors": dict(made.anchors)}, made.content


def _word(*given: Any) -> tuple[Head, bytes]:
    from pipeline.documents.word.document import make_untrusted

    return {}, make_untrusted(*given)


def _seen(*given: Any) -> tuple[Head, bytes]:
    from pipeline.documents.word import seen

    seen.require(*given)
    return {}, b""


SERVED: Mapping[str, Callable[..., tuple[Head, bytes]]] = {"pages": _pages, "word": _word, "seen": _seen}
"""What can be asked for; each needs libraries of its own."""


def _told(error: PlansigillError) -> Head:
    params = {key: value if isinstance(value, int) else str(value) for key, value in error.params.items()}
    return {"error": {"kind": type(error).__name__, "code": error.code, "params": params}}


def main() -> None:
    """Serve on standard input and output; whatever a library prints goes to standard error."""
    cpu_seconds, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, cpu_seconds)


if __name__ == "__main__":
    main()
