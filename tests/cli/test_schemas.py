"""Every command's real output against its published schema in ``docs/schemas``."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from tests.cli.conftest import PLAN, SAMPLES, WHY, Archive, Json, Said, ask, put, sample, today
from tests.cli.test_words import COMMANDS, IN_GROUPS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "schemas"
SCHEMAS: dict[str, Json] = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text("utf-8"))
    for path in sorted(FOLDER.glob("*.schema.json"))
}
FILE_SCHEMAS = ("plan", "uppdrag", "handelse")

STANDING = "plan_id version state adopted_at slots document sha256 deadlines"
PROMISED = {
    "check": "file plan_id profile outcome findings deadlines",
    "process": "results",
    "record": "results",
    "sign": STANDING,
    "waive": STANDING,
    "handover": STANDING,
    "withdraw": STANDING,
    "due": "results",
    "renew": "results",
    "view": "plan_id version sha256 file",
    "batch": "results",
    "find": "results",
    "get": "plan_id version sha256 file",
    "preview": "plan_id version format file findings",
    "diff": "plan_id from to changes time",
    "demo": "workspace plans",
    "verify": "verdict rules signatures archive",
    "dress_check": "dress kod bundled replaces colours documents files",
}
"""The keys that the project's outer contract names, by command."""


def judge(name: str) -> Draft202012Validator:
    resources = [(f"{key}.schema.json", Resource.from_contents(schema)) for key, schema in SCHEMAS.items()]
    registry: Registry[Json] = Registry().with_resources(resources)
    return Draft202012Validator(SCHEMAS[name], registry=registry, format_checker=FormatChecker())


def fits(name: str, said: Said, code: int = 0) -> Said:
    """What was said is nothing but objects of the schema; and the schema misses each key that it promises."""
    assert said.code == code, said
    assert said.lines
    for value in said.lines:
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in judge(name).iter_errors(value)]
        assert not errors
        for key in PROMISED.get(name, "").split():
            assert not judge(name).is_valid({k: v for k, v in value.items() if k != key}), f"{name} needs no {key}"
    return said


def test_every_command_has_a_schema_and_every_schema_is_one() -> None:
    assert set(SCHEMAS) == {*COMMANDS, *IN_GROUPS, "error", "shared", *FILE_SCHEMAS}
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", FILE_SCHEMAS)
def test_the_published_file_schemas_are_those_the_program_carries(name: str) -> None:
    carried = ROOT / "pipeline" / "plan" / "schemas" / f"{name}.schema.json"
    assert (FOLDER / carried.name).read_bytes() == carried.read_bytes()


def test_answers_may_gain_keys() -> None:
    for name in set(SCHEMAS) - set(FILE_SCHEMAS):
        assert "additionalProperties" not in json.dumps(SCHEMAS[name])


def test_init_doctor_trust_and_empty_lists(tmp_path: Path) -> None:
    home = tmp_path / "town"
    fits("init", ask("init", home, "--test"))
    fits("doctor", ask("doctor", home=home))
    fits("trust", ask("trust", home=home))
    fits("trust", ask("trust", "--out", home / "rot.pem", home=home))
    for name in ("status", "due"):
        assert fits(name, ask(name, home=home)).value == {"results": []}
    fits("find", ask("find", PLAN, *WHY, home=home), 1)


def test_check(tmp_path: Path) -> None:
    broken = put(tmp_path / "trasig.json", {"schema": "genomforandeplan/1", "plan_id": 7, "okänd": 1})
    incomplete = put(tmp_path / "ofullständig.json", sample(mal=[]))
    said = fits("check", ask("check", broken, incomplete, *sorted(SAMPLES.glob("*.json"))), 1)
    assert {line["outcome"] for line in said.lines} == {"unreadable", "incomplete", "ready"}


def test_process_record_and_due(open_town: Path) -> None:
    broken = put(open_town / "trasig.json", [])
    files = (SAMPLES / "hemtjanst-kort.json", SAMPLES / "uppdrag-utan-plan.json", broken)
    fits("process", ask("process", *files, home=open_town), 1)
    event = {"schema": "handelse/1", "handelse_id": "NB-START-1", "plan_id": PLAN, "slag": "insats_paborjad"}
    fits("record", ask("record", put(open_town / "e.json", event | {"datum": today()}), home=open_town), 1)
    event |= {"datum": today(), "av": "nb-1042"}
    fits("record", ask("record", put(open_town / "e.json", event), home=open_town))
    fits("show", ask("show", PLAN, *WHY, home=open_town))
    said = fits("due", ask("due", home=open_town))
    assert None in {row["plan_id"] for row in said.value["results"]}


