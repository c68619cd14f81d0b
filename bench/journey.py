"""The whole journey per plan and of its parts, in one process: medians in milliseconds and each part's share.

    .venv/bin/python bench/journey.py [PLANS]

Machines differ and are noisy: compare shares and ratios of one run, never milliseconds of two.
"""

import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline import acts, journey
from pipeline.app import make_workspace
from pipeline.casework.tools import Tools
from pipeline.console.verification import judge
from pipeline.intake.names import new_id
from pipeline.reception import receive

ROLES = ("brukare", "kontaktman", "enhetschef")
spent: dict[str, list[float]] = defaultdict(list)


@contextmanager
def timed(part: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    spent[part].append((time.perf_counter() - start) * 1000)


def timing(kind: str, handler: journey.Handler) -> journey.Handler:
    def run(tools: Tools, step: Any) -> Any:
        with timed(f"step {kind}"):
            return handler(tools, step)

    return run


def one_plan(tools: Tools, plan: dict[str, Any]) -> None:
    with timed("a plan, whole"):
        with timed("receive"):
            receipt = receive(tools, json.dumps(plan, ensure_ascii=False).encode(), new_id(tools.now()))
        plan_id = str(receipt.plan_id)
        with timed("to ready to sign"):
            acts.rest(tools, plan_id)
        for role in ROLES:
            with timed("a signature, with all its steps"):
                acts.sign(tools, plan_id, role)
    with timed("verify"):
        found = judge(tools, (tools.home / "outbox" / f"{plan_id}_v1.pdf").read_bytes())
    if found["verdict"] != "valid":
        raise SystemExit(f"not valid: {found}")


def main(plans: int) -> None:
    sample = json.loads((files("pipeline.samples") / "hemtjanst-kort.json").read_text("utf-8"))
    handlers: dict[str, Callable[..., Any]] = {k: timing(k, h) for k, h in journey.HANDLERS.items()}
    journey.HANDLERS = handlers  # type: ignore[misc]  # measured from outside, so that the journey stays as it is
    with tempfile.TemporaryDirectory() as folder:
        with timed("make a workspace"):
            tools = make_workspace(Path(folder) / "bench", test=True)
        for number in range(plans + 1):
            one_plan(tools, sample | {"plan_id": f"BENCH-{number:04}"})
            if number == 0:  # the first pays for imports and fonts
                first = {part: times.copy() for part, times in spent.items()}
                for part in [p for p in spent if p != "make a workspace"]:
                    spent[part].clear()
    whole = statistics.median(spent["a plan, whole"])
    print(f"{plans} plans after a first one of {first['a plan, whole'][0]:.0f} ms\n")
    print(f"{'part':<34}{'n':>4}{'median ms':>11}{'share':>8}")
    for part, times in sorted(spent.items(), key=lambda item: -sum(item[1])):
        share = sum(times) / plans / whole
        print(f"{part:<34}{len(times):>4}{statistics.median(times):>11.1f}{share:>8.0%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
