"""Who is signing, and how we know."""

from .evidence import IdentityEvidence, IdType
from .order import Asked, IdentityProvider, Order, Waiting, Wanted
from .testing import Person, TestIdentityProvider

__all__ = [
    "Asked",
    "IdType",
    "IdentityEvidence",
    "IdentityProvider",
    "Order",
    "Person",
    "TestIdentityProvider",
    "Waiting",
    "Wanted",
]
