"""The documents around a plan or an order: which of them something asks for, and what each may speak of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, cast

import rfc8785
from sqlalchemy.engine import Connection

from pipeline.casework import cases, esealing, histories, patience, protection
from pipeline.casework.receipts import of_version
from pipeline.casework.tools import Tools, swedish_date
from pipeline.casework.verifying import report_on
from pipeline.documents.facts import Facts, FileFact, SlotFact, Verdict
from pipeline.documents.kinds import Kind, kind
from pipeline.documents.reduced import consents, reduced, reduced_order
from pipeline.errors import Refused, unknown_plan
from pipeline.plan.deadlines import deadlines
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.model_parts import Roll
from pipeline.plan.profile import Profil
from pipeline.plan.reading import read_file
from pipeline.plan.time_sum import time_sum
from pipeline.store import papers, rows
from pipeline.store.objects import Stored
from pipeline.store.papers import NewPaper, paper_name
from pipeline.store.rows import VersionRow
from pipeline.store.tables import parse_stamp

if TYPE_CHECKING:
    from signatures.verify import Report


@dataclass(frozen=True, slots=True)
class About:
    """What a document is about: a plan (and its version) or an order that no plan answers yet."""

    owner: str
    profil: str
    omrade: str
    version: int | None = None

    @property
    def is_plan(self) -> bool:
        """Whether it is about a plan."""
        return self.version is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """One document asked for; the `cause` (an event's id, a version, a deadline) asks for it once.

    `vid` is what has happened, as a kind declares it (`pipeline.documents.kinds.Cause`).
    """

    slag: str
    cause: str
    day: date
    handelse_id: str | None = None
    frist: str | None = None
    vid: str = "begaran"

    def payload(self) -> dict[str, object]:
        """As the payload of a step."""
        told = {"slag": self.slag, "cause": self.cause, "day": self.day.isoformat(), "vid": self.vid}
        return told | {"handelse": self.handelse_id, "frist": self.frist}

    @staticmethod
    def of(payload: Mapping[str, object]) -> "Asked":
        """The one that `payload` wrote."""
        known = {key: cast("str | None", payload.get(key)) for key in ("handelse", "frist")}
        day = date.fromisoformat(str(payload["day"]))
        slag, cause, vid = (str(payload[key]) for key in ("slag", "cause", "vid"))
        return Asked(slag, cause, day, known["handelse"], known["frist"], vid)


def about_version(v: VersionRow) -> About:
    """The plan of a version."""
    return About(v.plan_id, v.profil, v.verksamhetsomrade, v.version)


def wanted(profil: Profil, omrade: str, vid: str) -> Iterator[str]:
    """The kinds that the routine wants when `vid` happens, in the profile's order."""
    for entry in profil.dokument:
        causes = entry.vid or kind(entry.slag).vid
        if vid in causes and (not entry.omraden or omrade in entry.omraden):
            yield entry.slag


def make(tools: Tools, about: About, asked: Asked) -> "tuple[Made, ...]":
    """The papers with their forms in the object store; none that is made already, or not called for after all."""
    from pipeline.documents.paper import is_called_for, lay_out, variants

    declared = kind(asked.slag)
    with tools.db.read() as conn:
        facts = gather(tools, conn, about, asked, declared)
        several = variants(declared, facts) if is_called_for(declared, facts) else ()
        asked_for = [(_new(conn, about, asked, one.variant), one) for one in several]
        missing = [(new, one) for new, one in asked_for if not papers.forms_made(conn, new)]
    made = []
    for new, one in missing:
        laid_out = lay_out(declared, one, tools.dress(facts.subject.kommun.kod))
        forms = esealing.sealed(tools, esealing.Wish(about.owner, about.version, new.slag, new.cause), one, laid_out)
        stored = tuple((form, tools.objects.put(about.owner, data)) for form, data in forms.items())
        made.append(Made(new, one.number, stored))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Made:
    """A document's forms as they lie in the object store, not yet recorded."""

    new: NewPaper
    number: int
    forms: tuple[tuple[str, Stored], ...]


def _new(conn: Connection, about: About, asked: Asked, variant: str | None) -> NewPaper:
    plan_id = about.owner if about.is_plan else histories.plan_of_order(conn, about.owner)
    order_id = None if about.is_plan else about.owner
    cause = asked.cause if variant is None else f"{asked.cause}:{variant}"
    return NewPaper(about.owner, plan_id, order_id, about.version, asked.slag, cause)


def gather(tools: Tools, conn: Connection, about: About, asked: Asked, declared: Kind) -> Facts:
    """The facts of one document, as they stand now."""
    facts = _of_plan(tools, conn, about, asked) if about.is_plan else _of_order(tools, conn, about, asked)
    event = _event(tools, conn, asked)
    v = rows.version_row(conn, about.owner, about.version or 0)
    guarded = facts.subject.brukare.skydd != "ingen"  # a report holds the certificates, and what they say of the person
    return replace(
        facts,
        vid=asked.vid,
        number=papers.next_number(conn, about.owner, asked.slag),
        deadline=next((d for d in facts.deadlines if d.code == asked.frist), None),
        event=event,
        by=_by(tools, facts.subject, event.av) if event else None,
        files=_files(tools, conn, about.owner, with_content=declared.bilagor),
        verdict=_verdict(tools, conn, v, enclosed=not guarded) if declared.verifieras and v is not None else None,
    )


def _verdict(tools: Tools, conn: Connection, v: VersionRow, *, enclosed: bool) -> Verdict:
    """What verifying the version's newest sealed file says now; raises Refused("ej_arkiverad") when there is none."""
    sealed = rows.newest_issued(conn, v)
    if sealed is None:
        raise Refused("ej_arkiverad", plan_id=v.plan_id)
    report, _ = report_on(tools, tools.read(sealed), tools.now())
    rules = tuple((str(rule.id), str(rule.verdict), rule.text_sv) for rule in report.all_rules)
    return Verdict(str(report.verdict), rules, report.verified_at, _reports(report) if enclosed else ())


def _reports(report: "Report") -> tuple[tuple[str, bytes], ...]:
    """The report itself, for programs: what a certificate in words cannot carry."""
    from signatures.verify import to_json
    from signatures.verify.etsi import to_etsi

    return (("rapport.xml", to_etsi(report)), ("rapport.json", rfc8785.dumps(to_json(report))))  # type: ignore[arg-type]  # JSON


def _of_order(tools: Tools, conn: Connection, about: About, asked: Asked) -> Facts:
    row = histories.order_row(conn, about.owner)
    order = histories.order_content(tools, row)
    profil = tools.profile(about.profil)
    history = histories.history_of_order(tools, conn, row)
    return Facts(
        subject=reduced_order(protection.shown_order(tools, conn, about.owner)),
        profil=profil,
        day=asked.day,
        test=tools.settings.test,
        history=history,
        deadlines=deadlines(order, profil, asked.day, history),
    )


def _of_plan(tools: Tools, conn: Connection, about: About, asked: Asked) -> Facts:
    v = _version(conn, about)
    profil = tools.profile(about.profil)
    plan = protection.shown_plan(tools, conn, v)
    history = histories.history_of_plan(tools, conn, v.plan_id)
    sealed = rows.newest_issued(conn, v)
    ended = cases.unsigned_endings(tools, conn, v)
    last_day = patience.deadline(tools, conn, v)
    waiting = (last_day,) if last_day else ()
    facts = Facts(
        subject=reduced(plan, profil, ended),
        profil=profil,
        day=asked.day,
        test=tools.settings.test,
        version=v.version,
        content_sha256=v.content_sha256,
        sammanfattning=plan.sammanfattning or {},
        sums=time_sum(tools.plan_of(conn, v)),
        samtycken=consents(plan, history),
        history=history,
        deadlines=(*deadlines(plan, profil, asked.day, history), *waiting),
        findings=of_version(conn, v).findings,
        slots=_slots(tools, conn, v),
        ended=ended,
        sha256=sealed.sha256 if sealed else None,
        sealed=parse_stamp(v.sealed_at) if v.sealed_at else None,
        adopted=parse_stamp(v.adopted_at) if v.adopted_at else None,
        states={each.version: each.state for each in rows.versions(conn, v.plan_id)},
    )
    before = _earlier(conn, v)
    if before is None:
        return facts
    earlier = protection.shown_plan(tools, conn, before)
    sums = time_sum(tools.plan_of(conn, before))
    return replace(facts, earlier=reduced(earlier, profil), earlier_version=before.version, earlier_sums=sums)


def _version(conn: Connection, about: About) -> VersionRow:
    found = rows.version_row(conn, about.owner, about.version or 0)
    if found is None:
        raise unknown_plan(about.owner)
    return found


def _earlier(conn: Connection, v: VersionRow) -> VersionRow | None:
    """The version that this one is compared with: the last one sealed, else the one before."""
    before = [each for each in rows.versions(conn, v.plan_id) if each.version < v.version]
    sealed = [each for each in before if each.sealed_at is not None]
    return next(reversed(sealed or before), None)


def _event(tools: Tools, conn: Connection, asked: Asked) -> Handelse | None:
    row = rows.event_row(conn, asked.handelse_id) if asked.handelse_id else None
    if row is None:
        return None
    value = read_file(json.dumps(histories.event_content(tools, row), ensure_ascii=False).encode()).value
    if not isinstance(value, Handelse):
        raise TypeError("the row holds no event")
    return value


def _by(tools: Tools, subject: Genomforandeplan | Uppdrag, personal_id: str) -> str:
    """The employee's name where it is known, else what the event says."""
    known = tools.people.get(personal_id)
    if known is not None:
        return known.namn
    roles = [getattr(subject.roller, name) for name in type(subject.roller).model_fields] if subject.roller else []
    return next((r.namn for r in roles if isinstance(r, Roll) and r.personal_id == personal_id and r.namn), personal_id)


def _slots(tools: Tools, conn: Connection, v: VersionRow) -> tuple[SlotFact, ...]:
    found = []
    for slot in rows.slots_of(conn, v):
        told = tools.detail(v, slot)
        said = {name: cast("str | None", told.get(name)) for name in ("signer", "text", "by")}
        at = parse_stamp(slot.ended_at) if slot.ended_at else None
        found.append(SlotFact(slot.role, slot.outcome, said["signer"], at, slot.reason, said["text"], said["by"]))
    return tuple(found)


def _files(tools: Tools, conn: Connection, plan_id: str, *, with_content: bool) -> tuple[FileFact, ...]:
    """What the archive has issued: every sealed version, and every paper, in the order they were made."""
    issued = []
    for v in rows.versions(conn, plan_id):
        for file in rows.files_of(conn, v, *rows.ISSUED):
            name = f"{plan_id}_v{v.version}.pdf"
            content = tools.read(file) if with_content else None
            issued.append(FileFact(v.version, file.kind, name, file.sha256, _day(file.made_at), content))
    for paper in papers.papers_of_plan(conn, plan_id):
        name = paper_name(plan_id, paper.version, paper.slag, paper.number, paper.form)
        content = tools.read(paper) if with_content else None
        issued.append(FileFact(paper.version or 0, paper.slag, name, paper.sha256, _day(paper.made_at), content))
    return tuple(issued)


def _day(at: str) -> date:
    return swedish_date(parse_stamp(at))
