"""A version's signing case from its rows, and how a slot ends without a signature."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework.at_service import is_under_way
from pipeline.casework.tools import Tools
from pipeline.errors import EnvironmentFailed, Refused, unknown_plan
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.slots import EndedSlot, SlotDemand
from pipeline.plan.slots import slots as demanded_slots
from pipeline.store import rows
from pipeline.store.rows import SlotRow, VersionRow
from pipeline.store.tables import parse_stamp, stamp
from signatures import case as cases
from signatures.errors import (
    BackendUnavailable,
    IdentityUnavailable,
    IssuerUnavailable,
    SignatureError,
    TimestampUnavailable,
)

if TYPE_CHECKING:
    from signatures.verify import Expected

IN_FIELD = ("signed", "represented")


@contextmanager
def answering(ours: type[SignatureError] = TimestampUnavailable) -> Iterator[None]:
    """Turn what `signatures` raises into our own errors, by the same codes; `ours` is retried as well."""
    try:
        yield
    except (TimestampUnavailable, IssuerUnavailable, IdentityUnavailable, BackendUnavailable, ours) as error:
        raise EnvironmentFailed(error.code, **error.facts) from error
    except SignatureError as error:
        raise Refused(error.code, **error.facts) from error


def open_version(conn: Connection, plan_id: str, version: int | None) -> VersionRow:
    """The plan's newest version (or the one asked for), still open. Raises `Refused` saying why it is not."""
    v = rows.version_row(conn, plan_id, version) if version else rows.latest_version(conn, plan_id)
    if v is None:
        raise unknown_plan(plan_id)
    if v.state not in rows.OPEN_STATES:
        code = {"superseded": "ersatt_version", "withdrawn": "aterkallad", "erased": "gallrad"}
        raise Refused(code.get(v.state, "redan_forseglad"))
    return v


def unchanged(conn: Connection, v: VersionRow) -> VersionRow:
    """The version as it stands now, open and in the edition that `v` was read in. Raises `Refused`.

    For whoever has asked a service, or made something, since they read it.
    """
    found = open_version(conn, v.plan_id, v.version)
    if found.edition != v.edition:
        raise Refused("fel_revision", plan_id=v.plan_id)
    return found


def demand_of(tools: Tools, plan: Genomforandeplan, role: str) -> SlotDemand:
    """What the routine asks of the role's slot."""
    return next(d for d in demanded_slots(plan, tools.profile_of(plan)) if d.role == role)


def signing_case(tools: Tools, conn: Connection, v: VersionRow) -> cases.SigningCase:
    """The case as it stands, from its rows."""
    base = rows.base_hash(conn, v)
    current = rows.current_revision(conn, v)
    found = rows.slots_of(conn, v)
    states = {"superseded": cases.Standing.SUPERSEDED, "withdrawn": cases.Standing.WITHDRAWN}
    standing = cases.Standing.OPEN if v.state in rows.OPEN_STATES else states.get(v.state, cases.Standing.SEALED)
    return cases.SigningCase(
        plan_ref=v.plan_id,
        version=v.version,
        edition=v.edition,
        base_sha256=base,
        order=tuple(cases.Role(slot.role) for slot in found),
        slots=tuple(_case_slot(tools, v, slot) for slot in found),
        staff_any_order=tools.profile(v.profil).underskrifter.personal_far_byta_plats,
        same_person=tools.profile(v.profil).underskrifter.samma_person_far,
        standing=standing,
        revision_sha256=current.sha256 if current else base,
    )


def _case_slot(tools: Tools, v: VersionRow, slot: SlotRow) -> cases.Slot:
    detail = tools.detail(v, slot)
    outcome = None if slot.outcome is None else _outcome(slot, detail)
    return cases.Slot(cases.Role(slot.role), slot.required, slot.intent, outcome)


def _outcome(slot: SlotRow, detail: Mapping[str, object]) -> cases.Outcome:
    at = parse_stamp(slot.ended_at or "").date()
    told = {
        key: str(detail.get(key) or "") for key in ("who", "signer", "on", "revision", "basis", "by", "scan_sha256")
    }
    match slot.outcome:
        case "signed":
            return cases.Signed(told["who"], told["signer"], at, told["on"], told["revision"])
        case "represented":
            return cases.Represented(told["who"], told["signer"], at, told["on"], told["revision"], told["basis"])
        case "paper":
            return cases.Paper(told["scan_sha256"], told["by"], at)
        case "declined":
            return cases.Declined(slot.reason or "", told["by"], at)
        case "unable":
            return cases.Unable(slot.reason or "", told["by"], at)
        case _:
            return cases.NotParticipating(slot.reason or "", told["by"], at)


def may_waive(tools: Tools, conn: Connection, v: VersionRow, ended: EndedSlot) -> None:
    """Raise `Refused` unless the slot may end without a signature now."""
    slot = next(s for s in rows.slots_of(conn, v) if s.role == ended.role)
    if is_under_way(conn, v, slot, tools.now()):
        raise Refused("underskrift_pagar")
    today, by = tools.today(), ended.by or ""
    kinds = {"declined": cases.Declined, "unable": cases.Unable, "not_participating": cases.NotParticipating}
    outcome: cases.Outcome
    if ended.outcome == "paper":
        outcome = cases.Paper(ended.scan_sha256 or "", by, today)
    else:
        outcome = kinds[ended.outcome](ended.reason or "", by, today, ended.text)
    with answering():
        cases.may_end(signing_case(tools, conn, v), cases.Role(ended.role), outcome)


def end_unsigned(conn: Connection, tools: Tools, v: VersionRow, ended: EndedSlot) -> None:
    """The slot has ended without a signature, which the next edition prints."""
    rows.update_slot(
        conn, v, ended.role, outcome=ended.outcome, reason=ended.reason, edition=v.edition + 1,
        ended_at=stamp(tools.now()), detail_enc=tools.seal_ended(v, ended), evidence_id=None,
    )  # fmt: skip


def unsigned_endings(tools: Tools, conn: Connection, v: VersionRow) -> tuple[EndedSlot, ...]:
    """How the version's slots ended that nobody signed in the document."""
    return tuple(_ended(tools, v, s) for s in rows.slots_of(conn, v) if s.outcome and s.outcome not in IN_FIELD)


def _ended(tools: Tools, v: VersionRow, slot: SlotRow) -> EndedSlot:
    told = dict(tools.detail(v, slot))
    told["at"] = date.fromisoformat(str(told["at"])) if told.get("at") else None
    return EndedSlot(**told)  # type: ignore[arg-type]  # what seal_ended wrote


def expected(tools: Tools, conn: Connection, v: VersionRow) -> "Expected":
    """What the record says the sealed file of the version must carry."""
    from signatures.verify import Expected, ExpectedSignature

    def of(slot: SlotRow) -> ExpectedSignature:
        detail = tools.detail(v, slot)
        attester = str(detail.get("attester") or "") or None
        return ExpectedSignature(slot.role, slot.role, str(detail["signer"]), attester=attester)

    signed = tuple(of(slot) for slot in rows.slots_of(conn, v) if slot.outcome in IN_FIELD)
    return Expected(base_sha256=rows.base_hash(conn, v), signatures=signed, sealed=True)
