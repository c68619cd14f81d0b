"""What happens while a service is asked, or a signature waits to be made: it counts for what it was given, or not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from pipeline import acts, batch_signing, journey, standing, waiving
from pipeline.app import open_workspace
from pipeline.casework import sealing
from pipeline.casework.shown import PAPER
from pipeline.casework.tools import Identification, Tools
from pipeline.console import doctor, signing
from pipeline.console.verification import judge
from pipeline.errors import EnvironmentFailed, Misuse, PlansigillError
from pipeline.store import rows
from pipeline.store import tables as t
from signatures.errors import IdentityRefused
from signatures.identity import Asked, IdentityEvidence, Order, Waiting
from signatures.identity.attested import Attested
from signatures.identity.paper import Certified
from signatures.identity.testing import LEVEL
from tests.journey.conftest import BATCH, CHIEF, PLAN_ID, Json, Town, sample
from tests.journey.test_identification import ROLES, Service, outcome
from tests.journey.test_timestamp import without_timestamps
from tests.skanning import scan

KIM = {"roll": "god_man", "namn": "Kim Vik", "omfattning": ["sorja_for_person"], "far_underteckna": True}


@dataclass
class Slow(Service):
    """A service that takes so long that something else is done meanwhile, once."""

    while_asked: Callable[[], object] | None = None
    while_answering: Callable[[], object] | None = None
    gives_once: bool = False

    def start(self, asked: Asked, now: datetime) -> Order:
        order = super().start(asked, now)
        act, self.while_asked = self.while_asked, None
        if act is not None:
            act()
        return order

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        if self.gives_once and self.given:
            raise IdentityRefused("legitimering_avbruten", "the broker takes a code once")
        said = super().collect(order, now, answer)
        act = self.while_answering if self.ready else None
        if act is not None:
            self.while_answering = None
            act()
        return said


@dataclass(frozen=True)
class Place:
    """One workspace, two processes in it, and the service that both ask."""

    town: Town
    service: Slow
    tools: Tools
    other: Tools

    def sign(self, role: str = "brukare", plan_id: str = PLAN_ID, **told: object) -> Json:
        return dict(acts.sign(self.tools, plan_id, role, **told))  # type: ignore[arg-type]

    def refused(self, act: Callable[[], object]) -> str:
        with pytest.raises(PlansigillError) as error:
            act()
        return error.value.code

    def standing(self, version: int) -> Json:
        return dict(standing.status(self.other, PLAN_ID, version))

    def orders(self, role: str) -> list[str | None]:
        """How the role's orders have ended, whatever the plan."""
        with self.other.db.read() as conn:
            return [
                row.outcome for row in conn.execute(t.identification.select().where(t.identification.c.role == role))
            ]


def asking(tools: Tools, service: Slow) -> Tools:
    ways = [
        Identification("prov", ROLES, service),
        Identification("annan", ROLES, service),
        Identification("intygad", frozenset(("brukare",)), Attested(service, LEVEL)),
        Identification("papper", frozenset((PAPER,)), Certified(service, LEVEL)),
    ]
    return replace(tools, make_providers=lambda: ways)


def place_of(town: Town) -> Iterator[Place]:
    service = Slow()
    other = open_workspace(town.home, town.clock)
    yield Place(town, service, asking(town.tools, service), asking(other, service))
    other.db.engine.dispose()


@pytest.fixture
def place(open_town: Town) -> Iterator[Place]:
    yield from place_of(open_town)


def test_an_answer_that_comes_after_the_person_has_died_signs_nothing(place: Place) -> None:
    place.town.sign_all(PLAN_ID, "brukare", "kontaktman")
    place.service.ready = True
    place.service.while_answering = lambda: acts.withdraw(place.other, PLAN_ID, reason="avliden", by=CHIEF)
    assert place.refused(lambda: place.sign("enhetschef")) == "aterkallad"
    assert (place.standing(1)["state"], outcome(place.standing(1), 2)) == ("withdrawn", None)
    assert place.orders("enhetschef") == ["aterkallad"]
    assert not list((place.town.home / "outbox").glob(f"{PLAN_ID}_v1.pdf"))


