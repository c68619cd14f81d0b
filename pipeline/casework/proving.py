"""Who signed, proven again from what is stored of each identification: today, and when every certificate has ended."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import esealing
from pipeline.casework.tools import Tools
from pipeline.errors import Misuse
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow

if TYPE_CHECKING:
    from signatures.identity import IdentityEvidence, IdentityProvider


def identities(tools: Tools, conn: Connection, v: VersionRow) -> str:
    """Whether each identification that the version's slots ended with proves again what it was used for.

    ``proven``; ``unproven`` when one proves something else, or is not the one that the trail says a certificate was
    made for, or is missing although the trail tells of its signature; ``not_provable`` when one is a test's, or of a
    way that the settings no longer have, or is gone with an erased plan.
    """
    from signatures.errors import IdentityRefused

    if v.state == "erased":
        return "not_provable"
    try:
        providers = tuple(each.provider for each in tools.providers)
        hashes, used, found = _hashes(conn, v), dict(_used(tools, conn, v)), []
        if not _signed_with(conn, v) <= used.keys():
            return "unproven"
        for evidence_id, evidence in used.items():
            if hashes.get(evidence_id, evidence.digest()) != evidence.digest():
                return "unproven"
            found.append(_is_proven(providers, evidence))
    except Misuse:  # a file that a way needs is gone
        return "not_provable"
    except IdentityRefused:
        return "unproven"
    return "proven" if found and all(found) else "not_provable"


def _hashes(conn: Connection, v: VersionRow) -> Mapping[str, str]:
    """SHA-256 of each piece of evidence as the trail says it, by its id, from before a key signed with it."""
    told = _told(conn, v, "certificate_issued", "certificate_used")
    return {each["evidence_id"]: each["evidence_sha256"] for each in told}


def _signed_with(conn: Connection, v: VersionRow) -> frozenset[str]:
    """The ids of the evidence behind the signatures that the version's file bears, as the trail says them."""
    told = _told(conn, v, "signed")
    return frozenset(
        each["evidence_id"] for each in told if (each["version"], each["edition"]) == (v.version, v.edition)
    )


def _told(conn: Connection, v: VersionRow, *types: str) -> list[dict[str, Any]]:
    c = t.trail.c
    found = conn.execute(sa.select(c.entry).where(c.plan_id == v.plan_id, c.type.in_(types))).scalars()
    return [json.loads(bytes(entry)) for entry in found]


def _used(tools: Tools, conn: Connection, v: VersionRow) -> Iterator[tuple[str, "IdentityEvidence"]]:
    from signatures.identity import IdentityEvidence

    c = t.evidence.c
    people = (c.used_at.is_not(None), c.role != esealing.ROLE)
    for row in conn.execute(sa.select(t.evidence).where(c.plan_id == v.plan_id, c.version == v.version, *people)):
        told = tools.open(v.plan_id, "evidence.evidence", row.evidence_enc)
        yield row.id, IdentityEvidence.from_canonical(str(told["evidence"]).encode())


def _is_proven(providers: "tuple[IdentityProvider, ...]", evidence: "IdentityEvidence") -> bool:
    """By any of the ways of its method: two may be of one service, the one before with other roots."""
    from signatures.errors import IdentityRefused

    refusals = []
    for provider in providers:
        if provider.method == evidence.method:
            try:
                return provider.prove_again(evidence)
            except IdentityRefused as error:
                refusals.append(error)
    if refusals:
        raise refusals[0]
    return False
