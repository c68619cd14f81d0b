"""The drop folder as its users meet it: a real `plansigill run`, files going in, files coming out."""

import hashlib
import json
import os
import re
import signal
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline import acts, standing
from pipeline.app import make_workspace, open_workspace
from pipeline.casework.endings import PATIENCE
from pipeline.errors import PlansigillError
from pipeline.store import rows
from pipeline.store import tables as t
from tests.handelser import SLAG, event
from tests.journey.accounts import flaws
from tests.journey.conftest import Json, sample
from tests.journey.running import Running, kill, until, workspace

READY = {"v1.osignerad.pdf", "v1.docx", "v1.kvitto.json"}


@pytest.fixture(scope="module")
def made_now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made by the machine's clock, since that is the daemon's."""
    home = tmp_path_factory.mktemp("made") / "town"
    make_workspace(home, test=True)
    return home


@pytest.fixture
def town(made_now: Path, tmp_path: Path) -> Iterator[Running]:
    with workspace(made_now, tmp_path / "town") as running:
        yield running


@pytest.fixture(scope="module")
def running(made_now: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One daemon for all tests that need nothing but plans of their own; it must outlive them."""
    with workspace(made_now, tmp_path_factory.mktemp("running") / "town") as shared:
        shared.start()
        until(shared.is_watching, "the daemon starts")
        yield shared
        assert shared.stop() == 0
        assert "Traceback" not in shared.log()


def plan(number: int, **changes: Any) -> Json:
    """A plan, decision and all, that no other test uses."""
    value = sample("hemtjanst-kort", plan_id=f"GP-DROP-{number}", **changes)
    value["uppdrag"] |= {"beslut_id": f"BI-DROP-{number}", "bestallning_id": f"B-{number}"}
    return value


def answered(running: Running, data: bytes) -> Callable[[], str | None]:
    """A look at the outcome that bytes were answered with."""
    query = sa.select(t.intake.c.outcome).where(t.intake.c.sha256 == hashlib.sha256(data).hexdigest())

    def look() -> str | None:
        with running.tools.db.read() as conn:
            return conn.scalar(query)

    return look


def until_ready(running: Running, plan_id: str, copies: set[str] = READY) -> None:
    until(lambda: running.copies(plan_id) == copies, f"{plan_id} lies in outbox")


def test_a_dropped_plan_becomes_a_document_a_word_file_and_a_receipt(running: Running) -> None:
    running.drop("plan.json", plan(1))
    until_ready(running, "GP-DROP-1")
    assert not (running.inbox / "plan.json").exists()
    pdf = running.outbox / "GP-DROP-1_v1.osignerad.pdf"
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert (running.outbox / "GP-DROP-1_v1.docx").read_bytes().startswith(b"PK")
    path = running.outbox / "GP-DROP-1_v1.kvitto.json"
    until(lambda: json.loads(path.read_bytes())["document"], "the receipt, written last, names the document")
    receipt = json.loads(path.read_bytes())
    assert set(receipt) == {"file", "outcome", "plan_id", "version", "receipt", "findings", "document"}
    assert (receipt["outcome"], receipt["plan_id"], receipt["version"]) == ("accepted", "GP-DROP-1", 1)
    assert receipt["document"] == "outbox/GP-DROP-1_v1.osignerad.pdf"
    assert receipt["file"] is None


def test_a_bad_file_comes_back_with_field_rule_and_what_to_do_and_never_a_value(running: Running) -> None:
    bad = plan(2)
    bad["brukare"]["person_id"]["varde"] = "194201199125"
    bad["insatser"][0]["hurr"] = "Hemligt Värde Om Aina"
    data = running.drop("ärende 12.json", bad)
    lies = until(lambda: running.refused("ärende 12"), "the file lies in fel")
    assert lies["json"].read_bytes() == data
    report = json.loads(lies["fel.json"].read_bytes())
    assert report["outcome"] == "rejected"
    assert report["sha256"] == hashlib.sha256(data).hexdigest()
    assert ("okand_nyckel", "insatser[0].hurr") in [(r["rule"], r["field"]) for r in report["reasons"]]
    assert {f["level"] for f in report["findings"]} == {"stop"}
    told = lies["FEL.txt"].read_text("utf-8")
    for words in ("insatser[0].hurr", "okand_nyckel", "Gör så här:", "What to do:", report["case"]):
        assert words in told
    for value in ("194201199125", "Hemligt", "Aina", "Björkqvist", "Emma", "Lillgatan", "ärende 12"):
        assert value not in told
        assert value not in lies["fel.json"].read_text("utf-8")
    with running.tools.db.read() as conn:
        assert rows.latest_version(conn, "GP-DROP-2") is None


