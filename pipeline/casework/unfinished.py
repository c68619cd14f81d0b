"""A case that nobody finishes: people are told of it now and then, and it ends when it has waited too long.

Both are steps that lie ahead from the moment a document is ready to sign, and find out for themselves whether they are
still called for. Nobody sleeps, and nobody has to look through all cases.
"""

import logging
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.engine import Connection

from pipeline.casework import patience
from pipeline.casework.around import Asked, about_version, wanted
from pipeline.casework.endings import end
from pipeline.casework.moves import ask_for, go, note, version_of
from pipeline.casework.receipts import EXPIRED
from pipeline.casework.tools import Tools
from pipeline.engine.step import Step
from pipeline.engine.worker import Effect
from pipeline.store.rows import VersionRow

CAUSE = "underskrift_vantar"
_AGAIN = timedelta(hours=1)
log = logging.getLogger(__name__)


def wait(conn: Connection, tools: Tools, v: VersionRow) -> None:
    """The version waits for signatures from now on, in the transaction that made it so."""
    now = tools.now()
    go(conn, tools, v, "remind", due=patience.reminder(tools, now, 1), of="1")
    go(conn, tools, v, "expire", due=patience.last_moment(tools, now), of="1")


def remind(tools: Tools, step: Step) -> Effect:
    """The case still waits -> a paper that tells whoever can finish it, and the next time."""
    v, ready = _look(tools, step)
    if ready is None:
        return lambda _conn: None
    number = int(cast(str, step.payload["of"]))

    def effect(conn: Connection) -> None:
        _tell(conn, tools, v, f"{CAUSE}:v{v.version}:e{v.edition}:{number}")
        note(conn, tools, v, "reminded", edition=v.edition, number=number)
        missed = (tools.now() - ready).days // tools.settings.case.remind_days
        following = max(number, missed) + 1  # what a machine that stood still has missed is told once
        go(conn, tools, v, "remind", due=patience.reminder(tools, ready, following), of=str(following))

    return effect


def expire(tools: Tools, step: Step) -> Effect:
    """The case has waited for as long as it may -> the version is withdrawn, and people are told."""
    v, ready = _look(tools, step)
    if ready is None:
        return lambda _conn: None
    last, sure = patience.last_moment(tools, ready), _is_sure_of_the_time(tools)

    def effect(conn: Connection) -> None:
        now = tools.now()
        if last > now or not sure:  # the municipality has given its cases more time meanwhile, or nobody knows
            due = last if last > now else now + _AGAIN
            go(conn, tools, v, "expire", due=due, of=due.isoformat())
            return
        end(conn, tools, v, "withdrawn", EXPIRED)
        _tell(conn, tools, v, f"{EXPIRED}:v{v.version}:e{v.edition}")

    return effect


def _look(tools: Tools, step: Step) -> tuple[VersionRow, datetime | None]:
    """The step's version, and since when it waits; None when it waits no more."""
    v = version_of(tools, step)
    with tools.db.read() as conn:
        return v, patience.waits_since(conn, v)


def _is_sure_of_the_time(tools: Tools) -> bool:
    """Whether the time-stamp server tells the time that our clock does: nothing ends by a bare clock."""
    from signatures.errors import IssuerUnavailable, TimestampUnavailable

    try:
        tools.timestamper.at(tools.now())
    except (TimestampUnavailable, IssuerUnavailable) as error:
        log.warning("expire.put_off %s", {"code": error.code})
        return False
    return True


def _tell(conn: Connection, tools: Tools, v: VersionRow, cause: str) -> None:
    about = about_version(v)
    for slag in wanted(tools.profile(about.profil), about.omrade, CAUSE):
        ask_for(conn, tools, about, Asked(slag, cause, tools.today(), frist=patience.CODE, vid=CAUSE))
