"""Short lines for easy reading: a text broken where a reader would draw breath.

Every sentence begins a line; a longer one breaks after a comma or before a small word that begins a phrase, so that no
line is much longer than another and none longer than it may be.
"""

import re
from functools import lru_cache

_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zåäö])")
_CONJUNCTIONS = ("och", "men", "eller", "som", "att", "när", "om", "så", "då", "därefter", "innan", "medan", "eftersom")
_PREPOSITIONS = ("för", "med", "till", "från", "i", "på", "hos", "vid", "av", "utan", "under")
_BEGIN = frozenset(_CONJUNCTIONS + _PREPOSITIONS)
_AFTER_PAUSE, _BEFORE_PHRASE, _ELSEWHERE = 0.0, 0.25, 1.0
_LINE = 0.15
"""What each line costs, so that two are not made where one does."""


@lru_cache(maxsize=2048)
def phrases(text: str, most: int = 45) -> tuple[str, ...]:
    """The text as lines of at most `most` characters; a longer word stands alone."""
    return tuple(line for sentence in _SENTENCE.split(text) for line in _broken(sentence.split(), most))


def _broken(words: list[str], most: int) -> tuple[str, ...]:
    """The cheapest way to break a sentence: the last line first, as every earlier break is judged by what follows."""
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for start in range(len(words) - 1, -1, -1):
        found = []
        for end in range(start + 1, len(words) + 1):
            line = " ".join(words[start:end])
            if len(line) > most and end > start + 1:
                break
            rest, lines = best[len(words) - end]
            slack = 0.0 if end == len(words) else ((most - len(line)) / most) ** 2 + _cost(words, end)
            found.append((rest + _LINE + slack, (line, *lines)))
        best.append(min(found))
    return best[-1][1]


def _cost(words: list[str], at: int) -> float:
    if words[at - 1].endswith((",", ";", ":", "–")):
        return _AFTER_PAUSE
    return _BEFORE_PHRASE if words[at].casefold() in _BEGIN else _ELSEWHERE
