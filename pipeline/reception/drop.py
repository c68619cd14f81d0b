"""One dropped file and how it is answered: what plans, orders and events have in common."""

import json
from dataclasses import asdict, dataclass, replace

from sqlalchemy.engine import Connection

from pipeline.casework.protection import has_been_protected
from pipeline.casework.receipts import Receipt, decided
from pipeline.casework.tools import Tools
from pipeline.plan.findings import Finding
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.person_id import normalised
from pipeline.plan.protection import NONE
from pipeline.store import index, trail
from pipeline.store import tables as t
from pipeline.store.tables import stamp


@dataclass(frozen=True, slots=True)
class Drop:
    """One file as it came: its intake id, its hash and what `read_file` made of it."""

    intake_id: str
    sha256: str
    kind: str
    content: bytes
    unprintable: tuple[Finding, ...] = ()
    """What the fonts cannot write: found before the transaction, since it takes a while and needs no database."""


class Rejected(Exception):
    """The file is not taken: a way out of the decision, which is rolled back; `receive` answers with the findings."""

    def __init__(self, *findings: Finding, plan_id: str | None = None) -> None:
        super().__init__()
        self.findings = findings
        self.plan_id = plan_id


def answer(conn: Connection, tools: Tools, drop: Drop, receipt: Receipt) -> Receipt:
    """Write the answer to a file in the transaction of its effect."""
    value = asdict(receipt)
    conn.execute(
        t.intake.insert().values(
            id=drop.intake_id,
            sha256=drop.sha256,
            kind=drop.kind,
            outcome=receipt.outcome,
            plan_id=receipt.plan_id,
            version=receipt.version,
            receipt=json.dumps(value, ensure_ascii=False),
            at=stamp(tools.now()),
        )
    )
    return receipt


def duplicate(conn: Connection, tools: Tools, drop: Drop, first: Receipt) -> Receipt:
    """Answer a file whose content is known with the receipt of the first."""
    facts = {"plan_id": first.plan_id, "version": first.version, "intake_id": drop.intake_id}
    trail.append(conn, "duplicate", facts, tools.now())
    return answer(conn, tools, drop, replace(first, outcome="duplicate"))


def first_receipt(conn: Connection, intake_id: str) -> Receipt:
    """The receipt of the file that a version, order or event came from."""
    found = decided(conn, intake_id)
    if found is None:
        raise LookupError(intake_id)
    return found


def person_key(tools: Tools, value: Genomforandeplan | Uppdrag) -> bytes:
    """The keyed hash of the person that a plan or an order is about."""
    person_id = value.brukare.person_id
    return index.person_key(tools.keys.lookup, person_id.typ, normalised(person_id, today=tools.today()))


def not_protected(conn: Connection, tools: Tools, value: Genomforandeplan | Uppdrag) -> bool:
    """Whether the file leaves out a protection that has been recorded on its person."""
    if value.brukare.skydd != NONE:
        return False
    return has_been_protected(conn, tools, value.kommun.kod, person_key(tools, value))
