"""Whether a certificate was revoked, by the CRLs and OCSP answers that lie in the file (RFC 5280 §6.3, RFC 6960 §3.2).

certvalidator's own check is not used: it leaves OCSP answers unread when the certificate names no responder, so that a
certificate revoked by OCSP passes.

An answer counts when the certificate's issuer (or a responder that the issuer has authorised) signed it, and when it
speaks for the moment asked about: it had not ended before. An answer made later than the moment counts too, since it
knows more; ETSI EN 319 102-1 even prefers it. But that a certificate is *not* revoked is believed only of an answer
made before the certificate's end, since an authority may forget the revoked ones after it (RFC 5280 §3.3, RFC 6960
§4.4.4), unless the answer says that it remembers them for longer; and of none that is made after now.

A list or an answer of the issuer's that may not be used, because something critical in it is not understood, say, shows
nothing, but where it names the certificate as revoked nobody knows: no other word makes that good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import ocsp

from .answers import (
    CLOCKS_DIFFER,
    answer_signed_by,
    appointed,
    in_its_life,
    is_about,
    may_sign_answers,
    usable_answer,
)
from .calendar import ALWAYS, NEVER, moved
from .lists import (
    UNREADABLE,
    covers,
    doubted_since,
    entries_of,
    list_signed_by,
    names,
    only_adds,
    reason_of,
    remembers_since,
    usable,
)

# An OCSP answer without an end speaks for this long (the habit of RFC 6960 §2.4 responders).
_OPEN_ANSWER = timedelta(minutes=30)
_REMOVED = x509.ReasonFlags.remove_from_crl


class Status(StrEnum):
    """What the evidence says of a certificate at a moment."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The lists and answers that a file carries, and when it is judged: none can have been made after that.

    `responders` are those whose certificates lie beside the answers.
    """

    lists: Collection[x509.CertificateRevocationList]
    answers: Collection[ocsp.OCSPResponse]
    now: datetime
    responders: Collection[x509.Certificate] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What all evidence together says, and the responder whose word is all there is for it."""

    status: Status
    responder: x509.Certificate | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What one list or answer says: made when, for which reason a certificate was revoked, and by which responder."""

    status: Status
    made: datetime
    reason: x509.ReasonFlags | None = None
    responder: x509.Certificate | None = None


_NOBODY_KNOWS = _Told(Status.UNKNOWN, NEVER)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose certificate, and at which moment."""

    cert: x509.Certificate
    issuer: x509.Certificate
    at: datetime
    now: datetime


def status(
    cert: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    evidence: Evidence,
    *,
    harmless: Collection[x509.ReasonFlags] = (),
) -> Known:
    """Weigh all evidence: one revocation outweighs everything, and silence is unknown.

    Revocations for a `harmless` reason that is told are passed over.
    """
    asked = _Asked(cert, issuer, at, evidence.now)
    told = [*_by_lists(asked, evidence.lists), *_by_answers(asked, evidence)]
    weighed = [_weighed(t, told, at) for t in told if t.reason is None or t.reason not in harmless]
    if Status.REVOKED in weighed:
        return Known(Status.REVOKED)
    good = [t.responder for t in told if t.status is Status.GOOD]
    if not good or Status.UNKNOWN in weighed:
        return Known(Status.UNKNOWN)
    return Known(Status.GOOD, None if None in good else good[0])


def _weighed(one: _Told, told: list[_Told], at: datetime) -> Status:
    """What is left of one word when the others are heard: a hold may have been lifted (RFC 5280 §5.3.1).

    It was, where a whole list or an answer that was made after it and before the moment says that all is good. Where
    the word of that is later, or of what was taken from a list alone, nobody knows until when the hold lasted: but one
    that is told after the moment lasted over it.
    """
    if one.reason is _REMOVED:
        return Status.GOOD if one.made <= at else Status.UNKNOWN
    if one.reason is not x509.ReasonFlags.certificate_hold or one.made > at:
        return one.status
    lifts = [t for t in told if t.made > one.made and (t.status is Status.GOOD or t.reason is _REMOVED)]
    if any(t.status is Status.GOOD and t.made <= at for t in lifts):
        return Status.GOOD
    return Status.UNKNOWN if lifts else one.status


def _may_be_silent(asked: _Asked, made: datetime, remembered: Callable[[], datetime | None]) -> bool:
    """Whether no word of a revocation, in what was made then, means that there was none."""
    if made > moved(asked.now, CLOCKS_DIFFER):
        return False
    ended = asked.cert.not_valid_after_utc
    if made <= ended:
        return True
    since = remembered()
    return since is not None and since <= ended


def _by_lists(asked: _Asked, crls: Collection[x509.CertificateRevocationList]) -> Iterator[_Told]:
    for crl in crls:
        if crl.issuer == asked.cert.issuer and list_signed_by(crl, asked.issuer):
            yield from _read(partial(_by_list, asked, crl))


