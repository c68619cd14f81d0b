"""`process` of many files: worker processes beside one process, and what memory a long batch takes.

    .venv/bin/python bench/batch.py [FILES] [--memory]

Both ways take the same plans, each with texts of its own, in workspaces of their own, one after the other; the ratio of
their times is the answer, on a machine with two quiet processors. On a busy one the processor time says what workers
cost: starting them, and little else. With --memory the workers' way only, and how much memory each process holds over
the run.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

SAMPLES = ("hemtjanst-kort", "lss-avstar", "skyddad")
OWN_TEXTS = frozenset(("vad", "hur", "vem", "var", "min_delaktighet", "text", "viktigt_for_mig", "behov", "efternamn"))
COMMAND = "from pipeline.console import batch; batch.FEW = {few}; from pipeline.cli import main; main()"
LOOK = 1.0


def plans(folder: Path, count: int) -> list[Path]:
    """Plan files made of the samples, no two with the same texts."""
    folder.mkdir()
    trees = [json.loads((files("pipeline.samples") / f"{name}.json").read_bytes()) for name in SAMPLES]
    made = []
    for number in range(count):
        plan = _marked(trees[number % len(trees)], f"{number:04}") | {"plan_id": f"BENCH-{number:04}"}
        made.append(folder / f"{number:04}.json")
        made[-1].write_text(json.dumps(plan, ensure_ascii=False), "utf-8")
    return made


def _marked(value: Any, mark: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _marked(inner, mark, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, mark, key) for inner in value]
    return f"{value} {mark}" if key in OWN_TEXTS and isinstance(value, str) else value


def processed(home: Path, taken: list[Path], few: int) -> tuple[float, float, dict[int, list[int]]]:
    """Seconds by the clock and of the processors for `process` of the files, and what each of its processes holds.

    That is resident megabytes by process, second by second.
    """
    python = [sys.executable, "-c", COMMAND.format(few=few)]
    subprocess.run([*python, "init", home, "--test"], check=True, stdout=subprocess.DEVNULL)
    begun, spent = time.monotonic(), _spent()
    command = [*python, "process", *taken, "--workspace", home, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        held: dict[int, list[int]] = {}
        watcher = threading.Thread(target=_watch, args=(process, held))
        watcher.start()
        told, _ = process.communicate()
        watcher.join()
    seconds, spent = time.monotonic() - begun, _spent() - spent
    results = json.loads(told)["results"]
    if [r["outcome"] for r in results] != ["accepted"] * len(taken) or not all(r["document"] for r in results):
        raise SystemExit(f"not all were accepted: {told[:500]!r}")
    return seconds, spent, held


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: "subprocess.Popen[bytes]", held: dict[int, list[int]]) -> None:
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid)):
            try:
                pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
            except OSError:
                continue
            held.setdefault(pid, []).append(pages * os.sysconf("SC_PAGE_SIZE") >> 20)
        time.sleep(LOOK)


def _children(pid: int) -> list[int]:
    try:
        told = "".join(path.read_text("ascii") for path in Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return []
    return [int(child) for child in told.split()]


def main(count: int, *, memory_only: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        taken = plans(room / "plans", count)
        together, together_spent, held = processed(room / "together", taken, few=0)
        print(f"{count} plans by workers: {together:.1f} s, of processors {together_spent:.1f} s")
        if not memory_only:
            alone, alone_spent, _ = processed(room / "alone", taken, few=count)
            print(f"one by one: {alone:.1f} s, of the processor {alone_spent:.1f} s")
            ratio, cost = alone / together, together_spent / alone_spent
            print(f"{ratio:.2f} times as many in the same time, for {cost:.2f} times the processor time")
    print("resident megabytes at each tenth of a process's life, longest lives first:")
    for seen in sorted(held.values(), key=len, reverse=True)[:8]:
        print("  " + " ".join(f"{seen[tenth * (len(seen) - 1) // 10]:>4}" for tenth in range(11)))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 60, memory_only="--memory" in sys.argv)
