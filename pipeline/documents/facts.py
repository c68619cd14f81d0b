"""What a document around the plan may speak of: one value, put together by the casework, seen by blocks alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.plan.deadlines import Deadline
from pipeline.plan.findings import Finding
from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.model_plan import Samtycke
from pipeline.plan.profile import Profil
from pipeline.plan.slots import EndedSlot
from pipeline.plan.time_sum import TimeSum


@dataclass(frozen=True, slots=True)
class SlotFact:
    """How one slot of the version stands; `outcome` is None while it is open."""

    role: str
    outcome: str | None
    signer: str | None
    at: datetime | None
    reason: str | None
    text: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file that the archive has issued: `name` is what it is called there and as an attachment."""

    version: int
    kind: str
    name: str
    sha256: str
    made: date
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the sealed file said: the verdict, its rules by id, and who signed when."""

    verdict: str
    rules: tuple[tuple[str, str, str], ...]
    at: datetime
    reports: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """The report in its other forms, by the name of the file that each is enclosed as."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a block may print. `subject` is reduced by the person's protection; there is nothing else of the plan.

    `vid` is what brought the document about (`kinds.Cause`), `day` what it is dated. `earlier` is the version before.
    `event` is what brought the document about, where that is an event, and `by` who recorded it, by name where it is
    known.
    """

    subject: Genomforandeplan | Uppdrag
    profil: Profil
    day: date
    vid: str = "begaran"
    test: bool = False
    number: int = 1
    version: int | None = None
    content_sha256: str | None = None
    """Of the version's content, in hexadecimal: what tells one version from another."""
    sums: TimeSum | None = None
    earlier: Genomforandeplan | None = None
    earlier_version: int | None = None
    earlier_sums: TimeSum | None = None
    event: Handelse | None = None
    by: str | None = None
    deadline: Deadline | None = None
    deadlines: tuple[Deadline, ...] = ()
    findings: tuple[Finding, ...] = ()
    sammanfattning: Mapping[str, str] = field(default_factory=dict)
    """The plan's summaries by language, which no other document prints."""
    variant: str | None = None
    """Which one of several papers this is (`Kind.for_varje`)."""
    samtycken: tuple[Samtycke, ...] = ()
    """Every consent as it stands, whatever the plan prints; none of a protected person's, which name relatives."""
    history: History = field(default_factory=History)
    slots: tuple[SlotFact, ...] = ()
    ended: tuple[EndedSlot, ...] = ()
    """The slots that ended without a signature in the document, as the plan prints them."""
    files: tuple[FileFact, ...] = ()
    sha256: str | None = None
    """Of the version's sealed file, in hexadecimal."""
    sealed: datetime | None = None
    adopted: datetime | None = None
    states: Mapping[int, str] = field(default_factory=dict)
    verdict: Verdict | None = None

    @property
    def plan(self) -> Genomforandeplan:
        """The plan; raises `TypeError` in a document about an order, whose blocks must not ask for it."""
        if not isinstance(self.subject, Genomforandeplan):
            raise TypeError("this document is about an order: there is no plan")
        return self.subject

    @property
    def told(self) -> object:
        """The particulars of the event; raises `TypeError` when no event brought the document about."""
        if self.event is None:
            raise TypeError("this document was not brought about by an event")
        return self.event.uppgifter
