"""Where a plan stands, as every command tells it: `status`, `due` and the answers of acts."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from pipeline.casework import answers, histories, outbox, patience, sealing
from pipeline.casework.tools import Tools, swedish_date
from pipeline.errors import unknown_plan
from pipeline.plan.deadlines import Deadline, Status, deadlines
from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.tasks import tasks
from pipeline.store import papers, rows
from pipeline.store.papers import PaperRow
from pipeline.store.rows import SlotRow, VersionRow
from pipeline.store.tables import parse_stamp

Json = Mapping[str, object]
DUE = (Status.LATE, Status.OPEN, Status.UNKNOWN)


def status(tools: Tools, plan_id: str, version: int | None = None) -> Json:
    """The plan's newest version (or `version`), in the shape of the command line. Raises `Refused` ``okand_plan``."""
    with tools.db.read() as conn:
        v = rows.version_row(conn, plan_id, version) if version else rows.latest_version(conn, plan_id)
        if v is None:
            raise unknown_plan(plan_id)
        return _standing(tools, conn, v)


def all_plans(tools: Tools) -> list[Json]:
    """The newest version of every plan."""
    with tools.db.read() as conn:
        found = [rows.latest_version(conn, plan_id) for plan_id in rows.plan_ids(conn)]
        return [_standing(tools, conn, v) for v in found if v is not None]


def _standing(tools: Tools, conn: Connection, v: VersionRow) -> Json:
    found = outbox.document_path(tools, conn, v)
    return {
        "plan_id": v.plan_id,
        "version": v.version,
        "state": v.state,
        "adopted_at": v.adopted_at,
        "slots": [_open_slot(tools, conn, v, slot) for slot in rows.slots_of(conn, v)],
        "document": outbox.shown_path(tools, found[0]) if found else None,
        "sha256": found[1].sha256 if found else None,
        "deadlines": [deadline_json(d) for d in plan_deadlines(tools, conn, v)],
        "edition": v.edition,
        "end_reason": v.end_reason,
        "waiting": rows.waiting_steps(conn, v.plan_id),
    }


def _open_slot(tools: Tools, conn: Connection, v: VersionRow, slot: SlotRow) -> Json:
    """The slot, and where its signature waits when that is at a service."""
    return {**_slot(tools, v, slot), "at_service": answers.standing(tools, conn, v, slot)}


def _slot(tools: Tools, v: VersionRow, slot: SlotRow) -> Json:
    detail = tools.detail(v, slot)
    return {
        "role": slot.role,
        "required": slot.required,
        "intent": slot.intent,
        "outcome": slot.outcome,
        "signer": detail.get("signer"),
        "at": slot.ended_at if slot.outcome else None,
        "reason": slot.reason,
    }


def plan_deadlines(tools: Tools, conn: Connection, v: VersionRow) -> tuple[Deadline, ...]:
    """The deadlines of a version with all that has happened to its plan."""
    history = histories.history_of_plan(tools, conn, v.plan_id)
    return _wanted(tools, tools.plan_of(conn, v), history)


def _wanted(tools: Tools, file: Genomforandeplan | Uppdrag, history: History) -> tuple[Deadline, ...]:
    """Deadlines and tasks, as the file's routine sets them."""
    profil, today = tools.profile(file.profil), tools.today()
    return (*deadlines(file, profil, today, history), *tasks(file, profil, today, history))


def deadline_json(deadline: Deadline) -> Json:
    """A deadline as every command prints it; dates are Swedish calendar dates."""
    return {
        "code": deadline.code,
        "from": deadline.from_.isoformat() if deadline.from_ else None,
        "due": deadline.due.isoformat() if deadline.due else None,
        "status": str(deadline.status),
        "note": deadline.note,
        "source": deadline.source,
        "version": deadline.version,
        "responsible": deadline.responsible,
    }


@dataclass(frozen=True, slots=True)
class _Due:
    rank: tuple[int, str]
    value: Json


