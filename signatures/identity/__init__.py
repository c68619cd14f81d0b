"""Who is signing, and how we know."""

from .evidence import IdentityEvidence, IdType
from .testing import Person, TestIdentityProvider

__all__ = ["IdType", "IdentityEvidence", "Person", "TestIdentityProvider"]
