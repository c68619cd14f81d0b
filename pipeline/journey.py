"""THE story: which step follows which, and the one place where a step's effects are committed.

::

    a file is decided (pipeline/reception/)
       plan accepted ──> render ──> prepare ──> … waits for people (pipeline/acts.py), and not for ever:
                            ▲                      │ remind, expire (casework/unfinished.py) …
                            │                      │ sign (brukare, kontaktman, enhetschef)
                            └── waive: new edition ┤
                                                   ▼ every slot has ended
                                                 seal ──> preserve ──> outbox
                                                             ▲
                         hand_over, withdraw, an event, renew┘

Each arrow is a row of the step table. A handler here computes what its step makes (bytes go into the object store,
where they lie by hash and harm nobody if the step never commits) and returns the *effect*: what changes in the
database. The engine commits the effect, its trail entry, "done" and the next steps in one transaction, and refuses
when the step was cancelled meanwhile. Nothing here sleeps or waits for a person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import cast

from sqlalchemy.engine import Connection

from pipeline.archive.preserve import preserve as write_preserved
from pipeline.archive.preserve import sweep
from pipeline.casework import answers, around, cases, identification, outbox, papers, sealing, signing, unfinished
from pipeline.casework.around import About, Asked
from pipeline.casework.endings import PATIENCE, end
from pipeline.casework.moves import ask, facts_of, go, note, refresh_order, version_of
from pipeline.casework.tools import Tools
from pipeline.engine.claims import cancel
from pipeline.engine.step import Step
from pipeline.engine.worker import Effect, Worker
from pipeline.errors import EnvironmentFailed, Refused
from pipeline.plan.slots import slots as demanded_slots
from pipeline.store import papers as paper_rows
from pipeline.store import rows, trail
from pipeline.store.rows import NewFile, VersionRow
from pipeline.store.tables import stamp
from signatures.conformance import lost


def worker(tools: Tools) -> Worker:
    """What the engine needs to run this story's steps."""
    handlers = {kind: partial(handler, tools) for kind, handler in HANDLERS.items()}
    lease = timedelta(seconds=tools.settings.engine.lease_seconds)
    return Worker(tools.db, handlers, tools.now, partial(answer_refusal, tools), lease)


def _keep(tools: Tools, v: VersionRow, kind: str, revision: int, data: bytes) -> NewFile:
    """Store what a step made; a PDF that lost what makes it archivable and accessible stops the step instead."""
    if kind != "word":
        _require_whole(data)
    return _stored(tools, v, kind, revision, data)


def _require_whole(pdf: bytes) -> None:
    if gone := lost(pdf):
        raise EnvironmentFailed("dokument_forlorad", fel=", ".join(gone))


def _stored(tools: Tools, v: VersionRow, kind: str, revision: int, data: bytes) -> NewFile:
    stored = tools.objects.put(v.plan_id, data)
    return NewFile(v.edition, revision, kind, stored.sha256, stored.sha512, stored.size)


def render(tools: Tools, step: Step) -> Effect:
    """Plan + dress + template -> the document, as PDF and, where the dress asks for it, as Word."""
    from pipeline.documents.render import render_edition  # heavy: WeasyPrint

    v = version_of(tools, step)
    with tools.db.read() as conn:
        rendering = papers.rendering(tools, conn, v)
    document, word = render_edition(rendering)
    made = [_keep(tools, v, "document", 0, document.pdf)]
    if word is not None:
        made.append(_keep(tools, v, "word", 0, word))
    places = [{"role": p.role, "page": p.page, "rect": list(p.rect)} for p in document.placeholders]

    def effect(conn: Connection) -> None:
        for new in made:
            rows.add_file(conn, v, new, tools.now())
        rows.update_version(conn, v, state="rendered")
        for new in made:
            note(conn, tools, v, "rendered", **facts_of(new))
        go(conn, tools, v, "prepare", places=places)

    return effect


