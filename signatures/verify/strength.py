"""Which algorithms and keys are strong enough, and until when (rule R10).

An algorithm is good until a day. What was made with it stays good after that day if it is proven to have existed
before it: by an archive time stamp over it, whose own algorithms are judged in the same way at the moment that the next
one proves, and the last one's now (ETSI EN 319 102-1, 5.2.8 and 5.6.2.4: the cryptographic constraints are asked at the
moment of the proof of existence).

The days are those of ETSI TS 119 312 v1.5.1 (which follows the SOG-IS Agreed Cryptographic Mechanisms), as EU DSS 6.4
carries them in its default policy; a day is the first on which the algorithm is no longer good. Two differences: DSS
only warns of a day later than its own table (2024-10-13), while here a day is a day; and RSA from 3000 bits on with
PKCS #1 v1.5 padding, "legacy" there until the end of 2028, has no end here: nothing is known against it. Who wants that
end, or learns of another, says so (`Weakened`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import cms, x509

from .chain import Chain
from .cms import only_signer
from .model import Weakened
from .opening import Opened
from .proof import Link, Proof, Walk

NEVER = datetime.min.replace(tzinfo=UTC)
"""The end of an algorithm that was never good, or is not known."""


def _day(year: int, month: int, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


HASHES: dict[str, datetime | None] = {
    "MD5": _day(2004, 8),
    "SHA1": _day(2012, 8),
    "SHA224": _day(2029, 1),
    "SHA512-224": _day(2029, 1),
    "SHA3-224": _day(2029, 1),
    **dict.fromkeys(("SHA256", "SHA384", "SHA512", "SHA512-256"), None),
    **dict.fromkeys(("SHA3-256", "SHA3-384", "SHA3-512", "SHAKE256", "SHAKE256-LEN"), None),
    "PKCS1V15": None,
}
"""Until when a hash, or the padding of RSA that is not PSS, is good; None where no end is known."""

KEYS: dict[str, tuple[tuple[int, datetime], ...]] = {
    "RSA": ((1024, _day(2010, 8)), (1900, _day(2019, 10)), (3000, _day(2029, 1))),
    "DSA": ((1900, _day(2015, 12)), (3000, _day(2029, 1))),
    "EC": ((224, _day(2012, 8)), (256, _day(2021, 10))),
    "ED25519": (),
    "ED448": (),
}
"""Until when a key shorter than so many bits is good; a longer one has no known end. (EdDSA: FIPS 186-5.)"""


class Strength(StrEnum):
    """How bad it is: good when used and without proof since, or no longer good when it was used."""

    WEAK = "weak"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Weakness:
    """One algorithm or key that does not hold."""

    strength: Strength
    what: str


@dataclass(frozen=True, slots=True)
class Use:
    """One algorithm at work: when it was used, and when what it made is proven to have existed at the latest."""

    what: str
    made: datetime
    proven: datetime


def weaknesses(opened: Opened, walk: Walk, now: datetime, weakened: Iterable[Weakened] = ()) -> list[Weakness]:
    """Everything too weak in the signatures, their time stamps, and the chains they were judged by."""
    found = {_judged(use, end_of(use.what, weakened)) for use in _uses(opened, walk, now)} - {None}
    return sorted((w for w in found if w), key=lambda w: (w.strength, w.what))


def _judged(use: Use, end: datetime | None) -> Weakness | None:
    if end is None or use.proven < end:
        return None
    return Weakness(Strength.BROKEN if use.made >= end else Strength.WEAK, use.what)


def strong_until(walk: Walk, weakened: Iterable[Weakened] = ()) -> datetime | None:
    """Until when the last archive time stamp's own algorithms are good; None without a seal, or without a known end."""
    if not walk.seals:
        return None
    ends = (end_of(what, weakened) for what in in_link(walk.seals[0]))
    return min((end for end in ends if end is not None), default=None)


def end_of(what: str, weakened: Iterable[Weakened] = ()) -> datetime | None:
    """The first moment at which the algorithm is no longer good; None when none is known.

    Of the table's day and those that have been set since, the earliest counts.
    """
    kind, bits = _parts(what)
    if kind in KEYS and (bits or not KEYS[kind]):
        tabled = next((end for below, end in KEYS[kind] if bits and bits < below), None)
    else:
        tabled = HASHES.get(what, NEVER)
    fallen = [w.since for w in weakened if concerns(w.algorithm, what)]
    return min((end for end in (tabled, *fallen) if end is not None), default=None)


