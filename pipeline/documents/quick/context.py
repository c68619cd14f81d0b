"""A document's boxes and styles go when it is written: its layout context, which points at itself, is emptied."""

import weakref
from typing import Any

from weasyprint.layout import LayoutContext

_made: list["weakref.ref[Any]"] = []
_init = LayoutContext.__init__


def _noted_init(self: Any, *told: Any, **named: Any) -> None:
    _init(self, *told, **named)
    _made.append(weakref.ref(self))


def count() -> int:
    """How many contexts are noted: those made from now on have later places."""
    return len(_made)


def let_go(first: int) -> None:
    """Empty the contexts from that place on, whose documents are written.

    Without, tens of thousands of objects would wait for a collector after each document.
    """
    for context in (reference() for reference in _made[first:]):
        if context is not None:
            context.target_collector.counter_lookup_items.clear()
            context.__dict__.clear()
    del _made[first:]


def install() -> None:
    """Note each layout context that is made."""
    LayoutContext.__init__ = _noted_init
