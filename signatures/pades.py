"""Approval signatures (PAdES B-LT) in a role's own field, and the seal that makes them last (B-LTA).

A signature, its appearance and the proof that its certificate was good (OCSP and
CRL, in the DSS) are one revision. Certification signatures are avoided: readers
object to an archive time stamp after them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from cryptography import x509
from pyhanko.sign.fields import InvisSigSettings, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    PdfSigner,
    PdfTimeStamper,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from .appearance import StampStyle, refuse_numbers, require_name
from .backends import LocalSigner, as_asn1
from .errors import FieldRefused, IdentityRefused, IssuerUnavailable
from .identity import IdentityEvidence
from .identity.evidence import PERSONAL_NUMBERS
from .issuer import Issuer
from .revision import Revision, open_revision
from .tsa import Stamping, Timestamper

CLOCKS_DIFFER = timedelta(minutes=5)  # between this machine and whoever answers for the time stamps
SEAL = "Arkivtidsstampel{}"
SEAL_TOOLTIP = "Arkivtidsstämpel {}"


@dataclass(frozen=True, slots=True)
class SignRequest:
    """One person's signature in one field.

    `field` is the role's own field and must be the role the evidence is bound to;
    `lines` are drawn as they are given; `reason` goes into the signature; `now` is aware UTC.
    """

    field: str
    evidence: IdentityEvidence
    lines: tuple[str, ...]
    reason: str
    now: datetime


def sign(pdf: bytes, request: SignRequest, issuer: Issuer, timestamper: Timestamper) -> bytes:
    """The file with one more signature; the key it was made with is gone afterwards.

    Raises FieldRefused, IdentityRefused, AppearanceRefused, IssuerUnavailable or TimestampUnavailable; the
    last is retriable. Nothing is kept of a failed attempt.
    """
    _check_binding(pdf, request)
    lines, person = _marked(request.lines, issuer), request.evidence
    require_name(lines, person.name)
    refuse_numbers((*lines, request.reason), person.id_value if person.id_type in PERSONAL_NUMBERS else "")
    writer = open_revision(pdf, request.field.encode(), request.evidence.digest().encode())
    _check_field(writer, request.field)
    stamping = timestamper.at(request.now)
    key, certificate = issuer.issue(request.evidence, request.now)
    signer = PdfSigner(
        _metadata(request, _context(issuer, timestamper, stamping, request.now, certificate)),
        LocalSigner(key, certificate, (issuer.issuing,)),
        timestamper=stamping.stamper,
        stamp_style=StampStyle(lines=lines),
    )
    with _translated():
        return asyncio.run(_sign(signer, writer, request.now))


async def _sign(signer: PdfSigner, writer: Revision, now: datetime) -> bytes:
    """`PdfSigner.async_sign_pdf`, with our time in place of the machine's."""
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = now
    checked = await session.perform_presign_validation(writer)
    room = await session.estimate_signature_container_size(checked)
    document = session.prepare_tbs_document(checked, bytes_reserved=room)
    output = BytesIO()
    prepared, _ = document.digest_tbs_document(output=output)
    await document.perform_signature(
        document_digest=prepared.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=now),
    )
    return output.getvalue()


def _marked(lines: tuple[str, ...], issuer: Issuer) -> tuple[str, ...]:
    """A test says so, whoever drew up the lines."""
    if not issuer.test or any("TEST" in line for line in lines):
        return lines
    return (f"TEST – {lines[0]}", *lines[1:]) if lines else ("TEST",)


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


def _check_field(writer: Revision, name: str) -> None:
    found = [(value, ref) for field, value, ref in enumerate_sig_fields(writer) if field == name]
    if not found:
        raise FieldRefused("falt_saknas", f"the document has no signature field {name}", falt=name)
    if found[0][0] is not None:
        raise FieldRefused("falt_fyllt", f"the field {name} is already signed", falt=name)
    if name in _locked(writer):
        raise FieldRefused("falt_last", f"an earlier signature locks the field {name}", falt=name)


def _locked(writer: Revision) -> set[str]:
    """The names of the fields that signatures already in the file lock."""
    names = {str(name) for name, _, _ in enumerate_sig_fields(writer)}
    locked: set[str] = set()
    for _, _, reference in enumerate_sig_fields(writer, filled_status=True):
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


def _metadata(request: SignRequest, context: ValidationContext) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=request.field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        # Either a reason or a CAdES commitment type, never both (EN 319 142-1, 6.3); people read the reason.
        reason=request.reason,
        # "Embed" to pyHanko means a revision of its own after the signature; the placement below means in it.
        embed_validation_info=False,
        validation_context=context,
        dss_settings=DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE),
    )


def _context(
    issuer: Issuer,
    timestamper: Timestamper,
    stamping: Stamping,
    now: datetime,
    certificate: x509.Certificate | None = None,
) -> ValidationContext:
    """Every proof of good standing at `now`, and no leave to ask anyone."""
    ocsps = [issuer.ocsp(certificate, now)] if certificate is not None else []
    return ValidationContext(
        trust_roots=[as_asn1(issuer.root), *timestamper.roots()],
        other_certs=[as_asn1(issuer.issuing), *stamping.certificates],
        moment=now,
        crls=list(dict.fromkeys((issuer.crl(now), issuer.root_crl(now), *stamping.crls))),
        ocsps=[*ocsps, *stamping.ocsps],
        revocation_mode="require",
        allow_fetching=False,
        time_tolerance=CLOCKS_DIFFER,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """pyHanko's refusal of a certificate chain is ours to word: what we issue, or what vouches for it, has run out."""
    try:
        yield
    except (PathError, ValidationError, SigningError) as error:
        raise IssuerUnavailable("kedjan_haller_inte", f"a certificate cannot be shown to be good: {error}") from error


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
    context = _context(issuer, timestamper, stamping, now)
    with _translated():
        return asyncio.run(_stamp(stamp, writer, context))


async def _stamp(stamp: PdfTimeStamper, writer: Revision, context: Any) -> bytes:
    output: BytesIO = await stamp.async_timestamp_pdf(
        writer,
        "sha256",
        context,
        dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
    )
    return output.getvalue()
