"""Documents around the plan that are made when somebody asks for them, such as the certificate of a verification."""

from sqlalchemy.engine import Connection

from pipeline.acts import rest
from pipeline.casework import histories
from pipeline.casework.around import Asked, about_version
from pipeline.casework.moves import ask_for
from pipeline.casework.tools import Tools
from pipeline.documents.kinds import kind
from pipeline.errors import EnvironmentFailed, Refused, unknown_plan
from pipeline.store import papers, rows
from pipeline.store.papers import PaperRow
from pipeline.store.rows import VersionRow
from pipeline.store.tables import stamp


def document(tools: Tools, plan_id: str, slag: str, version: int | None = None) -> tuple[PaperRow, ...]:
    """Make a document that is made when somebody asks for it; its forms.

    Raises `Refused` for a plan, version or kind that is unknown, a kind that only something else brings about, or one
    that is not called for; `EnvironmentFailed` when it will be tried again.
    """
    with tools.db.write() as conn:
        v = rows.version_row(conn, plan_id, version) if version else _spoken_of(conn, plan_id)
        if v is None:
            raise unknown_plan(plan_id)
        if "begaran" not in kind(slag).vid:
            raise Refused("dokument_ej_pa_begaran", slag=slag)
        asked = Asked(slag, f"begaran:{stamp(tools.now())}", tools.today())
        ask_for(conn, tools, about_version(v), asked)
    rest(tools, plan_id)
    with tools.db.read() as conn:
        made = tuple(p for p in papers.papers_of(conn, plan_id) if p.slag == slag and p.cause == asked.cause)
        failed = rows.step_error(conn, plan_id + rows.PAPERS, f"{plan_id}:paper:{slag}:{asked.cause}")
    if failed == "ej_arkiverad":
        raise Refused("ej_arkiverad", plan_id=plan_id)
    if failed is not None:
        raise EnvironmentFailed("steg_stannade", kind=slag)
    if not made:
        raise Refused("dokument_ej_aktuellt", slag=slag)
    return made


def _spoken_of(conn: Connection, plan_id: str) -> VersionRow | None:
    """The version in force, or the newest where none is."""
    return histories.version_to_hand_over(conn, plan_id) or rows.latest_version(conn, plan_id)
