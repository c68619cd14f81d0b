"""Asking a service that holds keys: a time limit, a largest answer, and no redirects."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx

from ..errors import BackendRefused, BackendUnavailable

LARGEST_ANSWER = 256 * 1024  # bytes; a chain of certificates in base64 is some 10 kB
TIMEOUT = 10.0  # seconds for connecting, and for each wait for more
PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}  # what is compressed has no largest size
_WRONG_CODE = {"invalid_pin", "invalid_otp"}  # CSC API 1.0.4.0, 11.6


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is, and what opens it; `timeout` in seconds.

    `roots_pem` are the only roots that its web server's certificate may lead to; None: the machine's own.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = TIMEOUT
    roots_pem: bytes | None = field(default=None, repr=False)

    def tls(self) -> ssl.SSLContext:
        """How its web server is trusted. Raises BackendUnavailable `tjanst_felaktig`."""
        try:
            context = ssl.create_default_context(cadata=self.roots_pem and self.roots_pem.decode("ascii"))
        except (ssl.SSLError, ValueError) as error:
            raise BackendUnavailable("tjanst_felaktig", "the configured roots cannot be used") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def ask(service: Service, path: str, question: Mapping[str, object]) -> dict[str, Any]:
    """The JSON object that a service answers a JSON question with.

    Raises BackendUnavailable `nyckel_onabar` or `tjanst_felaktig`, BackendRefused `fel_pin`.
    """
    status, body = _posted(service, path, question)
    if status >= 500:
        raise BackendUnavailable("nyckel_onabar", f"the signing service is out of order ({status})")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BackendUnavailable("tjanst_felaktig", "the signing service's answer is no JSON") from error
    if not isinstance(answer, dict):
        raise BackendUnavailable("tjanst_felaktig", "the signing service's answer is no JSON object")
    if status != 200:
        reason = answer.get("error")
        if reason in _WRONG_CODE:
            raise BackendRefused("fel_pin", "the signing service takes no such code")
        raise BackendUnavailable("tjanst_felaktig", f"the signing service refuses the question ({status})")
    return answer


def _posted(service: Service, path: str, question: Mapping[str, object]) -> tuple[int, bytes]:
    options: dict[str, Any] = {"verify": service.tls(), "trust_env": False, "follow_redirects": False}
    try:
        with (
            httpx.Client(timeout=service.timeout, headers=PLAIN | dict(service.headers), **options) as session,
            session.stream("POST", f"{service.url.rstrip('/')}/{path}", json=question) as response,
        ):
            body, ends = b"", monotonic() + 3 * service.timeout
            for part in response.iter_raw():
                body += part
                if monotonic() > ends:  # one that drips a byte at a time would go on for ever
                    raise BackendUnavailable("nyckel_onabar", "the signing service does not come to an end")
                if len(body) > LARGEST_ANSWER:
                    raise BackendUnavailable("tjanst_felaktig", "the signing service's answer is larger than any")
            return response.status_code, body
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BackendUnavailable(
            "nyckel_onabar", f"the signing service does not answer ({type(error).__name__})"
        ) from error
