"""Many documents, one act of identification: each opened first, and each with a signature of its own.

For a chief with sixty plans to sign. What is identified is bound to the list of documents; a document that changed
since it was opened, or whose turn it is not, is told of and left, and the others go on.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.acts import how, rest
from pipeline.casework import answers, cases, identification, orders
from pipeline.casework.identification import Ground
from pipeline.casework.moves import note
from pipeline.casework.shown import Place
from pipeline.casework.signers import Named, who_signs
from pipeline.casework.tools import Tools
from pipeline.errors import PlansigillError, Refused
from pipeline.standing import Json, status
from pipeline.store import index, rows
from pipeline.store import tables as t
from pipeline.store.rows import FileRow, VersionRow

STAFF = ("kontaktman", "enhetschef")
NOT_THIS_ONE = {"fel_svar", "okand_plan", "redan_forseglad", "ersatt_version", "aterkallad", "gallrad"}
"""Codes that say of a service's answer that it is not to this document, which another of the batch may be."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as it stands, shown to the person who is about to sign it."""

    version: VersionRow
    file: FileRow
    data: bytes


def waiting(tools: Tools, role: str, as_id: str) -> tuple[str, ...]:
    """The plans that wait for this person's signature in the role, oldest first."""
    with tools.db.read() as conn:
        found = [v for plan_id in rows.plan_ids(conn) if (v := rows.latest_version(conn, plan_id)) is not None]
        open_ = [v for v in found if v.state in rows.OPEN_STATES and _may(tools, conn, v, role, as_id)]
    return tuple(v.plan_id for v in sorted(open_, key=lambda v: v.accepted_at))


def _may(tools: Tools, conn: Connection, v: VersionRow, role: str, as_id: str) -> bool:
    try:
        identification.may_sign(tools, conn, v, role, who_signs(tools, conn, v, role, Named(as_id)))
    except PlansigillError:
        return False
    return True


def open_document(tools: Tools, plan_id: str, role: str, as_id: str | None) -> Opened:
    """The document that waits for the person's signature in the role; that they have opened it is recorded.

    Raises `Refused` when it is not theirs to sign now.
    """
    rest(tools, plan_id)
    with tools.db.write() as conn:
        v = cases.open_version(conn, plan_id, None)
        who = who_signs(tools, conn, v, role, Named(as_id))
        identification.may_sign(tools, conn, v, role, who)
        file = rows.current_revision(conn, v)
        if file is None:
            raise Refused("ej_redo")
        actor = index.actor_key(tools.keys.lookup, who.key)
        note(conn, tools, v, "opened", edition=v.edition, role=role, sha256=file.sha256, actor=actor)
    return Opened(v, file, tools.read(file))


def sign_many(
    tools: Tools,
    plans: Sequence[str],
    role: str,
    as_id: str,
    *,
    method: str | None = None,
    answer: Mapping[str, str] | None = None,
) -> Json:
    """Sign every plan's document with one identification: `{"results": [standing | refusal], "identification"?}`.

    While the person has not answered, `identification` says how they do; the same call goes on with it. A signing
    service's answer to one of the documents is taken here too. Raises `Refused` when there is an answer and nobody has
    been asked.
    """
    refused: dict[str, PlansigillError] = {}
    taken = answer is not None and any(_taken(tools, plan_id, role, answer) for plan_id in plans)
    places, begun = _found(tools, plans, _Asks(role, as_id, method), refused)
    if answer is not None and not (taken or begun):  # what was meant as an answer is one to something else
        raise Refused("inget_svar_vantas")
    if places and not begun and not taken:
        begun, late = orders.begin(tools, places, orders.choose(tools, role, method))
        refused |= late
    told: Json | None = None
    if begun:
        said = orders.collect(tools, begun, None if taken else answer)
        if isinstance(said, Mapping):
            refused |= said
        else:
            told = how(begun[0], said)
    results = [_result(tools, plan_id, refused) for plan_id in plans]
    return {"results": results} | ({"identification": told} if told else {})


def _taken(tools: Tools, plan_id: str, role: str, answer: Mapping[str, str]) -> bool:
    """Whether a signing service's answer is to this document, and holds. Raises `Refused` when it does not hold."""
    try:
        return answers.take(tools, plan_id, None, role, answer)
    except Refused as other:
        if other.code in NOT_THIS_ONE:
            return False
        raise


class _Asks(NamedTuple):
    role: str
    as_id: str
    method: str | None


def _found(
    tools: Tools, plans: Sequence[str], asks: _Asks, refused: dict[str, PlansigillError]
) -> tuple[list[Place], tuple[orders.OpenOrder, ...]]:
    """The slots to be signed, or the batch's orders when any of these plans has been asked for before."""
    places, earlier = list[Place](), list[orders.OpenOrder]()
    for plan_id in dict.fromkeys(plans):
        try:
            with tools.db.read() as conn:
                place, order = _place(tools, conn, plan_id, asks)
        except PlansigillError as error:
            refused[plan_id] = error
            continue
        if order is not None:
            earlier.append(order)
        elif place is not None:
            places.append(place)
    if not earlier:
        return places, ()
    reference = earlier[0].order.reference
    shared = tuple(each for each in earlier if each.order.reference == reference)
    for other in (*places, *(each.place for each in earlier if each not in shared)):
        refused[other.version.plan_id] = Refused("annan_legitimering_pagar", begun=earlier[0].version.plan_id)
    return [], shared


def _place(tools: Tools, conn: Connection, plan_id: str, asks: _Asks) -> tuple[Place | None, orders.OpenOrder | None]:
    role, as_id, method = asks
    v = cases.open_version(conn, plan_id, None)
    who = who_signs(tools, conn, v, role, Named(as_id))
    if identification.is_pending(conn, tools, v, role, who):
        return None, None
    found = orders.open_order(tools, conn, v, role)
    if found is not None:
        if found.place.ground.who != who or method not in {None, found.method}:
            raise Refused("underskrift_pagar")
        return None, found
    identification.may_sign(tools, conn, v, role, who)
    current = rows.current_revision(conn, v)
    if current is None or not _has_opened(tools, conn, v, role, current, who.key):
        raise Refused("ej_oppnad", plan_id=plan_id, role=role, person=as_id)
    return Place(v, role, Ground(who, current.sha256, None)), None


def _has_opened(tools: Tools, conn: Connection, v: VersionRow, role: str, file: FileRow, key: str) -> bool:
    """Whether this person has opened this very file: the trail says so."""
    actor = index.actor_key(tools.keys.lookup, key)
    entries = conn.execute(sa.select(t.trail.c.entry).where(t.trail.c.plan_id == v.plan_id, t.trail.c.type == "opened"))
    told = (json.loads(row.entry) for row in entries)
    return any((e.get("sha256"), e.get("role"), e.get("actor")) == (file.sha256, role, actor) for e in told)


def _result(tools: Tools, plan_id: str, refused: Mapping[str, PlansigillError]) -> Json:
    error = refused.get(plan_id)
    if error is None:
        try:
            rest(tools, plan_id)
            return status(tools, plan_id)
        except PlansigillError as failed:
            error = failed
    plan_id = str(error.params.get("plan_id", plan_id))  # of no plan: without what looks like a personnummer
    return {"plan_id": plan_id, "error": {"code": error.code, "sv": error.sv, "en": error.en}}
