"""Who can be found by name: the rows that follow a person's protection. What is archived is never touched."""

from collections.abc import Iterable
from typing import NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework.histories import changes_of_protection, order_content, order_row
from pipeline.casework.tools import Tools, swedish_date
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.protection import NONE, guarded, guarded_order, is_protected, latest_change
from pipeline.store import index, rows
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp


def write_names(conn: Connection, tools: Tools, plan_id: str, names: Iterable[str | None], *, protected: bool) -> None:
    """The look-up hashes of the plan's person, in place of those before; none for a protected person."""
    conn.execute(t.name_key.delete().where(t.name_key.c.plan_id == plan_id))
    for key in index.name_keys(tools.keys.lookup, names, protected=protected):
        conn.execute(t.name_key.insert().values(plan_id=plan_id, token_key=key))


def has_been_protected(conn: Connection, tools: Tools, kommun_kod: str, person_key: bytes) -> bool:
    """Whether the latest change recorded on the person gave a protection, which a file may not do without."""
    change = latest_change(changes_of_protection(tools, conn, kommun_kod, person_key))
    return change is not None and change.uppgifter.get("skydd") != NONE


class Concerned(NamedTuple):
    """What a change of protection concerns: the newest version of each plan of the person, and every order.

    Their copies in outbox say too much now, or may lie there again.
    """

    versions: tuple[VersionRow, ...]
    orders: tuple[str, ...]


def settle(conn: Connection, tools: Tools, plan_id: str | None, order_id: str | None) -> Concerned:
    """A change has been recorded on the plan or order: every plan of that person is protected, or no longer is."""
    settled = []
    source, this = (t.plan, t.plan.c.plan_id == plan_id) if plan_id else (t.uppdrag, t.uppdrag.c.id == order_id)
    kommun_kod, person_key = conn.execute(sa.select(source.c.kommun_kod, source.c.person_key).where(this)).one()
    changes = changes_of_protection(tools, conn, kommun_kod, bytes(person_key))
    same = (t.plan.c.kommun_kod == kommun_kod, t.plan.c.person_key == person_key)
    for plan in conn.execute(sa.select(t.plan).where(*same)).all():
        v = rows.latest_version(conn, plan.plan_id)
        if v is None:
            continue
        accepted = swedish_date(parse_stamp(v.accepted_at))
        protected = is_protected(tools.plan_of(conn, v).brukare.skydd, accepted, changes)
        conn.execute(t.plan.update().where(t.plan.c.plan_id == plan.plan_id).values(protected=protected))
        settled.append(v)
        names = tools.open(plan.plan_id, "plan.personal", plan.personal_enc)["namn"]
        write_names(conn, tools, plan.plan_id, cast(list[str | None], names), protected=protected)
    c = t.uppdrag.c
    orders = conn.execute(sa.select(c.id).where(c.kommun_kod == kommun_kod, c.person_key == person_key)).scalars()
    return Concerned(tuple(settled), tuple(orders))


def person_is_protected(conn: Connection, v: VersionRow) -> bool:
    """Whether the version's person is protected now, by what the file says or by what was recorded since."""
    return bool(conn.execute(sa.select(t.plan.c.protected).where(t.plan.c.plan_id == v.plan_id)).scalar())


def says_too_much(tools: Tools, conn: Connection, v: VersionRow) -> bool:
    """Whether the person is protected by what was recorded since the version was sent, which is open itself."""
    return person_is_protected(conn, v) and tools.plan_of(conn, v).brukare.skydd == NONE


def shown_plan(tools: Tools, conn: Connection, v: VersionRow) -> Genomforandeplan:
    """The version's content as it may be shown now; what is signed and archived is never touched by this."""
    plan = tools.plan_of(conn, v)
    return guarded(plan) if says_too_much(tools, conn, v) else plan


def order_says_too_much(tools: Tools, conn: Connection, order_id: str) -> bool:
    """The same of an order: it is open, and its person has been protected since."""
    row = order_row(conn, order_id)
    changes = changes_of_protection(tools, conn, row.kommun_kod, bytes(row.person_key))
    if not is_protected(NONE, swedish_date(parse_stamp(row.received_at)), changes):
        return False
    return order_content(tools, row).brukare.skydd == NONE


def shown_order(tools: Tools, conn: Connection, order_id: str) -> Uppdrag:
    """The order as it may be shown now."""
    order = order_content(tools, order_row(conn, order_id))
    return guarded_order(order) if order_says_too_much(tools, conn, order_id) else order
