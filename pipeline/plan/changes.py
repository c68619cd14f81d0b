"""What one version of a plan says otherwise than another.

`changes` compares every field of the model, so that nothing that has changed is silent: what is asked of it by name
(insatser, goals, the decision, people, time) are views of the same list. Items of lists are known again by
`pipeline.plan.pairing`; a reference to an item that was only renumbered has not changed. What the model takes as the
same (a key left out and one that is null) is no change.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar, cast

from pipeline.plan.canonical import Json
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Insats, Mal
from pipeline.plan.pairing import IDENTITIES, Identity, Item, Pairing, paired
from pipeline.plan.time_moved import TimeMoved, time_moved
from pipeline.plan.time_sum import TimeSum, time_sum

T = TypeVar("T")


class Kind(StrEnum):
    """What has happened to a field or an item; MOVED: a list's items stand in another order."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Area(StrEnum):
    """What a change is about."""

    INSATSER = "insatser"
    MAL = "mal"
    BESLUT = "beslut"
    PERSONER = "personer"
    OVRIGT = "ovrigt"


_AREAS = {
    "insatser": Area.INSATSER,
    "mal": Area.MAL,
    **dict.fromkeys(("uppdrag", "lagrum"), Area.BESLUT),
    **dict.fromkeys(("roller", "utforare", "brukare", "foretradare", "narstaende"), Area.PERSONER),
}

_REFERENCES = {
    "insatser.mal_ref": "mal",
    "insatser.beviljad_ref": "uppdrag.beviljade_insatser",
    "mal.overordnat": "mal",
    "narstaende.samtycke_ref": "samtycken",
    "deltagare.samtycke_ref": "samtycken",
}
"""Fields that hold ids of another list's items."""

_EMPTY: tuple[Json, ...] = (None, [])
"""What says nothing, in either form."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field or item, with its path and value in the earlier and in the later version.

    Paths are those of the JSON, such as ``insatser[2].nar.veckodagar``, places counted from 0; None where the version
    has no such item. Values are JSON; a whole list or item where all of it came or went.
    """

    kind: Kind
    was: str | None
    now: str | None
    before: Json
    after: Json

    @property
    def field(self) -> str:
        """The path in the later version; in the earlier one for what has gone."""
        return self.now or self.was or ""

    @property
    def place(self) -> str:
        """The path without the places in lists: ``insatser.nar.veckodagar``."""
        return re.sub(r"\[\d+\]", "", self.field)

    @property
    def area(self) -> Area:
        """What the change is about."""
        return _AREAS.get(self.place.partition(".")[0], Area.OVRIGT)


