"""An identified act: what was bound when somebody was identified for a slot, until it has become a signature."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from pipeline.casework import cases
from pipeline.casework.at_service import COLUMN, AtService, is_under_way
from pipeline.casework.signers import Who
from pipeline.casework.tools import SWEDEN, Tools
from pipeline.errors import Refused
from pipeline.store import index, rows, trail
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import stamp
from signatures import case as case_rules

if TYPE_CHECKING:
    from signatures.identity import IdentityEvidence
    from signatures.pades import SignRequest


def is_pending(conn: Connection, tools: Tools, v: VersionRow, role: str, who: Who) -> bool:
    """Whether this very person has been identified for the slot and the signature only waits to be made."""
    slot = next(s for s in rows.slots_of(conn, v) if s.role == role)
    if slot.evidence_id is None or not is_under_way(conn, v, slot, tools.now()):
        return False
    if load_act(tools, conn, v, role, slot.evidence_id).who.key != who.key:
        raise Refused("underskrift_pagar")
    return True


@dataclass(frozen=True, slots=True)
class Ground:
    """Who was asked to sign, on what file, and the document behind a representative's right to."""

    who: Who
    on: str
    basis_sha256: str | None

    def to_json(self) -> dict[str, object]:
        """For an encrypted column."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, object]) -> "Ground":
        """What `to_json` gave."""
        who = dict(cast("Mapping[str, object]", told["who"]))
        who["scope"] = tuple(cast("list[str]", who["scope"]))
        return cls(Who(**who), str(told["on"]), cast("str | None", told["basis_sha256"]))  # type: ignore[arg-type]  # as `to_json` gave it


def keep(conn: Connection, tools: Tools, v: VersionRow, role: str, ground: Ground, evidence: "IdentityEvidence") -> str:
    """Keep the evidence of who was identified for the slot; its id. An answer of a service counts once.

    Raises `Refused` with nothing changed.
    """
    may_sign(tools, conn, v, role, ground.who)
    if is_pending(conn, tools, v, role, ground.who):
        raise Refused("underskrift_pagar")
    evidence_id = record(conn, tools, v, role, ground, evidence)
    rows.update_slot(conn, v, role, evidence_id=evidence_id)
    return evidence_id


def record(
    conn: Connection, tools: Tools, v: VersionRow, role: str, ground: Ground, evidence: "IdentityEvidence"
) -> str:
    """Store the evidence, encrypted, and say in the trail that there is some; its id. One that was used is refused."""
    now, evidence_id = tools.now(), secrets.token_hex(16)
    told = ground.to_json() | {"evidence": evidence.canonical().decode()}
    once = index.transaction_key(
        tools.keys.lookup, evidence.method, evidence.transaction_id, _one_of_a_batch(v, evidence)
    )
    row = {"id": evidence_id, "plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": role}
    row |= {"method": evidence.method, "level": evidence.level, "at": stamp(now)}
    sealed = tools.seal(v.plan_id, t.evidence_column(evidence_id), told)
    try:
        conn.execute(t.evidence.insert().values(**row, evidence_enc=sealed, transaction_key=once))
    except IntegrityError as error:
        raise Refused("legitimering_anvand") from error
    facts: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": role}
    facts |= {"method": evidence.method, "evidence_id": evidence_id, "evidence_sha256": evidence.digest()}
    trail.append(conn, "identified", facts | {"actor": index.actor_key(tools.keys.lookup, ground.who.key)}, now)
    return evidence_id


def _one_of_a_batch(v: VersionRow, evidence: "IdentityEvidence") -> str:
    """What tells the documents of a batch apart, which share an answer; each is signed with it once."""
    return f"{v.plan_id}:{v.version}" if "documents" in evidence.bound else ""


@dataclass(frozen=True, slots=True)
class Act:
    """One identified act, ready to become a signature; `made_sha256` is set when it has, and waits to be recorded.

    `asked` is what a service that signs later was asked, for the document stored as `prepared_sha256`.
    """

    role: str
    who: Who
    evidence_id: str
    evidence: str
    revision_sha256: str
    basis_sha256: str | None
    made_sha256: str | None
    word: str
    sentence: str
    asked: AtService | None
    prepared_sha256: str | None

    @property
    def outcome(self) -> str:
        """How the slot ends."""
        return self.who.outcome

    @property
    def proven(self) -> "IdentityEvidence":
        """The evidence itself; the name it proves is the one that is shown, whatever the plan calls the person."""
        from signatures.identity import IdentityEvidence

        return IdentityEvidence.from_canonical(self.evidence.encode())

    def request(self, now: datetime) -> "SignRequest":
        """What the signature shows and carries: role, name, time, "Fastställd …"; never the personnummer."""
        from signatures.pades import SignRequest

        local = now.astimezone(SWEDEN)
        verb = "Fastställd" if self.role == "enhetschef" else "Undertecknad"
        word = self.word[:1].upper() + self.word[1:]
        evidence = self.proven
        lines = (f"{word}: {evidence.name}", f"{verb} {local:%Y-%m-%d} kl. {local:%H:%M}", *_attested(evidence))
        return SignRequest(field=self.role, evidence=evidence, lines=lines, reason=self.sentence, now=now)


def _attested(evidence: "IdentityEvidence") -> tuple[str, ...]:
    """That no service vouches for the person shows in the signature itself."""
    from signatures.identity.attested import attested_by

    attester = attested_by(evidence)
    return () if attester is None else (f"Identiteten intygad av {attester}",)


def load_act(tools: Tools, conn: Connection, v: VersionRow, role: str, evidence_id: str) -> Act:
    """The act that was identified. Raises `Refused` when its evidence is used (it counts once) or of another case."""
    c = t.evidence.c
    where = (
        c.id == evidence_id,
        c.plan_id == v.plan_id,
        c.version == v.version,
        c.edition == v.edition,
        c.role == role,
    )
    row = conn.execute(sa.select(t.evidence).where(*where)).first()
    if row is None:
        raise Refused("fel_bindning")
    if row.used_at is not None:
        raise Refused("underlag_anvant")
    told = tools.open(v.plan_id, t.evidence_column(evidence_id), row.evidence_enc)
    ground = Ground.of(told)
    demand = cases.demand_of(tools, tools.plan_of(conn, v), role)
    sentence, word = demand.sentence, demand.word
    if ground.who.basis:
        sentence, word = demand.represented_sentence or sentence, f"företrädare för {word}"
    if ground.who.delegation:
        word = f"på delegation för {word}"
    asked = AtService.of(tools.open(v.plan_id, COLUMN, row.asked_enc)) if row.asked_enc else None
    return Act(
        role, ground.who, evidence_id, str(told["evidence"]), ground.on, ground.basis_sha256, row.made_sha256,
        word, sentence, asked, row.prepared_sha256,
    )  # fmt: skip


def may_sign(tools: Tools, conn: Connection, v: VersionRow, role: str, who: Who) -> None:
    """Raise `Refused` unless the slot may end with this person's signature on the file as it stands."""
    current = rows.current_revision(conn, v)
    if v.state != "awaiting_signatures" or current is None:
        raise Refused("ej_redo")
    on, today = current.sha256, tools.today()
    plain = case_rules.Signed(who.key, who.name, today, on, "pending")
    outcome = case_rules.Represented(who.key, who.name, today, on, "pending", who.basis) if who.basis else plain
    with cases.answering():
        case_rules.may_end(cases.signing_case(tools, conn, v), case_rules.Role(role), outcome)