def test_an_answer_for_a_version_that_has_been_replaced_meanwhile_signs_neither(place: Place) -> None:
    place.town.sign_all(PLAN_ID, "brukare", "kontaktman")
    place.service.ready = True
    anew = sample("hemtjanst-kort", andringsorsak="Ändrat.")
    place.service.while_answering = lambda: Town(place.other, place.town.clock).ready(anew)
    assert place.refused(lambda: place.sign("enhetschef")) == "ersatt_version"
    assert (place.standing(1)["state"], outcome(place.standing(1), 2)) == ("superseded", None)
    steps = [step["kind"] for step in place.standing(2)["waiting"]]
    assert {"remind", "expire"} <= set(steps)


def test_an_order_that_was_started_for_a_version_that_is_no_more_is_given_up(place: Place) -> None:
    place.service.while_asked = lambda: acts.withdraw(place.other, PLAN_ID, reason="avliden", by=CHIEF)
    assert place.refused(place.sign) == "aterkallad"
    assert (place.orders("brukare"), len(place.service.cancelled)) == ([], 1)


def test_a_scan_of_one_version_ends_no_slot_of_the_next(place: Place) -> None:
    waiver = waiving.Waiver("brukare", "paper", None, "nb-1042", scan=scan())
    assert "identification" in waiving.waive(place.tools, PLAN_ID, waiver)
    place.service.ready = True
    anew = sample("hemtjanst-kort", andringsorsak="Helt andra insatser.")
    place.service.while_answering = lambda: Town(place.other, place.town.clock).ready(anew)
    assert place.refused(lambda: waiving.waive(place.tools, PLAN_ID, waiver)) == "ersatt_version"
    assert [outcome(place.standing(version)) for version in (1, 2)] == [None, None]
    with place.other.db.read() as conn:
        assert conn.execute(t.evidence.select()).all() == []


def test_an_answer_that_two_calls_bring_is_had_by_one_and_signs(place: Place) -> None:
    answer = {"code": "c", "state": "s"}
    place.sign()
    place.service.ready = place.service.gives_once = True
    late = lambda: acts.sign(place.other, PLAN_ID, "brukare", answer=answer)  # noqa: E731
    place.service.while_answering = lambda: place.refused(late)
    assert outcome(place.sign(answer=answer)) == "signed"
    assert place.orders("brukare") == ["answered"]


def test_whoever_asks_too_late_for_an_answer_sees_what_came_of_it(place: Place) -> None:
    place.sign()
    place.service.ready = True
    begun = place.service.collect

    def quicker(order: Order, now: datetime, answer: Mapping[str, str] | None = None) -> Waiting | IdentityEvidence:
        place.service.collect = begun  # type: ignore[method-assign]
        place.sign()
        raise IdentityRefused("legitimering_avbruten", "the broker takes a code once")

    place.service.collect = quicker  # type: ignore[method-assign]
    assert place.refused(lambda: acts.sign(place.other, PLAN_ID, "brukare")) == "redan_avslutad"
    assert outcome(place.standing(1)) == "signed"


def test_an_order_is_gone_on_with_only_as_it_was_begun(place: Place) -> None:
    plan_id = place.town.ready(sample("hemtjanst-kort", plan_id="GP-NB-2026-000998", foretradare=[KIM]))
    told = {"as_id": "Kim Vik", "method": "intygad", "basis": scan(), "checked_by": "nb-1042"}
    told |= {"attested_by": "nb-1042", "how": "kand"}
    assert "identification" in place.sign(plan_id=plan_id, **told)
    for other in (
        {"basis": scan("another")}, {"checked_by": CHIEF}, {"attested_by": CHIEF}, {"how": "id_handling"},
        {"method": "prov", "attested_by": None, "how": None},
    ):  # fmt: skip
        assert place.refused(lambda: place.sign(plan_id=plan_id, **told | other)) == "underskrift_pagar", other  # noqa: B023
    assert len(place.service.started) == 1
    place.service.ready = True
    assert outcome(place.sign(plan_id=plan_id, **told)) == "represented"


