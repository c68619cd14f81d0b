"""JSON over HTTPS to a service that identifies people: bounded in size and time, no redirects, configured roots."""

from __future__ import annotations

import json
import ssl
import tempfile
import time
from pathlib import Path

import httpx

from ..errors import IdentityUnavailable


class Service:
    """One service. `roots_pem` are the roots its certificate must lead to (None: the machine's own); `certificate` is
    ours, as (certificate PEM, key PEM), for a service that demands one. `timeout` is in seconds for the whole of a
    request, `largest` in bytes for an answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        roots_pem: bytes | None,
        certificate: tuple[bytes, bytes] | None = None,
        timeout: float = 10.0,
        largest: int = 1_000_000,
    ) -> None:
        if not base_url.startswith("https://"):
            raise ValueError("a service that identifies people is reached over https only")
        self._base_url, self._timeout, self._largest = base_url.rstrip("/"), timeout, largest
        self._context = _context(roots_pem, certificate)

    def post_json(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """The answer to `body`, a JSON object.

        Raises IdentityUnavailable: `legitimering_onabar` when there is no answer or one of the service's being down
        (408, 429, 5xx), `legitimering_felaktig` for any other; its fact `kod` is then the answer's `errorCode`.
        """
        deadline = time.monotonic() + self._timeout
        try:
            with (
                httpx.Client(verify=self._context, timeout=self._timeout, trust_env=False) as session,
                session.stream("POST", self._base_url + path, json=body) as answer,
            ):
                status, content = answer.status_code, self._read(answer, deadline)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise IdentityUnavailable(
                "legitimering_onabar", f"the service does not answer: {type(error).__name__}"
            ) from error
        return _told(status, content)

    def _read(self, answer: httpx.Response, deadline: float) -> bytes:
        content = b""
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > self._largest:
                raise IdentityUnavailable("legitimering_felaktig", "the answer is larger than any should be")
            if time.monotonic() > deadline:
                raise IdentityUnavailable("legitimering_onabar", "the answer did not end in time")
        return content


def _told(status: int, content: bytes) -> dict[str, object]:
    if status in {408, 429} or status >= 500:
        raise IdentityUnavailable("legitimering_onabar", f"the service is out of order (status {status})")
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    if status == 200 and isinstance(told, dict):
        return told
    code = told.get("errorCode") if isinstance(told, dict) else None
    kod = code if isinstance(code, str) and code.isalnum() and len(code) <= 40 else ""
    raise IdentityUnavailable("legitimering_felaktig", f"the service refused (status {status} {kod})", kod=kod)


def _context(roots_pem: bytes | None, certificate: tuple[bytes, bytes] | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=roots_pem.decode("ascii") if roots_pem is not None else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        with tempfile.TemporaryDirectory() as folder:  # ssl takes files only; the folder is ours alone (0700)
            pair = Path(folder, "pair.pem")
            pair.write_bytes(certificate[0].rstrip() + b"\n" + certificate[1])
            context.load_cert_chain(pair)
    return context