@pytest.mark.parametrize(
    ("name", "data", "rule"), [("tom.json", b"", "format"), ("bild.json", b"\x89PNG\xff", "format")]
)
def test_what_is_no_json_comes_back(running: Running, name: str, data: bytes, rule: str) -> None:
    running.drop(name, data)
    lies = until(lambda: running.refused(name.removesuffix(".json")), "the file lies in fel")
    assert [r["rule"] for r in json.loads(lies["fel.json"].read_bytes())["reasons"]] == [rule]


def test_a_file_copied_slowly_is_taken_when_it_is_whole(running: Running) -> None:
    whole, slow = json.dumps(plan(3)).encode(), running.inbox / "sakta.json"
    third = len(whole) // 3
    with slow.open("wb") as copying:
        for part in (whole[:third], whole[third : 2 * third], whole[2 * third :]):
            copying.write(part)
            copying.flush()
            probe = running.drop("sond.json", b"[%d]" % slow.stat().st_size)
            until(answered(running, probe), "a file that came later is answered meanwhile")
            assert slow.exists()
    until_ready(running, "GP-DROP-3")
    assert not slow.exists()
    with running.tools.db.read() as conn:
        assert len(rows.versions(conn, "GP-DROP-3")) == 1


def test_the_same_file_again_is_answered_with_the_first_receipt(running: Running) -> None:
    running.drop("en.json", plan(4))
    until_ready(running, "GP-DROP-4")
    receipt = running.outbox / "GP-DROP-4_v1.kvitto.json"
    until(lambda: json.loads(receipt.read_bytes())["document"], "the receipt says where the document lies")
    first = json.loads(receipt.read_bytes())
    running.drop("en.json", plan(4, _kommentar="samma igen"))

    def duplicates() -> list[Json]:
        return [r for r in running.receipts() if r["plan_id"] == "GP-DROP-4"]

    (again,) = until(duplicates, "the duplicate is answered")
    assert (again["outcome"], again["version"], again["receipt"]) == ("duplicate", 1, first["receipt"])
    assert again["document"] == first["document"]
    assert running.copies("GP-DROP-4") == READY


def test_the_senders_name_for_a_file_is_nowhere_but_in_fel(running: Running) -> None:
    name = unicodedata.normalize("NFD", "Åsa Öhrström-Näslund 194201199124")
    running.drop(f"{name}.json", plan(5))
    until_ready(running, "GP-DROP-5")
    running.drop(f"{name}.json", b"{")
    lies = until(lambda: running.refused(name), "the bad one lies in fel")
    assert all(p.name.startswith(unicodedata.normalize("NFC", name)) for p in lies.values())
    for path in running.home.rglob("*"):
        if path.is_file() and path.parent != running.fel:
            data = path.read_bytes()
            for form in ("NFC", "NFD"):
                for part in ("Öhrström", "Näslund"):
                    sought = unicodedata.normalize(form, part)
                    assert sought not in path.name
                    for written in (sought.encode(), json.dumps(sought).strip('"').encode()):
                        assert written not in data, path


def test_nothing_of_a_person_is_in_logs_database_names_or_trail(running: Running) -> None:
    running.drop("p.json", plan(6))
    until_ready(running, "GP-DROP-6")
    bad = plan(7)
    bad["mal"][0]["text"] = "目標"
    running.drop("q.json", bad)
    until(lambda: running.refused("q"), "the bad one lies in fel")
    places = [running.home / "log.txt", *(running.home / "archive").rglob("*"), *(running.home / "keys").rglob("*")]
    assert len(places) > 5
    for path in places:
        data = path.read_bytes() if path.is_file() else b""
        for value in ("Björkqvist", "Aina", "Emma Sjöö", "194201199124", "Lillgatan", "目標"):
            for written in (value.encode(), json.dumps(value).strip('"').encode(), value.encode("utf-16-le")):
                assert written not in data, path
    names = [p.name for p in running.home.rglob("*") if p.parent != running.fel]
    assert not [n for n in names if re.search(r"Aina|Björkqvist|19420119", n)]


def test_a_second_version_in_the_middle_of_signing_takes_the_firsts_place(running: Running) -> None:
    running.drop("v.json", plan(8))
    until_ready(running, "GP-DROP-8")
    acts.sign(running.tools, "GP-DROP-8", "brukare")
    running.drop("v.json", plan(8, andringsorsak="Ny duschdag."))
    until_ready(running, "GP-DROP-8", {name.replace("v1", "v2") for name in READY})
    assert standing.status(running.tools, "GP-DROP-8", 1)["state"] == "superseded"
    with pytest.raises(PlansigillError) as refused:
        acts.sign(running.tools, "GP-DROP-8", "kontaktman", version=1)
    assert refused.value.code == "ersatt_version"
    assert [s["outcome"] for s in standing.status(running.tools, "GP-DROP-8")["slots"]] == [None, None, None]


