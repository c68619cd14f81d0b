"""The one appearance font: what it holds, how wide it says it is, and what it cannot write."""

from __future__ import annotations

import io

import pytest
from fontTools.ttLib import TTFont

from signatures.errors import AppearanceRefused
from signatures.font import LATIN as RANGE
from signatures.font import face_of, subsets

from .plans import ARABIC, ETHIOPIC, LATIN


def test_the_subset_has_latin_and_what_the_names_need():
    (only,) = subsets([LATIN], "Åsa Łukasiewicz – “Öberg”")
    assert set("Åsa Łukasiewicz–“”Öberg") <= set(only.face.glyphs)
    assert len(set(only.face.glyphs) & RANGE) > 270
    assert len(only.program) < 60_000


def test_the_same_names_give_the_same_bytes():
    assert subsets([LATIN], "Åsa") == subsets([LATIN], "Åsa")


def test_widths_are_thousandths_of_an_em():
    (only,) = subsets([LATIN], "")
    font = TTFont(io.BytesIO(LATIN))
    unit, names = font["head"].unitsPerEm, font.getBestCmap()
    for character in "AÅm.ż":
        width = font["hmtx"][names[ord(character)]][0] * 1000 / unit
        assert only.face.widths[only.face.glyphs[character]] == pytest.approx(width, abs=0.5)


def test_a_font_of_another_unit_is_scaled():
    font = TTFont(io.BytesIO(ETHIOPIC))
    assert font["head"].unitsPerEm == 1000
    (plain,) = subsets([ETHIOPIC], "ሰላም")
    font["head"].unitsPerEm = 2000
    out = io.BytesIO()
    font.save(out)
    (scaled,) = subsets([out.getvalue()], "ሰላም")
    glyph = plain.face.glyphs["ሰ"]
    assert scaled.face.widths[scaled.face.glyphs["ሰ"]] == pytest.approx(plain.face.widths[glyph] / 2, abs=1)


def test_a_fallback_is_taken_only_for_what_the_first_lacks():
    assert len(subsets([LATIN, ETHIOPIC], "Åsa")) == 1
    first, second = subsets([LATIN, ETHIOPIC], "Åsa ሰላም")
    assert set("ሰላም") <= set(second.face.glyphs)
    assert "A" not in second.face.glyphs
    assert face_of(second.program) == second.face
    assert "ሰ" not in first.face.glyphs


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Åsa 王", "U+738B CJK UNIFIED IDEOGRAPH-738B"),
        ("ليلى", "U+0644 ARABIC LETTER LAM"),
        ("שרה", "U+05E9 HEBREW LETTER SHIN"),
        ("x\u0323", "U+0323 COMBINING DOT BELOW"),
    ],
)
def test_what_no_font_can_write_is_named(text: str, named: str):
    # Arabic is refused although a font has the letters: set one by one they would be wrong.
    with pytest.raises(AppearanceRefused) as caught:
        subsets([LATIN, ETHIOPIC, ARABIC], text)
    assert caught.value.code == "tecken_saknas"
    assert named in str(caught.value)
    assert named in caught.value.facts["tecken"]
    assert "U+00C5" not in str(caught.value)


def test_decomposed_letters_are_composed_first():
    subsets([LATIN], "A\u030asa")


@pytest.mark.parametrize("fonts", [[], [b"no font at all, only words"]])
def test_no_font_no_fields(fonts: list[bytes]):
    with pytest.raises(AppearanceRefused) as caught:
        subsets(fonts, "Åsa")
    assert caught.value.code == "typsnitt_saknas"