def _by_list(asked: _Asked, crl: x509.CertificateRevocationList) -> Iterator[_Told]:
    if not usable(crl, asked.issuer):
        if names(crl, asked.cert):
            yield _NOBODY_KNOWS
        return
    made, ends = crl.last_update_utc, crl.next_update_utc
    found = [e for e in entries_of(crl, asked.cert) if _reaches(e.revocation_date_utc, doubted_since(e), asked.at)]
    for entry in found:
        reason = reason_of(entry)
        if reason is _REMOVED and not only_adds(crl):  # where it means nothing
            yield _Told(Status.UNKNOWN, made)
        else:
            yield _Told(_at(entry.revocation_date_utc, asked.at), made, reason)
    in_time = ends is not None and ends >= max(made, asked.at)
    if not found and in_time and covers(crl, asked.cert) and _may_be_silent(asked, made, partial(remembers_since, crl)):
        yield _Told(Status.GOOD, made)


def _reaches(revoked: datetime, doubted: datetime | None, at: datetime) -> bool:
    """Whether a revocation says anything of the moment: it was before it, or the key is doubted since before it."""
    return revoked <= at or (doubted is not None and doubted <= at)


def _at(revoked: datetime, at: datetime) -> Status:
    """What a revocation that reaches back to the moment says of it: before it was told, only that nobody knows."""
    return Status.REVOKED if revoked <= at else Status.UNKNOWN


def _read(told: Callable[[], Iterator[_Told]]) -> list[_Told]:
    """What a list or an answer of the issuer's says; where a part of it cannot be read, that nobody knows what."""
    try:
        return list(told())
    except UNREADABLE:
        return [_NOBODY_KNOWS]


def _by_answers(asked: _Asked, evidence: Evidence) -> Iterator[_Told]:
    for answer in evidence.answers:
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            continue
        yield from _read(partial(_by_anybodys_answer, asked, answer, evidence))


def _by_anybodys_answer(asked: _Asked, answer: ocsp.OCSPResponse, evidence: Evidence) -> Iterator[_Told]:
    if answer_signed_by(answer, asked.issuer):
        yield from _by_answer(asked, answer)
        return
    for responder in appointed(answer, asked.issuer, evidence.responders):
        yield from _by_responder(asked, answer, responder, evidence)


def _by_issuers_answers(asked: _Asked, answers: Collection[ocsp.OCSPResponse]) -> Iterator[_Told]:
    for answer in answers:
        successful = answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        if successful and answer_signed_by(answer, asked.issuer):
            yield from _read(partial(_by_answer, asked, answer))


def _by_responder(
    asked: _Asked, answer: ocsp.OCSPResponse, responder: x509.Certificate, evidence: Evidence
) -> Iterator[_Told]:
    """What a responder of the issuer's says; the key of one that was revoked may say any day."""
    fit = may_sign_answers(responder) and not _ever_revoked(responder, asked, evidence)
    return _by_answer(asked, answer, responder, fit=fit)


def _by_answer(
    asked: _Asked, answer: ocsp.OCSPResponse, responder: x509.Certificate | None = None, *, fit: bool = True
) -> Iterator[_Told]:
    whole = asn1_ocsp.OCSPResponse.load(answer.public_bytes(serialization.Encoding.DER)).response_data
    counts = fit and usable_answer(answer, whole)
    for place, single in enumerate(answer.responses):
        if single.serial_number != asked.cert.serial_number or not is_about(single, asked.issuer):
            continue
        if counts and (responder is None or in_its_life(responder, answer, single, asked.now)):
            yield from _by_single(asked, single, whole["responses"][place], responder)
        elif single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
            yield _NOBODY_KNOWS


def _by_single(
    asked: _Asked,
    single: ocsp.OCSPSingleResponse,
    more: asn1_ocsp.SingleResponse,
    responder: x509.Certificate | None,
) -> Iterator[_Told]:
    since, made = single.revocation_time_utc or NEVER, single.this_update_utc
    revoked = single.certificate_status is ocsp.OCSPCertStatus.REVOKED
    if revoked and _reaches(since, _day(more.invalidity_date_value), asked.at):
        reason = single.revocation_reason
        yield _Told(_at(since, asked.at), made, None if reason is _REMOVED else reason, responder)
    elif (
        single.certificate_status is not ocsp.OCSPCertStatus.UNKNOWN
        and (single.next_update_utc or moved(made, _OPEN_ANSWER)) >= max(made, asked.at)
        and _may_be_silent(asked, made, partial(_day, more.archive_cutoff_value))
    ):
        yield _Told(Status.GOOD, made, responder=responder)


def _day(told: core.GeneralizedTime | None) -> datetime | None:
    """The moment in an answer's extension: since when the key is doubted, or since when the responder remembers
    certificates that have ended (RFC 6960 §4.4.4, §4.4.5)."""
    return None if told is None else told.native


def _ever_revoked(responder: x509.Certificate, asked: _Asked, evidence: Evidence) -> bool:
    """Whether the issuer itself says so of the responder, or what nobody can read; another responder's word is none."""
    ever = _Asked(responder, asked.issuer, ALWAYS, asked.now)
    told = (*_by_lists(ever, evidence.lists), *_by_issuers_answers(ever, evidence.answers))
    return any(t.status is not Status.GOOD for t in told)
