"""Any OpenID Connect broker: the person is led to it, and what it signs about them is bound to the act.

A person opens `Waiting.url`, identifies themselves there, and is led back with a code, which we exchange for the ID
token. With a broker that can (`Ask`), they are shown the text, approve it or sign it; with any broker the token's nonce
is the digest of the act (`oidc_proof`).

An answer that does not carry this order's state is no answer to it, and ends nothing: anybody can send one.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import IdentityRefused
from .checks import CLOCKS_DIFFER, require_in_time, require_level, require_person
from .evidence import PERSONAL_NUMBERS, IdentityEvidence, IdType
from .jose import refused, signing_key
from .oidc_broker import Broker
from .oidc_proof import METHOD, Proof, Reading, act_digest, check_stored, prove, raw_of
from .oidc_request import Request, begin
from .order import Asked, Order, Waiting, Wanted

LIFE = timedelta(minutes=10)
AT_THE_BROKER = timedelta(minutes=5)  # once the address has been opened
FRESH = timedelta(
    minutes=1
)  # between the broker's clock and ours, for who identified themselves before they were asked
LONGEST_CODE = 4000  # characters

_REFUSALS = {"access_denied": "oidc_nekad", "unmet_authentication_requirements": "oidc_for_lag"}
_ORDER = (IdType.PERSONNUMMER, IdType.SAMORDNINGSNUMMER, IdType.HSA_ID, IdType.ORG_ID)


@dataclass(frozen=True, slots=True)
class Oidc:
    """A broker as configured; `minimum` is the level of assurance that its answers must reach."""

    broker: Broker = field(repr=False)
    reading: Reading
    request: Request
    minimum: str
    method: str = METHOD
    remote: bool = True

    def start(self, asked: Asked, now: datetime) -> Order:
        """Make the request. Raises IdentityRefused `ofullstandigt_underlag` for somebody whom the broker has no claim
        for, and IdentityUnavailable."""
        _require_known(asked.wanted, self.reading)
        begun = begin(self.broker, self.reading, self.request, asked, now)
        expires = now + min(LIFE, begun.opens + AT_THE_BROKER)  # what can be opened no more is soon free to begin anew
        return Order(METHOD, act_digest(asked), now, expires, asked, begun.private)

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        """Evidence, once `answer` has what the person was led back with (OpenID Connect Core 3.1.2.5, RFC 9207).

        Raises as `IdentityProvider.collect` says; the fact `hint` is then a key of the catalogue, group `identity`.
        """
        if now > order.expires:
            raise IdentityRefused("utgangen", "the order was not answered in time", hint="oidc_utgangen")
        if not answer:
            return self._waiting(order, "oidc_oppna")
        state = answer.get("state", "").encode("utf-8", "replace")
        if not hmac.compare_digest(state, order.private["state"].encode()):
            return self._waiting(order, "oidc_annat_svar")
        self._require_issuer(answer, now)
        if "error" in answer:
            raise _failure(answer["error"])
        code = answer.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE or not code.isascii():  # RFC 6749 A.11
            raise _failure("")
        keys = self.broker.keys(now)  # first: a code can be exchanged once only
        token = self.broker.redeem(code, order.private, self.request.redirect, now)
        key = signing_key(token, keys)
        proof = prove(token, key, act_digest(order.asked), self.reading)
        return self._evidence(order, proof, raw_of(token, key, order.asked.shown), now)

    def cancel(self, order: Order, now: datetime) -> None:
        """Nothing to give up there: without its code the broker's answer is nothing."""

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """Prove stored evidence again (`oidc_proof`), by the broker's key that was kept with it."""
        check_stored(evidence, self.reading)
        return True

    def _waiting(self, order: Order, hint: str) -> Waiting:
        return Waiting(hint, url=order.private["url"], returns=self.request.redirect)

    def _require_issuer(self, answer: Mapping[str, str], now: datetime) -> None:
        """RFC 9207 2.4: an answer that another broker has led the person back with must not reach this one."""
        named = answer.get("iss")
        if named is None and not self.broker.offer(now).names_itself:
            return
        if named != self.broker.issuer:
            raise refused("it came from another issuer than was asked")

    def _evidence(self, order: Order, proof: Proof, raw: bytes, now: datetime) -> IdentityEvidence:
        _require_now(order, proof, now)
        require_level(proof.level, self.minimum)
        kind = _kind(order.asked.wanted, proof)
        require_person(order.asked, kind, proof.identifiers[kind])
        return IdentityEvidence(
            method=METHOD,
            level=proof.level,
            id_type=kind,
            id_value=proof.identifiers[kind],
            name=proof.name,
            transaction_id=proof.nonce,
            at=proof.at,
            nonce=order.asked.nonce,
            bound=order.asked.bound,
            raw=raw,
        )


def _require_known(wanted: Wanted | None, reading: Reading) -> None:
    if wanted is None:
        return
    kinds = set(reading.identifiers)
    if wanted.id_type not in kinds and not (wanted.id_type in PERSONAL_NUMBERS and kinds & PERSONAL_NUMBERS):
        raise IdentityRefused("ofullstandigt_underlag", "the broker tells no identifier of this person's kind")


def _require_now(order: Order, proof: Proof, now: datetime) -> None:
    """The token is of this moment, and the person identified themselves after they were asked (OpenID Connect Core
    3.1.3.7, 9 to 13)."""
    if not proof.issued - CLOCKS_DIFFER <= now <= proof.ends + CLOCKS_DIFFER:
        raise IdentityRefused("utgangen", "the token is not of now")
    require_in_time(order, proof.issued, now)
    require_in_time(order, proof.at, now)
    if proof.at < order.started - FRESH:
        raise IdentityRefused("utgangen", "the person identified themselves before they were asked to")


def _kind(wanted: Wanted | None, proof: Proof) -> IdType:
    """Which of the identifiers the evidence names: the one that was asked for, else the first that there is."""
    found = proof.identifiers
    if wanted is not None and wanted.id_type in found:
        return wanted.id_type
    return next(each for each in _ORDER if each in found)


def _failure(code: str) -> IdentityRefused:
    """What a broker's error code is to a person; its description is for nobody's eyes here."""
    if code == "unmet_authentication_requirements":
        return IdentityRefused("for_lag_niva", "the broker cannot identify anybody at this level", hint=_REFUSALS[code])
    hint = _REFUSALS.get(code, "oidc_misslyckades")
    return IdentityRefused("legitimering_avbruten", f"the broker ended the identification: {hint}", hint=hint)
