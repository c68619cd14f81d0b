"""What the commands share: their common options, the workspace they work in, the purpose they name, how they end."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn, Optional

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Bara JSON på standard ut. / Only JSON on standard output.")]
Workspace = Annotated[
    Optional[Path], typer.Option("--workspace", help="Arbetsytans mapp. / The workspace's folder.", metavar="DIR")
]
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Planens plan_id. / The plan's plan_id.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Filer. / Files.")]
Purpose = Annotated[
    Optional[str], typer.Option("--purpose", help="Varför du slår upp; loggas. / Why you look it up; logged.")
]
By = Annotated[str, typer.Option("--by", metavar="ID", help="personal_id för den som registrerar. / Who records it.")]


def home(workspace: Path | None) -> Path:
    """The workspace a command works in."""
    return workspace or Path(os.environ.get("PLANSIGILL_HOME") or ".")


def asked_purpose(given: str | None) -> str:
    """The purpose of a look-up: as given, asked for at a terminal, required elsewhere."""
    if given is None and sys.stdin.isatty() and sys.stderr.isatty():
        given = typer.prompt("Ändamål med uppslaget / Purpose", err=True)
    return given or ""


def end(answer: object, *, json: bool) -> NoReturn:
    """Print a command's answer and leave with its exit code."""
    from pipeline.console import printing

    raise typer.Exit(printing.say(answer, json=json))
