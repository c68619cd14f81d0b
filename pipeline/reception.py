"""What becomes of a file: accepted, duplicate or rejected, decided and committed in one transaction.

The drop folder, `process` and `record` all end here. The same intake id asked again (after a crash) is answered with
what was decided the first time.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import histories, papers
from pipeline.casework.receipts import Receipt, decided, stop
from pipeline.casework.tools import Tools
from pipeline.errors import Refused
from pipeline.journey import end, go
from pipeline.plan.canonical import canonical
from pipeline.plan.check import check
from pipeline.plan.findings import Finding, Level
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.person_id import normalised
from pipeline.plan.reading import DroppedFile, Unreadable, read_file
from pipeline.plan.slots import ended_at_intake
from pipeline.plan.slots import slots as demanded_slots
from pipeline.store import index, rows, trail
from pipeline.store import tables as t
from pipeline.store.rows import NewFile, VersionRow
from pipeline.store.tables import stamp

TAKEN_EVENTS = frozenset({"insats_paborjad", "verkstalld", "genomgangen", "overlamnad"})


@dataclass(frozen=True, slots=True)
class Drop:
    """One file as it came: its intake id, its hash and what `read_file` made of it."""

    intake_id: str
    sha256: str
    kind: str
    content: bytes
    unprintable: tuple[Finding, ...] = ()
    """What the fonts cannot write: found before the transaction, since it takes a while and needs no database."""


class _Rejected(Exception):
    def __init__(self, *findings: Finding, plan_id: str | None = None) -> None:
        super().__init__()
        self.findings = findings
        self.plan_id = plan_id


def receive(tools: Tools, data: bytes, intake_id: str, *, confirm_person: bool = False) -> Receipt:
    """Decide about a file's bytes and commit the decision. Raises `EnvironmentFailed` when it cannot be kept."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        dropped = read_file(data)
    except Unreadable as error:
        return _reject(tools, Drop(intake_id, sha256, "unreadable", b""), error.findings)
    plan = dropped.value
    letters = papers.unprintable(tools, plan) if isinstance(plan, Genomforandeplan) else ()
    drop = Drop(intake_id, sha256, str(dropped.kind), dropped.content, letters)
    try:
        with tools.db.write() as conn:
            return decided(conn, intake_id) or _decide(conn, tools, drop, dropped, confirm_person=confirm_person)
    except _Rejected as answer:
        return _reject(tools, drop, answer.findings, answer.plan_id)


def _decide(conn: Connection, tools: Tools, drop: Drop, dropped: DroppedFile, *, confirm_person: bool) -> Receipt:
    match dropped.value:
        case Genomforandeplan() as plan:
            return _plan(conn, tools, drop, plan, confirm_person=confirm_person)
        case Uppdrag() as order:
            return _order(conn, tools, drop, order)
        case Handelse() as event:
            return _event(conn, tools, drop, event)


def _answer(conn: Connection, tools: Tools, drop: Drop, receipt: Receipt) -> Receipt:
    value = asdict(receipt)
    conn.execute(
        t.intake.insert().values(
            id=drop.intake_id,
            sha256=drop.sha256,
            kind=drop.kind,
            outcome=receipt.outcome,
            plan_id=receipt.plan_id,
            version=receipt.version,
            receipt=json.dumps(value, ensure_ascii=False),
            at=stamp(tools.now()),
        )
    )
    return receipt


def _reject(tools: Tools, drop: Drop, findings: Iterable[Finding], plan_id: str | None = None) -> Receipt:
    receipt = Receipt("rejected", plan_id, None, drop.intake_id, tuple(findings))
    first = next(f.code for f in receipt.findings if f.level is Level.STOP)
    with tools.db.write() as conn:
        known = decided(conn, drop.intake_id)
        if known is not None:
            return known
        facts = {"intake_id": drop.intake_id, "sha256": drop.sha256, "code": first, "plan_id": plan_id}
        trail.append(conn, "rejected", facts, tools.now())
        return _answer(conn, tools, drop, receipt)


def _duplicate(conn: Connection, tools: Tools, drop: Drop, first: Receipt) -> Receipt:
    facts = {"plan_id": first.plan_id, "version": first.version, "intake_id": drop.intake_id}
    trail.append(conn, "duplicate", facts, tools.now())
    return _answer(conn, tools, drop, replace(first, outcome="duplicate"))


def _first(conn: Connection, intake_id: str) -> Receipt:
    found = decided(conn, intake_id)
    if found is None:
        raise LookupError(intake_id)
    return found


