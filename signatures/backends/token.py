"""Keys in a token or a hardware module (PKCS#11), which sign and never leave it.

The module is asked anew each time, so that one that was away is found again; a PIN that was refused is not tried again
by this process, since a token locks after a few wrong ones.
"""

# mypy: allow-untyped-calls
# python-pkcs11 is only half typed.

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, NoReturn

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pkcs11.exceptions import (
    MultipleObjectsReturned,
    NoSuchKey,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
)
from pkcs11.util.ec import encode_ecdsa_signature

from ..errors import BackendRefused, BackendUnavailable

_REFUSED: set[Token] = set()
_ONE_AT_A_TIME = RLock()  # a login is the whole process's, and the last to leave logs out for all


@dataclass(frozen=True, slots=True)
class Token:
    """A token by its label, behind a PKCS#11 `library`; `pin` opens it."""

    library: Path
    label: str
    pin: str = field(repr=False)


@contextmanager
def opened(token: Token) -> Iterator[Any]:
    """A session in the token.

    Raises BackendRefused `fel_pin` and `signeringsnyckel_saknas`, BackendUnavailable `nyckel_onabar`.
    """
    with _ONE_AT_A_TIME:
        if token in _REFUSED:
            raise BackendRefused("fel_pin", "the token took no such PIN before, and is not asked again")
        try:
            library = pkcs11.lib(str(token.library))
            with library.get_token(token_label=token.label).open(user_pin=token.pin) as session:
                yield session
        except (PinIncorrect, PinInvalid, PinLenRange, PinLocked) as error:
            _REFUSED.add(token)
            raise BackendRefused("fel_pin", f"the token takes no such PIN ({type(error).__name__})") from error
        except (NoSuchKey, MultipleObjectsReturned) as error:
            raise BackendRefused("signeringsnyckel_saknas", "the token has no such key, or several") from error
        except (PKCS11Error, OSError, RuntimeError) as error:
            raise BackendUnavailable("nyckel_onabar", f"the token does not answer ({type(error).__name__})") from error


def require_key(token: Token, key: str) -> None:
    """Raise as `opened` does unless the token opens and holds one private key labelled `key`."""
    with opened(token) as session:
        session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=key)


def sign_in_token(token: Token, key: str, certificate: x509.Certificate, data: bytes) -> bytes:
    """SHA-256 with RSA (PKCS#1 v1.5) or ECDSA (DER) over `data`, by the private key labelled `key`; raises as
    `opened` does."""
    with opened(token) as session:
        private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=key)
        if isinstance(certificate.public_key(), rsa.RSAPublicKey):
            return bytes(private.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        # Few tokens hash for ECDSA themselves.
        raw = private.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        return bytes(encode_ecdsa_signature(raw))


def _public_key(token: Token, key: str) -> rsa.RSAPublicKey:
    with opened(token) as session:
        found = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=key)
        if found.key_type is not pkcs11.KeyType.RSA:
            raise BackendRefused("svag_algoritm", "an issuer's key in a token is an RSA key")
        modulus = int.from_bytes(found[pkcs11.Attribute.MODULUS], "big")
        exponent = int.from_bytes(found[pkcs11.Attribute.PUBLIC_EXPONENT], "big")
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


class TokenKey(rsa.RSAPrivateKey):
    """An RSA key in a token as `cryptography` knows keys, so that an issuer can sign certificates, lists and answers
    with it. It signs with PKCS#1 v1.5 and SHA-256, and does nothing else."""

    def __init__(self, token: Token, key: str) -> None:
        self._token, self._key = token, key
        self._public = _public_key(token, key)

    @property
    def key_size(self) -> int:
        """Bits of the modulus."""
        return self._public.key_size

    def public_key(self) -> rsa.RSAPublicKey:
        """The public half."""
        return self._public

    def sign(self, data: bytes, padding_: Any, algorithm: Any) -> bytes:
        """The token's signature over `data`; raises as `opened` does."""
        if not isinstance(padding_, padding.PKCS1v15) or not isinstance(algorithm, hashes.SHA256):
            raise TypeError("a key in a token signs with PKCS#1 v1.5 and SHA-256 alone")
        with opened(self._token) as session:
            private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._key)
            return bytes(private.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))

    def decrypt(self, ciphertext: bytes, padding: Any) -> NoReturn:
        """Not what this key is for."""
        raise TypeError("a key in a token only signs")

    def private_numbers(self) -> NoReturn:
        """They never leave the token."""
        raise TypeError("a key in a token never leaves it")

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> NoReturn:
        """They never leave the token."""
        raise TypeError("a key in a token never leaves it")

    def __copy__(self) -> TokenKey:
        """The same key."""
        return self

    def __deepcopy__(self, memo: object) -> TokenKey:
        """The same key."""
        return self
