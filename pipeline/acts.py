"""What people do to a plan by a command: sign, hand over, withdraw.

Each act is checked and recorded in one transaction, or refused with nothing changed; then the plan's due steps are
driven to rest, so that the standing that is answered is the standing after the act.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from pipeline.casework import answers, attesting, cases, histories, identification, orders
from pipeline.casework.attachments import require_document
from pipeline.casework.attesting import Attesting
from pipeline.casework.endings import end
from pipeline.casework.identification import Ground
from pipeline.casework.orders import OpenOrder
from pipeline.casework.people import Signer, find_signer
from pipeline.casework.receipts import WITHDRAW_REASONS
from pipeline.casework.shown import Place
from pipeline.casework.signers import Named, Who, who_signs
from pipeline.casework.signing import may_answer_later
from pipeline.casework.tools import Tools
from pipeline.engine.drive import drive
from pipeline.errors import Refused, unknown_plan
from pipeline.journey import worker
from pipeline.plan.model import Genomforandeplan
from pipeline.reception import Event, record_event
from pipeline.standing import Json, status
from pipeline.store import rows
from pipeline.store.rows import NewFile, VersionRow
from pipeline.store.tables import stamp

if TYPE_CHECKING:
    from signatures.identity import Waiting


def rest(tools: Tools, plan_id: str | None = None, *, patience: timedelta = timedelta(minutes=2)) -> None:
    """Run the due steps (of a plan or an order) until none is due; raises what refused or stalled the first.

    A paper that cannot be made now waits by itself and raises nothing: what was done stands, and `status` shows it.
    """
    _drive(tools, plan_id, patience)
    if plan_id is not None and drive(worker(tools), plan_id + rows.PAPERS, patience=patience).ran:
        _drive(tools, plan_id, patience)


def _drive(tools: Tools, plan_id: str | None, patience: timedelta) -> None:
    driven = drive(worker(tools), plan_id, patience=patience)
    for ran in driven.refused:
        if ran.error is not None:
            raise ran.error
    driven.require()


TRIES = 5
OVERTAKEN = ("underskrift_pagar", "legitimering_anvand")


@dataclass(frozen=True, slots=True)
class Signing:
    """One role's signature: by whom (`as_id`), identified how, and for a representative the document and its reader.

    `attested_by` is the employee who attests the person's identity face to face, and `how` they know it; `drawn` is the
    signature that the person has drawn for them (PNG). `page` says that a page which leads to a signing service is
    wanted.
    """

    role: str
    as_id: str | None = None
    method: str | None = None
    basis: bytes | None = None
    checked_by: str | None = None
    attested_by: str | None = None
    how: str | None = None
    drawn: bytes | None = None
    page: bool = False


def sign(
    tools: Tools,
    plan_id: str,
    role: str,
    *,
    version: int | None = None,
    answer: Mapping[str, str] | None = None,
    **told: Any,
) -> Json:
    """One role's signature, with what `Signing` can hold besides the role.

    While the person has not answered their identification, `identification` in the answer says how they do, and while a
    service has not signed, `at_service` says where they go; the same call goes on with it. Raises `Refused` with
    nothing changed, `EnvironmentFailed` when it will be tried again.
    """
    signing = Signing(role, **told)
    if signing.basis is not None:
        require_document(signing.basis)
    if not _is_begun(tools, plan_id, role):
        rest(tools, plan_id)  # a document that has just come is made ready first
    taken = answer is not None and answers.take(tools, plan_id, version, role, answer)
    order, waiting = (None, None) if taken else _identified(tools, plan_id, version, signing, answer)
    rest(tools, plan_id)
    value = dict(status(tools, plan_id, version if order is None else order.version.version))
    value |= answers.form(tools, plan_id, version, role)
    if waiting is not None and order is not None:
        value["identification"] = how(order, waiting)
    return value


def _identified(
    tools: Tools, plan_id: str, version: int | None, signing: Signing, answer: Mapping[str, str] | None
) -> "tuple[OpenOrder | None, Waiting | None]":
    """The person's order and what they have still to do; another call for the same person may be at it too."""
    for attempt in range(TRIES):
        try:
            order = _order(tools, plan_id, version, signing, answered=answer is not None)
            return order, None if order is None else _collected(tools, order, answer)
        except Refused as refused:
            if refused.code not in OVERTAKEN or attempt == TRIES - 1:
                raise
        if _is_under_way(tools, plan_id, version, signing):
            break
    return None, None


def _is_under_way(tools: Tools, plan_id: str, version: int | None, signing: Signing) -> bool:
    """Whether another call for the same person was quicker and its signature is under way; raises when it cannot be."""
    with tools.db.read() as conn:
        v = cases.open_version(conn, plan_id, version)
        who = who_signs(tools, conn, v, signing.role, _named(signing))
        identification.may_sign(tools, conn, v, signing.role, who)
        return identification.is_pending(conn, tools, v, signing.role, who)


def _named(signing: Signing) -> Named:
    return Named(signing.as_id, signing.basis is not None, signing.checked_by)


def how(order: OpenOrder, waiting: "Waiting") -> Json:
    """What the person has to do to identify themselves, in the shape of the command line."""
    told = {"method": order.method, "hint": waiting.hint, "url": waiting.url, "qr": waiting.qr}
    return told | {"returns": waiting.returns, "expires": stamp(order.order.expires)}


def _collected(tools: Tools, order: OpenOrder, answer: Mapping[str, str] | None) -> "Waiting | None":
    said = orders.collect(tools, (order,), answer)
    if not isinstance(said, Mapping):
        return said
    for refused in said.values():
        raise refused
    return None


