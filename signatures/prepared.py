"""A document made ready for one signature: everything in place but the CMS value, for which a hole is left.

Nothing in it is secret, and it can be kept as bytes until an answer comes, in another process if need be.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO

from pyhanko.sign.fields import FieldMDPSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigAppearanceSetup,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from . import container
from .appearance import StampStyle
from .backends.work import Credential
from .errors import BackendRefused, FieldRefused
from .revision import Revision

UNKNOWN_ROOM = 16 * 1024  # bytes for a CMS value whose certificates nobody knows yet; one of ours takes some 7 kB


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file with a hole: `pdf[hole[0]:hole[1]]` is the hexadecimal string to fill, `digest` SHA-256 of all else.

    `attributes` is what a backend is asked to sign; `certificate` (DER) whose it will be, or None where only the
    answer tells. `evidence` is the digest of the evidence it was prepared with. `now` is aware UTC.
    """

    pdf: bytes = field(repr=False)
    hole: tuple[int, int]
    digest: bytes
    attributes: bytes
    certificate: bytes | None = field(repr=False)
    evidence: str
    now: datetime

    def to_bytes(self) -> bytes:
        """A line of JSON, then the file."""
        facts = {
            "hole": self.hole,
            "digest": self.digest.hex(),
            "attributes": base64.b64encode(self.attributes).decode("ascii"),
            "certificate": base64.b64encode(self.certificate or b"").decode("ascii"),
            "evidence": self.evidence,
            "now": self.now.isoformat(),
        }
        return json.dumps(facts, sort_keys=True).encode("ascii") + b"\n" + self.pdf

    @classmethod
    def from_bytes(cls, data: bytes) -> Prepared:
        """What `to_bytes` wrote; the hash of the file must still be that which is signed. Raises FieldRefused
        `olasbar_pdf`."""
        head, _, pdf = data.partition(b"\n")
        try:
            facts = json.loads(head)
            start, end = facts["hole"]
            made = cls(
                pdf=pdf,
                hole=(int(start), int(end)),
                digest=bytes.fromhex(facts["digest"]),
                attributes=base64.b64decode(facts["attributes"], validate=True),
                certificate=base64.b64decode(facts["certificate"], validate=True) or None,
                evidence=str(facts["evidence"]),
                now=datetime.fromisoformat(facts["now"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise FieldRefused("olasbar_pdf", f"a prepared document cannot be read: {error}") from error
        if _digest(pdf, made.hole) != made.digest:
            raise FieldRefused("olasbar_pdf", "a prepared document has changed since it was prepared")
        return made

    def filled(self, cms: bytes) -> bytes:
        """The file with the CMS value (DER) in its place. Raises BackendRefused `ryms_inte`."""
        start, end = self.hole
        room = end - start - 2
        if 2 * len(cms) > room:
            raise BackendRefused("ryms_inte", f"a signature of {len(cms)} bytes does not fit in {room // 2}")
        return self.pdf[: start + 1] + cms.hex().upper().encode("ascii").ljust(room, b"0") + self.pdf[end - 1 :]


def lay_out(writer: Revision, name: str, reason: str, stamp: StampStyle, now: datetime, room: int) -> Prepared:
    """Fill the field with a signature dictionary and its appearance, and write the file with `room` bytes left open."""
    if writer.output_version < (2, 0):
        writer.ensure_output_version(version=(1, 7))
        writer.register_extension(ESIC_EXTENSION_1)
    steps = PdfCMSEmbedder().write_cms(field_name=name, writer=writer, existing_fields_only=True)
    next(steps)
    dictionary = SignatureObject(
        bytes_reserved=2 * room,
        subfilter=SigSeedSubFilter.PADES,
        timestamp=now,
        # Either a reason or a CAdES commitment type, never both (EN 319 142-1, 6.3); people read the reason.
        reason=reason,
    )
    steps.send(
        SigObjSetup(
            sig_placeholder=dictionary,
            mdp_setup=SigMDPSetup(md_algorithm="sha256", field_lock=_lock(writer, name)),
            appearance_setup=SigAppearanceSetup(style=stamp, timestamp=now, name=None),
        )
    )
    made, out = steps.send(SigIOSetup(md_algorithm="sha256", output=BytesIO()))
    return Prepared(
        pdf=out.getvalue(),
        hole=(made.reserved_region_start, made.reserved_region_end),
        digest=made.document_digest,
        attributes=b"",
        certificate=None,
        evidence="",
        now=now,
    )


def for_act(laid_out: Prepared, evidence: str, credential: Credential | None) -> Prepared:
    """The same, with what is to be signed and on what evidence."""
    certificate = credential.certificate if credential else None
    return replace(
        laid_out,
        attributes=container.attributes(laid_out.digest, certificate),
        certificate=certificate,
        evidence=evidence,
    )


def room_for(credential: Credential | None, token: int) -> int:
    """Bytes that a CMS value may need; `token` is the size of a time stamp, which may come out half as large again."""
    if credential is None:
        return UNKNOWN_ROOM
    certificates = sum(map(len, (credential.certificate, *credential.chain)))
    return certificates + token + token // 2 + 2048


def _lock(writer: Revision, name: str) -> FieldMDPSpec | None:
    field_ = next(ref.get_object() for found, _, ref in enumerate_sig_fields(writer) if found == name)
    return FieldMDPSpec.from_pdf_object(field_["/Lock"]) if "/Lock" in field_ else None


def _digest(pdf: bytes, hole: tuple[int, int]) -> bytes:
    state = hashlib.sha256(memoryview(pdf)[: hole[0]])
    state.update(memoryview(pdf)[hole[1] :])
    return state.digest()
