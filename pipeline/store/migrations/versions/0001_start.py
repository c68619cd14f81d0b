"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = (
    """
    create trigger trail_next before insert on trail
    when new.idx is not (select coalesce(max(idx) + 1, 0) from trail)
    begin select raise(abort, 'the trail has no gaps'); end
    """,
    "create trigger trail_fixed before update on trail begin select raise(abort, 'the trail is append-only'); end",
    "create trigger trail_kept before delete on trail begin select raise(abort, 'the trail is append-only'); end",
    """
    create trigger access_new before insert on access
    when exists (select 1 from access where id = new.id)
    begin select raise(abort, 'access is append-only'); end
    """,
    "create trigger access_fixed before update on access begin select raise(abort, 'access is append-only'); end",
    "create trigger access_kept before delete on access begin select raise(abort, 'access is append-only'); end",
)


def upgrade() -> None:
    """Makes every table, and the triggers that keep the trail and the access log append-only."""
    _access()
    _intake()
    _plan()
    _step()
    _trail()
    _handelse()
    _name_key()
    _uppdrag()
    _version()
    _edition()
    _evidence()
    _file()
    _slot()
    _paper()
    for trigger in _APPEND_ONLY:
        op.execute(trigger)


def _access() -> None:
    op.create_table(
        "access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("plans", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _intake() -> None:
    op.create_table(
        "intake",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _paper() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("uppdrag_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("slag", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sha512", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("ocfl_path", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "slag", "form", "cause"),
    )
    op.create_index(op.f("ix_paper_owner"), "paper", ["owner"], unique=False)
    op.create_index(op.f("ix_paper_plan_id"), "paper", ["plan_id"], unique=False)
    op.create_index(op.f("ix_paper_sha256"), "paper", ["sha256"], unique=False)


def _plan() -> None:
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("kommun_kod", sa.Text(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("personal_enc", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_index(op.f("ix_plan_person_key"), "plan", ["person_key"], unique=False)


def _step() -> None:
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_step_plan_id"), "step", ["plan_id"], unique=False)
    op.create_index("step_open", "step", ["state", "due"], unique=False)
    op.create_index("step_running", "step", ["plan_id"], unique=True, sqlite_where=sa.text("state = 'running'"))


def _trail() -> None:
    op.create_table(
        "trail",
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("idx"),
    )
    op.create_index(op.f("ix_trail_plan_id"), "trail", ["plan_id"], unique=False)


def _handelse() -> None:
    op.create_table(
        "handelse",
        sa.Column("handelse_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("uppdrag_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("slag", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("content_enc", sa.LargeBinary(), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
        ),
        sa.PrimaryKeyConstraint("handelse_id"),
    )
    op.create_index(op.f("ix_handelse_plan_id"), "handelse", ["plan_id"], unique=False)
    op.create_index(op.f("ix_handelse_uppdrag_id"), "handelse", ["uppdrag_id"], unique=False)


def _name_key() -> None:
    op.create_table(
        "name_key",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("token_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["plan.plan_id"],
        ),
        sa.PrimaryKeyConstraint("plan_id", "token_key"),
    )
    op.create_index(op.f("ix_name_key_token_key"), "name_key", ["token_key"], unique=False)


def _uppdrag() -> None:
    op.create_table(
        "uppdrag",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kommun_kod", sa.Text(), nullable=False),
        sa.Column("beslut_id", sa.Text(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("profil", sa.Text(), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("content_enc", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_uppdrag_beslut_id"), "uppdrag", ["beslut_id"], unique=False)


def _version() -> None:
    op.create_table(
        "version",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=False),
        sa.Column("profil", sa.Text(), nullable=False),
        sa.Column("verksamhetsomrade", sa.Text(), nullable=False),
        sa.Column("unit_key", sa.LargeBinary(), nullable=True),
        sa.Column("beslut_id", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.Text(), nullable=True),
        sa.Column("sealed_at", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["plan.plan_id"],
        ),
        sa.PrimaryKeyConstraint("plan_id", "version"),
    )
    op.create_index(op.f("ix_version_state"), "version", ["state"], unique=False)


def _edition() -> None:
    op.create_table(
        "edition",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("base_sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"],
            ["version.plan_id", "version.version"],
        ),
        sa.PrimaryKeyConstraint("plan_id", "version", "edition"),
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("evidence_enc", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"],
            ["version.plan_id", "version.version"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _file() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sha512", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("ocfl_path", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"],
            ["version.plan_id", "version.version"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "version", "edition", "revision", "kind", "sha256"),
    )
    op.create_index(op.f("ix_file_sha256"), "file", ["sha256"], unique=False)


def _slot() -> None:
    op.create_table(
        "slot",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("detail_enc", sa.LargeBinary(), nullable=True),
        sa.Column("evidence_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"],
            ["version.plan_id", "version.version"],
        ),
        sa.PrimaryKeyConstraint("plan_id", "version", "role"),
    )
