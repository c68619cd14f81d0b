"""Where a service leads a person back to at the command line: an address of this machine alone (RFC 8252 7.3).

Everything is bounded: one answer at a time, a few seconds for each, and no answer is waited for longer than asked. What
an address carries is never logged; the page that the person sees says nothing of it.
"""

import http.server
import io
import os
import select
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from pipeline.errors import Misuse
from pipeline.texts import text

ANSWER_SECONDS = 3.0
"""How long one connection may take altogether."""
LONGEST_ANSWER = 16_000
"""Bytes of an address and its headers."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where an answer may come from: the terminal, and the socket `opened`, where the browser comes to `path`."""

    opened: socket.socket | None = field(default=None, repr=False)
    path: str = ""

    def wait(self, seconds: float) -> Mapping[str, str] | None:
        """What the person was led back with, within `seconds`; or what they pasted at the terminal instead."""
        until = time.monotonic() + seconds
        sources = [sys.stdin, *((self.opened,) if self.opened else ())]
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select(sources, [], [], left)
            if self.opened in ready and (answer := _served(self)) is not None:
                return answer
            if sys.stdin in ready:
                return _pasted()
        return None


@contextmanager
def listening(address: str | None) -> Iterator[Listener]:
    """A listener while the block runs: at `address` if that is this machine's and free, else the terminal alone."""
    told = urlsplit(address or "")
    if told.scheme != "http" or told.hostname not in {"127.0.0.1", "::1"} or not told.port:
        yield Listener()
        return
    kind = socket.AF_INET6 if told.hostname == "::1" else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((told.hostname, told.port))
            opened.listen(4)
        except OSError:
            yield Listener()
            return
        yield Listener(opened, told.path)


def parameters(address: str | None) -> Mapping[str, str] | None:
    """What a redirect's address carries (RFC 6749 4.1.2). Raises `Misuse` when a parameter stands twice (3.1)."""
    if address is None:
        return None
    try:
        pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        pairs = []
    found = dict(pairs)
    if not found or len(found) != len(pairs) or not address.isascii():
        raise Misuse("fel_val", option="--answer", allowed="https://…?code=…&state=…")
    return found


def _pasted() -> Mapping[str, str] | None:
    """The line at the terminal, taken past Python's buffer, which `select` does not look into."""
    typed = os.read(sys.stdin.fileno(), LONGEST_ANSWER)
    if not typed:
        raise EOFError
    try:
        return parameters(typed.decode("utf-8", "replace").strip().rpartition("\n")[2])
    except Misuse:
        return None


def _served(listener: Listener) -> Mapping[str, str] | None:
    """The answer of one connection; None when it was another, or none."""
    if listener.opened is None:
        return None
    try:
        connection, _ = listener.opened.accept()
        with connection:
            return _Request(connection, listener.path).answer
    except OSError:
        return None


class _Request(http.server.BaseHTTPRequestHandler):
    """One request, read within its bounds and answered."""

    server_version, sys_version = "plansigill", ""

    def __init__(self, connection: socket.socket, path: str) -> None:
        self.answer: Mapping[str, str] | None = None
        self._expected = path
        self.rfile, self.wfile = io.BytesIO(_head(connection)), io.BytesIO()
        self.handle_one_request()
        connection.sendall(self.wfile.getvalue())

    def do_GET(self) -> None:
        """Take what the address carries, and say so."""
        if urlsplit(self.path).path != self._expected:
            self._say(404, "svar_fel_adress")
            return
        try:
            self.answer = parameters(self.path)
        except Misuse:
            self._say(400, "svar_fel_adress")
            return
        self._say(200, "svar_mottaget")

    def _say(self, status: int, key: str) -> None:
        said = text(f"rad.{key}")
        page = _PAGE.format(sv=said.sv, en=said.en)
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.encode())))
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


_PAGE = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>Plansigill</title>
<main><p>{sv}</p><p lang="en">{en}</p></main></html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'",
    "Connection": "close",
}


def _head(connection: socket.socket) -> bytes:
    """The request up to its body, which a GET has none of."""
    until, data = time.monotonic() + ANSWER_SECONDS, b""
    while b"\r\n\r\n" not in data and len(data) <= LONGEST_ANSWER:
        connection.settimeout(max(0.01, until - time.monotonic()))
        piece = connection.recv(4096)
        if not piece or time.monotonic() > until:
            break
        data += piece
    return data if b"\r\n\r\n" in data else b""
