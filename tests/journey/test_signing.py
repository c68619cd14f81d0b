"""Who may sign what and when; how slots end without a signature."""

import hashlib
import re
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import acts, standing, waiving
from pipeline.app import open_workspace
from pipeline.errors import Misuse, Refused
from pipeline.store import rows
from signatures.moments import moments
from signatures.verify.cms import signature_tokens, token
from signatures.verify.opening import open_pdf
from tests.journey.conftest import PLAN_ID, Town, of_identities, sample
from tests.skanning import scan

PDF = scan()


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises((Refused, Misuse)) as refused:
        act()
    return refused.value.code


def text_of(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


def unsigned(town: Town, plan_id: str) -> Path:
    return town.home / "outbox" / f"{plan_id}_v1.osignerad.pdf"


def test_three_people_sign_in_order_and_the_plan_is_sealed_and_archived(open_town: Town) -> None:
    plan_id = PLAN_ID
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "kontaktman")) == "fel_ordning"
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "enhetschef")) == "fel_ordning"
    acts.sign(open_town.tools, plan_id, "brukare")
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "brukare")) == "redan_avslutad"
    acts.sign(open_town.tools, plan_id, "kontaktman")
    value = acts.sign(open_town.tools, plan_id, "enhetschef")
    assert value["state"] == "archived"
    assert value["adopted_at"] == value["slots"][2]["at"]
    document = open_town.home / str(value["document"])
    assert hashlib.sha256(document.read_bytes()).hexdigest() == value["sha256"]
    assert "Fastställd 2026-11-20" in text_of(document)
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "brukare")) == "redan_forseglad"


def test_the_personnummer_stands_nowhere_in_the_signatures(open_town: Town) -> None:
    plan_id = PLAN_ID
    before = open_town.tools.home / "outbox" / f"{plan_id}_v1.osignerad.pdf"
    base = before.read_bytes()
    value = open_town.sign_all(plan_id)
    added = (open_town.home / value["document"]).read_bytes()[len(base) :]
    for form in (b"194201199124", b"420119-9124", b"19420119-9124", b"4201199124"):
        assert form not in added
        assert form.decode().encode("utf-16-be") not in added


def test_only_the_slots_own_people_sign(open_town: Town) -> None:
    plan_id = PLAN_ID
    acts.sign(open_town.tools, plan_id, "brukare")
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "kontaktman", as_id="nb-9999")) == "okand_person"
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "kontaktman", as_id="nb-0007")) == "fel_roll"
    value = acts.sign(open_town.tools, plan_id, "kontaktman", as_id="nb-1077")
    assert value["slots"][1]["signer"] == "Yusuf Haddad"


def test_the_go_through_comes_before_the_signature(town: Town) -> None:
    """S1.6: kontaktman goes through the plan with the person before it is signed."""
    plan = sample("hemtjanst-kort")
    plan["handelser"]["genomgangen_med_brukare"] = None
    plan_id = town.ready(plan)
    assert refusal(lambda: acts.sign(town.tools, plan_id, "brukare")) == "genomgang_saknas"
    event = {"schema": "handelse/1", "handelse_id": "NB-GENOMG-1", "plan_id": plan_id, "slag": "genomgangen"}
    told = town.send(event | {"datum": "2026-11-20", "av": "nb-1042", "uppgifter": {"med": "brukare"}})
    assert told.outcome == "accepted"
    assert acts.sign(town.tools, plan_id, "brukare")["slots"][0]["outcome"] == "signed"


def test_a_waived_slot_is_printed_in_a_new_edition_and_the_staff_sign_that(open_town: Town) -> None:
    plan_id = PLAN_ID
    first = unsigned(open_town, plan_id).read_bytes()
    waiver = waiving.Waiver("brukare", "unable", "kan_inte_fysiskt", "nb-1042", "Bruten arm.")
    value = waiving.waive(open_town.tools, plan_id, waiver)
    assert (value["version"], value["edition"], value["state"]) == (1, 2, "awaiting_signatures")
    assert value["slots"][0]["reason"] == "kan_inte_fysiskt"
    assert unsigned(open_town, plan_id).read_bytes() != first
    printed = text_of(unsigned(open_town, plan_id))
    assert "Bruten arm." in printed
    assert "Emma Sjöö" in printed
    assert open_town.sign_all(plan_id, "kontaktman", "enhetschef")["state"] == "archived"


def test_nothing_is_waived_once_somebody_has_signed(town: Town) -> None:
    plan = sample("hemtjanst-kort", profil="sol_lss_kund")
    plan_id = town.ready(plan)
    waiving.waive(town.tools, plan_id, waiving.Waiver("brukare", "not_participating", "avstod", "nb-1042"))
    acts.sign(town.tools, plan_id, "kontaktman")
    again = waiving.Waiver("brukare", "declined", "vill_inte", "nb-1042")
    assert refusal(lambda: waiving.waive(town.tools, plan_id, again)) == "redan_avslutad"
    staff = waiving.Waiver("enhetschef", "declined", "vill_inte", "nb-1042")
    assert refusal(lambda: waiving.waive(town.tools, plan_id, staff)) == "utfall_bara_underskrift"


