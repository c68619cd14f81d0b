"""What has happened to a plan or an order, from its rows to the values that deadlines and the check work with."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from pipeline.casework.receipts import NOTHING_WANTED, decided
from pipeline.casework.tools import Tools, swedish_date
from pipeline.plan.findings import Level
from pipeline.plan.history import Event, History, VersionFact
from pipeline.plan.model import Uppdrag
from pipeline.plan.reading import read_file
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp


def history_of_plan(tools: Tools, conn: Connection, plan_id: str) -> History:
    """The plan's versions and events, with what was recorded on the orders it answers, and every order's arrival."""
    found = sa.select(t.uppdrag).where(_of_the_same_person(plan_id)).order_by(t.uppdrag.c.received_at)
    orders = conn.execute(found).all()
    answered = [row.id for row in orders if row.plan_id == plan_id]
    h, p = t.handelse.c, t.plan.c
    kommun = sa.select(p.kommun_kod).where(p.plan_id == plan_id).scalar_subquery()
    person = sa.select(p.person_key).where(p.plan_id == plan_id).scalar_subquery()
    own = (h.plan_id == plan_id, h.uppdrag_id.in_(answered), _changes(kommun, person))
    events = _recorded(conn, sa.or_(*own))
    return History(version_facts(conn, plan_id), (*_arrivals(orders), *_events(tools, events)))


def changes_of_protection(tools: Tools, conn: Connection, kommun_kod: str, person_key: bytes) -> tuple[Event, ...]:
    """Every change of protection recorded on any plan or order of that person in that municipality."""
    return _events(tools, _recorded(conn, _changes(kommun_kod, person_key)))


def _changes(
    kommun_kod: str | sa.ScalarSelect[str], person_key: bytes | sa.ScalarSelect[bytes]
) -> sa.ColumnElement[bool]:
    """A protection is the person's: what is recorded on one plan holds for the others."""
    h, p, c = t.handelse.c, t.plan.c, t.uppdrag.c
    plans = sa.select(p.plan_id).where(p.kommun_kod == kommun_kod, p.person_key == person_key)
    orders = sa.select(c.id).where(c.kommun_kod == kommun_kod, c.person_key == person_key)
    return sa.and_(h.slag == "skydd_andrat", sa.or_(h.plan_id.in_(plans), h.uppdrag_id.in_(orders)))


def version_facts(conn: Connection, plan_id: str) -> tuple[VersionFact, ...]:
    """The plan's versions, oldest first, with the days of their lives."""
    return tuple(_fact(conn, v) for v in rows.versions(conn, plan_id))


def _of_the_same_person(plan_id: str) -> sa.ColumnElement[bool]:
    """The orders a plan answers, and others of its person in its municipality that no plan answers yet."""
    c, p = t.uppdrag.c, t.plan.c
    person = sa.select(p.person_key).where(p.plan_id == plan_id).scalar_subquery()
    kommun = sa.select(p.kommun_kod).where(p.plan_id == plan_id).scalar_subquery()
    return sa.or_(c.plan_id == plan_id, sa.and_(c.plan_id.is_(None), c.person_key == person, c.kommun_kod == kommun))


def history_of_order(tools: Tools, conn: Connection, row: Row[tuple[object, ...]]) -> History:
    """The arrival of an order that no plan answers yet, and what was recorded on it and on those it replaced."""
    c = t.uppdrag.c
    same = sa.select(t.uppdrag).where(c.kommun_kod == row.kommun_kod, c.beslut_id == row.beslut_id)
    orders = conn.execute(same.order_by(c.received_at)).all()
    own = t.handelse.c.uppdrag_id.in_([order.id for order in orders])
    events = _recorded(conn, sa.or_(own, _changes(row.kommun_kod, row.person_key)))
    return History((), (*_arrivals(orders), *_events(tools, events)))


def _recorded(conn: Connection, where: sa.ColumnElement[bool]) -> Sequence[Row[tuple[object, ...]]]:
    c = t.handelse.c
    return conn.execute(sa.select(t.handelse).where(where).order_by(c.datum, c.recorded_at)).all()


def _arrivals(orders: Iterable[Row[tuple[object, ...]]]) -> tuple[Event, ...]:
    """An order's arrival counts as an event: a new decision calls for a follow-up at once (S1.10, S2.10)."""
    return tuple(
        Event(
            "bestallning_mottagen",
            swedish_date(parse_stamp(row.received_at)),
            None,
            {"beslut_id": row.beslut_id},
        )
        for row in orders
    )


