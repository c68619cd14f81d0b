"""`plansigill document`: the documents around a plan are listed, fetched, or made when somebody asks."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa
from lxml import etree

from pipeline.app import open_workspace
from pipeline.store import tables as t
from tests.cli.conftest import PLAN, WHY, Archive, ask, run_cli
from tests.cli.test_schemas import fits
from tests.conformance.meaning import faults
from tests.conformance.tags import read
from tests.plugins.judge_process import Judge
from tests.plugins.judges import PdfsigSignature


def test_a_certificate_is_made_on_request_and_says_that_the_file_is_unchanged(closed_town: Path, in_tmp: Path) -> None:
    said = fits("document", ask("document", PLAN, "verifieringsintyg", *WHY, home=closed_town))
    forms = {result["form"]: result["file"] for result in said.value["results"]}
    assert set(forms) == {"pdf", "text"}
    told = (in_tmp / forms["text"]).read_text("utf-8")
    assert "Filen är oförändrad" in told
    assert "Aina" not in forms["pdf"]
    again = ask("document", PLAN, "verifieringsintyg", *WHY, home=closed_town)
    assert [result["number"] for result in again.value["results"]] == [2, 2]
    listed = fits("document", ask("document", PLAN, *WHY, home=closed_town))
    assert {result["slag"] for result in listed.value["results"]} >= {"verifieringsintyg"}
    assert "Verifieringsintyg" in run_cli("document", PLAN, *WHY, home=closed_town).out


@pytest.fixture(scope="module")
def certified(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace and the certificate that was made in it on request."""
    folder = tmp_path_factory.mktemp("intyg")
    home = Path(shutil.copytree(archive.home, folder / "town"))
    said = ask("document", PLAN, "verifieringsintyg", "--out", folder, *WHY, home=home)
    assert said.code == 0, said
    return home, folder / f"{PLAN}_v1.verifieringsintyg.pdf"


def test_it_carries_the_municipalitys_seal_and_every_judge_agrees(
    certified: tuple[Path, Path], judge: Judge, pdfsig: Callable[..., tuple[PdfsigSignature, ...]]
) -> None:
    home, file = certified
    root = ask("trust", home=home).value["pem"].encode()
    answer = judge.signatures(file, [root])
    assert [(s["indication"], s["level"]) for s in answer["signatures"]] == [("TOTAL_PASSED", "PAdES-BASELINE-LTA")]
    assert judge.pdf(file)["passed"], "PDF/A-3a and PDF/UA-1, seal and enclosed reports with it"
    assert faults(read(file.read_bytes())) == [], "the seal is tagged where it stands, and has words"
    (seal,) = (s for s in pdfsig(file, [root]) if s.type.endswith(".detached"))
    assert (seal.valid, seal.field, seal.signer) == (True, "stampel", "Norrbro kommun")


def test_verify_knows_it_for_what_it_is(certified: tuple[Path, Path], tmp_path: Path) -> None:
    home, file = certified
    value = ask("verify", file, home=home).value
    assert value["verdict"] == "valid"
    assert [(s["role"], s["signer"], s["level"]) for s in value["signatures"]] == [
        ("stampel", "Norrbro kommun", "B-LTA")
    ]
    assert (value["archive"]["known"], value["archive"]["plan_id"], value["rules"][-1]["reason"]) == (
        True,
        PLAN,
        "paper_issued",
    )
    assert "elektronisk stämpel: Norrbro kommun" in run_cli("verify", file, home=home).out
    data = file.read_bytes()
    for number, end in enumerate([m.end() for m in re.finditer(rb"%%EOF\n?", data)][:-1]):
        (tmp_path / f"cut{number}.pdf").write_bytes(data[:end])
    (tmp_path / "bit.pdf").write_bytes(data[:3000] + bytes([data[3000] ^ 1]) + data[3001:])
    (tmp_path / "more.pdf").write_bytes(data + b"%hej\n")
    for spoilt in sorted(tmp_path.glob("*.pdf")):
        said = ask("verify", spoilt, home=home).value
        verdict = "indeterminate" if spoilt.name.startswith("cut") else "invalid"
        reason = "never_issued" if spoilt.name == "more.pdf" else "only_named"
        assert (said["verdict"], said["rules"][-1]["reason"]) == (verdict, reason), spoilt.name


