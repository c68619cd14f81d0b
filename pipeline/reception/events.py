"""An event around a plan or an order: recorded once, and what it sets going."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import histories
from pipeline.casework.around import About, about_version
from pipeline.casework.receipts import Receipt, stop
from pipeline.casework.tools import Tools
from pipeline.errors import Refused
from pipeline.journey import ask, go
from pipeline.plan.canonical import canonical
from pipeline.plan.model import Handelse
from pipeline.reception.drop import Drop, Rejected, answer, duplicate, first_receipt
from pipeline.store import rows, trail
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import stamp

TAKEN_EVENTS = frozenset({"insats_paborjad", "verkstalld", "genomgangen", "overlamnad"})


def receive_event(conn: Connection, tools: Tools, drop: Drop, event: Handelse) -> Receipt:
    """Take an event of a kind that is taken, about a plan or an order that is known. Raises `Rejected`."""
    if event.slag not in TAKEN_EVENTS:
        raise Rejected(stop("handelse_tas_inte_an", "slag"), plan_id=event.plan_id)
    if event.datum > tools.today():
        raise Rejected(stop("framtida_datum", "datum"), plan_id=event.plan_id)
    sha256 = hashlib.sha256(drop.content).hexdigest()
    earlier = conn.execute(sa.select(t.handelse).where(t.handelse.c.handelse_id == event.handelse_id)).first()
    if earlier is not None:
        if earlier.content_sha256 == sha256 and earlier.intake_id is not None:
            return duplicate(conn, tools, drop, first_receipt(conn, earlier.intake_id))
        raise Rejected(stop("handelse_id_upptaget", "handelse_id"), plan_id=event.plan_id)
    plan_id, order_id = _about(conn, event)
    v = rows.latest_version(conn, plan_id) if plan_id else None
    if event.slag == "genomgangen" and v is None:
        raise Rejected(stop("handelse_kraver_plan", "plan_id"))
    if event.slag == "overlamnad":
        v = histories.version_to_hand_over(conn, plan_id) if plan_id else None
        if v is None:
            raise Rejected(stop("ej_arkiverad", "slag"), plan_id=plan_id)
    number = v.version if v else None
    receipt = answer(conn, tools, drop, Receipt("accepted", plan_id, number, drop.intake_id, ()))
    record_event(conn, tools, Event(json.loads(drop.content), plan_id, order_id, v, drop.intake_id))
    return receipt


def _about(conn: Connection, event: Handelse) -> tuple[str | None, str | None]:
    """The plan and the order that the event names; rejects when it names none that is known, or several."""
    c = t.uppdrag.c
    if event.plan_id is not None:
        if rows.latest_version(conn, event.plan_id) is None:
            raise Rejected(stop("okand_plan", "plan_id"))
        return event.plan_id, None
    orders = conn.execute(sa.select(c.id, c.plan_id).where(c.beslut_id == event.beslut_id, c.replaced_by.is_(None)))
    found = {(row.plan_id, row.id) for row in orders}
    plans = histories.plans_of_decision(conn, str(event.beslut_id))
    found |= {(plan_id, None) for plan_id in plans if plan_id not in {p for p, _ in found}}
    if not found:
        raise Rejected(stop("okant_beslut", "beslut_id"))
    if len(found) > 1:
        raise Rejected(stop("flera_med_beslut", "beslut_id"))
    return found.pop()


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
    _ask_for_documents(conn, tools, event)
    if v is not None and content["slag"] == "overlamnad":
        go(conn, tools, v, "hand_over", handelse=content["handelse_id"])
    elif v is not None and v.state in rows.SEALED_STATES:
        go(conn, tools, v, "preserve")


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