def _fact(conn: Connection, v: VersionRow) -> VersionFact:
    def day(value: str | None) -> date | None:
        return None if value is None else swedish_date(parse_stamp(value))

    accepted = swedish_date(parse_stamp(v.accepted_at))
    answered = decided(conn, v.intake_id)
    gaps = [f for f in answered.findings if f.level is Level.GAP and f.source != "P"] if answered else []
    return VersionFact(
        version=v.version,
        beslut_id=v.beslut_id,
        accepted=accepted,
        sealed=day(v.sealed_at),
        adopted=day(v.adopted_at),
        withdrawn=v.state == "withdrawn",
        thin=bool(gaps),
    )


def _events(tools: Tools, found: Iterable[Row[tuple[object, ...]]]) -> tuple[Event, ...]:
    return tuple(_event(row, event_content(tools, row)) for row in found)


def _event(row: Row[tuple[object, ...]], content: Mapping[str, object]) -> Event:
    told, beslut_id = content.get("uppgifter"), content.get("beslut_id")
    particulars = told if isinstance(told, dict) else {}
    day = date.fromisoformat(row.datum)
    return Event(row.slag, day, row.version, particulars, beslut_id if isinstance(beslut_id, str) else None)


def event_content(tools: Tools, row: Row[tuple[object, ...]]) -> dict[str, object]:
    """The event as it was recorded."""
    return tools.open(row.plan_id or row.uppdrag_id, "handelse.content", row.content_enc)


def waiting_orders(conn: Connection) -> tuple[Row[tuple[object, ...]], ...]:
    """The orders that no plan answers: none has come, or what came was withdrawn and one is wanted still."""
    c, v = t.uppdrag.c, t.version.c
    living = sa.exists().where(v.plan_id == c.plan_id, v.state.not_in(("withdrawn", "erased")))
    over = sa.exists().where(v.plan_id == c.plan_id, sa.or_(v.state == "erased", v.end_reason.in_(NOTHING_WANTED)))
    unanswered = sa.or_(c.plan_id.is_(None), sa.and_(~living, ~over))
    query = sa.select(t.uppdrag).where(unanswered, c.replaced_by.is_(None)).order_by(c.received_at)
    return tuple(conn.execute(query))


def order_content(tools: Tools, row: Row[tuple[object, ...]]) -> Uppdrag:
    """The order as it was accepted."""
    content = json.dumps(tools.open(row.id, "uppdrag.content", row.content_enc), ensure_ascii=False).encode()
    value = read_file(content).value
    if not isinstance(value, Uppdrag):
        raise TypeError("the row holds no order")
    return value


def order_row(conn: Connection, order_id: str) -> Row[tuple[object, ...]]:
    """The order's row; raises `LookupError` when there is none."""
    found = conn.execute(sa.select(t.uppdrag).where(t.uppdrag.c.id == order_id)).first()
    if found is None:
        raise LookupError(order_id)
    return found


def owner_of(conn: Connection, intake_id: str) -> str | None:
    """The plan or order that a file became, or that its event is about; None for one that was rejected."""
    version = conn.execute(sa.select(t.version.c.plan_id).where(t.version.c.intake_id == intake_id)).scalar()
    order = conn.execute(sa.select(t.uppdrag.c.id).where(t.uppdrag.c.intake_id == intake_id)).scalar()
    e = t.handelse.c
    event = conn.execute(sa.select(e.plan_id, e.uppdrag_id).where(e.intake_id == intake_id)).first()
    return version or order or ((event.plan_id or event.uppdrag_id) if event else None)


def plan_of_order(conn: Connection, order_id: str) -> str | None:
    """The plan that answers the order, if it has come."""
    return conn.execute(sa.select(t.uppdrag.c.plan_id).where(t.uppdrag.c.id == order_id)).scalar()


def plans_of_decision(conn: Connection, beslut_id: str) -> tuple[str, ...]:
    """The plans whose latest word on their decision is `beslut_id`."""
    c = t.version.c
    query = sa.select(c.plan_id).where(c.beslut_id == beslut_id).distinct().order_by(c.plan_id)
    return tuple(conn.execute(query).scalars())


def decisions_of_plan(conn: Connection, plan_id: str) -> frozenset[str]:
    """The decisions that the plan's versions answer, or that orders of the same person have brought."""
    answered = conn.execute(sa.select(t.version.c.beslut_id).where(t.version.c.plan_id == plan_id)).scalars()
    ordered = conn.execute(sa.select(t.uppdrag.c.beslut_id).where(_of_the_same_person(plan_id))).scalars()
    return frozenset([*answered, *ordered])


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