def test_nobody_signs_after_their_delegation_has_ended(open_town: Town) -> None:
    (open_town.home / "personer.toml").write_text(
        '[nb-1042]\nnamn = "Emma Sjöö"\nhsa_id = "SE9901000000-1042"\nroller = ["kontaktman"]\n'
        f'[{CHIEF}]\nnamn = "Carina Ström"\nhsa_id = "SE9901000000-0007"\nroller = ["enhetschef"]\n'
        '[nb-0099]\nnamn = "Dele Gat"\nhsa_id = "SE9901000000-0099"\nroller = ["handlaggare"]\n'
        f'[[nb-0099.delegation]]\nfor = "{CHIEF}"\nroll = "enhetschef"\nfran = 2026-11-01\ntill = 2026-11-20\n'
        'grund = "Delegationsbeslut 1"\n', "utf-8",
    )  # fmt: skip
    tools = open_workspace(open_town.home, open_town.clock)
    town = Town(tools, open_town.clock)
    town.sign_all(PLAN_ID, "brukare", "kontaktman")
    down = without_timestamps(town)
    with pytest.raises(EnvironmentFailed):
        acts.sign(down, PLAN_ID, "enhetschef", as_id="nb-0099")
    town.clock.forward(days=10)
    with pytest.raises(PlansigillError) as refused:
        acts.rest(tools, PLAN_ID)
    assert refused.value.code == "delegation_ej_nu"
    assert outcome(standing.status(tools, PLAN_ID), 2) is None
    assert acts.sign(tools, PLAN_ID, "enhetschef")["state"] == "archived"
    for opened in (tools, down):
        opened.db.engine.dispose()


