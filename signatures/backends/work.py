"""What passes between a document and the place where the private key works, wherever that is.

What is to be signed goes out as DER signed attributes: a hash and the names of algorithms, nothing of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from ..identity import IdentityEvidence


@dataclass(frozen=True, slots=True)
class Credential:
    """A signer's certificate and all that shows it to be good; every value is DER.

    `chain` lies above the certificate; `roots` are those that our configuration trusts for this
    backend, never an answer's. `ocsps` and `crls` are the evidence that nothing in the chain is revoked.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SignWork:
    """One signature to be made: `attributes` (a DER SET OF) for the person of `evidence`, at `now` (aware UTC).

    `message` is what a service may show the person, free of sensitive data.
    """

    attributes: bytes
    evidence: IdentityEvidence
    message: str
    now: datetime


@dataclass(frozen=True, slots=True)
class SignResult:
    """A signature value over `attributes`, which a service may have added to, and whose it is."""

    attributes: bytes
    signature: bytes
    credential: Credential


@dataclass(frozen=True, slots=True)
class Pending:
    """A signature that a service will answer for later: `state` (JSON) is kept with the order until then.

    `address` and `form` are what the person's browser takes to the service.
    """

    reference: str
    expires: datetime
    address: str
    form: dict[str, str] = field(repr=False)
    state: bytes = field(repr=False)

    def to_json(self) -> dict[str, object]:
        """For an encrypted column: what is asked may name the person."""
        told: dict[str, object] = {"reference": self.reference, "expires": self.expires.isoformat()}
        return told | {"address": self.address, "form": dict(self.form), "state": self.state.decode("utf-8")}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Pending:
        """What `to_json` gave."""
        return cls(
            reference=str(told["reference"]),
            expires=datetime.fromisoformat(told["expires"]),
            address=str(told["address"]),
            form=dict(told["form"]),
            state=str(told["state"]).encode("utf-8"),
        )


@dataclass(frozen=True, slots=True)
class Signing:
    """A key made ready for one act. `credential` is None where nobody knows the certificate until it has signed."""

    credential: Credential | None
    sign: Callable[[SignWork], SignResult | Pending] = field(repr=False)


class SignBackend(Protocol):
    """A place where private keys work. Only a `test` backend takes a test identity."""

    @property
    def test(self) -> bool:
        """Whether what is signed here must say TEST."""
        ...

    def open(self, evidence: IdentityEvidence, now: datetime) -> Signing:
        """Make a key ready for the person of `evidence`.

        Raises BackendUnavailable, BackendRefused, IssuerUnavailable or IdentityRefused.
        """
        ...


@runtime_checkable
class Openable(Protocol):
    """A backend that can be looked at without anybody signing."""

    def look(self, now: datetime) -> None:
        """Open it as far as that goes without a signature. Raises BackendUnavailable or BackendRefused."""
        ...


@runtime_checkable
class AnswersLater(Protocol):
    """A backend whose service answers later."""

    def finish(
        self, pending: Pending, answer: Mapping[str, str], evidence: IdentityEvidence, now: datetime
    ) -> SignResult:
        """The signature of an answer to what is pending, checked as far as it goes without the document.

        Raises IdentityRefused, BackendRefused or BackendUnavailable.
        """
        ...
