"""The moves that the story is told in: a next step, a document asked for, an entry in the trail.

Each is made in the transaction of the fact that calls for it, whoever commits that fact.
"""

from dataclasses import asdict
from datetime import datetime
from typing import cast

from sqlalchemy.engine import Connection

from pipeline.casework.around import About, Asked, wanted
from pipeline.casework.tools import Tools
from pipeline.engine.claims import enqueue
from pipeline.engine.step import NewStep, Step
from pipeline.errors import unknown_plan
from pipeline.store import rows, trail
from pipeline.store.rows import NewFile, VersionRow


def go(
    conn: Connection, tools: Tools, v: VersionRow, kind: str, *, due: datetime | None = None, **payload: object
) -> None:
    """Insert the version's next step, in the transaction of whatever calls for it; without `due`, it is so at once."""
    now = tools.now()
    of = payload.get("evidence") or payload.get("of") or ""
    again = trail.size(conn) if kind in {"preserve", "outbox", "hand_over"} else of
    key = f"{v.plan_id}:v{v.version}:e{v.edition}:{kind}:{again}"
    enqueue(conn, NewStep(key, kind, v.plan_id, {"version": v.version, "edition": v.edition} | payload, due), now)


def version_of(tools: Tools, step: Step) -> VersionRow:
    """The version that a step is about. Raises `Refused` ``okand_plan`` when there is none."""
    with tools.db.read() as conn:
        found = rows.version_row(conn, step.plan_id, cast(int, step.payload["version"]))
    if found is None:
        raise unknown_plan(step.plan_id)
    return found


def refresh_order(conn: Connection, tools: Tools, order_id: str) -> None:
    """Insert the step that makes outbox hold what it shall of an order, in the transaction of what changed that."""
    key = f"{order_id}:outbox:{trail.size(conn)}"
    enqueue(conn, NewStep(key, "outbox", order_id, {"uppdrag": True}), tools.now())


def ask(conn: Connection, tools: Tools, about: About, vid: str, *, cause: str, event: str | None = None) -> None:
    """Ask for the documents that the routine wants when `vid` has happened, in the transaction of the fact."""
    for slag in wanted(tools.profile(about.profil), about.omrade, vid):
        asked = Asked(slag, cause, tools.today(), event, vid=vid)
        ask_for(conn, tools, about, asked)


def ask_for(conn: Connection, tools: Tools, about: About, asked: Asked) -> None:
    """Insert the step that makes one document; asking twice for the same cause is asking once."""
    payload = asdict(about) | asked.payload()
    key = f"{about.owner}:paper:{asked.slag}:{asked.cause}"
    enqueue(conn, NewStep(key, "paper", about.owner + rows.PAPERS, payload), tools.now())


def note(conn: Connection, tools: Tools, v: VersionRow, type_: str, **facts: trail.Fact) -> None:
    """One trail entry about the version, in the transaction of the fact."""
    told: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version}
    trail.append(conn, type_, told | facts, tools.now())


def facts_of(new: NewFile) -> dict[str, trail.Fact]:
    """What the trail says of a file: where it belongs and its hashes."""
    names = ("edition", "revision", "kind", "sha256", "sha512")
    return {name: getattr(new, name) for name in names}
