"""What the journey works with: one frozen value, put together once in `pipeline/app.py`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from pipeline.archive.ocfl import StorageRoot
from pipeline.archive.preserve import read_file
from pipeline.casework.people import Person
from pipeline.errors import EnvironmentFailed, Misuse
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile import Profil
from pipeline.plan.reading import read_file as read_dropped
from pipeline.plan.slots import EndedSlot
from pipeline.settings import Settings
from pipeline.store.crypt import open_value, seal_value
from pipeline.store.db import Database
from pipeline.store.keys import Keys
from pipeline.store.objects import Objects
from pipeline.store.papers import PaperRow
from pipeline.store.rows import FileRow, SlotRow, VersionRow, files_of
from pipeline.store.tables import slot_column

if TYPE_CHECKING:
    from pipeline.documents.dress import Dress
    from signatures.backends.work import SignBackend
    from signatures.identity import IdentityProvider
    from signatures.issuer import Issuer
    from signatures.tsa import Timestamper
    from signatures.verify import Trust

SWEDEN = ZoneInfo("Europe/Stockholm")
"""Legal dates are Swedish calendar dates."""


@dataclass(frozen=True, slots=True)
class Identification:
    """One way to identify people, by the name it has in `plansigill.toml`, and for which roles it may be used."""

    name: str
    roles: frozenset[str]
    provider: "IdentityProvider"


@dataclass(frozen=True, slots=True)
class Backend:
    """One `[[signing]]`: where the key of the person `who` works, or the service that signs for whoever fills `roles`.

    `make` opens it; None stands for a one-time key of our own issuer.
    """

    name: str
    who: str | None
    roles: frozenset[str]
    make: "Callable[[], SignBackend] | None"


@dataclass(frozen=True)
class Tools:
    """The workspace's parts; those that cost an import or a key are made when first used."""

    home: Path
    settings: Settings
    clock: Callable[[], datetime]
    db: Database
    keys: Keys
    objects: Objects
    ocfl: StorageRoot
    profiles: Mapping[str, Profil]
    people: Mapping[str, Person]
    make_issuer: "Callable[[], Issuer]"
    make_timestamper: "Callable[[], Timestamper]"
    make_trust: "Callable[[], Trust]"
    make_providers: "Callable[[], Sequence[Identification]]"
    make_backends: "Callable[[], Sequence[Backend]]"

    def now(self) -> datetime:
        """The instant, aware, UTC."""
        return self.clock().astimezone(UTC)

    def today(self) -> date:
        """The date in Sweden."""
        return swedish_date(self.now())

    @cached_property
    def issuer(self) -> "Issuer":
        """The local issuing authority."""
        return self.make_issuer()

    @cached_property
    def timestamper(self) -> "Timestamper":
        """The time-stamp authority."""
        return self.make_timestamper()

    @cached_property
    def trust(self) -> "Trust":
        """The certificates that signatures and time stamps must chain to."""
        return self.make_trust()

    @cached_property
    def providers(self) -> "Sequence[Identification]":
        """The ways to identify people, in the order in which they are preferred."""
        return self.make_providers()

    @cached_property
    def backends(self) -> "Sequence[Backend]":
        """The places where keys work, besides our own issuer's one-time keys."""
        return self.make_backends()

    def profile(self, name: str) -> Profil:
        """The routine profile `name`; raises `Misuse` when the installation lost one that an accepted plan needs."""
        if name not in self.profiles:
            raise Misuse("profil_saknas", profil=name)
        return self.profiles[name]

    def dress(self, kommun_kod: str) -> "Dress":
        """The dress of the municipality: the workspace's own, else the installation's, or the plain default."""
        from pipeline.documents.bundle import templates
        from pipeline.documents.dress import load_dress

        return load_dress(templates(), kommun_kod, self.home)

    def profile_of(self, plan: Genomforandeplan) -> Profil:
        """The plan's routine profile with its municipality's own words; raises as `profile` and `dress`."""
        return self.dress(plan.kommun.kod).worded(self.profile(plan.profil))

    @property
    def outbox(self) -> Path:
        """The folder of copies."""
        return self.home / self.settings.outbox.folder

    def read(self, row: FileRow | PaperRow) -> bytes:
        """The plain bytes of a stored file or paper, from the archive object or from staging."""
        return read_file(self.objects, self.ocfl, row)

    def seal(self, owner: str, column: str, value: object) -> bytes:
        """`value` as JSON, encrypted under the key of `owner` for that column."""
        return seal_value(self.keys.get_or_create(owner), owner, column, json.dumps(value, ensure_ascii=False))

    def open(self, owner: str, column: str, data: bytes) -> dict[str, object]:
        """The JSON object that `seal` made."""
        value: dict[str, object] = json.loads(open_value(self.keys.get(owner), owner, column, data))
        return value

    def plan_of(self, conn: Connection, v: VersionRow) -> Genomforandeplan:
        """The accepted content of the version."""
        (row,) = files_of(conn, v, "content")
        value = read_dropped(self.read(row)).value
        assert isinstance(value, Genomforandeplan)  # noqa: S101  # content of a version was accepted as a plan
        return value

    def detail(self, v: VersionRow, slot: SlotRow) -> dict[str, object]:
        """What the slot keeps under the plan's key: outcome, reason, signer, text, by, basis; empty while it is open.

        Raises `EnvironmentFailed` ("objekt_skadat") when the row says otherwise of how the slot ended.
        """
        kept, column = slot.detail_enc, slot_column(v.version, slot.role)
        told = {} if kept is None else self.open(v.plan_id, column, kept)
        if (told.get("outcome"), told.get("reason")) != (slot.outcome, slot.reason):
            raise EnvironmentFailed("objekt_skadat")
        return told

    def seal_detail(self, v: VersionRow, role: str, told: Mapping[str, object]) -> bytes:
        """How a slot ends, for its row and no other."""
        return self.seal(v.plan_id, slot_column(v.version, role), told)

    def seal_ended(self, v: VersionRow, ended: EndedSlot) -> bytes:
        """The details of a slot that ends without a signature, for its row."""
        told = {name: str(x) if isinstance(x, date) else x for name, x in asdict(ended).items()}
        return self.seal_detail(v, ended.role, told)


def swedish_date(instant: datetime) -> date:
    """The calendar date in Sweden of an aware instant."""
    return instant.astimezone(SWEDEN).date()
