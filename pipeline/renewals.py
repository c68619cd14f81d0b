"""What time alone does to proof: an archive time stamp ends, and must be renewed before it does.

Looked for now and then by the daemon, and by the command `renew`. Each renewal is a step of its plan, which waits and
is tried again when the time-stamp server does not answer (RFC 4998 1.1; ETSI EN 319 142-1 5.5: a new document time
stamp over everything before it, while that can still be shown to be good).
"""

import logging

from sqlalchemy.engine import Connection

from pipeline.casework import sealing
from pipeline.casework.moves import go
from pipeline.casework.sealing import Renewal
from pipeline.casework.tools import Tools
from pipeline.errors import PlansigillError
from pipeline.store import rows
from pipeline.store.rows import VersionRow

log = logging.getLogger(__name__)


def renew_due(tools: Tools) -> tuple[Renewal, ...]:
    """Insert the step of every version whose file must be renewed by today; those versions."""
    _judge_old(tools)
    with tools.db.read() as conn:
        found = tuple(r for r in _renewals(tools, conn, None) if r.due <= tools.today())
    ask(tools, found)
    return found


def renewals(tools: Tools, plan_id: str | None = None) -> tuple[Renewal, ...]:
    """When each sealed version (of a plan) has to be renewed, the first due first."""
    _judge_old(tools)
    with tools.db.read() as conn:
        return tuple(sorted(_renewals(tools, conn, plan_id), key=lambda r: (r.due, r.version.plan_id)))


def ask(tools: Tools, found: tuple[Renewal, ...]) -> None:
    """Insert the steps; asking twice for the same file is asking once."""
    for each in found:
        with tools.db.write() as conn:
            go(conn, tools, each.version, "renew", of=each.file.sha256)


def _renewals(tools: Tools, conn: Connection, plan_id: str | None) -> list[Renewal]:
    found = [sealing.renewal(tools, conn, v) for v in _versions(conn, plan_id)]
    return [each for each in found if each is not None]


def _versions(conn: Connection, plan_id: str | None) -> list[VersionRow]:
    plans = rows.plan_ids(conn) if plan_id is None else (plan_id,)
    return [v for each in plans for v in rows.versions(conn, each) if v.archived_at and v.state != "erased"]


def _judge_old(tools: Tools) -> None:
    """Files sealed before that was noted are judged once; one that cannot be judged valid is told of at each look."""
    with tools.db.read() as conn:
        issued = [(v, rows.newest_issued(conn, v)) for v in _versions(conn, None)]
    for v, file in issued:
        if file is not None and file.holds_until is None:
            try:
                sealing.judge_old(tools, v, file)
            except PlansigillError as error:
                told = {"plan_id": v.plan_id, "version": v.version, "code": error.code}
                log.warning("renewal.not_judged %s", told)
