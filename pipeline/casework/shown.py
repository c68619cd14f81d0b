"""What somebody is shown and bound to when they identify themselves: the act itself, nothing of the plan's content."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework import cases
from pipeline.casework.identification import Ground
from pipeline.casework.signers import id_type
from pipeline.casework.tools import Tools
from pipeline.store import rows
from pipeline.store.rows import VersionRow
from pipeline.texts import text

if TYPE_CHECKING:
    from signatures.identity import Asked, Wanted

PAPER = "papper"
"""In the place of a role: the brukare's slot, when what they have signed is an original in ink."""

SHORT = 16
"""Hexadecimal digits of a fingerprint that a person is shown; what is bound has them all."""


@dataclass(frozen=True, slots=True)
class Place:
    """A slot that somebody is about to sign, and on what ground."""

    version: VersionRow
    role: str
    ground: Ground


def asked(tools: Tools, conn: Connection, places: Sequence[Place], *, remote: bool) -> "Asked":
    """One act over every document of `places`, which are all of one person and role."""
    from signatures.identity import Asked
    from signatures.identity.order import new_nonce

    first = places[0]
    documents = [_document(conn, place.version) for place in places]
    role = _slot(first)
    bound: dict[str, str | int] = {"role": role, "nonce": new_nonce()}
    if len(places) == 1:
        v = first.version
        bound |= {"plan_ref": v.plan_id, "version": v.version, "edition": v.edition, "base_sha256": documents[0][3]}
    else:
        listed = json.dumps(documents, separators=(",", ":"))
        digest = hashlib.sha256(listed.encode()).hexdigest()
        bound |= {"plan_ref": "batch", "version": 0, "edition": 0, "base_sha256": digest, "documents": listed}
    return Asked(role, _shown(tools, conn, places, documents), bound, _wanted(first.ground, remote=remote))


def _slot(place: Place) -> str:
    return "brukare" if place.role == PAPER else place.role


def _document(conn: Connection, v: VersionRow) -> tuple[str, int, int, str]:
    return v.plan_id, v.version, v.edition, rows.base_hash(conn, v) or ""


def _shown(
    tools: Tools, conn: Connection, places: Sequence[Place], documents: Sequence[tuple[str, int, int, str]]
) -> str:
    first = places[0]
    demand = cases.demand_of(tools, tools.plan_of(conn, first.version), _slot(first))
    who = first.ground.who
    sentence = demand.represented_sentence if who.basis and demand.represented_sentence else demand.sentence
    if len(places) == 1:
        plan_id, version, _, base = documents[0]
        said = {"plan_id": plan_id, "version": version, "roll": demand.word, "mening": sentence, "hash": base[:SHORT]}
        return text("underskrift.visas", **said).sv
    head = text("underskrift.visas_flera", antal=len(places), roll=demand.word).sv
    lines = [
        text("underskrift.en_av_flera", plan_id=plan_id, version=version, hash=base[:SHORT]).sv
        for plan_id, version, _, base in documents
    ]
    return "\n".join((head, *lines))


def _wanted(ground: Ground, *, remote: bool) -> "Wanted | None":
    """Who must answer; a service outside knows a representative by no id of ours: the name is looked at afterwards."""
    from signatures.identity import Wanted

    who = ground.who
    return None if remote and who.id_type == "foretradare" else Wanted(id_type(who.id_type), who.id_value, who.name)
