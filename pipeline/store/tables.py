"""The tables of the archive's one database.

Times are text, ISO 8601 UTC with microseconds (`stamp`), so that they sort; dates are ``YYYY-MM-DD``. Columns that say
something about a person are encrypted under the plan's key (``*_enc``) or are keyed hashes (``*_key``); everything else
is ids, dates, codes and hashes (lag 2001:454 7 a §: a register holds no delicate personal circumstances).
`version`, `edition` and `revision` are the words of the glossary: what was sent, one rendering of it, the file after
one more signature or stamp.
"""

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData()


def stamp(now: datetime) -> str:
    """`now` (aware) as sortable text, e.g. ``2026-11-22T10:00:00.000000Z``."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_stamp(value: str) -> datetime:
    """The instant that `stamp` wrote."""
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def valid_stamp(value: object) -> str | None:
    """The value if `stamp` may have written it; what a row holds instead, if anything, says nothing."""
    try:
        return stamp(parse_stamp(str(value)))
    except ValueError:
        return None


def evidence_column(evidence_id: str) -> str:
    """The column of one piece of evidence: what is sealed for one row opens in no other."""
    return f"evidence.evidence.{evidence_id}"


def slot_column(version: int, role: str) -> str:
    """The column of how one slot ended, likewise."""
    return f"slot.detail.{version}.{role}"


intake = sa.Table(
    "intake",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("plan_id", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

plan = sa.Table(
    "plan",
    metadata,
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("kommun_kod", sa.Text, nullable=False),
    sa.Column("person_key", sa.LargeBinary, nullable=False, index=True),
    sa.Column("protected", sa.Boolean, nullable=False),
    sa.Column("personal_enc", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
)

name_key = sa.Table(
    "name_key",
    metadata,
    sa.Column("plan_id", sa.Text, sa.ForeignKey("plan.plan_id"), primary_key=True),
    sa.Column("token_key", sa.LargeBinary, primary_key=True, index=True),
)

version = sa.Table(
    "version",
    metadata,
    sa.Column("plan_id", sa.Text, sa.ForeignKey("plan.plan_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("intake_id", sa.Text, sa.ForeignKey("intake.id"), nullable=False),
    sa.Column("profil", sa.Text, nullable=False),
    sa.Column("verksamhetsomrade", sa.Text, nullable=False),
    sa.Column("unit_key", sa.LargeBinary),
    sa.Column("beslut_id", sa.Text, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("accepted_at", sa.Text, nullable=False),
    sa.Column("adopted_at", sa.Text),
    sa.Column("sealed_at", sa.Text),
    sa.Column("archived_at", sa.Text),
    sa.Column("ended_at", sa.Text),
    sa.Column("end_reason", sa.Text),
)

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("edition", sa.Integer, primary_key=True),
    sa.Column("base_sha256", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["plan_id", "version"], ["version.plan_id", "version.version"]),
)

file = sa.Table(
    "file",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, index=True),
    sa.Column("sha512", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("ocfl_path", sa.Text),
    sa.Column("holds_until", sa.Text),
    sa.ForeignKeyConstraint(["plan_id", "version"], ["version.plan_id", "version.version"]),
    sa.UniqueConstraint("plan_id", "version", "edition", "revision", "kind", "sha256"),
)

slot = sa.Table(
    "slot",
    metadata,
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("required", sa.Boolean, nullable=False),
    sa.Column("intent", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("edition", sa.Integer),
    sa.Column("ended_at", sa.Text),
    sa.Column("detail_enc", sa.LargeBinary),
    sa.Column("evidence_id", sa.Text),
    sa.ForeignKeyConstraint(["plan_id", "version"], ["version.plan_id", "version.version"]),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("evidence_enc", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("used_at", sa.Text),
    sa.Column("transaction_key", sa.LargeBinary),
    sa.Column("made_sha256", sa.Text),
    sa.Column("asked_enc", sa.LargeBinary),
    sa.Column("asked_until", sa.Text),
    sa.Column("prepared_sha256", sa.Text),
    sa.ForeignKeyConstraint(["plan_id", "version"], ["version.plan_id", "version.version"]),
    sa.Index("evidence_once", "transaction_key", unique=True),
)

identification = sa.Table(
    "identification",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("plan_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("order_enc", sa.LargeBinary, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.ForeignKeyConstraint(["plan_id", "version"], ["version.plan_id", "version.version"]),
    sa.Index("identification_open", "plan_id", "version", "role"),
)

uppdrag = sa.Table(
    "uppdrag",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kommun_kod", sa.Text, nullable=False),
    sa.Column("beslut_id", sa.Text, nullable=False, index=True),
    sa.Column("person_key", sa.LargeBinary, nullable=False),
    sa.Column("profil", sa.Text, nullable=False),
    sa.Column("intake_id", sa.Text, sa.ForeignKey("intake.id"), nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("content_enc", sa.LargeBinary, nullable=False),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("replaced_by", sa.Text),
    sa.Column("plan_id", sa.Text),
)

handelse = sa.Table(
    "handelse",
    metadata,
    sa.Column("handelse_id", sa.Text, primary_key=True),
    sa.Column("plan_id", sa.Text, index=True),
    sa.Column("uppdrag_id", sa.Text, index=True),
    sa.Column("version", sa.Integer),
    sa.Column("slag", sa.Text, nullable=False),
    sa.Column("datum", sa.Text, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("content_enc", sa.LargeBinary, nullable=False),
    sa.Column("intake_id", sa.Text, sa.ForeignKey("intake.id")),
    sa.Column("recorded_at", sa.Text, nullable=False),
)

paper = sa.Table(
    "paper",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("plan_id", sa.Text, index=True),
    sa.Column("uppdrag_id", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("slag", sa.Text, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, index=True),
    sa.Column("sha512", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("ocfl_path", sa.Text),
    sa.UniqueConstraint("owner", "slag", "form", "cause"),
)

step = sa.Table(
    "step",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("plan_id", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due", sa.Text, nullable=False),
    sa.Column("lease_until", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("fence", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("error_code", sa.Text),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("done_at", sa.Text),
    sa.Index("step_open", "state", "due"),
    # a plan is an ordered queue: at most one of its steps runs
    sa.Index("step_running", "plan_id", unique=True, sqlite_where=sa.text("state = 'running'")),
)

trail = sa.Table(
    "trail",
    metadata,
    sa.Column("idx", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("plan_id", sa.Text, index=True),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
)

access = sa.Table(
    "access",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("criterion", sa.Text, nullable=False),
    sa.Column("plans", sa.Text, nullable=False),
)
