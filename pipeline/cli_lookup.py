"""The commands that look up: find, show, fetch, compare, draft and judge what the archive holds or a file says."""

import os
from pathlib import Path
from typing import Annotated, Optional

import typer

from pipeline.cli_options import (
    LAST_VERSION,
    JsonFlag,
    PlanId,
    Purpose,
    Version,
    Workspace,
    as_text,
    asked_purpose,
    end,
    home,
)


def find(
    text: Annotated[
        Optional[str], typer.Argument(metavar="[TEXT]", help="plan_id eller namn. / plan_id or name.", callback=as_text)
    ] = None,
    *,
    personnummer: Annotated[
        Optional[str], typer.Option("--personnummer", help="Personens nummer. / The person's number.")
    ] = None,
    sha256: Annotated[Optional[str], typer.Option("--sha256", help="En fils SHA-256. / A file's SHA-256.")] = None,
    status: Annotated[Optional[str], typer.Option("--status", help="Läge. / State.")] = None,
    unit: Annotated[Optional[str], typer.Option("--unit", help="Enhet. / Unit.", callback=as_text)] = None,
    due_before: Annotated[
        Optional[str], typer.Option("--due-before", metavar="DATE", help="Frist senast. / Due by.")
    ] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Sök i arkivet. / Look up in the archive."""
    from pipeline.console import commands

    wanted = {"text": text, "personnummer": personnummer, "sha256": sha256, "status": status, "unit": unit}
    end(commands.find(home(workspace), wanted | {"due_before": due_before}, asked_purpose(purpose)), json=json)


def show(plan: PlanId, *, purpose: Purpose = None, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Allt om en plan: versioner, filer, händelser. / Everything about a plan."""
    from pipeline.console import commands

    end(commands.show(home(workspace), plan, asked_purpose(purpose)), json=json)


def get(
    plan: PlanId,
    *,
    version: Version = None,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Skriv hit. / Write here.")] = None,
    masked: Annotated[
        bool, typer.Option("--masked", help="En maskerad kopia att lämna ut. / A masked copy for release to others.")
    ] = False,
    mask: Annotated[
        Optional[list[str]],
        typer.Option("--mask", metavar="FIELD", help="Fält att maskera, t.ex. narstaende. / A field to mask."),
    ] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Hämta den förseglade planen ur arkivet. / Fetch the sealed plan from the archive."""
    from pipeline.console import commands
    from pipeline.console import masked as copies

    where, why = home(workspace), asked_purpose(purpose)
    if masked or mask:
        end(copies.get_masked(where, plan, version, out, mask=mask or (), purpose=why), json=json)
    end(commands.get(where, plan, version, out, why), json=json)


def document(
    plan: PlanId,
    slag: Annotated[
        Optional[str], typer.Argument(metavar="[SLAG]", help="Dokumentslag; utan visas en lista. / Kind; none lists.")
    ] = None,
    *,
    version: Version = None,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help="Skriv i mappen. / Write there.")] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Dokumenten kring en plan: lista, hämta eller gör på begäran. / Documents around a plan: list, fetch or make."""
    from pipeline.console import papers

    end(papers.document(home(workspace), plan, slag, version, out, asked_purpose(purpose)), json=json)


def diff(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="Planens plan_id, eller en fil med --with. / plan_id, or a file.")
    ],
    *,
    older: Annotated[
        Optional[int],
        typer.Option(
            "--from", metavar="N", min=1, max=LAST_VERSION, help="Den tidigare versionen. / The earlier version."
        ),
    ] = None,
    newer: Annotated[
        Optional[int],
        typer.Option("--to", metavar="M", min=1, max=LAST_VERSION, help="Den senare versionen. / The later version."),
    ] = None,
    file: Annotated[
        Optional[Path], typer.Option("--with", metavar="FILE", help="Jämför med en fil i stället. / With a file.")
    ] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Vad som är ändrat mellan två versioner. / What changed between two versions."""
    from pipeline.console import diff as compare

    wanted = compare.Wanted(plan, older, newer, file)
    why = asked_purpose(purpose) if compare.needs_purpose(wanted) else ""
    end(compare.answer(home(workspace), wanted, why), json=json)


def preview(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="En planfil eller ett plan_id. / A plan file or plan_id.")
    ],
    *,
    kommun: Annotated[
        Optional[str], typer.Option("--kommun", metavar="KOD|MAPP", help="En annan kommuns dräkt. / Another dress.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="pdf, word")] = "pdf",
    version: Version = None,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Skriv hit. / Write here.")] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Ett utkast att titta på; inget att skriva under. / A draft to look at, nothing to sign."""
    from pipeline.console import preview as show_draft

    wish = show_draft.Wish(kommun, form, version, out)
    why = "" if show_draft.is_file(plan) else asked_purpose(purpose)  # a file is no look-up
    end(show_draft.preview(home(workspace), plan, wish, why), json=json)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    report: Annotated[
        Optional[Path],
        typer.Option("--report", metavar="FILE", help="Skriv rapporten som XML (ETSI TS 119 102-2). / As ETSI XML."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Skriv över rapporten om den finns. / Write over the report.")
    ] = False,
    proof: Annotated[Optional[Path], typer.Option("--proof", metavar="FILE", help="Inte ännu. / Not yet.")] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Oförändrad? Vem skrev under? Finns en nyare version? / Unchanged? Who signed? Is there a newer version?"""
    from pipeline.console import verification
    from pipeline.settings import load_settings

    if workspace or os.environ.get("PLANSIGILL_HOME"):
        load_settings(home(workspace))  # a workspace that is named must be one; without any the file alone is judged
    end(verification.answer(home(workspace), verification.Asked(file, report, replace), proof), json=json)


def trust(
    *,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Skriv hit. / Write here.")] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """De certifikat som en läsare utifrån måste lita på. / The certificates an outside reader must trust."""
    from pipeline.console import commands

    end(commands.trust(home(workspace), out), json=json)


COMMANDS = (find, show, get, document, diff, preview, verify, trust)
