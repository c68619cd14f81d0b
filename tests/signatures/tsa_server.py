"""A time-stamp server on the loopback interface, honest or misbehaving in a named way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from signatures.authority import create_issuer, signed_under, start, usage
from signatures.issuer import Issuer
from signatures.tsa import answer

from .plans import PASSPHRASE

REPLY = "application/timestamp-reply"
REJECTION = bytes.fromhex("30053003020102")  # PKIStatusInfo 2, and no token

NOW = datetime.now(UTC).replace(microsecond=0)  # a server fetches lists by the machine's clock

SPOKEN = {
    "garbage": (200, REPLY, b"\x30\x82 this is no time stamp"),
    "empty": (200, REPLY, b""),
    "web page": (200, "text/html", b"<h1>Logga in</h1>"),
    "error 500": (500, "text/plain", b"out of order"),
    "refusal": (200, REPLY, REJECTION),
}


@dataclass
class Behaviour:
    """What the server does with each request, and what it saw."""

    issuer: Issuer
    now: datetime
    kind: str = "honest"
    revocations: bytes | None = None
    """The list that it tells, when not the issuer's own root's."""
    seen: list[dict[str, str]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def reply(self, body: bytes) -> tuple[int, str, bytes]:
        assert self.issuer.tsa_key is not None
        assert self.issuer.tsa is not None
        request = tsp.TimeStampReq.load(body)
        now = self.now
        if self.kind in SPOKEN:
            return SPOKEN[self.kind]
        match self.kind:
            case "wrong nonce":
                request["nonce"] = request["nonce"].native + 1
            case "no nonce":
                del request["nonce"]
            case "wrong imprint":
                request["message_imprint"]["hashed_message"] = bytes(32)
            case "wrong time":
                now = now - timedelta(days=2)
            case "no answer":
                self.let_go.wait(30)
        granted = answer(request, self.issuer.tsa_key, self.issuer.tsa, now)
        if self.kind == "broken signature":
            signature = granted["time_stamp_token"]["content"]["signer_infos"][0]["signature"]
            broken = bytearray(signature.native)
            broken[40] ^= 1
            granted["time_stamp_token"]["content"]["signer_infos"][0]["signature"] = bytes(broken)
        if self.kind == "named by its key":
            told = self.issuer.tsa.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            named = cms.SignerIdentifier({"subject_key_identifier": told})
            granted["time_stamp_token"]["content"]["signer_infos"][0]["sid"] = named
        return 200, REPLY, granted.dump()


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The server's address while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            behaviour.seen.append(dict(self.headers))
            status, kind, body = behaviour.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            body = behaviour.revocations or behaviour.issuer.root_crl(behaviour.now)
            self.send_response(200)
            self.send_header("Content-Type", "application/pkix-crl")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    finally:
        behaviour.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def others() -> Issuer:
    """Somebody else's authority, which the plans' own knows nothing of."""
    material = create_issuer(NOW - timedelta(days=1), "Tidstjänsten AB", test=True, passphrase=PASSPHRASE)
    return Issuer.load(material, PASSPHRASE)


OF_TODAY = (NOW - timedelta(hours=1), NOW + timedelta(days=3650))


def unit(authority: Issuer, lists_at: str, span: tuple[datetime, datetime] = OF_TODAY) -> Issuer:
    """`authority` with a time-stamp certificate that says where its revocation list is, good for `span`."""
    assert authority.tsa is not None
    assert authority.tsa_key is not None
    place = x509.DistributionPoint([x509.UniformResourceIdentifier(lists_at)], None, None, None)
    key = authority.tsa_key.public_key()
    certificate = (
        start(authority.tsa.subject, authority.root.subject, key, *span)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(signed_under(authority.root), critical=False)
        .add_extension(x509.CRLDistributionPoints([place]), critical=False)
        .sign(authority.root_key, hashes.SHA256())
    )
    return replace(authority, tsa=certificate)
