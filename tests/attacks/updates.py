"""Attacks by incremental update: each edit of `edits.py` made after the archive's seal, and before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from signatures.verify import RuleId

from .edits import EDITS, XMP_EDITS, Edit, store_emptied, updated
from .model import Attack, Plan
from .pki import NOW
from .plans import stamp


def after_seal(edit: Edit) -> Callable[[Plan], bytes]:
    return lambda plan: updated(plan.sealed, edit)


def before_seal(edit: Edit) -> Callable[[Plan], bytes]:
    """The change is made before the archive's own seal, which then covers it faithfully."""
    return lambda plan: stamp(updated(plan.at["enhetschef"], edit), plan.world, NOW + timedelta(minutes=15))


ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"{e.__name__}_after_seal", after_seal(e), r, why) for e, r, why in EDITS),
    *(Attack(f"{e.__name__}_before_seal", before_seal(e), r, why) for e, r, why in EDITS),
    *(Attack(f"{n}_after_seal", after_seal(e), RuleId.METADATA, "changed") for n, e in XMP_EDITS.items()),
    *(Attack(f"{n}_before_seal", before_seal(e), RuleId.METADATA, "changed") for n, e in XMP_EDITS.items()),
    Attack("store_emptied", after_seal(store_emptied), RuleId.CHANGES, "changed"),
)
