"""Signing when the person answers in their own time: an order begun, gone on with, given up, misused."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline import acts, journey, standing
from pipeline.app import open_workspace
from pipeline.casework.tools import Identification, Tools
from pipeline.console.verification import judge
from pipeline.errors import EnvironmentFailed, PlansigillError
from pipeline.store import rows
from pipeline.store import tables as t
from signatures import pades
from signatures.errors import IdentityRefused, IdentityUnavailable
from signatures.identity import Asked, IdentityEvidence, Order, TestIdentityProvider, Waiting
from tests.journey.conftest import PLAN_ID, Town, forgotten, rewrite_evidence, sample

PLAN = "hemtjanst-kort"
ROLES = frozenset(("brukare", "kontaktman", "enhetschef"))


@dataclass
class Service:
    """A way of identification whose people take their time, and that can be told to misbehave."""

    remote: bool = True
    method: str = "prov"
    ready: bool = False
    fails: Exception | None = None
    started: list[Asked] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    replay: IdentityEvidence | None = None
    given: list[IdentityEvidence] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    answers_the_first: bool = False

    def start(self, asked: Asked, now: datetime) -> Order:
        if self.fails:
            raise self.fails
        self.started.append(asked)
        order = TestIdentityProvider(test=True).start(asked, now)
        self.orders.append(replace(order, expires=now + timedelta(minutes=3)))
        return self.orders[-1]

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        if self.fails:
            raise self.fails
        if not self.ready:
            return Waiting("oppna", url="https://prov.invalid/x", qr="prov.1")
        if self.replay is not None:
            return replace(self.replay, bound=order.asked.bound, nonce=order.asked.nonce)
        answered = self.orders[0] if self.answers_the_first else order
        self.given.append(TestIdentityProvider(test=True).collect(answered, now))
        return self.given[-1]

    def cancel(self, order: Order, now: datetime) -> None:
        self.cancelled.append(order.reference)


@dataclass
class Room:
    town: Town
    service: Service
    tools: Tools

    def sign(self, role: str = "brukare", **told: object) -> dict[str, object]:
        return dict(acts.sign(self.tools, str(sample(PLAN)["plan_id"]), role, **told))  # type: ignore[arg-type]

    def refused(self, act: Callable[[], object]) -> str:
        with pytest.raises(PlansigillError) as error:
            act()
        return error.value.code


@pytest.fixture
def room(open_town: Town) -> Room:
    service = Service()
    tools = replace(open_town.tools, make_providers=lambda: [Identification("prov", ROLES, service)])
    return Room(open_town, service, tools)


def outcome(value: Mapping[str, object], place: int = 0) -> object:
    return value["slots"][place]["outcome"]  # type: ignore[index]


def test_the_same_call_goes_on_until_the_person_has_answered(room: Room) -> None:
    value = room.sign()
    assert (outcome(value), value["identification"]["url"]) == (None, "https://prov.invalid/x")  # type: ignore[index]
    assert room.sign()["identification"] == value["identification"]
    assert len(room.service.started) == 1
    room.service.ready = True
    value = room.sign()
    assert outcome(value) == "signed"
    assert "identification" not in value


def test_what_is_asked_binds_the_act_and_shows_nothing_of_the_plans_content(room: Room) -> None:
    room.sign()
    (asked,) = room.service.started
    with room.tools.db.read() as conn:
        v = rows.latest_version(conn, str(sample(PLAN)["plan_id"]))
        assert v is not None
        base = rows.base_hash(conn, v)
    assert {k: asked.bound[k] for k in ("plan_ref", "version", "edition", "role", "base_sha256")} == {
        "plan_ref": v.plan_id, "version": 1, "edition": 1, "role": "brukare", "base_sha256": base,
    }  # fmt: skip
    assert str(base)[:16] in asked.shown and v.plan_id in asked.shown
    person = sample(PLAN)["brukare"]
    assert not any(word in asked.shown for word in (person["efternamn"], person["person_id"]["varde"]))


def test_one_order_at_a_time_for_a_slot(room: Room) -> None:
    room.sign("brukare")
    assert room.refused(lambda: room.sign("kontaktman")) == "fel_ordning"
    room.service.ready = True
    room.sign("brukare")
    room.service.ready = False
    room.sign("kontaktman")
    assert room.refused(lambda: room.sign("kontaktman", as_id="nb-1043")) in {"underskrift_pagar", "okand_person"}


@pytest.mark.parametrize("code", ["legitimering_avbruten", "utgangen", "fel_person", "fel_bevis", "for_lag_niva"])
def test_an_order_that_ends_badly_leaves_the_slot_free(room: Room, code: str) -> None:
    room.sign()
    room.service.fails = IdentityRefused(code, "as told")
    assert room.refused(room.sign) == code
    room.service.fails, room.service.ready = None, True
    assert outcome(room.sign()) == "signed"
    assert len(room.service.started) == 2


def test_a_service_that_does_not_answer_is_asked_again(room: Room) -> None:
    room.sign()
    room.service.fails = IdentityUnavailable("legitimering_onabar", "down")
    assert room.refused(room.sign) == "legitimering_onabar"
    room.service.fails, room.service.ready = None, True
    assert outcome(room.sign()) == "signed"
    assert len(room.service.started) == 1


def test_an_order_too_old_is_followed_by_a_new_one(room: Room) -> None:
    room.sign()
    room.town.clock.forward(minutes=4)
    room.sign()
    assert len(room.service.started) == 2


def test_given_up_it_is_given_up_at_the_service_too(room: Room) -> None:
    room.sign()
    acts.cancel_sign(room.tools, str(sample(PLAN)["plan_id"]), "brukare")
    assert len(room.service.cancelled) == 1
    room.sign()
    assert len(room.service.started) == 2


def test_an_answer_to_an_order_given_up_is_for_no_other(room: Room) -> None:
    room.sign()
    acts.cancel_sign(room.tools, str(sample(PLAN)["plan_id"]), "brukare")
    room.sign()
    room.service.ready = room.service.answers_the_first = True
    assert room.refused(room.sign) == "fel_bindning"
    room.service.answers_the_first = False
    assert outcome(room.sign()) == "signed"


def test_an_answer_counts_once(room: Room) -> None:
    room.service.ready = True
    room.sign("brukare")
    room.service.replay = room.service.given[0]
    assert room.refused(lambda: room.sign("kontaktman")) == "legitimering_anvand"
    room.service.replay = None
    assert outcome(room.sign("kontaktman"), 1) == "signed"


def test_a_version_that_was_replaced_meanwhile_takes_no_answer(room: Room) -> None:
    room.sign()
    room.town.ready(sample(PLAN, andringsorsak="Ändrat."))
    room.service.ready = True
    value = room.sign()  # the new version asks anew
    assert (value["version"], outcome(value), len(room.service.started)) == (2, "signed", 2)


def test_a_protected_person_is_never_sent_to_a_service_outside_the_house(town: Town) -> None:
    service = Service(ready=True)
    tools = replace(town.tools, make_providers=lambda: [Identification("prov", ROLES, service)])
    plan_id = town.ready(sample("skyddad"))
    with pytest.raises(PlansigillError) as error:
        acts.sign(tools, plan_id, "brukare")
    assert (error.value.code, service.started) == ("skyddad_ej_fjarr", [])
    service.remote = False
    assert outcome(acts.sign(tools, plan_id, "brukare")) == "signed"


def test_a_role_without_a_way_of_identification_says_what_there_is(town: Town) -> None:
    way = Identification("prov", frozenset(("brukare",)), Service(ready=True))
    tools = replace(town.tools, make_providers=lambda: [way])
    plan_id = town.ready(sample(PLAN))
    for role, told, code in (
        ("brukare", {"method": "bankid"}, "metod_saknas"),
        ("kontaktman", {}, "ingen_legitimering"),
    ):
        with pytest.raises(PlansigillError) as error:
            acts.sign(tools, plan_id, role, **told)
        assert error.value.code == code


def test_a_signature_made_before_a_fall_is_recognised_and_never_made_twice(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.service.ready = True
    real, fallen = journey.identification.end_signed, []

    def fall(*told: object) -> None:
        fallen.append(told)
        raise EnvironmentFailed("databas")

    monkeypatch.setattr(journey.identification, "end_signed", fall)
    assert room.refused(room.sign) == "databas"
    with room.tools.db.read() as conn:
        (made,) = conn.execute(t.evidence.select()).all()
    assert made.used_at is None and made.made_sha256
    monkeypatch.setattr(journey.identification, "end_signed", real)
    room.town.clock.forward(hours=1)
    assert outcome(room.sign()) == "signed"
    with room.tools.db.read() as conn:
        v = rows.latest_version(conn, made.plan_id)
        assert v is not None
        (signed,) = rows.files_of(conn, v, "signed")
    assert signed.sha256 == made.made_sha256
    assert len(room.service.started) == 1


def test_evidence_is_the_one_that_the_trail_says_a_certificate_was_made_for(closed_town: Town) -> None:
    tools, plan_id = closed_town.tools, PLAN_ID
    pdf = (tools.outbox / f"{plan_id}_v1.pdf").read_bytes()

    def said() -> tuple[object, object]:
        report = judge(tools, pdf)
        rules = {rule["id"]: rule["reason"] for rule in report["rules"]}  # type: ignore[attr-defined]  # JSON: any object
        return report["verdict"], rules["A2"]

    assert said() == ("valid", "not_provable")
    rewrite_evidence(tools, plan_id, "enhetschef", id_value="nb-9999")
    assert said() == ("indeterminate", "unproven")


def test_evidence_opens_in_its_own_row_only(closed_town: Town) -> None:
    tools = closed_town.tools
    with tools.db.read() as conn:
        one, other, *_ = conn.execute(t.evidence.select()).all()
    assert tools.open(PLAN_ID, t.evidence_column(one.id), one.evidence_enc)["evidence"]
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        tools.open(PLAN_ID, t.evidence_column(other.id), one.evidence_enc)


def test_evidence_that_the_trail_has_been_made_to_agree_with_is_not_the_one_in_the_signers_certificate(
    closed_town: Town,
) -> None:
    tools = closed_town.tools
    pdf = (tools.outbox / f"{PLAN_ID}_v1.pdf").read_bytes()
    digest = rewrite_evidence(tools, PLAN_ID, "enhetschef", id_value="nb-9999")
    with tools.db.write() as conn:
        conn.execute(sa.text("drop trigger trail_fixed"))
        for row in conn.execute(t.trail.select()).all():
            told = json.loads(bytes(row.entry))
            if told.get("role") == "enhetschef" and "evidence_sha256" in told:
                entry = rfc8785.dumps(told | {"evidence_sha256": digest})
                conn.execute(t.trail.update().where(t.trail.c.idx == row.idx).values(entry=entry))
    rules = {rule["id"]: rule["reason"] for rule in judge(tools, pdf)["rules"]}  # type: ignore[attr-defined]  # JSON: any object
    assert rules["A2"] == "unproven"


def gone(conn: Connection) -> None:
    conn.execute(t.evidence.delete().where(t.evidence.c.role == "kontaktman"))


def gone_without_a_trace(conn: Connection) -> None:
    gone(conn)
    forgotten(conn, "kontaktman", "identified", "certificate_issued", "signed")


def untold(conn: Connection) -> None:
    forgotten(conn, "kontaktman", "identified", "certificate_issued")


def another_persons(conn: Connection) -> None:
    held = {row.role: row.evidence_enc for row in conn.execute(t.evidence.select())}
    here = t.evidence.update().where(t.evidence.c.role == "kontaktman")
    conn.execute(here.values(evidence_enc=held["enhetschef"]))


def another_row(conn: Connection) -> None:
    ids = {row.role: row.id for row in conn.execute(t.evidence.select())}
    conn.execute(t.slot.update().where(t.slot.c.role == "kontaktman").values(evidence_id=ids["enhetschef"]))


def another_row_as_its_own(conn: Connection) -> None:
    gone(conn)
    another_row(conn)
    conn.execute(t.evidence.update().where(t.evidence.c.role == "enhetschef").values(role="kontaktman"))


def altered_detail(conn: Connection) -> None:
    here = t.slot.update().where(t.slot.c.role == "kontaktman")
    conn.execute(here.values(detail_enc=bytes(conn.scalar(sa.select(t.slot.c.detail_enc).limit(1)))[:-1] + b"x"))


def no_detail(conn: Connection) -> None:
    conn.execute(t.slot.update().where(t.slot.c.role == "kontaktman").values(detail_enc=None))


def another_slots_detail(conn: Connection) -> None:
    held = {row.role: row.detail_enc for row in conn.execute(t.slot.select())}
    conn.execute(t.slot.update().where(t.slot.c.role == "kontaktman").values(detail_enc=held["enhetschef"]))


def not_ended(conn: Connection) -> None:
    conn.execute(t.slot.update().where(t.slot.c.role == "enhetschef").values(outcome=None))


def ended_otherwise(conn: Connection) -> None:
    ended = {"outcome": "declined", "reason": "vill_inte"}
    conn.execute(t.slot.update().where(t.slot.c.role == "brukare").values(**ended))


def opened_again(conn: Connection) -> None:
    """As if nobody had ever been asked."""
    forgotten(conn, "brukare", "identified", "certificate_issued", "signed")
    conn.execute(t.evidence.delete().where(t.evidence.c.role == "brukare"))
    nothing = dict.fromkeys(("outcome", "reason", "evidence_id", "ended_at", "detail_enc"))
    conn.execute(t.slot.update().where(t.slot.c.role == "brukare").values(**nothing))


def another_base(conn: Connection) -> None:
    conn.execute(t.edition.update().values(base_sha256="0" * 64))


def said_to_be_erased(conn: Connection) -> None:
    gone(conn)
    conn.execute(t.version.update().values(state="erased"))


def rewritten(entry: object) -> Callable[[Connection], None]:
    """The trail's lines of who was identified, exchanged for this."""

    def done(conn: Connection) -> None:
        conn.execute(sa.text("drop trigger trail_fixed"))
        conn.execute(sa.text("update trail set entry = :entry where type = 'identified'"), {"entry": entry})

    return done


