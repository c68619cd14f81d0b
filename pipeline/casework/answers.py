"""Signatures that a service answers for later: asked, told of, and answered.

The step that asks ends when what was asked is kept; nothing waits. Whoever brings the answer gives it here: it is
checked against the act, the document and the person before it counts, kept with the evidence, and the step that puts
it into the file is inserted. From then on it is a signature like any other.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import cases, identification, signing
from pipeline.casework.at_service import COLUMN, AtService, is_under_way
from pipeline.casework.identification import Act
from pipeline.casework.moves import note
from pipeline.casework.signers import require_still
from pipeline.casework.signing import Later
from pipeline.casework.tools import Tools
from pipeline.engine.claims import enqueue
from pipeline.engine.step import NewStep
from pipeline.errors import Refused
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.rows import SlotRow, VersionRow
from pipeline.store.tables import parse_stamp, stamp

Json = Mapping[str, object]
NOT_THIS_ONE = "fel_bindning"
"""An answer to something else says nothing of what is asked here, which goes on waiting."""


def keep(tools: Tools, v: VersionRow, act: Act, later: Later) -> Callable[[Connection], None]:
    """Store the prepared document; the effect of the step is that the act waits for its service."""
    prepared = tools.objects.put(v.plan_id, later.prepared.to_bytes())

    def effect(conn: Connection) -> None:
        asked = tools.seal(v.plan_id, COLUMN, later.asked.to_json())
        until = stamp(later.asked.pending.expires)
        kept = t.evidence.update().where(t.evidence.c.id == act.evidence_id)
        conn.execute(kept.values(asked_enc=asked, asked_until=until, prepared_sha256=prepared.sha256))
        whose = {"role": act.role, "evidence_id": act.evidence_id, "evidence_sha256": act.proven.digest()}
        note(conn, tools, v, "signature_asked", edition=v.edition, **whose)

    return effect


def take(tools: Tools, plan_id: str, version: int | None, role: str, answer: Mapping[str, str]) -> bool:
    """Take what a service answered for the role's signature; False when no service was asked for that answer.

    Raises `Refused` when the answer does not hold: the slot is then free, unless the answer is to something else, or to
    what does not wait any more. Raises `EnvironmentFailed` when it is no answer of the service's; what is asked goes
    on waiting.
    """
    with tools.db.read() as conn:
        v = cases.open_version(conn, plan_id, version)
        act = _waiting(tools, conn, v, role)
        if act is None and _was_asked(tools, conn, plan_id, answer):
            raise Refused("svar_ej_langre")
    if act is None or act.asked is None:
        return False
    now = tools.now()
    try:
        with tools.db.read() as conn:
            _require_unchanged(tools, conn, v, act)
        signing.check_answer(tools, v, act, act.asked.answered(answer, now))
    except Refused as refused:
        if refused.code == NOT_THIS_ONE:
            raise Refused("fel_svar") from refused
        _free(tools, v, act, refused.code)
        raise
    with tools.db.write() as conn:
        _require_unchanged(tools, conn, v, act)
        _record(conn, tools, v, act, act.asked.answered(answer, now))
    return True


def give_up(tools: Tools, plan_id: str, role: str) -> None:
    """The person lets the service be: the slot is free, and no answer counts. Nothing is done when none waits."""
    with tools.db.read() as conn:
        v = cases.open_version(conn, plan_id, None)
        act = _waiting(tools, conn, v, role)
    if act is not None:
        _free(tools, v, act, "legitimering_avbruten")


def _waiting(tools: Tools, conn: Connection, v: VersionRow, role: str) -> Act | None:
    """The slot's act whose service has not answered, whether or not its time is out."""
    slot = next((s for s in rows.slots_of(conn, v) if s.role == role), None)
    if slot is None or _asked_row(conn, v, slot) is None or slot.evidence_id is None:
        return None
    return identification.load_act(tools, conn, v, role, slot.evidence_id)


def _asked_row(conn: Connection, v: VersionRow, slot: SlotRow) -> "sa.Row[Any, Any] | None":
    if slot.evidence_id is None or slot.outcome is not None or v.state not in rows.OPEN_STATES:
        return None
    c = t.evidence.c
    same = (c.id == slot.evidence_id, c.edition == v.edition, c.asked_until.is_not(None))
    return conn.execute(sa.select(c.asked_enc, c.asked_until).where(*same)).first()


