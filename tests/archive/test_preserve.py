import base64
import json
from collections.abc import Callable
from datetime import datetime

import ocfl
import pytest
import sqlalchemy as sa

from pipeline.archive.preserve import logical_path, object_id, preserve, read_file, sweep
from pipeline.errors import EnvironmentFailed, Refused
from pipeline.store import papers, rows, trail
from pipeline.store import tables as t
from pipeline.store.crypt import open_bytes
from pipeline.store.papers import NewPaper

PLAN = "GP-2026-1"


def run(shelf, plan_id: str = PLAN) -> str:
    """The step as the journey runs it: write, then commit in a transaction of its own."""
    preserved = preserve(shelf.db, shelf.objects, shelf.ocfl, shelf.keys, plan_id)
    with shelf.db.write() as conn:
        preserved.commit(conn)
    return preserved.head


def stored(shelf, path: str, plan_id: str = PLAN):
    sealed = shelf.ocfl.read(object_id(plan_id), path)
    assert sealed is not None
    return open_bytes(shelf.keys.get(plan_id), sealed)


def staged(shelf) -> list[str]:
    return sorted(f.name for f in (shelf.objects.root / "staging").rglob("*.enc"))


@pytest.fixture
def plan(shelf, add_plan, add_file):
    v = add_plan(PLAN)
    for revision, kind in enumerate(["prepared", "signed", "sealed"]):
        add_file(shelf, v, kind, f"%PDF {kind}".encode() * 50, revision=revision, later=revision)
    add_file(shelf, v, "word", b"PK word")
    return v


def test_every_file_and_the_history_lie_in_a_valid_object(shelf, plan) -> None:
    assert run(shelf) == "v1"
    files = shelf.files(PLAN)
    assert [file.ocfl_path for file in files] == [logical_path(file) for file in files]
    assert all(stored(shelf, logical_path(file)) == shelf.objects.get(PLAN, file.sha256) for file in files)
    inventory = shelf.ocfl.head(object_id(PLAN))
    assert {path.rsplit(".", 2)[-2] for path in inventory.state} == {"json", "pdf", "docx"}
    assert all(path.endswith(".enc") for path in inventory.state)
    passed, validator = ocfl.Object(path=str(shelf.ocfl.object_path(object_id(PLAN)))).validate(log_warnings=True)
    assert (passed, str(validator).strip()) == (True, "")


def test_the_same_facts_make_no_new_version(shelf, plan) -> None:
    assert [run(shelf), run(shelf)] == ["v1", "v1"]
    assert sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN) == 5
    assert run(shelf) == "v1"


def test_a_new_fact_makes_a_new_version_that_holds_only_what_is_new(shelf, plan, add_version, now: datetime) -> None:
    run(shelf)
    sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN)
    with shelf.db.write() as conn:
        trail.append(conn, "sealed", {"plan_id": PLAN, "version": 1}, now)
    add_version(shelf, PLAN, 2)
    assert run(shelf) == "v2"
    added = {f.name for f in (shelf.ocfl.object_path(object_id(PLAN)) / "v2" / "content").rglob("*.enc")}
    assert sum(name == "history.json.enc" for name in added) == 1
    assert len([name for name in added if "content" in name]) == 1
    assert not any("sealed" in name for name in added)
    assert all(read_file(shelf.objects, shelf.ocfl, file) for file in shelf.files(PLAN))


def test_the_history_rebuilds_every_row(shelf, plan, now: datetime) -> None:
    """All that the database knows of the plan comes out of the object, row for row."""
    _more_rows(shelf, now)
    run(shelf)
    found: dict[str, list[dict[str, object]]] = {}
    for path in ("history.json.enc", "v1/history.json.enc"):
        for table, told in json.loads(stored(shelf, path))["tables"].items():
            found.setdefault(table, []).extend(told)
    left_out = {"step", "access", "identification", "alembic_version"}
    with shelf.db.read() as conn:
        for table in t.metadata.sorted_tables:
            if table.name in left_out:
                continue
            columns = [c for c in table.columns if c.name != "ocfl_path" and (table.name, c.name) != ("trail", "entry")]
            expected = [dict(row) for row in conn.execute(sa.select(*columns)).mappings()]
            rebuilt = [{c.name: _value(c, row[c.name]) for c in columns} for row in found[table.name]]
            key = [c.name for c in table.primary_key]
            assert sorted(rebuilt, key=lambda r: [str(r[k]) for k in key]) == sorted(
                expected, key=lambda r: [str(r[k]) for k in key]
            ), table.name
            assert expected, table.name


