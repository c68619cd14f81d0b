"""What must hold of every service's answer before it is evidence, whoever the service is."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..errors import IdentityRefused
from ..names import plain_id
from .evidence import PERSONAL_NUMBERS, IdType
from .order import Asked, Order

CLOCKS_DIFFER = timedelta(minutes=5)  # between this machine and the service

ATTESTED = "urn:plansigill:loa:intygad"
"""Someone on the staff has checked who it is, face to face; no service vouches for it."""
PAPER = "urn:plansigill:loa:papper"
"""A signature in ink, whose scan a named employee certifies."""

_RANKS = {
    PAPER: 1,
    ATTESTED: 1,
    "http://id.elegnamnden.se/loa/1.0/loa2": 2,
    "http://id.swedenconnect.se/loa/1.0/uncertified-loa2": 2,
    "http://eidas.europa.eu/LoA/low": 2,
    "http://id.elegnamnden.se/loa/1.0/loa3": 3,
    "http://id.swedenconnect.se/loa/1.0/uncertified-loa3": 3,
    "http://eidas.europa.eu/LoA/substantial": 3,
    "http://id.elegnamnden.se/loa/1.0/loa4": 4,
    "http://eidas.europa.eu/LoA/high": 4,
}
"""DIGG's assurance framework (tillitsramverket) and eIDAS 2015/1502, as one ladder; what is on no ladder is 0."""


def rank(level: str) -> int:
    """How far a level of assurance reaches, 1 to 4; 0 for one that is not known."""
    return _RANKS.get(level, 0)


def require_level(level: str, minimum: str) -> None:
    """Raise IdentityRefused `for_lag_niva` unless `level` reaches `minimum`."""
    if rank(level) < rank(minimum) or not rank(level):
        raise IdentityRefused("for_lag_niva", f"the level of assurance {level or '(none)'} does not reach {minimum}")


def require_person(asked: Asked, id_type: IdType, id_value: str) -> None:
    """Raise IdentityRefused `fel_person` when the answer is another's than the person's who was asked for."""
    wanted = asked.wanted
    if wanted is None:
        return
    same_kind = wanted.id_type == id_type or {wanted.id_type, id_type} <= PERSONAL_NUMBERS
    if not same_kind or plain_id(id_type, wanted.id_value) != plain_id(id_type, id_value):
        raise IdentityRefused("fel_person", "somebody else than the person asked for has answered")


def plain(id_value: str) -> str:
    """An identifier without punctuation and case: `19121212-1212` and `191212121212` are the same."""
    return "".join(c for c in id_value.upper() if c.isalnum())


def require_in_time(order: Order, at: datetime, now: datetime) -> None:
    """Raise IdentityRefused `utgangen` unless the person answered between the order's start and its end, not in the
    future: an old answer must not count for a new act."""
    if not order.started - CLOCKS_DIFFER <= at <= min(order.expires, now) + CLOCKS_DIFFER:
        raise IdentityRefused("utgangen", "the identification was not made within the order's time")
