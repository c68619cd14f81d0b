"""An identified act becomes a signature in the file: by the key that the settings give it, and made once, whatever
falls in between."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework import cases, identification
from pipeline.casework.at_service import AtService
from pipeline.casework.identification import Act
from pipeline.casework.protection import person_is_protected
from pipeline.casework.signers import Who, id_type, require_still
from pipeline.casework.tools import Backend, Tools
from pipeline.errors import EnvironmentFailed, Misuse
from pipeline.store import trail
from pipeline.store.rows import FileRow, VersionRow

if TYPE_CHECKING:
    from signatures.backends.work import SignBackend, Signing, SignResult
    from signatures.identity import IdentityEvidence, IdType
    from signatures.issuer import Issued
    from signatures.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Later:
    """A signature that a service will answer for: what was asked of it, and the document that its answer completes."""

    asked: AtService
    prepared: "Prepared"


def signed(tools: Tools, v: VersionRow, act: Act, current: FileRow) -> bytes | Later:
    """`current` with the act's signature (PAdES B-LT), or what to keep until a service has answered.

    One that lies in the object store and is noted on the evidence is found there: whoever fell before it was recorded
    makes no second signature of one identification. Raises `Refused` or `EnvironmentFailed`.
    """
    from signatures.pades import Waiting, complete, sign_with

    if act.made_sha256 is not None and tools.objects.exists(v.plan_id, act.made_sha256):
        return _of_this_act(tools.objects.get(v.plan_id, act.made_sha256), tools.read(current), act)
    if act.asked is not None:
        with cases.answering():
            prepared, result = _answered(tools, v, act, act.asked)
            _log(tools, v, act, "certificate_used", sha256(result.credential.certificate).hexdigest())
            return complete(prepared, result, act.proven, tools.timestamper, tools.now())
    with tools.db.read() as conn:
        require_still(tools, conn, v, act.role, act.who)
        chosen = _chosen(tools, conn, v, act.role, act.who, act.proven.id_type)
    with cases.answering():
        backend = _opened(tools, v, act, chosen)
        made = sign_with(tools.read(current), act.request(tools.now()), backend, tools.timestamper)
    if isinstance(made, Waiting):
        return Later(AtService(chosen.name if chosen else "", made.pending), made.prepared)
    return made


def _of_this_act(made: bytes, current: bytes, act: Act) -> bytes:
    """`made`, when it is `current` with the act's person's signature in the act's field. Raises `EnvironmentFailed`:
    what the database says of it alone anybody may have written."""
    from signatures.backends.checks import check_holder
    from signatures.errors import BackendRefused
    from signatures.moments import newest
    from signatures.verify import NotOpened

    try:
        field, signer = newest(made)
        if field != act.role or len(made) <= len(current) or not made.startswith(current):
            raise EnvironmentFailed("objekt_skadat")
        check_holder(signer, act.proven)
    except (BackendRefused, NotOpened, IndexError) as error:  # of another, no file of ours, without a signature
        raise EnvironmentFailed("objekt_skadat") from error
    return made


def made_at(pdf: bytes) -> datetime:
    """When the file's newest signature was made: the time that it says and shows (ISO 32000-2 12.8.1, `M`).

    Raises `EnvironmentFailed` when its time stamp is older than one before it: no seal would make that good (R11).
    """
    from signatures.moments import moments

    found = moments(pdf)
    stamped = [each.stamped for each in found]
    if stamped != sorted(stamped):
        raise EnvironmentFailed("tidsstampel_bakat")
    return found[-1].stated


def check_answer(tools: Tools, v: VersionRow, act: Act, asked: AtService) -> None:
    """Raise `Refused` unless the service's answer signs this act's document for its person, `EnvironmentFailed` when
    it is no answer of the service's."""
    from signatures import pades

    with cases.answering():
        prepared, result = _answered(tools, v, act, asked)
        pades.check_answer(prepared, result, act.proven, tools.now())


def look(tools: Tools, backend: Backend) -> None:
    """Open the key, or ask its service, without signing anything.

    Raises `Misuse` for a setting or its file, `Refused` or `EnvironmentFailed` for what is behind it.
    """
    from signatures.backends.work import Openable

    opened = backend.make() if backend.make is not None else None
    if isinstance(opened, Openable):
        with cases.answering():
            opened.look(tools.now())


