"""`get --masked`: a copy for release to others, logged as what it is, and no plan to whoever verifies it."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, WHY, Archive, accesses, ask, run_cli


def test_a_masked_copy_of_the_sealed_plan(archive: Archive, in_tmp: Path) -> None:
    said = ask("get", PLAN, "--masked", *WHY, home=archive.home)
    assert said.code == 0, said.err
    copy = (in_tmp / f"{PLAN}_v1.maskerad.pdf").read_bytes()
    assert said.value["file"] == f"{PLAN}_v1.maskerad.pdf"
    assert said.value["sha256"] == hashlib.sha256(copy).hexdigest()
    assert said.value["original_sha256"] == hashlib.sha256(archive.sealed).hexdigest()
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=copy, capture_output=True, check=True)
    text = "".join(done.stdout.decode().split())
    assert hashlib.sha256(archive.sealed).hexdigest() in text
    assert "19420119" not in text
    assert "Göran" not in text
    assert text.count("Harskrivitunder.") == 3
    verdict = ask("verify", f"{PLAN}_v1.maskerad.pdf", home=archive.home)
    assert (verdict.code, verdict.value["verdict"]) == (1, "indeterminate")
    assert not verdict.value["archive"]["known"]
    assert "Läs kopian" in run_cli("get", PLAN, "--masked", *WHY, home=archive.home).out


def test_chosen_fields_alone_and_always_the_number(archive: Archive, in_tmp: Path) -> None:
    fields = ("insatser[2].hur", "viktigt_for_mig")
    chosen = [word for field in fields for word in ("--mask", field)]
    said = ask("get", PLAN, *chosen, "--out", "kopia.pdf", *WHY, home=archive.home)
    assert said.value["masked"] == ["brukare.person_id.varde", *fields]
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", "kopia.pdf", "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    assert "19420119" not in text
    assert "Vi skriver listan" not in text
    assert "Lillgatan 4" in text


def test_it_is_logged_as_an_access_of_its_own(closed_town: Path, in_tmp: Path) -> None:
    before = len(accesses(closed_town))
    ask("get", PLAN, "--masked", "--purpose", "utlämnande", home=closed_town)
    ask("get", "GP-FINNS-INTE", "--masked", "--purpose", "utlämnande", home=closed_town)
    assert ask("get", PLAN, "--masked", home=closed_town).error == "andamal_saknas"
    assert accesses(closed_town)[before:] == [("get_masked", "utlämnande", "plan_id")] * 2


@pytest.mark.parametrize(("field", "code"), [("brukare.adres", "mask_okant_falt"), ("insatser[9]", "mask_saknas")])
def test_a_field_that_is_not_there_gives_no_copy(archive: Archive, in_tmp: Path, field: str, code: str) -> None:
    said = ask("get", PLAN, "--masked", "--mask", field, *WHY, home=archive.home)
    assert (said.code, said.error) == (2, code)
    assert list(in_tmp.glob("*.pdf")) == []


def test_without_an_original_there_is_no_copy(open_town: Path, in_tmp: Path) -> None:
    assert ask("get", PLAN, "--masked", *WHY, home=open_town).error == "mask_ej_forseglad"