def test_a_reason_in_the_file_ends_the_slot_at_intake(town: Town) -> None:
    plan_id = town.ready(sample("lss-avstar"))
    value = standing.status(town.tools, plan_id)
    assert (value["slots"][0]["outcome"], value["slots"][0]["reason"]) == ("declined", "vill_inte")
    printed = text_of(town.home / "outbox" / f"{plan_id}_v1.osignerad.pdf")
    assert "Zelal Demir" in printed
    assert "Milo vill inte skriva under något papper om sig själv." in printed
    assert refusal(lambda: acts.sign(town.tools, plan_id, "brukare")) == "redan_avslutad"


def test_a_person_who_took_no_part_is_not_asked(town: Town) -> None:
    """S2.8: unwilling or unable; a plan is made anyway, and neither approval nor signature is asked for."""
    plan = sample("skyddad")
    plan["delaktighet"] = {"status": "ville_inte"}
    plan["deltagare"] = [{"namn": "sv-3301", "roll": "kontaktman"}]
    plan_id = town.ready(plan)
    slot = standing.status(town.tools, plan_id)["slots"][0]
    assert (slot["required"], slot["outcome"], slot["reason"]) == (False, "not_participating", "deltog_inte")


def test_a_paper_original_is_kept_by_its_scan(open_town: Town) -> None:
    plan_id = PLAN_ID
    missing = waiving.Waiver("brukare", "paper", None, "nb-1042")
    assert refusal(lambda: waiving.waive(open_town.tools, plan_id, missing)) == "papper_kraver_skanning"
    value = waiving.waive(open_town.tools, plan_id, waiving.Waiver("brukare", "paper", None, "nb-1042", scan=PDF))
    assert value["slots"][0]["outcome"] == "paper"
    printed = text_of(unsigned(open_town, plan_id)).replace(" ", "")
    assert hashlib.sha256(PDF).hexdigest() in printed


def test_a_scan_is_of_one_document(town: Town) -> None:
    paper = waiving.Waiver("brukare", "paper", None, "nb-1042", scan=PDF)
    waiving.waive(town.tools, town.ready(sample("hemtjanst-kort")), paper)
    changed = town.ready(sample("hemtjanst-kort", anpassning={"teckenstorlek_pt": 24}))
    other = town.ready(sample("hemtjanst-kort", plan_id="GP-NB-2026-000777"))
    for plan_id in (changed, other):
        assert refusal(lambda: waiving.waive(town.tools, plan_id, paper)) == "skanning_anvand"  # noqa: B023
        assert standing.status(town.tools, plan_id)["slots"][0]["outcome"] is None
    anew = replace(paper, scan=scan("another"))
    assert waiving.waive(town.tools, other, anew)["slots"][0]["outcome"] == "paper"


def test_a_representative_signs_on_a_recorded_basis(town: Town) -> None:
    plan = sample("hemtjanst-kort")
    plan["foretradare"] = [
        {"namn": "Nils Ek", "roll": "god_man", "omfattning": ["sorja_for_person"], "far_underteckna": True},
        {"namn": "Vera Ek", "roll": "ombud", "far_underteckna": False},
    ]
    asleep = {"roll": "framtidsfullmaktshavare", "tradd_i_kraft": False, "far_underteckna": True}
    plan["foretradare"].insert(0, {"namn": "Nils Ek", **asleep})  # he may sign all the same, as god man
    plan_id = town.ready(plan)
    sign = lambda name, basis: acts.sign(town.tools, plan_id, "brukare", as_id=name, basis=basis)  # noqa: E731
    assert refusal(lambda: sign("Ingen Alls", PDF)) == "okand_foretradare"
    assert refusal(lambda: sign("Vera Ek", PDF)) == "far_inte_underteckna"
    assert refusal(lambda: sign("Nils Ek", None)) == "underlag_saknas"
    value = sign("Nils Ek", PDF)
    assert (value["slots"][0]["outcome"], value["slots"][0]["signer"]) == ("represented", "Nils Ek")
    with town.tools.db.read() as conn:
        v = rows.version_row(conn, plan_id, 1)
        assert v is not None
        assert town.tools.detail(v, rows.slots_of(conn, v)[0])["basis"] == "god_man"
    assert town.sign_all(plan_id, "kontaktman", "enhetschef")["state"] == "archived"
    assert of_identities(town, plan_id) == "not_provable"  # a test's: nothing is missing