def no_bytes(conn: Connection) -> None:
    conn.execute(sa.text("update slot set detail_enc = 0 where role = 'brukare'"))


def no_text(conn: Connection) -> None:
    conn.execute(sa.text("update slot set role = x'00' where role = 'brukare'"))


@pytest.mark.parametrize(
    "done",
    [
        gone,
        gone_without_a_trace,
        untold,
        another_persons,
        another_row,
        another_row_as_its_own,
        altered_detail,
        no_detail,
        another_slots_detail,
        not_ended,
        ended_otherwise,
        opened_again,
        another_base,
        said_to_be_erased,
        rewritten(b"[" * 100_000),
        rewritten("text"),
        no_bytes,
        no_text,
    ],
)
def test_whoever_changes_the_archive_without_its_keys_has_nothing_proven(
    closed_town: Town, done: Callable[[Connection], None]
) -> None:
    """Who must be proven stands in the file and in how the slots ended; what is kept beside them can be taken away."""
    tools = closed_town.tools
    pdf = (tools.outbox / f"{PLAN_ID}_v1.pdf").read_bytes()
    with tools.db.write() as conn:
        done(conn)
    report = judge(tools, pdf)
    reasons = {rule["id"]: rule["reason"] for rule in report["rules"]}  # type: ignore[attr-defined]  # JSON: any object
    assert (report["verdict"], reasons["A2"]) == ("indeterminate", "unproven")


