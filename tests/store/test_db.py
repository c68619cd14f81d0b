import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipeline.errors import EnvironmentFailed, Misuse
from pipeline.store import migrations, tables
from pipeline.store.db import Database, open_database


def _intake(number: int) -> dict[str, object]:
    return {"id": f"i{number}", "sha256": "0" * 64, "outcome": "accepted", "receipt": "{}", "at": "x"}


def _ids(db: Database) -> list[str]:
    with db.read() as conn:
        return list(conn.execute(sa.select(tables.intake.c.id)).scalars())


def test_the_connection_is_as_durable_as_promised(db: Database) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 30000,
        "foreign_keys": 1,
        "secure_delete": 1,
        "recursive_triggers": 1,
    }
    with db.read() as conn:
        assert {name: conn.exec_driver_sql(f"pragma {name}").scalar() for name in expected} == expected


def test_migrations_make_exactly_the_tables(db: Database) -> None:
    with db.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []
        made = _shape(conn)
    plain = sa.create_engine("sqlite://")
    with plain.begin() as conn:
        tables.metadata.create_all(conn)
        assert made == _shape(conn)
    plain.dispose()


def _shape(conn: sa.Connection) -> dict[str, object]:
    """What SQLite itself says about every table: columns with types, defaults and keys, foreign keys, indexes."""
    found: dict[str, object] = {}
    for name in tables.metadata.tables:
        found[name] = [
            sorted(
                tuple(row)[0 if pragma == "table_info" else 1 :]  # the others begin with a number of their own
                for row in conn.exec_driver_sql(f"pragma {pragma}({name})")
            )
            for pragma in ("table_info", "foreign_key_list", "index_list")
        ]
    return found


def test_the_known_revisions_are_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == migrations.HEAD
    assert [r.revision for r in script.walk_revisions()] == list(reversed(migrations.KNOWN))


def test_a_rolled_back_write_leaves_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError), db.write() as conn:
        conn.execute(tables.intake.insert().values(_intake(1)))
        raise RuntimeError
    assert _ids(db) == []


def test_a_read_cannot_write(db: Database) -> None:
    with pytest.raises(EnvironmentFailed, match="databas"), db.read() as conn:
        conn.execute(tables.intake.insert().values(_intake(1)))
    with db.write() as conn:
        conn.execute(tables.intake.insert().values(_intake(2)))
    assert _ids(db) == ["i2"]


def test_a_reader_sees_one_moment(db: Database) -> None:
    with db.read() as reader:
        assert reader.execute(sa.select(sa.func.count()).select_from(tables.intake)).scalar() == 0
        with db.write() as conn:
            conn.execute(tables.intake.insert().values(_intake(1)))
        assert reader.execute(sa.select(sa.func.count()).select_from(tables.intake)).scalar() == 0


def test_foreign_keys_hold(db: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), db.write() as conn:
        conn.execute(tables.name_key.insert().values(plan_id="nobody", token_key=b"x"))


def test_values_stay_out_of_error_messages(db: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, db.write() as conn:
        conn.execute(tables.name_key.insert().values(plan_id="Astrid Lind", token_key=b"x"))
    assert "Astrid" not in str(caught.value)


def test_a_file_that_is_no_database_is_our_failure(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is no database, and long enough to be seen as one" * 100)
    with pytest.raises(EnvironmentFailed):
        open_database(tmp_path / "a.db")


def test_a_database_from_the_future_is_refused(db: Database) -> None:
    with db.write() as conn:
        conn.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(Misuse, match="databas_nyare"):
        open_database(db.path)


def test_a_half_made_database_is_finished(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()  # killed between the file's making and its first migration
    with open_database(tmp_path / "a.db").read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(tables.plan)).scalar() == 0


def test_opening_an_up_to_date_database_needs_no_alembic(db: Database) -> None:
    code = (
        "import sys, pathlib; from pipeline.store.db import open_database;"
        f"open_database(pathlib.Path({str(db.path)!r})); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


WRITER = """
import pathlib, sys
from pipeline.store import tables
from pipeline.store.db import open_database
with open_database(pathlib.Path(sys.argv[1])).write() as conn:
    row = {"id": sys.argv[2], "sha256": "0", "outcome": "accepted", "receipt": "{}", "at": "x"}
    conn.execute(tables.intake.insert().values(row))
"""


def test_many_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x" / "a.db"
    started = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"i{n}"]) for n in range(4)]
    assert [process.wait(60) for process in started] == [0, 0, 0, 0]
    assert sorted(_ids(open_database(path))) == ["i0", "i1", "i2", "i3"]


def test_a_forked_child_writes_and_the_parent_goes_on(db: Database) -> None:
    with db.read() as conn:
        inherited = conn.connection.driver_connection
    child = os.fork()
    if child == 0:
        try:
            with db.write() as conn:
                assert conn.connection.driver_connection is not inherited
                conn.execute(tables.intake.insert().values(_intake(1)))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child must not return into pytest
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    with db.write() as conn:
        conn.execute(tables.intake.insert().values(_intake(2)))
    assert sorted(_ids(db)) == ["i1", "i2"]
    with db.read() as conn:
        assert conn.exec_driver_sql("pragma integrity_check").scalar() == "ok"


def test_a_database_travels_to_a_spawned_process_as_its_path(db: Database) -> None:
    again = pickle.loads(pickle.dumps(db))  # noqa: S301
    assert again.path == db.path
    assert _ids(again) == []


def test_secure_delete_leaves_no_trace(db: Database) -> None:
    needle = "gallrad" * 20
    with db.write() as conn:
        conn.execute(tables.intake.insert().values(_intake(1) | {"receipt": needle}))
    with db.write() as conn:
        conn.execute(tables.intake.delete())
    with sqlite3.connect(db.path) as raw:
        raw.execute("pragma wal_checkpoint(truncate)")
    raw.close()
    assert needle.encode() not in db.path.read_bytes()