def _was_asked(tools: Tools, conn: Connection, plan_id: str, answer: Mapping[str, str]) -> bool:
    """Whether the answer is to something that a service was once asked for the plan, in whatever slot or version."""
    c = t.evidence.c
    found = conn.execute(sa.select(c.asked_enc).where(c.plan_id == plan_id, c.asked_enc.is_not(None))).scalars()
    asked = (AtService.of(tools.open(plan_id, COLUMN, one)) for one in found)
    return any(one.pending.reference in answer.values() for one in asked)


def _require_unchanged(tools: Tools, conn: Connection, v: VersionRow, act: Act) -> None:
    """The case is as it was when the service was asked: this act has the slot, and the file has not grown."""
    v = cases.open_version(conn, v.plan_id, v.version)
    slot = next(s for s in rows.slots_of(conn, v) if s.role == act.role)
    current = rows.current_revision(conn, v)
    if slot.evidence_id != act.evidence_id or _asked_row(conn, v, slot) is None:
        raise Refused("legitimering_anvand")
    if current is None or current.sha256 != act.revision_sha256:
        raise Refused("fel_revision", plan_id=v.plan_id)
    require_still(tools, conn, v, act.role, act.who)
    identification.may_sign(tools, conn, v, act.role, act.who)


def _record(conn: Connection, tools: Tools, v: VersionRow, act: Act, asked: AtService) -> None:
    kept = t.evidence.update().where(t.evidence.c.id == act.evidence_id)
    conn.execute(kept.values(asked_enc=tools.seal(v.plan_id, COLUMN, asked.to_json()), asked_until=None))
    key = f"{v.plan_id}:v{v.version}:e{v.edition}:sign:{act.evidence_id}:answered"
    payload = {"version": v.version, "edition": v.edition, "role": act.role, "evidence": act.evidence_id}
    enqueue(conn, NewStep(key, "sign", v.plan_id, payload), tools.now())


def _free(tools: Tools, v: VersionRow, act: Act, code: str) -> None:
    with tools.db.write() as conn:
        slot = next(s for s in rows.slots_of(conn, v) if s.role == act.role)
        if slot.evidence_id == act.evidence_id and slot.outcome is None:
            identification.release_slot(conn, v, act.role)
            note(conn, tools, v, "step_failed", code=code)


def standing(tools: Tools, conn: Connection, v: VersionRow, slot: SlotRow) -> Json | None:
    """Where the slot's signature waits: the service, its address, and until when; None when it waits for none."""
    row = _asked_row(conn, v, slot)
    if row is None:
        return None
    asked = AtService.of(tools.open(v.plan_id, COLUMN, row.asked_enc))
    expired = parse_stamp(row.asked_until) <= tools.now()
    return {
        "service": asked.backend,
        "address": asked.pending.address,
        "expires": row.asked_until,
        "expired": expired,
    }


def form(tools: Tools, plan_id: str, version: int | None, role: str) -> Json:
    """What the person's browser takes to the service, for whoever asked for the signature: `{"at_service": …}`.

    Empty when the slot waits for no service. It names the person, so it is told nowhere else.
    """
    with tools.db.read() as conn:
        v = rows.version_row(conn, plan_id, version) if version else rows.latest_version(conn, plan_id)
        slot = next((s for s in rows.slots_of(conn, v) if s.role == role), None) if v is not None else None
        told = None if v is None or slot is None else standing(tools, conn, v, slot)
        if v is None or slot is None or told is None or told["expired"]:
            return {}
        row = _asked_row(conn, v, slot)
    asked = AtService.of(tools.open(v.plan_id, COLUMN, row.asked_enc)) if row is not None else None
    return {"at_service": {**told, "form": dict(asked.pending.form)}} if asked is not None else {}


def sweep(tools: Tools, plan_id: str) -> None:
    """Take away the prepared documents that no answer can complete any more."""
    c = t.evidence.c
    with tools.db.read() as conn:
        found = conn.execute(
            sa.select(c.id, c.prepared_sha256).where(c.plan_id == plan_id, c.prepared_sha256.is_not(None))
        )
        prepared = {row.id: str(row.prepared_sha256) for row in found}
        for v in rows.versions(conn, plan_id) if prepared else ():
            is_open = v.state in rows.OPEN_STATES
            for slot in rows.slots_of(conn, v):
                if is_open and is_under_way(conn, v, slot, tools.now()):
                    prepared.pop(str(slot.evidence_id), None)
    for sha256 in prepared.values():
        tools.objects.remove(plan_id, sha256)
