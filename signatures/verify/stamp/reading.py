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

from ...names import LONGEST_COMMON_NAME
from ..model import ExpectedSignature
from .canvas import Run
from .folding import folded, plain, spaced
from .naming import goes_on, leads_elsewhere
from .wording import Beside, understood

_SAME_LINE = 0.25  # of the size
_JOINED, _PARTED = 0.05, 0.2  # of the width of a letter: a gap this narrow parts no letters, and one this wide words
_APART = 2.0  # of the width of a letter: a gap this wide parts what is said
_NEXT_LINE = 1.5  # of the size
_ALIKE = 1.1  # text this much larger or smaller is not read as going on
_LARGER = 2.0  # text this much larger than the name is what people read instead
_BETWEEN = re.compile(r"[\s.,;]*")
_MOST_WORDS = 12  # of what a name goes on with
_NO_TELLING = "\N{REPLACEMENT CHARACTER}"  # between letters that may be one word's or two words'


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


def standing(name: str, runs: Sequence[Run], *, role: str = "", known: ExpectedSignature | None = None) -> Standing:
    """How the name of a certificate stands in a stamp, or the whole name that it was cut from.

    `role` is what the document calls the one who signs there, and may stand before the name: whatever it is where the
    record has the signature (`known`), and else what may be a role. Only the record tells a whole name, and who
    attested it.
    """
    texts = [_text(flow) for flow in _flows(_parts(runs))]
    beside = Beside(role, sure=known is not None, attester=known.attester if known else None)
    wanted = _wanted(name, known)
    read = [(text, _names(text, wanted, beside)) for text in texts]
    largest = max((text.size for text, names in read if names), default=0.0)
    shown = {word for text in texts for word in _words(text.text)}
    if largest and all(names is not None for _, names in read):
        return Standing.WHOLE if max(text.size for text in texts) <= _LARGER * largest else Standing.UNCLEAR
    if set(_words(name)) <= shown or any(wanted.search(text.text) or _NO_TELLING in text.text for text in texts):
        return Standing.UNCLEAR
    elsewhere = leads_elsewhere([(text.plain, text.text) for text in texts], name)
    return Standing.OTHER if elsewhere else Standing.ABSENT


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*", folded(text))


def _wanted(name: str, known: ExpectedSignature | None) -> re.Pattern[str]:
    """A certificate's name, or the whole one where the record has it. Where it has not, the name may go on with what
    did not fit: our issuer cuts between words, so the next one was too long; others cut at the last letter."""
    wanted = {spaced(name)} | ({spaced(known.name)} if known else set())
    room = LONGEST_COMMON_NAME - len(unicodedata.normalize("NFC", name))
    word = r"[^\W\d_]+(?:[-']\n?[^\W\d_]+)*"
    others = rf"(?:\s{word}){{,{_MOST_WORDS}}}"
    if known:
        more = "(?P<more>)"
    elif room <= 0:
        more = rf"[^\W\d_]*(?P<more>(?:[-']\n?[^\W\d_]+)*{others})"
    else:
        more = rf"(?P<more>(?:\s(?=(?:[^\W\d_]|[-']){{{room},}}){word}{others})?)"
    either = "|".join(sorted(wanted, key=len, reverse=True))
    return re.compile(rf"(?<![\w'-])(?:{either}){more}(?=[\s.,;]|$)")


def _names(text: _Text, wanted: re.Pattern[str], beside: Beside) -> int | None:
    """How many times a text says the name, when it says nothing else that is not understood."""
    count, at = 0, 0
    while (at := _end(_BETWEEN, text.text, at)) < len(text.text):
        named = _named(wanted, text, at)
        after = max(named, understood(text.text, text.plain, at, beside))
        if after == at:
            return None
        count += named == after
        at = after
    return count


def _named(wanted: re.Pattern[str], text: _Text, at: int) -> int:
    """Where the name ends that begins here, or `at`; a cut one goes on as far as there may be more of a name."""
    found = wanted.match(text.text, at)
    if found is None:
        return at
    start, end = found.span("more")
    while not goes_on(text.plain[start:end]):
        end = max(start, *(text.plain.rfind(blank, start, end) for blank in " \n"))
    return end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _text(flow: list[list[Run]]) -> _Text:
    read = "\n".join(" ".join(plain(_joined(part)).split()) for part in flow)
    return _Text(read, folded(read), flow[0][0].size)


def _joined(part: list[Run]) -> str:
    text = part[0].text
    for before, run in pairwise(part):
        text += _gap(before, run) + run.text
    return text


def _gap(before: Run, run: Run) -> str:
    """What a gap between letters says, measured by how wide they are drawn."""
    wide = run.x - before.end
    if wide >= _PARTED * max(run.em, before.em):
        return " "
    return "" if wide <= _JOINED * min(run.em, before.em) else _NO_TELLING


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
        if parts and _alike(run, parts[-1][0]) and run.x - parts[-1][-1].end < _APART * run.em:
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
