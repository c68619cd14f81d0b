"""Each signature's own integrity, one answer a signature (rule R4)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from asn1crypto import x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from .cms import intact, signature_tokens, token_intact, token_self_intact
from .loose import loose_parts
from .opening import Opened, is_stamp
from .wrapping import hole_problem

# What can only be unprovable, not wrong: the file may be good, but it cannot be shown.
UNPROVABLE = frozenset({"not_der", "unsigned_part", "unproven_certificate", "signer_not_bound"})


@dataclass(frozen=True, slots=True)
class Integrity:
    """One signature's field and what is wrong with it (a key under R4 in the texts), or None."""

    field: str
    problem: str | None


def judge(opened: Opened, known: Sequence[x509.Certificate], held: Container[bytes]) -> tuple[Integrity, ...]:
    """Judge every signature in the file; `known` are certificates that may have issued those inside the signatures,
    `held` the SHA-256 of those that are known from outside them."""
    broken = tuple(Integrity(name, "malformed") for name in opened.broken_signatures)
    ranges = [_range(s) for s in opened.signatures]
    found = []
    for signature, mine in zip(opened.signatures, ranges, strict=True):
        twice = mine is not None and ranges.count(mine) > 1
        found.append(
            Integrity(str(signature.field_name), "used_twice" if twice else _problem(opened, signature, known, held))
        )
    return (*found, *broken)


def _range(signature: EmbeddedPdfSignature) -> tuple[int, ...] | None:
    """The byte range; None where it is no list of numbers, which `_problem` has a word for."""
    try:
        return tuple(map(int, signature.byte_range))
    except (TypeError, ValueError):
        return None


def _problem(
    opened: Opened, signature: EmbeddedPdfSignature, known: Sequence[x509.Certificate], held: Container[bytes]
) -> str | None:
    try:
        # A signature that cannot be read is asked nothing more.
        in_hole = hole_problem(opened.pdf, signature.byte_range, signature.pkcs7_content)
        return in_hole or _gravest(_problems(signature, known, held))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - asn1crypto and pyHanko raise many things on altered signatures
        return "malformed"


def _gravest(problems: Iterable[str | None]) -> str | None:
    """The first that shows something to be wrong, else the first that leaves something open."""
    doubt = None
    for problem in problems:
        if problem and problem not in UNPROVABLE:
            return problem
        doubt = doubt or problem
    return doubt


def _problems(
    signature: EmbeddedPdfSignature, known: Sequence[x509.Certificate], held: Container[bytes]
) -> Iterator[str | None]:
    yield _mathematics(signature)
    yield _coverage(signature)
    yield from loose_parts(signature.pkcs7_content, known, held)


def _mathematics(signature: EmbeddedPdfSignature) -> str | None:
    signed_data = signature.signed_data
    covered = signature.compute_digest()
    if is_stamp(signature):
        imprint = signed_data["encap_content_info"]["content"].parsed["message_imprint"]
        same = imprint["hashed_message"].native == covered
        return None if same and token_self_intact(signed_data) else "altered"
    if not intact(signed_data, "data", covered):
        return "altered"
    value = signature.signer_info["signature"].native
    return None if all(token_intact(t, value) for t in signature_tokens(signed_data)) else "stamp_of_other"


def _coverage(signature: EmbeddedPdfSignature) -> str | None:
    level = signature.evaluate_signature_coverage()
    return None if level >= SignatureCoverageLevel.ENTIRE_REVISION else "byte_range"