@dataclass(frozen=True, slots=True)
class Matched(Generic[T]):
    """One item in both versions, each with its place in its list; None in a version that lacks it."""

    before: T | None
    after: T | None
    was: int | None
    now: int | None
    fields: tuple[Change, ...]

    @property
    def kind(self) -> Kind | None:
        """What has happened to the item; None: nothing."""
        if self.before is None:
            return Kind.ADDED
        if self.after is None:
            return Kind.REMOVED
        return Kind.CHANGED if self.fields else None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that two versions say differently, and all their insatser and goals, whether changed or not.

    `insatser` and `mal` follow the later version, then come those that have gone.
    """

    everything: tuple[Change, ...]
    insatser: tuple[Matched[Insats], ...]
    mal: tuple[Matched[Mal], ...]
    tid: TimeMoved

    def of(self, area: Area) -> tuple[Change, ...]:
        """The changes about one area."""
        return tuple(change for change in self.everything if change.area is area)


def changes(before: Genomforandeplan, after: Genomforandeplan, sums: tuple[TimeSum, TimeSum] | None = None) -> Changes:
    """What `after` says otherwise than `before`.

    `sums` are the time sums of the two plans as they were sent, where these are reduced: what is printed of a plan is
    not all that its time is counted from.
    """
    trees = _tree(before), _tree(after)
    pairings = {path: _pairing(path, *trees) for path in IDENTITIES}
    found = tuple(_Comparison(pairings, _renumbered(pairings, *trees)).object("", "", *trees))
    return Changes(
        everything=found,
        insatser=_matched("insatser", before.insatser, after.insatser, pairings["insatser"], found),
        mal=_matched("mal", before.mal, after.mal, pairings["mal"], found),
        tid=time_moved(before, after, sums or (time_sum(before), time_sum(after)), pairings["insatser"]),
    )


def _tree(plan: Genomforandeplan) -> dict[str, Json]:
    return plan.model_dump(mode="json", by_alias=True)


def _items(path: str, tree: Mapping[str, Json]) -> list[Item]:
    value: Json = dict(tree)
    for name in path.split("."):
        value = cast("dict[str, Json]", value)[name]
    return cast("list[Item]", value)


def _pairing(path: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Pairing:
    return paired(IDENTITIES[path], _items(path, before), _items(path, after))


def _renumbered(
    pairings: Mapping[str, Pairing], before: Mapping[str, Json], after: Mapping[str, Json]
) -> dict[str, frozenset[tuple[Json, Json]]]:
    """For each list that is referred to, the ids that mean the same item in the two versions."""
    found = {}
    for path in set(_REFERENCES.values()):
        key = cast("str", IDENTITIES[path].id)
        old, new = _items(path, before), _items(path, after)
        found[path] = frozenset((old[was][key], new[now][key]) for was, now in pairings[path].pairs)
    return found


def _matched(
    name: str, before: Sequence[T], after: Sequence[T], pairing: Pairing, found: Sequence[Change]
) -> tuple[Matched[T], ...]:
    gone = {change.was: change for change in found if change.now is None}
    said: dict[str, list[Change]] = {}
    for change in found:
        said.setdefault((change.now or "").partition(".")[0], []).append(change)
    was_of = {now: was for was, now in pairing.pairs}
    rows = [
        Matched(
            before[was_of[now]] if now in was_of else None,
            item,
            was_of.get(now),
            now,
            tuple(said.get(f"{name}[{now}]", ())),
        )
        for now, item in enumerate(after)
    ]
    rows += [Matched(before[was], None, was, None, (gone[f"{name}[{was}]"],)) for was in pairing.removed]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Comparison:
    pairings: Mapping[str, Pairing]
    renumbered: Mapping[str, frozenset[tuple[Json, Json]]]

    def object(self, was: str, now: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Change]:
        """The changes of an object's fields; `was` and `now` end in a dot, or are empty for the plan itself."""
        for key in [*before, *(key for key in after if key not in before)]:
            yield from self.value(f"{was}{key}", f"{now}{key}", before.get(key), after.get(key))

    def value(self, was: str, now: str, before: Json, after: Json) -> Iterator[Change]:
        """The changes of one field."""
        place = re.sub(r"\[\d+\]", "", now)
        if place in self.pairings:
            yield from self.items(was, now, cast("list[Item]", before), cast("list[Item]", after))
        elif isinstance(before, dict) and isinstance(after, dict):
            yield from self.object(f"{was}.", f"{now}.", before, after)
        elif before != after and not self.same_reference(place, before, after):
            new, gone = before in _EMPTY, after in _EMPTY
            if not (new and gone):
                yield Change(Kind.ADDED if new else Kind.REMOVED if gone else Kind.CHANGED, was, now, before, after)

    def items(self, was: str, now: str, before: Sequence[Item], after: Sequence[Item]) -> Iterator[Change]:
        """The changes of a list's items, then whether they stand in another order."""
        pairing = self.pairings[now]
        was_of = {j: i for i, j in pairing.pairs}
        for j, item in enumerate(after):
            if j in was_of:
                yield from self.object(f"{was}[{was_of[j]}].", f"{now}[{j}].", before[was_of[j]], item)
            else:
                yield Change(Kind.ADDED, None, f"{now}[{j}]", None, dict(item))
        for i in pairing.removed:
            yield Change(Kind.REMOVED, f"{was}[{i}]", None, dict(before[i]), None)
        if pairing.moved:
            identity = IDENTITIES[now]
            earlier = [before[i] for i in sorted(was_of.values())]
            later = [after[j] for j in sorted(was_of)]
            yield Change(Kind.MOVED, was, now, _headings(identity, earlier), _headings(identity, later))

    def same_reference(self, place: str, before: Json, after: Json) -> bool:
        """Whether two references name the same items, renumbered."""
        if place not in _REFERENCES:
            return False
        known = self.renumbered[_REFERENCES[place]]
        old, new = (value if isinstance(value, list) else [value] for value in (before, after))
        return len(old) == len(new) and all(
            one == other or (one, other) in known for one, other in zip(old, new, strict=True)
        )


def _headings(identity: Identity, items: Sequence[Item]) -> Json:
    return [", ".join(str(item[name]) for name in identity.heading) for item in items]
