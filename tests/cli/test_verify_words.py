"""What `verify` says of the archive's own bytes, of every way to spoil them, and of bytes from elsewhere."""

import re
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from lxml import etree

from pipeline.app import open_workspace
from pipeline.casework.verifying import report_on
from tests.cli.conftest import PLAN, ROLES, WHY, Archive, Json, ask, put, run_cli, sample

UNKNOWN = {"known": False, "plan_id": None, "version": None, "newer_version": None, "newer_revision": None}


def verdict(home: Path | None, data: bytes, tmp: Path) -> Json:
    file = tmp / "brev.pdf"
    file.write_bytes(data)
    said = ask("verify", file, home=home, cwd=tmp)
    assert said.err == ""
    assert said.code == int(said.value["verdict"] != "valid")
    return said.value


def test_the_sealed_file_is_valid(archive: Archive, tmp_path: Path) -> None:
    value = verdict(archive.home, archive.sealed, tmp_path)
    assert value["verdict"] == "valid"
    verdicts = {rule["id"]: rule["verdict"] for rule in value["rules"]}
    assert verdicts.pop("A2") == "not_checked"  # test identities prove nothing
    assert set(verdicts.values()) == {"passed"}
    assert [s["role"] for s in value["signatures"]] == list(ROLES)
    assert [s["signer"] for s in value["signatures"]] == ["Aina Margareta Björkqvist", "Emma Sjöö", "Carina Ström"]
    assert {(s["level"], s["trusted"]) for s in value["signatures"]} == {("B-LTA", True)}
    assert value["archive"] == UNKNOWN | {"known": True, "plan_id": PLAN, "version": 1}


