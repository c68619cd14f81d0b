"""What a changed field is called: `what` of ``plansigill diff``, such as ”Dusch: När” or ”Kontaktman: Telefon”."""

from collections.abc import Mapping
from typing import Any

from pipeline.documents.words import Words, sentence
from pipeline.plan.changes import Change, Kind
from pipeline.plan.pairing import IDENTITIES

_OWN_NAME = ("insatser", "mal")
"""Lists whose items have a name that says enough."""

TABLES = ("andring.falt", "etikett", "rubrik", "kod.roll")
"""Where fields have their names, the first that has it before the others."""


def what(w: Words, change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The field in words; `before` and `after` are the two plans as JSON, in which its item is called something."""
    steps = change.field.split(".")
    item = next((place for place, step in enumerate(steps) if "[" in step), None)
    if item is not None:
        head = _item(w, steps[: item + 1], before if change.now is None else after)
        rest = steps[item + 1 :]
    else:
        named = 1 if steps[0] == "roller" and len(steps) > 1 else 0
        head, rest = field(w, steps[named]), steps[named + 1 :]
    if change.kind is Kind.MOVED:
        return f"{head}: {w('andring.falt.ordning')}"
    return f"{head}: {field(w, rest[0])}" if rest else head


def _item(w: Words, steps: list[str], tree: Any) -> str:
    for step in steps:
        name, _, index = step.rstrip("]").partition("[")
        tree = tree[name][int(index)] if index else tree[name]
    place = ".".join(step.partition("[")[0] for step in steps)
    called = ", ".join(str(tree[name]).replace("_", " ") for name in IDENTITIES[place].heading).rstrip(".")
    return called if place in _OWN_NAME else f"{field(w, place.rpartition('.')[2])} ({called})"


def field(w: Words, name: str) -> str:
    """A field's name in words; a language code, which is a key of `sammanfattning`, as it stands."""
    return sentence(next((w.entries[f"{t}.{name}"] for t in TABLES if f"{t}.{name}" in w.entries), name))
