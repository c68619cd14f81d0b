"""A small selection in which every two values of different axes still meet: most faults need no more than two."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

V = TypeVar("V", bound=Hashable)
Row = tuple[V, ...]


def pairwise(axes: Mapping[str, Sequence[V]]) -> list[Row[V]]:
    """Rows of one value for each axis, in the order of the axes; the same rows every time.

    Greedy: each row begins with a pair that has not met, and takes for each other axis the value that makes most new
    pairs, among equals the one used least.
    """
    columns = list(axes.values())
    left = {pair: None for one, other in combinations(range(len(columns)), 2) for pair in _pairs(columns, one, other)}
    used = [dict.fromkeys(column, 0) for column in columns]
    rows: list[Row[V]] = []
    while left:
        (one, first), (other, second) = next(iter(left))
        row = {one: first, other: second}
        for axis, column in enumerate(columns):
            if axis not in row:
                row[axis] = max(column, key=lambda v, a=axis, r=row: (_new(left, r, a, v), -used[a][v]))  # type: ignore[misc]
        for pair in combinations(sorted(row.items()), 2):
            left.pop(pair, None)
        for axis, value in row.items():
            used[axis][value] += 1
        rows.append(tuple(row[axis] for axis in range(len(columns))))
    return rows


Pair = tuple[tuple[int, V], tuple[int, V]]


def _pairs(columns: Sequence[Sequence[V]], one: int, other: int) -> list[Pair[V]]:
    return [((one, a), (other, b)) for a in columns[one] for b in columns[other]]


def _new(left: Mapping[Pair[V], None], row: Mapping[int, V], axis: int, value: V) -> int:
    return sum(tuple(sorted([(axis, value), chosen], key=lambda x: x[0])) in left for chosen in row.items())
