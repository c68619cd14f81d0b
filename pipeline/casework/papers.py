"""What documents are made from: a version's rows and the plan's content, as values for `documents` and `fields`."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from sqlalchemy.engine import Connection

from pipeline.casework.cases import IN_FIELD, unsigned_endings
from pipeline.casework.people import Person
from pipeline.casework.protection import shown_plan
from pipeline.casework.receipts import stop
from pipeline.casework.signers import demanded_name
from pipeline.casework.tools import Tools
from pipeline.plan.findings import Finding
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Roll
from pipeline.plan.profile import RoleName
from pipeline.plan.slots import EndedSlot, SlotDemand
from pipeline.plan.slots import slots as demanded_slots
from pipeline.store import rows
from pipeline.store.rows import SlotRow, VersionRow
from pipeline.store.tables import parse_stamp

if TYPE_CHECKING:
    from pipeline.documents.render import Rendering
    from signatures.fields import FieldSpec


def rendering(tools: Tools, conn: Connection, v: VersionRow) -> "Rendering":
    """What the document of the version's current edition is made from: its content as it was sent."""
    return _made_of(tools, conn, v, tools.plan_of(conn, v))


def shown_rendering(tools: Tools, conn: Connection, v: VersionRow) -> "Rendering":
    """What a draft or a copy to be shown is made from: a protection recorded since holds for it."""
    return _made_of(tools, conn, v, shown_plan(tools, conn, v))


def _made_of(tools: Tools, conn: Connection, v: VersionRow, plan: Genomforandeplan) -> "Rendering":
    from pipeline.documents.render import Rendering

    profil = tools.profile_of(plan)
    return Rendering(
        plan=plan,
        profil=profil,
        dress=tools.dress(plan.kommun.kod),
        version=v.version,
        slots=demanded_slots(plan, profil),
        ended=unsigned_endings(tools, conn, v),
        test=tools.settings.test,
    )


def all_endings(tools: Tools, conn: Connection, v: VersionRow) -> tuple[EndedSlot, ...]:
    """How every slot has ended, those that were signed too, with the instant of each signature."""
    signed = (_signed(slot) for slot in rows.slots_of(conn, v) if slot.outcome in IN_FIELD)
    return (*unsigned_endings(tools, conn, v), *signed)


def _signed(slot: SlotRow) -> EndedSlot:
    at = parse_stamp(slot.ended_at) if slot.ended_at else None
    return EndedSlot(cast(RoleName, slot.role), str(slot.outcome), None, None, None, at)


def field_specs(
    demands: Sequence[SlotDemand], places: Sequence[Mapping[str, object]], *, any_order: bool
) -> tuple["FieldSpec", ...]:
    """The empty fields where the placeholders were laid out; each locks itself, the last signer's all of them."""
    from signatures.fields import FieldSpec

    at = {str(place["role"]): place for place in places}
    found = [d for d in demands if d.role in at]
    everyone = tuple(d.role for d in found)

    def locks(demand: SlotDemand) -> tuple[str, ...]:
        return everyone if demand is found[-1] and not any_order else (demand.role,)

    return tuple(
        FieldSpec(
            name=d.role,
            page=cast(int, at[d.role]["page"]),
            rect=cast("tuple[float, float, float, float]", tuple(cast(Sequence[float], at[d.role]["rect"]))),
            tooltip=f"Underskrift, {d.word}",
            locks=locks(d),
        )
        for d in found
    )


def unprintable(tools: Tools, plan: Genomforandeplan) -> tuple[Finding, ...]:
    """A finding for each printed field with a letter that no bundled font can write."""
    from pipeline.documents.fonts import signable, unwritable
    from pipeline.documents.reduced import texts

    if plan.profil not in tools.profiles:
        return ()  # refused for that
    told = texts(plan, tools.profile(plan.profil), ())
    found = [stop("tecken", field) for field, value in told if unwritable(value) is not None]
    return (*found, *(stop("tecken_underskrift", field) for field, name in _signers(plan) if not signable(name)))


def _signers(plan: Genomforandeplan) -> Iterator[tuple[str, str]]:
    """The names that a visible signature may have to show, with their fields."""
    yield "brukare", demanded_name(plan)
    for key in ("kontaktman", "vice_kontaktman", "handlaggare", "enhetschef"):
        person: Roll | None = getattr(plan.roller, key)
        if person is not None and person.namn is not None:
            yield f"roller.{key}.namn", person.namn
    for number, other in enumerate(plan.foretradare):
        if other.far_underteckna:
            yield f"foretradare[{number}].namn", other.namn


def names(plan: Genomforandeplan, people: Mapping[str, Person]) -> str:
    """Every letter that a visible signature of this case may need, of names that the bundled fonts can write."""
    from pipeline.documents.fonts import signable

    roles = plan.roller
    staff = [roles.kontaktman, roles.vice_kontaktman, roles.enhetschef, roles.handlaggare]
    found = [demanded_name(plan), *(s.namn for s in staff if s and s.namn), *(f.namn for f in plan.foretradare)]
    listed = [p.namn for p in people.values() if signable(p.namn)]
    return "".join(sorted(set(unicodedata.normalize("NFC", "".join([*found, *listed])))))
