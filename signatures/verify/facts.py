"""All that the rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .chain import Material
from .integrity import Integrity
from .model import Expected, Weakened
from .opening import Opened
from .proof import Walk
from .strength import strong_until


@dataclass(frozen=True, slots=True)
class Case:
    """One file under judgement: the file, the record if there is one, what may be trusted, and what is known so far."""

    opened: Opened
    expected: Expected | None
    material: Material
    integrity: tuple[Integrity, ...]
    walk: Walk
    now: datetime
    weakened: tuple[Weakened, ...] = ()

    @property
    def baseline(self) -> int:
        """The revision that later ones are compared with: the recorded document, else the first signed one."""
        first = int(self.opened.signatures[0].signed_revision)
        with_record = self.expected is not None and self.expected.base_sha256 is not None
        return max(first - 1, 0) if with_record else first

    @property
    def checkable_until(self) -> datetime | None:
        """Until when the file can be shown to be good as it is: its last archive time stamp's certificate and its
        algorithms last. None without one."""
        ends = self.walk.checkable_until
        weak = strong_until(self.walk, self.weakened)
        return ends if weak is None or ends is None else min(ends, weak)

    @property
    def none_expected(self) -> bool:
        """Whether the record says that nobody was to sign here, and nobody has."""
        return self.expected is not None and self.expected.signatures == () and not self.opened.approvals
