"""Any type size from 12 to 36 points reflows in any dress, and stays PDF/A-3a and PDF/UA-1."""

import re
import subprocess
from functools import cache

import pytest

from tests.documents.builders import SAMPLES, document, full_plan, sample, sized, text_of, words_with_boxes


def _within(box: list[float]) -> bool:
    left, top, right, bottom = box
    return left > 20 and top > 10 and right < 576 and bottom < 832


@cache
def in_size(name: str, size: int):
    return document(sized(sample(name), size))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_size_that_nobody_offers_is_conforming(judge, name: str) -> None:
    """Those that are offered are judged in `tests/conformance`."""
    verdict = judge.pdf(document(sized(sample(name), 17), kod="9901").pdf)
    assert verdict["passed"], verdict


@pytest.mark.parametrize("size", [12, 17, 36])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_size_is_whole(name: str, size: int) -> None:
    made = in_size(name, size)
    for page in words_with_boxes(made.pdf):
        assert all(_within(box) for *box, _ in page)
    text = text_of(made.pdf)
    assert text.count(f" av {made.pages}") == made.pages


@pytest.mark.parametrize("size", [12, 36])
def test_a_plan_with_every_field_and_long_words_stays_on_its_pages(size: int) -> None:
    tree = sized(full_plan(), size)
    tree["insatser"][0]["hur"] = "Individanpassningsplaneringsöverläggningsprotokollet " + "x" * 90
    tree["roller"]["kontaktman"]["benamning"] = "omsorgssamordningskontaktperson i hemmet"
    for page in words_with_boxes(document(tree).pdf):
        assert all(right < 576 for _, _, right, _, _ in page)


@pytest.mark.parametrize("size", [12, 14, 18, 24, 36])
@pytest.mark.parametrize("name", ["hemtjanst-kort", "lss-avstar"])
def test_no_heading_is_left_alone_at_the_foot_of_a_page(name: str, size: int) -> None:
    text = text_of(in_size(name, size).pdf)
    headings = {"Mål", "Uppföljning", "Underskrifter", "Om planen", "Närstående", "Viktig information", "Tid"}
    for page in text.split("\f"):
        body = [line for line in page.splitlines() if line.strip()]
        foot = next((i for i, line in enumerate(body) if line.startswith("Sekretess")), len(body))
        assert not body or body[max(foot - 1, 0)] not in headings


@pytest.mark.parametrize("size", [12, 14, 15, 17, 18, 24, 30])
def test_page_one_says_what_which_days_whom_to_ring_and_the_next_follow_up(size: int) -> None:
    page = " ".join(text_of(in_size("hemtjanst-kort", size).pdf, 1).split())
    for said in ("Dusch", "Måndag och torsdag", "Tvätt", "Tisdag varannan vecka", "Egen tid", "Fredag"):
        assert said in page, (size, said)
    for said in ("0980-319212", "Emma Sjöö", "Nästa uppföljning", "12 maj 2027", "Aina Margareta Björkqvist"):
        assert said in page, (size, said)


def test_in_the_largest_type_the_overview_stays_whole() -> None:
    """At 36 points five insatser and whom to ring take more than a page: the overview is page 2's, whole."""
    pages = text_of(in_size("hemtjanst-kort", 36).pdf).split("\f")
    assert "0980-319212" in pages[0]
    assert all(what in pages[1] for what in ("Det här får du hjälp med", "Dusch", "Tvätt", "Egen tid"))


@pytest.mark.parametrize("name", ["hemtjanst-kort", "lss-avstar"])
@pytest.mark.parametrize("size", [12, 14, 17])
def test_no_page_before_the_signatures_is_nearly_empty(name: str, size: int) -> None:
    made = in_size(name, size)
    first_slot = made.placeholders[0].page
    for page in words_with_boxes(made.pdf)[:first_slot]:
        assert max(bottom for *_, bottom, word in page if bottom < 740) > 240


def test_lines_of_running_text_hold_at_most_75_characters() -> None:
    tree = sized(sample("hemtjanst-kort"), 12)
    tree["viktigt_for_mig"] = "Jag vill klara så mycket som möjligt själv och dricka kaffet i lugn och ro. " * 6
    tree["insatser"][0]["hur"] = "Ställ fram duschstolen och lägg halkmattan rätt. Hjälp mig in i duschen. " * 6
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=document(tree).pdf, capture_output=True, check=True
    ).stdout.decode()
    running = [line.strip() for line in done.splitlines() if re.search("kaffet|halkmattan|duschen", line)]
    lengths = [len(re.sub(r"^\S+:\s+", "", line)) for line in running]
    assert max(lengths) <= 75
    assert max(lengths) >= 55
