"""`plansigill sign`: one role's signature, and the way to it when the person identifies themselves meanwhile."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from pipeline import acts
from pipeline.app import open_workspace
from pipeline.casework.tools import Tools
from pipeline.console.printing import Answer, Json, both, standing_lines
from pipeline.errors import Misuse

ROLES = ("brukare", "kontaktman", "enhetschef")
LOOK_SECONDS = 1.0
"""An animated QR code changes each second (BankID RP API 6.0); asking as often is allowed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the command line says of who signs, and how."""

    as_id: str | None = None
    version: int | None = None
    basis: Path | None = None
    checked_by: str | None = None
    method: str | None = None


def sign(home: Path, plan_id: str, role: str, told: Told, *, answer: str | None, json: bool) -> Answer:
    """One role's signature.

    At a terminal it shows what the person has to do and waits for them; stopped (Ctrl-C), the identification is given
    up. Elsewhere it answers at once, with exit code 1 and `identification` while the person has not answered.
    """
    if role not in ROLES:
        raise Misuse("fel_val", option="--role", allowed=", ".join(ROLES))
    tools = open_workspace(home)
    named = {"as_id": told.as_id, "checked_by": told.checked_by, "method": told.method, "version": told.version}
    basis = acts.read_attachment(told.basis) if told.basis else None
    value = acts.sign(tools, plan_id, role, answer=_parameters(answer), basis=basis, **named)
    if "identification" in value and not json and sys.stdin.isatty() and sys.stderr.isatty():
        value = _attended(tools, plan_id, role, value, named)
    lines = standing_lines(value)
    if "identification" in value:
        lines += _how(value)
    return Answer([value], lines, int("identification" in value))


def _parameters(answer: str | None) -> Mapping[str, str] | None:
    """What a redirect's address carries (RFC 6749 4.1.2)."""
    return None if answer is None else dict(parse_qsl(urlsplit(answer).query, keep_blank_values=True))


def _attended(tools: Tools, plan_id: str, role: str, value: Json, named: Mapping[str, object]) -> Json:
    shown = ""
    try:
        while "identification" in value:
            how = cast(Json, value["identification"])
            answer = None
            told = "\n".join(_how(value))
            if told != shown:
                sys.stderr.write(told + "\n")
                shown = told
            if how["qr"]:
                _draw(str(how["qr"]))
            elif how["url"]:
                answer = _parameters(input(both("rad.klistra_in") + ": ").strip())
            time.sleep(LOOK_SECONDS)
            value = acts.sign(tools, plan_id, role, answer=answer, **named)
    except (KeyboardInterrupt, EOFError):
        acts.cancel_sign(tools, plan_id, role)
        raise Misuse("avbruten_legitimering") from None
    return value


def _draw(code: str) -> None:
    import segno

    segno.make(code, error="l").terminal(out=sys.stderr, compact=True)


def _how(value: Json) -> list[str]:
    from signatures.verify.words import sentence

    how = cast(Json, value["identification"])
    said = sentence("identity", str(how["hint"]))
    lines = [f"  {said.sv} / {said.en}"]
    if how["url"]:
        lines.append(f"  {both('rad.oppna_adress')}: {how['url']}")
    return [*lines, f"  {both('rad.fortsatt', expires=how['expires'])}"]
