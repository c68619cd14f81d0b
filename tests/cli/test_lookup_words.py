"""`find`, `show` and `get`: always for a purpose, always logged."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, WHY, Archive, accesses, ask, run_cli


@pytest.mark.parametrize("words", [("find", PLAN), ("show", PLAN), ("get", PLAN)])
def test_a_look_up_without_purpose_is_wrong_usage(closed_town: Path, words: tuple[str, ...], in_tmp: Path) -> None:
    before = accesses(closed_town)
    for purpose in ((), ("--purpose", " ")):
        said = ask(*words, *purpose, home=closed_town)
        assert (said.code, said.error) == (2, "andamal_saknas")
    assert accesses(closed_town) == before
    assert not list(in_tmp.glob("*.pdf"))


def test_at_a_terminal_the_purpose_is_asked_for(closed_town: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "find", PLAN, "--json"]
    environment = {"PYTHONPATH": ":".join(sys.path), "PLANSIGILL_HOME": str(closed_town)}
    os.write(ours, "tillsyn på enheten\n".encode())
    try:
        done = subprocess.run(
            command, check=False, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environment, timeout=120
        )
        asked = os.read(ours, 4096).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Ändamål" in asked
    assert done.returncode == 0
    assert [found["plan_id"] for found in json.loads(done.stdout)["results"]] == [PLAN]
    assert accesses(closed_town)[-1] == ("find", "tillsyn på enheten", "text")


@pytest.mark.parametrize(
    "words",
    [
        (PLAN,),
        ("Björkqvist",),
        ("aina björkqvist",),
        ("--personnummer", "194201199124"),
        ("--personnummer", "420119-9124"),
        ("--status", "archived"),
        ("--unit", "Hemtjänst Björkebo"),
        ("--due-before", "2100-01-01"),
        (PLAN, "--status", "archived"),
    ],
)
def test_find_finds(archive: Archive, words: tuple[str, ...]) -> None:
    said = ask("find", *words, *WHY, home=archive.home)
    assert said.code == 0, said.err
    (found,) = said.value["results"]
    assert (found["plan_id"], found["version"], found["state"]) == (PLAN, 1, "archived")
    assert found["sha256"] == hashlib.sha256(archive.sealed).hexdigest()
    assert found["archived_at"]


def test_find_by_hash_finds_any_revision(archive: Archive) -> None:
    for data in (archive.sealed, archive.half):
        said = ask("find", "--sha256", hashlib.sha256(data).hexdigest(), *WHY, home=archive.home)
        assert [found["plan_id"] for found in said.value["results"]] == [PLAN]


@pytest.mark.parametrize(
    "words",
    [
        ("GP-FINNS-INTE",),
        ("Svensson",),
        ("--personnummer", "194107129167"),
        ("--status", "withdrawn"),
        ("--sha256", "0" * 64),
        ("--due-before", "1999-01-01"),
        (PLAN, "--status", "received"),
    ],
)
def test_find_finds_nothing(archive: Archive, words: tuple[str, ...]) -> None:
    said = ask("find", *words, *WHY, home=archive.home)
    assert (said.code, said.value) == (1, {"results": []})


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--personnummer", "19420119"),
        ("--sha256", "abc"),
        ("--status", "borttappad"),
        ("--due-before", "i morgon"),
        ("",),
    ],
)
def test_find_with_a_malformed_criterion_is_wrong_usage(archive: Archive, words: tuple[str, ...]) -> None:
    said = ask("find", *words, *WHY, home=archive.home)
    assert said.code == 2
    assert said.error


def test_each_look_up_is_logged_without_what_was_looked_for(closed_town: Path, in_tmp: Path) -> None:
    before = len(accesses(closed_town))
    ask("find", "Björkqvist", "--purpose", "tillsyn", home=closed_town)
    ask("find", "--personnummer", "194107129167", "--purpose", "tillsyn", home=closed_town)
    ask("show", PLAN, "--purpose", "uppföljning", home=closed_town)
    ask("get", PLAN, "--purpose", "utlämnande", home=closed_town)
    ask("get", "GP-FINNS-INTE", "--purpose", "utlämnande", home=closed_town)
    assert accesses(closed_town)[before:] == [
        ("find", "tillsyn", "text"),
        ("find", "tillsyn", "person_id"),
        ("show", "uppföljning", "plan_id"),
        ("get", "utlämnande", "plan_id"),
        ("get", "utlämnande", "plan_id"),
    ]


def test_show(archive: Archive) -> None:
    said = ask("show", PLAN, *WHY, home=archive.home)
    assert said.code == 0
    (version,) = said.value["versions"]
    kinds = [file["kind"] for file in version["files"]]
    assert kinds.count("signed") == 3
    assert {"content", "document", "prepared", "sealed"} <= set(kinds)
    assert "archived" in [entry["type"] for entry in said.value["trail"]]
    assert "arkiverad" in run_cli("show", PLAN, *WHY, home=archive.home).out
    said = ask("show", "GP-FINNS-INTE", *WHY, home=archive.home)
    assert said.code == 1
    assert said.error


def test_get_writes_the_sealed_plan(archive: Archive, in_tmp: Path) -> None:
    said = ask("get", PLAN, *WHY, home=archive.home)
    assert said.code == 0
    assert said.value == {
        "plan_id": PLAN,
        "version": 1,
        "sha256": hashlib.sha256(archive.sealed).hexdigest(),
        "file": f"{PLAN}_v1.pdf",
    }
    assert (in_tmp / f"{PLAN}_v1.pdf").read_bytes() == archive.sealed
    said = ask("get", PLAN, "--version", 1, "--out", "min plan.pdf", *WHY, home=archive.home)
    assert said.value["file"] == "min plan.pdf"
    assert (in_tmp / "min plan.pdf").read_bytes() == archive.sealed


def test_get_into_the_workspace_tells_the_path_from_there(closed_town: Path, in_tmp: Path) -> None:
    said = ask("get", PLAN, "--out", closed_town / "hit.pdf", *WHY, home=closed_town)
    assert said.value["file"] == "hit.pdf"
    assert (closed_town / "hit.pdf").is_file()


def test_get_refuses_and_writes_nothing(closed_town: Path, in_tmp: Path) -> None:
    for words in (("GP-FINNS-INTE",), (PLAN, "--version", 2)):
        said = ask("get", *words, *WHY, home=closed_town)
        assert said.code == 1
        assert said.error
    for out in (in_tmp / "ingen-mapp" / "plan.pdf", in_tmp):
        said = ask("get", PLAN, "--out", out, *WHY, home=closed_town)
        assert (said.code, said.error) == (2, "fil_gar_inte_att_skriva")
    assert list(in_tmp.rglob("*.pdf")) == [path for path in closed_town.rglob("*.pdf") if path.is_relative_to(in_tmp)]
