"""The client of every identity service: what it trusts, how long it waits and how much it takes."""

from __future__ import annotations

import json
import time

import pytest

from signatures.errors import IdentityUnavailable
from signatures.identity.http import Service

from .tls import DRIP, authority, serving

CA = authority()
SERVER = CA.issue("tjänst")
JSON = "application/json"


def refused(reply, code: str, **options) -> None:
    with serving(lambda *_: reply, SERVER) as url, pytest.raises(IdentityUnavailable) as error:
        Service(url, roots_pem=CA.pem, **options).post_json("/x", {})
    assert error.value.code == code


def test_asks_and_is_answered():
    def echo(method, path, headers, body):
        told = {"method": method, "path": path, "kind": headers["Content-Type"], "body": json.loads(body)}
        return 200, JSON, json.dumps(told).encode()

    with serving(echo, SERVER) as url:
        said = Service(f"{url}/rp/", roots_pem=CA.pem).post_json("v6/sign", {"å": 1})
    assert said == {"method": "POST", "path": "/rp/v6/sign", "kind": JSON, "body": {"å": 1}}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ((500, JSON, b"{}"), "legitimering_onabar"),
        ((503, JSON, b"{}"), "legitimering_onabar"),
        ((429, JSON, b"{}"), "legitimering_onabar"),
        ((400, JSON, b"{}"), "legitimering_felaktig"),
        ((200, JSON, b"<html>"), "legitimering_felaktig"),
        ((200, JSON, b"[1]"), "legitimering_felaktig"),
        ((200, JSON, b"[" * 100_000), "legitimering_felaktig"),
        ((200, JSON, b""), "legitimering_felaktig"),
        ((302, JSON, b"/elsewhere"), "legitimering_felaktig"),
    ],
)
def test_an_answer_that_is_none(reply, code):
    refused(reply, code)


def test_an_answer_that_is_too_large():
    refused((200, JSON, b'{"x": "' + b"x" * 5000 + b'"}'), "legitimering_felaktig", largest=4000)


def test_an_answer_that_never_ends():
    began = time.monotonic()
    refused((200, DRIP, b"{"), "legitimering_onabar", timeout=0.3)
    assert time.monotonic() - began < 3


def test_nobody_there():
    with serving(lambda *_: (200, JSON, b"{}"), SERVER) as url:
        pass
    with pytest.raises(IdentityUnavailable, match="no answer"):
        Service(url, roots_pem=CA.pem).get_json("/x")


def test_another_root_and_an_expired_certificate_are_refused():
    for chain, roots in ((SERVER, authority().pem), (CA.issue("gammal", expired=True), CA.pem)):
        with serving(lambda *_: (200, JSON, b"{}"), chain) as url, pytest.raises(IdentityUnavailable) as error:
            Service(url, roots_pem=roots).get_json("/x")
        assert error.value.code == "legitimering_felaktig"


def test_mutual_tls():
    with serving(lambda *_: (200, JSON, b'{"ok": true}'), SERVER, clients=CA.pem) as url:
        assert Service(url, roots_pem=CA.pem, certificate=CA.issue("vi")).get_json("/x") == {"ok": True}
        with pytest.raises(IdentityUnavailable):
            Service(url, roots_pem=CA.pem).get_json("/x")
        with pytest.raises(IdentityUnavailable):
            Service(url, roots_pem=CA.pem, certificate=authority().issue("andra")).get_json("/x")


def test_plain_http_and_unusable_keys_are_refused():
    for client in (
        Service("http://127.0.0.1:9", roots_pem=CA.pem),
        Service("https://127.0.0.1:9", roots_pem=b"no certificate"),
        Service("https://127.0.0.1:9", roots_pem=CA.pem, certificate=(b"no", b"key")),
    ):
        with pytest.raises(IdentityUnavailable) as error:
            client.get_json("/x")
        assert error.value.code == "legitimering_felaktig"


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with serving(lambda *_: (200, JSON, b"{}"), SERVER) as url:
        assert Service(url, roots_pem=CA.pem).get_json("/x") == {}


def test_secrets_are_not_shown():
    assert "KEY" not in repr(Service("https://x", roots_pem=b"r", certificate=(b"c", b"PRIVATE KEY")))
