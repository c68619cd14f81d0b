"""An OpenID Connect broker from our side: where it is, what it offers, and how we show it who we are.

OpenID Connect Discovery 1.0, pushed requests (RFC 9126), mutual TLS (RFC 8705), client authentication by a signed
assertion or a secret (OpenID Connect Core 9).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from authlib.oidc.discovery import OpenIDProviderMetadata

from ..errors import IdentityRefused, IdentityUnavailable
from .http import Service
from .jose import OwnKey

SIGNED_LOGIN = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 2.2
LOGIN_LIFE = timedelta(minutes=1)


class Login(StrEnum):
    """How we show the broker who we are (OpenID Connect Core 9, RFC 8705 2)."""

    KEY = "private_key_jwt"
    CERTIFICATE = "tls_client_auth"
    SECRET = "client_secret_basic"  # noqa: S105 (the name of a way, no secret)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the broker's discovery document says, as far as it is used here."""

    issuer: str
    authorization: str
    token: str
    keys: str
    pushed: str | None
    names_itself: bool
    """Whether it says in its answer who it is (RFC 9207)."""
    signed_requests: bool
    demands_signed: bool
    claims: bool
    scopes: frozenset[str]
    login_algorithms: frozenset[str]
    request_algorithms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker as configured: `service` is reached at its issuer's address, `rp_id` is what it calls us.

    `key` signs our assertions and requests, `secret` is the one that the broker has given us.
    """

    service: Service = field(repr=False)
    issuer: str
    rp_id: str
    login: Login
    key: OwnKey | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)

    def offer(self, now: datetime) -> Offer:
        """What it offers, asked for once an hour. Raises IdentityUnavailable."""
        return _discovered(self.service, self.issuer, self.login, int(now.timestamp()) // 3600)

    def push(self, offer: Offer, form: Mapping[str, str], now: datetime) -> tuple[str, timedelta]:
        """Leave a request with the broker; the reference to it, and how long it can be opened (RFC 9126 2.2).

        Raises IdentityUnavailable.
        """
        told = self._post(str(offer.pushed), form, self.issuer, offer, now)
        reference, seconds = told.get("request_uri"), told.get("expires_in")
        if not isinstance(reference, str) or not 0 < len(reference) <= 1000:
            raise unusable("it has taken our request without a reference to it")
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 10**9:
            raise unusable("it does not say how long our request can be opened")
        return reference, timedelta(seconds=seconds)

    def redeem(self, code: str, private: Mapping[str, str], redirect: str, now: datetime) -> str:
        """The ID token for a code (OpenID Connect Core 3.1.3). Raises IdentityRefused when the code is worth nothing,
        IdentityUnavailable."""
        offer = self.offer(now)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        told = self._post(offer.token, form | {"code_verifier": private["verifier"]}, offer.token, offer, now)
        token = told.get("id_token")
        if not isinstance(token, str) or not token:
            raise unusable("its answer lacks the ID token")
        return token

    def keys(self, now: datetime) -> list[object]:
        """The keys that the broker publishes now (RFC 7517 5). Raises IdentityUnavailable."""
        found = self.service.get_json(self.offer(now).keys).get("keys")
        if not isinstance(found, list):
            raise unusable("it publishes no keys")
        return found

    def _post(self, url: str, form: Mapping[str, str], audience: str, offer: Offer, now: datetime) -> dict[str, Any]:
        shown, headers = self._shown(audience, offer, now)
        answer = self.service.post_form(url, {**form, **shown}, headers)
        if answer.status in {200, 201}:
            return answer.body
        code = answer.body.get("error")
        if code == "invalid_grant":
            why = "the broker does not take the code: it was used, is too old, or is not ours"
            raise IdentityRefused("legitimering_avbruten", why, hint="oidc_misslyckades")
        known = code if isinstance(code, str) and code.replace("_", "").isalnum() and len(code) <= 40 else ""
        raise IdentityUnavailable(
            "legitimering_felaktig", f"the broker refuses: status {answer.status} {known}".rstrip(), kod=known
        )

    def _shown(self, audience: str, offer: Offer, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
        """Who we are: what goes into the form, and into the headers."""
        if self.login is Login.SECRET:
            pair = f"{quote(self.rp_id, safe='')}:{quote(self.secret or '', safe='')}"  # RFC 6749 2.3.1
            return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        if self.login is Login.CERTIFICATE:
            return {"client_id": self.rp_id}, {}
        if self.key is None:
            raise unusable("there is no key to show it who we are")
        issued = int(now.timestamp())
        claims = {
            "iss": self.rp_id,
            "sub": self.rp_id,
            "aud": audience,
            "jti": secrets.token_hex(16),
            "iat": issued,
            "exp": issued + int(LOGIN_LIFE.total_seconds()),
        }
        shown = signed(self.key, claims, None, offer.login_algorithms)
        return {"client_id": self.rp_id, "client_assertion_type": SIGNED_LOGIN, "client_assertion": shown}, {}


def signed(key: OwnKey, claims: Mapping[str, Any], kind: str | None, advertised: frozenset[str]) -> str:
    """`claims` signed by our key as the broker wants it. Raises IdentityUnavailable when it wants another key."""
    try:
        return key.sign(claims, kind, advertised)
    except ValueError as error:
        raise unusable("it takes no algorithm of our key's") from error


@lru_cache(maxsize=16)
def _discovered(service: Service, issuer: str, login: Login, _hour: int) -> Offer:
    told = service.get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    try:
        OpenIDProviderMetadata(told).validate()
    except (ValueError, TypeError, AttributeError) as error:  # the last two for members of another kind than they are
        raise unusable(f"its discovery document is not as it must be: {error}"[:200]) from error
    if told.get("issuer") != issuer:
        raise unusable("its discovery document is another issuer's")
    if "code" not in _listed(told, "response_types_supported"):
        raise unusable("it does not offer the authorization code flow")
    if "S256" not in (_listed(told, "code_challenge_methods_supported") or {"S256"}):
        raise unusable("it does not offer PKCE with S256")
    alias = told.get("mtls_endpoint_aliases") if login is Login.CERTIFICATE else None  # RFC 8705 5
    ours = told | (alias if isinstance(alias, dict) else {})
    return Offer(
        issuer=issuer,
        authorization=_address(told, "authorization_endpoint"),
        token=_address(ours, "token_endpoint"),
        keys=_address(told, "jwks_uri"),
        pushed=_address(ours, "pushed_authorization_request_endpoint")
        if "pushed_authorization_request_endpoint" in ours
        else None,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        signed_requests=told.get("request_parameter_supported") is True,
        demands_signed=told.get("require_signed_request_object") is True,  # RFC 9101 10.5
        claims=told.get("claims_parameter_supported") is True,
        scopes=_listed(told, "scopes_supported"),
        login_algorithms=_listed(told, "token_endpoint_auth_signing_alg_values_supported"),
        request_algorithms=_listed(told, "request_object_signing_alg_values_supported"),
    )


def _address(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value.startswith("https://") or "#" in value or len(value) > 2000:
        raise unusable(f"its discovery document has no {key} that can be used")
    return value


def _listed(told: Mapping[str, Any], key: str) -> frozenset[str]:
    value = told.get(key)
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()


def unusable(why: str) -> IdentityUnavailable:
    """The broker is not as it must be, and how."""
    return IdentityUnavailable("legitimering_felaktig", f"the broker: {why}")
