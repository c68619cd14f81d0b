"""Personnummer and samordningsnummer: valid or not, in one written form, and the day of birth they carry.

Luhn digit, calendar date and day + 60 are the `personnummer` library's to judge. Its clock is not ours: the century of
a ten-digit number is settled here, by `today`, before the library sees twelve digits.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from personnummer import personnummer

from pipeline.plan.model_parts import PersonId

_NUMBER = re.compile(r"(?P<century>[0-9]{2})?(?P<day>[0-9]{6})(?P<sign>[-+]?)(?P<last>[0-9]{4})")
_WITHIN = re.compile(r"(?<![0-9])(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}(?![0-9])")
_CHECKED = ("personnummer", "samordningsnummer")


class Fault(StrEnum):
    """Why an id is not a valid number of its declared type; the text is ``person_id.<fault>``."""

    TOM = "tom"
    FORM = "form"
    """Not ten or twelve digits with at most one hyphen or plus sign."""
    OGILTIGT = "ogiltigt"
    """The check digit or the date is wrong, or the day of birth lies ahead."""
    TYP = "typ"
    """A valid number of the other type."""


@dataclass(frozen=True, slots=True)
class Number:
    """A valid personnummer or samordningsnummer; not shown in logs."""

    digits: str
    """Twelve digits, without a sign."""
    samordning: bool
    born: date

    def __repr__(self) -> str:
        """Nothing of the person."""
        return "Number(…)"


def read_number(text: str, *, today: date) -> Number | None:
    """The number written in `text`, with ten or twelve digits; None when it is no valid number.

    In ten digits ``-`` means under a hundred years and ``+`` from the year one turns a hundred (lag 1991:481, 18 §).
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    century = match["century"] or _century(int(match["day"][:2]), today, hundred=match["sign"] == "+")
    digits = f"{century}{match['day']}{match['last']}"
    try:
        parsed = personnummer.parse(digits)
        born: date = parsed.get_date()
    except personnummer.PersonnummerException:
        return None
    if born > today:
        return None
    return Number(digits=digits, samordning=bool(parsed.is_coordination_number()), born=born)


def holds_number(text: str, *, today: date) -> bool:
    """Whether a valid number stands anywhere in `text`."""
    return any(read_number(found[0], today=today) is not None for found in _WITHIN.finditer(text))


def fault(person: PersonId, *, today: date) -> Fault | None:
    """What is wrong with the id by its type, or None; reservnummer and internal ids only have to say something."""
    written = person.varde.strip()
    if not written:
        return Fault.TOM
    if person.typ not in _CHECKED:
        return None
    if not _NUMBER.fullmatch(written):
        return Fault.FORM
    number = read_number(written, today=today)
    if number is None:
        return Fault.OGILTIGT
    return None if number.samordning == (person.typ == "samordningsnummer") else Fault.TYP


def normalised(person: PersonId, *, today: date) -> str:
    """The id in the one form it is compared and looked up by: twelve digits for a valid number, else as written."""
    number = read_number(person.varde, today=today) if person.typ in _CHECKED else None
    return number.digits if number else person.varde.strip()


def birth_date(person: PersonId, *, today: date) -> date | None:
    """The day of birth that a valid number carries; None for other ids."""
    number = read_number(person.varde, today=today) if person.typ in _CHECKED else None
    return number.born if number else None


def _century(year: int, today: date, *, hundred: bool) -> str:
    last = today.year - 100 if hundred else today.year
    return str(last - (last - year) % 100)[:2]
