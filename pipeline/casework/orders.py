"""Identifying somebody for one act: an order to a provider, kept until it is answered, given up or too old.

No transaction is open while a service is asked. What the service must be able to say again (the act it was asked for)
is bound in the order; the case is looked at again before the answer counts.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import cases, identification, shown
from pipeline.casework.identification import Ground
from pipeline.casework.moves import go
from pipeline.casework.protection import person_is_protected
from pipeline.casework.shown import Place
from pipeline.casework.tools import Identification, Tools
from pipeline.errors import Misuse, Refused, masked
from pipeline.plan.slots import EndedSlot
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp, stamp
from signatures.errors import IdentityRefused
from signatures.names import plain_name

if TYPE_CHECKING:
    from signatures.identity import IdentityEvidence, IdentityProvider, Order, Waiting


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


def begin(tools: Tools, places: Sequence[Place], way: Identification) -> tuple[OpenOrder, ...]:
    """Start one order for the slots, all of one person and role; an order for each slot, in the same order.

    Raises `Refused` with nothing changed, `EnvironmentFailed` without an answer.
    """
    from signatures.identity.order import order_json

    with tools.db.read() as conn:
        for place in places:
            _require_free(tools, conn, place)
            _refuse_remote(conn, place, way.provider)
        asked = shown.asked(tools, conn, places, remote=way.provider.remote)
    with cases.answering():
        order = way.provider.start(asked, tools.now())
    told = order_json(order)
    with tools.db.write() as conn:
        return tuple(_kept(conn, tools, place, way.name, order, told) for place in places)


def _kept(conn: Connection, tools: Tools, place: Place, method: str, order: "Order", told: str) -> OpenOrder:
    v, order_id = place.version, secrets.token_hex(16)
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
    for each in found:
        try:
            _answered(tools, each, said)
        except Refused as error:
            _end_all(tools, (each,), error.code)
            refused[each.version.plan_id] = error
    return refused


def answer_to(
    tools: Tools, found: Sequence[OpenOrder], answer: Mapping[str, str] | None = None
) -> "Waiting | IdentityEvidence":
    """What the provider says of the order, proven; the order ends when that is a refusal, which is raised."""
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
        raise
    return said


def _answered(tools: Tools, found: OpenOrder, evidence: "IdentityEvidence") -> None:
    v, role = found.version, found.place.role
    with tools.db.write() as conn:
        close(conn, tools, found)
        evidence_id = identification.keep(conn, tools, v, role, found.place.ground, evidence)
        go(conn, tools, v, "sign", role=role, evidence=evidence_id)


def cancel(tools: Tools, found: Sequence[OpenOrder]) -> None:
    """Give the order up, here and at the service. Raises `EnvironmentFailed` when the service does not answer."""
    _end_all(tools, found, "given_up")
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
    """The order is answered, in the transaction of what came of it. Raises `Refused` when somebody else was quicker."""
    c = t.identification.c
    if conn.execute(sa.select(c.id).where(c.id == found.id, c.ended_at.is_(None))).first() is None:
        raise Refused("legitimering_anvand")
    _end(conn, tools, found, "answered")


def _end(conn: Connection, tools: Tools, found: OpenOrder, outcome: str) -> None:
    c = t.identification.c
    still = t.identification.update().where(c.id == found.id, c.ended_at.is_(None))
    conn.execute(still.values(ended_at=stamp(tools.now()), outcome=outcome))
