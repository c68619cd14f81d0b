"""Our rendering beside what a municipality would otherwise run: the same words, the same number of A4 pages, one run.

    .venv/bin/python bench/rendering.py [ROUNDS]        what is compared: bench/README.md

Every engine is warm. A round makes both plans once with each engine, in turn, with texts of the round's own; each
rival's time is divided by ours of the same round, and the medians of those ratios are the answer. The same is told of
processor time over all rounds, of every process that an engine keeps. Milliseconds are shown for a sense of scale only:
machines differ and are noisy.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from rivals import burden, carbone, chromium, content, office, setup, typesetter, weasy
from rivals.content import Job

OURS = "Plansigill"
Engine = Callable[[Job], bytes]
Times = dict[str, list[tuple[float, float]]]


def engines(stack: ExitStack, scratch: Path) -> Iterator[tuple[str, Callable[[], Engine]]]:
    """Every engine by name, as a start that raises what keeps it from starting."""
    yield OURS, lambda: lambda job: content.render(job).pdf
    yield "WeasyPrint", lambda: stack.enter_context(weasy.engine(None))
    yield "WeasyPrint, PDF/A-3a", lambda: stack.enter_context(weasy.engine("pdf/a-3a"))
    yield "Typst", lambda: typesetter.engine(setup.python_packages())
    yield "Chromium", lambda: stack.enter_context(chromium.engine(setup.program(*setup.CHROMIUM), scratch / "chromium"))
    yield (
        "LibreOffice",
        lambda: stack.enter_context(
            office.engine(setup.office_python(), setup.soffice(), setup.python_packages(), scratch / "office")
        ),
    )
    yield (
        "Carbone",
        lambda: stack.enter_context(
            carbone.engine(setup.program("node"), setup.office_python(), setup.soffice(), setup.node_packages())
        ),
    )


def main(rounds: int) -> None:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = dict(_started(stack, scratch))
        facts = {name: _facts(name, engine) for name, engine in started.items()}
        taken = _measured(started, rounds)
    for plan, times in taken.items():
        _tell(plan, times, facts)


def _started(stack: ExitStack, scratch: Path) -> Iterator[tuple[str, Engine]]:
    for name, start in engines(stack, scratch):
        try:
            engine = start()
            for job in (*content.jobs(0), *content.jobs(1)):  # warm
                engine(job)
            yield name, engine
        except (OSError, RuntimeError, ImportError, subprocess.CalledProcessError) as error:
            print(f"{name}: SAKNAS (missing): {error}", file=sys.stderr)


def _facts(name: str, engine: Engine) -> dict[str, str]:
    """Pages, tags and conformance of what an engine makes; its words are checked on the way."""
    told = {}
    for job in content.jobs(2):
        pdf = engine(job)
        absent = content.missing(job.words, pdf)
        if absent:
            print(f"{name}, {job.name}: {len(absent)} texter saknas (texts missing): {absent[0]}", file=sys.stderr)
        told[job.name] = f"{content.pages_of(pdf):>5}  {content.claims(pdf):<22}{len(pdf) // 1000:>5} kB"
    return told


def _measured(started: dict[str, Engine], rounds: int) -> dict[str, Times]:
    """Seconds by the clock and of the processors, by plan and engine, a pair for each round."""
    taken: dict[str, Times] = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        for job in content.jobs(10 + number):
            for name, engine in started.items():
                spent, begun = burden.seconds(), time.perf_counter()
                engine(job)
                taken[job.name][name].append((time.perf_counter() - begun, burden.seconds() - spent))
    return taken


def _tell(plan: str, times: Times, facts: dict[str, dict[str, str]]) -> None:
    ours = times[OURS]
    print(f"\n{plan} ({len(ours)} rounds)")
    print(f"{'engine':<22}{'median ms':>10}{'of ours':>9}{'processor':>11}  pages  claims")
    for name, mine in times.items():
        ratio = statistics.median(theirs / our for (theirs, _), (our, _) in zip(mine, ours, strict=True))
        burden_ratio = sum(spent for _, spent in mine) / sum(spent for _, spent in ours)
        milliseconds = statistics.median(clock for clock, _ in mine) * 1000
        print(f"{name:<22}{milliseconds:>10.0f}{ratio:>9.2f}{burden_ratio:>11.2f}  {facts[name][plan]}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