def spoiled(data: bytes) -> dict[str, bytes]:
    """The file with one thing done to it, by what was done."""
    found = {"a byte added": data + b"\n", "a comment added": data + b"%hej\n", "a byte before": b"\n" + data}
    for name, at in (("early", 2000), ("middle", len(data) // 2), ("last", len(data) - 8)):
        found[f"a byte changed, {name}"] = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    for number, match in enumerate(re.finditer(rb"/Contents\s*<([0-9a-fA-F]{1000,})>", data)):
        at = match.end(1) - 2
        assert data[at : at + 1] == b"0", "padding"
        found[f"padding of signature {number}"] = data[:at] + b"1" + data[at + 1 :]
    ends = [mark.end() for mark in re.finditer(rb"%%EOF(\r\n|\n|\r)?", data)]
    for number, end in enumerate(ends[:-1]):
        found[f"cut after revision {number}"] = data[:end]
    found["the last byte cut"] = data[:-1]
    return found


def test_every_way_to_spoil_it_is_invalid(archive: Archive, tmp_path: Path) -> None:
    ways = spoiled(archive.sealed)
    assert len([way for way in ways if way.startswith("padding")]) >= len(ROLES) + 1
    assert len([way for way in ways if way.startswith("cut")]) >= len(ROLES) + 1
    first = archive.sealed[: archive.sealed.index(b"%%EOF") + 6]
    for way, data in ways.items():
        value = verdict(archive.home, data, tmp_path)
        assert value["verdict"] == "invalid", way
        begins = data.startswith(first)
        assert (value["archive"]["known"], value["archive"]["plan_id"]) == (begins, PLAN if begins else None), way


def test_a_half_signed_file_waits_while_the_case_is_open_and_is_invalid_after(
    archive: Archive, open_town: Path, tmp_path: Path
) -> None:
    assert ask("sign", PLAN, "--role", "brukare", home=open_town).code == 0
    got = ask("get", PLAN, "--out", tmp_path / "halv.pdf", *WHY, home=open_town)
    assert got.code == 0
    half = (tmp_path / "halv.pdf").read_bytes()
    value = verdict(open_town, half, tmp_path)
    assert value["verdict"] == "indeterminate"
    assert value["archive"]["known"]
    assert verdict(open_town, half + b" ", tmp_path)["verdict"] in {"invalid", "indeterminate"}
    assert verdict(open_town, half[:2000] + bytes([half[2000] ^ 1]) + half[2001:], tmp_path)["verdict"] == "invalid"
    assert verdict(archive.home, archive.half, tmp_path)["verdict"] == "invalid"


def test_the_unsigned_document_is_indeterminate_while_open(open_town: Path, archive: Archive, tmp_path: Path) -> None:
    data = (open_town / "outbox" / f"{PLAN}_v1.osignerad.pdf").read_bytes()
    assert verdict(open_town, data, tmp_path)["verdict"] == "indeterminate"
    assert verdict(archive.home, data, tmp_path)["verdict"] == "invalid"


def test_a_superseded_version_is_valid_and_names_the_newer_one(closed_town: Path, tmp_path: Path) -> None:
    old = (closed_town / "outbox" / f"{PLAN}_v1.pdf").read_bytes()
    plan = put(tmp_path / "ny.json", sample(viktigt_for_mig="Jag vill sova länge.", andringsorsak="Ändrade behov"))
    said = ask("process", plan, home=closed_town)
    assert said.code == 0, said.out
    assert verdict(closed_town, old, tmp_path)["archive"]["newer_version"] is None, "a newer version counts when sealed"
    for role in ROLES:
        assert ask("sign", PLAN, "--role", role, home=closed_town).code == 0
    value = verdict(closed_town, old, tmp_path)
    assert value["verdict"] == "valid"
    assert (value["archive"]["version"], value["archive"]["newer_version"]) == (1, 2)
    new = (closed_town / "outbox" / f"{PLAN}_v2.pdf").read_bytes()
    assert verdict(closed_town, new, tmp_path)["archive"] == UNKNOWN | {"known": True, "plan_id": PLAN, "version": 2}
    (tmp_path / "v1.pdf").write_bytes(old)
    assert "nyare version: 2" in run_cli("verify", tmp_path / "v1.pdf", home=closed_town).out


def test_another_workspaces_file_is_judged_by_its_signatures_alone(archive: Archive, tmp_path: Path) -> None:
    assert ask("init", tmp_path / "grannkommun", "--test").code == 0
    value = verdict(tmp_path / "grannkommun", archive.sealed, tmp_path)
    assert value["verdict"] == "indeterminate"
    assert value["archive"] == UNKNOWN
    assert {s["trusted"] for s in value["signatures"]} == {False}
    changed = archive.sealed[:2000] + bytes([archive.sealed[2000] ^ 1]) + archive.sealed[2001:]
    assert verdict(tmp_path / "grannkommun", changed, tmp_path)["verdict"] == "invalid"


def test_a_file_full_of_names_and_ends_is_looked_up_once(archive: Archive) -> None:
    """Nothing bounds the work that far: it must not grow with what a stranger repeats."""
    tools = open_workspace(archive.home)
    asked: list[int] = []

    def count(_conn: object, _cursor: object, _text: str, parameters: tuple[object, ...], *_: object) -> None:
        asked.append(len(parameters))

    sa.event.listen(tools.db.engine, "before_cursor_execute", count)
    same, other = (
        b"urn:plansigill:plan:abc " * 50_000,
        b" ".join(b"urn:plansigill:plan:p%05d" % n for n in range(50_000)),
    )
    for data in (same, other, same.replace(b"plan:", b"planerare:"), b"%%EOF\n" * 50_000):
        asked.clear()
        started = time.process_time()
        report, known = report_on(tools, data, tools.now())
        assert (report.verdict, known) == ("invalid", None)
        assert time.process_time() - started < 5
        assert (len(asked) < 10, max(asked) <= 1001) == (True, True), asked
    tools.db.engine.dispose()


def test_without_a_workspace_nobody_is_trusted(archive: Archive, tmp_path: Path) -> None:
    value = verdict(None, archive.sealed, tmp_path)
    assert (value["verdict"], value["archive"]) == ("indeterminate", UNKNOWN)


def test_a_named_workspace_must_be_one(archive: Archive, tmp_path: Path) -> None:
    file = archive.home / "outbox" / f"{PLAN}_v1.pdf"
    for words, home in ((("--workspace", tmp_path), None), ((), tmp_path)):
        said = ask("verify", file, *words, home=home)
        assert (said.code, said.error) == (2, "ingen_arbetsyta")


@pytest.mark.parametrize("data", [b"", b"hej", b'{"schema": "genomforandeplan/1"}', b"%PDF-1.7\n", b"\x00" * 5000])
def test_what_is_no_pdf_is_invalid(archive: Archive, tmp_path: Path, data: bytes) -> None:
    assert verdict(archive.home, data, tmp_path)["verdict"] == "invalid"
    assert verdict(None, data, tmp_path)["verdict"] == "invalid"


def xml_says(path: Path, schema: etree.XMLSchema) -> tuple[set[str], set[str], str]:
    """The indications of the report, our own verdict in it, and what the archive's constraint in it (A1) says."""
    document = etree.parse(path)
    assert schema.validate(document), schema.error_log
    main = {
        str(e.text).rpartition(":")[2] for e in document.iterfind(".//{*}SignatureValidationStatus/{*}MainIndication")
    }
    ours = {str(e.text) for e in document.iterfind(".//{*}ReportData/{*}Value")}
    said = (" ".join(each.itertext()) for each in document.iterfind(".//{*}ValidationConstraint"))
    return main, ours, next(each for each in said if ":rule:A1" in each)


def test_the_report_as_xml_says_what_the_command_says(
    archive: Archive, tmp_path: Path, etsi_schema: etree.XMLSchema
) -> None:
    asked = [
        (archive.sealed, 0, {"total-passed"}, "lämnade ut"),
        (archive.half, 1, {"indeterminate"}, "aldrig lämnat ut"),
        (archive.sealed[:2000] + b"x" + archive.sealed[2001:], 1, {"total-failed"}, "bär numret"),
        (b"hej", 1, {"total-failed"}, "känner inte filen"),
    ]
    for number, (data, code, indications, archives_word) in enumerate(asked):
        (tmp_path / "brev.pdf").write_bytes(data)
        xml = tmp_path / f"rapport{number}.xml"
        said = ask("verify", tmp_path / "brev.pdf", "--report", xml, home=archive.home, cwd=tmp_path)
        assert (said.code, said.err) == (code, "")
        assert said.value["report"] == str(xml)
        main, ours, last = xml_says(xml, etsi_schema)
        assert (main, ours) == (indications, {said.value["verdict"]})
        assert archives_word in last


def test_a_report_is_written_over_nothing_unless_that_is_said(archive: Archive, tmp_path: Path) -> None:
    file, xml = archive.home / "outbox" / f"{PLAN}_v1.pdf", tmp_path / "rapport.xml"
    xml.write_text("kvar")
    said = ask("verify", file, "--report", xml, home=archive.home)
    assert (said.code, said.error, xml.read_text()) == (2, "fil_finns", "kvar")
    assert ask("verify", file, "--report", tmp_path, home=archive.home).error == "fil_gar_inte_att_skriva"
    (tmp_path / "brev.pdf").write_bytes(archive.sealed)
    said = ask("verify", tmp_path / "brev.pdf", "--report", tmp_path / "brev.pdf", "--replace", home=archive.home)
    assert (said.error, (tmp_path / "brev.pdf").read_bytes()) == ("fil_finns", archive.sealed)
    (tmp_path / "brev.pdf").unlink()
    assert ask("verify", file, "--report", xml, "--replace", home=archive.home).code == 0
    assert xml.read_bytes().startswith(b"<?xml")
    assert [p.name for p in tmp_path.iterdir()] == ["rapport.xml"], "nothing unfinished is left"


def test_proofs_are_not_taken_yet(archive: Archive) -> None:
    file = archive.home / "outbox" / f"{PLAN}_v1.pdf"
    said = ask("verify", file, "--proof", file, home=archive.home)
    assert (said.code, said.error) == (2, "bevis_ej_an")


def test_people_are_told_in_words(archive: Archive) -> None:
    said = run_cli("verify", archive.home / "outbox" / f"{PLAN}_v1.pdf", home=archive.home)
    assert said.code == 0
    assert said.out.startswith("GILTIG / valid\n")
    assert "Emma Sjöö" in said.out
    assert f"I arkivet: {PLAN} version 1" in said.out
