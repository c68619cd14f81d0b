"""The good plan, and what is known of it."""

from .fixtures import plan, record, trust

__all__ = ["plan", "record", "trust"]
