"""Keyed hashes: finding a person without storing who it is.

Every hash is HMAC-SHA-256 under the look-up key (`Keys.lookup`), with the column's own name in front, so that hashes of
different columns never meet. A name is stored as its words, each both as written and without diacritics: "Björk" finds
only Björk, "Bjork" finds Bjork and Björk. A person with protected identity has no name hashes at all and is found
by plan id and personal id only (OSL 22 kap. 1 §; Skatteverkets sekretessmarkering).
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "œ": "oe", "ı": "i"})


def person_key(secret: bytes, typ: str, varde: str) -> bytes:
    """The hash of a personal id. A personnummer or samordningsnummer is given normalised, with 12 digits.

    The two share one series of numbers and so one kind of hash; a reservnummer or internal id keeps its letters.
    """
    if typ in {"personnummer", "samordningsnummer"}:
        digits = re.sub(r"[-+\s]", "", varde)
        if not re.fullmatch(r"[0-9]{12}", digits):
            raise ValueError("a personnummer is normalised to 12 digits before it is looked up")
        return _hash(secret, "nummer", digits)
    return _hash(secret, typ, _folded(varde))


def unit_key(secret: bytes, enhet: str) -> bytes:
    """The hash of a unit's name, whatever its case and spacing."""
    return _hash(secret, "enhet", " ".join(_folded(enhet).split()))


def actor_key(secret: bytes, actor: str) -> str:
    """A pseudonym (32 hex digits) of the one who acted, for the trail."""
    return _hash(secret, "aktor", _folded(actor)).hex()[:32]


def transaction_key(secret: bytes, method: str, transaction_id: str, part: str = "") -> bytes:
    """The hash of an identity service's transaction, or of a part of a batch, so that an answer counts once."""
    return _hash(secret, "legitimering", f"{method}\x00{transaction_id}\x00{part}")


def name_keys(secret: bytes, names: Iterable[str | None], *, protected: bool) -> frozenset[bytes]:
    """The hashes to store for a person's names; none for a protected person."""
    if protected:
        return frozenset()
    words = {word for name in names if name for word in _words(name)}
    exact = {_hash(secret, "namn", word) for word in words}
    return frozenset(exact | {_hash(secret, "namn-bas", _plain(word)) for word in words})


def name_query(secret: bytes, text: str) -> tuple[bytes, ...]:
    """The hashes that all must be there for a person whose name has every word of `text`."""
    return tuple(
        _hash(secret, "namn-bas", word) if _plain(word) == word else _hash(secret, "namn", word)
        for word in dict.fromkeys(_words(text))
    )


def _hash(secret: bytes, kind: str, value: str) -> bytes:
    return hmac.digest(secret, kind.encode("ascii") + b"\x00" + value.encode("utf-8"), hashlib.sha256)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", _folded(text))


def _plain(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if not unicodedata.combining(char)).translate(_LETTERS)
