"""What time alone brings about: a deadline comes near or passes, and the routine wants a document of it.

Looked for now and then by the daemon; each deadline asks once when it is near and once when it has passed.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy.engine import Connection

from pipeline.casework import histories
from pipeline.casework.around import About, Asked, about_version, wanted
from pipeline.casework.moves import ask_for
from pipeline.casework.tools import Tools
from pipeline.documents.kinds import kind
from pipeline.plan.deadlines import Deadline, Status, deadlines
from pipeline.standing import at_hand, plan_deadlines
from pipeline.store import rows


def remind(tools: Tools) -> int:
    """Ask for the documents of every deadline that is near or late; how many deadlines those are."""
    found = 0
    with tools.db.read() as conn:
        standing = list(_standing(tools, conn))
    for about, due in standing:
        for deadline in due:
            asked = tuple(_asked(tools, about, deadline))
            found += bool(asked)
            for each in asked:
                with tools.db.write() as conn:
                    ask_for(conn, tools, about, each)
    return found


def _standing(tools: Tools, conn: Connection) -> Iterator[tuple[About, tuple[Deadline, ...]]]:
    """The deadlines of every plan that has not ended and of every order without a plan."""
    for plan_id in rows.plan_ids(conn):
        v = at_hand(conn, plan_id)
        if v is not None:
            yield about_version(v), plan_deadlines(tools, conn, v)
    for row in histories.waiting_orders(conn):
        order = histories.order_content(tools, row)
        history = histories.history_of_order(tools, conn, row)
        due = deadlines(order, tools.profile(row.profil), tools.today(), history)
        yield About(row.id, row.profil, order.verksamhetsomrade), due


def _asked(tools: Tools, about: About, deadline: Deadline) -> Iterator[Asked]:
    if deadline.due is None:
        return
    for slag in wanted(tools.profile(about.profil), about.omrade, f"frist:{deadline.code}"):
        stage = _stage(deadline.status, deadline.due, tools.today(), kind(slag).dagar_fore)
        if stage is not None:
            cause = f"{deadline.code}:{deadline.due.isoformat()}:{stage}"
            yield Asked(slag, cause, tools.today(), frist=deadline.code, vid=f"frist:{deadline.code}")


def _stage(status: Status, due: date, today: date, days_before: int) -> str | None:
    if status is Status.LATE:
        return "forsenad"
    near = status is Status.OPEN and due - today <= timedelta(days=days_before)
    return "nara" if near else None