def cancel_sign(tools: Tools, plan_id: str, role: str) -> None:
    """Give up what has been begun for the role, an identification or a service's signature; nothing when none is."""
    answers.give_up(tools, plan_id, role)
    with tools.db.read() as conn:
        v = cases.open_version(conn, plan_id, None)
        found = orders.open_order(tools, conn, v, role)
    if found is not None:
        orders.cancel(tools, (found,))


def _order(
    tools: Tools, plan_id: str, version: int | None, signing: Signing, *, answered: bool = False
) -> OpenOrder | None:
    """The person's order for the slot, a new one or the one they have begun; None when they are identified already."""
    role = signing.role
    with tools.db.write() as conn:
        v = cases.open_version(conn, plan_id, version)
        way = orders.choose(tools, role, signing.method)
        who = who_signs(tools, conn, v, role, _named(signing))
        if identification.is_pending(conn, tools, v, role, who):
            return None
        found = orders.open_order(tools, conn, v, role)
        if found is not None:
            _require_same(tools, conn, found, who, signing)
            return found
        identification.may_sign(tools, conn, v, role, who)
        if answered:  # nobody has been asked: what was meant as an answer is one to something else
            raise Refused("inget_svar_vantas")
        if signing.page and not may_answer_later(tools, conn, v, role, who):
            raise Refused("form_utan_tjanst")
        way = attesting.prepared(tools, conn, v, way, _attesting(signing))
        attached = None if signing.basis is None else attach(conn, tools, v, "basis", signing.basis)
        current = rows.current_revision(conn, v)
        ground = Ground(who, current.sha256 if current else "", attached)
    (begun,) = orders.begin(tools, (Place(v, role, ground),), way).orders
    return begun


def _require_same(tools: Tools, conn: Connection, found: OpenOrder, who: Who, signing: Signing) -> None:
    """Raise `Refused` unless the call asks for what was begun; what it does not say is as it was then."""
    ground = found.place.ground
    basis = None if signing.basis is None else sha256(signing.basis).hexdigest()
    same = (who, basis) == (ground.who, ground.basis_sha256) and signing.method in {None, found.method}
    if not same or not attesting.agrees(tools, conn, found.version, found.order, _attesting(signing)):
        raise Refused("underskrift_pagar")


def _attesting(signing: Signing) -> Attesting:
    return Attesting(signing.attested_by, signing.how, signing.drawn)


def _is_begun(tools: Tools, plan_id: str, role: str) -> bool:
    """Whether somebody has been identified for the slot and the signature waits to be made, say for a time stamp."""
    with tools.db.read() as conn:
        v = rows.latest_version(conn, plan_id)
        found = rows.slots_of(conn, v) if v is not None else ()
    return any(slot.role == role and slot.evidence_id and slot.outcome is None for slot in found)


def attach(conn: Connection, tools: Tools, v: VersionRow, kind: str, data: bytes) -> str:
    """Keep a file that belongs to an act with the version; its SHA-256."""
    stored = tools.objects.put(v.plan_id, data)
    rows.add_file(conn, v, NewFile(v.edition, 0, kind, stored.sha256, stored.sha512, stored.size), tools.now())
    return stored.sha256


def actor(tools: Tools, plan: Genomforandeplan, personal_id: str) -> Signer:
    """Who records an act; raises `Refused` when nobody is known by that id."""
    return find_signer(personal_id, tools.people, plan, test=tools.settings.test)


def hand_over(tools: Tools, plan_id: str, *, by: str, to: str | None = None, receipt: str | None = None) -> Json:
    """The sealed PDF has been given to the person (or a representative): a receipt, and the version is handed over."""
    with tools.db.write() as conn:
        if rows.latest_version(conn, plan_id) is None:
            raise unknown_plan(plan_id)
        v = histories.version_to_hand_over(conn, plan_id)
        if v is None:
            raise Refused("ej_arkiverad", plan_id=plan_id)
        plan = tools.plan_of(conn, v)
        giver = actor(tools, plan, by)
        planned = plan.overlamning
        told: dict[str, object] = {
            "mottagare": to or (planned.mottagare if planned and planned.mottagare else "brukare")
        }
        told |= {"satt": "personligen", "exemplar": _copies_given(conn, plan_id) + 1}
        if planned is not None and planned.transportskydd:
            told["transportskydd"] = planned.transportskydd
        if receipt is not None:
            told["kvitterad"] = receipt == "signed"
        content: dict[str, object] = {
            "schema": "handelse/1",
            "handelse_id": f"overlamning-{secrets.token_hex(8)}",
            "plan_id": plan_id,
        }
        content |= {"slag": "overlamnad", "datum": tools.today().isoformat(), "av": giver.personal_id}
        record_event(conn, tools, Event(content | {"uppgifter": told}, plan_id, None, v, None))
    rest(tools, plan_id)
    return status(tools, plan_id, v.version)


def _copies_given(conn: Connection, plan_id: str) -> int:
    return sum(event["slag"] == "overlamnad" for event in rows.events_of(conn, plan_id))


def withdraw(tools: Tools, plan_id: str, *, reason: str, by: str) -> Json:
    """End a case that cannot end; only before it is sealed. Raises `Refused`."""
    if reason not in WITHDRAW_REASONS:
        raise Refused("okand_anledning", codes=", ".join(WITHDRAW_REASONS))
    with tools.db.write() as conn:
        v = cases.open_version(conn, plan_id, None)
        actor(tools, tools.plan_of(conn, v), by)
        end(conn, tools, v, "withdrawn", reason)
    rest(tools, plan_id)
    return status(tools, plan_id, v.version)
