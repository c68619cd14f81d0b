"""A plan: accepted as a version, a duplicate, or sent back."""

import hashlib
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import histories, protection
from pipeline.casework.around import about_version
from pipeline.casework.endings import end
from pipeline.casework.moves import ask, go
from pipeline.casework.receipts import EXPIRED, Receipt, stop
from pipeline.casework.tools import Tools
from pipeline.plan.check import check
from pipeline.plan.findings import Level
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.slots import ended_at_intake
from pipeline.plan.slots import slots as demanded_slots
from pipeline.reception.drop import Drop, Rejected, answer, duplicate, first_receipt, not_protected, person_key
from pipeline.store import index, rows, trail
from pipeline.store import tables as t
from pipeline.store.papers import give_to_plan
from pipeline.store.rows import NewFile, VersionRow
from pipeline.store.tables import stamp


def receive_plan(
    conn: Connection, tools: Tools, drop: Drop, plan: Genomforandeplan, *, confirm_person: bool
) -> Receipt:
    """Take a plan as its next version, unless it is known, of another person, or stopped by its routine.

    Raises `Rejected` with every finding.
    """
    if plan.profil not in tools.profiles:
        raise Rejected(stop("okand_profil", "profil"), plan_id=plan.plan_id)
    profil = tools.profiles[plan.profil]
    latest = rows.latest_version(conn, plan.plan_id)
    if latest is not None and _is_known(latest, drop):
        return duplicate(conn, tools, drop, first_receipt(conn, latest.intake_id))
    if latest is not None and not confirm_person:
        _same_person(conn, tools, plan)
    history = histories.history_of_plan(tools, conn, plan.plan_id)
    findings = (*check(plan, profil, tools.today(), history), *drop.unprintable)
    if any(f.level is Level.STOP for f in findings):
        raise Rejected(*findings, plan_id=plan.plan_id)
    if not_protected(conn, tools, plan):
        raise Rejected(stop("skydd_galler", "brukare.skydd"), plan_id=plan.plan_id)
    number = latest.version + 1 if latest else 1
    receipt = answer(conn, tools, drop, Receipt("accepted", plan.plan_id, number, drop.intake_id, findings))
    _accept(conn, tools, drop, plan, number)
    return receipt


def _is_known(latest: VersionRow, drop: Drop) -> bool:
    """Whether the plan's newest version says the same; one that nobody signed in time may be sent again as it was."""
    same = latest.content_sha256 == hashlib.sha256(drop.content).hexdigest()
    return same and latest.end_reason != EXPIRED


def _same_person(conn: Connection, tools: Tools, plan: Genomforandeplan) -> None:
    known = conn.execute(sa.select(t.plan).where(t.plan.c.plan_id == plan.plan_id)).one()
    if known.kommun_kod != plan.kommun.kod:
        raise Rejected(stop("fel_person", "kommun.kod"), plan_id=plan.plan_id)
    if bytes(known.person_key) != person_key(tools, plan):
        raise Rejected(stop("fel_person", "brukare.person_id"), plan_id=plan.plan_id)


def _accept(conn: Connection, tools: Tools, drop: Drop, plan: Genomforandeplan, number: int) -> None:
    _know_person(conn, tools, plan)
    now = tools.now()
    stored = tools.objects.put(plan.plan_id, drop.content)
    values = {
        "plan_id": plan.plan_id,
        "version": number,
        "intake_id": drop.intake_id,
        "profil": plan.profil,
        "verksamhetsomrade": plan.verksamhetsomrade,
        "beslut_id": plan.uppdrag.beslut_id,
        "content_sha256": stored.sha256,
        "state": "received",
        "edition": 1,
        "accepted_at": stamp(now),
    }
    unit = plan.utforare.enhet
    conn.execute(
        t.version.insert().values(unit_key=index.unit_key(tools.keys.lookup, unit) if unit else None, **values)
    )
    v = cast(VersionRow, rows.version_row(conn, plan.plan_id, number))
    new = NewFile(0, 0, "content", stored.sha256, stored.sha512, stored.size)
    rows.add_file(conn, v, new, now)
    _open_slots(conn, tools, v, plan)
    facts: dict[str, trail.Fact] = {"intake_id": drop.intake_id, "content_sha256": stored.sha256, "profil": plan.profil}
    facts |= {"plan_id": v.plan_id, "version": number, "kommun_kod": plan.kommun.kod, "test": tools.settings.test}
    trail.append(conn, "accepted", facts, now)
    for older in rows.versions(conn, plan.plan_id):
        if older.version < number and older.state in rows.OPEN_STATES:
            end(conn, tools, older, "superseded", str(number))
    _answer_orders(conn, plan)
    go(conn, tools, v, "render")
    ask(conn, tools, about_version(v), "plan_mottagen", cause=f"v{number}")
    if any(slot.outcome for slot in rows.slots_of(conn, v)):
        ask(conn, tools, about_version(v), "ej_underskriven", cause=f"v{number}:e1")


def _answer_orders(conn: Connection, plan: Genomforandeplan) -> None:
    """The orders of this decision have their plan; what was made of them belongs to it."""
    c = t.uppdrag.c
    met = (c.kommun_kod == plan.kommun.kod, c.beslut_id == plan.uppdrag.beslut_id)
    conn.execute(t.uppdrag.update().where(*met).values(plan_id=plan.plan_id))
    give_to_plan(conn, conn.execute(sa.select(c.id).where(*met)).scalars().all(), plan.plan_id)


def _know_person(conn: Connection, tools: Tools, plan: Genomforandeplan) -> None:
    """The plan's row and its look-up hashes, as the newest version says."""
    person = plan.brukare
    protected = person.skydd != "ingen"
    names = [person.fornamn, person.efternamn, person.tilltalsnamn]
    personal = {"namn": names, "person_id": person.person_id.model_dump()}
    values = {
        "kommun_kod": plan.kommun.kod,
        "person_key": person_key(tools, plan),
        "protected": protected,
        "personal_enc": tools.seal(plan.plan_id, "plan.personal", personal),
    }
    if rows.latest_version(conn, plan.plan_id) is None:
        conn.execute(t.plan.insert().values(plan_id=plan.plan_id, created_at=stamp(tools.now()), **values))
    else:
        conn.execute(t.plan.update().where(t.plan.c.plan_id == plan.plan_id).values(**values))
    protection.write_names(conn, tools, plan.plan_id, names, protected=protected)


def _open_slots(conn: Connection, tools: Tools, v: VersionRow, plan: Genomforandeplan) -> None:
    profil = tools.profile(plan.profil)
    ended = ended_at_intake(plan, profil)
    for position, demand in enumerate(demanded_slots(plan, profil)):
        values: dict[str, object] = {"role": demand.role, "position": position, "required": demand.required}
        if ended is not None and ended.role == demand.role:
            at = stamp(tools.now())
            values |= {"outcome": ended.outcome, "reason": ended.reason, "edition": 1, "ended_at": at}
            values["detail_enc"] = tools.seal_ended(v, ended)
            facts: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": 1}
            facts |= {"role": ended.role, "outcome": ended.outcome, "reason": ended.reason}
            trail.append(conn, "slot_ended", facts, tools.now())
        conn.execute(t.slot.insert().values(plan_id=v.plan_id, version=v.version, intent=demand.intent, **values))
