"""An order: it opens the deadlines of a plan that has not come."""

import hashlib
import json

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import histories
from pipeline.casework.around import About
from pipeline.casework.moves import ask
from pipeline.casework.receipts import Receipt, stop
from pipeline.casework.tools import Tools
from pipeline.plan.check import check
from pipeline.plan.findings import Level
from pipeline.plan.model import Uppdrag
from pipeline.reception.drop import Drop, Rejected, answer, duplicate, first_receipt, not_protected, person_key
from pipeline.store import tables as t
from pipeline.store import trail
from pipeline.store.tables import stamp


def receive_order(conn: Connection, tools: Tools, drop: Drop, order: Uppdrag) -> Receipt:
    """Take an order, or a new word on one that has not changed hands. Raises `Rejected`."""
    if order.profil not in tools.profiles:
        raise Rejected(stop("okand_profil", "profil"))
    findings = check(order, tools.profiles[order.profil], tools.today())
    if any(f.level is Level.STOP for f in findings):
        raise Rejected(*findings)
    if not_protected(conn, tools, order):
        raise Rejected(stop("skydd_galler", "brukare.skydd"))
    c = t.uppdrag.c
    same = (c.kommun_kod == order.kommun.kod, c.beslut_id == order.uppdrag.beslut_id, c.replaced_by.is_(None))
    earlier = conn.execute(sa.select(t.uppdrag).where(*same)).first()
    sha256 = hashlib.sha256(drop.content).hexdigest()
    if earlier is not None and earlier.content_sha256 == sha256:
        return duplicate(conn, tools, drop, first_receipt(conn, earlier.intake_id))
    plan_id = (
        earlier.plan_id if earlier else histories.plan_of_decision(conn, order.kommun.kod, order.uppdrag.beslut_id)
    )
    receipt = answer(conn, tools, drop, Receipt("accepted", plan_id, None, drop.intake_id, findings))
    order_id = f"uppdrag-{drop.intake_id}"
    if earlier is not None:
        conn.execute(t.uppdrag.update().where(c.id == earlier.id).values(replaced_by=order_id))
    conn.execute(
        t.uppdrag.insert().values(
            id=order_id,
            kommun_kod=order.kommun.kod,
            beslut_id=order.uppdrag.beslut_id,
            person_key=person_key(tools, order),
            profil=order.profil,
            intake_id=drop.intake_id,
            content_sha256=sha256,
            content_enc=tools.seal(order_id, "uppdrag.content", json.loads(drop.content)),
            received_at=stamp(tools.now()),
            plan_id=plan_id,
        )
    )
    facts: dict[str, trail.Fact] = {"uppdrag_id": order_id, "plan_id": plan_id, "intake_id": drop.intake_id}
    facts |= {"content_sha256": sha256, "profil": order.profil, "kommun_kod": order.kommun.kod}
    trail.append(conn, "order_received", facts | {"test": tools.settings.test}, tools.now())
    about = About(order_id, order.profil, order.verksamhetsomrade)
    ask(conn, tools, about, "uppdrag_mottaget", cause=order_id)
    return receipt
