"""The walk back in time: from now, over the archive time stamps, to the moment each person signed (R7, R11, R12).

After ETSI EN 319 102-1 §5.6.3 (validation of signatures with archival data), written out so that it depends on
nothing but the file, the trust and `now`:

1. Proven so far: that the file exists *now*.
2. The archive time stamps are taken from the last to the first. Each must lead to a trusted time-stamp root at the
   moment proven so far, and must not have been revoked when it was made. Then everything it covers is proven to have
   existed at its time, and that is the moment proven so far.
3. A person's signature existed at the time of the first archive time stamp made after it that step 2 reached.
4. Its own time stamp (signature-time-stamp, PAdES B-T) must lead to a trusted time-stamp root at the moment of step 3;
   it gives the time of signing. Of several, the earliest that does (ETSI EN 319 102-1 §5.5.4); but R11 asks them all.
5. The person's certificate must have been valid at the time of signing, lead to a trusted root, and be shown unrevoked
   at that time by evidence inside the file.

So a certificate that expires after the signing changes nothing, as long as the last archive time stamp's own
certificate lives; it must be renewed before that. (pyHanko's `ades_lta_validation` is not used: it reads the real
clock, and refuses files whose CRL outlives the signer's certificate.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .chain import Chain, Material, Problem, Purpose, chain
from .cms import Token, signature_tokens, token
from .opening import Opened, is_stamp


@dataclass(frozen=True, slots=True)
class Link:
    """One time stamp in the walk: what it says, and the two chains it was judged by."""

    field: str
    token: Token
    when_made: Chain
    when_relied_on: Chain

    @property
    def holds(self) -> bool:
        """Whether its time can be believed."""
        return self.when_made.holds and self.when_relied_on.holds

    @property
    def problem(self) -> Problem | None:
        """The first thing that speaks against it."""
        return self.when_made.problem or self.when_relied_on.problem


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proven about one person's signature; `stamps` are all its own time stamps, the earliest first."""

    signature: EmbeddedPdfSignature
    cert: x509.Certificate
    stamps: tuple[Link, ...]
    sealed_at: datetime | None
    chain: Chain | None

    @property
    def stamp(self) -> Link | None:
        """The time stamp that gives the time of signing: the earliest that holds, if any does."""
        return next((s for s in self.stamps if s.holds), next(iter(self.stamps), None))

    @property
    def signed_at(self) -> datetime | None:
        """The trusted time of signing."""
        return self.stamp.token.time if self.stamp and self.stamp.holds else None

    @property
    def trusted(self) -> bool:
        """Whether both the person and the time lead to trusted roots."""
        return self.signed_at is not None and self.chain is not None and self.chain.holds


@dataclass(frozen=True, slots=True)
class Walk:
    """The whole walk: the archive time stamps from last to first, and one proof per person's signature in order."""

    seals: tuple[Link, ...]
    proofs: tuple[Proof, ...]

    @property
    def checkable_until(self) -> datetime | None:
        """When the last archive time stamp's chain ends, or ended; without a seal there is no such time."""
        if not self.seals:
            return None
        return self.seals[0].when_relied_on.ends or self.seals[0].when_made.ends

    @property
    def links(self) -> tuple[Link, ...]:
        """Every time stamp: the people's own, in the file's order, and the archive's from first to last."""
        return (*(stamp for proof in self.proofs for stamp in proof.stamps), *reversed(self.seals))

    @property
    def in_order(self) -> bool:
        """Whether no time is before that of the signature or seal before it, and none of a signature's own time stamps
        is later than the seal over it."""
        times = [link.token.time for link in (*(p.stamp for p in self.proofs), *reversed(self.seals)) if link]
        own = ((stamp, proof.sealed_at) for proof in self.proofs for stamp in proof.stamps)
        return times == sorted(times) and all(sealed is None or stamp.token.time <= sealed for stamp, sealed in own)

    @property
    def trusted(self) -> bool:
        """Whether every step of the walk held."""
        return (
            bool(self.proofs or self.seals) and all(p.trusted for p in self.proofs) and all(s.holds for s in self.seals)
        )


def walk(opened: Opened, material: Material, now: datetime) -> Walk:
    """Take the walk for every signature in the file."""
    seals: list[Link] = []
    reached: list[tuple[int, datetime]] = []
    moment = now
    for signature in reversed(opened.stamps):
        link = _link(str(signature.field_name), token(signature.signed_data), material, moment)
        seals.append(link)
        if not link.holds:
            break
        moment = link.token.time
        reached.append((int(signature.signed_revision), moment))
    proofs = tuple(_proof(s, material, reached, now) for s in opened.signatures if not is_stamp(s))
    return Walk(tuple(seals), proofs)


def _link(field: str, stamp: Token, material: Material, moment: datetime) -> Link:
    made = chain(material, stamp.signer, Purpose.TIME_STAMP, stamp.time, evidence=True)
    relied = chain(material, stamp.signer, Purpose.TIME_STAMP, max(moment, stamp.time), evidence=False)
    return Link(field, stamp, made, relied)


def _sealed_link(field: str, stamp: Token, material: Material, sealed_at: datetime) -> Link:
    """As `_link`, but first asks once, at the seal's time, for what then held for every stamp before it.

    A certificate shown unrevoked at the time of the seal was so earlier too. (Where the evidence does not reach as far
    as the seal, the long way decides.)
    """
    if sealed_at >= stamp.time >= stamp.signer.not_valid_before:
        once = chain(material, stamp.signer, Purpose.TIME_STAMP, sealed_at, evidence=True)
        if once.holds:
            return Link(field, stamp, once, once)
    return _link(field, stamp, material, sealed_at)


def _proof(
    signature: EmbeddedPdfSignature, material: Material, reached: list[tuple[int, datetime]], now: datetime
) -> Proof:
    cert = signature.signer_cert
    after = [time for revision, time in reached if revision > int(signature.signed_revision)]
    sealed_at = min(after, default=None)
    judge = _sealed_link if sealed_at else _link
    tokens = sorted((token(t) for t in signature_tokens(signature.signed_data)), key=lambda t: t.time)
    stamps = tuple(judge(str(signature.field_name), t, material, sealed_at or now) for t in tokens)
    proof = Proof(signature, cert, stamps, sealed_at, None)
    if proof.stamp is None:
        return proof
    return replace(proof, chain=chain(material, cert, Purpose.PERSON, proof.stamp.token.time, evidence=True))