def due(tools: Tools) -> list[Json]:
    """What is due or late by its routine, for plans and for orders without a plan; the most urgent first."""
    found: list[_Due] = []
    with tools.db.read() as conn:
        for plan_id in rows.plan_ids(conn):
            v = at_hand(conn, plan_id)
            if v is not None:
                about = {"plan_id": plan_id, "order": None, "beslut_id": v.beslut_id, "state": v.state}
                found += _due(about, plan_deadlines(tools, conn, v))
            for each in rows.versions(conn, plan_id):
                about = {"plan_id": plan_id, "order": None, "beslut_id": each.beslut_id, "state": each.state}
                last = (*_renewal(tools, conn, each), *_waiting(tools, conn, each), *_unsealed(tools, conn, each))
                found += _due(about, last)
        for row in histories.waiting_orders(conn):
            order = histories.order_content(tools, row)
            about = {"plan_id": None, "order": row.id, "beslut_id": row.beslut_id, "state": "utan_plan"}
            found += _due(about, _wanted(tools, order, histories.history_of_order(tools, conn, row)))
    return [item.value for item in sorted(found, key=lambda item: item.rank)]


def _renewal(tools: Tools, conn: Connection, v: VersionRow) -> tuple[Deadline, ...]:
    """The renewal of the archive time stamp, once its day has come; the daemon makes it, so a late one is stuck."""
    found = sealing.renewal(tools, conn, v)
    if found is None or found.due > tools.today():
        return ()
    begun, ends = parse_stamp(found.file.made_at), parse_stamp(found.holds_until)
    status = Status.LATE if found.due < tools.today() else Status.OPEN
    return (Deadline("fornyelse", swedish_date(begun), swedish_date(ends), status, "", "P", v.version),)


def _waiting(tools: Tools, conn: Connection, v: VersionRow) -> tuple[Deadline, ...]:
    """The last day of a case that waits for signatures, once people have been reminded of it."""
    ready, last_day = patience.waits_since(conn, v), patience.deadline(tools, conn, v)
    if ready is None or last_day is None or patience.reminder(tools, ready, 1) > tools.now():
        return ()
    return (last_day,)


def _unsealed(tools: Tools, conn: Connection, v: VersionRow) -> tuple[Deadline, ...]:
    """The seal of a version that everybody has signed, when it has failed and waits to be tried again."""
    ended = [slot.ended_at for slot in rows.slots_of(conn, v)] if v.state == "awaiting_signatures" else [None]
    steps = rows.waiting_steps(conn, v.plan_id) if all(ended) else []
    if not any(step["kind"] == "seal" and step["error_code"] for step in steps):
        return ()
    day = swedish_date(parse_stamp(max(filter(None, ended))))
    status = Status.LATE if day < tools.today() else Status.OPEN
    return (Deadline("forsegling", day, day, status, "", "P", v.version),)


def at_hand(conn: Connection, plan_id: str) -> VersionRow | None:
    """The newest version that counts: a withdrawn one leaves the one before it in its place."""
    living = [v for v in rows.versions(conn, plan_id) if v.state not in {"withdrawn", "erased"}]
    return living[-1] if living else None


def _due(about: Json, found: tuple[Deadline, ...]) -> list[_Due]:
    return [
        _Due((DUE.index(d.status), d.due.isoformat() if d.due else "9999"), {**about, **deadline_json(d)})
        for d in found
        if d.status in DUE
    ]


def everything(tools: Tools, plan_id: str, versions: tuple[VersionRow, ...]) -> Json:
    """All that is known of a plan but its content: versions, slots, files, papers, events, trail."""
    with tools.db.read() as conn:
        return {
            "plan_id": plan_id,
            "versions": [_version(tools, conn, v) for v in versions],
            "papers": [_paper(p) for p in papers.papers_of_plan(conn, plan_id)],
            "events": rows.events_of(conn, plan_id),
            "trail": rows.trail_of(conn, plan_id),
        }


def _paper(paper: PaperRow) -> Json:
    names = ("slag", "number", "form", "version", "sha256", "sha512", "size", "made_at")
    return {name: getattr(paper, name) for name in names}


_TIMES = ("accepted_at", "adopted_at", "sealed_at", "archived_at", "ended_at", "end_reason")


def _version(tools: Tools, conn: Connection, v: VersionRow) -> Json:
    names = ("kind", "edition", "revision", "sha256", "sha512", "size", "made_at")
    files = [{name: getattr(f, name) for name in names} for f in rows.files_of(conn, v)]
    slots = [_slot(tools, v, slot) for slot in rows.slots_of(conn, v)]
    told = {name: getattr(v, name) for name in _TIMES}
    return {"version": v.version, "state": v.state, "edition": v.edition, **told, "slots": slots, "files": files}