def test_the_receipt_in_outbox_is_one_process_result(waiting: Path) -> None:
    receipt = json.loads((waiting / "outbox" / f"{PLAN}_v1.kvitto.json").read_text("utf-8"))
    assert judge("process").is_valid({"results": [receipt]})


def test_view_and_batch(open_town: Path, tmp_path: Path) -> None:
    ask("sign", PLAN, "--role", "brukare", home=open_town)
    fits("batch", ask("batch", PLAN, "--role", "kontaktman", "--as", "nb-1042", home=open_town), 1)  # not opened
    fits("view", ask("view", PLAN, "--role", "kontaktman", "--out", tmp_path / "a.pdf", home=open_town))
    fits("batch", ask("batch", "--role", "kontaktman", "--as", "nb-1042", home=open_town))


def test_sign_status_find_show_get(archive: Archive, tmp_path: Path) -> None:
    for said in archive.signed:
        fits("sign", said)
    assert fits("renew", ask("renew", home=archive.home)).value["results"] == []
    fits("status", ask("status", home=archive.home))
    fits("status", ask("status", PLAN, home=archive.home))
    fits("find", ask("find", PLAN, *WHY, home=archive.home))
    fits("show", ask("show", PLAN, *WHY, home=archive.home))
    fits("get", ask("get", PLAN, "--out", tmp_path / "plan.pdf", *WHY, home=archive.home))
    fits("get", ask("get", PLAN, "--masked", "--out", tmp_path / "kopia.pdf", *WHY, home=archive.home))


def test_preview(archive: Archive, tmp_path: Path) -> None:
    broken = put(tmp_path / "trasig.json", {"schema": "genomforandeplan/1", "plan_id": 7})
    fits("preview", ask("preview", broken), 1)
    incomplete = put(tmp_path / "ofullständig.json", sample(mal=[]))
    fits("preview", ask("preview", incomplete, "--out", tmp_path / "utkast.pdf"))
    fits("preview", ask("preview", PLAN, "--out", tmp_path / "utkast.pdf", *WHY, home=archive.home))


def test_waive(open_town: Path) -> None:
    reason = ("--outcome", "declined", "--reason", "vill_inte")
    fits("waive", ask("waive", PLAN, "--role", "brukare", *reason, "--by", "nb-1042", home=open_town))


def test_withdraw(open_town: Path) -> None:
    fits("withdraw", ask("withdraw", PLAN, "--reason", "avliden", "--by", "nb-0007", home=open_town))
    fits("show", ask("show", PLAN, *WHY, home=open_town))


def test_handover(closed_town: Path) -> None:
    fits("handover", ask("handover", PLAN, "--by", "nb-1042", home=closed_town))


def test_verify(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    for data, code in ((archive.sealed, 0), (archive.sealed + b" ", 1), (archive.half, 1), (b"hej", 1), (b"", 1)):
        file.write_bytes(data)
        fits("verify", ask("verify", file, home=archive.home), code)
        fits("verify", ask("verify", file, cwd=tmp_path), 1)


@pytest.mark.parametrize(
    ("words", "code"), [(("status", "GP-FINNS-INTE"), 1), (("status", "--vad"), 2), (("find", PLAN), 2)]
)
def test_error(made: Path, words: tuple[str, ...], code: int) -> None:
    fits("error", ask(*words, home=made), code)


def test_demo(tmp_path: Path) -> None:
    said = fits("demo", ask("demo", "visning", "--keep-stages", cwd=tmp_path))
    assert [plan["verdict"] for plan in said.value["plans"]] == ["valid"] * 3
    home = tmp_path / "visning"
    assert said.value["workspace"] == str(home)
    for plan in said.value["plans"]:
        assert fits("verify", ask("verify", home / plan["file"], home=home)).value["verdict"] == "valid"
        kinds = {path.stem.rpartition("_")[2] for path in (home / "stages").glob(f"{plan['plan_id']}_*.pdf")}
        assert {"document", "prepared", "signed", "sealed"} <= kinds
    fits("due", ask("due", home=home))
    assert len(fits("status", ask("status", home=home)).value["results"]) == 3


@pytest.fixture
def running(made: Path, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []
    home = Path(shutil.copytree(made, tmp_path / "town"))

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--json", "--workspace", home]
        environment = {"PYTHONPATH": ":".join(sys.path)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, env=environment, **pipes))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_run(running: "Callable[[], subprocess.Popen[str]]") -> None:
    process = running()
    assert process.stderr
    told = process.stderr.readline()
    assert "run.started" in told
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    fits("run", Said(process.returncode, out, err))
