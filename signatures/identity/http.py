"""JSON and forms over HTTPS to an identity service: bounded in time and size, and trusting only what it is told to."""

from __future__ import annotations

import json
import os
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ..errors import IdentityUnavailable

BUSY = frozenset({408, 425, 429})
PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}  # what is compressed has no largest size


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered: its HTTP status and its JSON object."""

    status: int
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    """One service's address and how it is trusted.

    `roots_pem` are the only roots accepted (None: the machine's own), `certificate` our chain and key in PEM for
    mutual TLS, `timeout` the seconds that one request may take altogether, `largest` the most bytes of an answer.
    Redirects are not followed, and proxies of the environment are not used.
    """

    base_url: str
    roots_pem: bytes | None = field(kw_only=True, repr=False)
    certificate: tuple[bytes, bytes] | None = field(default=None, kw_only=True, repr=False)
    timeout: float = field(default=10.0, kw_only=True)
    largest: int = field(default=1_000_000, kw_only=True)

    def get_json(self, path: str) -> dict[str, Any]:
        """The JSON object at `path` (or an absolute address). Raises IdentityUnavailable."""
        return _good(self.send("GET", path))

    def post_json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer, a JSON object, to `body`. Raises IdentityUnavailable."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return _good(self.send("POST", path, content, {"Content-Type": "application/json"}))

    def post_form(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """The answer, whatever its status, to a form. Raises IdentityUnavailable as `send` does."""
        content = str(httpx.QueryParams(dict(form))).encode()
        return self.send(
            "POST", path, content, {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        )

    def send(self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """The answer, a JSON object with a status of 200, 201, 204 (empty) or 4xx (where services say why they refuse).

        Raises IdentityUnavailable: `legitimering_onabar` when there is none (no connection, too late, 5xx, 408, 425,
        429), `legitimering_felaktig` when it is not what it must be (its certificate, size, kind).
        """
        url = httpx.URL(self.base_url).join(path)
        if url.scheme != "https":
            raise _wrong("its address is not https")
        until = time.monotonic() + self.timeout
        options: dict[str, Any] = {"verify": self._context(), "trust_env": False, "follow_redirects": False}
        try:
            with (
                httpx.Client(timeout=self.timeout, **options) as session,
                session.stream(method, url, content=content, headers={**PLAIN, **(headers or {})}) as response,
            ):
                return _read(response, self.largest, until)
        except httpx.RequestError as error:
            if _untrusted(error):
                raise _wrong("its certificate, or ours, is not accepted") from error
            raise _away(f"no answer ({type(error).__name__})") from error

    def _context(self) -> ssl.SSLContext:
        try:
            roots = None if self.roots_pem is None else self.roots_pem.decode("ascii")
            context = ssl.create_default_context(cadata=roots)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate is not None:
                with _files(*self.certificate) as (chain, key):
                    # a password callback, so that an encrypted key is an error rather than a question at the terminal
                    context.load_cert_chain(chain, key, password=lambda: b"")
        except (ssl.SSLError, ValueError, OSError) as error:
            raise _wrong("the configured roots or certificate cannot be used") from error
        return context


@contextmanager
def _files(*contents: bytes) -> Iterator[list[Path]]:  # OpenSSL's Python interface reads a private key from a file only
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(index)) for index in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
        yield paths


def _read(response: httpx.Response, largest: int, until: float) -> Answer:
    status = response.status_code
    if status >= 500 or status in BUSY:
        raise _away(f"status {status}")
    if status == 204:
        return Answer(status, {})
    if status not in {200, 201} and not 400 <= status < 500:
        raise _wrong(f"status {status}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _wrong("its answer is compressed, which was not asked for")
    data = bytearray()
    for piece in response.iter_raw():  # as it comes: a size of our own would wait for that much
        data += piece
        if len(data) > largest:
            raise _wrong("its answer is too large")
        if time.monotonic() > until:
            raise _away("its answer does not end")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"status {status}, and no JSON") from error
    if not isinstance(body, dict):
        raise _wrong(f"status {status}, and no JSON object")
    return Answer(status, body)


def _good(answer: Answer) -> dict[str, Any]:
    """The body of a 200; of a refusal, what a service calls its `errorCode` becomes the error's fact `kod`."""
    if answer.status == 200:
        return answer.body
    told = answer.body.get("errorCode")
    code = told if isinstance(told, str) and told.isalnum() and len(told) <= 40 else ""
    raise IdentityUnavailable(
        "legitimering_felaktig", f"the identity service: status {answer.status} {code}".rstrip(), kod=code
    )


def _untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _wrong(why: str) -> IdentityUnavailable:
    return IdentityUnavailable("legitimering_felaktig", f"the identity service: {why}")


def _away(why: str) -> IdentityUnavailable:
    return IdentityUnavailable("legitimering_onabar", f"the identity service: {why}")
