"""The byte rules: from the bytes of a file to a JSON object, with every breach of them named by its path.

UTF-8 without a byte order mark, at most 10 MB, nesting at most 32, no key twice in an object (after NFC), no NaN or
Infinity nor a number beyond IEEE 754 doubles, no control character but tab and newline, no lone surrogate. Keys that
start with ``_`` are comments and are dropped, but the rules hold inside them too.
"""

import json
import math
import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeAlias

from pipeline.plan.canonical import EXACT_INTEGER, Json, nfc

MAX_BYTES = 10_000_000
MAX_NESTING = 32
MOST_PROBLEMS = 101
"""So many breaches are kept of one file, so that a hostile one costs no more to refuse than to read."""

Path: TypeAlias = tuple[str | int, ...]

_LONGEST_DOUBLE = 310  # characters of the largest double written as an integer, with a sign
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEPS))


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach of a byte rule: where, and the text of ``format.<rule>`` that describes it."""

    path: Path
    rule: str
    params: dict[str, object] = field(default_factory=dict)


class NotAnObject(Exception):  # an outcome of parsing, not an error of ours
    """The bytes hold no JSON object at all; `problem` says why."""

    def __init__(self, rule: str, **params: object) -> None:
        super().__init__(rule)
        self.problem = Problem((), rule, params)


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object as it stands in the file, doubled keys and all."""

    pairs: list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class _BadNumber:
    """A number JSON or IEEE 754 does not have."""

    rule: str


def parse(data: bytes) -> tuple[dict[str, Json], list[Problem]]:
    """The object in `data` without its ``_`` keys, and the breaches found in it; raises `NotAnObject`."""
    text = _decoded(data)
    if _nesting(data) > MAX_NESTING:  # before json, which would recurse
        raise NotAnObject("for_djup", niva=MAX_NESTING)
    try:
        tree = json.loads(
            text,
            object_pairs_hook=_Object,
            parse_constant=lambda _: _BadNumber("inte_ett_tal"),
            parse_float=_number,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise NotAnObject("inte_json", rad=error.lineno, kolumn=error.colno) from None
    if not isinstance(tree, _Object):
        raise NotAnObject("inte_objekt")
    walk = _Walk()
    return walk.whole(tree), walk.problems


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise NotAnObject("for_stor", megabyte=MAX_BYTES // 1_000_000)
    if not data.strip():
        raise NotAnObject("tom_fil")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise NotAnObject("utf16")
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotAnObject("bom")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAnObject("inte_utf8", rad=data.count(b"\n", 0, error.start) + 1) from None


def _nesting(data: bytes) -> int:
    brackets = _STRING.sub(b"", data).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _number(literal: str) -> float | _BadNumber:
    number = float(literal)
    return _BadNumber("for_stort_tal") if math.isinf(number) else number


def _integer(literal: str) -> int | _BadNumber:
    if len(literal) > _LONGEST_DOUBLE:
        return _BadNumber("for_stort_tal")
    number = int(literal)
    if abs(number) <= EXACT_INTEGER:
        return number
    nearest = _number(literal)
    return int(nearest) if isinstance(nearest, float) else nearest


@dataclass(slots=True)
class _Walk:
    """One walk over a parsed file: `path` is where it is, `problems` what it has met (bounded)."""

    path: list[str | int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def whole(self, node: _Object) -> dict[str, Json]:
        """The object without its comments, its keys as they stand in the file."""
        kept: dict[str, Json] = {}
        seen: set[str] = set()
        for key, item in node.pairs:
            self.path.append(key)
            sound = self._text(key)
            if nfc(key) in seen:
                self._note("dubbel_nyckel")
            seen.add(nfc(key))
            value = self._value(item)
            if sound and not key.startswith("_"):
                kept[key] = value
            self.path.pop()
        return kept

    def _list(self, node: list[Any]) -> list[Json]:
        kept: list[Json] = []
        for number, item in enumerate(node):
            self.path.append(number)
            kept.append(self._value(item))
            self.path.pop()
        return kept

    def _value(self, node: Any) -> Json:
        if isinstance(node, str):
            self._text(node)
        elif isinstance(node, _Object):
            return self.whole(node)
        elif isinstance(node, list):
            return self._list(node)
        elif isinstance(node, _BadNumber):
            self._note(node.rule)
            return None
        value: str | int | float | None = node
        return value

    def _text(self, text: str) -> bool:
        sound = True
        for rule, forbidden in (("styrtecken", _CONTROL), ("surrogat", _SURROGATE)):
            if found := forbidden.search(text):
                self._note(rule, plats=found.start() + 1)
                sound = False
        return sound

    def _note(self, rule: str, **params: object) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(tuple(self.path), rule, params))
