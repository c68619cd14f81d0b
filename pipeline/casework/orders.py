"""Identifying somebody for one act: an order to a provider, kept until it is answered, given up or too old.

No transaction is open while a service is asked. What the service must be able to say again (the act it was asked for)
is bound in the order; the case is looked at again before the answer counts.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import cases, identification, shown
from pipeline.casework.identification import Ground
from pipeline.casework.moves import go
from pipeline.casework.protection import person_is_protected
from pipeline.casework.shown import Place
from pipeline.casework.tools import Identification, Tools
from pipeline.errors import EnvironmentFailed, Misuse, Refused, masked
from pipeline.plan.slots import EndedSlot
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp, stamp
from signatures.errors import IdentityRefused
from signatures.names import plain_name

if TYPE_CHECKING:
    from signatures.identity import Asked, IdentityEvidence, IdentityProvider, Order, Waiting

ANSWERED, GIVEN_UP = "answered", "given_up"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that somebody may still answer, for one slot; a batch has one for each, with the same `order`.

    `method` is the way's name in `plansigill.toml`.
    """

    id: str
    method: str
    place: Place
    order: "Order"

    @property
    def version(self) -> VersionRow:
        """The version whose slot it is."""
        return self.place.version


def choose(tools: Tools, role: str, method: str | None) -> Identification:
    """The way of identification for the role: the one asked for, else the first that is configured for it.

    Raises `Misuse` when the workspace has none.
    """
    found = [each for each in tools.providers if role in each.roles]
    if not found:
        raise Misuse("papper_saknas" if role == shown.PAPER and tools.providers else "ingen_legitimering")
    chosen = next((each for each in found if method in {None, each.name}), None)
    if chosen is None:
        raise Misuse(
            "metod_saknas", method=masked(method or ""), role=role, methods=", ".join(each.name for each in found)
        )
    return chosen


class Begun(NamedTuple):
    """An order for each slot that could still be asked for, and why (by plan) the others could not."""

    orders: tuple[OpenOrder, ...]
    refused: Mapping[str, Refused]


def begin(tools: Tools, places: Sequence[Place], way: Identification) -> Begun:
    """Start one order for the slots, all of one person and role.

    Raises `Refused` with nothing changed when it can be for none of them, `EnvironmentFailed` without an answer.
    """
    from signatures.identity.order import order_json

    refused: dict[str, Refused] = {}
    with tools.db.read() as conn:
        free = _each(places, lambda place: _asked_for(tools, conn, place, way.provider), refused)
        asked = shown.asked(tools, conn, free, remote=way.provider.remote)
    order = _started(tools, way, asked, len(free))
    told = order_json(order)
    try:
        with tools.db.write() as conn:
            kept = _each(free, lambda place: _kept(conn, tools, place, way.name, order, told), refused)
    except Refused:
        with suppress(EnvironmentFailed), cases.answering():
            way.provider.cancel(order, tools.now())
        raise
    return Begun(tuple(kept), refused)


def _each(places: Sequence[Place], act: Callable[[Place], T], refused: dict[str, Refused]) -> list[T]:
    """What `act` gives for each slot; why it refuses one goes into `refused`, and is raised when it refuses all."""
    given: list[T] = []
    for place in places:
        try:
            given.append(act(place))
        except Refused as error:
            refused[place.version.plan_id] = error
    if not given:
        raise next(iter(refused.values()))
    return given


