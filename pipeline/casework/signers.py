"""Who signs a slot: the slot's own person, a representative of the brukare, or somebody a chief has delegated to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework import cases, histories
from pipeline.casework.people import Signer, delegated, delegation_of_another_time, find_signer, may_fill
from pipeline.casework.tools import Tools
from pipeline.errors import Misuse, Refused
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Foretradare
from pipeline.plan.person_id import normalised
from pipeline.plan.slots import is_open
from pipeline.store.rows import VersionRow
from signatures.names import plain_name

if TYPE_CHECKING:
    from signatures.identity import IdType


@dataclass(frozen=True, slots=True)
class Who:
    """The person about to sign: how they are identified, and on what ground when it is in another's place.

    `basis` is a representative's capacity (``god_man`` …), `scope` what it covers and `checked_by` the employee who has
    read the document behind it. `delegation` is the ground on which an absent chief has let them sign. `personal_id` is
    an employee's.
    """

    id_type: str
    id_value: str
    name: str
    basis: str | None = None
    scope: tuple[str, ...] = ()
    checked_by: str | None = None
    delegation: str | None = None
    personal_id: str | None = None

    @property
    def key(self) -> str:
        """What tells this person from the others of the case."""
        return f"{self.id_type}:{self.id_value}"

    @property
    def outcome(self) -> str:
        """How the slot ends with their signature."""
        return "represented" if self.basis is not None else "signed"


@dataclass(frozen=True, slots=True)
class Named:
    """What the caller says of who is to sign; all of it may be left to the plan."""

    as_id: str | None = None
    has_basis: bool = False
    checked_by: str | None = None


def who_signs(tools: Tools, conn: Connection, v: VersionRow, role: str, named: Named) -> Who:
    """The person who may fill the slot now. Raises `Refused` (not they, not now) or `Misuse` (who is not said)."""
    plan = tools.plan_of(conn, v)
    if role == "brukare":
        who = _brukare(tools, plan, named)
    else:
        if named.has_basis or named.checked_by:
            raise Refused("underlag_bara_foretradare")
        who = _staff(tools, plan, role, named.as_id)
    history = histories.history_of_plan(tools, conn, v.plan_id)
    if not is_open(cases.demand_of(tools, plan, role), plan, history):
        raise Refused("genomgang_saknas")
    return who


def require_still(tools: Tools, conn: Connection, v: VersionRow, role: str, who: Who) -> None:
    """Raise `Refused` unless whoever was identified may sign today on the same ground as then."""
    named = Named(who.name if who.basis else who.personal_id, who.basis is not None, who.checked_by)
    now = who_signs(tools, conn, v, role, named)
    if (now.key, now.delegation is None) != (who.key, who.delegation is None):
        raise Refused("behorighet_andrad")


def _brukare(tools: Tools, plan: Genomforandeplan, named: Named) -> Who:
    person = plan.brukare
    if named.as_id is None:
        if named.has_basis or named.checked_by:
            raise Refused("underlag_bara_foretradare")
        number = normalised(person.person_id, today=tools.today())  # as personer.toml has it, so that they compare
        return Who(person.person_id.typ, number, demanded_name(plan))
    other = _foretradare(plan, named.as_id)
    if not named.has_basis:
        raise Refused("underlag_saknas")
    checker = _checker(tools, plan, named.checked_by)
    if plain_name(checker.name) == plain_name(other.namn):
        raise Refused("underlag_egen_kontroll")
    return Who("foretradare", other.namn, other.namn, other.roll, tuple(other.omfattning), checker.personal_id)


def _foretradare(plan: Genomforandeplan, name: str) -> Foretradare:
    """The one of this name; of one who is named in several capacities, that in which they may sign."""
    named = [each for each in plan.foretradare if plain_name(each.namn) == plain_name(name)]
    if not named:
        raise Refused("okand_foretradare")
    signing = [each for each in named if each.far_underteckna]
    if not signing:
        raise Refused("far_inte_underteckna")
    in_force = [each for each in signing if each.roll != "framtidsfullmaktshavare" or each.tradd_i_kraft is True]
    if not in_force:
        raise Refused("fullmakt_ej_i_kraft")  # lag 2017:310 9 §: it does nothing before it has come into force
    return in_force[0]


def _checker(tools: Tools, plan: Genomforandeplan, checked_by: str | None) -> Signer:
    """Who has read the representative's document; in a test workspace the plan's kontaktman unless said."""
    own = plan.roller.kontaktman
    personal_id = checked_by or (own.personal_id if tools.settings.test and own else None)
    if personal_id is None:
        raise Misuse("checked_by_kravs")
    return find_signer(personal_id, tools.people, plan, test=tools.settings.test)


def demanded_name(plan: Genomforandeplan) -> str:
    """The brukare's name as it is shown: that of address alone for a protected person."""
    person = plan.brukare
    if person.skydd == "ingen" and person.fornamn and person.efternamn:
        return f"{person.fornamn} {person.efternamn}"
    return person.tilltalsnamn


def _staff(tools: Tools, plan: Genomforandeplan, role: str, as_id: str | None) -> Who:
    own = cases.demand_of(tools, plan, role).personal_id
    personal_id = own if as_id is None else as_id
    if personal_id is None:
        raise Misuse("as_kravs", role=role)
    signer = find_signer(personal_id, tools.people, plan, test=tools.settings.test)
    needed = _needed(signer, role, plan)
    ground = delegated(tools.people, personal_id, own, needed, tools.today()) if own and own != personal_id else None
    if ground is None:
        _refuse_delegation_of_another_time(tools, signer, own, needed)
        may_fill(signer, needed, plan)
    return Who(signer.id_type, signer.id_value, signer.name, delegation=ground, personal_id=signer.personal_id)


def _refuse_delegation_of_another_time(tools: Tools, signer: Signer, own: str | None, needed: str) -> None:
    """Whoever signs by delegation alone is told when it was in force, not that they lack the role."""
    if own is None or needed in signer.roles:
        return
    ground = delegation_of_another_time(tools.people, signer.personal_id, own, needed)
    if ground is not None:
        raise Refused("delegation_ej_nu", person=signer.personal_id, fran=ground.fran, till=ground.till)


def _needed(signer: Signer, role: str, plan: Genomforandeplan) -> str:
    """The role of `personer.toml` that fills the slot: whoever drew the plan up fills the middle one."""
    other = {"socialsekreterare": "handlaggare", "extern_utforare": "extern_utforare"}
    wanted = other.get(plan.handelser.upprattad_av or "", role) if role == "kontaktman" else role
    return role if wanted == "extern_utforare" and role in signer.roles else wanted


def id_type(kind: str) -> "IdType":
    """The provider's word for how somebody is known: staff by their employer's id, a representative by name."""
    from signatures.identity import IdType

    ours = {"personal_id": IdType.ORG_ID, "foretradare": IdType.INTERN, "internt": IdType.INTERN}
    return ours.get(kind) or IdType(kind if kind != "reservnummer" else "intern")
