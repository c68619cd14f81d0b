"""The command line: one function a command, each thin; what they do lives elsewhere and is imported when used.

Exit codes: 0 done; 1 a negative answer for any item; 2 wrong usage or configuration; 3 the environment failed, try
again. With ``--json`` standard output holds only JSON, in the shapes of ``docs/schemas``.
"""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, Optional

import typer

from pipeline import __version__, cli_lookup, cli_signing
from pipeline.cli_options import By, Files, JsonFlag, MaybePlanId, PlanId, Workspace, end, home

if TYPE_CHECKING:
    from pipeline.errors import PlansigillError

WRONG_USAGE = 2

app = typer.Typer(
    name="plansigill",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Plansigill: från plandata till underskriven, arkiverad genomförandeplan.\n\n"
    "From plan data to a signed and archived care plan. Workspace: --workspace DIR, PLANSIGILL_HOME or this folder.",
)


@app.callback(invoke_without_command=True)
def _root(
    *, version: Annotated[bool, typer.Option("--version", help="Visa version. / Show the version.")] = False
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    test: Annotated[bool, typer.Option("--test", help="Testarbetsyta: allt märks TEST. / Everything is TEST.")] = False,
    json: JsonFlag = False,
) -> None:
    """Gör en arbetsyta av en mapp. / Make a folder a workspace."""
    from pipeline.console import commands

    end(commands.init(folder, test=test), json=json)


@app.command()
def doctor(*, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Kontrollera arbetsytan och säg vad som ska göras. / Check the workspace and say what to do."""
    from pipeline.console import doctor as examine

    end(examine.report(home(workspace)), json=json)


@app.command()
def check(files: Files, *, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Brister och frister i planfiler; ändrar inget. / Findings and deadlines; changes nothing."""
    from pipeline.console import commands

    end(commands.check(home(workspace), files), json=json)


@app.command()
def process(
    files: Files,
    *,
    confirm_person: Annotated[
        bool, typer.Option("--confirm-person", help="Planen har verkligen fått en annan person. / Another person.")
    ] = False,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Ta emot filer och gör dokumenten klara att skriva under. / Take files through to documents ready to sign."""
    from pipeline.console import batch

    end(batch.process(home(workspace), files, confirm_person=confirm_person), json=json)


@app.command()
def record(
    file: Annotated[Path, typer.Argument(metavar="FILE")], *, workspace: Workspace = None, json: JsonFlag = False
) -> None:
    """Registrera en händelse. / Record an event."""
    from pipeline.console import commands

    end(commands.record(home(workspace), file), json=json)


@app.command()
def run(*, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Bevaka inkorgen och kör stegen. / Watch the inbox and run the steps."""
    from pipeline.console import daemon

    end(daemon.run(home(workspace)), json=json)


@app.command()
def status(
    plan: MaybePlanId = None,
    *,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Var planerna står. / Where the plans stand."""
    from pipeline.console import commands

    end(commands.status(home(workspace), plan), json=json)


@app.command()
def due(*, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Vad som ska göras eller är försenat. / What is due or late."""
    from pipeline.console import commands

    end(commands.due(home(workspace)), json=json)


@app.command()
def handover(
    plan: PlanId,
    *,
    by: By,
    to: Annotated[Optional[str], typer.Option("--to", help="brukare, foretradare")] = None,
    receipt: Annotated[Optional[str], typer.Option("--receipt", help="signed, declined")] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Den förseglade planen har lämnats över. / The sealed plan has been given to the person."""
    from pipeline.console import commands

    end(commands.hand_over(home(workspace), plan, by=by, to=to, receipt=receipt), json=json)


@app.command()
def withdraw(
    plan: PlanId,
    *,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="CODE", help="chef_vagrar, avliden, fel_bestallning, insats_avslutad, annat"),
    ],
    by: By,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Avsluta ett ärende som inte kan avslutas på annat sätt. / End a case that cannot end."""
    from pipeline.console import commands

    end(commands.withdraw(home(workspace), plan, reason=reason, by=by), json=json)


@app.command()
def renew(
    plan: MaybePlanId = None,
    *,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Förnya arkivstämplar som snart går ut, eller en plans. / Renew archive time stamps before they end."""
    from pipeline.console import renewing

    end(renewing.renew(home(workspace), plan), json=json)


for _command in (*cli_signing.COMMANDS, *cli_lookup.COMMANDS):
    app.command()(_command)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path("demo"),
    *,
    keep_stages: Annotated[
        bool, typer.Option("--keep-stages", help="Spara varje stegs PDF i DIR/stages. / Keep each stage's PDF.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Hela resan på exempelplanerna. / The whole journey on the sample plans."""
    from pipeline.console import demo as show_demo

    end(show_demo.run(folder, keep_stages=keep_stages), json=json)


dress = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="En kommuns dräkt: logotyp, färger, typsnitt, egna mallar. / A municipality's dress.",
)
app.add_typer(dress, name="dress")


@dress.command("check")
def dress_check(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Dräktens mapp i kommuner/. / The dress's folder.")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Skriv i mappen. / Write there.")] = Path(),
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Pröva en dräkt och gör ett provblad (PDF, PNG). / Judge a dress and make a specimen sheet (PDF, PNG)."""
    from pipeline.console import dress as examine
    from pipeline.settings import load_settings

    if workspace or os.environ.get("PLANSIGILL_HOME"):
        load_settings(home(workspace))  # a workspace that is named must be one; without any a folder kommuner/ will do
    end(examine.check(home(workspace), slug, out), json=json)


def main() -> None:
    """Run the command line; every error of ours is told in Swedish and English and becomes an exit code."""
    from pipeline.errors import Misuse, PlansigillError
    from pipeline.store.durable import disk

    as_json = "--json" in sys.argv[1:]
    if isinstance(sys.stdout, TextIOWrapper):  # JSON is UTF-8; what a terminal or a file name has not is escaped
        sys.stdout.reconfigure(encoding="utf-8" if as_json else None, errors="backslashreplace")
    try:
        with disk():
            app()
    except PlansigillError as error:
        _fail(error, json=as_json)
    except SystemExit as ended:
        if ended.code == WRONG_USAGE and sys.argv[1:]:  # Typer has told what is wrong on standard error
            _fail(Misuse("fel_anrop"), json=as_json)
        raise


def _fail(error: "PlansigillError", *, json: bool) -> NoReturn:
    from pipeline.console import printing

    sys.exit(printing.say_error(error, json=json))
