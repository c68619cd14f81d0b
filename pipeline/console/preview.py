"""A draft of a plan's document, to look at: from a plan file alone, or from an accepted version of the workspace."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app import load_profiles, open_workspace, system_clock
from pipeline.archive import lookup
from pipeline.casework import papers
from pipeline.casework.receipts import finding_json, stop
from pipeline.casework.tools import swedish_date
from pipeline.console.files import named, read_bytes, write
from pipeline.console.printing import Answer, both, finding_line
from pipeline.errors import Misuse, Refused
from pipeline.plan.check import check
from pipeline.plan.findings import Finding
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.reading import Unreadable, read_file
from pipeline.plan.slots import ended_at_intake, slots
from pipeline.settings import CONFIG_NAME, load_settings

if TYPE_CHECKING:
    from pipeline.documents.dress import Dress
    from pipeline.documents.rendering import Rendering

ENDINGS = {"pdf": ".utkast.pdf", "word": ".utkast.docx"}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a preview is wanted: `kommun` is the code or the folder of another municipality's dress."""

    kommun: str | None
    form: str
    version: int | None
    out: Path | None


def preview(home: Path, plan: str, wish: Wish, purpose: str) -> Answer:
    """Make a draft of the plan in the file `plan`, or of the plan with that plan_id.

    What `check` finds is told beside it and stops nothing; only what is no plan at all gives no draft. Raises `Misuse`
    for a file that cannot be read or is another kind of file, `Refused` for an unknown plan_id.
    """
    if wish.form not in ENDINGS:
        raise Misuse("fel_val", option="--format", allowed=", ".join(ENDINGS))
    if is_file(plan):
        try:
            found = _of_file(home, Path(plan))
        except Unreadable as error:
            return _answer(None, None, wish, error.findings)
    else:
        found = _of_archive(home, plan, wish.version, purpose)
    if isinstance(found, tuple):
        return _answer(None, None, wish, found)
    findings = check(found.plan, found.profil, swedish_date(system_clock()))
    made = replace(found, draft=True, dress=_dress(home, wish.kommun) if wish.kommun else found.dress)
    out = wish.out or Path(f"{made.plan.plan_id}{ENDINGS[wish.form]}")
    write(out, _rendered(made, wish.form))
    return _answer(made, named(home, out), wish, findings)


def is_file(plan: str) -> bool:
    """Whether PLAN names a file rather than a plan_id; a path that leads nowhere is told as a file."""
    return "/" in plan or plan.endswith(".json") or Path(plan).is_file()


def _of_file(home: Path, path: Path) -> "Rendering | tuple[Finding, ...]":
    from pipeline.documents.bundle import templates
    from pipeline.documents.dress import load_dress
    from pipeline.documents.rendering import Rendering

    plan = read_file(read_bytes(path)).value
    if not isinstance(plan, Genomforandeplan):
        raise Misuse("ej_plan", file=path)
    profil = load_profiles().get(plan.profil)
    if profil is None:
        return (stop("okand_profil", "profil"),)
    workspace = home.resolve() if (home / CONFIG_NAME).is_file() else None
    dress = load_dress(templates(), plan.kommun.kod, workspace)
    ended = None
    with suppress(Refused):  # a reason that the routine does not take is among the findings
        ended = ended_at_intake(plan, profil)
    return Rendering(
        plan=plan,
        profil=profil,
        dress=dress,
        version=None,
        slots=slots(plan, dress.worded(profil)),
        ended=(ended,) if ended else (),
        test=workspace is not None and load_settings(workspace).test,
    )


def _of_archive(home: Path, plan_id: str, version: int | None, purpose: str) -> "Rendering":
    tools = open_workspace(home)
    row = lookup.version(tools, plan_id, lookup.Access(purpose, tools.now()), "preview", number=version)
    with tools.db.read() as conn:
        return papers.shown_rendering(tools, conn, row)


def _dress(home: Path, kommun: str) -> "Dress":
    from pipeline.documents.bundle import templates
    from pipeline.documents.dress import load_dress, named_dress

    workspace = home.resolve() if (home / CONFIG_NAME).is_file() else None
    load = load_dress if kommun.isdecimal() else named_dress
    return load(templates(), kommun, workspace)


def _rendered(made: "Rendering", form: str) -> bytes:
    if form == "word":
        from pipeline.documents.word.document import render_word

        return render_word(made)
    from pipeline.documents.render import render_plan

    return render_plan(made).pdf


def _answer(made: "Rendering | None", file: str | None, wish: Wish, findings: Sequence[Finding]) -> Answer:
    told = [finding_json(f) for f in findings]
    plan_id, version = (made.plan.plan_id, made.version) if made else (None, None)
    value = {"plan_id": plan_id, "version": version, "format": wish.form, "file": file, "findings": told}
    lines = [file or both("rad.inget_utkast"), *map(finding_line, told)]
    return Answer([value], lines, int(file is None))
