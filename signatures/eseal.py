"""The organisation's own signature on a document of its own: an electronic seal (eIDAS, article 3.25; PAdES B-LTA).

Nobody is identified for it: it says which organisation the document comes from, and that not a byte has changed since.
Its key is made for the one document, works in this process and is gone afterwards; its certificate names the
organisation, is logged before the key can sign, and carries no person. It is an advanced seal, not a qualified one.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from . import container
from .appearance import StampStyle, mark_test, refuse_numbers, require_name
from .backends.one_time import vouched
from .coroutines import finished
from .issuer import Issuer, Organisation
from .names import common_name
from .pades import require_open, seal
from .prepared import for_act, lay_out, room_for
from .revision import open_revision
from .stamp_proof import stamps_at
from .trust import prove, store
from .tsa import Timestamper


@dataclass(frozen=True, slots=True)
class ESealRequest:
    """One document to seal, in its empty field `field`.

    `evidence_sha256` is the hash (hexadecimal) of what asked for it, which the caller keeps; `lines` are drawn as they
    are given and show the organisation's name; `reason` goes into the signature; `now` is aware UTC.
    """

    field: str
    organisation: Organisation
    evidence_sha256: str
    lines: tuple[str, ...]
    reason: str
    now: datetime


def eseal(pdf: bytes, request: ESealRequest, issuer: Issuer, timestamper: Timestamper) -> bytes:
    """The file under the organisation's seal, time-stamped, with an archive time stamp over all of it.

    Raises FieldRefused, AppearanceRefused, IssuerUnavailable or TimestampUnavailable; the last is retriable.
    """
    return seal(_signed(pdf, request, issuer, timestamper), issuer, timestamper, request.now)


def _signed(pdf: bytes, request: ESealRequest, issuer: Issuer, timestamper: Timestamper) -> bytes:
    lines, now = mark_test(request.lines, test=issuer.test), request.now
    require_name(lines, common_name(request.organisation.name))
    refuse_numbers((*lines, request.reason), "")
    writer = open_revision(pdf, request.field.encode(), request.evidence_sha256.encode())
    require_open(writer, request.field)
    stamps = stamps_at(timestamper, now)
    key, certificate = issuer.issue_to(request.organisation, request.evidence_sha256, now)
    credential = vouched(issuer, certificate, now)
    store(writer, prove(credential, stamps.proof, now))
    room = room_for(credential, stamps.size)
    laid_out = lay_out(writer, request.field, request.reason, StampStyle(lines=lines), now, room)
    prepared = for_act(laid_out, request.evidence_sha256, credential)
    value = key.sign(prepared.attributes, padding.PKCS1v15(), hashes.SHA256())
    del key
    token = finished(stamps.stamper.async_timestamp(hashlib.sha256(value).digest(), "sha256"))
    signature = container.Signature(prepared.attributes, value, credential.certificate, credential.chain)
    return prepared.filled(container.assemble(signature, token.dump()))
