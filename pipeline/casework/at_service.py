"""A signature that a service answers for later, as it lies with the evidence of its act, and whether it still may."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.store import tables as t
from pipeline.store.rows import SlotRow, VersionRow
from pipeline.store.tables import parse_stamp, stamp

if TYPE_CHECKING:
    from signatures.backends.work import Pending

COLUMN = "evidence.asked"


@dataclass(frozen=True, slots=True)
class AtService:
    """What was asked of the service that `[[signing]]` calls `backend`, and what it has answered, and when (aware UTC).

    Both stay with the evidence: the answer is the service's own word on who signed and how they were identified.
    """

    backend: str
    pending: "Pending"
    answer: Mapping[str, str] | None = None
    answered_at: datetime | None = None

    def answered(self, answer: Mapping[str, str], now: datetime) -> "AtService":
        """The same with its answer."""
        return replace(self, answer=dict(answer), answered_at=now)

    def to_json(self) -> dict[str, object]:
        """For an encrypted column."""
        at = None if self.answered_at is None else stamp(self.answered_at)
        return {"backend": self.backend, "pending": self.pending.to_json(), "answer": self.answer, "answered_at": at}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "AtService":
        """What `to_json` gave."""
        from signatures.backends.work import Pending

        at = told["answered_at"]
        return cls(told["backend"], Pending.of(told["pending"]), told["answer"], parse_stamp(at) if at else None)


def is_under_way(conn: Connection, v: VersionRow, slot: SlotRow, now: datetime) -> bool:
    """Whether somebody has been identified for the slot and their signature is still to come.

    Not when the service that was to sign has let its time run out: the slot is then free for another.
    """
    if slot.evidence_id is None or slot.outcome is not None:
        return False
    c = t.evidence.c
    row = conn.execute(sa.select(c.edition, c.asked_until).where(c.id == slot.evidence_id)).one()
    in_time = row.asked_until is None or parse_stamp(row.asked_until) > now
    return bool(row.edition == v.edition) and in_time
