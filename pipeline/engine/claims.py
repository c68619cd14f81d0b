"""The step table's moves: enqueue, claim, finish, retry, fail, cancel.

**A plan is an ordered queue.** At most one row of a plan is `running` at any time, and a step is claimed only when no
earlier step of its plan (lower `id`) is due or is waiting to be tried again. A step whose first due time lies ahead (a
reminder) holds nobody up. A `failed` step was answered and holds nobody up either: whoever fails it says in the same
transaction what becomes of the rest (`cancel`, or nothing).

**Exactly one effect.** Every claim raises the row's `fence`. `finish` and `fail` run in the transaction of the effect
and raise `Lost` unless the row still runs under the step's own fence; so a process that slept past its lease, or whose
step was cancelled, rolls back. A lease that ran out but that nobody has taken over still finishes.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from pipeline.engine.owner import host, is_dead
from pipeline.engine.step import LONGEST_WAIT, Claimant, Lost, NewStep, Step, backoff
from pipeline.store.db import Database
from pipeline.store.tables import stamp
from pipeline.store.tables import step as steps

_ROW = steps.c


def enqueue(conn: sa.Connection, new: NewStep, now: datetime) -> bool:
    """Add a step in the caller's transaction; False when a step with its key is or was there already."""
    values = {
        "key": new.key,
        "kind": new.kind,
        "plan_id": new.plan_id,
        "payload": json.dumps(new.payload, ensure_ascii=False, sort_keys=True),
        "state": "ready",
        "due": stamp(new.due or now),
        "created_at": stamp(now),
    }
    return conn.execute(insert(steps).values(values).on_conflict_do_nothing()).rowcount == 1


def claim(db: Database, who: Claimant, now: datetime, plan_id: str | None = None) -> Step | None:
    """Take the first step that may run now (of `plan_id`, when given), or None.

    The look before the write transaction keeps idle workers from queueing for the database's one write lock.
    """
    query = _claimable(now, plan_id, who.kinds)
    with db.read() as conn:
        if conn.scalar(query) is None:
            return None
    with db.write() as conn:
        row_id = conn.scalar(query)
        return None if row_id is None else _take(conn, row_id, who, now)


def _take(conn: sa.Connection, row_id: int, who: Claimant, now: datetime) -> Step:
    held = {"state": "running", "owner": who.owner, "lease_until": stamp(now + who.lease)}
    counted = {"fence": _ROW.fence + 1, "attempts": _ROW.attempts + 1}
    columns = (_ROW.id, _ROW.key, _ROW.kind, _ROW.plan_id, _ROW.payload, _ROW.fence, _ROW.attempts)
    row = conn.execute(sa.update(steps).where(_ROW.id == row_id).values(**held, **counted).returning(*columns)).one()
    return Step(row.id, row.key, row.kind, row.plan_id, json.loads(row.payload), row.fence, row.attempts)


def _claimable(now: datetime, plan_id: str | None, kinds: Collection[str] | None) -> sa.Select[int]:
    moment, other = stamp(now), steps.alias("other")
    ahead = sa.and_(other.c.id < _ROW.id, other.c.state == "ready", sa.or_(other.c.due <= moment, other.c.attempts > 0))
    held = sa.exists().where(
        other.c.plan_id == _ROW.plan_id, other.c.id != _ROW.id, sa.or_(other.c.state == "running", ahead)
    )
    fresh = sa.and_(_ROW.state == "ready", _is_due(now), sa.not_(held))
    abandoned = sa.and_(_ROW.state == "running", _ROW.lease_until <= moment)
    query = sa.select(_ROW.id).where(sa.or_(fresh, abandoned)).order_by(_ROW.due, _ROW.id).limit(1)
    if plan_id is not None:
        query = query.where(_ROW.plan_id == plan_id)
    return query if kinds is None else query.where(_ROW.kind.in_(sorted(kinds)))


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Whether the time of a ready step has come; of one to be tried again it also has when a clock that ran ahead has
    put it farther off than anything is put."""
    lost = sa.and_(_ROW.attempts > 0, _ROW.due > stamp(now + LONGEST_WAIT))
    return sa.or_(_ROW.due <= stamp(now), lost)


def finish(conn: sa.Connection, step: Step, now: datetime) -> None:
    """Mark `step` done in the transaction of its effect; raises `Lost` when it is no longer ours."""
    _leave(conn, step, state="done", done_at=stamp(now), error_code=None)


def fail(conn: sa.Connection, step: Step, code: str, now: datetime) -> None:
    """Mark `step` failed for its input's reasons, in the transaction that answers; raises `Lost`."""
    _leave(conn, step, state="failed", done_at=stamp(now), error_code=code)