def test_commands_and_the_daemon_share_the_work_and_nothing_is_done_twice(running: Running) -> None:
    running.drop("s.json", plan(9))
    until(lambda: standing_of(running, "GP-DROP-9"), "the plan is known")
    acts.sign(running.tools, "GP-DROP-9", "brukare")  # long before the document is ready
    with ThreadPoolExecutor(3) as pool:
        told = [pool.submit(signed, running, "GP-DROP-9", "kontaktman") for _ in range(3)]
    assert {outcome.result() for outcome in told} <= {"", "redan_avslutad"}
    done = running.command("sign", "GP-DROP-9", "--role", "enhetschef")
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    value = json.loads(out)
    assert value["state"] == "archived"
    assert running.copies("GP-DROP-9") == {"v1.pdf", "v1.kvitto.json"}
    sealed = running.outbox / "GP-DROP-9_v1.pdf"
    assert hashlib.sha256(sealed.read_bytes()).hexdigest() == value["sha256"]
    with running.tools.db.read() as conn:
        steps = conn.execute(sa.select(t.step).where(t.step.c.plan_id == "GP-DROP-9")).all()
    assert {s.kind for s in steps if s.state == "cancelled"} == set(PATIENCE)  # nobody has to be reminded
    done_once = [s for s in steps if s.state != "cancelled"]
    assert [s.kind for s in done_once if s.fence != 1 or s.attempts != 1 or s.state != "done"] == []
    assert sorted(s.kind for s in steps if s.kind in {"render", "prepare", "sign", "seal"}) == [
        "prepare", "render", "seal", "sign", "sign", "sign",
    ]  # fmt: skip


def standing_of(running: Running, plan_id: str) -> bool:
    with running.tools.db.read() as conn:
        return rows.latest_version(conn, plan_id) is not None


def signed(running: Running, plan_id: str, role: str) -> str:
    """One process's attempt, with tools of its own; the code it was refused by, or nothing."""
    tools = open_workspace(running.home)
    try:
        acts.sign(tools, plan_id, role)
    except PlansigillError as error:
        return error.code
    finally:
        tools.db.engine.dispose()
    return ""


def test_an_order_and_its_events_are_answered_by_receipts_of_their_own(running: Running) -> None:
    running.drop("order.json", sample("uppdrag-utan-plan"))
    event = {"schema": "handelse/1", "handelse_id": "NB-START-1", "beslut_id": "NB-2026-2217", "av": "nb-1042"}
    event |= {"slag": "verkstalld", "datum": "2026-11-18", "uppgifter": {}}

    def receipt_of(outcome: str) -> Json | None:
        with running.tools.db.read() as conn:
            query = sa.select(t.intake.c.id).where(t.intake.c.kind == kind, t.intake.c.outcome == outcome)
            found = conn.scalar(query)
        path = running.outbox / f"{found}.kvitto.json"
        return dict(json.loads(path.read_bytes())) if path.exists() else None

    kind = "uppdrag/1"
    order = until(lambda: receipt_of("accepted"), "the order's receipt")
    assert (order["plan_id"], order["version"], order["document"], order["file"]) == (None, None, None, None)
    running.drop("start.json", event)
    kind = "handelse/1"
    assert until(lambda: receipt_of("accepted"), "the event's receipt")["findings"] == []
    assert [r["beslut_id"] for r in standing.due(running.tools) if r.get("beslut_id") == "NB-2026-2217"]
    running.drop("start.json", event)
    again = until(lambda: receipt_of("duplicate"), "the event's duplicate")
    assert again["outcome"] == "duplicate"
    running.drop("sent.json", event | {"datum": "2026-11-19"})
    lies = until(lambda: running.refused("sent"), "an event's id is taken")
    assert json.loads(lies["fel.json"].read_bytes())["reasons"][0]["field"] == "handelse_id"


def test_an_event_on_a_plan_names_its_version(running: Running) -> None:
    running.drop("pe.json", plan(10))
    until_ready(running, "GP-DROP-10")
    event = {"schema": "handelse/1", "handelse_id": "NB-GENOM-10", "plan_id": "GP-DROP-10", "av": "nb-1042"}
    data = running.drop(
        "ge.json", event | {"slag": "genomgangen", "datum": "2026-11-19", "uppgifter": {"med": "brukare"}}
    )
    assert until(answered(running, data), "the event is answered") == "accepted"
    (receipt,) = until(lambda: [r for r in running.receipts() if r["plan_id"] == "GP-DROP-10"], "its receipt")
    assert (receipt["outcome"], receipt["version"]) == ("accepted", 1)
    assert running.copies("GP-DROP-10") == READY


