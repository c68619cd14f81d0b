"""Numbers from Skatteverket's open lists of test numbers and worked examples; `today` decides every century."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.plan.model_parts import PersonId
from pipeline.plan.person_id import Fault, birth_date, fault, normalised, read_number

TODAY = date(2026, 11, 22)


def person(varde: str, typ: str = "personnummer") -> PersonId:
    return PersonId.model_validate({"typ": typ, "varde": varde})


def check_digit(nine: str) -> str:
    """Luhn, written out anew as a judge."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


@pytest.mark.parametrize("varde", ["194201199124", "19420119-9124", "420119-9124", "4201199124", " 194201199124 "])
def test_one_person_is_written_in_one_form(varde: str) -> None:
    assert fault(person(varde), today=TODAY) is None
    assert normalised(person(varde), today=TODAY) == "194201199124"
    assert birth_date(person(varde), today=TODAY) == date(1942, 1, 19)


@pytest.mark.parametrize(
    ("varde", "why"),
    [
        ("194201199125", Fault.OGILTIGT),
        ("194202309124", Fault.OGILTIGT),
        ("202701019" + "99" + check_digit("270101999"), Fault.OGILTIGT),
        ("19420119912", Fault.FORM),
        ("19420119 9124", Fault.FORM),
        ("194201199124\n1", Fault.FORM),
        ("١٩٤٢٠١١٩٩١٢٤", Fault.FORM),
        ("intern-7", Fault.FORM),
        ("  ", Fault.TOM),
    ],
)
def test_a_number_that_is_not_valid_is_told_why(varde: str, why: Fault) -> None:
    assert fault(person(varde), today=TODAY) is why
    assert normalised(person(varde), today=TODAY) == varde.strip()
    assert birth_date(person(varde), today=TODAY) is None


def test_a_samordningsnummer_has_its_day_plus_60() -> None:
    number = "19701063" + "239" + check_digit("701063239")
    assert fault(person(number, "samordningsnummer"), today=TODAY) is None
    assert birth_date(person(number, "samordningsnummer"), today=TODAY) == date(1970, 10, 3)


def test_a_number_declared_as_the_other_type_is_caught() -> None:
    number = "19701063" + "239" + check_digit("701063239")
    assert fault(person(number, "personnummer"), today=TODAY) is Fault.TYP
    assert fault(person("194201199124", "samordningsnummer"), today=TODAY) is Fault.TYP


def test_a_plus_sign_is_a_hundred_years() -> None:
    last = "238" + check_digit("121212238")
    assert normalised(person(f"121212+{last}"), today=TODAY) == f"19121212{last}"
    assert normalised(person(f"121212-{last}"), today=TODAY) == f"20121212{last}"
    assert normalised(person(f"19121212{last}"), today=TODAY) == f"19121212{last}"


@pytest.mark.parametrize("typ", ["reservnummer", "internt"])
def test_other_ids_only_have_to_say_something(typ: str) -> None:
    assert fault(person("19420119-9125", typ), today=TODAY) is None
    assert normalised(person(" R-7 ", typ), today=TODAY) == "R-7"
    assert birth_date(person("194201199124", typ), today=TODAY) is None
    assert fault(person(" ", typ), today=TODAY) is Fault.TOM


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.dates(date(1900, 1, 1), TODAY), st.integers(1, 999), st.booleans(), st.integers(0, 9))
def test_luhn_and_date_agree_with_a_second_reckoning(born: date, number: int, samordning: bool, digit: int) -> None:
    day = f"{born:%y%m}{born.day + 60 * samordning:02}{number:03}"
    found = read_number(f"{born:%Y}{day[2:]}{digit}", today=TODAY)
    if str(digit) == check_digit(day):
        assert found is not None
        assert (found.born, found.samordning) == (born, samordning)
    else:
        assert found is None


def test_a_number_shows_nothing_of_the_person() -> None:
    assert "1942" not in repr(read_number("194201199124", today=TODAY))
