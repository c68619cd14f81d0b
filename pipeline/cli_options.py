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


def as_text(given: str | list[str] | None) -> str | list[str] | None:
    """What was given; bytes that are no text (UTF-8) name nothing here, and no database can be asked for them."""
    for word in [given] if isinstance(given, str) else given or ():
        if any("\ud800" <= character <= "\udfff" for character in word):
            raise typer.BadParameter("UTF-8")
    return given


PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Planens plan_id. / The plan's plan_id.", callback=as_text)]
MaybePlanId = Annotated[Optional[str], typer.Argument(metavar="[PLAN]", callback=as_text)]
LAST_VERSION = 999_999
Version = Annotated[
    Optional[int],
    typer.Option("--version", min=1, max=LAST_VERSION, help="Planens version. / The version."),
]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Filer. / Files.")]
Purpose = Annotated[
    Optional[str],
    typer.Option("--purpose", help="Varför du slår upp; loggas. / Why you look it up; logged.", callback=as_text),
]
By = Annotated[
    str,
    typer.Option("--by", metavar="ID", help="personal_id för den som registrerar. / Who records it.", callback=as_text),
]


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
