"""An employee attests face to face who the brukare is: which employee, and how they know."""

from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from pipeline.casework.people import find_signer
from pipeline.casework.signers import id_type
from pipeline.casework.tools import Identification, Tools
from pipeline.errors import Misuse, Refused
from pipeline.store.rows import VersionRow

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
