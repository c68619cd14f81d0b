"""Where a plan's time went between two versions, in minutes a week."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.plan.model import Genomforandeplan
from pipeline.plan.pairing import Pairing
from pipeline.plan.time_sum import TimeSum


@dataclass(frozen=True, slots=True)
class InsatsTime:
    """One insats's minutes a week in both versions; None where it has no time or is not there."""

    rubrik: str
    was: int | None
    now: int | None
    before: int | None
    after: int | None

    @property
    def difference(self) -> int:
        """Minutes a week more (or fewer, below 0) than before."""
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Move:
    """Minutes a week that one insats lost and another gained."""

    source: InsatsTime
    target: InsatsTime
    minutes: int


@dataclass(frozen=True, slots=True)
class TimeMoved:
    """The two time sums, each insats's share, and what went from one insats to another.

    `moved` minutes a week were lost by some insatser and gained by others; `moves` says from which to which where only
    one reading is possible: where one insats alone lost, or one alone gained.
    """

    before: TimeSum
    after: TimeSum
    per_insats: tuple[InsatsTime, ...]
    moved: int
    moves: tuple[Move, ...]

    @property
    def difference(self) -> int:
        """Planned minutes a week more (or fewer, below 0) than before."""
        return self.after.planned - self.before.planned


def time_moved(
    before: Genomforandeplan, after: Genomforandeplan, sums: tuple[TimeSum, TimeSum], pairing: Pairing
) -> TimeMoved:
    """The time of two versions whose insatser are paired; insatser in the later order, then those that have gone."""
    old, new = sums
    was_of = {now: was for was, now in pairing.pairs}
    rows = [
        InsatsTime(
            insats.rubrik,
            was_of.get(now),
            now,
            old.per_insats[was_of[now]] if now in was_of else None,
            new.per_insats[now],
        )
        for now, insats in enumerate(after.insatser)
    ]
    rows += [InsatsTime(before.insatser[i].rubrik, i, None, old.per_insats[i], None) for i in pairing.removed]
    gained = sum(row.difference for row in rows if row.difference > 0)
    lost = -sum(row.difference for row in rows if row.difference < 0)
    return TimeMoved(old, new, tuple(rows), min(gained, lost), tuple(_moves(rows, gained, lost)))


def _moves(rows: Sequence[InsatsTime], gained: int, lost: int) -> list[Move]:
    up = [row for row in rows if row.difference > 0]
    down = [row for row in rows if row.difference < 0]
    if len(up) == len(down) == 1:
        return [Move(down[0], up[0], min(gained, lost))]
    if len(down) == 1 and lost >= gained:
        return [Move(down[0], row, row.difference) for row in up]
    if len(up) == 1 and gained >= lost:
        return [Move(row, up[0], -row.difference) for row in down]
    return []
