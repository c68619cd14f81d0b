"""What the database knows of a plan, as plain JSON beside its files: enough to rebuild every row, and to read it all.

A row is a JSON object of its columns; bytes are base64. An encrypted column ``x_enc`` is kept as it is, for the row,
and opened as ``x``, for the reader. Left out is what can be made from the rest: the steps, orders of
identification (what came of them is evidence), where a file lies in the object, and the bodies of trail entries, which
have their own export.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from pipeline.errors import Refused
from pipeline.store import tables as t
from pipeline.store.crypt import open_value
from pipeline.store.keys import Keys

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class History:
    """The plan's rows by table: those of the plan itself and those of each version; `latest` is their newest time."""

    plan: Mapping[str, Sequence[Json]]
    versions: Mapping[int, Mapping[str, Sequence[Json]]]
    latest: datetime


def read_history(conn: Connection, keys: Keys, plan_id: str) -> History:
    """Everything the database holds of the plan at this moment, in a fixed order."""
    numbers = conn.execute(sa.select(t.version.c.version).where(t.version.c.plan_id == plan_id)).scalars()
    versions = {number: _version_rows(conn, keys, plan_id, number) for number in sorted(numbers)}
    plan = _plan_rows(conn, keys, plan_id)
    rows = [*_all(plan), *(row for rows in versions.values() for row in _all(rows))]
    times = [str(row[name]) for row in rows for name in row if name in {"at", "made_at", "accepted_at", "recorded_at"}]
    return History(plan, versions, max(map(t.parse_stamp, times)))


def serialised(tables: Mapping[str, Sequence[Json]], **head: object) -> bytes:
    """The RFC 8785 bytes of rows by table, with members that say whose they are."""
    value: Any = {"v": 1, **head, "tables": {name: list(rows) for name, rows in tables.items()}}
    return rfc8785.dumps(value)


def _all(tables: Mapping[str, Sequence[Json]]) -> list[Json]:
    return [row for rows in tables.values() for row in rows]


def _plan_rows(conn: Connection, keys: Keys, plan_id: str) -> dict[str, list[Json]]:
    orders = _rows(conn, keys, t.uppdrag, t.uppdrag.c.plan_id == plan_id)
    order_ids = [str(order["id"]) for order in orders]
    events = sa.or_(t.handelse.c.plan_id == plan_id, t.handelse.c.uppdrag_id.in_(order_ids))
    loose = _rows(conn, keys, t.handelse, events, t.handelse.c.version.is_(None))
    known = [row["intake_id"] for row in (*orders, *loose) if row["intake_id"] is not None]
    drops = sa.or_(sa.and_(t.intake.c.plan_id == plan_id, t.intake.c.version.is_(None)), t.intake.c.id.in_(known))
    return {
        "plan": _rows(conn, keys, t.plan, t.plan.c.plan_id == plan_id),
        "name_key": _rows(conn, keys, t.name_key, t.name_key.c.plan_id == plan_id),
        "uppdrag": orders,
        "handelse": loose,
        "intake": _rows(conn, keys, t.intake, drops),
        "paper": _rows(conn, keys, t.paper, t.paper.c.plan_id == plan_id),
        "trail": _rows(conn, keys, t.trail, t.trail.c.plan_id == plan_id),
    }


def _version_rows(conn: Connection, keys: Keys, plan_id: str, number: int) -> dict[str, list[Json]]:
    return {
        table.name: _rows(conn, keys, table, table.c.plan_id == plan_id, table.c.version == number)
        for table in (t.version, t.edition, t.file, t.slot, t.evidence, t.handelse, t.intake)
    }


_LEFT_OUT = {("file", "ocfl_path"), ("paper", "ocfl_path"), ("trail", "entry")}


def _rows(conn: Connection, keys: Keys, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Json]:
    columns = [column for column in table.columns if (table.name, column.name) not in _LEFT_OUT]
    query = sa.select(*columns).where(*where).order_by(*table.primary_key.columns)
    return [_row(keys, table.name, row) for row in conn.execute(query).mappings()]


def _row(keys: Keys, table: str, row: RowMapping) -> Json:
    found: dict[str, object] = {}
    for name, value in row.items():
        found[name] = base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        if name.endswith("_enc") and value is not None:
            found[name.removesuffix("_enc")] = _opened(keys, table, name.removesuffix("_enc"), row)
    return found


_OF_ONE_ROW: Mapping[str, Callable[[RowMapping], str]] = {
    "evidence.evidence": lambda row: t.evidence_column(row["id"]),
    "slot.detail": lambda row: t.slot_column(row["version"], row["role"]),
}


def _opened(keys: Keys, table: str, column: str, row: RowMapping) -> object:
    owner = row.get("plan_id") if table != "uppdrag" else row["id"]
    owner, plain = owner or row["uppdrag_id"], f"{table}.{column}"
    bound = _OF_ONE_ROW[plain](row) if plain in _OF_ONE_ROW else plain
    try:
        return json.loads(open_value(keys.get(owner), owner, bound, row[f"{column}_enc"]))
    except Refused:  # an order whose own key has been destroyed stays as ciphertext
        return None
