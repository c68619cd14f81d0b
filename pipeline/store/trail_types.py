"""What the trail can say: the types of entries, the members each may have, and the form of each member.

`v`, `type`, `at` and `salt` belong to every entry and are written by `trail.append` alone. A new member needs a form
that no name, number of a person or free text fits into.
"""

CODE = r"[a-z][a-z0-9_]{0,63}"
ID = r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}"  # plan_id and handelse_id: "never derived from personal data" by their schemas

MEMBERS: dict[str, str | type[int] | type[bool]] = {
    "plan_id": ID,
    "intake_id": ID,
    "uppdrag_id": ID,
    "handelse_id": ID,
    "step": ID,
    "evidence_id": ID,
    "version": int,
    "edition": int,
    "revision": int,
    "number": int,
    "superseded_by": int,
    "entries": int,
    "kind": CODE,
    "slag": CODE,
    "form": CODE,
    "outcome": CODE,
    "reason": CODE,
    "code": CODE,
    "role": CODE,
    "method": CODE,
    "level": CODE,
    "profil": CODE,
    "basis": CODE,
    "mottagare": CODE,
    "receipt": CODE,
    "confirmed_person": bool,
    "test": bool,
    "kommun_kod": r"\d{4}",
    "datum": r"\d{4}-\d{2}-\d{2}",
    "actor": r"[0-9a-f]{32}",  # a keyed pseudonym (index.actor_key), never an id
    "sha256": r"[0-9a-f]{64}",
    "sha512": r"[0-9a-f]{128}",
    "base_sha256": r"[0-9a-f]{64}",
    "content_sha256": r"[0-9a-f]{64}",
    "scan_sha256": r"[0-9a-f]{64}",
    "evidence_sha256": r"[0-9a-f]{64}",  # of evidence with a nonce of 128 bits: says nothing of whom
    "certificate_sha256": r"[0-9a-f]{64}",
}

_VERSION = {"plan_id", "version"}
_FILE = {*_VERSION, "edition", "revision", "kind", "sha256", "sha512", "base_sha256"}

TYPES: dict[str, frozenset[str]] = {
    name: frozenset(members)
    for name, members in {
        "accepted": {*_VERSION, "intake_id", "content_sha256", "profil", "kommun_kod", "confirmed_person", "test"},
        "duplicate": {*_VERSION, "intake_id", "content_sha256"},
        "rejected": {"plan_id", "intake_id", "sha256", "kind", "code"},
        "order_received": {"uppdrag_id", "plan_id", "intake_id", "content_sha256", "profil", "kommun_kod", "test"},
        "event_recorded": {*_VERSION, "uppdrag_id", "handelse_id", "intake_id", "slag", "datum", "content_sha256"},
        "rendered": _FILE,
        "prepared": _FILE,
        "identified": {*_VERSION, "edition", "role", "method", "level", "evidence_id", "evidence_sha256", "actor"},
        "opened": {*_VERSION, "edition", "role", "sha256", "actor"},
        "certificate_issued": {*_VERSION, "edition", "role", "evidence_id", "evidence_sha256", "certificate_sha256"},
        "certificate_used": {*_VERSION, "edition", "role", "evidence_id", "evidence_sha256", "certificate_sha256"},
        "signature_asked": {*_VERSION, "edition", "role", "evidence_id", "evidence_sha256"},
        "signed": {*_FILE, "role", "outcome", "basis", "method", "level", "evidence_id", "certificate_sha256", "actor"},
        "slot_ended": {*_VERSION, "edition", "role", "outcome", "reason", "scan_sha256", "actor"},
        "paper_made": {*_VERSION, "uppdrag_id", "handelse_id", "slag", "form", "number", "sha256", "sha512"},
        "reminded": {*_VERSION, "edition", "number"},
        "sealed": _FILE,
        "archived": _FILE,
        "adopted": _VERSION,
        "handed_over": {*_FILE, "mottagare", "receipt", "datum", "actor"},
        "withdrawn": {*_VERSION, "reason", "actor"},
        "superseded": {*_VERSION, "superseded_by"},
        "renewed": _FILE,
        "exported": {*_VERSION, "kind", "sha256", "sha512"},
        "step_failed": {*_VERSION, "step", "code"},
        "access_digest": {"datum", "entries", "sha256"},
        "erased": {"plan_id", "reason"},
        "key_rotated": {"code"},
        "workspace_made": {"test"},
    }.items()
}
