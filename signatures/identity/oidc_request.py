"""What an OpenID Connect broker is asked: the authorization request, signed where that can be, pushed where it can.

Authorization code flow (OpenID Connect Core 3.1.2.1) with PKCE (RFC 7636), always for a fresh identification. A signed
request is RFC 9101's. What the person is shown, and what they sign, is the Signature Extension for OpenID Connect of
OIDC Sweden, and stands only in a signed request (3.1.2 there).

An address that a person opens is seen by browsers and logs: it never says whom we ask for. Only a request that is
pushed to the broker itself does.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from ..errors import IdentityRefused
from .evidence import IdType
from .jose import OwnKey
from .oidc_broker import Broker, Offer, signed, unusable
from .oidc_proof import Reading, act_digest
from .order import Asked

REQUEST_KIND = "oauth-authz-req+jwt"  # RFC 9101 10.8
REQUEST_LIFE = timedelta(minutes=10)
SIGN_REQUEST = "https://id.oidc.se/param/signRequest"
USER_MESSAGE = "https://id.oidc.se/param/userMessage"
LONGEST_URL = 8000  # characters that a server must be able to take (RFC 9110 4.1)


class Ask(StrEnum):
    """What the person is asked at the broker, besides who they are; only the first can go unsigned."""

    LOGIN = "login"
    """Nothing; the text is not shown there."""
    MESSAGE = "message"
    """To read the text (Request Parameter Extensions 2.1)."""
    APPROVAL = "approval"
    """To approve the text as what they sign (Signature Extension 2.2)."""
    SIGNATURE = "signature"
    """To sign the act with a key of their own (… 2.1)."""


_SCOPES = {
    Ask.APPROVAL: "https://id.oidc.se/scope/signApproval",
    Ask.SIGNATURE: "https://id.oidc.se/scope/sign",
}


@dataclass(frozen=True, slots=True)
class Request:
    """How the broker is asked: where it leads the person back, with which scopes, for what, at which levels (`acr`)."""

    redirect: str
    scopes: tuple[str, ...]
    ask: Ask = Ask.LOGIN
    acr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A request that has been made: the address to open, for how long, and what collecting its answer needs."""

    opens: timedelta
    private: Mapping[str, str] = field(repr=False)


def begin(broker: Broker, reading: Reading, how: Request, asked: Asked, now: datetime) -> Begun:
    """The request for one act. Raises IdentityRefused `ofullstandigt_underlag` when it cannot be asked so, and
    IdentityUnavailable."""
    offer = broker.offer(now)
    scope = _SCOPES.get(how.ask)
    if scope is not None and scope not in offer.scopes:  # … 4.1: to be looked up before it is asked for
        raise unusable("it does not offer what is asked for (scopes_supported)")
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    told = _told(broker, reading, how, asked, offer) | {
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
    }
    if key := _request_key(broker, how, offer):
        sent = {"client_id": broker.rp_id, "request": _signed(key, told | _extension(how, asked), broker, offer, now)}
        if offer.pushed is None:  # OpenID Connect Core 6.1: these two must stand outside as well
            sent |= {"response_type": "code", "scope": told["scope"]}
    else:
        sent = {name: value if isinstance(value, str) else _json(value) for name, value in told.items()}
    opens = REQUEST_LIFE
    if offer.pushed is not None:
        reference, opens = broker.push(offer, sent, now)
        sent = {"client_id": broker.rp_id, "request_uri": reference}
    url = offer.authorization + ("&" if urlsplit(offer.authorization).query else "?") + urlencode(sent)
    if len(url) > LONGEST_URL:
        raise IdentityRefused("ofullstandigt_underlag", "the request is longer than an address may be")
    return Begun(opens, {"verifier": verifier, "state": state, "url": url})


def _told(broker: Broker, reading: Reading, how: Request, asked: Asked, offer: Offer) -> dict[str, Any]:
    """The parameters; `max_age` of 0 makes `auth_time` stand in the token, and be of now."""
    scopes = ("openid", *how.scopes, *((_SCOPES[how.ask],) if how.ask in _SCOPES else ()))
    told: dict[str, Any] = {
        "response_type": "code",
        "client_id": broker.rp_id,
        "redirect_uri": how.redirect,
        "scope": " ".join(dict.fromkeys(scopes)),
        "nonce": act_digest(asked),
        "code_challenge_method": "S256",
        "prompt": "login consent" if how.ask in _SCOPES else "login",  # … 4.1
        "max_age": 0,
        "ui_locales": "sv",
    }
    if offer.claims:
        told["claims"] = {"id_token": _claims(reading, how, asked, private=offer.pushed is not None)}
    elif how.acr:
        told["acr_values"] = " ".join(how.acr)
    return told


def _claims(reading: Reading, how: Request, asked: Asked, *, private: bool) -> dict[str, Any]:
    """What must stand in the ID token (Core 5.5): only what the broker signs is evidence. Whom we ask for is said to
    the broker alone (`private`), so that nobody else is shown what they are to sign (Signature Extension 4.1.1)."""
    essential: dict[str, Any] = {"essential": True}
    wanted: dict[str, Any] = {"acr": essential | ({"values": list(how.acr)} if how.acr else {})}
    wanted |= dict.fromkeys(reading.name, essential)
    kinds = dict(reading.identifiers)
    if asked.wanted is not None and asked.wanted.id_type in kinds:
        kinds = {asked.wanted.id_type: kinds[asked.wanted.id_type]}
        value = _as_told(asked.wanted.id_type, asked.wanted.id_value)
        wanted[kinds[asked.wanted.id_type]] = essential | ({"value": value} if private else {})
    else:
        wanted |= dict.fromkeys(kinds.values(), None)
    return wanted


def _as_told(kind: IdType, value: str) -> str:
    return value.replace("-", "") if kind in {IdType.PERSONNUMMER, IdType.SAMORDNINGSNUMMER} else value


def _request_key(broker: Broker, how: Request, offer: Offer) -> OwnKey | None:
    """The key to sign the request with, where it has to be signed or the broker can read it."""
    must = how.ask is not Ask.LOGIN or offer.demands_signed
    if must and broker.key is None:
        raise unusable("it takes signed requests only, and there is no key to sign one with")
    return broker.key if must or offer.signed_requests else None


def _signed(key: OwnKey, told: Mapping[str, Any], broker: Broker, offer: Offer, now: datetime) -> str:
    issued = int(now.timestamp())
    times = {"iat": issued, "nbf": issued, "exp": issued + int(REQUEST_LIFE.total_seconds())}
    claims = {**told, "iss": broker.rp_id, "aud": broker.issuer, "jti": secrets.token_hex(16), **times}
    return signed(key, claims, REQUEST_KIND, offer.request_algorithms)


def _extension(how: Request, asked: Asked) -> dict[str, Any]:
    message = {"message#sv": _base64(asked.shown.encode()), "mime_type": "text/plain"}
    match how.ask:
        case Ask.MESSAGE:
            return {USER_MESSAGE: message}
        case Ask.APPROVAL:
            return {SIGN_REQUEST: {"sign_message": message}}
        case Ask.SIGNATURE:
            return {SIGN_REQUEST: {"tbs_data": _base64(asked.bound_json()), "sign_message": message}}
    return {}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
