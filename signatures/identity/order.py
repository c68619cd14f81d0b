"""One shape for every way to find out who is signing: start an order, collect its answer, or cancel it.

::

    Asked --start--> Order --collect--> Waiting | IdentityEvidence
                       \\--cancel

What is asked binds the act: plan, version, edition, role, the document's SHA-256 and a nonce of this act's own. An
order is a value that can be stored between two processes; what it holds in `private` is secret. Each provider proves
its answer itself (signature, issuer, times, binding, person) before there is any evidence.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from ..errors import IdentityRefused
from .evidence import BOUND, IdentityEvidence, IdType


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who has to answer: the identifier that the service's answer must carry, and the name that the record knows."""

    id_type: IdType
    id_value: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """One act that one person is asked to vouch for.

    `shown` is the text that they read in the service (Swedish; nothing of the plan's content). `bound` names the act:
    plan_ref, version, edition, role, base_sha256 and nonce. `wanted` is None where the service may answer with anybody
    and someone else checks who it was.
    """

    role: str
    shown: str
    bound: Mapping[str, str | int]
    wanted: Wanted | None

    def __post_init__(self) -> None:
        """Refuse an act that is bound to less than the whole of what is signed."""
        if missing := BOUND - self.bound.keys():
            raise IdentityRefused("ofullstandigt_underlag", f"the act is not bound to: {', '.join(sorted(missing))}")
        object.__setattr__(self, "bound", MappingProxyType(dict(self.bound)))

    @property
    def nonce(self) -> str:
        """This act's own random value."""
        return str(self.bound["nonce"])

    def bound_json(self) -> bytes:
        """What is bound, as canonical JSON: what a service signs without showing it."""
        return json.dumps(dict(self.bound), sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a service has taken.

    `reference` is the service's own, `private` what collecting it needs besides: strings, to be stored encrypted.
    After `expires` nothing can come of it.
    """

    method: str
    reference: str
    started: datetime
    expires: datetime
    asked: Asked
    private: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The person has not finished. `hint` is a key of the catalogue, group `identity`.

    `url` opens the service (or its app) on this device, `qr` is what to draw for an app on another one; either may
    change from one moment to the next. `returns` is the address that the service leads the person to afterwards: what
    it carries is the answer.
    """

    hint: str
    url: str | None = None
    qr: str | None = None
    returns: str | None = None


class IdentityProvider(Protocol):
    """A way to find out who is signing."""

    @property
    def method(self) -> str:
        """Its name in the evidence."""

    @property
    def remote(self) -> bool:
        """Whether the person stands before a service outside the house: protected persons never do."""

    def start(self, asked: Asked, now: datetime) -> Order:
        """Begin. Raises IdentityRefused, or IdentityUnavailable (to be tried again) when there is no good answer."""

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        """What has become of the order; `answer` is what came back with the person (parameters of a redirect).

        Raises IdentityRefused when it ended without evidence (`legitimering_avbruten`, `utgangen`) or with evidence
        that does not hold (`fel_person`, `fel_bindning`, `fel_bevis`, `for_lag_niva`), and IdentityUnavailable.
        """

    def cancel(self, order: Order, now: datetime) -> None:
        """Give the order up; one that is over already is no error. Raises IdentityUnavailable."""

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """Whether evidence that was stored proves all that it says, by its own bytes, without network or clock.

        False when evidence of this kind proves nothing. Raises IdentityRefused when it proves something else.
        """


def new_nonce() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def order_json(order: Order) -> str:
    """The order as JSON, for `order_of`; holds secrets and personal data."""
    wanted = order.asked.wanted
    return json.dumps({
        "method": order.method,
        "reference": order.reference,
        "started": order.started.astimezone(UTC).isoformat(),
        "expires": order.expires.astimezone(UTC).isoformat(),
        "private": dict(order.private),
        "role": order.asked.role,
        "shown": order.asked.shown,
        "bound": dict(order.asked.bound),
        "wanted": wanted and [wanted.id_type.value, wanted.id_value, wanted.name],
    }, ensure_ascii=False)  # fmt: skip


def order_of(text: str) -> Order:
    """The order that `order_json` wrote. Raises IdentityRefused `ofullstandigt_underlag`."""
    try:
        told = json.loads(text)
        kind, value, name = told["wanted"] or (None, "", "")
        wanted = Wanted(IdType(kind), value, name) if kind else None
        asked = Asked(told["role"], told["shown"], told["bound"], wanted)
        started, expires = (datetime.fromisoformat(told[key]) for key in ("started", "expires"))
        return Order(told["method"], told["reference"], started, expires, asked, told["private"])
    except (ValueError, KeyError, TypeError) as error:
        raise IdentityRefused("ofullstandigt_underlag", "the recorded order cannot be read") from error
