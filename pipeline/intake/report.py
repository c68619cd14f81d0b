"""The two reports beside a refused file: ``NAME.<id>.FEL.txt`` for people and ``NAME.<id>.fel.json`` for programs.

They say field, rule and what to do, and never a value; the sender's name for the file is in their own names only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.intake.decision import Decision, Outcome, Reason
from pipeline.intake.files import write_atomically
from pipeline.store.tables import stamp
from pipeline.texts import text


@dataclass(frozen=True, slots=True)
class Case:
    """What a report is about; `sha256` is None where the bytes were not read."""

    id: str
    at: datetime
    sha256: str | None


def refusal(rule: str, case_id: str) -> Decision:
    """Intake's own refusal of something that was never read; `rule` is a key of the catalogue ``inkorg.orsak``."""
    why, advice = text(f"inkorg.orsak.{rule}"), text(f"inkorg.atgard.{rule}")
    reason = Reason(rule, None, why.sv, why.en, advice.sv, advice.en)
    finding = {"code": rule, "level": "stop", "field": None, "text": why.sv, "source": reason.source}
    receipt = {
        "file": None,
        "outcome": Outcome.REJECTED.value,
        "plan_id": None,
        "version": None,
        "receipt": case_id,
        "findings": [finding],
        "document": None,
    }
    return Decision(Outcome.REJECTED, receipt, None, (reason,))


def write_reports(folder: Path, stem: str, case: Case, decision: Decision) -> None:
    """Write both reports into `folder`, whole and on disk; the same case gives the same bytes."""
    write_atomically(folder / f"{stem}.{case.id}.FEL.txt", for_people(case, decision.reasons).encode("utf-8"))
    write_atomically(folder / f"{stem}.{case.id}.fel.json", for_programs(case, decision))


def for_programs(case: Case, decision: Decision) -> bytes:
    """The receipt with case, time, hash and reasons beside it."""
    reasons = [
        {"rule": reason.rule, "field": reason.field, "text": reason.sv, "text_en": reason.en, "source": reason.source}
        for reason in decision.reasons
    ]
    facts: Mapping[str, object] = {
        **decision.receipt,
        "case": case.id,
        "at": stamp(case.at),
        "sha256": case.sha256,
        "reasons": reasons,
    }
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def for_people(case: Case, reasons: Sequence[Reason]) -> str:
    """The report in Swedish, then in English."""
    return "\n".join([*_part("sv", case, reasons), "", "-" * 60, "", *_part("en", case, reasons), ""])


def _part(language: str, case: Case, reasons: Sequence[Reason]) -> list[str]:
    def say(key: str, **params: object) -> str:
        message = text(f"inkorg.rapport.{key}", **params)
        return message.sv if language == "sv" else message.en

    lines = [say("rubrik"), "", say("varfor")]
    for number, reason in enumerate(reasons, 1):
        words = (reason.en or reason.sv) if language == "en" else reason.sv
        field = say("falt", field=reason.field) if reason.field else ""
        lines.append(f"  {number}. {field}{words} {say('regel', rule=reason.rule, source=reason.source)}")
    advice = dict.fromkeys(reason.do_en if language == "en" else reason.do_sv for reason in reasons)
    lines += [
        "",
        say("atgard"),
        *(f"  {words or say('ratta')}" for words in advice or {"": None}),
        "",
        say("ligger_kvar"),
    ]
    moment = f"{case.at:%Y-%m-%d %H:%M:%S} UTC"
    return [*lines, "", say("arende", id=case.id), say("tid", at=moment), say("hash", sha256=case.sha256 or "-")]
