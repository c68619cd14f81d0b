"""How long a case may wait for its signatures: when its document was ready, and the last day it can be signed."""

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from pipeline.casework.receipts import EXPIRED
from pipeline.casework.tools import Tools, swedish_date
from pipeline.plan.deadlines import Deadline, Status
from pipeline.store import rows
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp
from pipeline.texts import text

CODE = "underskrift"


def reminder(tools: Tools, ready: datetime, number: int) -> datetime:
    """When people are told, for the time of that `number` (1, 2, …), that the case still waits."""
    return ready + number * timedelta(days=tools.settings.case.remind_days)


def last_moment(tools: Tools, ready: datetime) -> datetime:
    """Until when a document that was ready to sign then may wait."""
    return ready + timedelta(days=tools.settings.case.expire_days)


def waits_since(conn: Connection, v: VersionRow) -> datetime | None:
    """Since when the version's present edition has waited for a signature; None when nobody has to sign it."""
    open_slots = [slot for slot in rows.slots_of(conn, v) if slot.outcome is None]
    ready = rows.edition_made(conn, v) if v.state == "awaiting_signatures" and open_slots else None
    return parse_stamp(ready) if ready else None


def _planned(conn: Connection, v: VersionRow) -> list[datetime]:
    """When the case is to end as it was planned; a shorter time set since does not touch what waits already."""
    waiting = rows.waiting_steps(conn, v.plan_id)
    return [parse_stamp(str(step["due"])) for step in waiting if step["kind"] == "expire"]


def deadline(tools: Tools, conn: Connection, v: VersionRow) -> Deadline | None:
    """The last day of a case that waits, or that has ended because it waited too long."""
    made = rows.edition_made(conn, v)
    expired = v.state == "withdrawn" and v.end_reason == EXPIRED and made is not None
    ready = parse_stamp(made) if expired and made else waits_since(conn, v)
    if ready is None:
        return None
    due = swedish_date(max([last_moment(tools, ready), *_planned(conn, v)]))
    status = Status.LATE if expired or due < tools.today() else Status.OPEN
    note = text("frist.har_forfallit" if expired else "frist.forfaller_annars").sv
    return Deadline(CODE, swedish_date(ready), due, status, note, "P", v.version)