def test_a_signature_recorded_days_later_counts_from_when_it_was_made(
    open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_town.sign_all(PLAN_ID, "brukare", "kontaktman")

    def fall(*_told: object) -> None:
        raise EnvironmentFailed("databas")

    with monkeypatch.context() as fallen:
        fallen.setattr(journey.identification, "end_signed", fall)
        with pytest.raises(EnvironmentFailed):
            open_town.sign_all(PLAN_ID, "enhetschef")
    made = open_town.clock.now
    open_town.clock.forward(days=3)
    acts.rest(open_town.tools, PLAN_ID)
    value = standing.status(open_town.tools, PLAN_ID)
    assert value["state"] == "archived"
    assert str(value["adopted_at"])[:10] == str(value["slots"][2]["at"])[:10] == f"{made:%Y-%m-%d}"  # type: ignore[index]


def test_a_clock_that_went_back_makes_no_signature_that_no_seal_can_follow(open_town: Town) -> None:
    open_town.sign_all(PLAN_ID, "brukare")
    open_town.clock.forward(minutes=-5)
    with pytest.raises(EnvironmentFailed) as failed:
        open_town.sign_all(PLAN_ID, "kontaktman")
    assert failed.value.code == "tidsstampel_bakat"
    with open_town.tools.db.read() as conn:
        v = rows.latest_version(conn, PLAN_ID)
        assert v is not None
        assert len(rows.files_of(conn, v, "signed")) == 1
    checks = {check["id"]: check["status"] for check in doctor.report(open_town.home).values[0]["checks"]}  # type: ignore[attr-defined]
    assert checks["steg"] == "failed"
    open_town.clock.forward(minutes=10)
    assert outcome(open_town.sign_all(PLAN_ID, "kontaktman"), 1) == "signed"
    assert open_town.sign_all(PLAN_ID, "enhetschef")["state"] == "archived"
    pdf = (open_town.home / "outbox" / f"{PLAN_ID}_v1.pdf").read_bytes()
    assert judge(open_town.tools, pdf)["verdict"] == "valid"


def test_a_seal_that_does_not_hold_is_told_of_until_it_does(open_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubted(*_told: object) -> None:
        raise EnvironmentFailed("forsegling_underkand")

    def due() -> list[object]:
        return [each["status"] for each in standing.due(open_town.tools) if each["code"] == "forsegling"]

    with monkeypatch.context() as doubting:
        doubting.setattr(sealing, "_holds_until", doubted)
        with pytest.raises(EnvironmentFailed):
            open_town.sign_all(PLAN_ID)
    assert due() == ["open"]
    open_town.clock.forward(days=1)
    assert due() == ["late"]
    (found,) = [c for c in doctor.report(open_town.home).values[0]["checks"] if c["id"] == "steg"]  # type: ignore[attr-defined]
    assert (found["status"], "forsegling_underkand" in found["sv"]) == ("failed", True)
    acts.rest(open_town.tools, PLAN_ID)
    assert due() == []


@pytest.fixture
def batch(chiefs_town: Town) -> Iterator[Place]:
    for plan_id in BATCH:
        batch_signing.open_document(chiefs_town.tools, plan_id, "enhetschef", CHIEF)
    yield from place_of(chiefs_town)


def sign_many(place: Place, plans: tuple[str, ...] = BATCH) -> tuple[list[str], bool]:
    """What the batch answers for each plan (its state, or the code of what was refused), and whether it waits."""
    value = batch_signing.sign_many(place.tools, plans, "enhetschef", CHIEF)
    told: list[Json] = list(value["results"])  # type: ignore[call-overload]
    return [each["error"]["code"] if "error" in each else each["state"] for each in told], "identification" in value


def test_a_plan_that_somebody_begins_meanwhile_is_left_out_of_the_batch(batch: Place) -> None:
    batch.service.while_asked = lambda: acts.sign(batch.other, BATCH[2], "enhetschef", as_id=CHIEF)
    assert sign_many(batch) == (["awaiting_signatures"] * 2 + ["underskrift_pagar"], True)
    batch.service.ready = True
    assert sign_many(batch) == (["archived"] * 2 + ["annan_legitimering_pagar"], False)
    assert sign_many(batch, BATCH[2:]) == (["archived"], False)


def test_what_one_has_begun_without_the_others_is_named(batch: Place) -> None:
    batch.sign("enhetschef", BATCH[0])
    value = batch_signing.sign_many(batch.tools, BATCH[:2], "enhetschef", CHIEF)
    error = value["results"][1]["error"]  # type: ignore[index]
    assert (error["code"], f"sign {BATCH[0]} " in error["sv"]) == ("annan_legitimering_pagar", True)


def test_whoever_falls_in_the_middle_of_a_batch_has_signed_none_of_it(
    batch: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.service.ready = True
    real, done = journey.identification.keep, []

    def fall(*told: object) -> str:
        done.append(told)
        if len(done) == 2:
            raise KeyboardInterrupt
        return real(*told)  # type: ignore[arg-type]

    with monkeypatch.context() as falling:
        falling.setattr(journey.identification, "keep", fall)
        with pytest.raises(KeyboardInterrupt):
            sign_many(batch)
    with batch.tools.db.read() as conn:
        kept = conn.execute(t.evidence.select().where(t.evidence.c.role == "enhetschef")).all()
    assert kept == []
    assert sign_many(batch) == (["archived"] * 3, False)
    assert len(batch.service.started) == 1


def test_more_documents_than_a_service_shows_are_told_as_that(batch: Place) -> None:
    batch.service.fails = IdentityRefused("ofullstandigt_underlag", "longer than it shows")
    assert batch.refused(lambda: sign_many(batch)) == "for_manga_dokument"
    assert batch.refused(lambda: sign_many(batch, BATCH[:1])) == "ofullstandigt_underlag"


def test_stopped_at_the_terminal_every_document_is_given_up_that_still_waits(
    batch: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_many(batch)
    acts.withdraw(batch.other, BATCH[0], reason="chef_vagrar", by=CHIEF)

    def stopped(value: object, _again: object, give_up: Callable[[], None]) -> object:
        give_up()
        raise Misuse("avbruten_legitimering")

    monkeypatch.setattr(signing, "open_workspace", lambda _home: batch.tools)
    monkeypatch.setattr(signing, "_attended", stopped)
    with pytest.raises(Misuse):
        signing.sign_many(batch.town.home, BATCH, signing.Told("enhetschef", CHIEF), json=False)
    assert sorted(map(str, batch.orders("enhetschef"))) == ["None", "given_up", "given_up"]
    assert batch.service.cancelled
