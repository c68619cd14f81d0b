"""An employee attests face to face who the brukare is: which employee, and how they know."""

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from pipeline.casework.cases import answering
from pipeline.casework.people import find_signer
from pipeline.casework.signers import id_type
from pipeline.casework.tools import Identification, Tools
from pipeline.errors import Misuse, Refused
from pipeline.store.rows import VersionRow

if TYPE_CHECKING:
    from signatures.identity import Order

STAFF = frozenset(("kontaktman", "enhetschef", "handlaggare", "extern_utforare"))


@dataclass(frozen=True, slots=True)
class Attesting:
    """What the caller says of who attests (a `personal_id`), and how they know: ``id_handling`` or ``kand``.

    `drawn` is the person's own signature, drawn for them (PNG); kept with the evidence, never in the document.
    """

    by: str | None
    how: str | None
    drawn: bytes | None = None


def prepared(tools: Tools, conn: Connection, v: VersionRow, way: Identification, told: Attesting) -> Identification:
    """The way made ready for one act. Raises `Refused` or `Misuse` when nobody may attest, or nobody has to."""
    from signatures.identity import Wanted
    from signatures.identity.attested import Attested, Checked

    if not isinstance(way.provider, Attested):
        if told.by or told.how or told.drawn:
            raise Refused("intygas_inte", method=way.name)
        return way
    if told.by is None:
        raise Misuse("attested_by_kravs")
    if told.how not in set(Checked):
        raise Misuse("fel_val", option="--how", allowed=", ".join(Checked))
    attester = find_signer(told.by, tools.people, tools.plan_of(conn, v), test=tools.settings.test)
    if STAFF.isdisjoint(attester.roles):
        raise Refused("fel_roll", person=told.by, role="intygande")
    wanted = Wanted(id_type(attester.id_type), attester.id_value, attester.name)
    return replace(way, provider=replace(way.provider, attester=wanted, how=Checked(told.how), drawn=told.drawn))


def agrees(tools: Tools, conn: Connection, v: VersionRow, order: "Order", told: Attesting) -> bool:
    """Whether an order that has been begun is with what the caller says of attesting; what is not said agrees."""
    from signatures.identity.attested import redrawn
    from signatures.identity.order import order_of

    if "inner" not in order.private:
        return told == Attesting(None, None)
    wanted = order_of(order.private["inner"]).asked.wanted
    by = told.by and find_signer(told.by, tools.people, tools.plan_of(conn, v), test=tools.settings.test).id_value
    with answering():
        drawn = None if told.drawn is None else b64encode(redrawn(told.drawn)).decode()
    said = (by, told.how, drawn)
    begun = (wanted.id_value if wanted else None, order.private["how"], order.private.get("drawn"))
    return all(one in {None, other} for one, other in zip(said, begun, strict=True))