def test_a_sealed_plan_does_not_become_a_paper_around_it(closed_town: Town) -> None:
    tools = closed_town.tools
    pdf = (tools.outbox / f"{PLAN_ID}_v1.pdf").read_bytes()
    with tools.db.write() as conn:
        gone(conn)
        row = conn.execute(t.file.select().where(t.file.c.kind == "sealed")).one()
        conn.execute(t.file.delete().where(t.file.c.id == row.id))
        told = {"owner": PLAN_ID, "plan_id": PLAN_ID, "version": 1, "slag": "verifieringsintyg", "form": "pdf"}
        told |= {"number": 9, "cause": "x", "sha256": row.sha256, "sha512": row.sha512, "size": row.size}
        conn.execute(t.paper.insert().values(**told, made_at=row.made_at))
    report = judge(tools, pdf)
    reasons = {rule["id"]: rule["reason"] for rule in report["rules"]}  # type: ignore[attr-defined]  # JSON: any object
    assert (report["verdict"], reasons["A1"]) == ("invalid", "never_issued")


def the_one_before(here: Tools, _other: Tools) -> bytes:
    return signed_files(here)[0]


def more_bytes(here: Tools, _other: Tools) -> bytes:
    return signed_files(here)[0] + b"\n"


def on_another_file(_here: Tools, other: Tools) -> bytes:
    return signed_files(other)[1]


