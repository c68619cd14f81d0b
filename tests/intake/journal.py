"""A small real journey for the drop folder's tests: decides by a transaction in SQLite, once for each intake id.

`effect` has no unique key, so what is done twice shows.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pipeline.intake.decision import Decision, Outcome, Reason


class Journal:
    def __init__(self, path: Path) -> None:
        self.path = path
        with self.transaction() as conn:
            conn.execute("create table if not exists intake (id text primary key, sha256 text, outcome text)")
            conn.execute("create table if not exists effect (sha256 text)")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        conn = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            conn.execute("begin immediate")
            yield conn
            conn.execute("commit")
        finally:
            conn.close()

    def decide(self, data: bytes, intake_id: str, sha256: str) -> Decision:
        with self.transaction() as conn:
            row = conn.execute("select sha256, outcome from intake where id = ?", (intake_id,)).fetchone()
            if row is None:
                row = (sha256, self._outcome(conn, data, sha256))
                conn.execute("insert into intake values (?, ?, ?)", (intake_id, *row))
                if row[1] == "accepted":
                    conn.execute("insert into effect values (?)", (sha256,))
        self.committed()
        outcome = Outcome(row[1])
        reasons = (Reason("schema", "insatser[0].vad", "Fältet saknas."),) if outcome is Outcome.REJECTED else ()
        return Decision(outcome, {"outcome": outcome.value, "receipt": intake_id}, row[0], reasons)

    def _outcome(self, conn: sqlite3.Connection, data: bytes, sha256: str) -> str:
        try:
            json.loads(data)
        except ValueError:
            return "rejected"
        known = conn.execute("select 1 from effect where sha256 = ?", (sha256,)).fetchone()
        return "duplicate" if known else "accepted"

    def committed(self) -> None:
        """A place between the commit and what follows, for a test to cut."""

    def effects(self) -> list[str]:
        with self.transaction() as conn:
            return [sha256 for (sha256,) in conn.execute("select sha256 from effect order by rowid")]

    def outcomes(self) -> list[str]:
        with self.transaction() as conn:
            return [outcome for (outcome,) in conn.execute("select outcome from intake order by id")]

    def ids(self) -> list[str]:
        with self.transaction() as conn:
            return [case for (case,) in conn.execute("select id from intake order by id")]
