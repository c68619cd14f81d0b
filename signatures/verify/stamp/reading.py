"""Whether a name stands in a stamp, read as a person reads it: line by line, from the left, and whole.

Text is put in order by where it is, not by when it was drawn. Lines of one size that stand close are read on. A name is
whole when it has these words in such lines, and when all else that the stamp says is understood: "Karin Astrid Nyström
Berg" is not Astrid Nyström, nor is Ann Elind Anne Lind, and whether "Nyström, Astrid" is cannot be told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from .canvas import Run
from .wording import Role, goes_on, led_to, name_at, understood

_SAME_LINE = 0.25  # of the size
_SPACE = 0.12  # of the size: a gap this wide parts words
_APART = 2.0  # of the size: a gap this wide parts what is said
_NEXT_LINE = 1.5  # of the size
_ALIKE = 1.1  # text this much larger or smaller is not read as going on
_LARGER = 2.0  # text this much larger than the name is what people read instead
_SAME = str.maketrans("\u2018\u2019\u02bc\u2010\u2011\u2012\u2013\u2212\u00ad", "'''------")
_BETWEEN = re.compile(r"[\s.,;]*")
_IN_TWO = str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "æ": "ae", "ü": "ue"})
_BARE = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


class Standing(StrEnum):
    """How a name stands in a text."""

    WHOLE = "whole"
    UNCLEAR = "unclear"
    """Its words are there, among others, in another order, or smaller than others."""
    OTHER = "other"
    """A label leads to a name that has no word in common with it."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class _Text:
    """What is read in one go, all of one size, with line breaks; `text` is `plain` folded, letter for letter."""

    plain: str
    text: str
    size: float


def standing(name: str, runs: Sequence[Run], *, cut: bool, role: str = "", sure: bool = False) -> Standing:
    """How a name stands in a stamp. What a certificate cut off (`cut`) may go on.

    `role` is what the document calls the one who signs there, and may stand before the name: whatever it is where that
    document is known (`sure`), and else what may be a role.
    """
    texts = [_text(flow) for flow in _flows(_parts(runs))]
    wanted = _spaced(folded(name), cut=cut)
    beside = Role(" ".join(_plain(role).split()), sure)
    read = [(text, _names(text, wanted, beside)) for text in texts]
    largest = max((text.size for text, names in read if names), default=0.0)
    shown = {word for text in texts for word in _words(text.text)}
    if largest and all(names is not None for _, names in read):
        return Standing.WHOLE if max(text.size for text in texts) <= _LARGER * largest else Standing.UNCLEAR
    if set(_words(name)) <= shown or any(wanted.search(text.text) for text in texts):
        return Standing.UNCLEAR
    return Standing.OTHER if any(_leads_elsewhere(text, name) for text in texts) else Standing.ABSENT


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, to how an accent is written, or to the kind of hyphen."""
    return "".join(_fold(letter) for letter in _plain(text))


def _fold(letter: str) -> str:
    """One letter for each, so that what is found in the folded text stands at the same place in the plain one."""
    found = letter.casefold()
    return found if len(found) == 1 else letter


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_SAME)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*", folded(text))


def _spaced(name: str, *, cut: bool) -> re.Pattern[str]:
    """A name whose lines may end between its words, or at a hyphen, and which may go on when it was cut."""
    spaced = r"\s".join(re.escape(word).replace(r"\-", r"\-\n?") for word in name.split())
    rest = r"[^\W\d_]*(?P<more>(?:[-'\s]\s?[^\W\d_]+)*)" if cut else "(?P<more>)"
    return re.compile(rf"(?<![\w'-])(?:{spaced}){rest}(?=[\s.,;]|$)")


def _names(text: _Text, wanted: re.Pattern[str], role: Role) -> int | None:
    """How many times a text says the name, when it says nothing else that is not understood."""
    count, at = 0, 0
    while (at := _end(_BETWEEN, text.text, at)) < len(text.text):
        named = _named(wanted, text, at)
        after = max(named, understood(text.text, text.plain, at, role))
        if after == at:
            return None
        count += named == after
        at = after
    return count


def _named(wanted: re.Pattern[str], text: _Text, at: int) -> int:
    """Where the name ends that begins here, or `at`; what a cut one goes on with must be more of a name."""
    found = wanted.match(text.text, at)
    return found.end() if found and goes_on(text.plain[slice(*found.span("more"))]) else at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _leads_elsewhere(text: _Text, name: str) -> bool:
    """Whether a label leads to a name without any word of this one; names in other alphabets cannot be compared."""
    own = _spellings(name)
    others = [_spellings(" ".join(name_at(text.plain[at:]))) for at in led_to(text.text)]
    return any(other and all(map(str.isascii, own | other)) and own.isdisjoint(other) for other in others)


def _spellings(name: str) -> set[str]:
    """Its words in each spelling without accents: "Åsa" is also "Asa" and "Aasa"."""
    text = folded(name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.translate(_BARE)) if not unicodedata.combining(c))
    return {word for each in (bare, text.translate(_IN_TWO)) for word in re.findall(r"[^\W\d_]+", each)}


def _text(flow: list[list[Run]]) -> _Text:
    plain = "\n".join(" ".join(_plain(_joined(part)).split()) for part in flow)
    return _Text(plain, folded(plain), flow[0][0].size)


def _joined(part: list[Run]) -> str:
    text = part[0].text
    for before, run in pairwise(part):
        text += (" " if run.x - before.end >= _SPACE * max(run.size, before.size) else "") + run.text
    return text


def _parts(runs: Sequence[Run]) -> list[list[Run]]:
    """What is read in one go on a line, from the top and from the left."""
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (-r.y, r.x)):
        if lines and abs(lines[-1][0].y - run.y) <= _SAME_LINE * run.size:
            lines[-1].append(run)
        else:
            lines.append([run])
    return [part for line in lines for part in _divided(sorted(line, key=lambda r: r.x))]


def _divided(line: list[Run]) -> list[list[Run]]:
    """A line's parts; a wide gap, or another size, parts what belongs together from what does not."""
    parts: list[list[Run]] = []
    for run in line:
        if parts and _alike(run, parts[-1][0]) and run.x - parts[-1][-1].end < _APART * run.size:
            parts[-1].append(run)
        else:
            parts.append([run])
    return parts


def _flows(parts: list[list[Run]]) -> list[list[list[Run]]]:
    """The parts of which each is read on from the one above it."""
    left, flows = list(parts), []
    while left:
        flow = [left.pop(0)]
        while (below := next((part for part in left if _below(part, flow)), None)) is not None:
            flow.append(below)
            left = [part for part in left if part is not below]
        flows.append(flow)
    return flows


def _below(part: list[Run], flow: list[list[Run]]) -> bool:
    above, size = flow[-1], flow[0][0].size
    near = _SAME_LINE * size < above[0].y - part[0].y <= _NEXT_LINE * size
    return near and _alike(part[0], flow[0][0]) and part[0].x < above[-1].end and part[-1].end > above[0].x


def _alike(a: Run, b: Run) -> bool:
    return max(a.size, b.size) <= _ALIKE * min(a.size, b.size)
