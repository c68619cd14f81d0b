"""Identities that nobody vouches for; only a workspace marked as a test may have them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import IdentityRefused
from .evidence import IdentityEvidence, IdType

METHOD = "test"
LEVEL = "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone a test may sign as."""

    id_type: IdType
    id_value: str
    name: str


def _nonce() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class TestIdentityProvider:
    """Says yes for anyone. Cannot be made unless `test` is true; `nonces` can be fixed for repeatable runs."""

    test: bool
    nonces: Callable[[], str] = _nonce
    __test__ = False  # no test class, whatever pytest thinks of the name

    def __post_init__(self) -> None:
        """Refuse to exist outside a test."""
        if self.test is not True:
            raise IdentityRefused("testidentitet", "test identities exist only in a workspace marked as a test")

    def identify(self, person: Person, bound: Mapping[str, str | int], now: datetime) -> IdentityEvidence:
        """Evidence that `person` was asked for the act described by `bound` (all but its nonce)."""
        nonce = self.nonces()
        facts = {**bound, "nonce": nonce}
        transaction = hashlib.sha256(f"{person.id_value}:{nonce}".encode()).hexdigest()[:32]
        return IdentityEvidence(
            method=METHOD,
            level=LEVEL,
            id_type=person.id_type,
            id_value=person.id_value,
            name=person.name,
            transaction_id=f"TEST-{transaction}",
            at=now,
            nonce=nonce,
            bound=facts,
            raw=json.dumps({"test": True, **facts}, sort_keys=True).encode(),
        )
