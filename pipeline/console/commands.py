"""What each command does, as functions from arguments to an `Answer`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline import acts, standing
from pipeline.app import load_profiles, make_workspace, open_workspace, system_clock
from pipeline.archive import lookup
from pipeline.casework.outbox import SIGNED, UNSIGNED
from pipeline.casework.receipts import Receipt, finding_json, receipt_json, stop
from pipeline.casework.tools import Tools, swedish_date
from pipeline.console.batch import received, results
from pipeline.console.files import named, read_bytes, write
from pipeline.console.printing import (
    Answer,
    Json,
    both,
    deadline_line,
    everything_lines,
    finding_line,
    standing_lines,
    word,
)
from pipeline.errors import Misuse
from pipeline.intake.names import new_id
from pipeline.plan.check import check as check_plan
from pipeline.plan.check import outcome
from pipeline.plan.deadlines import Deadline, deadlines
from pipeline.plan.event_rules import alone
from pipeline.plan.findings import Finding
from pipeline.plan.model import Genomforandeplan, Handelse
from pipeline.plan.person_id import read_number
from pipeline.plan.reading import Unreadable, read_file
from pipeline.reception import receive
from pipeline.store import rows

STATES = (*rows.OPEN_STATES, *rows.SEALED_STATES, "superseded", "withdrawn", "erased")


def init(folder: Path, *, test: bool) -> Answer:
    """Make a workspace."""
    tools = make_workspace(folder, test=test)
    value = {"workspace": str(tools.home), "test": test}
    key = "init.klar_test" if test else "init.klar"
    return Answer([value], [both(key, mapp=folder)])


def check(home: Path, files: list[Path]) -> Answer:
    """Findings and deadlines of files alone; `home` need be no workspace."""
    values: list[Json] = []
    lines: list[str] = []
    for path in files:
        found = _checked(read_bytes(path))
        findings = [finding_json(f) for f in found.findings]
        due = [standing.deadline_json(d) for d in found.deadlines]
        head = {"file": named(home, path), "plan_id": found.plan_id, "profile": found.profile, "outcome": found.outcome}
        values.append(head | {"findings": findings, "deadlines": due})
        lines.append(f"{head['file']}: {word('utslag', found.outcome)}")
        lines += [finding_line(f) for f in findings]
        lines += [f"  {deadline_line(d)}" for d in due]
    return Answer(values, lines, int(any(value["outcome"] != "ready" for value in values)))


def _checked(data: bytes) -> "_Judged":
    try:
        value = read_file(data).value
    except Unreadable as error:
        return _Judged("unreadable", findings=error.findings)
    today = swedish_date(system_clock())
    if isinstance(value, Handelse):
        said = alone(value, max(today, value.datum))  # as on its own day: it may be sent later
        return _Judged(outcome(said), value.plan_id, findings=said)
    plan_id = value.plan_id if isinstance(value, Genomforandeplan) else None
    profil = load_profiles().get(value.profil)
    if profil is None:
        return _Judged("unreadable", plan_id, value.profil, (stop("okand_profil", "profil"),))
    findings = check_plan(value, profil, today)
    return _Judged(outcome(findings), plan_id, value.profil, findings, deadlines(value, profil, today))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What `check` found of one file."""

    outcome: str
    plan_id: str | None = None
    profile: str | None = None
    findings: tuple[Finding, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


def record(home: Path, file: Path) -> Answer:
    """Record one event; any other kind of file is rejected."""
    tools = open_workspace(home)
    data = read_bytes(file)
    try:
        is_event = isinstance(read_file(data).value, Handelse)
    except Unreadable:
        is_event = True  # its own findings say what is wrong
    if not is_event:
        receipt = Receipt("rejected", None, None, new_id(tools.now()), (stop("ingen_handelse", "schema"),))
        return results([receipt_json(receipt, named(home, file), None)])
    return results([received(tools, named(home, file), receive(tools, data, new_id(tools.now())))])


def status(home: Path, plan: str | None) -> Answer:
    """Where one plan, or every plan, stands."""
    tools = open_workspace(home)
    if plan is not None:
        value = standing.status(tools, plan)
        return Answer([value], standing_lines(value))
    values = standing.all_plans(tools)
    lines = [line for value in values for line in standing_lines(value)[:1]]
    return Answer([{"results": values}], lines or [both("rad.inga_planer")])


def due(home: Path) -> Answer:
    """What is due or late."""
    values = standing.due(open_workspace(home))
    lines = [f"{deadline_line(v)}  {v['plan_id'] or v['beslut_id']}" for v in values]
    return Answer([{"results": values}], lines or [both("rad.inget_forfaller")])


def hand_over(home: Path, plan: str, *, by: str, to: str | None, receipt: str | None) -> Answer:
    """The sealed plan has been given to the person."""
    _one_of("--to", to, (None, "brukare", "foretradare"))
    _one_of("--receipt", receipt, (None, "signed", "declined"))
    return _stands(acts.hand_over(open_workspace(home), plan, by=by, to=to, receipt=receipt))


def withdraw(home: Path, plan: str, *, reason: str, by: str) -> Answer:
    """End a case that cannot end."""
    return _stands(acts.withdraw(open_workspace(home), plan, reason=reason, by=by))


def _stands(value: Json) -> Answer:
    return Answer([value], standing_lines(value))


def _one_of(option: str, value: str | None, allowed: tuple[str | None, ...]) -> None:
    if value not in allowed:
        raise Misuse("fel_val", option=option, allowed=", ".join(a for a in allowed if a))


def day(option: str, value: str | None) -> date | None:
    """A date given on the command line. Raises `Misuse`."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Misuse("fel_val", option=option, allowed="ÅÅÅÅ-MM-DD") from error


def find(home: Path, wanted: Mapping[str, str | None], purpose: str) -> Answer:
    """Look up versions; at least one criterion."""
    _one_of("--status", wanted["status"], (None, *STATES))
    tools = open_workspace(home)
    number = wanted["personnummer"]
    person = None if number is None else _person(tools, number)
    before = day("--due-before", wanted["due_before"])
    criteria = lookup.Criteria(
        text=wanted["text"],
        person=person,
        sha256=wanted["sha256"],
        status=wanted["status"],
        unit=wanted["unit"],
        plans=None if before is None else _due_plans(tools, before),
    )
    found = lookup.find(tools, criteria, lookup.Access(purpose, tools.now()))
    values = [
        {"plan_id": f.plan_id, "version": f.version, "state": f.state, "sha256": f.sha256, "archived_at": f.archived_at,
         "adopted_at": f.adopted_at}
        for f in found
    ]  # fmt: skip
    lines = [f"{v['plan_id']}  v{v['version']}  {word('lage', v['state'])}  {v['archived_at'] or ''}" for v in values]
    return Answer([{"results": values}], lines or [both("rad.inget_hittat")], int(not values))


def _person(tools: Tools, number: str) -> tuple[str, str]:
    read = read_number(number, today=tools.today())
    if read is None:
        raise Misuse("fel_val", option="--personnummer", allowed="ÅÅÅÅMMDD-NNNN")
    return ("samordningsnummer" if read.samordning else "personnummer"), read.digits


def _due_plans(tools: Tools, before: date) -> list[str]:
    due = [v for v in standing.due(tools) if v["plan_id"] and v["due"]]
    return [str(v["plan_id"]) for v in due if date.fromisoformat(str(v["due"])) <= before]


def show(home: Path, plan: str, purpose: str) -> Answer:
    """Everything the archive knows of a plan, without its content."""
    tools = open_workspace(home)
    versions = lookup.show(tools, plan, lookup.Access(purpose, tools.now()))
    value = standing.everything(tools, plan, versions)
    return Answer([value], everything_lines(value))


def get(home: Path, plan: str, version: int | None, out: Path | None, purpose: str) -> Answer:
    """Fetch a version's PDF."""
    tools = open_workspace(home)
    got = lookup.get(tools, plan, lookup.Access(purpose, tools.now()), version=version)
    suffix = SIGNED if got.kind in rows.ISSUED else UNSIGNED
    path = out or Path(f"{got.plan_id}_v{got.version}{suffix}")
    write(path, got.data)
    file = named(home, path)
    value = {"plan_id": got.plan_id, "version": got.version, "sha256": got.sha256, "file": file}
    return Answer([value], [file])


def trust(home: Path, out: Path | None) -> Answer:
    """The certificates that an outside reader must trust, as PEM, and how to import them."""
    trusted = open_workspace(home).trust
    pem = "".join(dict.fromkeys(_certificates(trusted.roots_pem) + _certificates(trusted.tsa_roots_pem)))
    if out is not None:
        write(out, pem.encode())
    file = named(home, out) if out else None
    how = [both("fortroende.adobe"), both("fortroende.nss")]
    return Answer([{"file": file, "pem": pem}], [file or pem.strip(), *how])


def _certificates(pem: bytes) -> list[str]:
    return re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", pem.decode("ascii"), re.DOTALL)
