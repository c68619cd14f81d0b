"""What `diff` says to people: lines marked +, − and ~, and every mark also in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.console.printing import both
from pipeline.documents.beside import time
from pipeline.documents.changed import summary, titled
from pipeline.documents.compared import Compared, Group, Said
from pipeline.documents.lines import closed
from pipeline.documents.reduced import printed
from pipeline.documents.words import Words, listed
from pipeline.plan.against_decision import against_decision
from pipeline.plan.changes import Change, Kind
from pipeline.plan.profile import Profil

MARKS = {Kind.ADDED: "+", Kind.REMOVED: "−", Kind.CHANGED: "~", Kind.MOVED: "~"}
LINKS = ("insats_id", "mal_id", "samtycke_id", "id")
"""Ids, which a document never prints."""


@dataclass(frozen=True, slots=True)
class Told:
    """Every change that may be shown, with what it is called, and the fields whose change is told without values."""

    changes: tuple[tuple[Change, str], ...]
    withheld: tuple[str, ...]


def lines(w: Words, profil: Profil, found: Compared, told: Told, sides: tuple[str, str]) -> list[str]:
    """The answer's lines; `sides` is what the earlier and the later are called."""
    head = f"{found.after.plan.plan_id}  {' → '.join(sides)}"
    if not told.changes and not told.withheld:
        return [head, both("diff.lika")]
    why = found.after.plan.andringsorsak
    reason = [w("andring.orsak", orsak=closed(why.strip()))] if why else []
    return [head, *reason, summary(w, found), *found.notes, *_body(w, profil, found, told)]


def _body(w: Words, profil: Profil, found: Compared, told: Told) -> Iterator[str]:
    yield from _section(w("andring.falt.insatser"), (line for g in found.insatser for line in _group(w, g, "insats")))
    yield from _section(w("andring.tid"), _time(w, profil, found))
    yield from _section(w("rubrik.mal"), (line for g in found.mal for line in _group(w, g, "mal")))
    for group in found.other:
        yield from _section(group.heading, (line for one in group.said for line in _said(one)))
    yield from _section(w("andring.beslut"), _decision(w, found))
    yield from _section(both("diff.ej_tryckt"), _unprinted(profil, found, told))
    yield from _section(both("diff.skyddat"), (f"~ {name}" for name in told.withheld))


def _section(heading: str, body: Iterator[str]) -> Iterator[str]:
    told = [f"  {line}" for line in body]
    if told:
        yield from ("", heading, *told)


def _group(w: Words, group: Group, what: str) -> Iterator[str]:
    yield f"{MARKS[group.kind]} {titled(w, group, what)}"
    if group.kind is Kind.CHANGED:
        yield from (f"    {line}" for one in group.said for line in _said(one))
    elif group.kind is Kind.ADDED:
        yield from (f"    {one.label}: {line}" for one in group.said for line in one.after)


def _said(one: Said) -> Iterator[str]:
    yield f"{one.label}:"
    yield from (f"  − {line}" for line in one.before)
    yield from (f"  + {line}" for line in one.after)


def _time(w: Words, profil: Profil, found: Compared) -> Iterator[str]:
    section = time(w, profil, found)
    for table in section.tables:
        for (label,), before, after in table.rows:
            if before != after:
                yield f"~ {label}: {', '.join(before)} → {', '.join(after)}"
    yield from section.lines


def _decision(w: Words, found: Compared) -> Iterator[str]:
    missing = against_decision(found.after.plan).not_taken_up
    if missing:
        yield w("andring.saknas", insatser=listed([granted.rubrik for granted in missing]))


def _unprinted(profil: Profil, found: Compared, told: Told) -> Iterator[str]:
    """Changes that no document shows: codes and ids that only systems use."""
    old, new = printed(found.before.plan, profil), printed(found.after.plan, profil)
    for change, called in told.changes:
        is_link = change.place.rpartition(".")[2] in LINKS
        if is_link or _at(old, change.was) == _at(new, change.now):
            yield f"{MARKS[change.kind]} {called}: {_short(change.before)} → {_short(change.after)}"


def _at(tree: Any, path: str | None) -> Any:
    """What stands at a path; None where nothing does."""
    for name, index in re.findall(r"([^.\[]+)(?:\[(\d+)\])?", path or ""):
        tree = tree.get(name) if isinstance(tree, dict) else None
        if index:
            tree = tree[int(index)] if isinstance(tree, list) and int(index) < len(tree) else None
    return tree if path else None


def _short(value: Any) -> str:
    match value:
        case None | []:
            return "–"
        case list():
            return ", ".join(map(_short, value))
        case dict():
            return ", ".join(_short(inner) for inner in value.values() if inner not in (None, []))
        case _:
            return str(value)
