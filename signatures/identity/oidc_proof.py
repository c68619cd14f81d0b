"""What an OpenID Connect ID token proves, from its bytes and the key that signed it: today, and years later.

The broker signs who answered, when, at which level, and a nonce. Our nonce is the digest of the whole act and of the
text with it, so that the token vouches for this act and for no other.

It is weaker than a signature by the person's own key in one way, which whoever weighs it should know: no certificate
stands behind the broker's key. It was fetched from the broker itself, over TLS, when the person answered, and is kept
with the token. `Proof.thumbprint` (RFC 7638) is for comparing it with what the broker says it had.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc import jwk

from ..errors import IdentityRefused
from .checks import rank
from .evidence import PERSONAL_NUMBERS, IdentityEvidence, IdType
from .jose import opened, public, refused
from .order import Asked

METHOD = "oidc"
USER_SIGNATURE = "https://id.oidc.se/claim/userSignature"
_WRITTEN = {
    IdType.PERSONNUMMER: r"[0-9]{12}",  # Claims and Scopes Specification for the Swedish OIDC Profile 2.1.1
    IdType.SAMORDNINGSNUMMER: r"[0-9]{12}",  # … 2.1.2
    IdType.HSA_ID: r"[A-Z]{2}[0-9]{10}-[A-Z0-9]{1,18}",  # country, organisation number, the organisation's own
    IdType.ORG_ID: r"[^\s@]{1,200}@[0-9]{10}",  # … 2.2.2, orgAffiliation
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How one broker's tokens are read.

    `audience` is our own id there. `identifiers` and `name` say which claims carry what; `levels` what the broker's
    `acr` values are called by DIGG or eIDAS, where it has words of its own. `signature` demands the person's signature
    (`userSignature`).
    """

    issuer: str
    audience: str
    identifiers: Mapping[IdType, str]
    name: tuple[str, ...] = ("name",)
    levels: Mapping[str, str] = field(default_factory=dict)
    signature: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Who answered, at which level, and when they identified themselves (aware UTC); `issued` to `ends` is the token's
    own time. `user_signature` is as the broker gave it: no specification says of what kind, and it is not judged here.
    """

    identifiers: Mapping[IdType, str] = field(repr=False)
    name: str = field(repr=False)
    level: str
    at: datetime
    issued: datetime
    ends: datetime
    nonce: str
    thumbprint: str
    user_signature: bytes | None = field(default=None, repr=False)


def act_digest(asked: Asked) -> str:
    """The nonce that binds the act and the text sent with it: SHA-256, as base64url."""
    return _digest(asked.bound_json(), asked.shown)


def _digest(bound: bytes, shown: str) -> str:
    whole = json.dumps([bound.decode(), shown], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(whole.encode()).digest()).rstrip(b"=").decode()


def prove(token: str, key: Mapping[str, Any], nonce: str, reading: Reading) -> Proof:
    """What `token` proves to whoever trusts `key` (a public JWK) to be the broker's (OpenID Connect Core 3.1.3.7).

    Whether the token is of this moment is the caller's to ask. Raises IdentityRefused: `fel_bevis`, `fel_bindning` for
    another nonce, `for_lag_niva` without a level that is known, `inget_namn`.
    """
    found = opened(token, key)
    claims = found.claims
    if str(found.header.get("typ", "JWT")).upper() not in {"JWT", "APPLICATION/JWT"}:
        raise refused("its token is of another kind than an ID token")  # RFC 8725 3.11
    _require_for_us(claims, reading)
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise IdentityRefused("fel_bindning", "the broker vouches for another act than this one (nonce)")
    issued, ends = _moment(claims, "iat"), _moment(claims, "exp")
    if ends <= issued:
        raise refused("its token ended before it was issued")
    return Proof(
        identifiers=_identifiers(claims, reading),
        name=_name(claims, reading),
        level=_level(claims, reading),
        at=_moment(claims, "auth_time"),
        issued=issued,
        ends=ends,
        nonce=nonce,
        thumbprint=jwk.thumbprint(public(key)),
        user_signature=_user_signature(claims) if reading.signature else None,
    )


def raw_of(token: str, key: Mapping[str, Any], shown: str) -> bytes:
    """What is stored of an answer: the token, the key that signed it, and the text that was sent with the act."""
    kept = {"id_token": token, "jwk": public(key), "shown": shown}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check_stored(evidence: IdentityEvidence, reading: Reading) -> Proof:
    """Prove stored evidence again from its raw bytes, and that all it says is what they prove.

    Needs neither network nor clock. Raises IdentityRefused: `ofullstandigt_underlag` when the raw bytes are none of
    ours, else as `prove`, and `fel_person` or `fel_bevis` when they prove something else than the evidence says.
    """
    token, key, shown = _kept(evidence)
    bound = Asked("", "", evidence.bound, None).bound_json()
    proof = prove(token, key, _digest(bound, shown), reading)
    if (proof.identifiers.get(evidence.id_type), proof.name) != (evidence.id_value, evidence.name):
        raise IdentityRefused("fel_person", "the token is somebody else's than the evidence says")
    if (evidence.at, evidence.level, evidence.transaction_id) != (proof.at, proof.level, proof.nonce):
        raise refused("its time, level or transaction is not what the evidence says")
    return proof


def _kept(evidence: IdentityEvidence) -> tuple[str, dict[str, Any], str]:
    try:
        kept = json.loads(evidence.raw)
        token, key, shown = (kept[each] for each in ("id_token", "jwk", "shown"))
        if not (isinstance(token, str) and isinstance(shown, str)):
            raise TypeError
        same = raw_of(token, key, shown) == evidence.raw and evidence.method == METHOD
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IdentityRefused):
        same = False
    if not same:
        raise IdentityRefused("ofullstandigt_underlag", "the evidence holds no answer of a broker's")
    return token, key, shown


def _require_for_us(claims: Mapping[str, Any], reading: Reading) -> None:
    if claims.get("iss") != reading.issuer:
        raise refused("its token has another issuer")
    audience = claims.get("aud")
    if audience not in (reading.audience, [reading.audience]):  # others beside us are trusted by nobody here
        raise refused("its token is for another audience")
    if claims.get("azp", reading.audience) != reading.audience:
        raise refused("its token was issued to another party")


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(f"its token lacks {name}")
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise refused(f"its token has an {name} that is no time") from error


def _level(claims: Mapping[str, Any], reading: Reading) -> str:
    told = claims.get("acr")
    level = reading.levels.get(told, told) if isinstance(told, str) else ""
    if not rank(level):
        raise IdentityRefused("for_lag_niva", "the token tells no level of assurance that is known (acr)")
    return level


def _identifiers(claims: Mapping[str, Any], reading: Reading) -> dict[IdType, str]:
    found: dict[IdType, str] = {}
    for kind, claim in reading.identifiers.items():
        value = claims.get(claim)
        if value is None:
            continue
        if not isinstance(value, str) or not re.fullmatch(_WRITTEN[kind], value):
            raise refused(f"its token has a {kind.value} that is none")
        actual = _by_day(value) if kind in PERSONAL_NUMBERS else kind
        if found.setdefault(actual, value) != value:
            raise refused("its token names two persons")
    if not found or found.keys() >= PERSONAL_NUMBERS:  # … 3.2: the two numbers are mutually exclusive
        raise refused("its token names nobody, or two persons, by an identifier that is known here")
    return found


def _by_day(number: str) -> IdType:
    """A coordination number is a date whose day has 60 added (Skatteverket SKV 707), whatever the claim is called."""
    return IdType.SAMORDNINGSNUMMER if int(number[6:8]) > 60 else IdType.PERSONNUMMER


def _name(claims: Mapping[str, Any], reading: Reading) -> str:
    parts = [claims.get(each) for each in reading.name]
    if not all(isinstance(each, str) and each.strip() for each in parts) or not parts:
        raise IdentityRefused("inget_namn", "the token lacks the person's name")
    return " ".join(" ".join(map(str, parts)).split())


def _user_signature(claims: Mapping[str, Any]) -> bytes:
    """Signature Extension for OpenID Connect 5.2: without it the broker has to answer with an error."""
    try:
        found = base64.b64decode(str(claims.get(USER_SIGNATURE, "")), validate=True)
    except ValueError:
        found = b""
    if not found:
        raise refused("its token lacks the signature that was asked for")
    return found
