"""The database's schema, step by step (Alembic); run by `pipeline.store.db`, never from a command line.

A migration that has been released is never edited: the next one changes what it made.
"""

from pathlib import Path

from sqlalchemy.engine import Connection

KNOWN = ("0001", "0002", "0003")
HEAD = KNOWN[-1]


def upgrade(conn: Connection) -> None:
    """Brings the database to `HEAD` within the transaction of `conn`."""
    from alembic import command  # here: a database that is up to date starts without it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, HEAD)
