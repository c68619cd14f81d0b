"""An original signed in ink: an employee, identified by a way of their own, certifies the scan of it.

The certificate belongs to the brukare's slot, which then ends on paper: the next edition prints the scan's hash and who
has certified it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework import cases, orders
from pipeline.casework.attachments import is_pdf
from pipeline.casework.attesting import STAFF
from pipeline.casework.identification import Ground
from pipeline.casework.orders import OpenOrder
from pipeline.casework.people import Signer
from pipeline.casework.shown import PAPER, Place
from pipeline.casework.signers import Who, demanded_name, id_type
from pipeline.casework.tools import Identification, Tools
from pipeline.errors import Refused
from pipeline.plan.person_id import normalised
from pipeline.plan.slots import EndedSlot
from pipeline.store import papers, rows
from pipeline.store.rows import VersionRow

if TYPE_CHECKING:
    from signatures.identity import IdentityEvidence, Waiting


def certified(
    tools: Tools, plan_id: str, ended: EndedSlot, by: Signer, method: str | None, answer: Mapping[str, str] | None
) -> "tuple[OpenOrder, Waiting | IdentityEvidence]":
    """The employee's order, the one they have begun or a new one, and what they have still to do, or the evidence.

    Raises `Refused` with nothing changed, `EnvironmentFailed` without an answer.
    """
    with tools.db.read() as conn:
        v = cases.open_version(conn, plan_id, None)
        cases.may_waive(tools, conn, v, ended)
        require_new(conn, ended.scan_sha256 or "")
        ground = _ground(tools, conn, v, ended, by)
        order = orders.open_order(tools, conn, v, PAPER)
    if order is None:
        way = _prepared(orders.choose(tools, PAPER, method), ground, by)
        (order,) = orders.begin(tools, (Place(v, PAPER, ground),), way).orders
    if order.place.ground != ground or method not in {None, order.method}:
        raise Refused("underskrift_pagar")  # somebody else certifies, or another scan, or in another way
    return order, orders.answer_to(tools, (order,), answer)


def _ground(tools: Tools, conn: Connection, v: VersionRow, ended: EndedSlot, by: Signer) -> Ground:
    """Who signed in ink, on what file; the scan stands where a representative's document would, and who vouches."""
    base = rows.base_hash(conn, v)
    if base is None:
        raise Refused("ej_redo")
    plan = tools.plan_of(conn, v)
    person = plan.brukare.person_id
    number = normalised(person, today=tools.today())
    who = Who(person.typ, number, demanded_name(plan), checked_by=by.personal_id)
    return Ground(who, base, ended.scan_sha256)


def require_new(conn: Connection, scan_sha256: str) -> None:
    """Raise `Refused` when the scan is a file that was made here, or one that somebody has certified before."""
    kinds = {file.kind for file in rows.files_with_hash(conn, (scan_sha256,))}
    if "scan" in kinds:
        raise Refused("skanning_anvand")
    if kinds - {"basis"} or papers.papers_with_hash(conn, scan_sha256):
        raise Refused("skanning_egen_fil")


def _prepared(way: Identification, ground: Ground, by: Signer) -> Identification:
    from signatures.identity import Wanted
    from signatures.identity.paper import Certified

    if STAFF.isdisjoint(by.roles):
        raise Refused("fel_roll", person=by.personal_id, role="intygande")
    if not isinstance(way.provider, Certified):
        raise TypeError("the way for paper certifies")
    wanted = Wanted(id_type(by.id_type), by.id_value, by.name)
    return replace(way, provider=replace(way.provider, certifier=wanted, scan_sha256=ground.basis_sha256 or ""))


def scanned(scan: bytes) -> str:
    """SHA-256 of a scan; raises `Refused` ``fel_skanning`` when it is no PDF with a page, or too large."""
    if not is_pdf(scan):
        raise Refused("fel_skanning")
    return hashlib.sha256(scan).hexdigest()