def _started(tools: Tools, way: Identification, asked: "Asked", documents: int) -> "Order":
    """The service's order. What is too long for it is so because the documents are many."""
    try:
        with cases.answering():
            return way.provider.start(asked, tools.now())
    except Refused as error:
        if error.code == "ofullstandigt_underlag" and documents > 1:
            raise Refused("for_manga_dokument", antal=documents, method=way.name, farre=documents // 2) from error
        raise


def _asked_for(tools: Tools, conn: Connection, place: Place, provider: "IdentityProvider") -> Place:
    _require_free(tools, conn, place)
    _refuse_remote(conn, place, provider)
    return place


def _kept(conn: Connection, tools: Tools, place: Place, method: str, order: "Order", told: str) -> OpenOrder:
    v, order_id = cases.unchanged(conn, place.version), secrets.token_hex(16)
    place = replace(place, version=v)
    if open_order(tools, conn, v, place.role) is not None:
        raise Refused("underskrift_pagar")  # one at a time for a slot: the earlier one is answered or given up first
    _require_free(tools, conn, place)
    kept = tools.seal(v.plan_id, "identification.order", place.ground.to_json() | {"order": told})
    conn.execute(
        t.identification.insert().values(
            id=order_id, plan_id=v.plan_id, version=v.version, edition=v.edition, role=place.role, method=method,
            order_enc=kept, started_at=stamp(order.started), expires_at=stamp(order.expires),
        )
    )  # fmt: skip
    return OpenOrder(order_id, method, place, order)


def _require_free(tools: Tools, conn: Connection, place: Place) -> None:
    """The slot may still end as the order wants it to, and nobody has been identified for it."""
    v, who = place.version, place.ground.who
    if place.role == shown.PAPER:
        scan = place.ground.basis_sha256
        cases.may_waive(tools, conn, v, EndedSlot("brukare", "paper", None, None, who.checked_by, None, scan))
        return
    if identification.is_pending(conn, tools, v, place.role, who):
        raise Refused("underskrift_pagar")
    identification.may_sign(tools, conn, v, place.role, who)


def _refuse_remote(conn: Connection, place: Place, provider: "IdentityProvider") -> None:
    """A protected person's name and number never go to a service outside the house."""
    own = place.role == "brukare" and place.ground.who.basis is None
    if own and provider.remote and person_is_protected(conn, place.version):
        raise Refused("skyddad_ej_fjarr")


def open_order(tools: Tools, conn: Connection, v: VersionRow, role: str) -> OpenOrder | None:
    """The slot's order that can still be answered."""
    from signatures.identity.order import order_of

    c = t.identification.c
    same = (c.plan_id == v.plan_id, c.version == v.version, c.edition == v.edition, c.role == role)
    row = conn.execute(sa.select(t.identification).where(*same, c.ended_at.is_(None)).order_by(c.started_at.desc()))
    for found in row:
        if parse_stamp(found.expires_at) > tools.now():
            told = tools.open(v.plan_id, "identification.order", found.order_enc)
            place = Place(v, role, Ground.of(told))
            return OpenOrder(found.id, found.method, place, order_of(str(told["order"])))
    return None


def collect(
    tools: Tools, found: Sequence[OpenOrder], answer: Mapping[str, str] | None = None
) -> "Waiting | Mapping[str, Refused]":
    """What has become of the order that these slots share: `Waiting`, or the person is identified.

    Then each slot's signature is under way, but for those (by plan) that the answer says were refused meanwhile. Raises
    `Refused` when it ended without evidence that holds; the slots are then free for another order.
    """
    from signatures.identity import Waiting

    said = answer_to(tools, found, answer)
    if isinstance(said, Waiting):
        return said
    refused: dict[str, Refused] = {}
    with tools.db.write() as conn:  # all or none: whoever falls here has nothing of the batch signed
        for each in found:
            try:
                with conn.begin_nested():
                    _answered(conn, tools, each, said)
            except Refused as error:
                _end(conn, tools, each, error.code)
                refused[each.version.plan_id] = error
    return refused


def answer_to(
    tools: Tools, found: Sequence[OpenOrder], answer: Mapping[str, str] | None = None
) -> "Waiting | IdentityEvidence":
    """What the provider says of the order, proven; the order ends when that is a refusal, which is raised.

    Where another call has had the answer meanwhile, that is what is refused: a service gives one only once.
    """
    from signatures.identity import Waiting

    provider = choose(tools, found[0].place.role, found[0].method).provider
    try:
        with cases.answering():
            said = provider.collect(found[0].order, tools.now(), answer)
            if not isinstance(said, Waiting):
                _require_bound(found[0], said)
                _require_named(found[0], said)
    except Refused as error:
        _end_all(tools, found, error.code)
        with tools.db.read() as conn:
            if any(_outcome(conn, each) == ANSWERED for each in found):
                raise Refused("legitimering_anvand") from error
        raise
    return said


def _answered(conn: Connection, tools: Tools, found: OpenOrder, evidence: "IdentityEvidence") -> None:
    v, role = cases.unchanged(conn, found.version), found.place.role
    close(conn, tools, found)
    evidence_id = identification.keep(conn, tools, v, role, found.place.ground, evidence)
    go(conn, tools, v, "sign", role=role, evidence=evidence_id)


def cancel(tools: Tools, found: Sequence[OpenOrder]) -> None:
    """Give the order up, here and at the service. Raises `EnvironmentFailed` when the service does not answer."""
    _end_all(tools, found, GIVEN_UP)
    with cases.answering():
        choose(tools, found[0].place.role, found[0].method).provider.cancel(found[0].order, tools.now())


def _end_all(tools: Tools, found: Sequence[OpenOrder], outcome: str) -> None:
    with tools.db.write() as conn:
        for each in found:
            _end(conn, tools, each, outcome)


def _require_bound(found: OpenOrder, evidence: "IdentityEvidence") -> None:
    """Whatever a provider says, its evidence is for this order's act or for none."""
    if dict(evidence.bound) != dict(found.order.asked.bound):
        raise IdentityRefused("fel_bindning", "the evidence is for another act than the one asked for")


def _require_named(found: OpenOrder, evidence: "IdentityEvidence") -> None:
    """Somebody who is known by name only (a representative) must at least bear that name."""
    if found.order.asked.wanted is None and plain_name(evidence.name) != plain_name(found.place.ground.who.name):
        raise IdentityRefused("fel_person", "the one who answered bears another name")


def close(conn: Connection, tools: Tools, found: OpenOrder) -> None:
    """The order is answered, in the transaction of what came of it. Raises `Refused` when somebody else was quicker.

    Evidence counts although another call, which came too late to the service, has been refused there meanwhile; not
    when the order was given up.
    """
    if _outcome(conn, found) in {ANSWERED, GIVEN_UP}:
        raise Refused("legitimering_anvand")
    told = t.identification.update().where(t.identification.c.id == found.id)
    conn.execute(told.values(ended_at=stamp(tools.now()), outcome=ANSWERED))


def _outcome(conn: Connection, found: OpenOrder) -> str | None:
    """How the order ended: answered, given up, or the code of a refusal; None while it has not."""
    return conn.execute(sa.select(t.identification.c.outcome).where(t.identification.c.id == found.id)).scalar()


def _end(conn: Connection, tools: Tools, found: OpenOrder, outcome: str) -> None:
    c = t.identification.c
    still = t.identification.update().where(c.id == found.id, c.ended_at.is_(None))
    conn.execute(still.values(ended_at=stamp(tools.now()), outcome=outcome))
