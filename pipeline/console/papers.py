"""`plansigill document`: the documents around a plan, listed, fetched, or made when somebody asks."""

from pathlib import Path

from pipeline import on_request
from pipeline.app import open_workspace
from pipeline.archive import lookup
from pipeline.console.files import named, write
from pipeline.console.printing import Answer, Json, both
from pipeline.documents.kinds import kind
from pipeline.errors import Misuse, Refused
from pipeline.store.papers import PaperRow, paper_name


def document(home: Path, plan: str, slag: str | None, version: int | None, out: Path | None, purpose: str) -> Answer:
    """List the plan's documents; or write the forms of one kind, made now where it is made on request."""
    tools = open_workspace(home)
    found = lookup.papers(tools, plan, lookup.Access(purpose, tools.now()))
    if slag is None:
        values = [_told(p, None) for p in found]
        lines = [f"{p.made_at[:10]}  {kind(p.slag).titel}  {_name(p)}" for p in found]
        return Answer([{"plan_id": plan, "results": values}], lines or [both("rad.inga_dokument")], int(not found))
    folder = out or Path()
    if not folder.is_dir():
        raise Misuse("fil_gar_inte_att_skriva", file=folder)
    if "begaran" in kind(slag).vid:
        chosen = on_request.document(tools, plan, slag, version)
    else:
        chosen = _newest([p for p in found if p.slag == slag and version in (None, p.version)])
    values = []
    for paper in chosen:
        path = folder / _name(paper)
        write(path, tools.read(paper))
        values.append(_told(paper, named(home, path)))
    return Answer([{"plan_id": plan, "results": values}], [str(v["file"]) for v in values])


def _newest(found: list[PaperRow]) -> tuple[PaperRow, ...]:
    if not found:
        raise Refused("dokument_finns_inte")
    return tuple(p for p in found if (p.owner, p.cause) == (found[-1].owner, found[-1].cause))


def _name(paper: PaperRow) -> str:
    return paper_name(paper.owner, paper.version, paper.slag, paper.number, paper.form)


def _told(paper: PaperRow, file: str | None) -> Json:
    names = ("slag", "number", "version", "form", "sha256", "made_at")
    return {name: getattr(paper, name) for name in names} | {"file": file}
