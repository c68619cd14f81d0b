"""The visible stamp: what is written, how large, and what may never show."""

from __future__ import annotations

import re

import pytest

from signatures.appearance import SMALLEST, USUAL, Typeface, draw, refuse_numbers, require_name
from signatures.errors import AppearanceRefused
from signatures.font import subsets

from .plans import ETHIOPIC, LATIN


@pytest.fixture(scope="module")
def faces() -> tuple[Typeface, ...]:
    made = subsets([LATIN, ETHIOPIC], "ሰላም")
    return tuple(Typeface(f"/PsF{n}", None, each.face) for n, each in enumerate(made))  # type: ignore[arg-type]


def read(content: bytes, faces: tuple[Typeface, ...]) -> list[str]:
    """The lines a reader sees, by way of the glyph numbers."""
    characters = {face.name: {glyph: c for c, glyph in reversed(face.face.glyphs.items())} for face in faces}
    lines, name = [""], ""
    for font, codes, newline in re.findall(r"(/PsF\d)|<([0-9A-F]+)>|(T\*)", content.decode()):
        name = font or name
        lines[-1] += "".join(characters[name][int(codes[i : i + 4], 16)] for i in range(0, len(codes), 4))
        lines += [""] if newline else []
    return lines[:-1]


def size(content: bytes) -> float:
    match = re.search(rb"/PsF0 ([\d.]+) Tf", content)
    assert match
    return float(match[1])


def test_lines_are_written_as_given(faces: tuple[Typeface, ...]):
    lines = ["Brukare", "Åsa Öberg ሰላም", "2026-03-02 09:00"]
    content = draw(lines, 300, 70, faces)
    assert [line.replace("\xa0", " ") for line in read(content, faces)] == lines
    assert size(content) == USUAL


def test_a_small_box_gets_smaller_text_or_more_lines(faces: tuple[Typeface, ...]):
    low = draw(["Brukare", "Åsa Öberg", "2026-03-02"], 300, 40, faces)
    assert SMALLEST <= size(low) < USUAL
    narrow = read(draw(["Anna Maria Elisabet Öberg Nordensköld"], 110, 70, faces), faces)
    assert len(narrow) > 1
    assert " ".join(narrow) == "Anna Maria Elisabet Öberg Nordensköld"


def test_a_field_of_a_plan_in_large_type_gets_large_type(faces: tuple[Typeface, ...]):
    content = draw(["Brukare", "Åsa Öberg", "2026-03-02 09:00", "Fastställd 2026-03-02"], 500, 252, faces)
    assert size(content) == 36


def test_text_stays_inside_the_box(faces: tuple[Typeface, ...]):
    for width in (90, 150, 300):
        content = draw(["Anna Maria Elisabet Nordensköld", "Fastställd 2026-03-02"], width, 70, faces)
        for line in read(content, faces):
            assert sum(faces[0].face.widths[faces[0].face.glyphs[c]] for c in line) * size(content) / 1000 <= width
        assert len(read(content, faces)) * size(content) * 1.2 <= 70


def test_what_cannot_fit_is_refused(faces: tuple[Typeface, ...]):
    for lines, width, height in ((["x"] * 20, 300, 70), (["Donaudampfschifffahrtsgesellschaft"], 60, 70)):
        with pytest.raises(AppearanceRefused) as caught:
            draw(lines, width, height, faces)
        assert caught.value.code == "far_inte_plats"


def test_a_character_the_file_has_no_glyph_for_is_named(faces: tuple[Typeface, ...]):
    with pytest.raises(AppearanceRefused) as caught:
        draw(["王 Åsa"], 300, 70, faces)
    assert (caught.value.code, "U+738B" in str(caught.value)) == ("tecken_saknas", True)


@pytest.mark.parametrize(
    "line",
    [
        "Åsa Öberg 194005202389",
        "Åsa Öberg 19400520-2389",
        "400520-2389",
        "400520+2389",
        "4005202389",
        "194005802386",  # a samordningsnummer: the day plus sixty
    ],
)
def test_a_personal_number_never_shows(line: str):
    with pytest.raises(AppearanceRefused) as caught:
        refuse_numbers(["Åsa Öberg", line], "")
    assert caught.value.code == "personnummer_synligt"
    assert "2389" not in str(caught.value)


def test_the_signers_own_number_shows_in_no_spelling():
    with pytest.raises(AppearanceRefused):
        refuse_numbers(["Åsa Öberg, 40 05 20 - 23 89"], "194005202389")


@pytest.mark.parametrize("line", ["2026-03-02 09:00", "SE2321000016-1A2B", "070-123 45 67", "P-20260302-0007"])
def test_other_numbers_are_fine(line: str):
    refuse_numbers(["Åsa Öberg", line], "194005202389")


def test_the_stamp_says_who_signed():
    require_name(["Åsa", "Öberg"], "Åsa  O\u0308berg")
    with pytest.raises(AppearanceRefused) as caught:
        require_name(["Brukare", "Kim Ek"], "Åsa Öberg")
    assert caught.value.code == "namn_saknas"
