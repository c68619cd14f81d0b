"""Writes `docs/angrepp.md` from the corpus and the table of differences: `python -m tests.attacks.page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from signatures.words import sentence

from . import crossrefs, drawn, evidence, on_bytes, parsers, searched, shadow, signing, unsigned, updates, widgets
from .agreement import differences, expected, reasons
from .model import Attack
from .others import JUDGES

PAGE = Path(__file__).parents[2] / "docs" / "angrepp.md"
GROUPS = (
    ("Byte för byte", on_bytes.ATTACKS),
    ("Ändringar i efterhand, före och efter arkivets sigill", updates.ATTACKS),
    ("En betrodd tidsstämpel med något mer i sitt fält eller sin underskrift", widgets.ATTACKS),
    ("Det av en underskrift som ingen har skrivit under", unsigned.ATTACKS),
    ("Underskrifter och stämplar som inte borde finnas", signing.ATTACKS),
    ("Certifikat och bevis om dem som inte räcker", evidence.ATTACKS),
    ("Stämplar som visar ett annat namn än det som står i dem", drawn.ATTACKS),
    ("Två läsare, två dokument", (*parsers.ATTACKS, *crossrefs.ATTACKS, *searched.ATTACKS)),
    ("Skuggdokument: förberett före underskriften, visat på annat sätt efteråt", shadow.ATTACKS),
)
NAMES = {"dss": "EU DSS 6.4", "pdfsig": "pdfsig", "openssl": "openssl"}
WORDS = {"valid": "släpper igenom", "invalid": "underkänner", "indeterminate": "kan inte avgöra"}

HEAD = """# Angrepp

Sidan är gjord av `python -m tests.attacks.page` och hålls i takt med proven (`tests/attacks/`). Varje angrepp är en \
funktion som gör en riktig fil av en riktig underskriven plan; `python -m tests.attacks.write MAPP` skriver dem alla.

*Regel* är den regel i `signatures/verify` som ska fånga angreppet, med skälet. *Ensam fil* är vårt svar när bara \
filen finns, utan arkivets uppgift om vilka som skulle skriva under och på vad; med den uppgiften är inget av svaren \
”giltig”. De tre sista är vad andra säger om samma fil, som de sade det i proven: EU DSS med sin förvalda policy, \
`pdfsig` (Poppler) och `openssl` på det som underskriftens ByteRange pekar ut. Där de skiljer sig från vårt svar står \
en siffra; skälen står sist.
"""


def page() -> str:
    """The whole page."""
    numbers = {key: str(number) for number, key in enumerate(reasons(), 1)}
    parts = [HEAD, _summary()]
    for title, attacks in GROUPS:
        parts.append(f"\n## {title}\n\n| angrepp | regel | ensam fil | {' | '.join(NAMES.values())} |")
        parts.append("|---|---|---|---|---|---|")
        parts += [_row(attack, numbers) for attack in attacks]
    parts.append("\n## Varför andra svarar annorlunda\n")
    parts += [f"{numbers[key]}. {text['sv']}" for key, text in reasons().items()]
    parts.append(
        "\nIn English: each attack of the corpus, the rule that catches it, our verdict on the file alone, and what "
        "EU DSS, pdfsig and openssl said of it when measured; a number refers to the reason why one differs from us."
    )
    return "\n".join(parts) + "\n"


def _summary() -> str:
    attacks = [a for _, group in GROUPS for a in group]
    counts = {j: sum(expected(a.name, a.alone)[j] == "valid" for a in attacks) for j in JUDGES}
    said = ", ".join(f"{NAMES[judge]} {count}" for judge, count in counts.items())
    alone = sum(a.alone == "valid" for a in attacks)
    return (
        f"Av {len(attacks)} angrepp släpper andra igenom: {said}. Vi släpper igenom {alone} när bara filen finns "
        "(en annan plan, riktigt underskriven av andra, är en giltig fil), och inget när arkivets uppgift finns."
    )


def _row(attack: Attack, numbers: dict[str, str]) -> str:
    title = sentence(attack.rule.value, "title").sv
    cells = list(_others(attack, numbers))
    return (
        f"| `{attack.name}` | {attack.rule.value} {title} (`{attack.reason}`) | {_ours(attack)} | {' | '.join(cells)} |"
    )


def _ours(attack: Attack) -> str:
    return {"valid": "giltig", "invalid": "ogiltig", "indeterminate": "går inte att avgöra"}[attack.alone]


def _others(attack: Attack, numbers: dict[str, str]) -> Iterator[str]:
    rows = differences().get(attack.name, {})
    for judge, says in expected(attack.name, attack.alone).items():
        note = f" ({numbers[rows[judge].because]})" if judge in rows else ""
        word = WORDS[says]
        yield (f"**{word}**" if says == "valid" else word) + note


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