def _plan(conn: Connection, tools: Tools, drop: Drop, plan: Genomforandeplan, *, confirm_person: bool) -> Receipt:
    if plan.profil not in tools.profiles:
        raise _Rejected(stop("okand_profil", "profil"), plan_id=plan.plan_id)
    profil = tools.profiles[plan.profil]
    latest = rows.latest_version(conn, plan.plan_id)
    if latest is not None and latest.content_sha256 == hashlib.sha256(drop.content).hexdigest():
        return _duplicate(conn, tools, drop, _first(conn, latest.intake_id))
    if latest is not None and not confirm_person:
        _same_person(conn, tools, plan)
    history = histories.history_of_plan(tools, conn, plan.plan_id)
    findings = (*check(plan, profil, tools.today(), history), *drop.unprintable)
    if any(f.level is Level.STOP for f in findings):
        raise _Rejected(*findings, plan_id=plan.plan_id)
    number = latest.version + 1 if latest else 1
    receipt = _answer(conn, tools, drop, Receipt("accepted", plan.plan_id, number, drop.intake_id, findings))
    _accept(conn, tools, drop, plan, number)
    return receipt


def _person_key(tools: Tools, value: Genomforandeplan | Uppdrag) -> bytes:
    person_id = value.brukare.person_id
    return index.person_key(tools.keys.lookup, person_id.typ, normalised(person_id, today=tools.today()))


def _same_person(conn: Connection, tools: Tools, plan: Genomforandeplan) -> None:
    known = conn.execute(sa.select(t.plan).where(t.plan.c.plan_id == plan.plan_id)).one()
    if known.kommun_kod != plan.kommun.kod:
        raise _Rejected(stop("fel_person", "kommun.kod"), plan_id=plan.plan_id)
    if bytes(known.person_key) != _person_key(tools, plan):
        raise _Rejected(stop("fel_person", "brukare.person_id"), plan_id=plan.plan_id)


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
    c = t.uppdrag.c
    met = (c.kommun_kod == plan.kommun.kod, c.beslut_id == plan.uppdrag.beslut_id)
    conn.execute(t.uppdrag.update().where(*met).values(plan_id=plan.plan_id))
    go(conn, tools, v, "render")


def _know_person(conn: Connection, tools: Tools, plan: Genomforandeplan) -> None:
    """The plan's row and its look-up hashes, as the newest version says."""
    person = plan.brukare
    protected = person.skydd != "ingen"
    names = [person.fornamn, person.efternamn, person.tilltalsnamn]
    personal = {"namn": names, "person_id": person.person_id.model_dump()}
    values = {
        "kommun_kod": plan.kommun.kod,
        "person_key": _person_key(tools, plan),
        "protected": protected,
        "personal_enc": tools.seal(plan.plan_id, "plan.personal", personal),
    }
    if rows.latest_version(conn, plan.plan_id) is None:
        conn.execute(t.plan.insert().values(plan_id=plan.plan_id, created_at=stamp(tools.now()), **values))
    else:
        conn.execute(t.plan.update().where(t.plan.c.plan_id == plan.plan_id).values(**values))
    conn.execute(t.name_key.delete().where(t.name_key.c.plan_id == plan.plan_id))
    for key in index.name_keys(tools.keys.lookup, names, protected=protected):
        conn.execute(t.name_key.insert().values(plan_id=plan.plan_id, token_key=key))


def _open_slots(conn: Connection, tools: Tools, v: VersionRow, plan: Genomforandeplan) -> None:
    profil = tools.profile(plan.profil)
    ended = ended_at_intake(plan, profil)
    for position, demand in enumerate(demanded_slots(plan, profil)):
        values: dict[str, object] = {"role": demand.role, "position": position, "required": demand.required}
        if ended is not None and ended.role == demand.role:
            at = stamp(tools.now())
            values |= {"outcome": ended.outcome, "reason": ended.reason, "edition": 1, "ended_at": at}
            values["detail_enc"] = tools.seal_ended(v.plan_id, ended)
            facts: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": 1}
            facts |= {"role": ended.role, "outcome": ended.outcome, "reason": ended.reason}
            trail.append(conn, "slot_ended", facts, tools.now())
        conn.execute(t.slot.insert().values(plan_id=v.plan_id, version=v.version, intent=demand.intent, **values))


def _order(conn: Connection, tools: Tools, drop: Drop, order: Uppdrag) -> Receipt:
    if order.profil not in tools.profiles:
        raise _Rejected(stop("okand_profil", "profil"))
    findings = check(order, tools.profiles[order.profil], tools.today())
    if any(f.level is Level.STOP for f in findings):
        raise _Rejected(*findings)
    c = t.uppdrag.c
    same = (c.kommun_kod == order.kommun.kod, c.beslut_id == order.uppdrag.beslut_id, c.replaced_by.is_(None))
    earlier = conn.execute(sa.select(t.uppdrag).where(*same)).first()
    sha256 = hashlib.sha256(drop.content).hexdigest()
    if earlier is not None and earlier.content_sha256 == sha256:
        return _duplicate(conn, tools, drop, _first(conn, earlier.intake_id))
    plan_id = (
        earlier.plan_id if earlier else histories.plan_of_decision(conn, order.kommun.kod, order.uppdrag.beslut_id)
    )
    receipt = _answer(conn, tools, drop, Receipt("accepted", plan_id, None, drop.intake_id, findings))
    order_id = f"uppdrag-{drop.intake_id}"
    if earlier is not None:
        conn.execute(t.uppdrag.update().where(c.id == earlier.id).values(replaced_by=order_id))
    conn.execute(
        t.uppdrag.insert().values(
            id=order_id,
            kommun_kod=order.kommun.kod,
            beslut_id=order.uppdrag.beslut_id,
            person_key=_person_key(tools, order),
            profil=order.profil,
            intake_id=drop.intake_id,
            content_sha256=sha256,
            content_enc=tools.seal(order_id, "uppdrag.content", json.loads(drop.content)),
            received_at=stamp(tools.now()),
            plan_id=plan_id,
        )
    )
    facts: dict[str, trail.Fact] = {"uppdrag_id": order_id, "plan_id": plan_id, "intake_id": drop.intake_id}
    facts |= {"content_sha256": sha256, "profil": order.profil, "kommun_kod": order.kommun.kod}
    trail.append(conn, "order_received", facts | {"test": tools.settings.test}, tools.now())
    return receipt


