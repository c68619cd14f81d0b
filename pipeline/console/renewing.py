"""`plansigill renew`: new archive time stamps before the last ones can no longer be shown to be good."""

from pathlib import Path

from pipeline import acts
from pipeline.app import open_workspace
from pipeline.casework.sealing import Renewal, holds_until
from pipeline.casework.tools import Tools
from pipeline.console.printing import Answer, Json, both, progress, say_beside, word
from pipeline.errors import PlansigillError, Refused, unknown_plan
from pipeline.renewals import ask, renewals
from pipeline.store import rows


def renew(home: Path, plan_id: str | None) -> Answer:
    """Renew what is due, or a plan's files now. Exit code 1 when something that is due could not be renewed."""
    tools = open_workspace(home)
    found = renewals(tools, plan_id)
    if plan_id is not None and not found:
        with tools.db.read() as conn:
            known = rows.latest_version(conn, plan_id) is not None
        raise Refused("inget_att_fornya", plan_id=plan_id) if known else unknown_plan(plan_id)
    wanted = [each for each in found if plan_id is not None or each.due <= tools.today()]
    values = []
    with progress(len(wanted), "rad.fornyar") as shown:
        for each in wanted:
            values.append(_renewed(tools, each))
            shown.step()
    lines = [_line(value) for value in values] or [both("rad.inget_att_fornya", dag=_first(found))]
    return Answer([{"results": values}], lines, int(any(value["outcome"] == "failed" for value in values)))


def _renewed(tools: Tools, each: Renewal) -> Json:
    v = each.version
    try:
        ask(tools, (each,))
        acts.rest(tools, v.plan_id)
    except PlansigillError as error:
        say_beside(f"{v.plan_id} v{v.version}", error)
    with tools.db.read() as conn:
        file = rows.newest_issued(conn, v)
    done = file is not None and file.sha256 != each.file.sha256
    until = holds_until(tools, file) if file is not None else None
    told = {"plan_id": v.plan_id, "version": v.version, "outcome": "renewed" if done else "failed"}
    return told | {"sha256": file.sha256 if file else None, "holds_until": until, "due": each.due.isoformat()}


def _line(value: Json) -> str:
    return f"{value['plan_id']}  v{value['version']}  {word('fornyelse', value['outcome'])}  {value['holds_until']}"


def _first(found: tuple[Renewal, ...]) -> str:
    return found[0].due.isoformat() if found else "–"
