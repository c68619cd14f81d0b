"""What every rule of the content table shares: the case it is put to and the hits it answers with."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.model_plan import Insats
from pipeline.plan.profile import Profil
from pipeline.plan.profile_content import Innehall


@dataclass(frozen=True, slots=True)
class Hit:
    """One breach: where it is, and which text says what to do, with the figures that text shows."""

    path: str | None
    key: str
    """``fynd.<key>`` in the catalogue, or a whole key with a dot."""
    params: Mapping[str, object] = field(default_factory=dict)
    source: str | None = None
    """The requirement behind this hit, where it is another than the rule's own."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file put to a routine on one day; `history` is what had happened before this file came."""

    file: Genomforandeplan | Uppdrag
    profil: Profil
    today: date
    history: History

    @property
    def plan(self) -> Genomforandeplan:
        """The file as a plan; an order is only put to rules that never ask for one."""
        if not isinstance(self.file, Genomforandeplan):
            raise TypeError("this rule is for plans")
        return self.file

    @property
    def innehall(self) -> Innehall:
        """The routine's content table."""
        return self.profil.innehall


Rule = Callable[[Case], Iterator[Hit]]


def blank(value: str | None) -> bool:
    """Whether nothing is written there."""
    return value is None or not value.strip()


def indexed(insatser: Iterable[Insats], key: str) -> Iterator[tuple[str, Insats]]:
    """Each insats with the path of one of its fields, counted from 0 as in the JSON."""
    return ((f"insatser[{i}].{key}", insats) for i, insats in enumerate(insatser))
