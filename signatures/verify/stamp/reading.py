"""Whether a name stands in a stamp, read as a person reads it: line by line, from the left, and whole.

Text is put in order by where it is, not by when it was drawn. A name may be broken over lines, between its words. It
is whole when it has these words, and no other adjoins it on its line, except a label that says what it is: "Karin
Astrid Nyström Berg" is not Astrid Nyström, nor is Ann Elind Anne Lind, and whether "Nyström, Astrid" is cannot be told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from .canvas import Run, overlap

_SAME_LINE = 0.25  # of the size
_SPACE = 0.12  # of the size: a gap this wide parts words
_APART = 2.0  # of the size: a gap this wide parts what is said
_NEXT_LINE = 2.5  # of the size
_ALIKE = 1.6  # text this much larger or smaller is not read as going on
_LINES = 4
_JOINING = ("-", "'")
_SAME = str.maketrans("\u2018\u2019\u02bc\u2010\u2011\u2012\u2013\u2212\u00ad", "'''------")
_OPENING = tuple(":=(|/;>•")
_LABEL = re.compile(
    r"(digitally|electronically|digitalt|elektroniskt|e-)?"
    r"(signed|signature|signerad|signerat|undertecknad|undertecknat|underskriven|underskrivet|fastställd)"
    r"(digitally|electronically|digitalt|elektroniskt)?(by|of|av)|name|namn|signer|undertecknare|test-"
)
_CLOSING = re.compile(r"(date|datum|time|timestamp|tid|reason|location|contact):")


class Standing(StrEnum):
    """How a name stands in a text."""

    WHOLE = "whole"
    UNCLEAR = "unclear"
    """Its words are there, among others or in another order."""
    OTHER = "other"
    """Two words that begin with capitals stand side by side, as another name's would."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a line that is read in one go."""

    runs: tuple[Run, ...]
    text: str

    @property
    def size(self) -> float:
        return max(run.size for run in self.runs)


def standing(name: str, runs: Sequence[Run], *, cut: bool) -> Standing:
    """How a name stands in a stamp. What a certificate cut off (`cut`) may go on."""
    parts = _parts(runs)
    unclear = False
    for number in range(len(parts)):
        flow = _flow(parts, number)
        for whole, used in _found(folded(name), [folded(part.text) for part in flow], cut=cut):
            if whole and not _adjoined(flow[:used], parts):
                return Standing.WHOLE
            unclear = True
    shown = set(_words(" ".join(part.text for part in parts)))
    if unclear or set(_words(name)) <= shown:
        return Standing.UNCLEAR
    return Standing.OTHER if any(map(_names_someone, parts)) else Standing.ABSENT


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, to how an accent is written, or to the kind of hyphen."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_SAME)


def _names_someone(part: _Part) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", part.text)
    return any(a[0].isupper() and b[0].isupper() for a, b in pairwise(words))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*", folded(text))


def _parts(runs: Sequence[Run]) -> list[_Part]:
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (-r.y, r.x)):
        if lines and abs(lines[-1][0].y - run.y) <= _SAME_LINE * run.size:
            lines[-1].append(run)
        else:
            lines.append([run])
    return [part for line in lines for part in _divided(sorted(line, key=lambda r: r.x))]


def _divided(line: list[Run]) -> list[_Part]:
    """A line's parts; a wide gap parts what belongs together from what does not."""
    parts: list[list[Run]] = []
    texts: list[str] = []
    for run in line:
        gap = run.x - parts[-1][-1].end if parts else 0.0
        size = max(run.size, parts[-1][-1].size) if parts else 0.0
        if parts and gap < _APART * size:
            parts[-1].append(run)
            texts[-1] += (" " if gap >= _SPACE * size else "") + run.text
        else:
            parts.append([run])
            texts.append(run.text)
    return [_Part(tuple(part), text) for part, text in zip(parts, texts, strict=True)]


def _flow(parts: list[_Part], number: int) -> list[_Part]:
    """A part and those that one reads on with, on the lines below it."""
    flow = [parts[number]]
    while len(flow) < _LINES:
        last, size = flow[-1].runs[0], flow[-1].size
        end = flow[-1].runs[-1].end
        below = (
            p
            for p in parts
            if _SAME_LINE * size < last.y - p.runs[0].y <= _NEXT_LINE * size
            and p.runs[0].x < end
            and p.runs[-1].end > last.x
        )
        following = next(below, None)
        if following is None:
            break
        flow.append(following)
    return flow


def _found(name: str, texts: list[str], *, cut: bool) -> list[tuple[bool, int]]:
    """Each place in the first text where the name begins: whether it is whole there, and on how many lines it stands.

    It is found with its white space set aside, and is whole only where that is between its words, or where a line ends
    at a hyphen. A longer word that holds the name is no place.
    """
    text = "\n".join(texts)
    spaced = r"\s+".join(re.escape(word).replace(r"\-", r"\-\n?") for word in name.split())
    places = [at for at, c in enumerate(text) if not c.isspace()]
    wanted, packed = "".join(name.split()), "".join(text[at] for at in places)
    found: list[tuple[bool, int]] = []
    start = packed.find(wanted) if wanted else -1
    while start >= 0 and places[start] < len(texts[0]):
        first, last = places[start], places[start + len(wanted) - 1] + 1
        before, after = text[:first], text[last:].split("\n")[0]
        if not _goes_on(before[::-1]) and (cut or not _goes_on(after)):
            alone = _is_label(before) and (cut or _ends(after))
            whole = alone and re.fullmatch(spaced, text[first:last]) is not None
            found.append((whole, text[:last].count("\n") + 1))
        start = packed.find(wanted, start + 1)
    return found


def _goes_on(beside: str) -> bool:
    """Whether a word goes on here: with a letter (or its accent), or with a hyphen or an apostrophe and a letter."""
    joined = beside[1:] if beside.startswith(_JOINING) else beside
    return unicodedata.category(joined[0])[0] in "LM" if joined else False


def _is_label(before: str) -> bool:
    """Whether what stands before a name on its line is no part of it."""
    packed = "".join(before.split())
    return not packed or packed.endswith(_OPENING) or _LABEL.fullmatch(packed) is not None


def _ends(after: str) -> bool:
    """Whether no word follows a name on its line; nor what looks like one, as "0lsson" does."""
    packed = after.strip()
    return not (_goes_on(packed) or re.match(r"\d+[^\W\d_]", packed)) or _CLOSING.match(packed) is not None


def _adjoined(used: list[_Part], parts: list[_Part]) -> bool:
    """Whether other text stands right beside, set a little higher or lower, so that it is read along."""
    mine = {id(part) for part in used}
    return any(
        _near(run, other)
        for part in used
        for run in part.runs
        for each in parts
        if id(each) not in mine
        for other in each.runs
    )


def _near(a: Run, b: Run) -> bool:
    larger, smaller = max(a.size, b.size), min(a.size, b.size)
    x0, y0, x1, y1 = a.box
    reach = smaller
    return larger < _ALIKE * smaller and overlap(
        (x0 - reach, y0 + 0.1 * smaller, x1 + reach, y1 - 0.1 * smaller), b.box
    )
