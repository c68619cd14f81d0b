"""Which items of two versions of a list are the same item.

An item is known again by these signs, the strongest first; each item is paired once, and within a sign the likest go
together, of equals the first:

1. the same id and heading
2. the same in everything but its numbering (id and `nummer`)
3. the same heading, such as an insats's `rubrik`
4. the same id
5. at least half alike

An id weighs less than a heading: many systems number by place, so that one insats put in first renumbers the rest.
Pairing is symmetric: from after to before it gives the same pairs.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.plan.canonical import Json

Item = Mapping[str, Json]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Identity:
    """By which fields the items of one list are known: its id where it has one, and what it is called."""

    id: str | None
    heading: tuple[str, ...]


IDENTITIES: Mapping[str, Identity] = {
    "insatser": Identity("insats_id", ("rubrik",)),
    "mal": Identity("mal_id", ("text",)),
    "samtycken": Identity("samtycke_id", ("typ", "till")),
    "uppdrag.beviljade_insatser": Identity("id", ("rubrik",)),
    "foretradare": Identity(None, ("namn",)),
    "narstaende": Identity(None, ("namn",)),
    "deltagare": Identity(None, ("namn",)),
    "risker": Identity(None, ("omrade",)),
    "samverkan": Identity(None, ("part",)),
    "viktig_information": Identity(None, ("typ",)),
    "underskrifter": Identity(None, ("roll",)),
}
"""Every list of objects in a plan, by its path."""

ALIKE = 0.5
"""From this likeness on two items are the same one, where nothing else says so."""
MOST_COMPARED = 10_000
"""Beyond so many pairs of one sign they go together by place: a list that long is no plan of a person's."""
_MOST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Pairing:
    """The items of two lists by their places: pairs in the later list's order, the others in their own."""

    pairs: tuple[Pair, ...]
    removed: tuple[int, ...]
    added: tuple[int, ...]

    @property
    def moved(self) -> bool:
        """Whether the paired items stand in another order than before."""
        places = [was for was, _now in self.pairs]
        return places != sorted(places)


def paired(identity: Identity, before: Sequence[Item], after: Sequence[Item]) -> Pairing:
    """The pairing of two versions of a list."""
    known: dict[int, int] = {}
    taken: set[int] = set()

    def score(was: int, now: int) -> float:
        return likeness(identity, before[was], after[now])

    for sign in _signs(identity):
        left = _groups(sign, before, (i for i in range(len(before)) if i not in known))
        right = _groups(sign, after, (j for j in range(len(after)) if j not in taken))
        for key in left.keys() & right.keys():
            found = _likest(score, left[key], right[key], least=ALIKE if sign is _anything else 0.0)
            known |= found
            taken |= set(found.values())
    return Pairing(
        tuple(sorted(known.items(), key=lambda pair: pair[1])),
        tuple(i for i in range(len(before)) if i not in known),
        tuple(j for j in range(len(after)) if j not in taken),
    )


Sign = Callable[[Item], Hashable]


def _signs(identity: Identity) -> Iterable[Sign]:
    def heading(item: Item) -> Hashable:
        return tuple(str(item.get(name)).strip().casefold() for name in identity.heading)

    def rest(item: Item) -> Hashable:
        return json.dumps(_without_numbering(identity, item), sort_keys=True)

    if identity.id is None:
        return (rest, heading, _anything)
    key = identity.id
    return (lambda item: (item[key], heading(item)), rest, heading, lambda item: str(item[key]), _anything)


def _anything(_item: Item) -> Hashable:
    return ()


def _groups(sign: Sign, items: Sequence[Item], places: Iterable[int]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for place in places:
        found.setdefault(sign(items[place]), []).append(place)
    return found


def _likest(
    score: Callable[[int, int], float], left: Sequence[int], right: Sequence[int], *, least: float
) -> dict[int, int]:
    if len(left) == len(right) == 1 and not least:
        return {left[0]: right[0]}
    if len(left) * len(right) > MOST_COMPARED:
        return dict(zip(left, right, strict=False))
    scored = [(score(i, j), i, j) for i in left for j in right]
    ranked = sorted(scored, key=lambda one: -one[0])  # of equals the first: the same from either side
    found: dict[int, int] = {}
    taken: set[int] = set()
    for alike, i, j in ranked:
        if alike >= least and i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return found


def likeness(identity: Identity, one: Item, other: Item) -> float:
    """How alike two items are, from 0 to 1: the mean over the fields that either fills, numbering apart."""
    return _alike(_without_numbering(identity, one), _without_numbering(identity, other))


def _without_numbering(identity: Identity, item: Item) -> dict[str, Json]:
    return {key: value for key, value in item.items() if key not in (identity.id, "nummer")}


def _alike(one: Json, other: Json) -> float:
    if one == other:
        return 1.0
    if isinstance(one, dict) and isinstance(other, dict):
        filled = [key for key in one.keys() | other.keys() if one.get(key) or other.get(key)]
        scores = sorted(_alike(one.get(key), other.get(key)) for key in filled)
        return sum(scores) / len(filled) if filled else 1.0
    if isinstance(one, str) and isinstance(other, str):
        return _shared(one[:_MOST_TEXT].casefold().split(), other[:_MOST_TEXT].casefold().split())
    if isinstance(one, list) and isinstance(other, list):
        return _shared([str(value) for value in one], [str(value) for value in other])
    return 0.0


def _shared(one: Iterable[str], other: Iterable[str]) -> float:
    left, right = set(one), set(other)
    return len(left & right) / len(left | right) if left | right else 1.0