def end_signed(conn: Connection, tools: Tools, v: VersionRow, act: Act, revision: str, now: datetime) -> None:
    """The slot has ended with a signature, and its evidence is used up."""
    from signatures.identity.attested import attested_by

    detail = {"signer": act.proven.name, "who": act.who.key, "on": act.revision_sha256, "revision": revision}
    detail |= {"basis": act.who.basis or "", "basis_sha256": act.basis_sha256 or "", "sentence": act.sentence}
    told: dict[str, object] = detail | {"scope": list(act.who.scope), "checked_by": act.who.checked_by or ""}
    told |= {"delegation": act.who.delegation or "", "outcome": act.outcome}
    told |= {"attester": attested_by(act.proven) or ""}
    rows.update_slot(
        conn, v, act.role, outcome=act.outcome, edition=v.edition, ended_at=stamp(now),
        detail_enc=tools.seal_detail(v, act.role, told),
    )  # fmt: skip
    unused = t.evidence.update().where(t.evidence.c.id == act.evidence_id, t.evidence.c.used_at.is_(None))
    if conn.execute(unused.values(used_at=stamp(now))).rowcount != 1:
        raise Refused("underlag_anvant")


def record_paper(conn: Connection, tools: Tools, v: VersionRow, ground: Ground, evidence: "IdentityEvidence") -> None:
    """The evidence of an original in ink, used at once: the brukare's slot has ended with it."""
    evidence_id = record(conn, tools, v, "brukare", ground, evidence)
    conn.execute(t.evidence.update().where(t.evidence.c.id == evidence_id).values(used_at=stamp(tools.now())))
    rows.update_slot(conn, v, "brukare", evidence_id=evidence_id)


def note_made(tools: Tools, evidence_id: str, sha256: str) -> None:
    """The signature has been made and lies in the object store, though the slot does not say so yet."""
    with tools.db.write() as conn:
        conn.execute(t.evidence.update().where(t.evidence.c.id == evidence_id).values(made_sha256=sha256))


def release_slot(conn: Connection, v: VersionRow, role: str) -> None:
    """The identified act could not become a signature: the slot is free again."""
    rows.update_slot(conn, v, role, evidence_id=None)
