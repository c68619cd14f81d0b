"""Signed tokens written and read with a general library of cryptography, sharing nothing with what is tested."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


def jwk_of(key: Private, **told: str) -> dict[str, str]:
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_numbers()
        return {"kty": "RSA", "n": number(public.n), "e": number(public.e), **told}
    point = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    name = {"secp256r1": "P-256", "secp384r1": "P-384"}[key.curve.name]
    return {"kty": "EC", "crv": name, "x": b64(point.x.to_bytes(size)), "y": b64(point.y.to_bytes(size)), **told}


def pem_of(key: Private) -> bytes:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form)


def public_pem(key: Private) -> bytes:
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form)


def signed(header: dict[str, Any], claims: dict[str, Any] | bytes, key: Private | bytes | None) -> str:
    """A token; with a key of bytes an HMAC, with none no signature."""
    content = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    told = f"{b64(json.dumps(header).encode())}.{b64(content)}"
    return f"{told}.{b64(_signature(header['alg'], told.encode(), key))}"


def _signature(algorithm: str, told: bytes, key: Private | bytes | None) -> bytes:
    kind = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(algorithm[-3:])
    if key is None or kind is None:
        return b""
    if isinstance(key, bytes):
        return hmac.new(key, told, hashlib.sha256).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(kind), kind.digest_size)
        return key.sign(told, pss if algorithm.startswith("PS") else padding.PKCS1v15(), kind)
    r, s = decode_dss_signature(key.sign(told, ec.ECDSA(kind)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size) + s.to_bytes(size)


def read(token: str, key: Private) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token by RS256, PS256 or ES256; an exception when its signature does not hold."""
    first, second, third = token.split(".")
    header, told, signature = json.loads(unb64(first)), f"{first}.{second}".encode(), unb64(third)
    public = key.public_key()
    match header["alg"]:
        case "RS256":
            public.verify(signature, told, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr,call-arg]
        case "PS256":
            public.verify(signature, told, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())  # type: ignore[union-attr,call-arg]
        case "ES256":
            pair = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
            public.verify(pair, told, ec.ECDSA(hashes.SHA256()))  # type: ignore[union-attr,call-arg,arg-type]
        case other:
            raise ValueError(other)
    return header, json.loads(unb64(second))