def _value(column: sa.Column, value: object) -> object:
    return base64.b64decode(str(value)) if isinstance(column.type, sa.LargeBinary) and value is not None else value


def _more_rows(shelf, now: datetime) -> None:
    at = t.stamp(now)
    with shelf.db.write() as conn:
        for number in (2, 3):
            drop = {"id": f"drop-{number}", "sha256": "0" * 64, "outcome": "accepted", "receipt": "{}", "at": at}
            conn.execute(t.intake.insert().values(drop))
        conn.execute(t.edition.insert().values(plan_id=PLAN, version=1, edition=1, base_sha256="0" * 64, made_at=at))
        conn.execute(
            t.evidence.insert().values(
                id="e1", plan_id=PLAN, version=1, edition=1, role="brukare", method="test", level="low",
                evidence_enc=shelf.seal(PLAN, t.evidence_column("e1"), {"namn": "Karl"}), at=at,
            )
        )  # fmt: skip
        conn.execute(
            t.uppdrag.insert().values(
                id="uppdrag-1", kommun_kod="9901", beslut_id="B-1", person_key=b"p", profil="omsorg_lifecare",
                intake_id="drop-2", content_sha256="0" * 64, plan_id=PLAN, received_at=at,
                content_enc=shelf.seal("uppdrag-1", "uppdrag.content", {"schema": "uppdrag/1"}),
            )
        )  # fmt: skip
        of_order = shelf.objects.put("uppdrag-1", b"%PDF confirmed")
        of_plan = shelf.objects.put(PLAN, b"%PDF told")
        confirmed = NewPaper("uppdrag-1", PLAN, "uppdrag-1", None, "bestallningsbekraftelse", "uppdrag-1")
        papers.add_paper(conn, confirmed, number=1, forms=[("pdf", of_order)], now=now)
        told = NewPaper(PLAN, PLAN, None, 1, "aterkoppling", "v1")
        papers.add_paper(conn, told, number=1, forms=[("pdf", of_plan)], now=now)
        events = (("h1", None, "uppdrag-1", None), ("h2", PLAN, None, 1), ("h3", PLAN, None, None))
        for handelse_id, plan_id, order_id, number in events:
            conn.execute(
                t.handelse.insert().values(
                    handelse_id=handelse_id, plan_id=plan_id, uppdrag_id=order_id, version=number, slag="verkstalld",
                    datum="2026-11-01", content_sha256="0" * 64, intake_id="drop-3", recorded_at=at,
                    content_enc=shelf.seal(plan_id or order_id, "handelse.content", {"slag": "verkstalld"}),
                )
            )  # fmt: skip


def test_papers_lie_in_the_object_under_the_plans_own_key(shelf, plan, now: datetime) -> None:
    """Also one that was made of an order, under the order's key, before there was a plan."""
    _more_rows(shelf, now)
    run(shelf)
    with shelf.db.read() as conn:
        kept = papers.papers_of_plan(conn, PLAN)
    assert sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN) >= 2
    for paper, plain in zip(kept, (b"%PDF confirmed", b"%PDF told"), strict=True):
        assert not shelf.objects.exists(paper.owner, paper.sha256)
        assert stored(shelf, logical_path(paper)) == plain
        assert read_file(shelf.objects, shelf.ocfl, paper) == plain


def test_what_is_encrypted_in_a_row_is_readable_in_the_history(shelf, plan, now: datetime) -> None:
    _more_rows(shelf, now)
    run(shelf)
    told = json.loads(stored(shelf, "history.json.enc"))["tables"]
    assert told["plan"][0]["personal"] == {"namn": ["Karl", "Björkqvist", "Kalle"]}
    assert told["uppdrag"][0]["content"] == {"schema": "uppdrag/1"}
    assert {event["content"]["slag"] for event in told["handelse"]} == {"verkstalld"}
    assert json.loads(stored(shelf, "v1/history.json.enc"))["tables"]["slot"][0]["detail"] == {"signer": "Karl"}


def test_an_order_whose_own_key_is_gone_stays_unreadable(shelf, plan, now: datetime) -> None:
    _more_rows(shelf, now)
    shelf.keys.destroy("uppdrag-1")
    run(shelf)
    order = json.loads(stored(shelf, "history.json.enc"))["tables"]["uppdrag"][0]
    assert order["content"] is None
    assert order["content_enc"]


