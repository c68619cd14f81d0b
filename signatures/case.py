"""Who signs in which order, and how each slot of a case ends. Pure: no clock, no file.

The brukare is always first. Staff only ever sign. A brukare's outcome without an
electronic signature is printed in the document, so it makes a new edition, and can
be recorded only while nobody has signed. A case is sealed when every slot has ended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from .errors import CaseRefused
from .names import may_be_one


class Role(StrEnum):
    """The three slots of a plan; what a municipality calls them is for others to know."""

    BRUKARE = "brukare"
    KONTAKTMAN = "kontaktman"
    ENHETSCHEF = "enhetschef"


class Standing(StrEnum):
    """Whether a case still takes acts."""

    OPEN = "open"
    SEALED = "sealed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Signed:
    """Signed by the slot's own person. `who` (kind of id, colon, id) tells persons apart and is never shown.

    `on` is the SHA-256 of the revision the person signed, `revision` that of the file it became.
    """

    who: str
    name: str
    at: date
    on: str
    revision: str


@dataclass(frozen=True, slots=True)
class Represented(Signed):
    """Signed in the brukare's place, on a recorded `basis` (an appointment, a power of attorney …)."""

    basis: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The brukare did not want to: a reason code, who recorded it and when, perhaps in their words."""

    reason: str
    by: str
    at: date
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Unable(Declined):
    """The brukare could not."""


@dataclass(frozen=True, slots=True)
class NotParticipating(Declined):
    """The brukare took no part, or was not asked."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Signed in ink: the scan's SHA-256, and who vouches for it."""

    scan_sha256: str
    by: str
    at: date


Outcome = Signed | Represented | Declined | Unable | NotParticipating | Paper


@dataclass(frozen=True, slots=True)
class Slot:
    """One role's place in a case; `intent` is the code of the sentence it signs under."""

    role: Role
    required: bool
    intent: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class SigningCase:
    """One edition's signing.

    `base_sha256` is the prepared file before any signature, or None while a new edition is
    still to be rendered; `revision_sha256` the file as it stands, the base when left out.
    `order` is the order of signing; `staff_any_order` lets the two after the brukare change places, and
    `same_person` one employee fill both of their slots; never anybody the brukare's and another.
    """

    plan_ref: str
    version: int
    edition: int
    base_sha256: str | None
    order: tuple[Role, ...]
    slots: tuple[Slot, ...]
    staff_any_order: bool = False
    same_person: bool = False
    standing: Standing = Standing.OPEN
    revision_sha256: str | None = None

    def __post_init__(self) -> None:
        """Refuse a case that no act could have led to."""
        roles = [slot.role for slot in self.slots]
        if not roles or sorted(roles) != sorted(self.order) or len(set(roles)) != len(roles):
            raise ValueError("the order must name every slot's role, each once")
        if Role.BRUKARE in roles and self.order[0] is not Role.BRUKARE:
            raise ValueError("the brukare is always first")
        if self.base_sha256 is not None and self.revision_sha256 is None:
            object.__setattr__(self, "revision_sha256", self.base_sha256)

    def slot(self, role: Role) -> Slot:
        """The slot of `role`. Raises CaseRefused `okand_roll`."""
        for each in self.slots:
            if each.role == role:
                return each
        raise CaseRefused("okand_roll", f"this case has no slot for {role}")


def may_end(case: SigningCase, role: Role, outcome: Outcome) -> None:
    """Raise CaseRefused when `role` cannot end with `outcome` now; say nothing when it can."""
    _refuse_closed(case)
    if case.slot(role).outcome is not None:
        raise CaseRefused("redan_avslutad", f"{role} has already ended")
    _refuse_kind(case, role, outcome)
    if role not in open_roles(case):
        raise CaseRefused("fel_ordning", f"{role} comes after {next_role(case)}")
    if isinstance(outcome, Signed):
        _refuse_signature(case, role, outcome)


def end(case: SigningCase, role: Role, outcome: Outcome) -> SigningCase:
    """The case after `role` has ended with `outcome`; the same refusals as `may_end`.

    Without an electronic signature it is the next edition, whose base is still to be rendered.
    """
    may_end(case, role, outcome)
    slots = tuple(replace(slot, outcome=outcome) if slot.role == role else slot for slot in case.slots)
    if isinstance(outcome, Signed):
        return replace(case, slots=slots, revision_sha256=outcome.revision)
    return replace(case, slots=slots, edition=case.edition + 1, base_sha256=None, revision_sha256=None)


