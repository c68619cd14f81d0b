"""The books of a workspace at rest, audited from outside: what came in, what is recorded, what lies where.

Written against the contracts (design, archive format, RFC 6962), not against the code that keeps the books: the same
question is asked of two places that must agree.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import ocfl
import sqlalchemy as sa

from pipeline.casework.endings import PATIENCE
from pipeline.casework.tools import Tools
from pipeline.store import rows, trail
from pipeline.store import tables as t
from pipeline.store.papers import paper_name
from pipeline.store.rows import VersionRow

ONCE = ("rendered", "prepared", "sealed", "archived", "superseded", "withdrawn")
"""Trail entries that a version has at most once for each edition and kind of file."""


def flaws(tools: Tools, dropped: Iterable[bytes]) -> list[str]:
    """Everything that is wrong in the workspace after `dropped` was put into its inbox; empty when all is well."""
    return [*_trail(tools), *_steps(tools), *_versions(tools), *_files(tools), *_intake(tools, list(dropped)),
            *_outbox(tools), *_inbox(tools.home / "inbox"), *_archive(tools)]  # fmt: skip


def _trail(tools: Tools) -> Iterator[str]:
    with tools.db.read() as conn:
        if trail.check(conn):
            yield f"trail.check: {trail.check(conn)}"
        entries = conn.execute(sa.select(t.trail).order_by(t.trail.c.idx)).all()
    if [e.idx for e in entries] != list(range(len(entries))):
        yield "the trail's indexes have gaps"
    if any(hashlib.sha256(b"\x00" + e.entry).digest() != e.leaf for e in entries):
        yield "a leaf is not the RFC 6962 hash of its entry"
    told = Counter[tuple[object, ...]]()
    for entry in entries:
        facts = json.loads(entry.entry)
        names = ("plan_id", "version", "edition", "kind")
        if entry.type in ONCE:
            told[(entry.type, *(facts.get(name) for name in names))] += 1
        elif entry.type in {"accepted", "rejected", "duplicate", "order_received"}:
            told["answered", facts["intake_id"]] += 1
        elif entry.type == "signed":
            told["signed", facts["plan_id"], facts["version"], facts["edition"], facts["role"]] += 1
        elif entry.type in {"event_recorded", "identified"}:
            told[entry.type, facts.get("handelse_id"), facts.get("evidence_id")] += 1
    yield from (f"{what} stands {n} times in the trail" for what, n in told.items() if n > 1)


def _steps(tools: Tools) -> Iterator[str]:
    with tools.db.read() as conn:
        steps = conn.execute(sa.select(t.step)).all()
    ended = {"done", "cancelled"}
    yield from (f"step {s.key} is {s.state}" for s in steps if s.state not in ended and s.kind not in PATIENCE)


def _versions(tools: Tools) -> Iterator[str]:
    with tools.db.read() as conn:
        for plan_id in rows.plan_ids(conn):
            found = rows.versions(conn, plan_id)
            if [v.version for v in found] != list(range(1, len(found) + 1)):
                yield f"versions of {plan_id}: {[v.version for v in found]}"
            contents = [v.content_sha256 for v in found]
            if any(a == b for a, b in pairwise(contents)):
                yield f"the same content twice in {plan_id}"
            for v in found:
                yield from _slots(tools, conn, v)


def _slots(tools: Tools, conn: sa.Connection, v: VersionRow) -> Iterator[str]:
    where = f"{v.plan_id} v{v.version}"
    acts = [
        json.loads(e) for e in conn.execute(sa.select(t.trail.c.entry).where(t.trail.c.plan_id == v.plan_id)).scalars()
    ]
    acts = [a for a in acts if a.get("version") == v.version]
    c = t.evidence.c
    for slot in rows.slots_of(conn, v):
        ends = [a for a in acts if a["type"] in {"signed", "slot_ended"} and a["role"] == slot.role]
        if len(ends) != (slot.outcome is not None):
            yield f"{where}: {slot.role} ended {len(ends)} times, outcome {slot.outcome}"
        used = sa.select(sa.func.count()).where(
            c.plan_id == v.plan_id, c.version == v.version, c.role == slot.role, c.used_at.is_not(None)
        )
        if conn.scalar(used) != (slot.outcome in {"signed", "represented", "paper"}):
            yield f"{where}: {slot.role} has used {conn.scalar(used)} pieces of evidence"
    signed = [f for f in rows.files_of(conn, v, "signed") if f.edition == v.edition]
    slots = [s for s in rows.slots_of(conn, v) if s.outcome in {"signed", "represented"}]
    if [f.revision for f in signed] != list(range(1, len(slots) + 1)):
        yield f"{where}: signed revisions {[f.revision for f in signed]} for {len(slots)} signatures"
    if len(rows.files_of(conn, v, "sealed")) != (v.sealed_at is not None):
        yield f"{where}: sealed at {v.sealed_at} with {len(rows.files_of(conn, v, 'sealed'))} sealed files"


def _files(tools: Tools) -> Iterator[str]:
    with tools.db.read() as conn:
        files = [f for p in rows.plan_ids(conn) for v in rows.versions(conn, p) for f in rows.files_of(conn, v)]
    places = Counter((f.plan_id, f.version, f.edition, f.revision, f.kind) for f in files)
    yield from (f"{n} files of {place}" for place, n in places.items() if n > 1)
    for f in files:
        data = tools.read(f)
        if (hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest(), len(data)) != (
            f.sha256,
            f.sha512,
            f.size,
        ):
            yield f"file {f.id} is not what its row says"


def _intake(tools: Tools, dropped: list[bytes]) -> Iterator[str]:
    """Every byte string is answered exactly once, and lies in ``fel`` exactly when the answer was no."""
    came = Counter(hashlib.sha256(data).hexdigest() for data in dropped)
    with tools.db.read() as conn:
        answers = conn.execute(sa.select(t.intake)).all()
        accepted = conn.execute(sa.select(t.version.c.intake_id)).scalars().all()
    if Counter(a.sha256 for a in answers) != came:
        yield f"{len(dropped)} files came, {len(answers)} answers were given"
    if sorted(accepted) != sorted(
        a.id for a in answers if a.outcome == "accepted" and a.version and a.kind == "genomforandeplan/1"
    ):
        yield f"versions of intakes {accepted} do not match the answers"
    refused = Counter(a.sha256 for a in answers if a.outcome == "rejected")
    fel = [p for p in (tools.home / "inbox" / "fel").glob("*") if not p.name.endswith((".FEL.txt", ".fel.json"))]
    if Counter(hashlib.sha256(p.read_bytes()).hexdigest() for p in fel) != refused:
        yield f"in fel: {len(fel)} files, refused: {sum(refused.values())}"
    for path in fel:
        stem = path.name.removesuffix(".json")
        beside = [path.with_name(f"{stem}.FEL.txt"), path.with_name(f"{stem}.fel.json")]
        if not all(p.is_file() and p.stat().st_size for p in beside):
            yield "a refused file lacks a report"


def _outbox(tools: Tools) -> Iterator[str]:
    wanted: dict[str, str | None] = {}
    with tools.db.read() as conn:
        for plan_id in rows.plan_ids(conn):
            for v in rows.versions(conn, plan_id):
                wanted |= _copies(conn, v)
        wanted |= dict(_papers(conn))
        wanted = {name: sha256 for name, sha256 in wanted.items() if not _is_withheld(tools, conn, name)}
        for a in conn.execute(sa.select(t.intake)):
            if a.outcome == "duplicate" or (a.outcome == "accepted" and a.kind != "genomforandeplan/1"):
                wanted[f"{a.id}.kvitto.json"] = None
    found = {path.name: path for path in (tools.home / "outbox").iterdir() if path.name != ".gitkeep"}
    yield from (f"outbox has {name}" for name in found.keys() - wanted.keys())
    yield from (f"outbox lacks {name}" for name in wanted.keys() - found.keys())
    for name in found.keys() & wanted.keys():
        data = found[name].read_bytes()
        if wanted[name] is None:
            json.loads(data)
        elif hashlib.sha256(data).hexdigest() != wanted[name]:
            yield f"outbox has other bytes as {name}"


def _is_withheld(tools: Tools, conn: sa.Connection, name: str) -> bool:
    """Whether the person has been protected since the open version of that copy was sent: its receipt alone lies."""
    for plan_id in conn.execute(sa.select(t.plan.c.plan_id).where(t.plan.c.protected)).scalars():
        for v in rows.versions(conn, plan_id):
            if name.startswith(f"{plan_id}_v{v.version}.") and not name.endswith(".kvitto.json"):
                (content,) = rows.files_of(conn, v, "content")
                return bool(json.loads(tools.read(content))["brukare"]["skydd"] == "ingen")
    return False


def _papers(conn: sa.Connection) -> Iterator[tuple[str, str]]:
    """The documents around plans and orders, but those of versions replaced before they were sealed."""
    every = [v for plan_id in rows.plan_ids(conn) for v in rows.versions(conn, plan_id)]
    replaced = {(v.plan_id, v.version) for v in every if v.state == "superseded" and v.sealed_at is None}
    for paper in conn.execute(sa.select(t.paper)):
        if (paper.owner, paper.version) not in replaced:
            yield paper_name(paper.owner, paper.version, paper.slag, paper.number, paper.form), paper.sha256


def _copies(conn: sa.Connection, v: VersionRow) -> dict[str, str | None]:
    """What the design says lies in outbox for a version, by its state."""
    if v.state == "superseded":
        return {}
    copies: dict[str, str | None] = {f"{v.plan_id}_v{v.version}.kvitto.json": None}
    ending = {"awaiting_signatures": "osignerad.pdf", "archived": "pdf", "handed_over": "pdf"}.get(v.state)
    kind = "prepared" if v.state == "awaiting_signatures" else "sealed"
    if ending is not None:
        (file,) = [f for f in rows.files_of(conn, v, kind) if f.edition == v.edition]
        copies[f"{v.plan_id}_v{v.version}.{ending}"] = file.sha256
    if v.state == "awaiting_signatures":
        words = [f for f in rows.files_of(conn, v, "word") if f.edition == v.edition]
        copies |= {f"{v.plan_id}_v{v.version}.docx": f.sha256 for f in words}
    return copies


def _inbox(inbox: Path) -> Iterator[str]:
    left = [p.name for p in inbox.iterdir() if p.name not in {"fel", ".claims", ".gitkeep"}]
    left += [p.name for p in (*inbox.glob(".claims/*"), *inbox.rglob("*.tmp"))]
    yield from (f"{name} is left in the inbox" for name in left)


def _archive(tools: Tools) -> Iterator[str]:
    """What ocfl-py, which shares nothing with us, says of the storage root and of every object in it."""
    root = ocfl.StorageRoot(root=str(tools.ocfl.path))
    sound = root.validate(validate_objects=True, log_warnings=True)
    if not sound or root.errors or root.good_objects != root.num_objects:
        yield f"ocfl-py: {root.good_objects} of {root.num_objects} objects good, {root.errors} {root.log}"
    with tools.db.read() as conn:
        archived = conn.scalar(
            sa.select(sa.func.count(sa.distinct(t.file.c.plan_id))).where(t.file.c.ocfl_path.is_not(None))
        )
    if root.num_objects != archived:
        yield f"{root.num_objects} objects for {archived} archived plans"
