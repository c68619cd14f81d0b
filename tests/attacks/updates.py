"""Attacks by incremental update: each edit of `edits.py` made after the archive's seal, and before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signatures.verify import RuleId

from .edits import EDITS, XMP_EDITS, Edit, store_emptied, updated, xmp_edited
from .model import Attack, Plan
from .pki import NOW
from .plans import stamp


def after_seal(edit: Edit) -> Callable[[Plan], bytes]:
    return lambda plan: updated(plan.sealed, edit)


def before_seal(edit: Edit) -> Callable[[Plan], bytes]:
    """The change is made before the archive's own seal, which then covers it faithfully."""
    return lambda plan: stamp(updated(plan.at["enhetschef"], edit), plan.world, NOW + timedelta(minutes=15))


def title_divided(plan: Plan) -> bytes:
    """The title goes on after an instruction, where some readers stop; then one more trusted stamp."""
    edit = xmp_edited("Genomförandeplan</rdf:li>", "Genomförandeplan<?x?> (upphävd)</rdf:li>")
    # The attacker's tools do not write the packet anew by themselves.
    with patch.object(IncrementalPdfFileWriter, "_update_meta", lambda _: None):
        return stamp(updated(plan.sealed, edit), plan.world, NOW + timedelta(minutes=30), "Arkivstampel2")


ATTACKS: tuple[Attack, ...] = (
    *(Attack(f"{e.__name__}_after_seal", after_seal(e), r, why) for e, r, why in EDITS),
    *(Attack(f"{e.__name__}_before_seal", before_seal(e), r, why) for e, r, why in EDITS),
    *(Attack(f"{n}_after_seal", after_seal(e), RuleId.METADATA, "changed") for n, e in XMP_EDITS.items()),
    *(Attack(f"{n}_before_seal", before_seal(e), RuleId.METADATA, "changed") for n, e in XMP_EDITS.items()),
    Attack(
        "title_divided",
        title_divided,
        RuleId.METADATA,
        "unreadable",
        known="indeterminate",
        alone="indeterminate",
    ),
    Attack("store_emptied", after_seal(store_emptied), RuleId.CHANGES, "changed"),
)
