"""Signatures that last: until when a file's proof holds, orders of identification, and evidence that is used once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds columns that older rows leave empty, and the table of orders."""
    op.add_column("file", sa.Column("holds_until", sa.Text(), nullable=True))
    op.add_column("evidence", sa.Column("transaction_key", sa.LargeBinary(), nullable=True))
    op.add_column("evidence", sa.Column("made_sha256", sa.Text(), nullable=True))
    op.create_index("evidence_once", "evidence", ["transaction_key"], unique=True)
    op.create_table(
        "identification",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("order_enc", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id", "version"], ["version.plan_id", "version.version"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("identification_open", "identification", ["plan_id", "version", "role"])
