"""An event around a plan or an order: recorded once, and what it sets going."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import histories, protection
from pipeline.casework.around import About, about_version
from pipeline.casework.moves import ask, go, refresh_order
from pipeline.casework.receipts import Receipt, stop
from pipeline.casework.tools import Tools
from pipeline.errors import Refused
from pipeline.plan.canonical import canonical
from pipeline.plan.event_rules import Known, alone, concerned, judge
from pipeline.plan.findings import Finding, Level
from pipeline.plan.history import VersionFact, newest
from pipeline.plan.model import Handelse
from pipeline.reception.drop import Drop, Rejected, answer, duplicate, first_receipt
from pipeline.store import rows, trail
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import stamp


def receive_event(conn: Connection, tools: Tools, drop: Drop, event: Handelse) -> Receipt:
    """Take an event about a plan or an order that is known, as the rule of its `slag` demands. Raises `Rejected`."""
    sha256 = hashlib.sha256(drop.content).hexdigest()
    earlier = conn.execute(sa.select(t.handelse).where(t.handelse.c.handelse_id == event.handelse_id)).first()
    if earlier is not None:
        if earlier.content_sha256 == sha256 and earlier.intake_id is not None:
            return duplicate(conn, tools, drop, first_receipt(conn, earlier.intake_id))
        raise Rejected(stop("handelse_id_upptaget", "handelse_id"), plan_id=event.plan_id)
    by_itself = alone(event, tools.today())
    if any(f.level is Level.STOP for f in by_itself):
        raise Rejected(*by_itself, plan_id=event.plan_id)
    named = _named(conn, event)
    version, known = _known(conn, tools, event, named)
    findings = (*by_itself, *judge(event, known))
    if any(f.level is Level.STOP for f in findings):
        raise Rejected(*findings, plan_id=named.plan_id)
    v = rows.version_row(conn, named.plan_id, version.version) if named.plan_id and version else None
    number = v.version if v else None
    receipt = answer(conn, tools, drop, Receipt("accepted", named.plan_id, number, drop.intake_id, findings))
    record_event(conn, tools, Event(json.loads(drop.content), named.plan_id, named.order_id, v, drop.intake_id))
    return receipt


@dataclass(frozen=True, slots=True)
class _Named:
    """What an event names: a plan, an order that no plan answers yet, or the plan that answers an order."""

    plan_id: str | None
    order_id: str | None


def _named(conn: Connection, event: Handelse) -> _Named:
    """The plan and the order that the event names; rejects when it names none that is known, or several."""
    c = t.uppdrag.c
    if event.plan_id is not None:
        if rows.latest_version(conn, event.plan_id) is None:
            raise Rejected(stop("okand_plan", "plan_id"))
        if event.beslut_id is not None and event.beslut_id not in histories.decisions_of_plan(conn, event.plan_id):
            raise Rejected(stop("beslut_ej_planens", "beslut_id"), plan_id=event.plan_id)
        return _Named(event.plan_id, None)
    orders = conn.execute(sa.select(c.id, c.plan_id).where(c.beslut_id == event.beslut_id, c.replaced_by.is_(None)))
    found = {_Named(row.plan_id, row.id) for row in orders}
    plans = histories.plans_of_decision(conn, str(event.beslut_id))
    found |= {_Named(plan_id, None) for plan_id in plans if plan_id not in {one.plan_id for one in found}}
    if not found:
        raise Rejected(stop("okant_beslut", "beslut_id"))
    if len(found) > 1:
        raise Rejected(stop("flera_med_beslut", "beslut_id"))
    return found.pop()


def _known(conn: Connection, tools: Tools, event: Handelse, named: _Named) -> tuple[VersionFact | None, Known]:
    """The version that the event concerns, and what it is held against. Raises `Rejected` when there is none."""
    if named.plan_id is None:
        order = histories.order_content(tools, histories.order_row(conn, str(named.order_id)))
        return _concerned(event, (), None), Known((), (order,))
    facts = histories.version_facts(conn, named.plan_id)
    version = _concerned(event, facts, named.plan_id)
    there = rows.versions(conn, named.plan_id)
    one = version or newest(facts)
    every = event.slag == "samtycke_aterkallat" or one is None
    chosen = there if every else [v for v in there if one is not None and v.version == one.version]
    return version, Known(facts, tuple(tools.plan_of(conn, v) for v in chosen))


def _concerned(event: Handelse, facts: Sequence[VersionFact], plan_id: str | None) -> VersionFact | None:
    found = concerned(event, facts)
    if isinstance(found, Finding):
        raise Rejected(found, plan_id=plan_id)
    return found


@dataclass(frozen=True, slots=True)
class Event:
    """An event about to be recorded: its content as a ``handelse/1``, and what it is about."""

    content: dict[str, Any]
    plan_id: str | None
    order_id: str | None
    version: VersionRow | None
    intake_id: str | None

    @property
    def owner(self) -> str:
        """Whose key its content is kept under."""
        if self.plan_id is None and self.order_id is None:
            raise Refused("okand_plan", plan_id="-")
        return self.plan_id or str(self.order_id)


def record_event(conn: Connection, tools: Tools, event: Event) -> None:
    """Write an event's row and trail entry; a hand-over also starts its step."""
    content, v = event.content, event.version
    sha256 = hashlib.sha256(canonical(content)).hexdigest()
    about: dict[str, trail.Fact] = {
        "handelse_id": str(content["handelse_id"]),
        "plan_id": event.plan_id,
        "uppdrag_id": event.order_id,
        "version": v.version if v else None,
        "slag": str(content["slag"]),
        "datum": str(content["datum"]),
        "content_sha256": sha256,
        "intake_id": event.intake_id,
    }
    sealed = tools.seal(event.owner, "handelse.content", content)
    conn.execute(t.handelse.insert().values(content_enc=sealed, recorded_at=stamp(tools.now()), **about))
    trail.append(conn, "event_recorded", about, tools.now())
    if content["slag"] == "skydd_andrat":
        concerned = protection.settle(conn, tools, event.plan_id, event.order_id)
        for each in concerned.versions:
            go(conn, tools, each, "outbox")
        for order_id in concerned.orders:
            refresh_order(conn, tools, order_id)
    _ask_for_documents(conn, tools, event)
    if v is not None and content["slag"] == "overlamnad":
        go(conn, tools, v, "hand_over", handelse=content["handelse_id"])
    elif event.plan_id is not None:
        _preserve(conn, tools, event.plan_id)


def _preserve(conn: Connection, tools: Tools, plan_id: str) -> None:
    """The archive object of a plan that has one shall hold the event as well."""
    sealed = [v for v in rows.versions(conn, plan_id) if v.state in rows.SEALED_STATES]
    if sealed:
        go(conn, tools, sealed[-1], "preserve")


def _ask_for_documents(conn: Connection, tools: Tools, event: Event) -> None:
    """The documents that the routine wants of such an event, about the version it concerns or the order."""
    v = event.version or (rows.latest_version(conn, event.plan_id) if event.plan_id else None)
    if v is not None:
        about = about_version(v)
    else:
        order = histories.order_row(conn, event.owner)
        about = About(event.owner, order.profil, histories.order_content(tools, order).verksamhetsomrade)
    happened = str(event.content["handelse_id"])
    ask(conn, tools, about, f"handelse:{event.content['slag']}", cause=happened, event=happened)
