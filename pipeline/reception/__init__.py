"""What becomes of a file: accepted, duplicate or rejected, decided and committed in one transaction.

The drop folder, `process` and `record` all end here. The same intake id asked again (after a crash) is answered with
what was decided the first time.
"""

import hashlib
from collections.abc import Iterable

from sqlalchemy.engine import Connection

from pipeline.casework import papers
from pipeline.casework.receipts import Receipt, decided
from pipeline.casework.tools import Tools
from pipeline.plan.findings import Finding, Level
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.reading import DroppedFile, Unreadable, read_file
from pipeline.reception.drop import Drop, Rejected, answer
from pipeline.reception.events import Event, receive_event, record_event
from pipeline.reception.orders import receive_order
from pipeline.reception.plans import receive_plan
from pipeline.store import trail

__all__ = ["Event", "receive", "record_event"]


def receive(tools: Tools, data: bytes, intake_id: str, *, confirm_person: bool = False) -> Receipt:
    """Decide about a file's bytes and commit the decision. Raises `EnvironmentFailed` when it cannot be kept."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        dropped = read_file(data)
    except Unreadable as error:
        return _reject(tools, Drop(intake_id, sha256, "unreadable", b""), error.findings)
    plan = dropped.value
    letters = papers.unprintable(tools, plan) if isinstance(plan, Genomforandeplan) else ()
    drop = Drop(intake_id, sha256, str(dropped.kind), dropped.content, letters)
    try:
        with tools.db.write() as conn:
            return decided(conn, intake_id) or _decide(conn, tools, drop, dropped, confirm_person=confirm_person)
    except Rejected as refusal:
        return _reject(tools, drop, refusal.findings, refusal.plan_id)


def _decide(conn: Connection, tools: Tools, drop: Drop, dropped: DroppedFile, *, confirm_person: bool) -> Receipt:
    match dropped.value:
        case Genomforandeplan() as plan:
            return receive_plan(conn, tools, drop, plan, confirm_person=confirm_person)
        case Uppdrag() as order:
            return receive_order(conn, tools, drop, order)
        case Handelse() as event:
            return receive_event(conn, tools, drop, event)


def _reject(tools: Tools, drop: Drop, findings: Iterable[Finding], plan_id: str | None = None) -> Receipt:
    receipt = Receipt("rejected", plan_id, None, drop.intake_id, tuple(findings))
    first = next(f.code for f in receipt.findings if f.level is Level.STOP)
    with tools.db.write() as conn:
        known = decided(conn, drop.intake_id)
        if known is not None:
            return known
        facts = {"intake_id": drop.intake_id, "sha256": drop.sha256, "code": first, "plan_id": plan_id}
        trail.append(conn, "rejected", facts, tools.now())
        return answer(conn, tools, drop, receipt)
