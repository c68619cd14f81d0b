"""A signing service after the Cloud Signature Consortium's API on this machine, honest or not."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from signatures.container import as_der

from . import keys
from .plans import issuer

TOKEN, OTP = "token-1", "135246"
INFO, AUTHORIZE, SIGN = "/csc/v1/credentials/info", "/csc/v1/credentials/authorize", "/csc/v1/signatures/signHash"

ALGORITHMS = ["1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"]  # SHA-256 with RSA and with ECDSA


@dataclass
class Service:
    """One credential; `kind` is what it does wrong, `seen` all that was asked of it."""

    key: keys.Key = field(default_factory=keys.key)
    certificate: x509.Certificate = field(default_factory=lambda: keys.certificate(keys.key()))
    above: tuple[x509.Certificate, ...] = field(default_factory=lambda: (issuer().issuing,))
    kind: str = "honest"
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def reply(self, path: str, token: str | None, asked: dict[str, Any]) -> tuple[int, bytes]:
        self.seen.append((path, asked))
        if self.kind == "no answer":
            self.let_go.wait(30)
        spoken = {
            "error 500": (500, b"out of order"),
            "garbage": (200, b"<h1>Logga in</h1>"),
            "a list": (200, b"[]"),
            "endless": (200, b" " * 1_000_000),
            "redirect": (302, b"{}"),
        }
        if self.kind in spoken:
            return spoken[self.kind]
        if token != f"Bearer {TOKEN}" or asked.get("credentialID") != "kim":
            return 401, b'{"error": "invalid_request"}'
        status, answer = {INFO: self.info, AUTHORIZE: self.authorize, SIGN: self.sign}[path](asked)
        return status, json.dumps(answer).encode()

    def info(self, _: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        chain = [as_der(each) for each in (self.certificate, *self.above)]
        told = {
            "key": {
                "status": "disabled" if self.kind == "disabled" else "enabled",
                "algo": ["1.2.840.113549.1.1.5"] if self.kind == "sha-1 alone" else ALGORITHMS,
            },
            "cert": {"certificates": [base64.b64encode(each).decode() for each in chain]},
            "authMode": "explicit",
            "SCAL": "2",
            "multisign": 1,
        }
        match self.kind:
            case "no certificate":
                told["cert"] = {"certificates": []}
            case "a broken certificate":
                told["cert"] = {"certificates": ["AAAA"]}
            case "no base64":
                told["cert"] = {"certificates": ["åäö"]}
            case "many certificates":
                told["cert"] = {"certificates": ["AAAA"] * 1000}
        return 200, told

    def authorize(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if OTP not in {asked.get("OTP"), asked.get("PIN")}:
            return 400, {"error": "invalid_otp", "error_description": "The OTP is invalid"}
        self.authorized = list(asked["hash"])
        return 200, {} if self.kind == "no activation" else {"SAD": "activated", "expiresIn": 300}

    def sign(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if asked["SAD"] != "activated" or asked["hash"] != self.authorized:
            return 400, {"error": "invalid_request"}
        digest = base64.b64decode(asked["hash"][0])
        if self.kind == "signs something else":
            digest = bytes(32)
        held = keys.key("p256") if self.kind == "signs with another key" else self.key
        made = base64.b64encode(signed(held, digest)).decode()
        return 200, {"signatures": [made, made] if self.kind == "two signatures" else [made]}


def signed(held: keys.Key, digest: bytes) -> bytes:
    whole = utils.Prehashed(hashes.SHA256())
    if isinstance(held, rsa.RSAPrivateKey):
        return held.sign(digest, padding.PKCS1v15(), whole)
    return held.sign(digest, ec.ECDSA(whole))


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The service's address while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = service.reply(self.path, self.headers.get("Authorization"), asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            for number in range(len(body) if service.kind == "drip" else 0):  # a byte at a time, until let go
                self.wfile.write(body[number : number + 1])
                if service.let_go.wait(0.1):
                    return
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is as it should be
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/csc/v1"
    finally:
        service.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