def test_the_representatives_document_is_read_by_somebody_else_and_all_of_it_is_kept(town: Town) -> None:
    plan = sample("hemtjanst-kort")
    future = {"namn": "Vera Ek", "roll": "framtidsfullmaktshavare", "tradd_i_kraft": False, "far_underteckna": True}
    kontaktman = plan["roller"]["kontaktman"]
    plan["foretradare"] = [
        {"namn": "Nils Ek", "roll": "god_man", "omfattning": ["sorja_for_person"], "far_underteckna": True},
        {"namn": kontaktman["namn"], "roll": "ombud", "far_underteckna": True},
        future,
        {key: value for key, value in future.items() if key != "tradd_i_kraft"} | {"namn": "Siv Ek"},
    ]
    plan_id = town.ready(plan)

    def sign(name: str, **told: str) -> dict[str, object]:
        return dict(acts.sign(town.tools, plan_id, "brukare", as_id=name, basis=PDF, **told))  # type: ignore[arg-type]

    assert refusal(lambda: sign("Vera Ek")) == "fullmakt_ej_i_kraft"
    assert refusal(lambda: sign("Siv Ek")) == "fullmakt_ej_i_kraft"
    assert refusal(lambda: sign(kontaktman["namn"])) == "underlag_egen_kontroll"
    for spelt in ("Emma  Sjöö", "emma sjöö", unicodedata.normalize("NFD", "Emma Sjöö")):
        staff = f'[nb-1042]\nnamn = "{spelt}"\nhsa_id = "SE0000000000-1042"\nroller = ["kontaktman"]\n'
        (town.home / "personer.toml").write_text(staff, "utf-8")
        tools = open_workspace(town.home, town.clock)
        told = {"as_id": kontaktman["namn"], "basis": PDF, "checked_by": "nb-1042"}
        assert refusal(lambda: acts.sign(tools, plan_id, "brukare", **told)) == "underlag_egen_kontroll"  # noqa: B023
    assert refusal(lambda: sign("Nils Ek", checked_by="nb-9999")) == "okand_person"
    sign("Nils Ek", checked_by="nb-0007")
    with town.tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        kept = town.tools.detail(v, rows.slots_of(conn, v)[0])
    wanted = {"basis": "god_man", "scope": ["sorja_for_person"], "checked_by": "nb-0007"}
    assert {key: kept[key] for key in wanted} == wanted
    assert kept["basis_sha256"] == hashlib.sha256(PDF).hexdigest()


DELEGATED = """
[nb-1099]
namn = "Sara Vik"
hsa_id = "SE0000000000-1099"
roller = ["kontaktman"]
[[nb-1099.delegation]]
for = "nb-0007"
roll = "enhetschef"
fran = 2026-11-01
till = {till}
grund = "Delegationsbeslut 2026-114"
"""


@pytest.mark.parametrize(("till", "answer"), [("2026-11-30", None), ("2026-11-19", "delegation_ej_nu")])
def test_somebody_signs_for_an_absent_chief_on_a_ground_that_is_in_force(
    town: Town, till: str, answer: str | None
) -> None:
    (town.home / "personer.toml").write_text(DELEGATED.format(till=till), "utf-8")
    tools = open_workspace(town.home, town.clock)
    plan_id = town.ready(sample("hemtjanst-kort"))
    town.sign_all(plan_id, "brukare", "kontaktman")
    sign = lambda: acts.sign(tools, plan_id, "enhetschef", as_id="nb-1099")  # noqa: E731
    if answer is not None:
        with pytest.raises(Refused, match=answer) as refused:
            sign()
        assert "2026-11-01 till 2026-11-19" in refused.value.sv
        return
    assert sign()["state"] == "archived"
    with tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        assert v is not None
        kept = tools.detail(v, rows.slots_of(conn, v)[2])
    assert kept["delegation"] == "Delegationsbeslut 2026-114"
    assert "Pådelegationförenhetschef:SaraVik" in text_of(town.home / "outbox" / f"{plan_id}_v1.pdf").replace(" ", "")


@pytest.mark.parametrize(("allowed", "answer"), [(False, "samma_person"), (True, "archived")])
def test_one_employee_in_both_staff_slots_is_the_routines_to_allow(town: Town, allowed: bool, answer: str) -> None:
    plan = sample("hemtjanst-kort")
    both = plan["roller"]["kontaktman"]["personal_id"]
    (town.home / "personer.toml").write_text(
        f'[{both}]\nnamn = "Emma Sjöö"\nhsa_id = "SE0000000000-1042"\nroller = ["kontaktman", "enhetschef"]\n', "utf-8"
    )
    tools = open_workspace(town.home, town.clock)
    profil = tools.profiles[plan["profil"]]
    signs = profil.underskrifter.model_copy(update={"samma_person_far": allowed})
    other = {plan["profil"]: profil.model_copy(update={"underskrifter": signs})}
    tools = replace(tools, profiles={**tools.profiles, **other})
    plan_id = town.ready(plan)
    for role in ("brukare", "kontaktman"):
        acts.sign(tools, plan_id, role)
    sign = lambda: acts.sign(tools, plan_id, "enhetschef", as_id=both)  # noqa: E731
    assert (sign()["state"] if allowed else refusal(sign)) == answer


