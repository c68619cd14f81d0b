"""Who may fill a staff slot: `personer.toml` as values.

Each table is a `personal_id`, as it stands in the plan files::

    [nb-1042]
    namn = "Emma Sjöö"
    hsa_id = "SE9901000000-1042"      # or personnummer = "YYYYMMDD-NNNN", or org_id = "emma.sjoo@9901000000"
    roller = ["kontaktman"]
    enhet = "Hemtjänst Björkebo"

Whoever signs in an absent chief's place has that ground written with them::

    [[nb-1042.delegation]]
    for = "nb-0007"
    roll = "enhetschef"
    fran = 2026-12-01
    till = 2026-12-31
    grund = "Delegationsbeslut 2026-114, punkt 3"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pipeline.errors import Misuse, PlansigillError, Refused, masked
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Roll
from pipeline.plan.person_id import read_number
from pipeline.settings import first_fault, read_toml
from signatures.names import plain_id

PEOPLE_NAME = "personer.toml"
NOT_A_NUMBER = "personnummer_ogiltigt"
StaffRole = Literal["kontaktman", "enhetschef", "handlaggare", "extern_utforare", "registrator"]


class Delegation(BaseModel):
    """The ground on which somebody fills a slot of `for` from `fran` to `till`, both days included."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    for_: str = Field(alias="for", min_length=1)
    roll: StaffRole
    fran: date
    till: date
    grund: str = Field(min_length=3, max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> "Delegation":
        if self.till < self.fran:
            raise ValueError("till comes before fran")
        return self


class Person(BaseModel):
    """One employee: how the identity provider knows them, and what they may do.

    `org_id` is their organisational affiliation: the organisation's own id, @ and its organisation number (OIDC Sweden
    Claims 2.2.2; Sweden Connect's orgAffiliation).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    namn: str = Field(pattern=r"\S")
    hsa_id: str | None = Field(default=None, pattern=r"^[0-9A-Za-z-]+$")
    personnummer: str | None = None
    org_id: str | None = Field(default=None, pattern=r"^[^\s@]{1,200}@[0-9]{10}$")
    roller: list[StaffRole] = Field(min_length=1)
    enhet: str | None = None
    delegation: list[Delegation] = Field(default_factory=list)

    @field_validator("personnummer")
    @classmethod
    def _twelve_digits(cls, written: str | None) -> str | None:
        """In the one form that the plan's numbers are compared in; ten digits leave the century to a guess."""
        if written is None:
            return None
        whole = re.fullmatch(r"[0-9]{8}-?[0-9]{4}", written)
        number = read_number(written, today=date.max) if whole else None
        if number is None:
            raise PydanticCustomError(NOT_A_NUMBER, NOT_A_NUMBER)
        return number.digits

    @model_validator(mode="after")
    def _one_identity(self) -> "Person":
        if [self.hsa_id, self.personnummer, self.org_id].count(None) != 2:
            raise ValueError("hsa_id, personnummer or org_id, one of them")
        return self


class _People(RootModel[dict[str, Person]]):
    pass


@dataclass(frozen=True, slots=True)
class Signer:
    """A person about to act: the id it is known by here, its display name and how the provider identifies it."""

    personal_id: str
    name: str
    id_type: str
    id_value: str
    roles: tuple[str, ...]
    unit: str | None


def load_people(home: Path) -> Mapping[str, Person]:
    """`personer.toml` of the workspace; raises `Misuse` naming the person and the field when it does not hold."""
    try:
        people = _People.model_validate(read_toml(home / PEOPLE_NAME)).root
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        key, rule = first_fault(error)
        if rule == NOT_A_NUMBER:  # with words of its own, which never repeat the number
            raise Misuse("personnummer_ogiltigt", key=f"{PEOPLE_NAME}: {key}") from None
        raise Misuse("installning_ogiltig", key=f"{PEOPLE_NAME}: {key}", rule=rule) from error
    _refuse_one_twice(people)
    return people


def _refuse_one_twice(people: Mapping[str, Person]) -> None:
    """Somebody who stands there twice could be asked for both staff slots of one plan."""
    seen: dict[tuple[str, str], str] = {}
    for personal_id, person in people.items():
        kind, value = _known(person)
        earlier = seen.setdefault((kind, plain_id(kind, value)), personal_id)
        if earlier != personal_id:
            raise Misuse("person_tva_ganger", one=masked(earlier), other=masked(personal_id), kind=kind)


def _listed(personal_id: str, person: Person) -> Signer:
    return Signer(personal_id, person.namn, *_known(person), tuple(person.roller), person.enhet)


def _known(person: Person) -> tuple[str, str]:
    """The kind of id that the identity provider knows the person by, and the id."""
    known = {"hsa_id": person.hsa_id, "personnummer": person.personnummer, "org_id": person.org_id}
    return next((kind, value) for kind, value in known.items() if value is not None)


def plan_people(plan: Genomforandeplan) -> Mapping[str, Signer]:
    """The staff that the plan itself names, by `personal_id`: who may act in a test workspace without being listed."""
    unit = plan.utforare.enhet
    named: list[tuple[Roll | None, str]] = [
        (plan.roller.kontaktman, "kontaktman"),
        (plan.roller.vice_kontaktman, "kontaktman"),
        (plan.roller.handlaggare, "handlaggare"),
        (plan.roller.enhetschef, "enhetschef"),
    ]
    found: dict[str, Signer] = {}
    for person, role in named:
        if person is None or person.personal_id is None:
            continue
        earlier = found.get(person.personal_id)
        roles = (*earlier.roles, role) if earlier else (role,)
        name = person.namn or person.personal_id
        found[person.personal_id] = Signer(person.personal_id, name, "personal_id", person.personal_id, roles, unit)
    return found


def find_signer(personal_id: str, people: Mapping[str, Person], plan: Genomforandeplan, *, test: bool) -> Signer:
    """The employee `personal_id`; in a test workspace also one whom only the plan names.

    Raises `Refused`, never repeating what looks like a personnummer, or `Misuse` when nobody is named.
    """
    if personal_id in people:
        return _listed(personal_id, people[personal_id])
    if test and personal_id in plan_people(plan):
        return plan_people(plan)[personal_id]
    raise unknown_person(personal_id)


def unknown_person(personal_id: str) -> PlansigillError:
    """That nobody bears the id, never repeating what looks like a personnummer, or that none was given."""
    return Refused("okand_person", person=masked(personal_id)) if personal_id.strip() else Misuse("person_kravs")


def delegated(people: Mapping[str, Person], personal_id: str, owner: str, role: str, today: date) -> str | None:
    """The ground on which `personal_id` fills the slot of `owner` today; None when there is none."""
    person = people.get(personal_id)
    for each in person.delegation if person else ():
        if (each.for_, each.roll) == (owner, role) and each.fran <= today <= each.till:
            return each.grund
    return None


def delegation_of_another_time(
    people: Mapping[str, Person], personal_id: str, owner: str, role: str
) -> Delegation | None:
    """The last of the grounds on which `personal_id` has filled the slot of `owner`, or is yet to; None without one."""
    person = people.get(personal_id)
    found = [each for each in (person.delegation if person else ()) if (each.for_, each.roll) == (owner, role)]
    return max(found, key=lambda each: each.till, default=None)


def may_fill(signer: Signer, role: str, plan: Genomforandeplan) -> None:
    """Raise `Refused` unless `signer` has the role of the slot and, where both are known, its unit."""
    if role not in signer.roles:
        raise Refused("fel_roll", person=signer.personal_id, role=role)
    unit = plan.utforare.enhet
    if signer.unit and unit and signer.unit != unit:
        raise Refused("fel_enhet", person=signer.personal_id)
