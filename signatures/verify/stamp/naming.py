"""What may be a name among the words of a stamp, and what is none for certain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from .folding import folded
from .vocabulary import DENYING, ROLES, SIGNED_BY, STOPS, TELLING, is_office, is_organisation, is_particle

_LONGEST = 200  # letters, of what is looked at for a name
_LEADING = re.compile(
    rf"(?:^|(?<=[\s.,;])){SIGNED_BY}|^(?:name|namn|signer|undertecknare)\s?:|^(?:{ROLES}):", re.MULTILINE
)
_ROLE = re.compile(rf"(?:{ROLES})\b")
_I_AGREE = re.compile(r"\bI (?=(?:agree|approve|accept|attest|confirm|am|have)\b)", re.IGNORECASE)
_IN_TWO = str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe", "æ": "ae", "ü": "ue"})
_BARE = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def goes_on(plain: str) -> bool:
    """Whether these words, which may be none, may be more of a name."""
    told, words = plain.casefold(), re.findall(r"[^\W\d_]+", plain)
    known = all(word[0].isupper() or is_particle(word) for word in words)
    return known and not TELLING.search(told) and not DENYING.search(told)


def leads_elsewhere(texts: Iterable[tuple[str, str]], name: str) -> bool:
    """Whether a label leads to a name without any word of this one, and none leads to a word of it.

    `texts` are as they stand, and folded. Names in other alphabets cannot be compared.
    """
    own = _spellings(name)
    led = [_line(plain[match.end() :]) for plain, text in texts for match in _LEADING.finditer(text)]
    if not all(own.isdisjoint(_spellings(line)) for line in led):
        return False
    others = [_spellings(" ".join(words)) for line in led if (words := _name_at(line))]
    return any(all(map(str.isascii, own | other)) for other in others)


def _line(plain: str) -> str:
    """What a label leads to: the rest of its line, or the next one."""
    return STOPS.split(plain[:_LONGEST].strip().split("\n")[0])[0].strip()


def _name_at(line: str) -> list[str]:
    """The words of the name that a line begins with, if it looks like one: two or more that begin with capitals, and
    are no roles or organisations."""
    found = re.match(r"[^\W\d_]+(?:(?:['.-]+\s?|\s)[^\W\d_]+)*", line)
    words = re.findall(r"[^\W\d_]{2,}", found[0]) if found else []
    called = _ROLE.match(folded(line)) or any(_is_known(word) for word in words)
    return words if len(words) > 1 and not called and all(word[0].isupper() for word in words[:2]) else []


def _is_known(word: str) -> bool:
    found = folded(word)
    return is_organisation(found) or is_office(found) or _ROLE.fullmatch(found) is not None


def _spellings(name: str) -> set[str]:
    """Its words in each spelling without accents: "Åsa" is also "Asa" and "Aasa"."""
    text = folded(name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.translate(_BARE)) if not unicodedata.combining(c))
    return {word for each in (bare, text.translate(_IN_TWO)) for word in re.findall(r"[^\W\d_]+", each)}


def says_no_name(said: str) -> bool:
    """Whether free words name nobody, nor who signed, nor that nobody did.

    What looks like a name is two words, or an initial and one, that begin with capitals and follow upon each other.
    """
    told = STOPS.sub(",", said)
    joined = re.search(r"[a-zåäö][A-ZÅÄÖ]", told)
    said_of_signing = TELLING.search(told.casefold()) or DENYING.search(told.casefold())
    return not _follow(_I_AGREE.sub("", told)) and not joined and not said_of_signing


def _follow(text: str) -> bool:
    words = [
        word
        for word in re.findall(r"[^\W\d_]{2,}|[^\W\d_](?!-)|,", text)
        if not is_particle(word) and not is_organisation(folded(word))
    ]
    return any(a[0].isupper() and b[0].isupper() for a, b in pairwise(words))


def is_role(called: str) -> bool:
    """Whether what a document calls somebody may be what they are, rather than who: of its words at most one is
    neither a role's nor an organisation's. Nor may it say that they do not sign."""
    known = _ROLE.match(folded(called))
    words = re.findall(r"[^\W\d_]+", called[known.end() if known else 0 :])
    return sum(not _is_known(word) for word in words) < 2 and not DENYING.search(folded(called))