@pytest.mark.parametrize("made", [the_one_before, more_bytes, on_another_file])
def test_what_is_not_this_acts_signature_is_not_taken_for_one_that_was_made_before_a_fall(
    open_town: Town,
    closed_once: Path,
    tmp_path: Path,
    made: Callable[[Tools, Tools], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town, tools = open_town, open_town.tools
    shutil.copytree(closed_once, tmp_path / "other")
    other = open_workspace(tmp_path / "other", town.clock)
    acts.sign(tools, PLAN_ID, "brukare")
    real = pades.sign_with

    def unavailable(*_told: object) -> bytes:
        raise EnvironmentFailed("tidsstampel_onabar")

    monkeypatch.setattr(pades, "sign_with", unavailable)
    with pytest.raises(EnvironmentFailed, match="tidsstampel_onabar"):
        acts.sign(tools, PLAN_ID, "kontaktman")
    monkeypatch.setattr(pades, "sign_with", real)
    of_act = t.evidence.update().where(t.evidence.c.role == "kontaktman")
    stored = tools.objects.put(PLAN_ID, made(tools, other))
    other.db.engine.dispose()
    with tools.db.write() as conn:
        conn.execute(of_act.values(made_sha256=stored.sha256))
    town.clock.forward(hours=1)
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        acts.rest(tools, PLAN_ID)
    slots = standing.status(tools, PLAN_ID)["slots"]
    assert [slot["outcome"] for slot in slots] == ["signed", None, None]  # type: ignore[attr-defined]  # JSON: any object
    with tools.db.write() as conn:
        conn.execute(of_act.values(made_sha256=None))
    town.clock.forward(hours=1)
    acts.rest(tools, PLAN_ID)
    assert town.sign_all(PLAN_ID, "enhetschef")["state"] == "archived"


def signed_files(tools: Tools) -> list[bytes]:
    with tools.db.read() as conn:
        v = rows.version_row(conn, PLAN_ID, 1)
        assert v is not None
        return [tools.read(file) for file in rows.files_of(conn, v, "signed")]
