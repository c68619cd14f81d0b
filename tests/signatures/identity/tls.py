"""A certificate authority of the tests, and an HTTPS server on the loopback interface that trusts it."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Reply = tuple[int, str, bytes]
DRIP = "text/drip"
"""A kind of answer that comes a byte at a time and never ends."""


@dataclass(frozen=True)
class Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, key=None, *, expired: bool = False) -> tuple[bytes, bytes]:
        """A certificate for the loopback address, and its key; real time, which is what TLS goes by."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        today = datetime.now(UTC)
        ends = today - timedelta(days=1) if expired else today + timedelta(days=2)
        loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        made = (
            _builder(name, self.certificate.subject, key, ends)
            .add_extension(loopback, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM), pem_of(key)


def pem_of(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _builder(name, issuer, key, ends):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=30))
        .not_valid_after(ends)
    )


def authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    made = (
        _builder("Prov-CA", None, key, datetime.now(UTC) + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, made)


def _context(chain: tuple[bytes, bytes], clients: bytes | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in zip(("chain", "key"), chain, strict=True):
            Path(folder, name).write_bytes(content)
        context.load_cert_chain(Path(folder, "chain"), Path(folder, "key"))
    if clients is not None:
        context.load_verify_locations(cadata=clients.decode())
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def serving(
    answer: Callable[[str, str, dict[str, str], bytes], Reply],
    chain: tuple[bytes, bytes],
    clients: bytes | None = None,
) -> Iterator[str]:
    """The address of a server that answers (method, path, headers, body); with `clients`, under mutual TLS."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the client has had enough
                self.close_connection = True

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, data = answer(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status // 100 == 3:
                self.send_header("Location", data.decode())
                data = b""
            if kind != DRIP:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            while kind == DRIP and not over.wait(0.02):
                self.wfile.write(b" ")
                self.wfile.flush()

        do_GET = do_POST = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # a client that trusts us not ends the handshake
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = _context(chain, clients).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