def prepare(tools: Tools, step: Step) -> Effect:
    """The document -> the document with its empty signature fields, whose hash is the edition's base."""
    from pipeline.documents.fonts import signature_fonts
    from signatures.errors import FieldRefused
    from signatures.fields import prepare as add_fields

    v = version_of(tools, step)
    with tools.db.read() as conn:
        (document,) = [f for f in rows.files_of(conn, v, "document") if f.edition == v.edition]
        plan = tools.plan_of(conn, v)
        profil = tools.profile_of(plan)
        places = cast(Sequence[Mapping[str, object]], step.payload["places"])
        any_order = profil.underskrifter.personal_far_byta_plats
        specs = papers.field_specs(demanded_slots(plan, profil), places, any_order=any_order)
    with cases.answering(ours=FieldRefused):  # a field that cannot be placed is the template's fault, not the plan's
        pdf = add_fields(tools.read(document), specs, papers.names(plan, tools.people), signature_fonts())
    new = _keep(tools, v, "prepared", 0, pdf)

    def effect(conn: Connection) -> None:
        rows.add_file(conn, v, new, tools.now())
        rows.add_edition(conn, v, new.sha256, tools.now())
        rows.update_version(conn, v, state="awaiting_signatures")
        note(conn, tools, v, "prepared", **facts_of(new))
        unfinished.wait(conn, tools, v)
        go(conn, tools, v, "outbox")

    return effect


def sign(tools: Tools, step: Step) -> Effect:
    """One identified act -> a PAdES B-LT signature in the role's own field, or what was asked of a service for one."""
    role = cast(str, step.payload["role"])
    with tools.db.read() as conn:
        v = cases.open_version(conn, step.plan_id, cast(int, step.payload["version"]))
        act = identification.load_act(tools, conn, v, role, cast(str, step.payload["evidence"]))
        current = rows.current_revision(conn, v)
    if current is None or current.sha256 != act.revision_sha256:
        raise Refused("fel_revision", plan_id=v.plan_id)
    made = signing.signed(tools, v, act, current)
    if isinstance(made, signing.Later):
        return answers.keep(tools, v, act, made)
    _require_whole(made)
    now = signing.made_at(made)
    new = _stored(tools, v, "signed", current.revision + 1, made)
    identification.note_made(tools, act.evidence_id, new.sha256)

    def effect(conn: Connection) -> None:
        rows.add_file(conn, v, new, now)
        identification.end_signed(conn, tools, v, act, new.sha256, now)
        note(conn, tools, v, "signed", role=role, outcome=act.outcome, evidence_id=act.evidence_id, **facts_of(new))
        if role == "enhetschef":
            rows.update_version(conn, v, adopted_at=stamp(now))
        if all(slot.outcome for slot in rows.slots_of(conn, v)):
            go(conn, tools, v, "seal")

    return effect


def seal(tools: Tools, step: Step) -> Effect:
    """Every slot has ended -> an archive time stamp over the whole file (PAdES B-LTA), judged before it is kept."""
    with tools.db.read() as conn:
        v = cases.open_version(conn, step.plan_id, cast(int, step.payload["version"]))
        current = rows.current_revision(conn, v)
        expected = cases.expected(tools, conn, v)
    if current is None or current.kind != "signed":
        raise Refused("fel_revision", plan_id=v.plan_id)
    made = sealing.seal(tools, v, tools.read(current), expected)
    now = tools.now()
    new = replace(_keep(tools, v, "sealed", current.revision + 1, made.pdf), holds_until=made.holds_until)

    def effect(conn: Connection) -> None:
        rows.add_file(conn, v, new, now)
        rows.update_version(conn, v, state="sealed", sealed_at=stamp(now))
        cancel(conn, v.plan_id, now, PATIENCE)
        note(conn, tools, v, "sealed", **facts_of(new))
        ask(conn, tools, around.about_version(v), "forseglad", cause=f"forseglad:v{v.version}")
        for older in rows.versions(conn, v.plan_id):
            if older.version < v.version and older.state in rows.SEALED_STATES:
                end(conn, tools, older, "superseded", str(v.version))
        go(conn, tools, v, "preserve")

    return effect


def renew(tools: Tools, step: Step) -> Effect:
    """A sealed file whose archive time stamp ends -> the same under a new one: a new file of the same version."""
    v = version_of(tools, step)
    with tools.db.read() as conn:
        current = rows.newest_issued(conn, v)
        expected = cases.expected(tools, conn, v)
    if current is None or current.sha256 != step.payload["of"]:
        return lambda _conn: None  # renewed since
    made = sealing.seal_anew(tools, v, current, expected)
    new = _keep(tools, v, "renewed", current.revision + 1, made.pdf)
    new = replace(new, edition=current.edition, holds_until=made.holds_until)

    def effect(conn: Connection) -> None:
        rows.add_file(conn, v, new, tools.now())
        note(conn, tools, v, "renewed", **facts_of(new))
        go(conn, tools, v, "preserve")

    return effect


