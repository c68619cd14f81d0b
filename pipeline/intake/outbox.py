"""The outbox: copies for others to fetch, idempotent by their bytes, never read back."""

from pipeline.intake.files import remove, sweep, write_atomically

__all__ = ["remove", "sweep", "write_atomically"]
