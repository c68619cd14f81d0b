"""pyHanko's difference analysis (the second look of rule R5), with the forms that it does not know.

As it comes it takes every change below the top of the form's tree for an attack: a field under a name that was there
already, and the appearance of a widget that is an object of its own. Both are the standard's (ISO 32000-2 §12.7.4.1),
and its own writer makes the first. So it takes an output intent, which EU DSS adds. Which of them are a signature's is
what `changes.py` asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject, Reference
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    CatalogModificationRule,
    FieldComparisonContext,
    FieldMDPRule,
    FormUpdate,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    ReferenceUpdate,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
)
from pyhanko.sign.diff_analysis.constants import ROOT_EXEMPT_STRICT_COMPARISON, VALUE_UPDATE_KEYS

from .objects import changed_keys, entry, items, raw_entry, target


class _FirstOutputIntents(WhitelistRule):
    """Where the catalog had no output intents, it may get some, and the objects that came with them."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[ReferenceUpdate]:
        if "/OutputIntents" not in old.root and (added := raw_entry(new.root, "/OutputIntents")) is not None:
            for ref in new.collect_dependencies(added, since_revision=old.revision + 1):
                yield ReferenceUpdate(ref)


class _WidgetsOfFilledFields(FieldMDPRule):
    """When an empty signature field is filled in, its widgets may get an appearance."""

    def apply(self, context: FieldComparisonContext) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
        for name, spec in context.field_specs.items():
            before, after = spec.old_field, spec.new_field
            if spec.field_type != "/Sig" or before is None or after is None or "/V" in before or "/V" not in after:
                continue
            for old, new in zip(items(entry(before, "/Kids")), items(entry(after, "/Kids")), strict=True):
                for ref in _drawn_anew(context, old, new):
                    yield ModificationLevel.FORM_FILLING, FormUpdate(updated_ref=ref, field_name=name)


def _drawn_anew(context: FieldComparisonContext, old: PdfObject, new: PdfObject) -> set[Reference]:
    """A widget of which nothing but the appearance changed, and the objects that came with that."""
    before, after = target(old), target(new)
    if not isinstance(new, IndirectObject) or not isinstance(before, DictionaryObject):
        raise SuspiciousModification("a widget is no object of its own")
    if not isinstance(after, DictionaryObject) or not changed_keys(before, after) <= {"/AP"}:
        raise SuspiciousModification("more than the appearance of a widget was changed")
    look = raw_entry(after, "/AP") or DictionaryObject()  # type: ignore[no-untyped-call]  # pyHanko's is half typed
    return {new.reference, *context.new.collect_dependencies(look, since_revision=context.old.revision + 1)}


_MAY_CHANGE = ROOT_EXEMPT_STRICT_COMPARISON | {"/OutputIntents"}
POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(_MAY_CHANGE),  # type: ignore[no-untyped-call]  # likewise
        _FirstOutputIntents().as_qualified(ModificationLevel.LTA_UPDATES),
        *(rule for rule in DEFAULT_DIFF_POLICY.global_rules if not isinstance(rule, CatalogModificationRule)),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),  # type: ignore[no-untyped-call]  # likewise
            SigFieldModificationRule(),
            GenericFieldModificationRule(value_update_keys=VALUE_UPDATE_KEYS | {"/Kids"}),
            _WidgetsOfFilledFields(),
        ],
    ),
)
