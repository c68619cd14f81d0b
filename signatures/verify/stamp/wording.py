"""What a stamp says beside a name: the words that are understood, and nothing else.

They are those of our own stamps (who signed as what, when, and whose word it rests on) and of the forms that signing
programs write: a label, the time, a reason, a place, the certificate's subject. What they are tried on is folded, with
single blanks; a line ends with a line break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_LONGEST = 200  # letters, of what is looked at for a name
_END = r"(?=[\s.,;:]|$)"
_HOW = r"(?:digitally|electronically|digitalt|elektroniskt)"
_VERB = rf"(?:{_HOW}\s|e-)?(?:signed|signerad|signerat|undertecknad|undertecknat|underskriven|underskrivet|fastställd)"
_SIGNED_BY = rf"(?:{_VERB}(?:\s{_HOW})?\s(?:by|of|av)|(?:digital\s|electronic\s)?signature\sof)(?=[\s:]|$):?"
_ROLES = (
    r"brukare|kund|klient|client|personen|(?:den|det)\senskilde|företrädare|god\sman|förvaltare|framtidsfullmaktshavare"
    r"|vårdnadshavare|(?:vice\s)?kontaktman|(?:fast\s)?omsorgskontakt|kontaktperson|enhetschef|named\scare\sworker"
    r"|unit\smanager|planerare|personal|(?:bistånds)?handläggare|socialsekreterare|extern\sutförare"
)
_DAY = (
    r"(?:mon|fri|sun)(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|sat(?:urday)?"
    r"|(?:mån|tis|ons|tors|fre|lör|sön)(?:dag)?"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januari|februari|mars|april|maj|juni|juli|augusti|september"
    r"|oktober|november|december|january|february|march|june|july|august|october)"
)
_TIME = (
    rf"(?:kl\.?\s)?(?:(?:{_DAY}),?\s)?(?:{_MONTH}\s)?"
    rf"\d+(?:(?:\s?[-.:/,+']\s?|t|,?\s(?:{_MONTH},?\s)?(?:kl\.?\s)?)\d+)*'?"
    rf"(?:\s?(?:z|utc|gmt|cet|cest|am|pm)(?:\s?[-+]\d+(?::\d+)?)?)?{_END}"
)
_WHEN = r"(?:date|datum|time|timestamp|tid|tidpunkt)\s?:"
_FREE = r"(?:reason|location|contact(?:\sinfo)?|orsak|anledning|plats|ort|kontakt)\s?:(?=\s|$)"
_ATTESTED = re.compile(r"identiteten\sintygad\sav(?=\s)")
_WORD = re.compile(r"\s\(?([^\W\d_]++(?:[-'.]++[^\W\d_]++)*+)\.?\)?")
_MOST_WORDS = 12  # of a name
_PARTICLES = frozenset(
    [
        "af",
        "av",
        "von",
        "van",
        "der",
        "den",
        "de",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "zu",
        "zur",
        "da",
        "di",
        "del",
        "dos",
        "e",
        "i",
        "och",
        "y",
    ]
)
_KNOWN = re.compile(
    "|".join(
        (
            rf"test(?:\s-)?{_END}",
            rf"{_SIGNED_BY}",
            rf"(?:{_VERB}(?:\s{_HOW})?|stämplad){_END}",
            r"(?:name|namn|signer|undertecknare|signature|underskrift|elektronisk\s(?:underskrift|stämpel))\s?:",
            r"adobe\sacrobat(?:\sreader)?\sversion:",
            rf"(?:dn:\s?)?cn=|dn:{_END}",
            rf"{_WHEN}",
            rf"(?!\d{{6,8}}[-+]?\d{{4}}(?!\d)){_TIME}",  # which is no time but somebody's number
        )
    )
)
_LOOSE = re.compile(
    rf"(?m:^){_FREE}(?P<said>[^\n]*)"  # elsewhere than first on a line it may be what a name goes on with
    r"|(?:(?<=,)|(?<=,\s)|(?<=dn:\s))(?:o|ou|c|l|s|st|e|email|serialnumber)=(?P<fact>[^,\n]*)"
)
_LEADING = re.compile(
    rf"(?:^|(?<=[\s.,;])){_SIGNED_BY}|^(?:name|namn|signer|undertecknare)\s?:|^(?:{_ROLES})(?::|$)", re.M
)
_TELLING = re.compile(rf"{_SIGNED_BY}|{_VERB}{_END}")
_ABBREVIATED = re.compile(r"\b[A-ZÅÄÖ]{2,4}\b")
_STOPS = re.compile(rf"{_WHEN}|{_FREE}", re.IGNORECASE)
_DENYING = re.compile(
    r"\b(?:ej|inte|icke|ingen|aldrig|not|never|nobody|i\sstället|istället|genom|via|instead|behalf|skrivit)\b"
)


@dataclass(frozen=True, slots=True)
class Role:
    """What the document calls the one who signs in a field; `sure` where it is known that the document is ours."""

    called: str
    sure: bool


def understood(text: str, plain: str, at: int, role: Role) -> int:
    """Where what is understood ends that begins here, or `at`; `plain` is the text before case was folded."""
    known, called, loose = _KNOWN.match(text, at), _called(role.called).match(text, at), _LOOSE.match(text, at)
    if called and called["own"] and not (role.sure or _is_role(plain[slice(*called.span("own"))])):
        called = None
    said = loose and plain[slice(*loose.span(loose.lastgroup or 0))]
    free = loose if loose and said is not None and _says_no_name(said) else None
    return max(_attested(text, plain, at), *(match.end() if match else at for match in (known, called, free)))


def _attested(text: str, plain: str, at: int) -> int:
    """Where our line ends that says on whose word an identity rests, or `at`."""
    label = _ATTESTED.match(text, at)
    if label is None:
        return at
    end, words = label.end(), 0
    while words < _MOST_WORDS and (word := _WORD.match(text, end)) is not None:
        if not plain[word.start(1)].isupper() and word[1] not in _PARTICLES:
            break
        end, words = word.end(), words + 1
    told = text[label.end() : end]
    return at if not words or _TELLING.search(told) or _DENYING.search(told) else end


def goes_on(plain: str) -> bool:
    """Whether these words, which may be none, may be more of a name."""
    told, words = plain.casefold(), re.findall(r"[^\W\d_]+", plain)
    known = all(word[0].isupper() or word in _PARTICLES for word in words)
    return known and not _TELLING.search(told) and not _DENYING.search(told)


def led_to(text: str) -> list[int]:
    """Where each name begins that a label leads to."""
    return [match.end() for match in _LEADING.finditer(text)]


def name_at(plain: str) -> list[str]:
    """The words of the name that follows, if it looks like one: two or more that begin with capitals, on a line."""
    line = _STOPS.split(plain[:_LONGEST].strip().split("\n")[0])[0]
    found = re.match(r"[^\W\d_]+(?:(?:['.-]+\s?|\s)[^\W\d_]+)*", line.strip())
    words = re.findall(r"[^\W\d_]{2,}", found[0]) if found else []
    return words if len(words) > 1 and all(word[0].isupper() for word in words[:2]) else []


def _says_no_name(said: str) -> bool:
    """Whether free words name nobody: no two that begin with capitals follow upon each other, nor who signed."""
    told = _STOPS.sub(",", said)
    joined = re.search(r"[a-zåäö][A-ZÅÄÖ]", told)
    said_of_signing = _TELLING.search(told.casefold()) or _DENYING.search(told.casefold())
    return not _follow(told) and not joined and not said_of_signing


@lru_cache(maxsize=32)
def _called(role: str) -> re.Pattern[str]:
    """What someone is called who signs, or who signs in the place of one who is called so. The latter is no label
    without its colon, nor is what only this document says: "Företrädare för kund Bo Ek" may be someone else."""
    own = r"\s".join(map(re.escape, role.casefold().split())) or "(?!)"
    return re.compile(rf"(?:(?:företrädare|på\sdelegation)\sför\s)?(?:{_ROLES}|(?P<own>{own})):|(?:{_ROLES}){_END}")


def _is_role(role: str) -> bool:
    """Whether what a document calls someone may be what they are: no name, and not that they do not sign."""
    folded, named = role.casefold(), _follow(_ABBREVIATED.sub("", role))
    return not _DENYING.search(folded) and (not named or re.match(rf"(?:{_ROLES})\b", folded) is not None)


def _follow(text: str) -> bool:
    """Whether two words that begin with capitals follow upon each other."""
    words = [word for word in re.findall(r"[^\W\d_]{2,}|,", text) if word not in _PARTICLES]
    return any(a[0].isupper() and b[0].isupper() for a, b in pairwise(words))
