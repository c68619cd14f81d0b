"""Identities that nobody vouches for; only a workspace marked as a test may have them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from ..errors import IdentityRefused
from .evidence import IdentityEvidence, IdType
from .order import Asked, Order, Wanted, new_nonce

METHOD = "test"
LIFE = timedelta(minutes=5)
LEVEL = "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone a test may sign as."""

    id_type: IdType
    id_value: str
    name: str


@dataclass(frozen=True, slots=True)
class TestIdentityProvider:
    """Says yes for anyone, at once. Cannot be made unless `test` is true; `nonces` can be fixed for repeatable runs."""

    test: bool
    nonces: Callable[[], str] = new_nonce
    method: str = METHOD
    remote: bool = False
    __test__ = False  # no test class, whatever pytest thinks of the name

    def __post_init__(self) -> None:
        """Refuse to exist outside a test."""
        if self.test is not True:
            raise IdentityRefused("testidentitet", "test identities exist only in a workspace marked as a test")

    def start(self, asked: Asked, now: datetime) -> Order:
        """An order that is answered already."""
        if asked.wanted is None:
            raise IdentityRefused("testidentitet", "a test identity must be told who it is")
        transaction = hashlib.sha256(f"{asked.wanted.id_value}:{asked.nonce}".encode()).hexdigest()[:32]
        return Order(METHOD, f"TEST-{transaction}", now, now + LIFE, asked)

    def collect(self, order: Order, now: datetime, answer: Mapping[str, str] | None = None) -> IdentityEvidence:
        """Evidence that the wanted person was asked for the act."""
        asked, who = order.asked, order.asked.wanted
        if who is None or order.method != METHOD:
            raise IdentityRefused("testidentitet", "this is no order of a test identity")
        return IdentityEvidence(
            method=METHOD,
            level=LEVEL,
            id_type=who.id_type,
            id_value=who.id_value,
            name=who.name,
            transaction_id=order.reference,
            at=now,
            nonce=asked.nonce,
            bound=asked.bound,
            raw=json.dumps({"test": True, **asked.bound}, sort_keys=True).encode(),
        )

    def cancel(self, order: Order, now: datetime) -> None:
        """Nothing to give up: it was answered at once."""

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """A test identity proves nothing."""
        del evidence
        return False

    def identify(self, person: Person, bound: Mapping[str, str | int], now: datetime) -> IdentityEvidence:
        """Evidence in one go that `person` was asked for the act described by `bound` (all but its nonce)."""
        asked = Asked(str(bound["role"]), "TEST", {**bound, "nonce": self.nonces()}, Wanted(*astuple(person)))
        return self.collect(self.start(asked, now), now)
