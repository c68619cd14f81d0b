"""`plansigill sign`: one role's signature, and the way to it when the person identifies themselves meanwhile."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

from pipeline import acts, batch_signing, standing, waiving
from pipeline.app import open_workspace
from pipeline.casework.outbox import UNSIGNED
from pipeline.casework.people import plan_people, unknown_person
from pipeline.casework.tools import Tools
from pipeline.console.files import named, read_attachment, read_bytes, write
from pipeline.console.loopback import Listener, listening, parameters
from pipeline.console.printing import Answer, Json, at_service_lines, both, standing_lines
from pipeline.console.service_page import service_page
from pipeline.errors import Misuse, PlansigillError
from pipeline.store import rows
from pipeline.waiving import Waiver

ROLES = ("brukare", "kontaktman", "enhetschef")
OUTCOMES = ("declined", "unable", "not_participating", "paper")
LOOK_SECONDS = 1.0
"""An animated QR code changes each second (BankID RP API 6.0); asking as often is allowed."""

WAIT_SECONDS = 15.0
"""How long a browser is waited for before it is looked whether the order still stands."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the command line says of who signs, in which role and how.

    `answer` is where a service led them, or `@` and the file with the form that it answered with; `form` is where to
    write the page that leads to a service which signs.
    """

    role: str
    as_id: str | None = None
    version: int | None = None
    basis: Path | None = None
    checked_by: str | None = None
    method: str | None = None
    answer: str | None = None
    attested_by: str | None = None
    how: str | None = None
    form: Path | None = None
    drawn: Path | None = None


def sign(home: Path, plan_id: str, told: Told, *, json: bool) -> Answer:
    """One role's signature.

    At a terminal it shows what the person has to do and waits for them; stopped (Ctrl-C), the identification is given
    up. Elsewhere it answers at once, with exit code 1 and `identification` while the person has not answered, or
    `at_service` while a service has not signed.
    """
    role = told.role
    _one_of(ROLES, role)
    tools = open_workspace(home)
    names = ("as_id", "checked_by", "method", "version", "attested_by", "how")
    who: dict[str, Any] = {name: getattr(told, name) for name in names}
    who["basis"] = read_attachment(told.basis) if told.basis else None
    who["drawn"] = read_bytes(told.drawn) if told.drawn else None
    who["page"] = told.form is not None
    value = acts.sign(tools, plan_id, role, answer=_given(told.answer), **who)
    again = partial(acts.sign, tools, plan_id, role, **who)
    if "identification" in value and not json:
        value = _attended(value, again, partial(acts.cancel_sign, tools, plan_id, role))
    lines = standing_lines(value)
    if "identification" in value:
        lines += _how(value)
    if "at_service" in value:
        lines += _at_service(cast("Mapping[str, Any]", value["at_service"]), told.form)
    return Answer([value], lines, int("identification" in value or "at_service" in value))


def give_up(home: Path, plan_id: str, role: str) -> Answer:
    """Give up what has been begun for the role's signature, here and at the service; the plan's standing after it."""
    _one_of(ROLES, role)
    tools = open_workspace(home)
    acts.cancel_sign(tools, plan_id, role)
    value = standing.status(tools, plan_id)
    return Answer([value], standing_lines(value))


def _at_service(asked: Mapping[str, Any], page: Path | None) -> list[str]:
    """How the person goes on to the service that signs, and the page that takes them there where one was asked for."""
    if page is not None:
        write(page, service_page(asked["address"], asked["form"]).encode())
    return [f"  {both('rad.svara_tjanst' if page else 'rad.sida_till_tjanst')}"]


def waive(home: Path, plan_id: str, waiver: Waiver, answer: str | None, *, json: bool) -> Answer:
    """A slot that ends without a signature; whoever certifies an original on paper is waited for as in `sign`."""
    _one_of(ROLES, waiver.role)
    if waiver.outcome not in OUTCOMES:
        raise Misuse("fel_val", option="--outcome", allowed=", ".join(OUTCOMES))
    tools = open_workspace(home)
    again = partial(waiving.waive, tools, plan_id, waiver)
    value = again(answer=parameters(answer))
    if "identification" in value and not json:
        value = _attended(value, again, partial(waiving.cancel_paper, tools, plan_id))
    lines = standing_lines(value)
    if "identification" in value:
        lines += _how(value)
    return Answer([value], lines, int("identification" in value))


def view(home: Path, plan_id: str, role: str, as_id: str | None, out: Path | None) -> Answer:
    """Write the document that waits for the person's signature; that they have opened it is recorded."""
    _one_of(batch_signing.STAFF, role)
    opened = batch_signing.open_document(open_workspace(home), plan_id, role, as_id)
    v = opened.version
    path = out or Path(f"{plan_id}_v{v.version}{UNSIGNED}")
    write(path, opened.data)
    file = named(home, path)
    return Answer([{"plan_id": plan_id, "version": v.version, "sha256": opened.file.sha256, "file": file}], [file])


