"""Approval signatures (PAdES B-LT) in a role's own field, and the seal that makes them last (B-LTA).

Whoever holds the key, a signature comes about in the same three steps: a document is prepared, with a hole in it; a
backend signs the hash of the rest; the answer is checked, time-stamped and put in place. A signature, its appearance
and the proof that its certificate was good (OCSP and CRL, in the DSS) are one revision; where the certificate is not
known until it has signed, the proof follows in a revision of its own. Certification signatures are avoided: readers
object to an archive time stamp after them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from pyhanko.sign.fields import InvisSigSettings, enumerate_sig_fields
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper, TimestampDSSContentSettings

from . import container
from .appearance import StampStyle, mark_test, refuse_numbers, require_name
from .backends.checks import check, check_test
from .backends.one_time import OneTime
from .backends.work import Credential, Pending, SignBackend, SignResult, SignWork
from .coroutines import finished
from .errors import AppearanceRefused, BackendRefused, FieldRefused, IdentityRefused
from .identity import IdentityEvidence
from .identity.attested import attested_by
from .identity.checks import ATTESTED, require_level
from .identity.evidence import PERSONAL_NUMBERS
from .issuer import Issuer
from .names import common_name
from .prepared import Prepared, for_act, lay_out, room_for
from .revision import Revision, open_revision, written
from .stamp_proof import Stamps, stamps_at
from .trust import Proof, prove, stamp_context, store, translated
from .tsa import Timestamper

SEAL = "Arkivtidsstampel{}"
SEAL_TOOLTIP = "Arkivtidsstämpel {}"


@dataclass(frozen=True, slots=True)
class SignRequest:
    """One person's signature in one field.

    `field` is the role's own field and must be the role the evidence is bound to;
    `lines` are drawn as they are given; `reason` goes into the signature; `now` is aware UTC.
    `minimum` is the level of assurance that the identification must reach.
    """

    field: str
    evidence: IdentityEvidence
    lines: tuple[str, ...]
    reason: str
    now: datetime
    minimum: str = ATTESTED


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signature that somebody else will answer for: keep both, and `complete` when the answer has come."""

    prepared: Prepared
    pending: Pending


def sign(pdf: bytes, request: SignRequest, issuer: Issuer, timestamper: Timestamper) -> bytes:
    """The file with one more signature, by a one-time key of our own issuer that is gone afterwards.

    Raises FieldRefused, IdentityRefused, AppearanceRefused, IssuerUnavailable or TimestampUnavailable; the
    last is retriable. Nothing is kept of a failed attempt.
    """
    signed = sign_with(pdf, request, OneTime(issuer), timestamper)
    if isinstance(signed, Waiting):
        raise TypeError("a one-time key signs at once")
    return signed


def sign_with(
    pdf: bytes,
    request: SignRequest,
    backend: SignBackend,
    timestamper: Timestamper,
) -> bytes | Waiting:
    """The file with one more signature made by `backend`, or what to keep until its service has answered.

    That evidence counts once is for whoever keeps it to see to. Raises as `sign` does, and BackendRefused or
    BackendUnavailable (retriable).
    """
    writer, stamp = _checked(pdf, request, test=backend.test)
    stamps = stamps_at(timestamper, request.now)
    signing = backend.open(request.evidence, request.now)
    prepared = _prepare(writer, request, stamp, signing.credential, stamps)
    work = SignWork(prepared.attributes, request.evidence, request.reason, request.now)
    answer = signing.sign(work)
    if isinstance(answer, Pending):
        return Waiting(prepared, answer)
    return _complete(prepared, answer, request.evidence, stamps, request.now)


def complete(
    prepared: Prepared,
    result: SignResult,
    evidence: IdentityEvidence,
    timestamper: Timestamper,
    now: datetime,
) -> bytes:
    """The signed file, from what was prepared and a backend's answer; raises as `sign_with` does."""
    return _complete(prepared, result, evidence, stamps_at(timestamper, now), now)


def check_answer(prepared: Prepared, result: SignResult, evidence: IdentityEvidence, now: datetime) -> None:
    """Raise IdentityRefused or BackendRefused unless the answer is one that `complete` would put into the file."""
    if evidence.digest() != prepared.evidence:
        raise IdentityRefused("fel_bindning", "the document was prepared with other evidence")
    if prepared.certificate not in {None, result.credential.certificate}:
        raise BackendRefused("fel_certifikat", "another certificate has signed than the one that was prepared for")
    check(result, prepared.digest, evidence, now)


def _checked(pdf: bytes, request: SignRequest, *, test: bool) -> tuple[Revision, StampStyle]:
    """All that can be refused before a key is touched."""
    _check_binding(pdf, request)
    lines, person = mark_test(request.lines, test=test), request.evidence
    check_test(person, test=test)
    require_level(person.level, request.minimum)
    require_name(lines, person.name)
    refuse_numbers((*lines, request.reason), person.id_value if person.id_type in PERSONAL_NUMBERS else "")
    writer = open_revision(pdf, request.field.encode(), person.digest().encode())
    require_open(writer, request.field)
    _require_understood(writer, request, lines)
    return writer, StampStyle(lines=lines)


