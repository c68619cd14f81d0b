"""BankID's relying-party API 6.0 on the loopback interface: mutual TLS, real signatures, and a script for its moods.

It keeps to the API where it can be held to it: what a request must and must not hold, one order for each person, what
an unknown order answers. The person in the script does what the script says.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from signatures.authority import start, usage

from .bankid_pki import NAMES, NOW, Holder, Signing, Status, authority, key, named, person

Reply = tuple[int, bytes]
KNOWN = {"endUserIp", "requirement", "userVisibleData", "userVisibleDataFormat", "userNonVisibleData"}
KNOWN_BY_TELEPHONE = KNOWN - {"endUserIp"} | {"personalNumber", "callInitiator"}


@dataclass
class Placed:
    """An order at the service, and its answer once there is one."""

    request: dict[str, object]
    number: str | None
    asked: int = 0
    open: bool = True
    completion: dict[str, object] | None = None

    def shown(self) -> str:
        return base64.b64decode(str(self.request["userVisibleData"])).decode()

    def unseen(self) -> bytes:
        return base64.b64decode(str(self.request["userNonVisibleData"]))


def pending(hint: str) -> Callable[[Double, Placed], dict[str, object]]:
    return lambda double, order: {"status": "pending", "hintCode": hint}


def failed(hint: str) -> Callable[[Double, Placed], dict[str, object]]:
    def told(double: Double, order: Placed) -> dict[str, object]:
        order.open = False
        return {"status": "failed", "hintCode": hint}

    return told


def signed(
    change: Callable[[Signing], Signing] = lambda signing: signing,
    after: Callable[[dict[str, object]], dict[str, object]] = lambda completion: completion,
    signer: Callable[[], Holder] = person,
    **status: object,
) -> Callable[[Double, Placed], dict[str, object]]:
    """The person signs; `change` is what the app does otherwise, `status` what the responder does, `after` what the
    service does."""

    def told(double: Double, order: Placed) -> dict[str, object]:
        order.open = False
        signing = change(Signing(order.shown(), order.unseen(), signer()))
        signature = signing.base64()
        facts = {"at": double.now} | status
        completion = {
            "user": user_of(signing.signer),
            "device": {"ipAddress": "192.0.2.7", "uhi": "OZvYM9VvyiAmG7NA5jU5zqGcVpo="},
            "bankIdIssueDate": "2026-01-15",
            "stepUp": None,
            "signature": signature,
            "ocspResponse": Status(signature, signing.signer, **facts).base64(),  # type: ignore[arg-type]
        }
        order.completion = completion
        return {"status": "complete", "completionData": after(completion)}

    return told


def user_of(holder: Holder) -> dict[str, object]:
    (number,) = holder.certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    given, surname = NAMES[str(number.value)]
    return {
        "personalNumber": number.value, "name": f"{given} {surname}", "givenName": given, "surname": surname,
    }  # fmt: skip


@dataclass
class Double:
    """The service. `steps` are what collecting answers, one after another, the last one again and again; `instead`
    answers every request itself. `seen` is every request that came: path and body."""

    steps: list[Callable[[Double, Placed], dict[str, object]]] = field(default_factory=lambda: [signed()])
    now: datetime = NOW
    instead: Callable[[str], Reply] | None = None
    orders: dict[str, Placed] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def reply(self, path: str, kind: str, body: bytes) -> Reply:
        request = json.loads(body)
        self.seen.append((path, request))
        if self.instead is not None:
            return self.instead(path)
        if kind != "application/json":
            return error(415, "unsupportedMediaType")
        match path:
            case "/rp/v6.0/sign" | "/rp/v6.0/phone/sign":
                return self._start(path, request)
            case "/rp/v6.0/collect" | "/rp/v6.0/cancel":
                return self._go_on(path, request)
        return error(404, "notFound")

    def hang(self, path: str) -> Reply:
        self.let_go.wait(30)
        return 200, b"{}"

    def _start(self, path: str, request: dict[str, object]) -> Reply:
        telephone = path.endswith("/phone/sign")
        if problem := _problem(request, KNOWN_BY_TELEPHONE if telephone else KNOWN):
            return error(400, "invalidParameters", problem)
        requirement = request["requirement"]
        assert isinstance(requirement, dict)
        number = request.get("personalNumber") or requirement.get("personalNumber")
        going = [each for each in self.orders.values() if each.open and number and each.number == number]
        for each in going:
            each.open = False
        if going:
            return error(400, "alreadyInProgress")
        reference = secrets.token_hex(16)
        self.orders[reference] = Placed(request, str(number) if number else None)
        told = {"orderRef": reference}
        if not telephone:
            told |= {"autoStartToken": "7c40b5c9", "qrStartToken": "67df3917", "qrStartSecret": "d28db9a7"}
        return 200, json.dumps(told).encode()

    def _go_on(self, path: str, request: dict[str, object]) -> Reply:
        reference = str(request.get("orderRef"))
        order = self.orders.get(reference)
        if order is None or (path.endswith("cancel") and not order.open):
            return error(400, "invalidParameters", "No such order")
        if path.endswith("cancel"):
            order.open = False
            return 200, b"{}"
        step = self.steps[min(order.asked, len(self.steps) - 1)]
        order.asked += 1
        return 200, json.dumps({"orderRef": reference} | step(self, order)).encode()


def error(status: int, code: str, details: str = "") -> Reply:
    return status, json.dumps({"errorCode": code, "details": details}).encode()


def _problem(request: dict[str, object], known: set[str]) -> str:
    try:
        if set(request) - known or not {"requirement", "userVisibleData"} <= set(request):
            return "unknown or missing parameters"
        base64.b64decode(str(request["userVisibleData"]), validate=True).decode()
        base64.b64decode(str(request.get("userNonVisibleData", "")), validate=True)
        if "endUserIp" in known:
            ip_address(str(request.get("endUserIp")))
        elif request.get("callInitiator") not in {"user", "RP"} or len(str(request.get("personalNumber"))) != 12:
            return "who called?"
    except (binascii.Error, ValueError) as problem:
        return str(problem)
    return ""


@cache
def transport(name: str) -> Holder:
    """A certificate for TLS, which knows only the machine's own clock."""
    now, issuer = datetime.now(UTC), authority(f"{name} TLS root")
    subject, secret = named((NameOID.COMMON_NAME, name)), key(name)
    built = (
        start(subject, issuer.certificate.subject, secret.public_key(), now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(usage("digital_signature", "key_encipherment"), critical=True)
        .sign(issuer.key, hashes.SHA256())
    )
    return Holder(secret, built, (issuer.certificate,))


def pem_of(holder: Holder) -> tuple[bytes, bytes]:
    """Certificate and key, as PEM."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return holder.pem, holder.key.private_bytes(*form)


def root_of(holder: Holder) -> bytes:
    return holder.issuers[-1].public_bytes(serialization.Encoding.PEM)


def server_context(service: str, clients: ssl.VerifyMode) -> ssl.SSLContext:
    """TLS as the service's web server speaks it, and whether a client must show our certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        pair = Path(folder, "pair.pem")
        pair.write_bytes(b"".join(pem_of(transport(service))))
        context.load_cert_chain(pair)
    context.load_verify_locations(cadata=root_of(transport("Exempelby kommun")).decode())
    context.verify_mode = clients
    return context


@contextmanager
def serving(double: Double) -> Iterator[str]:
    """The service's address while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told = double.reply(self.path, self.headers["Content-Type"], body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output clean."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: object) -> None:
            """A client that has gone away is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = server_context("BankID", ssl.CERT_REQUIRED).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        double.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
