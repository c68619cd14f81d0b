"""How a version ends without going on: superseded, withdrawn by a person, or withdrawn because nobody finished it."""

from sqlalchemy.engine import Connection

from pipeline.casework.moves import go, note
from pipeline.casework.tools import Tools
from pipeline.engine.claims import cancel
from pipeline.store import rows
from pipeline.store.rows import VersionRow
from pipeline.store.tables import stamp

PATIENCE = ("remind", "expire")
"""The steps that wait with a case for its signatures."""

WORK = ("render", "prepare", "sign", "seal", *PATIENCE)
"""The steps of a version that is on its way; they are cancelled when it is superseded, waived anew or withdrawn."""


def end(conn: Connection, tools: Tools, v: VersionRow, state: str, reason: str) -> None:
    """The version ends as `state`, superseded or withdrawn. Its waiting steps are cancelled."""
    if v.state in rows.OPEN_STATES:
        cancel(conn, v.plan_id, tools.now(), WORK)
    rows.update_version(conn, v, state=state, ended_at=stamp(tools.now()), end_reason=reason)
    note(conn, tools, v, state, **({"reason": reason} if state == "withdrawn" else {"superseded_by": int(reason)}))
    go(conn, tools, v, "preserve")
