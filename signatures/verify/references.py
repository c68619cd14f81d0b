"""Which objects a file refers to, and whether signing could give one of them another meaning (rule R5).

pyHanko's difference analysis never follows /Parent. Yet what a page or a field lacks it has from there
(ISO 32000-2 §7.7.3.4, §12.7.4.1), and an object that is referred to need not be there: it is null until a later
revision brings it (§7.3.10).
"""

from __future__ import annotations

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject
from pyhanko.pdf_utils.reader import HistoricalResolver


class References:
    """All object numbers referred to so far, and those of them that something has as its /Parent."""

    def __init__(self, resolver: HistoricalResolver) -> None:
        self.named: set[int] = set()
        self.parents: set[int] = set()
        self._gather([resolver.trailer_view], resolver)

    def add(self, value: PdfObject) -> None:
        """Note what an object of a later revision refers to; what it leads to is noted when that is added."""
        self._gather([value], None)

    def _gather(self, waiting: list[PdfObject], resolver: HistoricalResolver | None) -> None:
        while waiting:
            value = waiting.pop()
            if isinstance(value, IndirectObject):
                if value.idnum not in self.named and resolver is not None:
                    waiting.append(resolver(value.reference))
                self.named.add(int(value.idnum))
            elif isinstance(value, DictionaryObject):
                parent = value.raw_get("/Parent") if "/Parent" in value else None
                if isinstance(parent, IndirectObject):
                    self.parents.add(int(parent.idnum))
                waiting += [value.raw_get(key) for key in value]
            elif isinstance(value, ArrayObject):
                waiting += list(value)