def _prepare(
    writer: Revision, request: SignRequest, stamp: StampStyle, credential: Credential | None, stamps: Stamps
) -> Prepared:
    if credential is not None:
        store(writer, prove(credential, stamps.proof, request.now))
    room = room_for(credential, stamps.size)
    laid_out = lay_out(writer, request.field, request.reason, stamp, request.now, room)
    return for_act(laid_out, request.evidence.digest(), credential)


def _complete(
    prepared: Prepared, result: SignResult, evidence: IdentityEvidence, stamps: Stamps, now: datetime
) -> bytes:
    check_answer(prepared, result, evidence, now)
    credential = result.credential
    proof = None if prepared.certificate else prove(credential, stamps.proof, now)
    token = finished(stamps.stamper.async_timestamp(hashlib.sha256(result.signature).digest(), "sha256"))
    signature = container.Signature(result.attributes, result.signature, credential.certificate, credential.chain)
    signed = prepared.filled(container.assemble(signature, token.dump()))
    return signed if proof is None else _with_proof(signed, proof)


def _with_proof(signed: bytes, proof: Proof) -> bytes:
    writer = open_revision(signed, b"proof")
    store(writer, proof)
    return written(writer)


def _check_binding(pdf: bytes, request: SignRequest) -> None:
    bound = request.evidence.bound
    if bound["role"] != request.field:
        raise IdentityRefused("fel_bindning", f"the evidence is bound to the role {bound['role']}, not {request.field}")
    if request.evidence.bases.isdisjoint(_prefix_hashes(pdf)):
        raise FieldRefused("fel_bas", "the file does not begin with the document that the person was shown")


def _prefix_hashes(pdf: bytes) -> Iterator[str]:
    """SHA-256 of the file up to each end-of-file mark, the base among them."""
    digest, start = hashlib.sha256(), 0
    for mark in re.finditer(rb"%%EOF\r?\n?", pdf):
        digest.update(pdf[start : mark.end()])
        start = mark.end()
        yield digest.hexdigest()


def require_open(writer: Revision, name: str) -> None:
    """Raise FieldRefused unless the file has this field, empty, and no signature locks it."""
    fields = [(str(field), value, reference) for field, value, reference in enumerate_sig_fields(writer)]
    mine = [value for field, value, _ in fields if field == name]
    if not mine:
        raise FieldRefused("falt_saknas", f"the document has no signature field {name}", falt=name)
    if mine[0] is not None:
        raise FieldRefused("falt_fyllt", f"the field {name} is already signed", falt=name)
    if name in _locked({field for field, _, _ in fields}, [ref for _, value, ref in fields if value is not None]):
        raise FieldRefused("falt_last", f"an earlier signature locks the field {name}", falt=name)


def _require_understood(writer: Revision, request: SignRequest, lines: tuple[str, ...]) -> None:
    """Stop a stamp that our own verification would not understand: the signed file could never be sealed."""
    from .verify.model import ExpectedSignature
    from .verify.stamp.foreseen import will_be_understood
    from .verify.stamp.shown import role_of

    field, person = request.field, request.evidence
    role = next(role_of(found.get_object()) for name, _, found in enumerate_sig_fields(writer) if name == field)
    known = ExpectedSignature(field, field, person.name, attester=attested_by(person))
    if not will_be_understood(lines, common_name(person.name), role, known):
        raise AppearanceRefused("stampel_oklar", "what the stamp would say beside the name is not understood")


def _locked(names: set[str], signed: Iterable[Any]) -> set[str]:
    """The names of the fields that signatures already in the file lock."""
    locked: set[str] = set()
    for reference in signed:
        field = reference.get_object()
        if "/Lock" not in field:
            continue
        lock = field["/Lock"]
        listed = {str(name) for name in lock["/Fields"]} if "/Fields" in lock else set()
        match str(lock["/Action"]):
            case "/Include":
                locked |= listed
            case "/Exclude":
                locked |= names - listed
            case _:
                locked |= names
    return locked


def seal(pdf: bytes, issuer: Issuer, timestamper: Timestamper, now: datetime) -> bytes:
    """The file with an archive time stamp over all of it; done again later, a renewal.

    Raises FieldRefused (`inget_att_forsegla`, `falt_tomt`), IssuerUnavailable or TimestampUnavailable.
    """
    writer = open_revision(pdf, b"seal")
    taken = [str(name) for name, _, _ in enumerate_sig_fields(writer)]
    if not any(enumerate_sig_fields(writer, filled_status=True)):
        raise FieldRefused("inget_att_forsegla", "nobody has signed; a seal would attest nothing")
    for name, _, _ in enumerate_sig_fields(writer, filled_status=False):
        raise FieldRefused("falt_tomt", f"the field {name} is still empty", falt=str(name))
    number = next(n for n in range(1, len(taken) + 2) if SEAL.format(n) not in taken)
    stamping = timestamper.at(now)
    stamp = PdfTimeStamper(
        stamping.stamper,
        field_name=SEAL.format(number),
        invis_settings=InvisSigSettings(box_out_of_bounds=True),
        readable_field_name=SEAL_TOOLTIP.format(number),
    )
    context = stamp_context(stamping, timestamper, now, (issuer.crl(now), issuer.root_crl(now)))
    with translated():
        return finished(_stamp(stamp, writer, context))


async def _stamp(stamp: PdfTimeStamper, writer: Revision, context: Any) -> bytes:
    output: BytesIO = await stamp.async_timestamp_pdf(
        writer,
        "sha256",
        context,
        dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
    )
    return output.getvalue()
