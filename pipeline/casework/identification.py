"""Who signs a slot, how they were identified for that one act, and the act until it has become a signature."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pipeline.casework import cases, histories
from pipeline.casework.people import Signer, find_signer, may_fill
from pipeline.casework.tools import SWEDEN, Tools
from pipeline.errors import Misuse, Refused
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.slots import is_open
from pipeline.store import index, rows, trail
from pipeline.store import tables as t
from pipeline.store.rows import VersionRow
from pipeline.store.tables import stamp
from signatures import case as case_rules

if TYPE_CHECKING:
    from signatures.identity import IdType
    from signatures.pades import SignRequest


@dataclass(frozen=True, slots=True)
class Who:
    """The person about to sign: how they are identified, and the basis when they sign in the brukare's place."""

    id_type: str
    id_value: str
    name: str
    basis: str | None = None

    @property
    def key(self) -> str:
        """What tells this person from the others of the case."""
        return f"{self.id_type}:{self.id_value}"

    @property
    def outcome(self) -> str:
        """How the slot ends with their signature."""
        return "represented" if self.basis is not None else "signed"


def who_signs(tools: Tools, conn: Connection, v: VersionRow, role: str, as_id: str | None, *, has_basis: bool) -> Who:
    """The person who may fill the slot now. Raises `Refused` (not they, not now) or `Misuse` (who is not said)."""
    plan = tools.plan_of(conn, v)
    if not tools.settings.test:
        raise Misuse("ingen_legitimering")
    if role == "brukare":
        who = _brukare(plan, as_id, has_basis=has_basis)
    else:
        if has_basis:
            raise Refused("underlag_bara_foretradare")
        who = _staff(tools, plan, role, as_id)
    history = histories.history_of_plan(tools, conn, v.plan_id)
    if not is_open(cases.demand_of(tools, plan, role), plan, history):
        raise Refused("genomgang_saknas")
    return who


def _brukare(plan: Genomforandeplan, as_id: str | None, *, has_basis: bool) -> Who:
    person = plan.brukare
    if as_id is None:
        if has_basis:
            raise Refused("underlag_bara_foretradare")
        name = demanded_name(plan)
        return Who(person.person_id.typ, person.person_id.varde, name)
    other = next((f for f in plan.foretradare if f.namn.casefold() == as_id.casefold()), None)
    if other is None:
        raise Refused("okand_foretradare")
    if not other.far_underteckna:
        raise Refused("far_inte_underteckna")
    if not has_basis:
        raise Refused("underlag_saknas")
    return Who("foretradare", other.namn, other.namn, basis=other.roll)


def demanded_name(plan: Genomforandeplan) -> str:
    """The brukare's name as it is shown: that of address alone for a protected person."""
    person = plan.brukare
    if person.skydd == "ingen" and person.fornamn and person.efternamn:
        return f"{person.fornamn} {person.efternamn}"
    return person.tilltalsnamn


def _staff(tools: Tools, plan: Genomforandeplan, role: str, as_id: str | None) -> Who:
    personal_id = as_id or cases.demand_of(tools, plan, role).personal_id
    if personal_id is None:
        raise Misuse("as_kravs", role=role)
    signer = find_signer(personal_id, tools.people, plan, test=tools.settings.test)
    may_fill(signer, _needed(signer, role, plan), plan)
    return Who(signer.id_type, signer.id_value, signer.name)


def _needed(signer: Signer, role: str, plan: Genomforandeplan) -> str:
    """The role of `personer.toml` that fills the slot: whoever drew the plan up fills the middle one."""
    other = {"socialsekreterare": "handlaggare", "extern_utforare": "extern_utforare"}
    wanted = other.get(plan.handelser.upprattad_av or "", role) if role == "kontaktman" else role
    return role if wanted == "extern_utforare" and role in signer.roles else wanted


def is_pending(conn: Connection, tools: Tools, v: VersionRow, role: str, who: Who) -> bool:
    """Whether this very person has been identified for the slot and the signature only waits to be made."""
    slot = next(s for s in rows.slots_of(conn, v) if s.role == role)
    if slot.evidence_id is None or slot.outcome is not None:
        return False
    if load_act(tools, conn, v, role, slot.evidence_id).who.key != who.key:
        raise Refused("underskrift_pagar")
    return True


