"""Rows of papers: the documents around a plan or an order, beside the plan's own files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.store import tables as t
from pipeline.store.objects import Stored

ENDINGS = {"pdf": "pdf", "text": "txt", "word": "docx", "csv": "csv"}
"""How the file of each form ends."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One form of one paper. `owner`, the plan or the order it was made of, is also whose key its bytes lie under.

    `cause` is what brought it about (an event's id, a version, a deadline), so that nothing brings it about twice;
    `number` counts the papers of its kind for the owner.
    """

    id: int
    owner: str
    plan_id: str | None
    uppdrag_id: str | None
    version: int | None
    slag: str
    form: str
    number: int
    cause: str
    sha256: str
    sha512: str
    size: int
    made_at: str
    ocfl_path: str | None


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper about to get its rows: of what, which kind, why."""

    owner: str
    plan_id: str | None
    uppdrag_id: str | None
    version: int | None
    slag: str
    cause: str


def _rows(conn: Connection, *where: sa.ColumnElement[bool]) -> tuple[PaperRow, ...]:
    columns = [t.paper.c[name] for name in PaperRow.__slots__]
    return tuple(PaperRow(*row) for row in conn.execute(sa.select(*columns).where(*where).order_by(t.paper.c.id)))


def papers_of_plan(conn: Connection, plan_id: str) -> tuple[PaperRow, ...]:
    """The plan's papers in the order they were made, those of the orders it answers among them."""
    return _rows(conn, t.paper.c.plan_id == plan_id)


def papers_of(conn: Connection, owner: str) -> tuple[PaperRow, ...]:
    """The papers made of the plan or order `owner`."""
    return _rows(conn, t.paper.c.owner == owner)


def papers_with_hash(conn: Connection, *sha256: str) -> tuple[PaperRow, ...]:
    """Every paper whose plain bytes have one of these SHA-256."""
    return _rows(conn, t.paper.c.sha256.in_(sha256))


def forms_made(conn: Connection, new: NewPaper) -> tuple[PaperRow, ...]:
    """The forms of this very paper that have been made already."""
    c = t.paper.c
    return _rows(conn, c.owner == new.owner, c.slag == new.slag, c.cause == new.cause)


def next_number(conn: Connection, owner: str, slag: str) -> int:
    """The number of the owner's next paper of the kind: 1, 2, 3 …"""
    c = t.paper.c
    last = conn.execute(sa.select(sa.func.max(c.number)).where(c.owner == owner, c.slag == slag)).scalar()
    return (last or 0) + 1


def add_paper(
    conn: Connection, new: NewPaper, *, number: int, forms: Iterable[tuple[str, Stored]], now: datetime
) -> None:
    """Record the forms of a paper."""
    about = {name: getattr(new, name) for name in NewPaper.__slots__}
    for form, stored in forms:
        kept = {"sha256": stored.sha256, "sha512": stored.sha512, "size": stored.size}
        conn.execute(t.paper.insert().values(**about, **kept, form=form, number=number, made_at=t.stamp(now)))


def give_to_plan(conn: Connection, order_ids: Sequence[str], plan_id: str) -> None:
    """The plan that answers these orders has come: their papers belong to it from now on."""
    conn.execute(t.paper.update().where(t.paper.c.uppdrag_id.in_(list(order_ids))).values(plan_id=plan_id))


def paper_name(owner: str, version: int | None, slag: str, number: int, form: str) -> str:
    """What a paper is called in outbox and as an attachment: ids and its kind, never a person's name."""
    stem = owner if version is None else f"{owner}_v{version}"
    counted = slag if number == 1 else f"{slag}-{number}"
    return f"{stem}.{counted}.{ENDINGS[form]}"
