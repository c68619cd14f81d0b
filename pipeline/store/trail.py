"""The trail: what happened, as entries that are only ever added, in the transaction of the fact itself.

An entry is RFC 8785 JSON with a 32-byte random salt; its index and its RFC 6962 leaf hash stand beside it as columns,
never inside it, so that a transparency log can grow over the same entries. No personal data can enter: each type has
its fixed members, and each member its fixed form (ids, dates, codes, hashes, counts), so free text has no way in.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import rfc8785
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.store import tables
from pipeline.store.tables import stamp
from pipeline.store.trail_types import MEMBERS, TYPES

EMPTY_ROOT = hashlib.sha256(b"").digest()
SALT_BYTES = 32

Fact = str | int | bool | None


def append(conn: Connection, type: str, facts: Mapping[str, Fact], now: datetime) -> int:
    """Adds one entry in the caller's write transaction and gives its index (0, 1, 2 …).

    Members that are None are left out. Raises `ValueError` for a type, member or form that is not in `trail_types`.
    """
    told = _checked(type, {name: value for name, value in facts.items() if value is not None})
    salt = base64.b64encode(os.urandom(SALT_BYTES)).decode("ascii")
    entry = rfc8785.dumps({**told, "v": 1, "type": type, "at": stamp(now), "salt": salt})
    last = conn.execute(sa.select(sa.func.max(tables.trail.c.idx))).scalar()
    idx = 0 if last is None else int(last) + 1
    row = {"idx": idx, "type": type, "plan_id": told.get("plan_id"), "entry": entry, "leaf": leaf_hash(entry)}
    conn.execute(tables.trail.insert().values(row))
    return idx


def size(conn: Connection) -> int:
    """The number of entries."""
    last = conn.execute(sa.select(sa.func.max(tables.trail.c.idx))).scalar()
    return 0 if last is None else int(last) + 1


def root(conn: Connection, size: int) -> bytes:
    """The RFC 6962 tree head (32 bytes) over the first `size` entries; `ValueError` when there are fewer."""
    query = sa.select(tables.trail.c.leaf).where(tables.trail.c.idx < size).order_by(tables.trail.c.idx)
    leaves = [bytes(leaf) for leaf in conn.execute(query).scalars()]
    if size < 0 or len(leaves) != size:
        raise ValueError("the trail is shorter than that")
    return tree_head(leaves)


def check(conn: Connection) -> tuple[int, ...]:
    """The indexes that are missing, or whose entry does not give its leaf hash and columns; empty when all is well."""
    c = tables.trail.c
    flawed: list[int] = []
    expected = 0
    rows = conn.execute(sa.select(c.idx, c.type, c.plan_id, c.entry, c.leaf).order_by(c.idx))
    for idx, kind, plan_id, entry, leaf in rows:
        flawed.extend(range(expected, idx))
        if not isinstance(entry, bytes) or leaf_hash(entry) != leaf or not _agrees(entry, kind, plan_id):
            flawed.append(idx)
        expected = idx + 1
    return tuple(flawed)


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def tree_head(leaves: Iterable[bytes]) -> bytes:
    """RFC 6962 §2.1: the Merkle tree head over leaf hashes, joining equal subtrees as they fill."""
    pending: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, node = 0, leaf
        while pending and pending[-1][0] == height:
            node = _join(pending.pop()[1], node)
            height += 1
        pending.append((height, node))
    if not pending:
        return EMPTY_ROOT
    node = pending.pop()[1]
    while pending:
        node = _join(pending.pop()[1], node)
    return node


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _checked(kind: str, facts: dict[str, Fact]) -> dict[str, Fact]:
    allowed = TYPES.get(kind)
    if allowed is None:
        raise ValueError(f"the trail knows no type {kind!r}")
    for name, value in facts.items():
        if name not in allowed:
            raise ValueError(f"{name!r} is no member of {kind!r}")
        form = MEMBERS[name]
        sound = type(value) is form if isinstance(form, type) else isinstance(value, str) and re.fullmatch(form, value)
        if not sound or (isinstance(value, int) and value < 0):
            raise ValueError(f"{name!r} of {kind!r} has the wrong form")  # never the value: it may be anything
    return facts


def _agrees(entry: bytes, kind: str, plan_id: str | None) -> bool:
    try:
        read = json.loads(entry)
        return rfc8785.dumps(read) == entry and read["type"] == kind and read.get("plan_id") == plan_id
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