def test_every_kind_of_event_is_taken_or_answered_with_what_to_do(running: Running) -> None:
    running.drop("plan-for-events.json", plan(11))
    until_ready(running, "GP-DROP-11")
    day = running.tools.today().isoformat()
    dropped = {slag: running.drop(f"{slag}.json", event(slag, "drop", day, plan_id="GP-DROP-11")) for slag in SLAG}
    outcomes = {slag: until(answered(running, data), f"{slag} is answered") for slag, data in dropped.items()}
    unsigned = {"overlamnad", "manadsgenomgang", "uppfoljning", "bedomning"}  # nobody has signed the plan yet
    assert {slag for slag, outcome in outcomes.items() if outcome == "rejected"} == unsigned
    assert set(outcomes.values()) == {"accepted", "rejected"}
    for slag in unsigned:
        lies = until(lambda slag=slag: running.refused(slag), f"{slag} lies in fel")
        (reason,) = json.loads(lies["fel.json"].read_bytes())["reasons"]
        assert reason["field"] == ("uppgifter.version" if slag == "bedomning" else "slag")
        assert reason["text"] in " ".join(lies["FEL.txt"].read_text("utf-8").split())


def test_a_second_daemon_on_the_workspace_is_refused(running: Running) -> None:
    second = running.command("run")
    out, err = second.communicate(timeout=120)
    assert second.returncode == 2
    assert json.loads(out)["error"]["code"] == "redan_igang", err
    assert running.started[-1].poll() is None


def test_after_all_that_the_books_agree(running: Running) -> None:
    until(lambda: at_rest(running), "every step has ended")
    assert [f for f in flaws(running.tools, []) if "files came" not in f] == []


def at_rest(running: Running) -> bool:
    with running.tools.db.read() as conn:
        return (
            conn.scalar(
                sa.select(t.step.c.id)
                .where(t.step.c.state.in_(("ready", "running")), t.step.c.kind.not_in(PATIENCE))
                .limit(1)
            )
            is None
        )


def test_files_that_lay_there_before_are_taken_and_sigterm_ends_cleanly(town: Running) -> None:
    dropped = [town.drop("a.json", plan(1)), town.drop("b.json", plan(1)), town.drop("c.json", b"{}")]
    unfinished = town.outbox / ".GP-DROP-1_v1.osignerad.pdf.0123456789abcdef.tmp"
    unfinished.write_bytes(b"%PDF-")  # as a daemon killed in the middle of writing leaves it
    daemon = town.start()
    until_ready(town, "GP-DROP-1")
    until(lambda: len(town.receipts()) == 1 and town.refused("c"), "all three are answered")
    until(lambda: at_rest(town), "every step has ended")
    children = Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read_text("ascii").split()
    daemon.terminate()
    assert daemon.wait(20) == 0
    assert json.loads(daemon.stdout.read())["stopped"] is True  # type: ignore[union-attr]
    assert len(children) >= 2
    until(lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()], "no process is left")
    assert "Traceback" not in town.log()
    assert flaws(town.tools, dropped) == []


def test_sigterm_in_the_middle_of_many_files_leaves_the_rest_for_the_next_start(town: Running) -> None:
    dropped = [town.drop(f"{n}.json", b"[%d]" % n) for n in range(150)]
    daemon = town.start()
    until(lambda: count(town) > 5, "some are answered")
    os.killpg(daemon.pid, signal.SIGTERM)  # as a service manager does: to every process of the group
    assert daemon.wait(20) == 0
    assert count(town) < len(dropped)
    town.start()
    until(lambda: count(town) == len(dropped), "all are answered")
    until(lambda: not [*(town.inbox / ".claims").iterdir()], "no claim is left")
    assert town.stop() == 0
    assert flaws(town.tools, dropped) == []


def count(running: Running) -> int:
    with running.tools.db.read() as conn:
        return int(conn.scalar(sa.select(sa.func.count()).select_from(t.intake)) or 0)


def test_run_says_what_is_wrong_where_there_is_no_workspace(tmp_path: Path) -> None:
    nowhere = Running(tmp_path, tools=None)  # type: ignore[arg-type]
    run = nowhere.command("run")
    try:
        out, _ = run.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        kill(run)
        raise
    assert run.returncode == 2
    assert json.loads(out)["error"]["code"] == "ingen_arbetsyta"
