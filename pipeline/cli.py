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

from pipeline import __version__

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

    _end(commands.init(folder, test=test), json=json)


@app.command()
def doctor(*, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Kontrollera arbetsytan och säg vad som ska göras. / Check the workspace and say what to do."""
    from pipeline.console import doctor as examine

    _end(examine.report(home(workspace)), json=json)


@app.command()
def check(files: Files, *, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Brister och frister i planfiler; ändrar inget. / Findings and deadlines; changes nothing."""
    from pipeline.console import commands

    _end(commands.check(home(workspace), files), json=json)


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

    _end(batch.process(home(workspace), files, confirm_person=confirm_person), json=json)


@app.command()
def record(
    file: Annotated[Path, typer.Argument(metavar="FILE")], *, workspace: Workspace = None, json: JsonFlag = False
) -> None:
    """Registrera en händelse. / Record an event."""
    from pipeline.console import commands

    _end(commands.record(home(workspace), file), json=json)


@app.command()
def run(*, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Bevaka inkorgen och kör stegen. / Watch the inbox and run the steps."""
    from pipeline.console import daemon

    _end(daemon.run(home(workspace)), json=json)


@app.command()
def status(
    plan: Annotated[Optional[str], typer.Argument(metavar="[PLAN]")] = None,
    *,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Var planerna står. / Where the plans stand."""
    from pipeline.console import commands

    _end(commands.status(home(workspace), plan), json=json)


@app.command()
def due(*, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Vad som ska göras eller är försenat. / What is due or late."""
    from pipeline.console import commands

    _end(commands.due(home(workspace)), json=json)


@app.command()
def sign(
    plan: PlanId,
    *,
    role: Annotated[str, typer.Option("--role", help="brukare, kontaktman, enhetschef")],
    as_id: Annotated[
        Optional[str], typer.Option("--as", metavar="ID", help="personal_id, eller företrädarens namn. / Who signs.")
    ] = None,
    version: Annotated[Optional[int], typer.Option("--version", min=1, help="Planens version. / The version.")] = None,
    basis: Annotated[
        Optional[Path], typer.Option("--basis", metavar="FILE", help="Företrädarens behörighet. / The authority.")
    ] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """En rolls underskrift. / One role's signature."""
    from pipeline.console import commands

    _end(commands.sign(home(workspace), plan, role, as_id=as_id, version=version, basis=basis), json=json)


@app.command()
def waive(
    plan: PlanId,
    *,
    role: Annotated[str, typer.Option("--role", help="brukare")],
    outcome: Annotated[str, typer.Option("--outcome", help="declined, unable, not_participating, paper")],
    by: By,
    reason: Annotated[Optional[str], typer.Option("--reason", metavar="CODE", help="Orsakskod. / Reason code.")] = None,
    text: Annotated[Optional[str], typer.Option("--text", help="Förklaring. / Explanation.")] = None,
    scan: Annotated[
        Optional[Path], typer.Option("--scan", metavar="FILE", help="Skannat original. / The scan.")
    ] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """En underskrift som inte blir av, med orsak. / A slot that ends without a signature."""
    from pipeline.console import commands

    told = {"outcome": outcome, "reason": reason, "by": by, "text": text}
    _end(commands.waive(home(workspace), plan, role, told, scan), json=json)


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

    _end(commands.hand_over(home(workspace), plan, by=by, to=to, receipt=receipt), json=json)


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

    _end(commands.withdraw(home(workspace), plan, reason=reason, by=by), json=json)


@app.command()
def find(
    text: Annotated[
        Optional[str], typer.Argument(metavar="[TEXT]", help="plan_id eller namn. / plan_id or name.")
    ] = None,
    *,
    personnummer: Annotated[
        Optional[str], typer.Option("--personnummer", help="Personens nummer. / The person's number.")
    ] = None,
    sha256: Annotated[Optional[str], typer.Option("--sha256", help="En fils SHA-256. / A file's SHA-256.")] = None,
    status: Annotated[Optional[str], typer.Option("--status", help="Läge. / State.")] = None,
    unit: Annotated[Optional[str], typer.Option("--unit", help="Enhet. / Unit.")] = None,
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
    _end(commands.find(home(workspace), wanted | {"due_before": due_before}, _purpose(purpose)), json=json)


@app.command()
def show(plan: PlanId, *, purpose: Purpose = None, workspace: Workspace = None, json: JsonFlag = False) -> None:
    """Allt om en plan: versioner, filer, händelser. / Everything about a plan."""
    from pipeline.console import commands

    _end(commands.show(home(workspace), plan, _purpose(purpose)), json=json)


@app.command()
def get(
    plan: PlanId,
    *,
    version: Annotated[Optional[int], typer.Option("--version", min=1, help="Planens version. / The version.")] = None,
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

    where, why = home(workspace), _purpose(purpose)
    if masked or mask:
        _end(copies.get_masked(where, plan, version, out, mask=mask or (), purpose=why), json=json)
    _end(commands.get(where, plan, version, out, why), json=json)


@app.command()
def document(
    plan: PlanId,
    slag: Annotated[
        Optional[str], typer.Argument(metavar="[SLAG]", help="Dokumentslag; utan visas en lista. / Kind; none lists.")
    ] = None,
    *,
    version: Annotated[Optional[int], typer.Option("--version", min=1, help="Planens version. / The version.")] = None,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help="Skriv i mappen. / Write there.")] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Dokumenten kring en plan: lista, hämta eller gör på begäran. / Documents around a plan: list, fetch or make."""
    from pipeline.console import papers

    _end(papers.document(home(workspace), plan, slag, version, out, _purpose(purpose)), json=json)


@app.command()
def diff(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="Planens plan_id, eller en fil med --with. / plan_id, or a file.")
    ],
    *,
    older: Annotated[
        Optional[int], typer.Option("--from", metavar="N", min=1, help="Den tidigare versionen. / The earlier version.")
    ] = None,
    newer: Annotated[
        Optional[int], typer.Option("--to", metavar="M", min=1, help="Den senare versionen. / The later version.")
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
    why = _purpose(purpose) if compare.needs_purpose(wanted) else ""
    _end(compare.answer(home(workspace), wanted, why), json=json)


@app.command()
def preview(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="En planfil eller ett plan_id. / A plan file or plan_id.")
    ],
    *,
    kommun: Annotated[
        Optional[str], typer.Option("--kommun", metavar="KOD|MAPP", help="En annan kommuns dräkt. / Another dress.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="pdf, word")] = "pdf",
    version: Annotated[Optional[int], typer.Option("--version", min=1, help="Planens version. / The version.")] = None,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Skriv hit. / Write here.")] = None,
    purpose: Purpose = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Ett utkast att titta på; inget att skriva under. / A draft to look at, nothing to sign."""
    from pipeline.console import preview as show_draft

    wish = show_draft.Wish(kommun, form, version, out)
    why = "" if show_draft.is_file(plan) else _purpose(purpose)  # a file is no look-up
    _end(show_draft.preview(home(workspace), plan, wish, why), json=json)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    proof: Annotated[Optional[Path], typer.Option("--proof", metavar="FILE", help="Inte ännu. / Not yet.")] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Oförändrad? Vem skrev under? Finns en nyare version? / Unchanged? Who signed? Is there a newer version?"""
    from pipeline.console import verification
    from pipeline.settings import load_settings

    if workspace or os.environ.get("PLANSIGILL_HOME"):
        load_settings(home(workspace))  # a workspace that is named must be one; without any the file alone is judged
    _end(verification.answer(home(workspace), file, proof), json=json)


@app.command()
def trust(
    *,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Skriv hit. / Write here.")] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """De certifikat som en läsare utifrån måste lita på. / The certificates an outside reader must trust."""
    from pipeline.console import commands

    _end(commands.trust(home(workspace), out), json=json)


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

    _end(show_demo.run(folder, keep_stages=keep_stages), json=json)


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
    _end(examine.check(home(workspace), slug, out), json=json)


def _purpose(given: str | None) -> str:
    """The purpose of a look-up: as given, asked for at a terminal, required elsewhere."""
    if given is None and sys.stdin.isatty() and sys.stderr.isatty():
        given = typer.prompt("Ändamål med uppslaget / Purpose", err=True)
    return given or ""


def _end(answer: object, *, json: bool) -> None:
    from pipeline.console import printing

    raise typer.Exit(printing.say(answer, json=json))


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