def test_nothing_personal_is_readable_on_disk(shelf, plan) -> None:
    run(shelf)
    for file in shelf.ocfl.path.rglob("*"):
        told = str(file.relative_to(shelf.ocfl.path)).encode() + (file.read_bytes() if file.is_file() else b"")
        for personal in ("Karl", "Björkqvist", "191212121212", "%PDF"):
            assert personal.encode() not in told
    shelf.keys.destroy(PLAN)
    with pytest.raises(Refused, match="nyckel_saknas"):
        read_file(shelf.objects, shelf.ocfl, shelf.files(PLAN)[0])


def test_a_swept_copy_is_read_from_the_object_and_only_then_swept(shelf, plan) -> None:
    assert sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN) == 0
    before = [read_file(shelf.objects, shelf.ocfl, file) for file in shelf.files(PLAN)]
    run(shelf)
    assert sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN) == 5
    assert staged(shelf) == []
    assert sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN) == 0
    assert [read_file(shelf.objects, shelf.ocfl, file) for file in shelf.files(PLAN)] == before


def test_nothing_is_swept_that_the_object_does_not_hold_whole(shelf, plan) -> None:
    run(shelf)
    for file in (shelf.ocfl.object_path(object_id(PLAN)) / "v1/content").rglob("*sealed*"):
        file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN)
    assert any(file.kind == "sealed" and f"{file.sha256}.enc" in staged(shelf) for file in shelf.files(PLAN))


def test_nothing_is_swept_that_the_plans_key_does_not_open(shelf, plan) -> None:
    run(shelf)
    shelf.keys.destroy(PLAN)
    shelf.keys.get_or_create(PLAN)
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        sweep(shelf.db, shelf.objects, shelf.ocfl, PLAN)
    assert len(staged(shelf)) == 5


def test_the_same_bytes_as_a_later_file_need_no_staged_copy(shelf, plan, add_file) -> None:
    """A copy may be swept between a put and its row: the row's bytes are then found in the object."""
    run(shelf)
    add_file(shelf, plan, "prepared", b"%PDF prepared" * 50, revision=0, edition=2)
    new = shelf.files(PLAN)[-1]
    shelf.objects.remove(PLAN, new.sha256)
    assert read_file(shelf.objects, shelf.ocfl, new) == b"%PDF prepared" * 50
    run(shelf)
    assert stored(shelf, logical_path(new)) == b"%PDF prepared" * 50


def test_a_damaged_or_missing_file_is_never_archived(shelf, plan) -> None:
    path = shelf.objects.path(PLAN, shelf.files(PLAN)[0].sha256)
    whole = path.read_bytes()
    for act in (lambda: path.write_bytes(whole[:-1]), path.unlink):
        act()
        with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
            run(shelf)
        assert shelf.ocfl.head(object_id(PLAN)) is None
    path.write_bytes(whole)
    assert run(shelf) == "v1"


def test_a_crash_before_the_commit_changes_nothing_but_time(shelf, plan) -> None:
    preserve(shelf.db, shelf.objects, shelf.ocfl, shelf.keys, PLAN)
    assert {file.ocfl_path for file in shelf.files(PLAN)} == {None}
    assert run(shelf) == "v1"


def test_an_unknown_plan_is_refused(shelf) -> None:
    with pytest.raises(Refused, match="okand_plan"):
        run(shelf, "GP-unknown")


@pytest.mark.parametrize("kind", ["scan", "basis"])
def test_other_kinds_have_their_place(shelf, plan, add_file: Callable[..., None], kind: str) -> None:
    add_file(shelf, plan, kind, b"bytes")
    run(shelf)
    (file,) = [file for file in shelf.files(PLAN) if file.kind == kind]
    assert stored(shelf, logical_path(file)) == b"bytes"
    with shelf.db.read() as conn:
        assert rows.files_of(conn, plan, kind)[0].ocfl_path == logical_path(file)


def test_no_name_is_given_before_the_bytes_are_on_disk(shelf, add_plan, add_file, order) -> None:
    v = add_plan(PLAN)
    add_file(shelf, v, "prepared", b"%PDF")
    run(shelf)
    assert order.renames >= 3
    assert order.flaws == []
    assert order.loose_names(shelf.objects.root) == []


def test_a_copy_that_another_process_put_is_made_durable_too(shelf, plan, order) -> None:
    """Found in place, its name may not be on disk yet: the put that answers must see to that itself."""
    file = shelf.files(PLAN)[0]
    folder = shelf.objects.path(PLAN, file.sha256).parent
    order.loose.add(folder)
    shelf.objects.put(PLAN, shelf.objects.get(PLAN, file.sha256))
    assert folder not in order.loose
