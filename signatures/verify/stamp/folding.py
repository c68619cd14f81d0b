"""Text in the one form in which it is compared."""

from __future__ import annotations

import re
import unicodedata

_SAME = str.maketrans("\u2018\u2019\u02bc\u2010\u2011\u2012\u2013\u2212\u00ad", "'''------")


def plain(text: str) -> str:
    """A text without regard to how an accent is written, or to the kind of hyphen and apostrophe."""
    return unicodedata.normalize("NFKC", text).translate(_SAME)


def folded(text: str) -> str:
    """A text without regard to case either, letter for letter: what is found in it stands there in the plain one."""
    return "".join(_fold(letter) for letter in plain(text))


def _fold(letter: str) -> str:
    found = letter.casefold()
    return found if len(found) == 1 else letter


def spaced(name: str) -> str:
    """A pattern of a name, folded, whose lines may end between its words, or at a hyphen."""
    return r"\s".join(re.escape(word).replace(r"\-", r"\-\n?") for word in folded(name).split())
