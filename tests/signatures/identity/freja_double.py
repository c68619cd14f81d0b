"""Freja's relying-party API 1.0 on the loopback interface: mutual TLS, real signatures, and a script for its moods.

It keeps to what Freja's own client sends and reads, where it can be held to it. The person in the script does what the
script says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from signatures.authority import start

from . import bankid_double
from . import jwt_double as jwt
from .bankid_pki import ASA, NOW, Holder, key, named

Json = dict[str, Any]
Reply = tuple[int, bytes]
REQUEST = {
    "userInfoType", "userInfo", "minRegistrationLevel", "title", "expiry", "dataToSignType", "dataToSign",
    "signatureType", "attributesToReturn",
}  # fmt: skip
NAMES = {
    "/sign/1.0/initSignature": "initSignRequest",
    "/organisation/sign/1.0/init": "initSignRequest",
    "/sign/1.0/getOneResult": "getOneSignResultRequest",
    "/organisation/sign/1.0/getOneResult": "getOneSignResultRequest",
    "/sign/1.0/cancel": "cancelSignRequest",
    "/organisation/sign/1.0/cancel": "cancelSignRequest",
}


@cache
def signer(name: str = "Freja answers", begins: datetime = NOW - timedelta(300), days: int = 900) -> Holder:
    """A certificate for answers, which vouches for itself; all have one key, which is what costs time."""
    subject, secret = named((NameOID.COMMON_NAME, name)), key("Exempelby kommun")
    built = start(subject, subject, secret.public_key(), begins, begins + timedelta(days=days))
    return Holder(secret, built.sign(secret, hashes.SHA256()))


def thumb(certificate: x509.Certificate) -> str:
    return jwt.b64(hashlib.sha1(certificate.public_bytes(serialization.Encoding.DER)).digest())  # noqa: S324


@dataclass
class Placed:
    """An order at the service; `organisation` says by which way it came."""

    request: Json
    organisation: bool
    asked: int = 0
    open: bool = True


def pending(status: str = "STARTED") -> Callable[[Double, str, Placed], Json]:
    return lambda double, reference, order: {"status": status}


def ended(status: str) -> Callable[[Double, str, Placed], Json]:
    def told(double: Double, reference: str, order: Placed) -> Json:
        order.open = False
        return {"status": status}

    return told


def same(told: Json) -> Json:
    return told


def by_freja(claims: Json, holder: Holder | None = None, **header: object) -> str:
    """Freja's signature over an answer."""
    by = holder or signer()
    return jwt.signed({"alg": "RS256", "x5t": thumb(by.certificate)} | header, claims, by.key)


def approved(
    claims: Callable[[Json], Json] = same,
    signs: Callable[[Json], Json] = same,
    token: Callable[[Json], str] = by_freja,
    user_header: dict[str, str] | None = None,
) -> Callable[[Double, str, Placed], Json]:
    """The person signs; `signs` is what their app does otherwise, `claims` and `token` what the service does."""

    def told(double: Double, reference: str, order: Placed) -> Json:
        order.open = False
        data = signs(dict(order.request["dataToSign"]))
        header = user_header or {"alg": "RS256", "kid": "7c5f"}
        signature = jwt.signed(header, data, key("BankID"))
        kind = order.request["userInfoType"]
        info = order.request["userInfo"]
        said: Json = {
            "signRef": reference,
            "status": "APPROVED",
            "userInfoType": kind,
            "userInfo": base64.b64decode(info).decode() if kind == "SSN" else info,
            "minRegistrationLevel": order.request["minRegistrationLevel"],
            "requestedAttributes": {"basicUserInfo": {"name": double.name[0], "surname": double.name[1]}},
            "timestamp": int(double.now.timestamp() * 1000) + 7,
            "signatureType": "EXTENDED",
            "signatureData": {
                "userSignature": signature,
                "certificateStatus": base64.b64encode(b"an OCSP response").decode(),
            },
        }
        if kind == "INFERRED":
            said["requestedAttributes"]["ssn"] = {"country": "SE", "ssn": double.number}
        return {"status": "APPROVED", "details": token(claims(said))}

    return told


@dataclass
class Double:
    """The service. `steps` are what asking for the result answers, one after another, the last one again and again;
    `instead` answers every request itself. `name` and `number` are the person's. `seen` is every request that came."""

    steps: list[Callable[[Double, str, Placed], Json]] = field(default_factory=lambda: [approved()])
    now: datetime = NOW
    name: tuple[str, str] = ("Åsa", "Öberg Łukasiewicz")
    number: str = ASA
    instead: Callable[[str], Reply] | None = None
    orders: dict[str, Placed] = field(default_factory=dict)
    seen: list[tuple[str, Json]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def reply(self, path: str, kind: str, body: bytes) -> Reply:
        name, _, value = body.decode("ascii").partition("=")
        content = base64.b64decode(value, validate=True)
        assert (name, kind) == (NAMES[path], "application/json")
        assert b"\\u" not in content
        request: Json = json.loads(content)
        self.seen.append((path, request))
        if self.instead is not None:
            return self.instead(path)
        if path.endswith(("/initSignature", "/init")):
            return self._start(request, path.startswith("/organisation"))
        order = self.orders.get(request["signRef"])
        if order is None or order.organisation != path.startswith("/organisation"):
            return error(1100)
        if path.endswith("/cancel"):
            was, order.open = order.open, False
            return (204, b"") if was else error(1100)
        step = self.steps[min(order.asked, len(self.steps) - 1)]
        order.asked += 1
        told = {"signRef": request["signRef"]} | step(self, request["signRef"], order)
        return 200, json.dumps(told).encode()

    def _start(self, request: Json, organisation: bool) -> Reply:
        known = {"ORG_ID"} if organisation else {"SSN", "INFERRED"}
        text = base64.b64decode(request["dataToSign"]["text"], validate=True).decode()
        base64.b64decode(request["dataToSign"]["binaryData"], validate=True)
        ends = datetime.fromtimestamp(request["expiry"] / 1000, self.now.tzinfo) - self.now
        if set(request) != REQUEST or request["userInfoType"] not in known or not 0 < len(text) <= 4096:
            return error(1001)
        if not timedelta(minutes=2) <= ends <= timedelta(minutes=30):
            return error(3003)
        if (request["dataToSignType"], request["signatureType"]) != ("EXTENDED_UTF8_TEXT", "EXTENDED"):
            return error(3000)
        reference = base64.b64encode(secrets.token_bytes(24)).decode()
        self.orders[reference] = Placed(request, organisation)
        return 200, json.dumps({"signRef": reference}).encode()


def error(code: int, status: int = 422) -> Reply:
    return status, json.dumps({"code": code, "message": "Fel"}).encode()


@contextmanager
def serving(double: Double) -> Iterator[str]:
    """The service's address while it runs, behind the same kind of web server as BankID's double."""
    with bankid_double.serving(double) as url:  # type: ignore[arg-type]
        yield url
