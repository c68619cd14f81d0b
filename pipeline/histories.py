"""What has happened to a plan or an order, from its rows to the values that deadlines and the check work with."""

import json
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from pipeline.plan.history import Event, History, VersionFact
from pipeline.plan.model import Uppdrag
from pipeline.plan.reading import read_file
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp
from pipeline.tools import Tools, swedish_date


def history_of_plan(tools: Tools, conn: Connection, plan_id: str) -> History:
    """The plan's versions and events, those recorded on the orders it answers among them."""
    c = t.handelse.c
    orders = sa.select(t.uppdrag.c.id).where(t.uppdrag.c.plan_id == plan_id)
    mine = sa.or_(c.plan_id == plan_id, c.uppdrag_id.in_(orders))
    events = conn.execute(sa.select(t.handelse).where(mine).order_by(c.datum, c.recorded_at)).all()
    return History(tuple(_fact(v) for v in rows.versions(conn, plan_id)), _events(tools, events))


def history_of_order(tools: Tools, conn: Connection, order_id: str) -> History:
    """The events recorded on an order that no plan answers yet."""
    c = t.handelse.c
    events = conn.execute(sa.select(t.handelse).where(c.uppdrag_id == order_id).order_by(c.datum, c.recorded_at)).all()
    return History((), _events(tools, events))


def _fact(v: VersionRow) -> VersionFact:
    def day(value: str | None) -> date | None:
        return None if value is None else swedish_date(parse_stamp(value))

    accepted = swedish_date(parse_stamp(v.accepted_at))
    return VersionFact(v.version, v.beslut_id, accepted, day(v.sealed_at), day(v.adopted_at))


def _events(tools: Tools, found: Iterable[Row[tuple[object, ...]]]) -> tuple[Event, ...]:
    return tuple(Event(row.slag, date.fromisoformat(row.datum), row.version, _told(tools, row)) for row in found)


def _told(tools: Tools, row: Row[tuple[object, ...]]) -> dict[str, object]:
    told = event_content(tools, row).get("uppgifter")
    return told if isinstance(told, dict) else {}


def event_content(tools: Tools, row: Row[tuple[object, ...]]) -> dict[str, object]:
    """The event as it was recorded."""
    return tools.open(row.plan_id or row.uppdrag_id, "handelse.content", row.content_enc)


def waiting_orders(conn: Connection) -> tuple[Row[tuple[object, ...]], ...]:
    """The orders that no plan answers yet."""
    c = t.uppdrag.c
    query = sa.select(t.uppdrag).where(c.plan_id.is_(None), c.replaced_by.is_(None)).order_by(c.received_at)
    return tuple(conn.execute(query))


def order_content(tools: Tools, row: Row[tuple[object, ...]]) -> Uppdrag:
    """The order as it was accepted."""
    content = json.dumps(tools.open(row.id, "uppdrag.content", row.content_enc), ensure_ascii=False).encode()
    value = read_file(content).value
    if not isinstance(value, Uppdrag):
        raise TypeError("the row holds no order")
    return value


def plans_of_decision(conn: Connection, beslut_id: str) -> tuple[str, ...]:
    """The plans whose latest word on their decision is `beslut_id`."""
    c = t.version.c
    query = sa.select(c.plan_id).where(c.beslut_id == beslut_id).distinct().order_by(c.plan_id)
    return tuple(conn.execute(query).scalars())


def plan_of_decision(conn: Connection, kommun_kod: str, beslut_id: str) -> str | None:
    """The plan of that municipality that answers the decision, if it has come."""
    join = t.version.join(t.plan, t.plan.c.plan_id == t.version.c.plan_id)
    query = sa.select(t.version.c.plan_id).select_from(join)
    found = conn.execute(query.where(t.plan.c.kommun_kod == kommun_kod, t.version.c.beslut_id == beslut_id).limit(1))
    return found.scalar()


def version_to_hand_over(conn: Connection, plan_id: str) -> VersionRow | None:
    """The version in force: the newest that is archived."""
    found = [v for v in rows.versions(conn, plan_id) if v.state in {"archived", "handed_over"}]
    return found[-1] if found else None
