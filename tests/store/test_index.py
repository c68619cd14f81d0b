import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store.index import actor_key, name_keys, name_query, person_key, unit_key

SECRET = os.urandom(32)


def _found(stored: list[str | None], asked: str) -> bool:
    query = name_query(SECRET, asked)
    return bool(query) and set(query) <= name_keys(SECRET, stored, protected=False)


@pytest.mark.parametrize(
    ("stored", "asked", "found"),
    [
        (["Karl", "Björkqvist", "Kalle"], "Björkqvist", True),
        (["Karl", "Björkqvist", "Kalle"], "bjorkqvist", True),
        (["Karl", "Björkqvist", "Kalle"], "KALLE björkqvist", True),
        (["Karl", "Björkqvist", None], "Kalle Björkqvist", False),
        (["Karl", "Bjorkqvist"], "Björkqvist", False),
        (["Anna-Lena", "Öberg"], "lena", True),
        (["Anna-Lena", "Öberg"], "anna-lena oberg", True),
        (["Anna", "Oberg"], "Öberg", False),
        (["Søren", "Łukasz"], "soren lukasz", True),
        (["Groß"], "gross", True),
        (["Karl"], "Kar", False),
        (["Karl"], " - ", False),
    ],
)
def test_a_name_is_found_as_people_write_it(stored: list[str | None], asked: str, *, found: bool) -> None:
    assert _found(stored, asked) is found


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=15))
def test_form_and_case_never_matter(name: str) -> None:
    for asked in (name, unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)):
        assert _found([name], asked) == bool(name_query(SECRET, name))


def test_a_protected_person_has_no_name_to_be_found_by() -> None:
    assert name_keys(SECRET, ["Karl", "Björk"], protected=True) == frozenset()


def test_a_personal_id_is_found_however_it_is_written_and_by_this_key_only() -> None:
    key = person_key(SECRET, "personnummer", "19121212-1212")
    assert key == person_key(SECRET, "samordningsnummer", "191212121212")
    assert key != person_key(os.urandom(32), "personnummer", "191212121212")
    assert key != person_key(SECRET, "internt", "191212121212")
    assert person_key(SECRET, "internt", "skydd-7f3a ") == person_key(SECRET, "internt", "SKYDD-7F3A")


@pytest.mark.parametrize("varde", ["121212-1212", "", "x", "19121212121", "1912121212123", "१९१२१२१२१२१२"])
def test_a_personnummer_that_is_not_normalised_is_an_error_of_ours(varde: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        person_key(SECRET, "personnummer", varde)


def test_hashes_of_different_things_never_meet() -> None:
    word = "norr"
    hashes = {unit_key(SECRET, word), *name_keys(SECRET, [word], protected=False), person_key(SECRET, "internt", word)}
    assert len(hashes) == 4
    assert len(actor_key(SECRET, word)) == 32
    assert unit_key(SECRET, " Norra  hemtjänsten ") == unit_key(SECRET, "norra hemtjänsten")
