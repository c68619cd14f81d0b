"""A signature that a service answers for later: what was asked of it, kept with the evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds columns that older rows leave empty."""
    op.add_column("evidence", sa.Column("asked_enc", sa.LargeBinary(), nullable=True))
    op.add_column("evidence", sa.Column("asked_until", sa.Text(), nullable=True))
    op.add_column("evidence", sa.Column("prepared_sha256", sa.Text(), nullable=True))
