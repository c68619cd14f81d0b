"""The answer to a file: what `process` prints for it and what lies beside its document in outbox."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.plan.findings import Finding, Level
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.texts import text

EXPIRED = "forfallen"
"""Why a version was withdrawn that nobody finished in time."""

WITHDRAW_REASONS = ("chef_vagrar", "avliden", "fel_bestallning", "insats_avslutad", "annat")
"""Why people withdraw a case; any other reason on a withdrawn version is a step's refusal of its input."""

NOTHING_WANTED = ("avliden", "fel_bestallning", "insats_avslutad")
"""The reasons that leave no plan to wait for."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One answer to one file; `receipt` is the id of the first file with this content."""

    outcome: str
    plan_id: str | None
    version: int | None
    receipt: str
    findings: tuple[Finding, ...]


def stop(code: str, field: str | None, source: str = "P") -> Finding:
    """A finding of the reception's own, with its text from the catalogue."""
    told = text(f"mottagning.{code}")
    return Finding(code, Level.STOP, field, told.sv, source, told.en)


def decided(conn: Connection, intake_id: str) -> Receipt | None:
    """What was answered to this intake, if anything was."""
    found = conn.execute(sa.select(t.intake.c.receipt).where(t.intake.c.id == intake_id)).scalar()
    if found is None:
        return None
    value = json.loads(found)
    return Receipt(
        **value | {"findings": tuple(Finding(**f | {"level": Level(f["level"])}) for f in value["findings"])}
    )


def of_version(conn: Connection, v: VersionRow) -> Receipt:
    """The answer to the file that became version `v`; a rejection when its document could not be made after all."""
    receipt = decided(conn, v.intake_id)
    if receipt is None:
        raise LookupError(v.intake_id)
    if v.state == "withdrawn" and v.end_reason not in (*WITHDRAW_REASONS, EXPIRED):
        findings = (stop("kan_inte_framstallas", None), *receipt.findings)
        return Receipt("rejected", receipt.plan_id, receipt.version, receipt.receipt, findings)
    return receipt


def finding_json(finding: Finding) -> Mapping[str, object]:
    """A finding as every command prints it."""
    return asdict(finding) | {"level": str(finding.level)}


def receipt_json(receipt: Receipt, file: str | None, document: str | None) -> Mapping[str, object]:
    """One `process` result; `file` is the caller's own name for it, None in the drop folder's receipts."""
    return {
        "file": file,
        "outcome": receipt.outcome,
        "plan_id": receipt.plan_id,
        "version": receipt.version,
        "receipt": receipt.receipt,
        "findings": [finding_json(f) for f in receipt.findings],
        "document": document,
    }