def test_a_document_without_a_seal_is_known_and_nobody_has_signed_it(archive: Archive, tmp_path: Path) -> None:
    file = next((archive.home / "outbox").glob(f"{PLAN}_v1.planerare.pdf"))
    said = ask("verify", file, home=archive.home).value
    assert (said["verdict"], said["rules"][-1]["reason"]) == ("indeterminate", "paper_issued")
    changed = tmp_path / "planerare.pdf"
    changed.write_bytes(file.read_bytes() + b"\n%%EOF\n")
    said = ask("verify", changed, home=archive.home).value
    assert (said["verdict"], said["rules"][-1]["reason"]) == ("invalid", "never_issued")


def test_the_reports_in_it_are_the_one_it_prints(certified: tuple[Path, Path], etsi_schema: etree.XMLSchema) -> None:
    home, file = certified
    with pikepdf.open(file) as pdf:
        held = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
        assert {str(spec.obj.AFRelationship) for name, spec in pdf.attachments.items() if "rapport" in name} == {
            "/Supplement"
        }
    assert set(held) == {"verifieringsintyg.json", "rapport.xml", "rapport.json"}
    xml, report = etree.fromstring(held["rapport.xml"]), json.loads(held["rapport.json"])
    assert etsi_schema.validate(xml), etsi_schema.error_log
    mains = xml.iterfind(".//{*}SignatureValidationStatus/{*}MainIndication")
    assert {str(e.text).rpartition(":")[2] for e in mains} == {"total-passed"}
    reasons = {rule["id"]: rule["reason"] for rule in report["rules"]}
    assert (report["verdict"], reasons["A1"], reasons["A2"]) == ("valid", "issued", "not_provable")
    assert ask("find", "--sha256", report["sha256"], *WHY, home=home).code == 0, "the report is on the sealed file"


def test_no_seal_without_evidence_that_is_stored(certified: tuple[Path, Path]) -> None:
    tools = open_workspace(certified[0])
    with tools.db.read() as conn:
        (row,) = conn.execute(t.evidence.select().where(t.evidence.c.role == "stampel")).mappings()
        entries = [json.loads(e) for (e,) in conn.execute(sa.select(t.trail.c.entry).order_by(t.trail.c.idx))]
    kept = str(tools.open(PLAN, t.evidence_column(row["id"]), row["evidence_enc"])["evidence"])
    (issued,) = (e for e in entries if e["type"] == "certificate_issued" and e["role"] == "stampel")
    assert issued["evidence_sha256"] == hashlib.sha256(kept.encode()).hexdigest()
    assert issued["evidence_id"] == row["id"]
    asked = json.loads(kept)
    assert (asked["slag"], asked["plan_id"], asked["version"]) == ("verifieringsintyg", PLAN, 1)
    (made,) = (e for e in entries if e["type"] == "paper_made" and e["form"] == "pdf" and e["slag"] == asked["slag"])
    assert entries.index(issued) < entries.index(made)
    tools.db.engine.dispose()


def test_a_certificate_of_a_plan_that_is_not_sealed_is_refused(open_town: Path, in_tmp: Path) -> None:
    said = ask("document", PLAN, "verifieringsintyg", *WHY, home=open_town)
    assert said.code == 1
    assert said.error == "ej_arkiverad"
    assert list(in_tmp.glob("*.pdf")) == []


def test_a_kind_that_something_else_brings_about_or_that_is_unknown_is_refused(open_town: Path) -> None:
    for slag, code in (("bedomning", "dokument_finns_inte"), ("recept", "okant_slag")):
        said = ask("document", PLAN, slag, *WHY, home=open_town)
        assert (said.code, said.error) == (1, code)


def test_it_names_its_purpose_as_every_look_up(open_town: Path) -> None:
    assert ask("document", PLAN, home=open_town).code == 2
