"""What a stamp says beside a name: the words that are understood, and nothing else.

They are those of our own stamps (who signed as what, when, and whose word it rests on) and of the forms that signing
programs write: a label, the time, a reason, a place, the certificate's subject. What they are tried on is folded, with
single blanks; a line ends with a line break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .folding import folded, plain, spaced
from .naming import is_role, says_no_name
from .vocabulary import END, FREE, HOW, ROLES, SIGNED_BY, VERB, WHEN

_LONGEST_ROLE = 200  # letters
_DAY = (
    r"(?:mon|fri|sun)(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|sat(?:urday)?"
    r"|(?:mån|tis|ons|tors|fre|lör|sön)(?:dag)?"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januari|februari|mars|april|maj|juni|juli|augusti|september"
    r"|oktober|november|december|january|february|march|june|july|august|october)"
)
_TIME = re.compile(
    rf"(?:kl\.?\s)?(?:(?:{_DAY}),?\s)?(?:{_MONTH}\s)?"
    rf"\d+(?:(?:\s?[-.:/,+']\s?|t|,?\s(?:{_MONTH},?\s)?(?:kl\.?\s)?)\d+)*'?"
    rf"(?:\s?(?:z|utc|gmt|cet|cest|am|pm)(?:\s?[-+]\d+(?::\d+)?)?)?{END}"
)
_BETWEEN_DIGITS = r"[\s.,;/+'-]*"  # a colon tells a time
_TEN_OR_TWELVE = [re.compile(rf"(?<!\d)(?=(\d(?:{_BETWEEN_DIGITS}\d){{{more}}})(?!:?\d))") for more in (9, 11)]
_HOUR_OF_A_DAY = re.compile(
    r"(?:20\d\d([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2 ?20\d\d)\s\d{1,2}\.\d\d(?:\.\d\d)?(?!\d)"
)
_NEAR = 40  # letters after a time, where a number that begins in it may go on
_DATED = re.compile(r"(?:18|19|20)?\d\d(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])\d{4}")
_KNOWN = re.compile(
    "|".join(
        (
            rf"test(?:\s-)?{END}",
            rf"{SIGNED_BY}",
            rf"(?:{VERB}(?:\s{HOW})?|stämplad){END}",
            r"(?:name|namn|signer|undertecknare|signature|underskrift|elektronisk\s(?:underskrift|stämpel))\s?:",
            r"adobe\sacrobat(?:\sreader)?\sversion:",
            rf"(?:dn:\s?)?cn=|dn:{END}",
            rf"{WHEN}",
        )
    )
)
_LOOSE = re.compile(
    rf"(?m:^){FREE}(?P<said>[^\n]*)"  # elsewhere than first on a line it may be what a name goes on with
    r"|(?:(?<=,)|(?<=,\s)|(?<=dn:\s))(?:o|ou|c|l|s|st|e|email|serialnumber)=(?P<fact>[^,\n]*)"
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What may stand beside a name that is not the same in every stamp.

    `role` is what the document calls the one who signs there, and `sure` that the document is known to be ours;
    `attester` is whoever the record says has attested who they are.
    """

    role: str = ""
    sure: bool = False
    attester: str | None = None


def understood(text: str, unfolded: str, at: int, beside: Beside) -> int:
    """Where what is understood ends that begins here, or `at`; `unfolded` is the text before case was folded."""
    known, called, loose = _KNOWN.match(text, at), _called(beside.role).match(text, at), _LOOSE.match(text, at)
    if called and called["own"] and not (beside.sure or _is_role(text, unfolded, called.span("own"))):
        called = None
    said = loose and unfolded[slice(*loose.span(loose.lastgroup or 0))]
    free = loose if loose and said is not None and says_no_name(said) else None
    if free and free["said"] is not None and _is_numbered(text, *free.span("said")):
        free = None
    found = (known, _time(text, at), called, free, _attested(beside.attester).match(text, at))
    return max([at, *(match.end() for match in found if match)])


def _time(text: str, at: int) -> re.Match[str] | None:
    """A time, which has no somebody's number in it: ten or twelve digits that begin with a date, however divided."""
    found = _TIME.match(text, at)
    if found is None:
        return None
    told = _HOUR_OF_A_DAY.match(text, at)
    return None if _is_numbered(text, told.end() if told else at, found.end()) else found


def _is_role(text: str, unfolded: str, span: tuple[int, int]) -> bool:
    return is_role(unfolded[slice(*span)]) and not _is_numbered(text, *span)


def _is_numbered(text: str, at: int, end: int) -> bool:
    """Whether somebody's number begins here, which may go on a little after."""
    begun = (each for long in _TEN_OR_TWELVE for each in long.finditer(text, at, end + _NEAR) if each.start() < end)
    return any(_DATED.fullmatch(re.sub(r"\D", "", each[1])) for each in begun)


@lru_cache(maxsize=32)
def _attested(attester: str | None) -> re.Pattern[str]:
    """Our line that says on whose word an identity rests, which stands only where the record has this very name."""
    return re.compile(rf"identiteten\sintygad\sav\s{spaced(attester)}{END}" if attester else "(?!)")


@lru_cache(maxsize=32)
def _called(role: str) -> re.Pattern[str]:
    """What someone is called who signs, or who signs in the place of one who is called so. The latter is no label
    without its colon, nor is what only this document says: "Företrädare för kund Bo Ek" may be someone else."""
    own = r"\s".join("".join(map(_either, word)) for word in plain(role)[:_LONGEST_ROLE].split()) or "(?!)"
    return re.compile(rf"(?:(?:företrädare|på\sdelegation)\sför\s)?(?:(?P<own>{own}\s?)|{ROLES}):|(?:{ROLES}){END}")


def _either(letter: str) -> str:
    """A letter as it is and as a capital, which may be written with two."""
    forms = sorted({folded(letter), folded(letter.upper())})
    return f"(?:{'|'.join(map(re.escape, forms))})"
