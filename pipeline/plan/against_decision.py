"""A plan beside its decision: what takes up each granted insats, what nothing takes up, granted and planned time."""

from dataclasses import dataclass

from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import BeviljadInsats
from pipeline.plan.model_plan import Insats
from pipeline.plan.time_sum import Granted, time_sum


@dataclass(frozen=True, slots=True)
class TakenUp:
    """One granted insats with the plan's insatser that refer to it (S0.5), and their minutes a week together."""

    granted: BeviljadInsats
    insatser: tuple[Insats, ...]
    minutes: int | None
    """None: none of them has its time."""


@dataclass(frozen=True, slots=True)
class AgainstDecision:
    """What a plan makes of its decision; time in minutes a week."""

    taken_up: tuple[TakenUp, ...]
    beyond: tuple[Insats, ...]
    """The plan's insatser that refer to nothing that was granted."""
    granted: Granted | None
    planned: int

    @property
    def not_taken_up(self) -> tuple[BeviljadInsats, ...]:
        """What was granted and no insats of the plan refers to."""
        return tuple(row.granted for row in self.taken_up if not row.insatser)

    @property
    def difference(self) -> int | None:
        """Minutes a week planned beyond what was granted (below 0: fewer); None where the decision sets no time."""
        return None if self.granted is None else self.planned - self.granted.per_week


def against_decision(plan: Genomforandeplan) -> AgainstDecision:
    """The plan's insatser against its decision's."""
    sums = time_sum(plan)
    timed = tuple(zip(plan.insatser, sums.per_insats, strict=True))
    known = {row.id for row in plan.uppdrag.beviljade_insatser}
    return AgainstDecision(
        tuple(_taken_up(row, timed) for row in plan.uppdrag.beviljade_insatser),
        tuple(insats for insats in plan.insatser if insats.beviljad_ref not in known),
        sums.granted,
        sums.planned,
    )


def _taken_up(granted: BeviljadInsats, timed: tuple[tuple[Insats, int | None], ...]) -> TakenUp:
    found = [(insats, minutes) for insats, minutes in timed if insats.beviljad_ref == granted.id]
    known = [minutes for _insats, minutes in found if minutes is not None]
    return TakenUp(granted, tuple(insats for insats, _minutes in found), sum(known) if known else None)
