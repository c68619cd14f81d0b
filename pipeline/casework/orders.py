"""Identifying somebody for one act: an order to a provider, kept until it is answered, given up or too old.

No transaction is open while a service is asked. What the service must be able to say again (the act it was asked for)
is bound in the order; the case is looked at again before the answer counts.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import cases, identification
from pipeline.casework.identification import Ground
from pipeline.casework.moves import go
from pipeline.casework.protection import person_is_protected
from pipeline.casework.signers import Who, id_type
from pipeline.casework.tools import Identification, Tools
from pipeline.errors import Misuse, Refused
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp, stamp
from pipeline.texts import text
from signatures.errors import IdentityRefused

if TYPE_CHECKING:
    from signatures.identity import Asked, IdentityEvidence, IdentityProvider, Order, Waiting


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that somebody may still answer: for which slot of which version, and on what ground they sign.

    `method` is the way's name in `plansigill.toml`.
    """

    id: str
    method: str
    version: VersionRow
    role: str
    ground: Ground
    order: "Order"


def choose(tools: Tools, role: str, method: str | None) -> Identification:
    """The way of identification for the role: the one asked for, else the first that is configured for it.

    Raises `Misuse` when the workspace has none.
    """
    found = [each for each in tools.providers if role in each.roles]
    if not found:
        raise Misuse("ingen_legitimering")
    chosen = next((each for each in found if method in {None, each.name}), None)
    if chosen is None:
        raise Misuse("metod_saknas", method=method, role=role, methods=", ".join(each.name for each in found))
    return chosen


def begin(tools: Tools, v: VersionRow, role: str, ground: Ground, way: Identification) -> OpenOrder:
    """Start an order for the slot. Raises `Refused` with nothing changed, `EnvironmentFailed` without an answer."""
    from signatures.identity.order import order_json

    with tools.db.read() as conn:
        identification.may_sign(tools, conn, v, role, ground.who)
        _refuse_remote(conn, v, role, ground.who, way.provider)
        asked = _asked(tools, conn, v, role, ground.who)
    with cases.answering():
        order = way.provider.start(asked, tools.now())
    order_id = secrets.token_hex(16)
    kept = tools.seal(v.plan_id, "identification.order", ground.to_json() | {"order": order_json(order)})
    with tools.db.write() as conn:
        _refuse_other(tools, conn, v, role, ground.who)
        conn.execute(
            t.identification.insert().values(
                id=order_id, plan_id=v.plan_id, version=v.version, edition=v.edition, role=role, method=way.name,
                order_enc=kept, started_at=stamp(order.started), expires_at=stamp(order.expires),
            )
        )  # fmt: skip
    return OpenOrder(order_id, way.name, v, role, ground, order)


def _refuse_remote(conn: Connection, v: VersionRow, role: str, who: Who, provider: "IdentityProvider") -> None:
    """A protected person's name and number never go to a service outside the house."""
    if role == "brukare" and who.basis is None and provider.remote and person_is_protected(conn, v):
        raise Refused("skyddad_ej_fjarr")


def _asked(tools: Tools, conn: Connection, v: VersionRow, role: str, who: Who) -> "Asked":
    from signatures.identity import Asked, IdType, Wanted
    from signatures.identity.order import new_nonce

    base = rows.base_hash(conn, v) or ""
    bound: dict[str, str | int] = {"plan_ref": v.plan_id, "version": v.version, "edition": v.edition, "role": role}
    bound |= {"base_sha256": base, "nonce": new_nonce()}
    demand = cases.demand_of(tools, tools.plan_of(conn, v), role)
    sentence = demand.represented_sentence if who.basis and demand.represented_sentence else demand.sentence
    shown = text(
        "underskrift.visas", plan_id=v.plan_id, version=v.version, roll=demand.word, mening=sentence, hash=base[:16]
    ).sv
    kind = id_type(who.id_type)
    known_by_name = kind is IdType.INTERN and not tools.settings.test
    return Asked(role, shown, bound, None if known_by_name else Wanted(kind, who.id_value, who.name))


def _refuse_other(tools: Tools, conn: Connection, v: VersionRow, role: str, who: Who) -> None:
    """One order at a time for a slot: the earlier one must be answered or given up."""
    found = open_order(tools, conn, v, role)
    if found is not None:
        raise Refused("underskrift_pagar")
    identification.may_sign(tools, conn, v, role, who)


def open_order(tools: Tools, conn: Connection, v: VersionRow, role: str) -> OpenOrder | None:
    """The slot's order that can still be answered."""
    from signatures.identity.order import order_of

    c = t.identification.c
    same = (c.plan_id == v.plan_id, c.version == v.version, c.edition == v.edition, c.role == role)
    row = conn.execute(sa.select(t.identification).where(*same, c.ended_at.is_(None)).order_by(c.started_at.desc()))
    for found in row:
        if parse_stamp(found.expires_at) > tools.now():
            told = tools.open(v.plan_id, "identification.order", found.order_enc)
            return OpenOrder(found.id, found.method, v, role, Ground.of(told), order_of(str(told["order"])))
    return None


def collect(tools: Tools, found: OpenOrder, answer: Mapping[str, str] | None = None) -> "Waiting | None":
    """What has become of the order: `Waiting`, or None when the person is identified and the signature is under way.

    Raises `Refused` when it ended without evidence that holds; the slot is then free for another order.
    """
    from signatures.identity import Waiting

    provider = choose(tools, found.role, found.method).provider
    try:
        with cases.answering():
            said = provider.collect(found.order, tools.now(), answer)
            if isinstance(said, Waiting):
                return said
            _require_named(found, said)
        with tools.db.write() as conn:
            _require_open(conn, found)
            evidence_id = identification.keep(conn, tools, found.version, found.role, found.ground, said)
            _end(conn, tools, found, "answered")
            go(conn, tools, found.version, "sign", role=found.role, evidence=evidence_id)
    except Refused as error:
        with tools.db.write() as conn:
            _end(conn, tools, found, error.code)
        raise
    return None


def cancel(tools: Tools, found: OpenOrder) -> None:
    """Give the order up, here and at the service. Raises `EnvironmentFailed` when the service does not answer."""
    with tools.db.write() as conn:
        _end(conn, tools, found, "given_up")
    with cases.answering():
        choose(tools, found.role, found.method).provider.cancel(found.order, tools.now())


def _require_named(found: OpenOrder, evidence: "IdentityEvidence") -> None:
    """Somebody who is known by name only (a representative) must at least bear that name."""
    if found.order.asked.wanted is None and _plain(evidence.name) != _plain(found.ground.who.name):
        raise IdentityRefused("fel_person", "the one who answered bears another name")


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _require_open(conn: Connection, found: OpenOrder) -> None:
    c = t.identification.c
    if conn.execute(sa.select(c.id).where(c.id == found.id, c.ended_at.is_(None))).first() is None:
        raise Refused("legitimering_anvand")


def _end(conn: Connection, tools: Tools, found: OpenOrder, outcome: str) -> None:
    c = t.identification.c
    still = t.identification.update().where(c.id == found.id, c.ended_at.is_(None))
    conn.execute(still.values(ended_at=stamp(tools.now()), outcome=outcome))
