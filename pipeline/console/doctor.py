"""`plansigill doctor`: is everything in place, and if not, what to do."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.app import open_workspace
from pipeline.casework import signing
from pipeline.casework.tools import Tools
from pipeline.console.printing import Answer, Json
from pipeline.errors import EnvironmentFailed, PlansigillError, Refused
from pipeline.settings import Settings, load_settings
from pipeline.store import rows, trail
from pipeline.texts import text

LEAST_FREE_BYTES = 1_000_000_000
STUCK = frozenset(("forsegling_underkand", "tidsstampel_bakat", "dokument_forlorad"))
"""Why a step is tried again that will fail as long as nobody does anything."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `hint` marks advice that fails nothing."""

    id: str
    look: Callable[[Tools], None]
    hint: bool = False


class _Found(Exception):
    def __init__(self, key: str, *, hint: bool = False, **params: object) -> None:
        super().__init__(key)
        self.hint = hint
        self.text = text(f"doctor.{key}", **params)


def report(home: Path) -> Answer:
    """Look at every part of the workspace; exit code 1 when something must be done."""
    try:
        tools = open_workspace(home)
    except EnvironmentFailed as error:
        place = _Place(home.resolve(), load_settings(home))
        closed: Json = {"id": "arbetsyta", "status": "failed", "sv": error.sv, "en": error.en}
        looked = (_result("mappar", lambda: _folders(place)), _result("disk", lambda: _disk(place)))
        return _told(place, [closed, *looked])
    return _told(tools, [_result(check.id, partial(check.look, tools), hint=check.hint) for check in CHECKS])


@dataclass(frozen=True, slots=True)
class _Place:
    """A workspace whose databases cannot be opened, as on a disk that is full or read-only."""

    home: Path
    settings: Settings


def _told(place: Tools | _Place, values: list[Json]) -> Answer:
    lines = [f"{_MARKS[str(v['status'])]} {v['sv']}" for v in values]
    bad = any(v["status"] == "failed" for v in values)
    return Answer([{"workspace": str(place.home), "test": place.settings.test, "checks": values}], lines, int(bad))


_MARKS = {"ok": "✓", "hint": "•", "failed": "✗"}


def _result(name: str, look: Callable[[], None], *, hint: bool = False) -> Json:
    try:
        look()
    except _Found as found:
        status = "hint" if hint or found.hint else "failed"
        return {"id": name, "status": status, "sv": found.text.sv, "en": found.text.en}
    except PlansigillError as error:
        return {"id": name, "status": "failed", "sv": error.sv, "en": error.en}
    good = text(f"doctor.bra.{name}")
    return {"id": name, "status": "ok", "sv": good.sv, "en": good.en}


def _folders(place: Tools | _Place) -> None:
    settings = place.settings
    for name in (settings.inbox.folder, settings.outbox.folder, settings.keys, "archive"):
        if not os.access(place.home / name, os.R_OK | os.W_OK | os.X_OK):
            raise _Found("mapp", mapp=name)


def _disk(place: Tools | _Place) -> None:
    free = shutil.disk_usage(place.home).free
    if free < LEAST_FREE_BYTES:
        raise _Found("disk", megabyte=free // 1_000_000)


def _fonts(_tools: Tools) -> None:
    from pipeline.documents.fonts import coverage, folder

    if not set("ÅÄÖåäöéüČšßŁ–”’") <= {chr(code) for code in coverage()}:
        raise _Found("typsnitt", mapp=folder())


def _rendering(_tools: Tools) -> None:
    """WeasyPrint finds its system libraries when it is imported."""
    try:
        from pipeline.documents.fonts import configuration

        configuration()
    except (ImportError, OSError) as error:
        raise _Found("pango") from error


def _dresses(tools: Tools) -> None:
    """Every dress of the workspace can be worn; a broken one raises what it is."""
    from pipeline.documents.bundle import templates
    from pipeline.documents.dress import named_dress, own_dresses

    for slug in own_dresses(tools.home):
        named_dress(templates(), slug, tools.home)


def _libreoffice(tools: Tools) -> None:
    """Whoever has no plan made in Word has no need of it."""
    from pipeline.documents import dress, office
    from pipeline.documents.bundle import templates

    try:
        office.programs()
    except EnvironmentFailed as error:
        if dress.any_in_word(templates(), tools.home):
            raise
        raise _Found("libreoffice", hint=True) from error


def _issuer(tools: Tools) -> None:
    if tools.issuer.issuing.not_valid_after_utc < tools.now():
        raise EnvironmentFailed("utgiven_for_kort")


def _timestamp(tools: Tools) -> None:
    from pipeline.casework.cases import answering

    with answering():
        tools.timestamper.at(tools.now())


def _trail(tools: Tools) -> None:
    with tools.db.read() as conn:
        flawed = trail.check(conn)
    if flawed:
        raise _Found("spar", antal=len(flawed))


def _people(tools: Tools) -> None:
    if not tools.people and not tools.settings.test:
        raise _Found("personer")


def _identity(tools: Tools) -> None:
    """Every way can be made of its settings and files; raises what is wrong with one."""
    if not tools.providers:
        raise _Found("legitimering")


def _keys(tools: Tools) -> None:
    """Every key that `[[signing]]` names opens, and every service answers; nothing is signed."""
    for each in tools.backends:
        if each.who is not None and each.who not in tools.people and not tools.settings.test:
            raise _Found("signeringsnyckel_vems", namn=each.who)
        try:
            signing.look(tools, each)
        except (Refused, EnvironmentFailed) as error:
            raise _Found("signeringsnyckel", namn=each.name, fel=error.sv, fel_en=error.en) from error


def _test(tools: Tools) -> None:
    if tools.settings.test:
        raise _Found("test")


def _waiting(tools: Tools) -> None:
    with tools.db.read() as conn:
        steps = [s for plan_id in rows.plan_ids(conn) for s in rows.waiting_steps(conn, plan_id) if s["error_code"]]
    if steps:
        codes = sorted({str(s["error_code"]) for s in steps})
        if STUCK.isdisjoint(codes):
            raise _Found("steg", hint=True, antal=len(steps), koder=", ".join(codes))
        raise _Found("steg_fast", antal=len(steps), koder=", ".join(codes))


def _refused(tools: Tools) -> None:
    reports = list(_reports(tools.home / tools.settings.inbox.folder / "fel"))
    if reports:
        raise _Found("fel", antal=len(reports))


def _reports(folder: Path) -> Iterator[Path]:
    yield from folder.glob("*.FEL.txt") if folder.is_dir() else ()


CHECKS = (
    Check("mappar", _folders),
    Check("disk", _disk),
    Check("pango", _rendering),
    Check("typsnitt", _fonts),
    Check("draktar", _dresses),
    Check("libreoffice", _libreoffice),
    Check("utfardare", _issuer),
    Check("tidsstampel", _timestamp),
    Check("spar", _trail),
    Check("personer", _people),
    Check("legitimering", _identity),
    Check("signeringsnycklar", _keys),
    Check("steg", _waiting),
    Check("fel", _refused, hint=True),
    Check("test", _test, hint=True),
)
