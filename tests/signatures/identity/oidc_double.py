"""An OpenID Connect broker of Swedish kind on the loopback interface: real signatures, and told to misbehave.

It keeps to its specifications where it can be held to them: what a request must hold, that a code counts once, PKCE,
who asks, that a request for a signature is signed. Its person answers as the script says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from . import jwt_double as jwt
from .bankid_double import server_context
from .bankid_pki import ASA, NOW
from .bankid_pki import key as rsa_key

RP = "https://plan.exempelby.example/oidc"
REDIRECT = "https://plan.exempelby.example/svar"
SECRET = "en hemlighet: ja/nej"  # noqa: S105 (the double's own)
LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
CLAIM = "https://id.oidc.se/claim/"
SCOPE = "https://id.oidc.se/scope/"
SIGN_REQUEST = "https://id.oidc.se/param/signRequest"
USER_MESSAGE = "https://id.oidc.se/param/userMessage"
JAR = "oauth-authz-req+jwt"
Reply = tuple[int, dict[str, Any] | bytes]
Json = dict[str, Any]

BROKER_KEY, OTHER_KEY = rsa_key("broker"), rsa_key("Exempelby kommun")  # keys cost time: TLS has them as well


@cache
def rp_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def asa() -> Json:
    return {f"{CLAIM}personalIdentityNumber": ASA, "name": "Åsa Öberg Łukasiewicz", "acr": LOA3}


def same(told: Json) -> Json:
    return told


def by_broker(double: Double, claims: Json) -> str:
    return jwt.signed({"alg": "RS256", "kid": "b1", "typ": "JWT"}, claims, BROKER_KEY)


@dataclass
class Double:
    """`offers` changes the discovery document (None takes away), `person` is who answers, `claims`, `token` and
    `leads` change what is said, signed and sent back with them; `instead` answers a path itself. `seen` is every
    request that came: path, form and headers."""

    url: str = ""
    now: datetime = NOW
    offers: Json = field(default_factory=dict)
    person: Json = field(default_factory=asa)
    keys: list[Json] = field(default_factory=lambda: [jwt.jwk_of(BROKER_KEY, kid="b1", use="sig", alg="RS256")])
    claims: Callable[[Json], Json] = same
    token: Callable[[Double, Json], str] = by_broker
    leads: Callable[[Json], Json] = same
    instead: dict[str, Reply] = field(default_factory=dict)
    redirect: str = REDIRECT
    seen: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    requests: list[Json] = field(default_factory=list)
    headers: list[Json] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    pushed: dict[str, Json] = field(default_factory=dict)
    codes: dict[str, Json] = field(default_factory=dict)

    def discovery(self) -> Json:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "scopes_supported": ["openid", f"{SCOPE}sign", f"{SCOPE}signApproval", f"{SCOPE}naturalPersonNumber"],
            "code_challenge_methods_supported": ["S256"],
            "claims_parameter_supported": True,
            "request_parameter_supported": True,
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        } | self.offers
        return {name: value for name, value in told.items() if value is not None}

    def visit(self, url: str) -> str:
        """The person opens the address, and answers; where they are led back to."""
        query = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        assert query["client_id"] == RP
        request = self.pushed.pop(query["request_uri"]) if "request_uri" in query else self._asked(query)
        self.requests.append(request)
        _check(request, self.redirect)
        self._show(request)
        code = secrets.token_urlsafe(16)
        self.codes[code] = request
        told = {"code": code, "state": request["state"], "iss": self.url}
        return f"{self.redirect}?{urlencode(self.leads(told))}"

    def _asked(self, query: dict[str, str]) -> Json:
        if "request" not in query:
            claims = json.loads(query["claims"]) if "claims" in query else None
            assert not {SIGN_REQUEST, USER_MESSAGE} & set(query), "what is shown must be signed"
            return query | ({"claims": claims} if claims else {})
        header, told = jwt.read(query["request"], rp_key())
        self.headers.append(header)
        assert header["typ"] == JAR
        assert (told["iss"], told["aud"], told["client_id"]) == (RP, self.url, RP)
        assert told["iat"] - 60 <= self.now.timestamp() <= told["exp"]
        assert "sub" not in told
        return told | {"signed": True}

    def _show(self, request: Json) -> None:
        scopes = request["scope"].split()
        asked = {f"{SCOPE}sign", f"{SCOPE}signApproval"} & set(scopes)
        assert bool(asked) == (SIGN_REQUEST in request)
        message = request.get(USER_MESSAGE)
        if asked:
            assert set(request["prompt"].split()) == {"login", "consent"}
            assert request.get("signed")
            assert ("tbs_data" in request[SIGN_REQUEST]) == (f"{SCOPE}sign" in scopes)
            message = request[SIGN_REQUEST]["sign_message"]
        if message:
            assert message["mime_type"] == "text/plain"
            self.shown.append(base64.b64decode(message["message#sv"], validate=True).decode())

    def reply(self, path: str, form: dict[str, str], headers: dict[str, str], peer: bool) -> Reply:
        self.seen.append((path, form, headers))
        if path in self.instead:
            return self.instead[path]
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/jwks":
            return 200, {"keys": self.keys}
        if not self._known(form, headers, peer):
            return 401, {"error": "invalid_client"}
        if path == "/par":
            reference = f"urn:ietf:params:oauth:request_uri:{secrets.token_hex(8)}"
            self.pushed[reference] = self._asked(form)
            return 201, {"request_uri": reference, "expires_in": 60}
        return self._redeemed(form) if path == "/token" else (404, {"error": "not_found"})

    def _redeemed(self, form: dict[str, str]) -> Reply:
        request = self.codes.pop(form.get("code", ""), None)
        challenge = jwt.b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if request is None or (request["code_challenge"], self.redirect) != (challenge, form["redirect_uri"]):
            return 400, {"error": "invalid_grant"}
        at = int(self.now.timestamp())
        claims = {"iss": self.url, "sub": "f1d0", "aud": RP, "iat": at, "exp": at + 300, "auth_time": at}
        claims |= {"nonce": request["nonce"], "txn": secrets.token_hex(8)} | self.person
        if f"{SCOPE}sign" in request["scope"].split():
            tbs = base64.b64decode(request[SIGN_REQUEST]["tbs_data"], validate=True)
            claims[f"{CLAIM}userSignature"] = base64.b64encode(b"signed: " + tbs).decode()
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.token(self, self.claims(claims))}

    def _known(self, form: dict[str, str], headers: dict[str, str], peer: bool) -> bool:
        if headers.get("authorization", "").startswith("Basic "):
            told = base64.b64decode(headers["authorization"][6:]).decode().split(":")
            return [unquote(each) for each in told] == [RP, SECRET]
        if "client_assertion" not in form:
            return peer and form.get("client_id") == RP
        _, told = jwt.read(form["client_assertion"], rp_key())
        fresh = told["iat"] - 60 <= self.now.timestamp() <= told["exp"] and len(told["jti"]) >= 16
        return fresh and (told["iss"], told["sub"]) == (RP, RP) and told["aud"] in {self.url, f"{self.url}/token"}


def _check(request: Json, redirect: str) -> None:
    assert (request["response_type"], request["redirect_uri"]) == ("code", redirect)
    assert "openid" in request["scope"].split()
    assert (request["code_challenge_method"], len(request["code_challenge"])) == ("S256", 43)
    assert int(request["max_age"]) == 0 and "login" in request["prompt"].split()
    assert len(request["state"]) >= 22 and len(request["nonce"]) >= 22


@contextmanager
def serving(double: Double) -> Iterator[str]:
    """The broker's address while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: value for name, (value,) in parse_qs(body, strict_parsing=True).items()})

        def _answer(self, form: dict[str, str]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            peer = bool(self.connection.getpeercert())  # type: ignore[attr-defined]
            status, told = double.reply(urlsplit(self.path).path, form, headers, peer)
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output clean."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: object) -> None:
            """A client that has gone away is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = server_context("broker", ssl.CERT_OPTIONAL).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    double.url = f"https://127.0.0.1:{server.server_address[1]}"
    try:
        yield double.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