def retry(db: Database, step: Step, code: str, now: datetime) -> datetime:
    """Put `step` back after a fault of ours, for ever; the moment it is due again. Raises `Lost`."""
    due = now + backoff(step.attempts)
    with db.write() as conn:
        _leave(conn, step, state="ready", due=stamp(due), error_code=code)
    return due


def _leave(conn: sa.Connection, step: Step, **values: object) -> None:
    if conn.execute(_mine(step).values(lease_until=None, owner=None, **values)).rowcount != 1:
        raise Lost


def _mine(step: Step) -> sa.Update:
    return sa.update(steps).where(_ROW.id == step.id, _ROW.state == "running", _ROW.fence == step.fence)


def renew(db: Database, step: Step, *, now: datetime, lease: timedelta) -> bool:
    """Hold on to a running `step` for another `lease`; False when it is no longer ours."""
    with db.write() as conn:
        return conn.execute(_mine(step).values(lease_until=stamp(now + lease))).rowcount == 1


def cancel(conn: sa.Connection, plan_id: str, now: datetime, kinds: Collection[str] | None = None) -> int:
    """Cancel the steps of a plan that have not ended, the running one among them; how many there were."""
    query = sa.update(steps).where(_ROW.plan_id == plan_id, _ROW.state.in_(("ready", "running")))
    if kinds is not None:
        query = query.where(_ROW.kind.in_(sorted(kinds)))
    return conn.execute(query.values(state="cancelled", done_at=stamp(now), lease_until=None, owner=None)).rowcount


def hurry(db: Database, plan_id: str, now: datetime) -> None:
    """Let the steps of a plan that wait to be tried again be tried now: someone asked."""
    waiting = (_ROW.plan_id == plan_id, _ROW.state == "ready", _ROW.attempts > 0, _ROW.due > stamp(now))
    with db.write() as conn:
        conn.execute(sa.update(steps).where(*waiting).values(due=stamp(now)))


def is_at_rest(db: Database, who: Claimant, now: datetime, plan_id: str | None = None) -> bool:
    """Whether, at one moment, nobody runs a step (of `plan_id`) and `who` could claim none."""
    running = sa.select(_ROW.id).where(_ROW.state == "running").limit(1)
    if plan_id is not None:
        running = running.where(_ROW.plan_id == plan_id)
    with db.read() as conn:
        return conn.scalar(running) is None and conn.scalar(_claimable(now, plan_id, who.kinds)) is None


def unrested(db: Database, plan_ids: Collection[str], now: datetime) -> frozenset[str]:
    """Those of the plans whose steps somebody runs or could run now."""
    under_way = sa.or_(_ROW.state == "running", sa.and_(_ROW.state == "ready", _is_due(now)))
    query = sa.select(_ROW.plan_id).where(_ROW.plan_id.in_(sorted(plan_ids)), under_way).distinct()
    with db.read() as conn:
        return frozenset(conn.scalars(query))


def first_put_back(db: Database, plan_id: str) -> str | None:
    """The kind of the plan's first step that waits to be tried again; None when none does."""
    waiting = (_ROW.plan_id == plan_id, _ROW.state == "ready", _ROW.attempts > 0)
    with db.read() as conn:
        return conn.scalar(sa.select(_ROW.kind).where(*waiting).order_by(_ROW.id).limit(1))


def release_dead(db: Database, now: datetime) -> int:
    """Free what processes of this host held when they died; how many steps.

    The first time such a step is due at once; one that has brought down several processes waits between them.
    """
    held = sa.select(_ROW.id, _ROW.fence, _ROW.attempts, _ROW.owner).where(
        _ROW.state == "running", _ROW.owner.startswith(f"{host()}:", autoescape=True)
    )
    with db.read() as conn:
        dead = [row for row in conn.execute(held) if is_dead(row.owner)]
    return sum(_release(db, now, row.id, row.fence, row.attempts) for row in dead)


def _release(db: Database, now: datetime, step_id: int, fence: int, attempts: int) -> int:
    due = now if attempts <= 1 else now + backoff(attempts - 1)
    still = sa.update(steps).where(_ROW.id == step_id, _ROW.state == "running", _ROW.fence == fence)
    with db.write() as conn:
        return conn.execute(still.values(state="ready", due=stamp(due), lease_until=None, owner=None)).rowcount