def _answered(tools: Tools, v: VersionRow, act: Act, asked: AtService) -> "tuple[Prepared, SignResult]":
    """What was prepared, and the signature of the answer, judged as of when it came."""
    from signatures.backends.work import AnswersLater
    from signatures.prepared import Prepared

    chosen = next((each for each in tools.backends if each.name == asked.backend), None)
    backend = chosen.make() if chosen is not None and chosen.make is not None else None
    if not isinstance(backend, AnswersLater):
        raise Misuse("installning_ogiltig", key="signing", rule=f"the service {asked.backend} has been asked")
    prepared = Prepared.from_bytes(tools.objects.get(v.plan_id, act.prepared_sha256 or ""))
    result = backend.finish(asked.pending, asked.answer or {}, act.proven, asked.answered_at or tools.now())
    return prepared, result


def may_answer_later(tools: Tools, conn: Connection, v: VersionRow, role: str, who: Who) -> bool:
    """Whether the key with which the person would sign is at a service that they are led to."""
    from signatures.backends.work import AnswersLater

    chosen = _chosen(tools, conn, v, role, who, id_type(who.id_type))
    return chosen is not None and chosen.make is not None and isinstance(chosen.make(), AnswersLater)


def _configured(tools: Tools, role: str, personal_id: str | None) -> Backend | None:
    """The person's own key, else the service of their role."""
    own = next((each for each in tools.backends if each.who and each.who == personal_id), None)
    return own or next((each for each in tools.backends if each.who is None and role in each.roles), None)


def _chosen(tools: Tools, conn: Connection, v: VersionRow, role: str, who: Who, known_by: "IdType") -> Backend | None:
    """The key that the settings name for the person in the role; None for a one-time key of our own issuer."""
    found = _configured(tools, role, who.personal_id)
    if found is None or found.who is not None:
        return found
    return None if _stays_in_the_house(conn, v, role, who, known_by) else found


def _stays_in_the_house(conn: Connection, v: VersionRow, role: str, who: Who, known_by: "IdType") -> bool:
    """A protected person's name and number go to no service outside, and whom no service can know is not sent there."""
    from signatures.identity import IdType

    if known_by is IdType.INTERN:
        return True
    return role == "brukare" and who.basis is None and person_is_protected(conn, v)


def _opened(tools: Tools, v: VersionRow, act: Act, chosen: Backend | None) -> "SignBackend":
    from signatures.backends.one_time import OneTime

    if chosen is None or chosen.make is None:
        return OneTime(replace(tools.issuer, log=partial(_log_issued, tools, v, act)))
    return _Told(chosen.make(), partial(_log, tools, v, act, "certificate_used"))


@dataclass(frozen=True, slots=True)
class _Told:
    """A backend whose certificate is told, by its SHA-256, before its key can sign; when that fails nothing is."""

    backend: "SignBackend"
    tell: Callable[[str], object]

    @property
    def test(self) -> bool:
        """As the backend's."""
        return self.backend.test

    def open(self, evidence: "IdentityEvidence", now: datetime) -> "Signing":
        """As the backend's. One whose certificate nobody knows yet is told of when its answer has come."""
        signing = self.backend.open(evidence, now)
        if signing.credential is not None:
            self.tell(sha256(signing.credential.certificate).hexdigest())
        return signing


def _log_issued(tools: Tools, v: VersionRow, act: Act, issued: "Issued") -> None:
    _log(tools, v, act, "certificate_issued", issued.certificate_sha256)


def _log(tools: Tools, v: VersionRow, act: Act, type_: str, certificate_sha256: str) -> None:
    """No certificate without evidence that is stored: it enters the trail before its key can sign, or its answer gets
    into the file."""
    told: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": act.role}
    told |= {"evidence_id": act.evidence_id, "evidence_sha256": act.proven.digest()}
    with tools.db.write() as conn:
        identification.load_act(tools, conn, v, act.role, act.evidence_id)  # it is there, and unused
        trail.append(conn, type_, told | {"certificate_sha256": certificate_sha256}, tools.now())
