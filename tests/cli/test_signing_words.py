"""The words that change a plan: process, record, sign, waive, handover, withdraw; a refusal changes nothing."""

import base64
import io
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from pipeline.app import open_workspace
from pipeline.store import tables as t
from signatures.identity import IdentityEvidence
from tests.cli.conftest import PLAN, ROLES, SAMPLES, WHY, Archive, ask, contents, put, run_cli, sample, today
from tests.skanning import scan

SCAN = scan()


NO_SCANS = (b"", b"%PDF-", b"%PDF-1.7\nscan", b"\x89PNG\r\n\x1a\n", scan(pages=0), SCAN[: len(SCAN) // 3])


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("L", (60, 20), 255).save(out, kind)
    return out.getvalue()


def refused(home: Path, *words: object, code: int = 1) -> str:
    """The error of a command that must be refused and change nothing."""
    before = contents(home)
    said = ask(*words, home=home)
    assert said.code == code, said
    assert contents(home) == before
    return said.error


def test_three_signatures_take_the_plan_to_the_archive(archive: Archive) -> None:
    assert [said.code for said in archive.signed] == [0, 0, 0]
    assert [said.err for said in archive.signed] == ["", "", ""]
    for number, said in enumerate(archive.signed, start=1):
        ended = [slot["role"] for slot in said.value["slots"] if slot["outcome"] == "signed"]
        assert ended == list(ROLES[:number])
    last = archive.signed[-1].value
    assert (last["state"], last["document"]) == ("archived", f"outbox/{PLAN}_v1.pdf")
    assert [slot["signer"] for slot in last["slots"]] == ["Aina Margareta Björkqvist", "Emma Sjöö", "Carina Ström"]


def test_a_signature_is_made_though_outbox_cannot_be_written(open_town: Path) -> None:
    outbox, away = open_town / "outbox", open_town / "undan"
    for role in ROLES[:2]:
        ask("sign", PLAN, "--role", role, home=open_town)
    outbox.rename(away)
    outbox.write_bytes(b"no folder")
    said = ask("sign", PLAN, "--role", "enhetschef", home=open_town)
    assert (said.code, said.error) == (3, "utkorg")
    assert "mappen outbox" in said.value["error"]["sv"]
    assert ask("status", PLAN, home=open_town).value["slots"][2]["outcome"] == "signed"
    outbox.unlink()
    away.rename(outbox)
    assert ask("handover", PLAN, "--by", "nb-1042", home=open_town).value["state"] == "handed_over"
    assert (outbox / f"{PLAN}_v1.pdf").is_file()


def test_what_sign_refuses(open_town: Path) -> None:
    def sign(*words: object, code: int = 1) -> str:
        return refused(open_town, "sign", *words, code=code)

    assert sign("GP-FINNS-INTE", "--role", "brukare") == "okand_plan"
    assert sign(PLAN, "--role", "brukare", "--version", 7) == "okand_plan"
    assert sign(PLAN, "--role", "kontaktman") == "fel_ordning"
    assert sign(PLAN, "--role", "chef", code=2) == "fel_val"
    assert sign(PLAN, "--role", "brukare", "--as", "Ingen Alls") == "okand_foretradare"
    assert sign(PLAN, "--role", "kontaktman", "--as", "nb-9999") == "okand_person"
    assert sign(PLAN, "--role", "kontaktman", "--as", "", code=2) == "person_kravs"
    assert sign(PLAN, "--role", "enhetschef", "--as", "nb-1042") == "fel_roll"
    page = open_town / "till.html"
    assert sign(PLAN, "--role", "brukare", "--form", page) == "form_utan_tjanst"
    assert sign(PLAN, "--role", "brukare", "--answer", "http://127.0.0.1/?code=1&state=2") == "inget_svar_vantas"
    assert sign(PLAN, "--role", "brukare", "--version", 0, code=2) == "fel_anrop"
    assert sign(PLAN, code=2) == "fel_anrop"


@pytest.mark.parametrize("number", ["19420119-9124", "194201199124", "420119-9124", "420119+9124"])
def test_a_number_given_for_a_name_is_not_repeated(open_town: Path, number: str) -> None:
    for words in (
        ("sign", PLAN, "--role", "kontaktman", "--as", number),
        ("withdraw", PLAN, "--reason", "avliden", "--by", number),
    ):
        said = ask(*words, home=open_town)
        assert said.error == "okand_person"
        assert number not in said.out + said.err


@pytest.mark.parametrize("number", ["19420119-9124", "194201199124"])
def test_a_number_given_for_a_plan_or_a_way_is_not_repeated(open_town: Path, number: str) -> None:
    for error, words in (
        ("okand_plan", ("sign", number, "--role", "brukare")),
        ("okand_plan", ("sign", number, "--role", "brukare", "--give-up")),
        ("okand_plan", ("status", number)),
        ("okand_plan", ("show", number, "--purpose", "prov")),
        ("okand_plan", ("renew", number)),
        ("metod_saknas", ("sign", PLAN, "--role", "brukare", "--method", number)),
    ):
        said = ask(*words, home=open_town)
        assert said.error == error
        assert number not in said.out + said.err
    for many in (ask, run_cli):
        said = many("batch", number, "--role", "enhetschef", "--as", "nb-0007", home=open_town)
        assert said.code == 1
        assert number not in said.out + said.err


def test_what_names_nothing_is_no_success(open_town: Path) -> None:
    assert refused(open_town, "batch", "--role", "enhetschef", "--as", "nb-OO07") == "okand_person"
    assert refused(open_town, "batch", "--role", "enhetschef", "--as", "", code=2) == "person_kravs"
    assert ask("batch", "--role", "enhetschef", "--as", "nb-0007", home=open_town).code == 0
    assert refused(open_town, "sign", PLAN, "--role", "nonsense", "--give-up", code=2) == "fel_val"
    assert refused(open_town, "renew", PLAN) == "inget_att_fornya"
    assert refused(open_town, "sign", PLAN, "--role", "brukare", "--version", 10**20, code=2) == "fel_anrop"
    assert refused(open_town, "get", PLAN, "--version", 10**20, *WHY, code=2) == "fel_anrop"
    for words in (("sign", "\udcff", "--role", "brukare"), ("status", "\udcff"), ("renew", "\udcff")):
        assert refused(open_town, *words, code=2) == "fel_anrop"
    assert refused(open_town, "batch", "\udcff", "--role", "enhetschef", "--as", "nb-0007", code=2) == "fel_anrop"


STAFF = '[nb-1042]\nnamn = "{name}"\nhsa_id = "SE9901000000-1042"\nroller = ["kontaktman"]\n'


@pytest.mark.parametrize(
    ("name", "error"), [("Emma \U0001f600", "fel_namn"), ("عمر Sjöö", "fel_namn"), ("Nguyễn Thị Ánh", "tecken_saknas")]
)
def test_a_name_that_no_signature_can_carry_leaves_the_slot_free(open_town: Path, name: str, error: str) -> None:
    """Told when the person was listed after the document was made; a name that can be written signs at once."""
    people = open_town / "personer.toml"
    ask("sign", PLAN, "--role", "brukare", home=open_town)
    people.write_text(STAFF.format(name=name), "utf-8")
    assert ask("sign", PLAN, "--role", "kontaktman", home=open_town).error == error
    people.write_text(STAFF.format(name="Ștefan Sjöö"), "utf-8")
    assert ask("sign", PLAN, "--role", "kontaktman", home=open_town).value["slots"][1]["signer"] == "Ștefan Sjöö"


def test_sign_with_a_basis(open_town: Path) -> None:
    basis = open_town.parent / "beslut.pdf"
    words = ("sign", PLAN, "--role", "brukare", "--basis", basis)
    assert refused(open_town, *words, code=2) == "fil_gar_inte_att_lasa"
    for bad in (b"MZ", *NO_SCANS, picture("PNG")[:40]):
        basis.write_bytes(bad)
        assert refused(open_town, *words, code=2) == "fel_slags_bilaga"
    for good in (SCAN, *map(picture, ("PNG", "JPEG", "TIFF"))):
        basis.write_bytes(good)
        assert refused(open_town, *words) == "underlag_bara_foretradare"


def test_a_signed_slot_and_a_sealed_plan_take_no_more(closed_town: Path) -> None:
    waive = ("waive", PLAN, "--role", "brukare", "--outcome", "declined", "--reason", "vill_inte", "--by", "nb-1042")
    assert refused(closed_town, "sign", PLAN, "--role", "brukare") == "redan_forseglad"
    assert refused(closed_town, *waive) == "redan_forseglad"
    withdraw = ("withdraw", PLAN, "--reason", "avliden", "--by", "nb-0007")
    assert refused(closed_town, *withdraw) == "redan_forseglad"


def test_what_waive_refuses(open_town: Path) -> None:
    def waive(*words: object, role: str = "brukare", by: str = "nb-1042", code: int = 1) -> str:
        return refused(open_town, "waive", PLAN, "--role", role, "--by", by, *words, code=code)

    assert waive("--outcome", "signed", "--reason", "vill_inte", code=2) == "fel_val"
    assert waive("--outcome", "declined", "--reason", "vill_inte", by="nb-9999") == "okand_person"
    assert waive("--outcome", "declined", "--reason", "vill_inte", by="", code=2) == "person_kravs"
    assert waive("--outcome", "paper") == "papper_kraver_skanning"
    assert waive("--outcome", "declined", "--reason", "vill_inte", role="enhetschef") == "utfall_bara_underskrift"
    assert waive(code=2) == "fel_anrop"
    original = open_town.parent / "scan.pdf"
    original.write_bytes(SCAN)
    assert waive("--outcome", "declined", "--reason", "vill_inte", "--scan", original) == "papper_kraver_skanning"
    for code in ("ingen_sadan_orsak", "annat"):  # unknown; and one that asks for a text of its own
        assert waive("--outcome", "declined", "--reason", code)


def test_a_waived_slot_makes_a_new_edition(open_town: Path) -> None:
    before = ask("status", PLAN, home=open_town).value
    said = ask(
        "waive", PLAN, "--role", "brukare", "--outcome", "unable", "--reason", "kan_inte_fysiskt", "--by", "nb-1042",
        home=open_town,
    )  # fmt: skip
    assert said.code == 0, said.err
    first = said.value["slots"][0]
    assert (first["outcome"], first["reason"]) == ("unable", "kan_inte_fysiskt")
    assert (said.value["version"], said.value["state"]) == (1, "awaiting_signatures")
    assert said.value["sha256"] != before["sha256"]
    assert refused(open_town, "sign", PLAN, "--role", "brukare") == "redan_avslutad"


def test_a_paper_original(open_town: Path) -> None:
    original = open_town.parent / "scan.pdf"
    original.write_bytes(SCAN)
    words = ("waive", PLAN, "--role", "brukare", "--outcome", "paper", "--scan", original, "--by", "nb-1042")
    said = ask(*words, home=open_town)
    assert said.code == 0, said.err
    assert said.value["slots"][0]["outcome"] == "paper"
    assert original.is_file()


def test_what_is_no_scan_of_an_original(open_town: Path) -> None:
    original = open_town.parent / "scan.pdf"
    words = ("waive", PLAN, "--role", "brukare", "--outcome", "paper", "--scan", original, "--by", "nb-1042")
    assert refused(open_town, *words, code=2) == "fil_gar_inte_att_lasa"
    for bad in (*NO_SCANS, picture("PNG"), picture("PNG")[:40]):
        original.write_bytes(bad)
        assert refused(open_town, *words) == "fel_skanning"
    for size in (50_000_001, 52_428_800, 60_000_000):
        original.write_bytes(SCAN)
        os.truncate(original, size)
        assert refused(open_town, *words) == "fel_skanning"
    made_here = sorted((open_town / "outbox").rglob("*.pdf"))
    assert len(made_here) >= 2, "the plan's own file and a paper around it"
    for made in made_here:
        original.write_bytes(made.read_bytes())
        assert refused(open_town, *words) == "skanning_egen_fil", made.name


def test_a_representative_signs_on_a_basis(empty: Path) -> None:
    plan = sample()
    plan["foretradare"] = [{"namn": "Birgit Åkesson", "roll": "god_man", "far_underteckna": True}]
    plan["delaktighet"]["status"] = "via_foretradare"
    said = ask("process", put(empty.parent / "plan.json", plan), home=empty)
    assert said.code == 0, said.out
    assert refused(empty, "sign", PLAN, "--role", "brukare", "--as", "Birgit Åkesson") == "underlag_saknas"
    basis = empty.parent / "beslut.pdf"
    basis.write_bytes(SCAN)
    said = ask("sign", PLAN, "--role", "brukare", "--as", "Birgit Åkesson", "--basis", basis, home=empty)
    assert said.code == 0, said.err
    first = said.value["slots"][0]
    assert (first["outcome"], first["signer"]) == ("represented", "Birgit Åkesson")


def test_a_protected_persons_identity_is_attested_in_person(empty: Path) -> None:
    plan = sample("skyddad")
    plan["delaktighet"] = sample()["delaktighet"]
    plan["uppfoljning"] = sample()["uppfoljning"]
    said = ask("process", put(empty.parent / "plan.json", plan), home=empty)
    assert said.value["results"][0]["outcome"] == "accepted", said.out
    role = ("sign", plan["plan_id"], "--role", "brukare", "--method", "intygad")
    assert refused(empty, *role, code=2) == "attested_by_kravs"
    drawn = empty.parent / "namnteckning.png"
    drawn.write_bytes(b"no picture")
    attested = (*role, "--attested-by", "sv-3301", "--how", "kand", "--drawn", drawn)
    assert refused(empty, *attested) == "fel_namnteckning"
    Image.new("L", (60, 20), 255).save(drawn)
    assert refused(empty, *role[:-2], "--drawn", drawn) == "intygas_inte"
    said = ask(*attested, home=empty)
    assert (said.code, said.value["slots"][0]["outcome"]) == (0, "signed"), said.err
    (evidence,) = stored_evidence(empty, plan["plan_id"])
    assert base64.b64decode(json.loads(evidence.raw)["drawn"]).startswith(b"\x89PNG")


def stored_evidence(home: Path, plan_id: str) -> list[IdentityEvidence]:
    tools = open_workspace(home)
    with tools.db.read() as conn:
        rows = conn.execute(t.evidence.select()).all()
    told = [tools.open(plan_id, t.evidence_column(row.id), row.evidence_enc) for row in rows]
    tools.db.engine.dispose()
    return [IdentityEvidence.from_canonical(str(each["evidence"]).encode()) for each in told]


def test_what_handover_refuses(open_town: Path) -> None:
    assert refused(open_town, "handover", PLAN, "--by", "nb-1042") == "ej_arkiverad"
    assert refused(open_town, "handover", "GP-FINNS-INTE", "--by", "nb-1042") == "okand_plan"
    assert refused(open_town, "handover", PLAN, "--by", "nb-1042", "--to", "grannen", code=2) == "fel_val"
    assert refused(open_town, "handover", PLAN, "--by", "nb-1042", "--receipt", "kanske", code=2) == "fel_val"
    assert refused(open_town, "handover", PLAN, code=2) == "fel_anrop"


def test_handover(closed_town: Path) -> None:
    assert refused(closed_town, "handover", PLAN, "--by", "nb-9999") == "okand_person"
    words = ("handover", PLAN, "--by", "nb-1042", "--to", "brukare", "--receipt", "declined")
    said = ask(*words, home=closed_town)
    assert said.code == 0, said.err
    assert said.value["state"] == "handed_over"
    assert (closed_town / "outbox" / f"{PLAN}_v1.overlamningskvitto.pdf").read_bytes().startswith(b"%PDF-")


def test_withdraw(open_town: Path) -> None:
    assert refused(open_town, "withdraw", PLAN, "--reason", "for_dyr", "--by", "nb-0007") == "okand_anledning"
    assert refused(open_town, "withdraw", PLAN, "--reason", "avliden", "--by", "nb-9999") == "okand_person"
    said = ask("withdraw", PLAN, "--reason", "chef_vagrar", "--by", "nb-0007", home=open_town)
    assert said.code == 0, said.err
    assert (said.value["state"], said.value["document"]) == ("withdrawn", None)
    assert not (open_town / "outbox" / f"{PLAN}_v1.osignerad.pdf").exists()
    assert refused(open_town, "sign", PLAN, "--role", "brukare") == "aterkallad"
    assert refused(open_town, "withdraw", PLAN, "--reason", "avliden", "--by", "nb-0007") == "aterkallad"


def test_process_takes_several_files_and_answers_each(open_town: Path) -> None:
    same = put(open_town / "samma.json", sample())
    order = SAMPLES / "uppdrag-utan-plan.json"
    broken = open_town / "trasig.json"
    broken.write_text("{")
    said = ask("process", same, order, broken, home=open_town)
    assert said.code == 1
    results = said.value["results"]
    assert [r["outcome"] for r in results] == ["duplicate", "accepted", "rejected"]
    assert [r["file"] for r in results] == ["samma.json", str(order), "trasig.json"]
    assert [r["plan_id"] for r in results] == [PLAN, None, None]
    assert results[0]["document"] == f"outbox/{PLAN}_v1.osignerad.pdf"
    assert results[2]["findings"][0]["code"] == "format"
    assert len({r["receipt"] for r in results}) == 3
    assert all(path.is_file() for path in (same, order, broken)), "process never moves or deletes a file"
    assert [d["plan_id"] for d in ask("due", home=open_town).value["results"]].count(None) > 0


def test_process_answers_nothing_when_one_file_cannot_be_read(empty: Path) -> None:
    words = ("process", SAMPLES / "hemtjanst-kort.json", empty / "finns-inte.json")
    assert refused(empty, *words, code=2) == "fil_gar_inte_att_lasa"


def test_another_person_needs_confirming(open_town: Path) -> None:
    plan = sample()
    plan["brukare"]["person_id"]["varde"] = "194107129167"
    file = put(open_town.parent / "annan.json", plan)
    said = ask("process", file, home=open_town)
    assert said.code == 1
    (result,) = said.value["results"]
    assert (result["outcome"], result["findings"][0]["code"]) == ("rejected", "fel_person")
    said = ask("process", file, "--confirm-person", home=open_town)
    assert said.code == 0
    (result,) = said.value["results"]
    assert (result["outcome"], result["version"]) == ("accepted", 2)


def test_record(open_town: Path) -> None:
    event = {"schema": "handelse/1", "handelse_id": "NB-START-1", "plan_id": PLAN, "slag": "insats_paborjad"}
    event |= {"datum": today(), "av": "nb-1042"}
    file = put(open_town / "start.json", event)
    said = ask("record", file, home=open_town)
    assert said.code == 0, said.out
    (result,) = said.value["results"]
    assert (result["file"], result["outcome"], result["plan_id"]) == ("start.json", "accepted", PLAN)
    (again,) = ask("record", file, home=open_town).value["results"]
    assert (again["outcome"], again["receipt"]) == ("duplicate", result["receipt"])


@pytest.mark.parametrize(
    ("name", "code"),
    [("uppdrag-utan-plan", "ingen_handelse"), ("hemtjanst-kort", "ingen_handelse")],
)
def test_record_takes_events_alone(empty: Path, name: str, code: str) -> None:
    said = ask("record", SAMPLES / f"{name}.json", home=empty)
    assert said.code == 1
    (result,) = said.value["results"]
    assert (result["outcome"], result["findings"][0]["code"]) == ("rejected", code)
    assert result["receipt"]


def test_without_json_people_are_told_in_swedish_first(open_town: Path) -> None:
    said = run_cli("status", PLAN, home=open_town)
    assert "väntar på underskrifter" in said.out
    said = run_cli("sign", PLAN, "--role", "enhetschef", home=open_town)
    assert (said.code, said.out) == (1, "")
    swedish, english = said.err.splitlines()
    assert swedish.startswith("Det är inte den rollens tur")
    assert english.startswith("It is not that role's turn")


def test_a_wrong_number_in_personer_toml_is_told_by_doctor_too(open_town: Path) -> None:
    staff = '[nb-1042]\nnamn = "Emma Sjöö"\npersonnummer = "420119-9124"\nroller = ["kontaktman"]\n'
    (open_town / "personer.toml").write_text(staff, "utf-8")
    for words in (("doctor",), ("sign", PLAN, "--role", "brukare")):
        assert refused(open_town, *words, code=2) == "personnummer_ogiltigt"
