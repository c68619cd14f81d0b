"""What a routine has to say about a file: every row of the content table, as findings."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pipeline.plan import (
    content_delaktighet,
    content_insatser,
    content_mal,
    content_ramar,
    content_skydd,
)
from pipeline.plan.content import Case, Hit, Rule
from pipeline.plan.findings import Finding, Level
from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.profile import Profil
from pipeline.plan.profile_content import Krav
from pipeline.texts import text

RULES: dict[str, Rule] = {
    **content_insatser.RULES,
    **content_mal.RULES,
    **content_delaktighet.RULES,
    **content_ramar.RULES,
    **content_skydd.RULES,
}


def check(
    file: Genomforandeplan | Uppdrag, profil: Profil, today: date, history: History | None = None
) -> tuple[Finding, ...]:
    """All findings on `file`, by the routine, in the order of the content table.

    `history` is what had happened before this file came: the earlier versions of the plan and their events; None
    judges the file alone. An order is put only to the rules that concern it.
    """
    case = Case(file, profil, today, history or History())
    return tuple(
        _finding(code, krav, hit)
        for code, krav in _demands(case)
        if not krav.omraden or file.verksamhetsomrade in krav.omraden
        for hit in RULES[code](case)
    )


def outcome(findings: tuple[Finding, ...]) -> Literal["ready", "incomplete"]:
    """`incomplete` when any finding is a stop."""
    return "incomplete" if any(finding.level is Level.STOP for finding in findings) else "ready"


def _demands(case: Case) -> Iterator[tuple[str, Krav]]:
    for code, krav in case.innehall:
        if krav is not None and (isinstance(case.file, Genomforandeplan) or code in content_skydd.FOR_ORDERS):
            yield code, krav


def _finding(code: str, krav: Krav, hit: Hit) -> Finding:
    key = hit.key if "." in hit.key else f"fynd.{hit.key}"
    told = text(key, **hit.params)
    return Finding(code, krav.niva, hit.path, told.sv, hit.source or krav.kalla, told.en)
