"""On paper: an employee, identified by a service, certifies the scan of an original signed in ink."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime

from ..errors import IdentityRefused
from .attested import require_attester
from .checks import PAPER
from .evidence import IdentityEvidence
from .order import Asked

METHOD = "papper"
LARGEST_SCAN = 50_000_000  # bytes


def certify(asked: Asked, certifier: IdentityEvidence, scan: bytes, now: datetime, *, minimum: str) -> IdentityEvidence:
    """Evidence that the wanted person signed the original whose scan (a PDF) this is, on the certifier's word.

    The raw holds the scan's SHA-256 and the certifier's own evidence whole; the scan itself is the caller's to keep.
    `minimum` is the level that the certifier's evidence must reach. Raises IdentityRefused.
    """
    who = asked.wanted
    if who is None:
        raise IdentityRefused("ofullstandigt_underlag", "nobody is named who signed on paper")
    if not scan.startswith(b"%PDF-") or len(scan) > LARGEST_SCAN:
        raise IdentityRefused("ofullstandigt_underlag", "the scan is no PDF, or too large")
    require_attester(asked, who, certifier, minimum, now)
    said = {
        "bound": dict(asked.bound),
        "certifier": base64.b64encode(certifier.canonical()).decode("ascii"),
        "scan_sha256": hashlib.sha256(scan).hexdigest(),
    }
    return IdentityEvidence(
        method=METHOD,
        level=PAPER,
        id_type=who.id_type,
        id_value=who.id_value,
        name=who.name,
        transaction_id=certifier.transaction_id,
        at=now,
        nonce=asked.nonce,
        bound=asked.bound,
        raw=json.dumps(said, sort_keys=True, separators=(",", ":")).encode(),
    )