def with_base(case: SigningCase, base_sha256: str) -> SigningCase:
    """The case once its edition has been rendered and its fields prepared; only while nobody has signed."""
    _refuse_closed(case)
    if someone_signed(case):
        raise CaseRefused("nagon_har_skrivit_under", "a signed edition cannot get another base")
    return replace(case, base_sha256=base_sha256, revision_sha256=base_sha256)


def open_roles(case: SigningCase) -> tuple[Role, ...]:
    """The roles that may end next, in order; none when the case takes no more acts."""
    if case.standing is not Standing.OPEN:
        return ()
    waiting = tuple(role for role in case.order if case.slot(role).outcome is None)
    may_change_places = case.staff_any_order and Role.BRUKARE not in waiting
    return waiting if may_change_places else waiting[:1]


def next_role(case: SigningCase) -> Role | None:
    """The role whose turn it is, or None."""
    return next(iter(open_roles(case)), None)


def someone_signed(case: SigningCase) -> bool:
    """Whether the file of this edition carries a signature."""
    return any(isinstance(slot.outcome, Signed) for slot in case.slots)


def is_complete(case: SigningCase) -> bool:
    """Whether every slot has ended."""
    return all(slot.outcome is not None for slot in case.slots)


def seal(case: SigningCase) -> SigningCase:
    """The case closed for good, or CaseRefused (`ej_klar`, or why it takes no more acts)."""
    _refuse_closed(case)
    if not is_complete(case):
        raise CaseRefused("ej_klar", f"{next_role(case)} has not ended yet")
    return replace(case, standing=Standing.SEALED)


def supersede(case: SigningCase) -> SigningCase:
    """The case after a newer version has taken its place."""
    _refuse_closed(case)
    return replace(case, standing=Standing.SUPERSEDED)


def withdraw(case: SigningCase) -> SigningCase:
    """The case after it has been given up."""
    _refuse_closed(case)
    return replace(case, standing=Standing.WITHDRAWN)


def _refuse_closed(case: SigningCase) -> None:
    match case.standing:
        case Standing.SEALED:
            raise CaseRefused("redan_avslutad", "the case is sealed")
        case Standing.SUPERSEDED:
            raise CaseRefused("ersatt_version", "a newer version has taken this one's place")
        case Standing.WITHDRAWN:
            raise CaseRefused("aterkallad", "the case has been withdrawn")
        case Standing.OPEN:
            return


def _refuse_kind(case: SigningCase, role: Role, outcome: Outcome) -> None:
    if role is not Role.BRUKARE and type(outcome) is not Signed:
        raise CaseRefused("ej_tillatet", f"{role} can only sign")
    if isinstance(outcome, Represented) and not outcome.basis.strip():
        raise CaseRefused("ej_tillatet", "a representative signs on a recorded basis")
    if isinstance(outcome, Paper) and not re.fullmatch("[0-9a-f]{64}", outcome.scan_sha256):
        raise CaseRefused("ej_tillatet", "a signature in ink needs the SHA-256 of its scan")
    if isinstance(outcome, Declined) and not outcome.reason.strip():
        raise CaseRefused("ej_tillatet", "an outcome without a signature needs a reason")
    if not isinstance(outcome, Signed) and someone_signed(case):
        raise CaseRefused("nagon_har_skrivit_under", "an outcome without a signature is printed before anyone signs")


def _refuse_signature(case: SigningCase, role: Role, outcome: Signed) -> None:
    if case.revision_sha256 is None or outcome.on != case.revision_sha256:
        raise CaseRefused("fel_revision", "what was signed is not the file as it stands now")
    if outcome.revision == outcome.on:
        raise CaseRefused("fel_revision", "a signature makes a new revision")
    for slot in case.slots:
        if isinstance(slot.outcome, Signed):
            _refuse_same_person(case, (slot.role, slot.outcome), (role, outcome))


def _refuse_same_person(case: SigningCase, one: tuple[Role, Signed], other: tuple[Role, Signed]) -> None:
    """Nobody fills the brukare's slot and another; one employee both of theirs only where the routine lets them."""
    across = Role.BRUKARE in {one[0], other[0]}
    if may_be_one(_known(one[1]), _known(other[1])) and (across or not case.same_person):
        raise CaseRefused("samma_person", "the same person cannot fill two slots")


def _known(signed: Signed) -> tuple[str, str, str]:
    kind, _, value = signed.who.partition(":")
    return kind, value, signed.name
