"""Freja eID: the person signs, in their app, a text that they see and the act's digests with it.

The relying-party API 1.0 over mutual TLS: a request is one parameter of a POST, whose value is JSON in base64. The
signature is of type EXTENDED (a text and data). A person is asked for by personal number (`/sign`), an employee by the
identifier that their employer has given them in Freja (`/organisation/sign`), and where nobody is named whoever opens
the code or link (INFERRED).

A protected person never comes here: their order names an internal reference, and Freja knows none (`remote`).
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..errors import IdentityRefused, IdentityUnavailable
from .checks import require_in_time, require_level, require_person
from .evidence import PERSONAL_NUMBERS, IdentityEvidence, IdType
from .freja_proof import METHOD, Proof, check_stored, prove, raw_of
from .http import Answer, Service
from .order import Asked, Order, Waiting, Wanted

LIFE = timedelta(minutes=5)  # Freja takes two minutes to thirty days; thirty minutes for an order that names nobody
LONGEST_SHOWN = 2048  # characters; what clients have found that Freja takes
LONGEST_UNSEEN = 200_000  # bytes
TITLE = "Underskrift av genomförandeplan"
APP_LINK = "frejaeid://bindUserToTransaction?transactionReference="

_PENDING = {"STARTED": "freja_vantar", "DELIVERED_TO_MOBILE": "freja_skriv_under", "OPENED": "freja_skriv_under"}
_ENDED = {"CANCELED": "freja_avbrot", "RP_CANCELED": "freja_avbrutet", "REJECTED": "freja_stoppat"}
_PATHS = {"/sign/1.0": "/initSignature", "/organisation/sign/1.0": "/init"}
_NO_SUCH_ORDER = "1100"
_NOBODY = frozenset({"1005", "1012", "4001"})  # has turned our service off; not known; not known to the employer


@dataclass(frozen=True, slots=True)
class Freja:
    """Freja as configured.

    `service` is reached with our certificate; `answers_pem` are Freja's certificates for its answers (not for its web
    server). `registration` is the level below which nobody may sign, `minimum` the level of assurance demanded.
    """

    service: Service = field(repr=False)
    answers_pem: bytes = field(repr=False)
    minimum: str
    registration: str = "PLUS"
    test: bool = False
    method: str = METHOD
    remote: bool = True

    def start(self, asked: Asked, now: datetime) -> Order:
        """Begin a signing.

        Raises IdentityRefused `ofullstandigt_underlag` for an act that Freja cannot be asked, `legitimering_avbruten`
        for somebody whom Freja does not know, and IdentityUnavailable.
        """
        kind, info = _whom(asked.wanted)
        path = "/organisation/sign/1.0" if kind == "ORG_ID" else "/sign/1.0"
        expires = now + LIFE
        wanted = ["BASIC_USER_INFO"] + (["SSN"] if kind == "INFERRED" else [])
        request = {
            "userInfoType": kind,
            "userInfo": info,
            "minRegistrationLevel": self.registration,
            "title": TITLE,
            "expiry": int(expires.timestamp() * 1000),
            "dataToSignType": "EXTENDED_UTF8_TEXT",
            "dataToSign": _data(asked),
            "signatureType": "EXTENDED",
            "attributesToReturn": [{"attribute": each} for each in wanted],
        }
        told = self._asked(path + _PATHS[path], "initSignRequest", request)
        reference = told.get("signRef")
        if not isinstance(reference, str) or not 0 < len(reference) <= 500:
            raise IdentityUnavailable("legitimering_felaktig", "Freja's answer lacks signRef")
        return Order(METHOD, reference, now, expires, asked, {"path": path, "kind": kind})

    def collect(
        self, order: Order, now: datetime, answer: Mapping[str, str] | None = None
    ) -> Waiting | IdentityEvidence:
        """What has become of the order.

        Raises as `IdentityProvider.collect` says; the fact `hint` is then a key of the catalogue, group `identity`.
        """
        if now > order.expires:
            with contextlib.suppress(IdentityUnavailable):
                self.cancel(order, now)
            raise IdentityRefused("utgangen", "the order was not answered in time", hint="freja_utgangen")
        told = self._asked(
            f"{order.private['path']}/getOneResult", "getOneSignResultRequest", {"signRef": order.reference}
        )
        if told.get("signRef") != order.reference:
            raise IdentityUnavailable("legitimering_felaktig", "Freja answers for another order")
        status = str(told.get("status"))
        if status in _PENDING:
            return _waiting(order, _PENDING[status])
        if status == "EXPIRED":
            raise IdentityRefused("utgangen", "the person did not answer in time", hint="freja_utgangen")
        if status in _ENDED:
            raise IdentityRefused(
                "legitimering_avbruten", f"Freja ended the order: {_ENDED[status]}", hint=_ENDED[status]
            )
        if status != "APPROVED" or not isinstance(told.get("details"), str):
            raise IdentityUnavailable("legitimering_felaktig", "Freja tells a status that is none, or no signature")
        return self._evidence(order, str(told["details"]), now)

    def cancel(self, order: Order, now: datetime) -> None:
        """Give the order up, so that the person's app asks no more; one that is over already is no error."""
        try:
            self._asked(f"{order.private['path']}/cancel", "cancelSignRequest", {"signRef": order.reference})
        except IdentityRefused:
            return

    def prove_again(self, evidence: IdentityEvidence) -> bool:
        """Prove stored evidence again (`freja_proof`), by Freja's pinned certificates."""
        check_stored(evidence, self.answers_pem, test=self.test)
        return True

    def _asked(self, path: str, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one request, written as Freja's own client writes it: base64 as it is, not as in a form."""
        content = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()  # Freja takes no escapes
        body = f"{name}={base64.b64encode(content).decode()}".encode()
        return _good(self.service.send("POST", path, body, {"Content-Type": "application/json"}))

    def _evidence(self, order: Order, details: str, now: datetime) -> IdentityEvidence:
        proof = prove(details, self.answers_pem, test=self.test)
        if proof.non_visible != order.asked.bound_json() or proof.visible != order.asked.shown:
            raise IdentityRefused("fel_bindning", "the person has signed something else than they were asked to")
        if proof.reference != order.reference:
            raise IdentityRefused("fel_bindning", "Freja vouches for another order")
        if proof.organisation != (order.private["kind"] == "ORG_ID"):
            raise IdentityRefused("fel_person", "the person signed in another capacity than they were asked to")
        kind = _kind(order.asked.wanted, proof)
        require_level(proof.level, self.minimum)
        require_person(order.asked, kind, proof.person)
        require_in_time(order, proof.at, now)
        return IdentityEvidence(
            method=METHOD,
            level=proof.level,
            id_type=kind,
            id_value=proof.person,
            name=proof.name,
            transaction_id=order.reference,
            at=proof.at,
            nonce=order.asked.nonce,
            bound=order.asked.bound,
            raw=raw_of(details),
        )


def _whom(wanted: Wanted | None) -> tuple[str, str]:
    """`userInfoType` and `userInfo`."""
    if wanted is None:
        return "INFERRED", "N/A"
    if wanted.id_type in {IdType.HSA_ID, IdType.ORG_ID}:
        return "ORG_ID", wanted.id_value
    number = wanted.id_value.replace("-", "")
    if wanted.id_type not in PERSONAL_NUMBERS or len(number) != 12 or not number.isdecimal():
        raise IdentityRefused("ofullstandigt_underlag", "Freja knows people by personal numbers of twelve digits only")
    told = json.dumps({"country": "SE", "ssn": number}, separators=(",", ":"))
    return "SSN", base64.b64encode(told.encode()).decode()


def _data(asked: Asked) -> dict[str, str]:
    shown, unseen = asked.shown, asked.bound_json()
    if not 0 < len(shown) <= LONGEST_SHOWN or len(unseen) > LONGEST_UNSEEN:
        raise IdentityRefused("ofullstandigt_underlag", "the text is empty, or longer than Freja shows")
    return {"text": base64.b64encode(shown.encode()).decode(), "binaryData": base64.b64encode(unseen).decode()}


def _waiting(order: Order, hint: str) -> Waiting:
    """Who is named is asked by their app; anybody else opens a link or scans a code."""
    if order.private["kind"] != "INFERRED" or hint != "freja_vantar":
        return Waiting(hint)
    link = APP_LINK + quote(order.reference, safe="")
    return Waiting("freja_oppna", url=link, qr=link)


def _kind(wanted: Wanted | None, proof: Proof) -> IdType:
    """What the identifier is: an employer's is of the kind that it was asked for by."""
    return wanted.id_type if wanted is not None and proof.is_of(wanted.id_type) else proof.id_type


def _good(answer: Answer) -> dict[str, Any]:
    """The body of an answer; of a refusal, Freja's error number becomes the error's fact `kod`."""
    if answer.status < 300:
        return answer.body
    told = answer.body.get("code")
    code = str(told) if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 100_000 else ""
    if code == _NO_SUCH_ORDER:
        raise IdentityRefused("utgangen", "Freja has no such order", hint="freja_utgangen")
    if code in _NOBODY:
        raise IdentityRefused("legitimering_avbruten", "Freja does not know the person", hint="freja_okand")
    raise IdentityUnavailable("legitimering_felaktig", f"Freja: status {answer.status} {code}".rstrip(), kod=code)
