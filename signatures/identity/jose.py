"""Signed tokens (JWS, RFC 7515, in compact form): only what an asymmetric key has signed is ever read.

An algorithm is one of ours, never one that the token asks for: `none` and HMAC are refused before any key is looked at
(RFC 8725 3.1), keys of a weaker kind are passed over, and a token that demands an extension (`crit`) is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwk, jws
from joserfc.errors import JoseError

from ..errors import IdentityRefused

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
LARGEST = 120_000  # characters of a token; one with a user's signature in it has some 30 000
LEAST_RSA = 2048  # bits, OIDC Sweden Profile 7.1
MOST_KEYS = 100
LONGEST_HEADER = 16_000  # bytes; some brokers send their certificates in it
_MALFORMED = (JoseError, ValueError, TypeError, KeyError, RecursionError)
_OF_KEY = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class _Registry(jws.JWSRegistry):
    max_header_length = LONGEST_HEADER


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose signature holds: its header and its claims."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """Our own key for signing tokens: PKCS#8 in PEM, and the `kid` under which its public half is registered."""

    pem: bytes = field(repr=False)
    kid: str | None = None

    def sign(self, claims: Mapping[str, Any], kind: str | None = None, advertised: Collection[str] = ()) -> str:
        """A token of `claims`, by the first algorithm of the key's that is `advertised`; `kind` is its `typ`.

        Raises ValueError when the key is of no kind that is used here, or the other side takes none of its algorithms.
        """
        key = jwk.import_key(self.pem, "EC" if isinstance(self.loaded(), ec.EllipticCurvePrivateKey) else "RSA")
        able = [each for each in self._algorithms() if not advertised or each in advertised]
        if not able:
            raise ValueError("the other side takes none of the key's algorithms")
        header = {"alg": able[0]} | ({"typ": kind} if kind else {}) | ({"kid": self.kid} if self.kid else {})
        content = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
        return jws.serialize_compact(header, content, key, algorithms=able[:1])

    def loaded(self) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
        """The key itself. Raises ValueError when it is none, or of no kind or strength that is used here."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = load_pem_private_key(self.pem, None)
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_RSA:
            return key
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in {"secp256r1", "secp384r1", "secp521r1"}:
            return key
        raise ValueError("neither RSA of 2048 bits or more, nor one of the NIST curves")

    def _algorithms(self) -> tuple[str, ...]:
        key = self.loaded()
        if isinstance(key, rsa.RSAPrivateKey):
            return ("RS256", "PS256", "RS384", "RS512", "PS384", "PS512")
        return ({"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}[key.curve.name],)


def header_of(token: str) -> dict[str, Any]:
    """What a token says of how it is signed, not yet proven. Raises IdentityRefused `fel_bevis`."""
    parts = token.split(".")
    if len(token) > LARGEST or len(parts) != 3:
        raise refused("its token is larger than any, or not signed in compact form")
    header = _json_object(_decoded(parts[0]))
    if str(header.get("alg")) not in ALGORITHMS:
        raise refused("its token is signed by an algorithm that proves nothing here")
    if "crit" in header:
        raise refused("its token demands what is not understood here")
    return header


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, not proven by its own signature. Raises IdentityRefused `fel_bevis`."""
    header_of(token)
    return _json_object(_decoded(token.split(".")[1]))


def opened(token: str, key: Mapping[str, Any], allowed: Collection[str] = ALGORITHMS) -> Token:
    """The token, when `key` (a public JWK) has signed it by one of `allowed`. Raises IdentityRefused `fel_bevis`."""
    header = header_of(token)
    if header["alg"] not in allowed or not _fits(key, header):
        raise refused("its token is signed by another kind of key or algorithm than agreed")
    try:
        registry = _Registry(algorithms=[header["alg"]], strict_check_header=False)
        signed = jws.deserialize_compact(token, jwk.import_key(public(key)), registry=registry)
        content = signed.payload or b""
    except _MALFORMED as error:
        raise refused("its token's signature does not hold") from error
    if token.split(".")[1] != base64.urlsafe_b64encode(content).rstrip(b"=").decode():
        raise refused("its token is written in another way than base64url")
    return Token(header, _json_object(content))


def signing_key(token: str, keys: Iterable[object]) -> dict[str, Any]:
    """The one of `keys` (a JWK set's) that the token names: by `kid`, or the only one that fits when it names none.

    Only its public half comes back. Raises IdentityRefused `fel_bevis` when there is none, or more than one.
    """
    header = header_of(token)
    held = [each for _, each in zip(range(MOST_KEYS), keys, strict=False) if isinstance(each, dict)]
    found = [each for each in held if _fits(each, header) and ("kid" not in header or each.get("kid") == header["kid"])]
    if len(found) != 1:
        raise refused("no key, or more than one, is published for its token")
    return public(found[0])


def public(key: Mapping[str, Any]) -> dict[str, Any]:
    """A key's public half, without anything else. Raises IdentityRefused `fel_bevis` when it is no such key."""
    members = _OF_KEY.get(str(key.get("kty")), ())
    if not members or not all(isinstance(key.get(each), str) for each in members):
        raise refused("its key is of no kind that is used for signatures here")
    return {each: key[each] for each in ("kty", *members)}


def _fits(key: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    """Whether the key may have signed a token with this header (RFC 7517 4.2 to 4.4); symmetric keys never."""
    algorithm = str(header["alg"])
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return False
    if "key_ops" in key and "verify" not in (key["key_ops"] if isinstance(key["key_ops"], list) else ()):
        return False
    if algorithm.startswith("ES"):
        return key.get("kty") == "EC" and key.get("crv") == _CURVES[algorithm]
    return key.get("kty") == "RSA" and isinstance(key.get("n"), str) and _bits(key["n"]) >= LEAST_RSA


def _bits(number: str) -> int:
    try:
        return int.from_bytes(_decoded(number)).bit_length()
    except IdentityRefused:
        return 0


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise refused("its token is written in another way than base64url") from error


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data, object_pairs_hook=_once)
        json.dumps(found, ensure_ascii=False).encode()  # half a character (a lone surrogate) can be kept nowhere
    except (ValueError, RecursionError) as error:
        raise refused("its token holds no JSON") from error
    if not isinstance(found, dict):
        raise refused("its token holds no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 7519 4: a claim that stands twice is refused rather than read one way or the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def refused(why: str) -> IdentityRefused:
    """Evidence that does not hold, and why."""
    return IdentityRefused("fel_bevis", f"the identity service's answer: {why}")