def identify(conn: Connection, tools: Tools, v: VersionRow, role: str, who: Who, *, basis_sha256: str | None) -> str:
    """Identify the person for this one act, bound to the file as it stands; the evidence's id.

    Raises `Refused` with nothing changed.
    """
    from signatures.identity import Person as TestPerson
    from signatures.identity import TestIdentityProvider

    may_sign(tools, conn, v, role, who)
    current = rows.current_revision(conn, v)
    bound: dict[str, str | int] = {"plan_ref": v.plan_id, "version": v.version, "edition": v.edition, "role": role}
    bound["base_sha256"] = rows.base_hash(conn, v) or ""
    now = tools.now()
    with cases.answering():
        provider = TestIdentityProvider(test=tools.settings.test)
        evidence = provider.identify(TestPerson(id_type(who.id_type), who.id_value, who.name), bound, now)
    evidence_id = secrets.token_hex(16)
    told: dict[str, object] = {"evidence": evidence.canonical().decode(), "basis": who.basis}
    told["basis_sha256"] = basis_sha256
    told |= {"who": [who.id_type, who.id_value, who.name], "on": current.sha256 if current else None}
    conn.execute(
        t.evidence.insert().values(
            id=evidence_id, plan_id=v.plan_id, version=v.version, edition=v.edition, role=role,
            method=evidence.method, level=evidence.level, at=stamp(now),
            evidence_enc=tools.seal(v.plan_id, "evidence.evidence", told),
        )
    )  # fmt: skip
    rows.update_slot(conn, v, role, evidence_id=evidence_id)
    facts: dict[str, trail.Fact] = {"plan_id": v.plan_id, "version": v.version, "edition": v.edition, "role": role}
    facts |= {"method": evidence.method, "evidence_id": evidence_id}
    trail.append(conn, "identified", facts | {"actor": index.actor_key(tools.keys.lookup, who.key)}, now)
    return evidence_id


def id_type(kind: str) -> "IdType":
    """The provider's word for how somebody is known: staff by their employer's id, a representative by name."""
    from signatures.identity import IdType

    ours = {"personal_id": IdType.ORG_ID, "foretradare": IdType.INTERN, "internt": IdType.INTERN}
    return ours.get(kind) or IdType(kind if kind != "reservnummer" else "intern")


@dataclass(frozen=True, slots=True)
class Act:
    """One identified act, ready to become a signature."""

    role: str
    who: Who
    evidence_id: str
    evidence: str
    revision_sha256: str
    basis_sha256: str | None
    word: str
    sentence: str

    @property
    def outcome(self) -> str:
        """How the slot ends."""
        return self.who.outcome

    def request(self, now: datetime) -> "SignRequest":
        """What the signature shows and carries: role, name, time, "Fastställd …"; never the personnummer."""
        from signatures.identity import IdentityEvidence
        from signatures.pades import SignRequest

        local = now.astimezone(SWEDEN)
        verb = "Fastställd" if self.role == "enhetschef" else "Undertecknad"
        word = self.word[:1].upper() + self.word[1:]
        lines = (f"{word}: {self.who.name}", f"{verb} {local:%Y-%m-%d} kl. {local:%H:%M}")
        evidence = IdentityEvidence.from_canonical(self.evidence.encode())
        return SignRequest(field=self.role, evidence=evidence, lines=lines, reason=self.sentence, now=now)


def load_act(tools: Tools, conn: Connection, v: VersionRow, role: str, evidence_id: str) -> Act:
    """The act that was identified. Raises `Refused` when its evidence is used or of another case."""
    c = t.evidence.c
    where = (
        c.id == evidence_id,
        c.plan_id == v.plan_id,
        c.version == v.version,
        c.edition == v.edition,
        c.role == role,
    )
    row = conn.execute(sa.select(t.evidence).where(*where)).first()
    if row is None or row.used_at is not None:
        raise Refused("fel_bindning")
    told = tools.open(v.plan_id, "evidence.evidence", row.evidence_enc)
    kind, value, name = cast(Sequence[str], told["who"])
    who = Who(kind, value, name, cast("str | None", told["basis"]))
    demand = cases.demand_of(tools, tools.plan_of(conn, v), role)
    sentence = demand.represented_sentence if who.basis and demand.represented_sentence else demand.sentence
    word = f"företrädare för {demand.word}" if who.basis else demand.word
    return Act(
        role, who, evidence_id, str(told["evidence"]), str(told["on"]), cast("str | None", told["basis_sha256"]),
        word, sentence,
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
    detail = {"signer": act.who.name, "who": act.who.key, "on": act.revision_sha256, "revision": revision}
    detail |= {"basis": act.who.basis or "", "basis_sha256": act.basis_sha256 or "", "sentence": act.sentence}
    rows.update_slot(
        conn, v, act.role, outcome=act.outcome, edition=v.edition, ended_at=stamp(now),
        detail_enc=tools.seal(v.plan_id, "slot.detail", detail),
    )  # fmt: skip
    conn.execute(t.evidence.update().where(t.evidence.c.id == act.evidence_id).values(used_at=stamp(now)))


def release_slot(conn: Connection, v: VersionRow, role: str) -> None:
    """The identified act could not become a signature: the slot is free again."""
    rows.update_slot(conn, v, role, evidence_id=None)
