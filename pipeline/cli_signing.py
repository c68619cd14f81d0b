"""The commands by which a slot ends: sign, open and sign many, or say why there is no signature."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from pipeline.cli_options import By, JsonFlag, PlanId, Version, Workspace, as_text, end, home

Method = Annotated[Optional[str], typer.Option("--method", help="Sätt att legitimera sig. / Way of identification.")]
ServiceAnswer = Annotated[
    Optional[str],
    typer.Option(
        "--answer", metavar="URL|@FILE", help="Adressen, eller formuläret, som tjänsten svarade med. / Its answer."
    ),
]


def sign(
    plan: PlanId,
    *,
    role: Annotated[str, typer.Option("--role", help="brukare, kontaktman, enhetschef")],
    as_id: Annotated[
        Optional[str], typer.Option("--as", metavar="ID", help="personal_id, eller företrädarens namn. / Who signs.")
    ] = None,
    version: Version = None,
    basis: Annotated[
        Optional[Path], typer.Option("--basis", metavar="FILE", help="Företrädarens behörighet. / The authority.")
    ] = None,
    checked_by: Annotated[
        Optional[str],
        typer.Option("--checked-by", metavar="ID", help="Vem i personalen som läst underlaget. / Who has read it."),
    ] = None,
    method: Method = None,
    attested_by: Annotated[
        Optional[str],
        typer.Option("--attested-by", metavar="ID", help="Vem i personalen som intygar identiteten. / Who attests."),
    ] = None,
    how: Annotated[
        Optional[str], typer.Option("--how", help="id_handling, kand: hur den vet. / How they know.")
    ] = None,
    drawn: Annotated[
        Optional[Path], typer.Option("--drawn", metavar="FILE", help="Ritad namnteckning (PNG). / A drawn signature.")
    ] = None,
    answer: ServiceAnswer = None,
    form: Annotated[
        Optional[Path],
        typer.Option("--form", metavar="FILE", help="Skriv sidan som leder till tjänsten hit. / The page that leads."),
    ] = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Ge upp det som är påbörjat. / Give up what has been begun.")
    ] = False,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """En rolls underskrift. / One role's signature."""
    from pipeline.console import signing

    if give_up:
        end(signing.give_up(home(workspace), plan, role), json=json)
    told = signing.Told(role, as_id, version, basis, checked_by, method, answer, attested_by, how, form, drawn)
    end(signing.sign(home(workspace), plan, told, json=json), json=json)


def view(
    plan: PlanId,
    *,
    role: Annotated[str, typer.Option("--role", help="kontaktman, enhetschef")],
    as_id: Annotated[Optional[str], typer.Option("--as", metavar="ID", help="personal_id. / Who signs.")] = None,
    out: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="Skriv hit. / Write here.")] = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Öppna dokumentet som väntar på underskrift; det antecknas. / Open the document that waits; it is recorded."""
    from pipeline.console import signing

    end(signing.view(home(workspace), plan, role, as_id, out), json=json)


def batch(
    plans: Annotated[Optional[list[str]], typer.Argument(metavar="[PLAN]...", callback=as_text)] = None,
    *,
    role: Annotated[str, typer.Option("--role", help="kontaktman, enhetschef")],
    as_id: Annotated[str, typer.Option("--as", metavar="ID", help="personal_id. / Who signs.")],
    method: Method = None,
    answer: ServiceAnswer = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """Skriv under allt som är öppnat, med en legitimering. / Sign all that has been opened, identified once."""
    from pipeline.console import signing

    told = signing.Told(role, as_id, method=method, answer=answer)
    end(signing.sign_many(home(workspace), plans or (), told, json=json), json=json)


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
    method: Method = None,
    answer: ServiceAnswer = None,
    workspace: Workspace = None,
    json: JsonFlag = False,
) -> None:
    """En underskrift som inte blir av, med orsak. / A slot that ends without a signature."""
    from pipeline.console import signing
    from pipeline.console.files import read_attachment
    from pipeline.waiving import Waiver

    original = read_attachment(scan) if scan else None
    waiver = Waiver(role, outcome, reason, by, text, original, method)
    end(signing.waive(home(workspace), plan, waiver, answer, json=json), json=json)


COMMANDS = (sign, view, batch, waive)
