"""`process` of many files: worker processes give what one process gives, and neither a kill nor Ctrl-C loses a file."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import pipeline
from pipeline.console import batch
from pipeline.errors import EnvironmentFailed
from tests.cli.conftest import Json, ask, put, run_cli, sample

ORDER = "uppdrag-utan-plan"
CODE = "from pipeline.console import batch; batch.FEW = 2; from pipeline.cli import main; main()"


def start(home: Path, files: list[Path]) -> "subprocess.Popen[bytes]":
    """`process` of more than a few files, as a process of its own."""
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(pipeline.__file__).parents[1])}
    command = [sys.executable, "-c", CODE, "process", *map(str, files), "--workspace", str(home), "--json"]
    return subprocess.Popen(command, env=told, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def until(fact: Callable[[], object], seconds: float = 120) -> object:
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if found := fact():
            return found
        pause.wait(0.05)
    return pytest.fail("it did not come about")


def documents(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home / "outbox").glob("*.pdf")}


def workers(pid: int) -> list[int]:
    told = "".join(path.read_text("ascii") for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [c for c in map(int, told.split()) if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]


def plans(folder: Path, count: int) -> list[Path]:
    found = []
    for number in range(count):
        plan = sample("skyddad", plan_id=f"GP-BATCH-{number:02}", viktigt_for_mig=f"Detta är plan {number}.")
        found.append(put(folder / f"{number:02}.json", plan))
    return found


def without_ids(results: list[Json]) -> list[Json]:
    return [{key: value for key, value in result.items() if key != "receipt"} for result in results]


def test_workers_give_what_one_process_gives_in_the_order_of_the_files(tmp_path: Path, empty: Path) -> None:
    files = plans(tmp_path, 5)
    bad = tmp_path / "bad.json"
    bad.write_text('{"schema": ')
    changed = put(tmp_path / "changed.json", json.loads(files[1].read_text("utf-8")) | {"viktigt_for_mig": "Annat."})
    order = put(tmp_path / "order.json", sample(ORDER))
    files = [*files[:3], bad, changed, order, *files[3:], files[0]]
    assert len(files) == 9
    beside = start(empty, files)
    alone_home = tmp_path / "alone"
    assert ask("init", alone_home, "--test").code == 0
    alone = [ask("process", file, home=alone_home).value["results"][0] for file in files]
    out, err = beside.communicate(timeout=300)
    assert beside.returncode == 1, err.decode()
    together = json.loads(out)["results"]
    assert [r["outcome"] for r in together].count("accepted") == 7
    assert without_ids(together) == without_ids(alone)
    assert documents(empty) == documents(alone_home)
    assert len([name for name in documents(empty) if name.endswith(".osignerad.pdf")]) == 5


def test_a_killed_worker_loses_nothing(tmp_path: Path, empty: Path) -> None:
    process = start(empty, plans(tmp_path, 5))
    until(lambda: documents(empty))
    os.kill(workers(process.pid)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()
    results = json.loads(out)["results"]
    assert [r["outcome"] for r in results] == ["accepted"] * 5
    assert {r["document"] for r in results} == {f"outbox/{name}" for name in documents(empty)}
    assert len(documents(empty)) == 5


def test_stopped_it_says_so_and_the_same_command_does_the_rest(tmp_path: Path, empty: Path) -> None:
    files = plans(tmp_path, 6)
    process = start(empty, files)
    until(lambda: documents(empty))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 3
    assert "Inget är förlorat" in err.decode()
    first = json.loads(out)["results"]
    assert any(r["document"] is None for r in first) or len(first) < 6
    said = ask("process", *files, home=empty)
    assert said.code == 0
    rest = ["accepted"] * (6 - len(first))
    assert [r["outcome"] for r in said.value["results"]] == ["duplicate"] * len(first) + rest
    assert {r["document"] for r in said.value["results"]} == {f"outbox/{name}" for name in documents(empty)}
    assert len(documents(empty)) == 6


def test_one_that_fails_does_not_stop_the_rest(tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = plans(tmp_path, 3)
    receive = batch.receive

    def failing(tools: object, data: bytes, *told: object, **named: object) -> object:
        if b"GP-BATCH-01" in data:
            raise EnvironmentFailed("steg_forlorat")
        return receive(tools, data, *told, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "receive", failing)
    said = ask("process", *files, home=empty)
    assert said.code == 3
    assert f"{files[1]}: " in said.err
    assert [r["plan_id"] for r in said.value["results"]] == ["GP-BATCH-00", "GP-BATCH-02"]
    assert all(r["document"] for r in said.value["results"])


def test_a_file_that_is_not_there_is_told_before_any_is_taken(tmp_path: Path, empty: Path) -> None:
    said = ask("process", *plans(tmp_path, 1), tmp_path / "missing.json", home=empty)
    assert (said.code, said.error) == (2, "fil_gar_inte_att_lasa")
    assert ask("status", home=empty).value == {"results": []}
    assert run_cli("process", tmp_path, home=empty).code == 2
