"""Encrypted files (``.enc``) and encrypted column values.

A file is ``PSENC1\\n``, one line of RFC 8785 JSON (the header, with the plain bytes' size and hashes) and the
AES-256-GCM ciphertext with its tag; the first two lines, exactly, are the additional authenticated data.
docs/arkivformat.md tells how to open one without this software. A nonce is random and used once: a plan's key seals
far fewer than 2^32 things.
"""

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline.errors import EnvironmentFailed

MAGIC = b"PSENC1\n"
NONCE_BYTES = 12
HEADER_LIMIT = 4096
COLUMN = b"\x01"
_KEYS = {"alg", "owner", "sha256", "sha512", "size", "nonce"}


@dataclass(frozen=True, slots=True)
class Header:
    """What an encrypted file says of itself in the clear: `owner`, and the plain bytes' `size` and hashes (hex)."""

    owner: str
    sha256: str
    sha512: str
    size: int
    nonce: bytes


def seal_bytes(key: bytes, owner: str, plaintext: bytes) -> bytes:
    """`plaintext` as an encrypted file under `key` (32 bytes), bound to `owner`."""
    nonce = os.urandom(NONCE_BYTES)
    header: dict[str, str | int] = {
        "alg": "A256GCM",
        "owner": owner,
        "sha256": hashlib.sha256(plaintext).hexdigest(),
        "sha512": hashlib.sha512(plaintext).hexdigest(),
        "size": len(plaintext),
        "nonce": base64.b64encode(nonce).decode("ascii"),
    }
    bound = MAGIC + rfc8785.dumps(header) + b"\n"
    return bound + AESGCM(key).encrypt(nonce, plaintext, bound)


def open_bytes(key: bytes, data: bytes) -> bytes:
    """The plain bytes of an encrypted file; raises `EnvironmentFailed` ("objekt_skadat") on any flaw."""
    header = read_header(data)
    end = data.index(b"\n", len(MAGIC)) + 1
    try:
        plaintext = AESGCM(key).decrypt(header.nonce, data[end:], data[:end])
    except InvalidTag as error:
        raise EnvironmentFailed("objekt_skadat") from error
    same = hmac.compare_digest(hashlib.sha256(plaintext).hexdigest(), header.sha256) and hmac.compare_digest(
        hashlib.sha512(plaintext).hexdigest(), header.sha512
    )
    if not same or len(plaintext) != header.size:
        raise EnvironmentFailed("objekt_skadat")
    return plaintext


def read_header(data: bytes) -> Header:
    """The header of an encrypted file, read from its first bytes (4096 are enough); not authenticated by itself.

    Raises `EnvironmentFailed` ("objekt_skadat") when it is not exactly what `seal_bytes` writes.
    """
    try:
        line = data[len(MAGIC) : data.index(b"\n", len(MAGIC), len(MAGIC) + HEADER_LIMIT)]
        found = json.loads(line)
        if not data.startswith(MAGIC) or set(found) != _KEYS or rfc8785.dumps(found) != line:
            raise ValueError("header")
        if found["alg"] != "A256GCM" or type(found["size"]) is not int:
            raise ValueError("header")
        nonce = base64.b64decode(found["nonce"], validate=True)
        if len(nonce) != NONCE_BYTES:
            raise ValueError("nonce")
        return Header(str(found["owner"]), str(found["sha256"]), str(found["sha512"]), found["size"], nonce)
    except (ValueError, TypeError, RecursionError) as error:
        raise EnvironmentFailed("objekt_skadat") from error


def seal_value(key: bytes, owner: str, column: str, value: str) -> bytes:
    """`value` encrypted for the column named `column` of `owner`: 0x01, nonce, ciphertext, tag.

    `column` is ``table.column``, or ``table.column.id`` where a value opens in its own row only.
    """
    nonce = os.urandom(NONCE_BYTES)
    return COLUMN + nonce + AESGCM(key).encrypt(nonce, value.encode("utf-8"), _column_bound(owner, column))


def open_value(key: bytes, owner: str, column: str, data: bytes) -> str:
    """The value that `seal_value` sealed for the same owner and column; raises `EnvironmentFailed` otherwise."""
    if not isinstance(data, bytes) or data[:1] != COLUMN or len(data) < 1 + NONCE_BYTES:
        raise EnvironmentFailed("objekt_skadat")  # SQLite keeps a value of any type in any column
    nonce, rest = data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, _column_bound(owner, column)).decode("utf-8")
    except InvalidTag as error:
        raise EnvironmentFailed("objekt_skadat") from error


def _column_bound(owner: str, column: str) -> bytes:
    return b"plansigill column v1\n" + rfc8785.dumps([owner, column])