def test_nobody_signs_for_the_brukare_and_for_themselves(town: Town) -> None:
    plan = sample("hemtjanst-kort")
    plan["foretradare"] = [{"namn": "Emma Sjöö", "roll": "god_man", "far_underteckna": True}]
    plan_id = town.ready(plan)
    acts.sign(town.tools, plan_id, "brukare", as_id="Emma Sjöö", basis=PDF, checked_by="nb-0007")
    assert refusal(lambda: acts.sign(town.tools, plan_id, "kontaktman")) == "samma_person"
    assert acts.sign(town.tools, plan_id, "kontaktman", as_id="nb-1077")["slots"][1]["signer"] == "Yusuf Haddad"


STAFF = '[{who}]\nnamn = "{name}"\npersonnummer = "{number}"\nroller = ["kontaktman"]\n'


@pytest.mark.parametrize("number", ["19420119-9124", "194201199124"])
def test_the_brukare_signs_for_no_employee_however_the_number_is_written(town: Town, number: str) -> None:
    (town.home / "personer.toml").write_text(STAFF.format(who="nb-1042", name="A. Björkqvist", number=number), "utf-8")
    tools = open_workspace(town.home, town.clock)
    plan = sample("hemtjanst-kort")
    plan["brukare"]["person_id"]["varde"] = "420119-9124"
    plan_id = town.ready(plan)
    acts.sign(tools, plan_id, "brukare")
    assert refusal(lambda: acts.sign(tools, plan_id, "kontaktman")) == "samma_person"


@pytest.mark.parametrize(
    "number", ["420119-9124", "4201199124", "19420119+9124", "194201199125", "19420119 9124", "", "SE-1"]
)
def test_a_number_that_is_none_is_refused_by_person_and_field_and_not_repeated(town: Town, number: str) -> None:
    (town.home / "personer.toml").write_text(STAFF.format(who="nb-1042", name="Emma Sjöö", number=number), "utf-8")
    with pytest.raises(Misuse, match="personnummer_ogiltigt") as refused:
        open_workspace(town.home, town.clock)
    assert "personer.toml: nb-1042.personnummer" in refused.value.sv
    assert not number or number not in refused.value.sv + refused.value.en


def test_withdrawn_ends_the_case(open_town: Town) -> None:
    plan_id = PLAN_ID
    value = acts.withdraw(open_town.tools, plan_id, reason="chef_vagrar", by="nb-0007")
    assert (value["state"], value["end_reason"], value["document"]) == ("withdrawn", "chef_vagrar", None)
    assert refusal(lambda: acts.sign(open_town.tools, plan_id, "brukare")) == "aterkallad"
    assert not unsigned(open_town, plan_id).exists()


def test_handed_over_is_an_act_with_a_numbered_receipt(open_town: Town) -> None:
    plan_id = PLAN_ID
    assert refusal(lambda: acts.hand_over(open_town.tools, plan_id, by="nb-1042")) == "ej_arkiverad"
    open_town.sign_all(plan_id)
    value = acts.hand_over(open_town.tools, plan_id, by="nb-1042", receipt="signed")
    assert value["state"] == "handed_over"
    printed = text_of(open_town.home / "outbox" / f"{plan_id}_v1.overlamningskvitto.pdf")
    assert str(value["sha256"])[:8] in printed.replace(" ", "")


def test_a_real_workspace_without_identity_provider_signs_nothing(open_town: Town) -> None:
    plan_id = PLAN_ID
    (open_town.home / "plansigill.toml").write_text("test = false\n")
    real = open_workspace(open_town.home, open_town.clock)
    assert refusal(lambda: acts.sign(real, plan_id, "brukare")) == "ingen_legitimering"
    assert standing.status(open_town.tools, plan_id)["slots"][0]["outcome"] is None


def test_times_read_from_the_bytes_are_those_that_a_reader_finds(closed_town: Town) -> None:
    with closed_town.tools.db.read() as conn:
        v = rows.latest_version(conn, PLAN_ID)
        assert v is not None
        files = [closed_town.tools.read(file) for file in rows.files_of(conn, v, "signed")]
    for count, pdf in enumerate(files, 1):
        found, known = moments(pdf), open_pdf(pdf).signatures
        assert [each.stated for each in found] == [one.self_reported_timestamp for one in known]
        assert [each.stamped for each in found] == [token(*signature_tokens(one.signed_data)).time for one in known]
        assert len(found) == count
