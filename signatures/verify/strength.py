"""Which algorithms and keys are strong enough (rule R10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from asn1crypto import cms, x509

from .cms import only_signer, signature_tokens
from .opening import Opened
from .proof import Walk

_STRONG_HASHES = {"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256", "shake256_len"}
_FORMERLY_STRONG = {"sha224", "sha512_224", "sha3_224"}
_MIN_RSA, _BROKEN_RSA, _MIN_CURVE = 3072, 2048, 256


class Strength(StrEnum):
    """How bad it is."""

    WEAK = "weak"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Weakness:
    """One algorithm or key below what is demanded."""

    strength: Strength
    what: str


def weaknesses(opened: Opened, walk: Walk) -> list[Weakness]:
    """Everything too weak in the signatures, their time stamps, and the chains they were judged by."""
    certs: dict[bytes, x509.Certificate] = {}
    found: set[Weakness] = set()
    for signature in opened.signatures:
        for signed_data in (signature.signed_data, *signature_tokens(signature.signed_data)):
            found.update(_in_cms(signed_data))
        certs[signature.signer_cert.sha256] = signature.signer_cert
    links = [*walk.seals, *(p.stamp for p in walk.proofs if p.stamp)]
    chains = [link.when_made for link in links] + [p.chain for p in walk.proofs if p.chain]
    for cert in [link.token.signer for link in links] + [c for chain in chains for c in chain.certs]:
        certs[cert.sha256] = cert
    for cert in certs.values():
        found.update(_in_certificate(cert))
    return sorted(found, key=lambda w: (w.strength, w.what))


def _in_cms(signed_data: cms.SignedData) -> Iterator[Weakness]:
    info = only_signer(signed_data)
    yield from _hash(info["digest_algorithm"]["algorithm"].native)
    yield from _hash(_hash_of(info["signature_algorithm"]))
    content = signed_data["encap_content_info"]
    if content["content_type"].native == "tst_info":
        yield from _hash(content["content"].parsed["message_imprint"]["hash_algorithm"]["algorithm"].native)


def _in_certificate(cert: x509.Certificate) -> Iterator[Weakness]:
    if cert.self_signed == "no":
        yield from _hash(_hash_of(cert["signature_algorithm"]))
    key = cert.public_key
    if key.algorithm in {"rsa", "rsassa_pss"}:
        if key.bit_size < _BROKEN_RSA:
            yield Weakness(Strength.BROKEN, f"RSA-{key.bit_size}")
        elif key.bit_size < _MIN_RSA:
            yield Weakness(Strength.WEAK, f"RSA-{key.bit_size}")
    elif key.algorithm == "ec":
        if key.bit_size < _MIN_CURVE:
            yield Weakness(Strength.BROKEN, f"EC-{key.bit_size}")
    elif key.algorithm not in {"ed25519", "ed448"}:
        yield Weakness(Strength.BROKEN, str(key.algorithm).upper())


def _hash_of(algorithm: cms.SignedDigestAlgorithm) -> str | None:
    """The hash a signature algorithm implies; None where it names none (plain RSA, Ed25519)."""
    try:
        return str(algorithm.hash_algo)
    except ValueError:
        return None


def _hash(name: str | None) -> Iterator[Weakness]:
    if name is None or name in _STRONG_HASHES:
        return
    strength = Strength.WEAK if name in _FORMERLY_STRONG else Strength.BROKEN
    yield Weakness(strength, name.upper().replace("_", "-"))
