"""BankID: the person signs, in their app, a text that they see and the act's digests with it.

The service is BankID's relying-party API 6.0, JSON over mutual TLS: `sign` starts an order, `collect` is asked every
second or two, `cancel` ends one that is given up. It is `sign` and never `auth`, so that what comes back can be shown
to a court: a signature by the person's own key over the text (`bankid_proof`).

A protected person never comes here: their order names an internal reference, and BankID knows none (`remote`).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import IdentityRefused, IdentityUnavailable
from .bankid_chain import POLICIES, same_name
from .bankid_proof import METHOD, Proof, check_stored, prove, raw_of
from .bankid_xml import refused
from .checks import require_in_time, require_person
from .evidence import PERSONAL_NUMBERS, IdentityEvidence
from .http import Service
from .order import Asked, Order, Waiting, Wanted

LIFE = timedelta(minutes=5)  # BankID ends an order of its own accord before that (30 s to start, 3 min to sign)
LONGEST_SHOWN = 40_000  # characters of base64, RP API 6.0 `userVisibleData`
LONGEST_UNSEEN = 200_000  # … `userNonVisibleData`
UNIVERSAL_LINK = "https://app.bankid.com/"  # opens the app on a telephone or tablet
APP_LINK = "bankid:///"  # opens BankID on a computer

_PATH = "/rp/v6.0"
_HINTS = {
    "outstandingTransaction": "bankid_vantar",
    "noClient": "bankid_vantar",
    "started": "bankid_soker",
    "userMrtd": "bankid_id_handling",
    "userCallConfirm": "bankid_samtal",
    "userSign": "bankid_skriv_under",
    "processing": "bankid_behandlar",
}
_FAILURES = {
    "userCancel": "bankid_avbrot",
    "cancelled": "bankid_avbrutet",
    "startFailed": "bankid_startade_inte",
    "certificateErr": "bankid_sparrat",
    "userDeclinedCall": "bankid_inget_samtal",
    "notSupportedByUserApp": "bankid_gammal_app",
    "transactionRiskBlocked": "bankid_stoppat",
}


@dataclass(frozen=True, slots=True)
class BankId:
    """BankID as configured.

    `service` is reached with our certificate; `roots_pem` is BankID's root for persons' certificates (not for
    its web server's). `policies` are the certificate policies accepted, `pin_code` demands the security code instead of
    a fingerprint or face. `end_user_ip` is the address people sit at, as BankID sees it, where `start` is given none.
    """

    service: Service = field(repr=False)
    roots_pem: bytes = field(repr=False)
    policies: tuple[str, ...] = tuple(POLICIES)
    pin_code: bool = True
    end_user_ip: str | None = field(default=None, repr=False)
    start_link: str = UNIVERSAL_LINK
    method: str = METHOD
    remote: bool = True

    def start(self, asked: Asked, now: datetime, *, end_user_ip: str | None = None, caller: str | None = None) -> Order:
        """Begin a signing. `end_user_ip` is the person's address as we see it; `caller` ("user" or "RP") says who rang
        up whom when the person is on the telephone, and then there is no code to scan.

        Raises IdentityRefused `ofullstandigt_underlag` for an act that BankID cannot be asked, `legitimering_avbruten`
        when the person has another order going (which BankID then ends too), and IdentityUnavailable.
        """
        request = _texts(asked)
        requirement: dict[str, object] = {"pinCode": self.pin_code, "certificatePolicies": list(self.policies)}
        if caller is None:
            request |= _in_person(asked.wanted, requirement, end_user_ip or self.end_user_ip)
            told = self._started("/sign", request)
        else:
            request |= _by_telephone(asked.wanted, requirement, caller)
            told = self._started("/phone/sign", request)
        keys = ("autoStartToken", "qrStartToken", "qrStartSecret") if caller is None else ()
        private = {key: _text(told, key) for key in keys}
        return Order(METHOD, _text(told, "orderRef"), now, now + LIFE, asked, private)

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        """What has become of the order: a code and a link that change with `now`, or evidence.

        Raises as `IdentityProvider.collect` says; the fact `hint` is then a key of the catalogue, group `identity`.
        """
        if now > order.expires:
            with contextlib.suppress(IdentityUnavailable):
                self.cancel(order, now)
            raise IdentityRefused("utgangen", "the order was not answered in time", hint="bankid_utgangen")
        told = self._collected(order)
        hint = str(told.get("hintCode"))
        match told.get("status"):
            case "pending":
                return self._waiting(order, hint, now)
            case "failed":
                raise _failure(hint)
            case "complete":
                return self._evidence(order, told.get("completionData"), now)
        raise IdentityUnavailable("legitimering_felaktig", "BankID tells a status that is none")

    def cancel(self, order: Order, now: datetime) -> None:
        """Give the order up, so that the person's app asks no more; one that is over already is no error."""
        try:
            self.service.post_json(f"{_PATH}/cancel", {"orderRef": order.reference})
        except IdentityUnavailable as error:
            if error.facts.get("kod") != "invalidParameters":  # "no such order"
                raise

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """Prove stored evidence again (`bankid_proof`), by BankID's root."""
        check_stored(evidence, self.roots_pem, self.policies)
        return True

    def _started(self, path: str, request: dict[str, object]) -> dict[str, object]:
        try:
            return self.service.post_json(_PATH + path, request)
        except IdentityUnavailable as error:
            if error.facts.get("kod") != "alreadyInProgress":
                raise
            why = "the person has another order going, which BankID has ended as well"
            raise IdentityRefused("legitimering_avbruten", why, hint="bankid_pagar_redan") from error

    def _collected(self, order: Order) -> dict[str, object]:
        try:
            told = self.service.post_json(f"{_PATH}/collect", {"orderRef": order.reference})
        except IdentityUnavailable as error:
            if error.facts.get("kod") != "invalidParameters":
                raise
            raise IdentityRefused("utgangen", "BankID has no such order", hint="bankid_utgangen") from error
        if told.get("orderRef") != order.reference:
            raise IdentityUnavailable("legitimering_felaktig", "BankID answers for another order")
        return told

    def _waiting(self, order: Order, hint: str, now: datetime) -> Waiting:
        """RP API: a hint that is not known is shown as waiting. The code is for an app that has not begun."""
        key = _HINTS.get(hint, "bankid_vantar")
        token = order.private.get("autoStartToken")
        if token is None or key != "bankid_vantar":
            return Waiting(key)
        return Waiting(key, autostart_url(token, self.start_link), qr_text(order, now))

    def _evidence(self, order: Order, completion: object, now: datetime) -> IdentityEvidence:
        if not isinstance(completion, dict):
            raise IdentityUnavailable("legitimering_felaktig", "BankID calls an order complete that has no answer")
        signature, response = _text(completion, "signature"), _text(completion, "ocspResponse")
        proof = prove(signature, response, self.roots_pem, self.policies)
        if proof.non_visible != order.asked.bound_json() or proof.visible != order.asked.shown:
            raise IdentityRefused("fel_bindning", "the person has signed something else than they were asked to")
        _require_same_user(completion.get("user"), proof)
        require_person(order.asked, proof.who.id_type, proof.who.id_value)
        require_in_time(order, proof.at, now)
        return IdentityEvidence(
            method=METHOD,
            level=proof.level,
            id_type=proof.who.id_type,
            id_value=proof.who.id_value,
            name=proof.who.name,
            transaction_id=order.reference,
            at=proof.at,
            nonce=order.asked.nonce,
            bound=order.asked.bound,
            raw=raw_of(order.reference, signature, response),
        )


def qr_text(order: Order, now: datetime) -> str:
    """What the moving QR code says at `now` (RP API, "QR code"): a new text each second since the order was made."""
    second = str(max(0, int((now - order.started).total_seconds())))
    code = hmac.new(order.private["qrStartSecret"].encode(), second.encode(), hashlib.sha256).hexdigest()
    return f"bankid.{order.private['qrStartToken']}.{second}.{code}"


def autostart_url(token: str, link: str = UNIVERSAL_LINK) -> str:
    """What opens BankID on the device where it is followed; the person comes back by themselves."""
    return f"{link}?autostarttoken={token}&redirect=null"


def _texts(asked: Asked) -> dict[str, object]:
    shown = base64.b64encode(asked.shown.encode()).decode()
    unseen = base64.b64encode(asked.bound_json()).decode()
    if not 0 < len(shown) <= LONGEST_SHOWN or len(unseen) > LONGEST_UNSEEN:
        raise IdentityRefused("ofullstandigt_underlag", "the text is empty, or longer than BankID shows")
    return {"userVisibleData": shown, "userVisibleDataFormat": "simpleMarkdownV1", "userNonVisibleData": unseen}


def _in_person(wanted: Wanted | None, requirement: dict[str, object], address: str | None) -> dict[str, object]:
    if not address:
        raise IdentityRefused("ofullstandigt_underlag", "BankID must be told the address that the person sits at")
    if wanted is not None:
        requirement = requirement | {"personalNumber": _number(wanted)}
    return {"requirement": requirement, "endUserIp": address}


def _by_telephone(wanted: Wanted | None, requirement: dict[str, object], caller: str) -> dict[str, object]:
    """`phone/sign` takes the number beside the requirement, and no address: there is no browser."""
    if wanted is None or caller not in {"user", "RP"}:
        raise IdentityRefused("ofullstandigt_underlag", "who is on the telephone, and who rang up, must be known")
    return {"requirement": requirement, "personalNumber": _number(wanted), "callInitiator": caller}


def _number(wanted: Wanted) -> str:
    number = wanted.id_value.replace("-", "")
    if wanted.id_type not in PERSONAL_NUMBERS or len(number) != 12 or not number.isdecimal():
        raise IdentityRefused("ofullstandigt_underlag", "BankID knows people by personal numbers of twelve digits only")
    return number


def _require_same_user(user: object, proof: Proof) -> None:
    """What BankID says beside the certificate must be the same: otherwise one of them is wrong."""
    told = user if isinstance(user, dict) else {}
    if told.get("personalNumber") != proof.who.id_value or not same_name(str(told.get("name")), proof.who.name):
        raise refused("BankID names another person than the certificate does")


def _failure(hint: str) -> IdentityRefused:
    if hint == "expiredTransaction":
        return IdentityRefused("utgangen", "the person did not answer in time", hint="bankid_utgangen")
    key = _FAILURES.get(hint, "bankid_misslyckades")
    return IdentityRefused("legitimering_avbruten", f"BankID ended the order: {key}", hint=key)


def _text(told: Mapping[str, object], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value:
        raise IdentityUnavailable("legitimering_felaktig", f"BankID's answer lacks {key}")
    return value