def _event(conn: Connection, tools: Tools, drop: Drop, event: Handelse) -> Receipt:
    if event.slag not in TAKEN_EVENTS:
        raise _Rejected(stop("handelse_tas_inte_an", "slag"), plan_id=event.plan_id)
    if event.datum > tools.today():
        raise _Rejected(stop("framtida_datum", "datum"), plan_id=event.plan_id)
    sha256 = hashlib.sha256(drop.content).hexdigest()
    earlier = conn.execute(sa.select(t.handelse).where(t.handelse.c.handelse_id == event.handelse_id)).first()
    if earlier is not None:
        if earlier.content_sha256 == sha256 and earlier.intake_id is not None:
            return _duplicate(conn, tools, drop, _first(conn, earlier.intake_id))
        raise _Rejected(stop("handelse_id_upptaget", "handelse_id"), plan_id=event.plan_id)
    plan_id, order_id = _about(conn, event)
    v = rows.latest_version(conn, plan_id) if plan_id else None
    if event.slag == "genomgangen" and v is None:
        raise _Rejected(stop("handelse_kraver_plan", "plan_id"))
    if event.slag == "overlamnad":
        v = histories.version_to_hand_over(conn, plan_id) if plan_id else None
        if v is None:
            raise _Rejected(stop("ej_arkiverad", "slag"), plan_id=plan_id)
    number = v.version if v else None
    receipt = _answer(conn, tools, drop, Receipt("accepted", plan_id, number, drop.intake_id, ()))
    record_event(conn, tools, Event(json.loads(drop.content), plan_id, order_id, v, drop.intake_id))
    return receipt


def _about(conn: Connection, event: Handelse) -> tuple[str | None, str | None]:
    """The plan and the order that the event names; rejects when it names none that is known, or several."""
    c = t.uppdrag.c
    if event.plan_id is not None:
        if rows.latest_version(conn, event.plan_id) is None:
            raise _Rejected(stop("okand_plan", "plan_id"))
        return event.plan_id, None
    orders = conn.execute(sa.select(c.id, c.plan_id).where(c.beslut_id == event.beslut_id, c.replaced_by.is_(None)))
    found = {(row.plan_id, row.id) for row in orders}
    plans = histories.plans_of_decision(conn, str(event.beslut_id))
    found |= {(plan_id, None) for plan_id in plans if plan_id not in {p for p, _ in found}}
    if not found:
        raise _Rejected(stop("okant_beslut", "beslut_id"))
    if len(found) > 1:
        raise _Rejected(stop("flera_med_beslut", "beslut_id"))
    return found.pop()


@dataclass(frozen=True, slots=True)
class Event:
    """An event about to be recorded: its content as a ``handelse/1``, and what it is about."""

    content: dict[str, Any]
    plan_id: str | None
    order_id: str | None
    version: VersionRow | None
    intake_id: str | None

    @property
    def owner(self) -> str:
        """Whose key its content is kept under."""
        if self.plan_id is None and self.order_id is None:
            raise Refused("okand_plan", plan_id="-")
        return self.plan_id or str(self.order_id)


def record_event(conn: Connection, tools: Tools, event: Event) -> None:
    """Write an event's row and trail entry; a hand-over also starts its step."""
    content, v = event.content, event.version
    sha256 = hashlib.sha256(canonical(content)).hexdigest()
    about: dict[str, trail.Fact] = {
        "handelse_id": str(content["handelse_id"]),
        "plan_id": event.plan_id,
        "uppdrag_id": event.order_id,
        "version": v.version if v else None,
        "slag": str(content["slag"]),
        "datum": str(content["datum"]),
        "content_sha256": sha256,
        "intake_id": event.intake_id,
    }
    sealed = tools.seal(event.owner, "handelse.content", content)
    conn.execute(t.handelse.insert().values(content_enc=sealed, recorded_at=stamp(tools.now()), **about))
    trail.append(conn, "event_recorded", about, tools.now())
    if v is not None and content["slag"] == "overlamnad":
        go(conn, tools, v, "hand_over", handelse=content["handelse_id"])
    elif v is not None and v.state in rows.SEALED_STATES:
        go(conn, tools, v, "preserve")