def preserve(tools: Tools, step: Step) -> Effect:
    """The plan's files and facts -> its OCFL object; a sealed version is then archived."""
    v = version_of(tools, step)
    preserved = write_preserved(tools.db, tools.objects, tools.ocfl, tools.keys, v.plan_id)

    def effect(conn: Connection) -> None:
        preserved.commit(conn)
        if v.state == "sealed":
            rows.update_version(conn, v, state="archived", archived_at=stamp(tools.now()))
            note(conn, tools, v, "archived", edition=v.edition)
            go(conn, tools, v, "preserve")  # once more: the object shall say that it is archived
        else:
            go(conn, tools, v, "outbox")

    return effect


def hand_over(tools: Tools, step: Step) -> Effect:
    """The sealed PDF has been given to the person -> the version is handed over; the receipt is a paper around it."""
    v = version_of(tools, step)
    with tools.db.read() as conn:
        given = rows.newest_issued(conn, v)
    if given is None:
        raise Refused("ej_arkiverad", plan_id=v.plan_id)

    def effect(conn: Connection) -> None:
        if v.state == "archived":
            rows.update_version(conn, v, state="handed_over")
        note(conn, tools, v, "handed_over", edition=given.edition, kind=given.kind, sha256=given.sha256)
        go(conn, tools, v, "preserve")

    return effect


def paper(tools: Tools, step: Step) -> Effect:
    """A kind of document + what has happened -> the document in its forms."""
    about = About(**{name: step.payload[name] for name in About.__slots__})  # type: ignore[arg-type]  # as `ask_for` wrote
    asked = Asked.of(step.payload)
    made = around.make(tools, about, asked)

    def effect(conn: Connection) -> None:
        now = tools.now()
        for one in made:
            paper_rows.add_paper(conn, one.new, number=one.number, forms=one.forms, now=now)
            for form, stored in one.forms:
                told: dict[str, trail.Fact] = {"slag": one.new.slag, "form": form, "number": one.number}
                told |= {"version": one.new.version, "uppdrag_id": one.new.uppdrag_id, "plan_id": one.new.plan_id}
                told |= {"sha256": stored.sha256, "sha512": stored.sha512, "handelse_id": asked.handelse_id}
                trail.append(conn, "paper_made", told, now)
        v = rows.version_row(conn, about.owner, about.version or 0) if made else None
        if v is not None:
            go(conn, tools, v, "preserve" if v.state in (*rows.SEALED_STATES, *rows.ENDED_STATES) else "outbox")
        elif made:
            refresh_order(conn, tools, about.owner)

    return effect


def put_in_outbox(tools: Tools, step: Step) -> Effect:
    """The plan's present state -> the copies that outbox shall hold; what the archive object holds leaves staging."""
    if step.payload.get("uppdrag"):
        outbox.reconcile_order(tools, step.plan_id)
        return lambda _conn: None
    outbox.reconcile(tools, step.plan_id)
    sweep(tools.db, tools.objects, tools.ocfl, step.plan_id)
    answers.sweep(tools, step.plan_id)
    return lambda _conn: None


def answer_refusal(tools: Tools, conn: Connection, step: Step, error: Refused) -> None:
    """A step refused its input: whoever sent the plan is answered, and what cannot go on ends."""
    v = rows.version_row(conn, step.plan_id, cast(int, step.payload.get("version") or 0))
    if v is None or v.state not in rows.OPEN_STATES:
        return
    note(conn, tools, v, "step_failed", code=error.code)
    if step.kind == "sign":
        identification.release_slot(conn, v, cast(str, step.payload["role"]))
    elif step.kind in {"render", "prepare"}:
        end(conn, tools, v, "withdrawn", error.code)


Handler = Callable[[Tools, Step], Effect]
HANDLERS: Mapping[str, Handler] = {
    "render": render,
    "prepare": prepare,
    "sign": sign,
    "seal": seal,
    "renew": renew,
    "preserve": preserve,
    "hand_over": hand_over,
    "outbox": put_in_outbox,
    "paper": paper,
    "remind": unfinished.remind,
    "expire": unfinished.expire,
}
