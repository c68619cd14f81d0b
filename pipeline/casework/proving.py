"""Who signed, proven again from what is stored of each identification: today, and when every certificate has ended."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

import sqlalchemy as sa
from cryptography import x509
from sqlalchemy.engine import Connection

from pipeline.casework.cases import IN_FIELD
from pipeline.casework.tools import Tools
from pipeline.errors import Misuse, PlansigillError, Refused
from pipeline.plan.profile import RoleName
from pipeline.store import rows
from pipeline.store import tables as t
from pipeline.store.rows import SlotRow, VersionRow

if TYPE_CHECKING:
    from signatures.identity import IdentityEvidence, IdentityProvider
    from signatures.verify import SignatureFact

# What reading a row raises that somebody has rewritten: SQLite keeps anything in any column.
_NOT_AS_WRITTEN = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
_OF_EVIDENCE, _ENDED = ("identified", "signature_asked", "certificate_issued", "certificate_used"), "slot_ended"
_Entry = Mapping[str, Any]


def identities(tools: Tools, conn: Connection, v: VersionRow, signatures: "Iterable[SignatureFact]") -> str:
    """Whether the identification behind each signature in the version's file, and each original in ink, proves again.

    What must be there is what the file bears (`signatures`) and how the slots ended. ``proven``; ``unproven`` when a
    piece of evidence is missing, proves something else, is of somebody else than the certificate names, or is not the
    one whose hash stands in the signer's certificate and in the trail; ``not_provable`` when one is a test's, or of a
    way that the settings no longer have, or is gone with an erased plan.
    """
    from signatures.errors import SignatureError

    if is_erased(tools, v):
        return "not_provable"
    try:
        demanded = _demanded(tools, conn, v, signatures)
        providers = tuple(each.provider for each in tools.providers)
        found = [_is_proven(providers, evidence) for evidence in demanded]
    except Misuse:  # a file that a way needs is gone
        return "not_provable"
    except (SignatureError, *_NOT_AS_WRITTEN):
        return "unproven"
    except PlansigillError as error:
        if error.code not in {"objekt_skadat", "nyckel_saknas"}:
            raise
        return "unproven"
    return "proven" if found and all(found) else "not_provable"


def is_erased(tools: Tools, v: VersionRow) -> bool:
    """Whether the plan is gone with its key, as erasure leaves it; what the row says alone anybody may have written."""
    if v.state != "erased":
        return False
    try:
        tools.keys.get(v.plan_id)
    except Refused:
        return True
    return False


def _demanded(
    tools: Tools, conn: Connection, v: VersionRow, signatures: "Iterable[SignatureFact]"
) -> "tuple[IdentityEvidence, ...]":
    """The evidence of everyone who signed, each piece the one that it should be. Raises SignatureError otherwise, and
    EnvironmentFailed for what was changed without the keys."""
    from signatures.errors import IdentityRefused

    slots = {slot.role: slot for slot in rows.slots_of(conn, v)}
    entries = tuple(_entries(conn, v))
    told, originals = _told(entries), _originals(entries, v)
    certified = {each.field: each.certificate for each in signatures}
    ended = {role: tools.detail(v, slot).get("outcome") for role, slot in slots.items()}
    if ended.keys() != set(get_args(RoleName)) or None in ended.values():  # nothing is sealed before all have ended
        raise IdentityRefused("ofullstandigt_underlag", "the record of how a slot ended is gone")
    in_file = {role for role, outcome in ended.items() if outcome in IN_FIELD}
    in_ink = {role for role, outcome in ended.items() if outcome == "paper"}
    if not certified.keys() <= in_file or in_ink != originals.keys():
        raise IdentityRefused("ofullstandigt_underlag", "the record of who signed is not what the file or trail says")
    demanded = []
    for role in sorted(in_file | in_ink):
        evidence = _evidence(tools, conn, v, slots[role], originals.get(role))
        if told[slots[role].evidence_id or ""] != {evidence.digest()}:
            raise IdentityRefused("fel_bevis", "the evidence is not the one that somebody was identified by")
        if role in certified:
            _on_this_evidence(entries, slots[role], certified[role], evidence)
        demanded.append(evidence)
    return tuple(demanded)


def _on_this_evidence(
    entries: Iterable[_Entry], slot: SlotRow, certificate: bytes, evidence: "IdentityEvidence"
) -> None:
    """Raise SignatureError unless the signer's certificate (DER) names whom the evidence does, and was made or used on
    it."""
    from signatures.authentication_context import evidence_sha256
    from signatures.backends.checks import check_holder
    from signatures.errors import IdentityRefused

    check_holder(x509.load_der_x509_certificate(certificate), evidence)
    of_it = hashlib.sha256(certificate).hexdigest()
    used = (entry for entry in entries if entry.get("type") in {"certificate_issued", "certificate_used"})
    on = {entry.get("evidence_id") for entry in used if entry.get("certificate_sha256") == of_it}
    if slot.evidence_id not in on or evidence_sha256(certificate) not in {None, evidence.digest()}:
        raise IdentityRefused("fel_bevis", "the certificate was not made on this evidence")


def _evidence(tools: Tools, conn: Connection, v: VersionRow, slot: SlotRow, original: str | None) -> "IdentityEvidence":
    """The evidence that the slot ended with, for an original in ink by its scan's SHA-256.

    Raises IdentityRefused when it is missing, or of another slot, version or file, and EnvironmentFailed when what is
    kept was changed, or is another row's.
    """
    from signatures.errors import IdentityRefused
    from signatures.identity import IdentityEvidence
    from signatures.identity.paper import certifier_of

    c = t.evidence.c
    own = (c.id == slot.evidence_id, c.plan_id == v.plan_id, c.version == v.version, c.role == slot.role)
    row = conn.execute(sa.select(c.id, c.evidence_enc).where(*own, c.used_at.is_not(None))).first()
    if row is None:
        raise IdentityRefused("ofullstandigt_underlag", f"no evidence is stored of {slot.role}")
    told = tools.open(v.plan_id, t.evidence_column(row.id), row.evidence_enc)
    kept = tools.detail(v, slot).get("scan_sha256") if original is not None else None
    evidence = IdentityEvidence.from_canonical(str(told["evidence"]).encode())
    if original is not None:
        about = evidence.bound["plan_ref"], evidence.bound["version"]
        scans = {original, kept, certifier_of(evidence).bound.get("scan_sha256")}
        bound = about == (v.plan_id, v.version) and len(scans) == 1
    else:
        bound = rows.base_hash(conn, v) in evidence.bases
    if not bound or evidence.bound["role"] != slot.role:
        raise IdentityRefused("fel_bindning", f"the evidence of {slot.role} is of another act")
    return evidence


def _told(entries: Iterable[_Entry]) -> Mapping[str, set[str | None]]:
    """The SHA-256 of each piece of evidence as the trail says it, by its id: when somebody was identified, and again
    before a key signed with it."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for entry in entries:
        if entry.get("type") in _OF_EVIDENCE:
            found[str(entry.get("evidence_id"))].add(entry.get("evidence_sha256"))
    return found


def _originals(entries: Iterable[_Entry], v: VersionRow) -> Mapping[str, str]:
    """The SHA-256 of the scan of each original in ink, by its role, as the trail says it of this version."""
    own = (entry for entry in entries if (entry.get("type"), entry.get("version")) == (_ENDED, v.version))
    ended = {entry.get("role"): entry for entry in own}
    return {
        str(role): str(entry.get("scan_sha256")) for role, entry in ended.items() if entry.get("outcome") == "paper"
    }


def _entries(conn: Connection, v: VersionRow) -> Iterator[_Entry]:
    """What the trail says of how the plan's slots ended, in order. Raises IdentityRefused or ValueError for what is no
    entry."""
    from signatures.errors import IdentityRefused

    c = t.trail.c
    told = sa.select(c.entry).where(c.plan_id == v.plan_id, c.type.in_((*_OF_EVIDENCE, _ENDED))).order_by(c.idx)
    for written in conn.execute(told).scalars():
        entry = json.loads(bytes(written))
        if not isinstance(entry, dict):
            raise IdentityRefused("ofullstandigt_underlag", "what the trail says of the plan cannot be read")
        yield entry


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
