"""The archive time stamp of a version: over its signatures when all are there, and anew before the last one ends."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.engine import Connection

from pipeline.casework import cases
from pipeline.casework.tools import Tools, swedish_date
from pipeline.errors import EnvironmentFailed
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.rows import FileRow, VersionRow
from pipeline.store.tables import parse_stamp, stamp

if TYPE_CHECKING:
    from signatures.verify import Expected


class Sealed(NamedTuple):
    """A file under a new archive time stamp, and until when that can be shown to be good (a `stamp`)."""

    pdf: bytes
    holds_until: str | None


def seal(tools: Tools, v: VersionRow, pdf: bytes, expected: "Expected") -> Sealed:
    """The file under one more archive time stamp (PAdES B-LTA), judged by our own rules before it is kept.

    Raises `EnvironmentFailed`, which is tried again.
    """
    from signatures.pades import seal as seal_file

    with cases.answering():
        made = seal_file(pdf, tools.issuer, tools.timestamper, tools.now())
    return Sealed(made, _holds_until(tools, v, made, expected))


def _holds_until(tools: Tools, v: VersionRow, pdf: bytes, expected: "Expected") -> str | None:
    from signatures.verify import verify

    report = verify(pdf, tools.trust, expected, tools.now())
    if report.verdict != "valid":
        raise EnvironmentFailed("forsegling_underkand", plan_id=v.plan_id)
    return stamp(report.checkable_until) if report.checkable_until else None


def seal_anew(tools: Tools, v: VersionRow, current: FileRow, expected: "Expected") -> Sealed:
    """As `seal`, of a file that is sealed already; refused unless its proof then lasts longer than before."""
    made = seal(tools, v, tools.read(current), expected)
    if made.holds_until is None or made.holds_until <= (holds_until(tools, current) or ""):
        raise EnvironmentFailed("fornyelse_utan_verkan", plan_id=v.plan_id)
    return made


_RESTS_ON: dict[str, frozenset[str]] = {}
"""What the last archive time stamp of a file rests on, by the file's hash: looked up once in a process."""


def holds_until(tools: Tools, file: FileRow) -> str | None:
    """Until when a sealed file's proof holds: what was noted when it was sealed, or less where an algorithm that its
    last archive time stamp rests on has fallen since (``[renewal] weakened``)."""
    weakened = tools.trust.weakened if tools.settings.renewal.weakened else ()
    if file.holds_until is None or all(stamp(w.since) >= file.holds_until for w in weakened):
        return file.holds_until
    from signatures.verify import rests_on
    from signatures.verify.strength import concerns

    if file.sha256 not in _RESTS_ON:
        _RESTS_ON[file.sha256] = rests_on(tools.read(file), tools.trust, tools.now())
    fallen = [w.since for w in weakened if any(concerns(w.algorithm, what) for what in _RESTS_ON[file.sha256])]
    return min(file.holds_until, *map(stamp, fallen)) if fallen else file.holds_until


class Renewal(NamedTuple):
    """A version's sealed file, until when its proof holds, and by which day a new archive time stamp is needed."""

    version: VersionRow
    file: FileRow
    holds_until: str
    due: date


def renewal(tools: Tools, conn: Connection, v: VersionRow) -> Renewal | None:
    """When the version's file has to be renewed; None when it has none, or nobody has said until when it holds."""
    file = rows.newest_issued(conn, v)
    until = holds_until(tools, file) if v.state != "erased" and file is not None else None
    if file is None or until is None:
        return None
    margin = timedelta(days=tools.settings.renewal.days_before)
    return Renewal(v, file, until, swedish_date(parse_stamp(until) - margin))


def judge_old(tools: Tools, v: VersionRow, file: FileRow) -> None:
    """Note until when a file holds that was sealed before that was kept."""
    with tools.db.read() as conn:
        expected = cases.expected(tools, conn, v)
    until = _holds_until(tools, v, tools.read(file), expected)
    with tools.db.write() as conn:
        conn.execute(t.file.update().where(t.file.c.id == file.id).values(holds_until=until))
