import hashlib
import json
import re
from datetime import datetime

import pytest
import rfc8785
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.store import tables, trail
from pipeline.store.db import Database
from pipeline.store.trail_types import MEMBERS, TYPES

FACTS: dict[str, trail.Fact] = {"plan_id": "GP-2026-1", "version": 1, "reason": "avbruten"}


def naive_head(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 word for word: split at the largest power of two smaller than n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_head(leaves[:split]), naive_head(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(st.integers(0, 300))
def test_the_tree_head_is_that_of_the_rfc(count: int) -> None:
    leaves = [hashlib.sha256(bytes([0]) + str(n).encode()).digest() for n in range(count)]
    assert trail.tree_head(leaves) == naive_head(leaves)


def test_the_tree_head_agrees_with_published_vectors() -> None:
    """The leaves and heads of transparency-dev/merkle's reference test (also in Certificate Transparency's own)."""
    hexes = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [trail.leaf_hash(bytes.fromhex(h)) for h in hexes]
    heads = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, head in heads.items():
        assert trail.tree_head(leaves[:size]).hex() == head


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.integers(0, 9))
def test_the_root_of_the_table_is_the_root_of_its_leaves(db: Database, now: datetime, more: int) -> None:
    with db.write() as conn:
        for _ in range(more):
            trail.append(conn, "withdrawn", FACTS, now)
    with db.read() as conn:
        entries = [
            bytes(e) for e in conn.execute(sa.select(tables.trail.c.entry).order_by(tables.trail.c.idx)).scalars()
        ]
        leaves = [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
        assert trail.size(conn) == len(leaves)
        for size in {0, len(leaves) // 2, len(leaves)}:
            assert trail.root(conn, size) == naive_head(leaves[:size])
        with pytest.raises(ValueError, match="shorter"):
            trail.root(conn, len(leaves) + 1)
        assert trail.check(conn) == ()


def test_an_entry_is_canonical_json_with_salt_and_without_index(db: Database, now: datetime) -> None:
    with db.write() as conn:
        assert [trail.append(conn, "withdrawn", FACTS, now) for _ in range(3)] == [0, 1, 2]
    with db.read() as conn:
        rows = conn.execute(sa.select(tables.trail).order_by(tables.trail.c.idx)).all()
    read = [json.loads(row.entry) for row in rows]
    assert [rfc8785.dumps(entry) for entry in read] == [row.entry for row in rows]
    assert set(read[0]) == {"v", "type", "at", "salt", "plan_id", "version", "reason"}
    assert read[0]["at"] == "2026-11-22T10:00:00.000000Z"
    assert len({entry["salt"] for entry in read}) == 3
    assert rows[0].plan_id == "GP-2026-1"


def test_a_fact_that_rolls_back_takes_its_entry_along(db: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError), db.write() as conn:
        trail.append(conn, "withdrawn", FACTS, now)
        raise RuntimeError
    with db.write() as conn:
        assert trail.append(conn, "withdrawn", FACTS, now) == 0


@pytest.mark.parametrize(
    ("type_", "facts"),
    [
        ("withdrawn", {"namn": "Astrid"}),
        ("withdrawn", {"reason": "Astrid vill inte"}),
        ("withdrawn", {"reason": "19121212-1212"}),
        ("withdrawn", {"idx": 3}),
        ("withdrawn", {"salt": "x"}),
        ("withdrawn", {"version": -1}),
        ("withdrawn", {"version": True}),
        ("withdrawn", {"version": "1"}),
        ("withdrawn", {"plan_id": "GP 1"}),
        ("withdrawn", {"plan_id": "GP-1\n"}),
        ("slot_ended", {"role": 3}),
        ("made_up", {}),
    ],
)
def test_what_is_not_on_the_list_has_no_way_in(
    db: Database, now: datetime, type_: str, facts: dict[str, trail.Fact]
) -> None:
    with pytest.raises(ValueError, match=r"trail|member|form") as caught, db.write() as conn:
        trail.append(conn, type_, facts, now)
    assert "Astrid" not in str(caught.value)
    with db.read() as conn:
        assert trail.size(conn) == 0


def test_every_member_has_a_form_no_free_text_fits() -> None:
    assert {name for members in TYPES.values() for name in members} == set(MEMBERS)
    for name, form in MEMBERS.items():
        if isinstance(form, str):
            for personal in ("Astrid Lind", "19121212-1212 ", "Åsa", "191212121212 Åsa", ""):
                assert re.fullmatch(form, personal) is None, name


@pytest.mark.parametrize(
    "statement",
    [
        "update trail set entry = x'00' where idx = 0",
        "update trail set idx = 7 where idx = 1",
        "delete from trail where idx = 1",
        "delete from trail",
        "insert or replace into trail select idx, type, plan_id, x'00', leaf from trail where idx = 0",
        "insert into trail select 5, type, plan_id, entry, leaf from trail where idx = 0",
        "insert into trail select -1, type, plan_id, entry, leaf from trail where idx = 0",
        "replace into trail select 1, 'x', plan_id, entry, leaf from trail where idx = 0",
    ],
)
def test_nothing_but_the_next_entry_can_be_written(db: Database, now: datetime, statement: str) -> None:
    with db.write() as conn:
        trail.append(conn, "withdrawn", FACTS, now)
        trail.append(conn, "withdrawn", FACTS, now)
    with pytest.raises(sa.exc.IntegrityError), db.write() as conn:
        conn.exec_driver_sql(statement)
    with db.read() as conn:
        assert (trail.size(conn), trail.check(conn)) == (2, ())


@pytest.mark.parametrize(
    ("statement", "flawed"),
    [
        ("update trail set entry = replace(entry, 'avbruten', 'dodsfall') where idx = 1", (1,)),
        ("update trail set entry = cast(replace(entry, 'avbruten', 'dodsfall') as blob) where idx = 1", (1,)),
        ("update trail set leaf = zeroblob(32) where idx = 2", (2,)),
        ("update trail set plan_id = 'GP-2026-2' where idx = 0", (0,)),
        ("update trail set type = 'sealed' where idx = 0", (0,)),
        ("delete from trail where idx = 1", (1,)),
        ("delete from trail where idx < 2", (0, 1)),
    ],
)
def test_a_change_behind_the_triggers_is_found(
    db: Database, now: datetime, statement: str, flawed: tuple[int, ...]
) -> None:
    with db.write() as conn:
        for _ in range(3):
            trail.append(conn, "withdrawn", FACTS, now)
        for trigger in ("trail_fixed", "trail_kept"):
            conn.exec_driver_sql(f"drop trigger {trigger}")
        conn.exec_driver_sql(statement)
        assert trail.check(conn) == flawed
