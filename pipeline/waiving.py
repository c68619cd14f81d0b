"""A slot that ends without a signature in the document: why, recorded by whom; or an original in ink, certified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.engine import Connection

from pipeline import acts
from pipeline.casework import cases, certifying, identification, orders
from pipeline.casework.around import about_version
from pipeline.casework.endings import WORK
from pipeline.casework.moves import ask, go, note
from pipeline.casework.orders import OpenOrder
from pipeline.casework.people import Signer
from pipeline.casework.shown import PAPER
from pipeline.casework.tools import Tools
from pipeline.engine.claims import cancel
from pipeline.errors import EnvironmentFailed, Refused
from pipeline.plan.slots import EndedSlot, allowed
from pipeline.standing import Json, status
from pipeline.store import index, rows
from pipeline.store.rows import VersionRow

if TYPE_CHECKING:
    from signatures.identity import IdentityEvidence


@dataclass(frozen=True, slots=True)
class Waiver:
    """How a slot ends without a signature: outcome and reason code of the routine, by whom it is recorded.

    `scan` is the original signed in ink, as a PDF, when the outcome is ``paper``; `method` is then how the one who
    certifies it identifies themselves.
    """

    role: str
    outcome: str
    reason: str | None
    by: str
    text: str | None = None
    scan: bytes | None = None
    method: str | None = None


class _Original(NamedTuple):
    order: OpenOrder
    evidence: "IdentityEvidence"
    scan: bytes


def waive(tools: Tools, plan_id: str, waiver: Waiver, answer: Mapping[str, str] | None = None) -> Json:
    """End the brukare's slot without a signature: a new edition with the outcome printed, before anyone signs.

    While whoever certifies an original has not answered their identification, `identification` in the answer says how
    they do; the same call goes on with it. Raises `Refused` with nothing changed.
    """
    if (waiver.outcome == "paper") != (waiver.scan is not None):
        raise Refused("papper_kraver_skanning")
    with tools.db.read() as conn:
        v = cases.open_version(conn, plan_id, None)
        by = acts.actor(tools, tools.plan_of(conn, v), waiver.by)
    allowed(tools.profile(v.profil), waiver.role, waiver.outcome, waiver.reason, waiver.text)
    if waiver.scan is None:
        _end_slot(tools, v, _ended(tools, waiver, by), by)
    else:
        waiting = _certified(tools, plan_id, waiver, by, waiver.scan, answer)
        if waiting is not None:
            return {**status(tools, plan_id, v.version), "identification": waiting}
    acts.rest(tools, plan_id)
    return status(tools, plan_id, v.version)


def cancel_paper(tools: Tools, plan_id: str) -> None:
    """Give up the identification of whoever was to certify an original; nothing is done when there is none."""
    with tools.db.read() as conn:
        found = orders.open_order(tools, conn, cases.open_version(conn, plan_id, None), PAPER)
    if found is not None:
        orders.cancel(tools, (found,))


def _ended(tools: Tools, waiver: Waiver, by: Signer, scan_sha256: str | None = None) -> EndedSlot:
    return EndedSlot("brukare", waiver.outcome, waiver.reason, waiver.text, by.name, tools.today(), scan_sha256)


def _certified(
    tools: Tools, plan_id: str, waiver: Waiver, by: Signer, scan: bytes, answer: Mapping[str, str] | None
) -> Json | None:
    """End the slot on paper; or what whoever certifies it has still to do."""
    from signatures.identity import Waiting

    ended = _ended(tools, waiver, by, certifying.scanned(scan))
    order, said = certifying.certified(tools, plan_id, ended, by, waiver.method, answer)
    if isinstance(said, Waiting):
        return acts.how(order, said)
    _end_slot(tools, order.version, ended, by, _Original(order, said, scan))
    return None


def _end_slot(tools: Tools, seen: VersionRow, ended: EndedSlot, by: Signer, original: _Original | None = None) -> None:
    """End the slot of the version and edition that the outcome was meant for, and of no other."""
    with tools.db.write() as conn:
        v = cases.unchanged(conn, seen)
        cases.may_waive(tools, conn, v, ended)
        if original is not None:
            certifying.require_new(conn, ended.scan_sha256 or "")
            orders.close(conn, tools, original.order)
            acts.attach(conn, tools, v, "scan", original.scan)
        _new_edition(conn, tools, v, ended, by)
        if original is not None:
            identification.record_paper(conn, tools, v, original.order.place.ground, original.evidence)


def _new_edition(conn: Connection, tools: Tools, v: VersionRow, ended: EndedSlot, by: Signer) -> None:
    cancel(conn, v.plan_id, tools.now(), WORK)
    rows.update_version(conn, v, edition=v.edition + 1, state="received")
    cases.end_unsigned(conn, tools, v, ended)
    actor = index.actor_key(tools.keys.lookup, by.personal_id)
    note(conn, tools, v, "slot_ended", edition=v.edition + 1, role=ended.role, outcome=ended.outcome,
         reason=ended.reason, scan_sha256=ended.scan_sha256, actor=actor)  # fmt: skip
    anew = rows.version_row(conn, v.plan_id, v.version)
    if anew is None:
        raise EnvironmentFailed("databas")
    go(conn, tools, anew, "render")
    ask(conn, tools, about_version(anew), "ej_underskriven", cause=f"v{anew.version}:e{anew.edition}")
