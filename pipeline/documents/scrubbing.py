"""Finding what has been masked where other texts repeat it: a relative's name in what to do when nobody opens.

Safe, rather than sparing: every masked text is taken away wherever it stands whole, whatever its capitals and spaces;
a number also in other groupings and with or without its prefix; of a name, an address or a relation each word of three
letters or more, with up to three letters of inflection, unless the copy still says it openly (`masking.open_names`).
Nothing finds a text that says the same in other words: whoever hands the copy out reads it first, and it says so.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from pipeline.documents.masking import Secret
from pipeline.documents.words import HIDDEN, swedish

_WORD = re.compile(r"[^\W_]{3,}")
_NUMBER = re.compile(r"\+?[\d\s()./–-]{5,}")
_BETWEEN = r"[\s()./+–-]{0,3}"
_SEVERAL = re.compile(rf"{HIDDEN}(?:[\s,/()–-]*{HIDDEN})+")


class Scrubber:
    """What is to be found, as one pattern."""

    def __init__(self, secrets: Iterable[Secret], stays: Iterable[str]) -> None:
        known = {word.casefold() for text in stays for word in _WORD.findall(_normal(text))}
        sought = [s for s in map(_normalised, secrets) if not _is_open(s, known)]
        wholes = sorted({p for s in sought for p in _wholes(s.text)}, key=len, reverse=True)  # before any part of them
        numbers = [p for s in sought if s.identity and _NUMBER.fullmatch(s.text) for p in _numbers(s.text)]
        words = [p for s in sought if s.identity for p in _words(s.text, known)]
        found = "|".join(dict.fromkeys((*wholes, *numbers, *words)))
        self._pattern = re.compile(found, re.IGNORECASE) if found else None

    def finds(self, text: str) -> bool:
        """Whether something masked stands in `text`."""
        return self._pattern is not None and self._pattern.search(_normal(text)) is not None

    def text(self, text: str) -> str:
        """The text with `HIDDEN` for all that is masked; several in a row become one, so that none can be counted."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, _normal(text))
        return _SEVERAL.sub(HIDDEN, text)

    def every(self, value: Any) -> Any:
        """The same of every text in a view's dataclasses and tuples."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return tuple(map(self.every, value))
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: self.every(getattr(value, f.name)) for f in fields(value)})
        return value


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _normalised(secret: Secret) -> Secret:
    return replace(secret, text=_normal(secret.text))


def _is_open(secret: Secret, known: set[str]) -> bool:
    words = _WORD.findall(secret.text)
    return secret.identity and bool(words) and all(word.casefold() in known for word in words)


def _wholes(text: str) -> Iterator[str]:
    yield from (_whole(paragraph) for paragraph in text.split("\n") if paragraph.strip())
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        yield _whole(swedish().day(date.fromisoformat(text)))


def _words(text: str, known: set[str]) -> Iterator[str]:
    words = (word for word in _WORD.findall(text) if word.casefold() not in known)
    return (rf"(?<!\w){re.escape(word)}\w{{0,3}}(?!\w)" for word in words)


def _whole(text: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, text.split())) + r"(?!\w)"


def _numbers(text: str) -> Iterator[str]:
    """A number however it is grouped: with its century or country in front or without, and the birthday within it."""
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) == 12 and digits[:2] in ("18", "19", "20"):  # a personal number
        yield rf"(?<!\d)(?:{digits[:2]})?{_BETWEEN.join(digits[2:])}(?!\d)"
        yield rf"(?<!\d){digits[:4]}{_BETWEEN}{digits[4:6]}{_BETWEEN}{digits[6:8]}(?!\d)"
        yield from _birthday(digits)
        return
    country = rf"(?:(?:\+|00)?46{_BETWEEN})?(?:0{_BETWEEN})?"
    own = digits.removeprefix("00").removeprefix("46").removeprefix("0")
    yield rf"(?<!\d){country}{_BETWEEN.join(own)}(?!\d)"


def _birthday(digits: str) -> Iterator[str]:
    try:
        yield _whole(swedish().day(date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))))
    except ValueError:
        return  # a samordningsnummer's day is no day