def concerns(said: str, what: str) -> bool:
    """Whether a name in the settings means this algorithm: a hash by its name, a key by its kind and its most bits."""
    kind, bits = _parts(said)
    mine, length = _parts(what)
    if kind in KEYS:
        return kind == mine and (not bits or (length or 0) <= bits)
    return _plain(said) == _plain(what)


def is_known(said: str) -> bool:
    """Whether the table knows an algorithm by this name."""
    return _parts(said)[0] in KEYS or _plain(said) in {_plain(name) for name in HASHES}


def _parts(what: str) -> tuple[str, int | None]:
    """``RSA-3072`` as its kind and its bits."""
    kind, _, bits = what.upper().partition("-")
    return kind, int(bits) if bits.isdecimal() else None


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _uses(opened: Opened, walk: Walk, now: datetime) -> Iterator[Use]:
    proven = now
    for link in walk.seals:
        yield from (Use(what, link.token.time, proven) for what in in_link(link))
        proven = link.token.time if link.holds else proven
    for proof in walk.proofs:
        yield from _of_person(proof, now)
    reached = {link.field for link in walk.seals} | {str(p.signature.field_name) for p in walk.proofs}
    for signature in opened.signatures:  # what the walk did not come to is proven by nothing
        if str(signature.field_name) not in reached:
            found = (*_in_cms(signature.signed_data), _key(signature.signer_cert))
            yield from (Use(what, now, now) for what in found)


def _of_person(proof: Proof, now: datetime) -> Iterator[Use]:
    """A signature's own time stamp proves its value; only an archive time stamp proves all that it is about."""
    sealed = proof.sealed_at or now
    signed = proof.signed_at or sealed
    yield Use(_key(proof.cert), signed, signed)
    judged = _in_judged(proof.chain) if proof.chain else _in_chain((proof.cert,))
    found = (*_in_cms(proof.signature.signed_data), *judged)
    yield from (Use(what, signed, sealed) for what in found)
    for stamp in proof.stamps:
        yield from (Use(what, stamp.token.time, sealed) for what in in_link(stamp))


def in_link(link: Link) -> Iterator[str]:
    """Every algorithm and key that a time stamp rests on."""
    yield from _in_cms(link.token.signed_data)
    yield _key(link.token.signer)
    yield from _in_judged(link.when_made)
    yield from _in_judged(link.when_relied_on)


def _in_judged(chain: Chain) -> Iterator[str]:
    """What a chain rests on: its certificates, and the responders who alone say that one was not revoked."""
    yield from _in_chain((*chain.certs, *chain.responders))
    yield from (_key(responder) for responder in chain.responders)


def _in_chain(certs: Iterable[x509.Certificate]) -> Iterator[str]:
    """The algorithms that a chain is signed with; what a root says of itself proves nothing and is not asked."""
    for cert in certs:
        if cert.self_signed == "no":
            yield from _in_algorithm(cert["signature_algorithm"])
        if cert.ca:
            yield _key(cert)


def _in_cms(signed_data: cms.SignedData) -> Iterator[str]:
    info = only_signer(signed_data)
    yield from _named(info["digest_algorithm"]["algorithm"].native)
    yield from _in_algorithm(info["signature_algorithm"])
    content = signed_data["encap_content_info"]
    if content["content_type"].native == "tst_info":
        yield from _named(content["content"].parsed["message_imprint"]["hash_algorithm"]["algorithm"].native)


def _key(cert: x509.Certificate) -> str:
    key = cert.public_key
    kind = "RSA" if key.algorithm == "rsassa_pss" else str(key.algorithm).upper()
    return kind if kind in {"ED25519", "ED448"} else f"{kind}-{key.bit_size}"


def _in_algorithm(algorithm: cms.SignedDigestAlgorithm) -> Iterator[str]:
    """The padding and the hash that a signature algorithm implies; plain RSA and Ed25519 name no hash."""
    try:
        kind = algorithm.signature_algo
    except ValueError:  # one that nobody here knows: it has no day in the table, and so was never good
        yield from _named(str(algorithm["algorithm"].native))
        return
    if kind == "rsassa_pkcs1v15":
        yield "PKCS1V15"
    try:
        yield from _named(str(algorithm.hash_algo))
    except ValueError:
        return


def _named(name: str) -> Iterator[str]:
    yield name.upper().replace("_", "-")