def sign_many(home: Path, plans: Sequence[str], told: Told, *, json: bool) -> Answer:
    """Sign what the person has opened, with one identification; without plans, all that wait for them.

    Exit code 1 while anything is not signed.
    """
    role, as_id = told.role, told.as_id or ""
    _one_of(batch_signing.STAFF, role)
    tools = open_workspace(home)
    chosen = tuple(plans) or batch_signing.waiting(tools, role, as_id)
    if not chosen:
        _require_known(tools, as_id)
    again = partial(batch_signing.sign_many, tools, chosen, role, as_id, method=told.method)
    value = again(answer=_given(told.answer))
    if "identification" in value and not json:
        value = _attended(value, again, partial(_cancel_many, tools, chosen, role))
    results = cast("list[Json]", value["results"])
    failed = [each for each in results if "error" in each]
    lines = [line for each in results for line in _result_lines(each)] or [both("rad.inget_vantar")]
    lines += _how(value) if "identification" in value else []
    waits = [slot for each in results for slot in cast("list[Json]", each.get("slots", ())) if slot["at_service"]]
    return Answer([value], lines, int(bool(failed or waits) or "identification" in value))


def _result_lines(each: Json) -> list[str]:
    if "error" in each:
        return [f"{each['plan_id']}: {cast(Json, each['error'])['sv']}"]
    return [standing_lines(each)[0], *at_service_lines(each)]


def _require_known(tools: Tools, as_id: str) -> None:
    """Nothing waits for somebody whose id was mistyped: raise `Refused` or `Misuse` unless the id is somebody's.

    In a test workspace whoever an open plan names is known, listed or not.
    """
    if as_id in tools.people:
        return
    with tools.db.read() as conn:
        newest = [rows.latest_version(conn, plan_id) for plan_id in rows.plan_ids(conn) if tools.settings.test]
        plans = (tools.plan_of(conn, v) for v in newest if v is not None and v.state != "erased")
        if not any(as_id in plan_people(plan) for plan in plans):
            raise unknown_person(as_id)


def _cancel_many(tools: Tools, plans: Sequence[str], role: str) -> None:
    """Give up what has been begun for each plan; one that has ended meanwhile has nothing left to give up."""
    for plan_id in plans:
        with suppress(PlansigillError):
            acts.cancel_sign(tools, plan_id, role)


def _one_of(roles: Sequence[str], role: str) -> None:
    if role not in roles:
        raise Misuse("fel_val", option="--role", allowed=", ".join(roles))


def _given(answer: str | None) -> Mapping[str, str] | None:
    """What a redirect's address carries, or the form in a file (`@FILE`), as a browser sends it."""
    if answer is None or not answer.startswith("@"):
        return parameters(answer)
    try:
        sent = read_bytes(Path(answer[1:])).decode("ascii").strip()
        return dict(parse_qsl(sent, keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise Misuse("fel_val", option="--answer", allowed="application/x-www-form-urlencoded") from error


def _attended(value: Json, again: Callable[..., Json], give_up: Callable[[], None]) -> Json:
    """At a terminal: show what to do until it is done; anywhere else the caller asks again."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return value
    shown = ""
    try:
        with listening(cast("str | None", cast(Json, value["identification"])["returns"])) as listener:
            while "identification" in value:
                told = "\n".join(_how(value))
                if told != shown:
                    sys.stderr.write(told + "\n")
                    shown = told
                value = again(answer=_answer(cast(Json, value["identification"]), listener))
    except (KeyboardInterrupt, EOFError):
        give_up()
        raise Misuse("avbruten_legitimering") from None
    return value


def _answer(how: Json, listener: Listener) -> Mapping[str, str] | None:
    """What the person comes back with, where there is anything to come back with; else a pause until the next look."""
    if how["qr"]:
        _draw(str(how["qr"]))
    elif how["returns"]:
        return listener.wait(WAIT_SECONDS)
    time.sleep(LOOK_SECONDS)
    return None


def _draw(code: str) -> None:
    import segno

    segno.make(code, error="l").terminal(out=sys.stderr, compact=True)


def _how(value: Json) -> list[str]:
    from signatures.words import sentence

    how = cast(Json, value["identification"])
    said = sentence("identity", str(how["hint"]))
    lines = [f"  {said.sv} / {said.en}"]
    if how["url"]:
        lines.append(f"  {both('rad.oppna_adress')}: {how['url']}")
    if how["returns"]:
        lines.append(f"  {both('rad.klistra_in')}")
    return [*lines, f"  {both('rad.fortsatt', expires=how['expires'])}"]
