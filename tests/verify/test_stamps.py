"""What a visible signature shows, whoever drew it: what is not seen for certain is not read, and quickly so."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from time import process_time

import pytest
from fontTools.ttLib import TTFont
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)

from pipeline.documents.fonts import signature_fonts
from signatures.font import subsets
from signatures.names import common_name
from signatures.verify import Expected, ExpectedSignature, RuleId, RuleVerdict, Trust, Verdict, verify
from signatures.verify.stamp.canvas import Run
from signatures.verify.stamp.letters import Unreadable, unicode_map
from signatures.verify.stamp.reading import Standing, standing
from signatures.verify.stamp.shown import Shown, shown_in
from tests.attacks.model import Plan
from tests.attacks.plans import Signing, stages
from tests.verify import outlines
from tests.verify.test_hostile import LATER

START = "BT /F1 12 Tf 5 20 Td "
SHEET = (0, 0, 600, 800)
UNREADABLE = Shown(drawn=True, problem="stamp_unreadable")
UNKNOWN = Shown(drawn=True, problem="stamp_font")


def dictionary(**entries: object) -> DictionaryObject:
    return DictionaryObject({pdf_name("/" + key): value for key, value in entries.items()})


def array(*numbers: float) -> ArrayObject:
    return ArrayObject(FloatObject(n) for n in numbers)


def standard(name: str = "Helvetica", **others: object) -> DictionaryObject:
    facts = {"Subtype": "/Type1", "BaseFont": "/" + name, "Encoding": "/WinAnsiEncoding"}
    return dictionary(**{**{key: pdf_name(value) for key, value in facts.items()}, **others})


def form(content: bytes, font: DictionaryObject | None = None, **others: object) -> StreamObject:
    resources = dictionary(
        Font=dictionary(F1=font or standard()),
        XObject=dictionary(Image=StreamObject(dict(dictionary(Subtype=pdf_name("/Image"))), stream_data=b"")),
        ExtGState=dictionary(
            Faint=dictionary(ca=FloatObject(0.1)),
            Masked=dictionary(SMask=dictionary()),
            Screen=dictionary(BM=pdf_name("/Screen")),
            Plain=dictionary(ca=NumberObject(1), SMask=pdf_name("/None")),
        ),
    )
    facts = {"Subtype": pdf_name("/Form"), "BBox": array(0, 0, 200, 50), "Resources": resources}
    return StreamObject(dict(dictionary(**{**facts, **others})), stream_data=content)


def drawn(normal: PdfObject) -> Shown:
    return shown_in(dictionary(Rect=array(100, 100, 300, 150), AP=dictionary(N=normal)), SHEET)


def shown(content: str | bytes, font: DictionaryObject | None = None) -> Shown:
    raw = content if isinstance(content, bytes) else content.encode("cp1252")
    return drawn(form(raw, font))


def runs(text: str) -> list[Run]:
    """A line under another."""
    return [Run(line_, 5, 100 - 12 * number, 300, 10) for number, line_ in enumerate(text.split("\n"))]


def named(content: str, name: str = "Bo Ek") -> Standing:
    found = shown(content)
    assert found.problem is None
    return standing(name, found.runs)


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """A drawing that is read for ever ends the test; what is read at all is read in a fraction of this."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "content",
    [
        "(Bo Ek) Tj",
        "(Bo) Tj ( Ek) Tj",
        "(\\102o Ek) Tj",
        "<426F20456B> Tj",
        "[(Bo) -300 (E) 20 (k)] TJ",
        "(Bo Ek) Tj 0 -14 Td (kontaktman) Tj",
        "0 14 Td (kontaktman:) Tj 0 -14 TD (Bo) Tj T* (Ek) Tj",
        "14 TL (kontaktman) Tj (Bo Ek) '",
        "/Span BMC 0.3 g 0 Tc 0 Tw 100 Tz 0 Ts 0 Tr (Bo Ek) Tj EMC",
        "/Plain gs (Bo Ek) Tj % DSBlank\n",
        "(Bo Ek) Tj ET q 0.9 g 3 3 40 10 re W n 0 0 40 10 re f 1 w 0 49 m 200 49 l S Q /Image Do BT",
        "ET 0.9 g 0 0 200 50 re f 1 1 198 48 re W n 0 g BT /F1 12 Tf 5 20 Td (Bo Ek) Tj",
    ],
)
def test_what_is_seen_is_read(content: str) -> None:
    if "/Image" in content:
        content = content.replace("/Image Do", "q 20 0 0 20 150 10 cm /Image Do Q")
    assert named(START + content + " ET") is Standing.WHOLE


@pytest.mark.parametrize(
    "content",
    [
        # not seen, or not for certain
        "3 Tr (Bo Ek) Tj",
        "1 Tr 1 G (Bo Ek) Tj",
        "7 Tr (Bo Ek) Tj",
        "1.5 Tz (Bo Ek) Tj",
        "5000 Ts (Bo Ek) Tj",
        "5000 Tc (Bo Ek) Tj",
        "5000 Tw (Bo Ek) Tj",
        "/F1 3 Tf (Bo Ek) Tj",
        "/F1 -12 Tf (Bo Ek) Tj",
        "0 0 0 12 5 20 Tm (Bo Ek) Tj",
        "-1 0 0 1 100 20 Tm (Bo Ek) Tj",
        "0 1 -1 0 100 20 Tm (Bo Ek) Tj",
        "0.3 0 0 1 5 20 Tm (Bo Ek) Tj",
        "1 g (Bo Ek) Tj",
        "0.7 g (Bo Ek) Tj",
        "1 1 1 rg (Bo Ek) Tj",
        "0 0 0 0 k (Bo Ek) Tj",
        "/DeviceRGB cs 1 1 1 scn (Bo Ek) Tj",
        "/Pattern cs /P scn (Bo Ek) Tj",
        "/Faint gs (Bo Ek) Tj",
        "/Masked gs (Bo Ek) Tj",
        "/Screen gs (Bo Ek) Tj",
        # outside of a box, by its own width
        "180 0 Td (Bo Ek) Tj",
        "0 -25 Td (Bo Ek) Tj",
        "[(B) 99999 (o Ek)] TJ",
        "[(Annan) 2400 (Bo Ek)] TJ",
        "ET q 0 0 10 50 re W n BT /F1 12 Tf 5 20 Td (Bo Ek) Tj ET Q BT",
        "ET q 0 0 m 0 50 l 200 50 l 200 0 l h W n BT /F1 12 Tf 5 20 Td (Bo Ek) Tj ET Q BT",
        "ET q 0 0 200 50 re W 4 15 m 4 40 l 190 40 l 190 15 l h n BT /F1 12 Tf 5 20 Td (Bo Ek) Tj ET Q BT",
        # under or over something
        "(Bo Ek) Tj ET 1 g 0 0 200 50 re f BT",
        "(Bo Ek) Tj ET 1 g 0 0 m 0 50 l 200 50 l f BT",
        "(Bo Ek) Tj ET 1 G 20 w 0 25 m 200 25 l S BT",
        "(Bo Ek) Tj ET q 200 0 0 50 0 0 cm /Image Do Q BT",
        "(Bo Ek) Tj ET /Shade sh BT",
        "(Bo Ek) Tj 0 0 Td (MMMM) Tj",
        "ET 0.2 g 0 0 200 50 re f 0 g BT /F1 12 Tf 5 20 Td (Bo Ek) Tj",
        "ET q 200 0 0 50 0 0 cm /Image Do Q BT /F1 12 Tf 5 20 Td (Bo Ek) Tj",
        # not what readers agree on
        "/OC /X BDC (Bo Ek) Tj EMC",
        "(Bo Ek) @Tj",
        "(Bo Ek) Tj ET BI /W 2 /H 2 /BPC 8 /CS /G ID (bcd EI BT",
        "ET /F1 12 Tf 5 20 Td (Bo Ek) Tj BT",
        "q (Bo Ek) Tj Q",
        "(Annan) (Bo Ek) Tj",
        "(Bo Ek) Tj Q",
        "(Bo Ek) Tj 1.2.3 g",
        "/F#31 12 Tf (Bo Ek) Tj",
        "/F2 12 Tf (Bo Ek) Tj",
        "(Bo Ek",
        "<426F20456B Tj",
        "BX (Bo Ek) Tj EX",
    ],
)
def test_a_stamp_with_anything_else_is_unreadable(content: str) -> None:
    assert shown(START + content + " ET") == UNREADABLE


def test_a_drawing_without_text_is_told_from_no_drawing() -> None:
    assert shown("0 0 100 20 re f") == Shown(drawn=True)
    assert shown("q 9 0 0 9 0 0 cm /Image Do Q") == Shown(drawn=True)
    assert shown("% DSBlank\n") == Shown()


@pytest.mark.parametrize(
    ("facts", "read"),
    [
        ({}, True),
        ({"Matrix": array(2, 0, 0, 2, -40, -40)}, True),
        ({"BBox": array(0, 50, 200, 0)}, True),
        ({"BBox": array(0, 0, 100_000, 25_000)}, False),
        ({"BBox": array(0, 0, 200, 2_000)}, False),
        ({"BBox": array(0, 0, 12, 50)}, False),
        ({"Matrix": array(0, 1, -1, 0, 0, 0)}, False),
        ({"OC": dictionary()}, False),
        ({"Ref": dictionary()}, False),
        ({"Group": dictionary(CS=array(1))}, False),
    ],
)
def test_an_appearance_is_read_as_it_is_fitted_to_its_rectangle(facts: dict[str, PdfObject], read: bool) -> None:
    assert drawn(form((START + "(Bo Ek) Tj ET").encode(), **facts)).problem == (None if read else "stamp_unreadable")


@pytest.mark.parametrize(
    ("facts", "before", "read"),
    [
        ({}, b"", True),
        ({"BBox": array(0, 0, 0.01, 50)}, b"", False),
        ({}, b"1 g ", False),
        ({}, b"/Faint gs ", False),
        ({"Group": dictionary(S=pdf_name("/Transparency"))}, b"/Faint gs ", False),
        ({}, b"0.1 0 0 0.1 0 0 cm ", False),
        ({}, b"10 0 0 10 0 0 cm ", False),
        ({"OC": dictionary()}, b"", False),
    ],
)
def test_a_form_in_a_form_has_its_state_and_its_boxes(facts: dict[str, PdfObject], before: bytes, read: bool) -> None:
    outer, inner = form(before + b"/A Do"), form((START + "(Bo Ek) Tj ET").encode(), **facts)
    outer["/Resources"]["/XObject"][pdf_name("/A")] = inner
    assert drawn(outer).problem == (None if read else "stamp_unreadable")


def test_a_plain_colour_that_the_form_redefines_is_unreadable() -> None:
    outer = form((START + "(Bo Ek) Tj ET").encode())
    outer["/Resources"][pdf_name("/ColorSpace")] = dictionary(DefaultGray=array(1))
    assert drawn(outer) == UNREADABLE


@pytest.mark.parametrize(
    "content",
    [
        b"\\(" * 95_000,
        b"((" * 95_000,
        b"(" + b"\\)" * 90_000,
        b"<" * 190_000,
        b"<4" * 90_000,
        b"% " * 300_000,
        b"(Bo) Tj " * 24_000,
        b"ET " + b"0 0 1 1 re " * 17_000 + b"f BT",
        b"[" * 190_000,
        b"ET " + b"q " * 90_000,
    ],
    ids=["escaped", "nested", "unended", "angles", "hexes", "large", "texts", "paths", "lists", "states"],
)
def test_no_drawing_takes_long_to_read(content: bytes) -> None:
    assert shown(START.encode() + content) == UNREADABLE


def test_a_form_that_draws_itself_is_unreadable() -> None:
    itself = form(b"/A Do " * 3)
    itself["/Resources"]["/XObject"][pdf_name("/A")] = itself
    assert drawn(itself) == UNREADABLE


def test_more_drawing_than_a_stamp_needs_is_unreadable() -> None:
    """Each form is small enough, and so are few of them."""
    inner = form(b"q Q " * 20_000)
    outer = form(b"/A Do " * 2, Resources=dictionary(XObject=dictionary(A=inner)))
    assert drawn(outer) == Shown()
    outer = form(b"/A Do " * 4, Resources=dictionary(XObject=dictionary(A=inner)))
    assert drawn(outer) == UNREADABLE


def test_more_fonts_than_a_stamp_needs_are_unreadable() -> None:
    outer = form(b"BT " + b"".join(b"/F%d 9 Tf () Tj " % n for n in range(40)) + b"ET")
    for n in range(40):
        outer["/Resources"]["/Font"][pdf_name(f"/F{n}")] = standard()
    assert drawn(outer) == UNREADABLE


def differences(*members: object) -> DictionaryObject:
    names = ArrayObject(NumberObject(m) if isinstance(m, int) else pdf_name(f"/{m}") for m in members)
    return dictionary(Differences=names)


@pytest.mark.parametrize(
    ("font", "text"),
    [
        (standard(), "Bo Ek"),
        (standard("Courier-Bold"), "Bo Ek"),
        (standard("Times-Italic", Encoding=pdf_name("/MacRomanEncoding")), "Bo Ek"),
        (standard(Encoding=differences(ord("o"), "odieresis")), "Bö Ek"),
        (standard(ToUnicode=StreamObject(stream_data=b"beginbfchar<42><0041>endbfchar")), "Bo Ek"),
    ],
)
def test_a_standard_font_shows_what_its_encoding_names(font: DictionaryObject, text: str) -> None:
    assert [run.text for run in shown(START + "(Bo Ek) Tj ET", font).runs] == [text]


@pytest.mark.parametrize(
    ("font", "problem"),
    [
        (standard("Symbol"), "stamp_font"),
        (standard("ABCDEF+Helvetica"), "stamp_font"),
        (standard(Subtype=pdf_name("/Type3")), "stamp_font"),
        (standard(FontDescriptor=dictionary(FontFile3=StreamObject(stream_data=b""))), "stamp_font"),
        (standard(Encoding=differences(ord("o"), "a123")), "stamp_unreadable"),
        (standard(Encoding=pdf_name("/Other")), "stamp_unreadable"),
        (standard(FirstChar=NumberObject(66), Widths=array(1)), "stamp_unreadable"),
        (dictionary(Subtype=pdf_name("/Type0")), "stamp_font"),
    ],
)
def test_another_font_may_show_anything(font: DictionaryObject, problem: str) -> None:
    assert shown(START + "(Bo Ek) Tj ET", font) == Shown(drawn=True, problem=problem)


def our_own(
    program: bytes, letters: dict[int, str], *, width: float | None = None, whole: bool = True, **others: object
) -> DictionaryObject:
    font = TTFont(BytesIO(program))
    scale = 1000 / font["head"].unitsPerEm
    order = font.getGlyphOrder()
    widths = [scale * font["hmtx"][name][0] if width is None else width for name in order]
    cmap = "beginbfchar" + "".join(f"<{n:04X}><{ord(c):04X}>" for n, c in letters.items()) + "endbfchar"
    embedded = StreamObject(stream_data=program if whole else program[:9000])
    inner = dictionary(
        Subtype=pdf_name("/CIDFontType2"),
        CIDToGIDMap=pdf_name("/Identity"),
        W=ArrayObject([NumberObject(0), array(*widths)]),
        FontDescriptor=dictionary(FontFile2=embedded),
    )
    facts = {
        "Subtype": pdf_name("/Type0"),
        "Encoding": pdf_name("/Identity-H"),
        "DescendantFonts": ArrayObject([inner]),
        "ToUnicode": StreamObject(stream_data=cmap.encode()),
    }
    return dictionary(**{**facts, **others})


def test_our_own_font_is_told_by_its_outlines() -> None:
    """Every letter that a stamp of ours may need; and what was once told stays told."""
    text = "Åsa Þórð Ελένη Владимир ሀለ Ǻ"
    for subset in subsets(signature_fonts(), text):
        for at in range(0, len(subset.face.glyphs), 12):
            glyphs = dict(list(subset.face.glyphs.items())[at : at + 12])
            codes = "".join(f"{n:04X}" for n in glyphs.values())
            font = our_own(subset.program, {n: c for c, n in glyphs.items()})
            assert shown(f"BT /F1 9 Tf 5 20 Td <{codes}> Tj ET", font).problem is None
    assert outlines.digests() <= outlines.kept(), "python -m tests.verify.outlines"


def changed(program: bytes, letter: str, become: str, *, metrics: bool = True) -> bytes:
    """The font with one letter drawn as another, which it still calls by its name."""
    font = TTFont(BytesIO(program))
    name, other = (font.getBestCmap()[ord(c)] for c in (letter, become))
    if metrics:
        font["glyf"][name] = font["glyf"][other]
    font["hmtx"][name] = (font["hmtx"][other][0], font["hmtx"][other][1] + (0 if metrics else 5000))
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def with_table(program: bytes, tag: str) -> bytes:
    from fontTools.ttLib.tables.DefaultTable import DefaultTable

    font = TTFont(BytesIO(program))
    font[tag] = DefaultTable(tag)
    font[tag].data = b"\0" * 8
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def test_a_font_that_lies_is_found_out() -> None:
    subset = subsets(signature_fonts(), "Bo Ek")[0]
    glyphs, program = subset.face.glyphs, subset.program
    codes = "".join(f"{glyphs[c]:04X}" for c in "Bo Ek")
    honest = {glyphs[c]: c for c in "Bo Ek"}

    def read(font: DictionaryObject) -> Shown:
        return shown(f"{START}<{codes}> Tj ET", font)

    assert [run.text for run in read(our_own(program, honest)).runs] == ["Bo Ek"]
    assert read(our_own(program, honest | {glyphs["B"]: "D"})) == UNKNOWN
    assert read(our_own(program, honest | {glyphs[" "]: "\u200b"})) == UNREADABLE
    assert read(our_own(changed(program, "B", "D"), honest)) == UNKNOWN
    assert read(our_own(changed(program, "B", "B", metrics=False), honest)) == UNKNOWN
    assert read(our_own(with_table(program, "fpgm"), honest)) == UNKNOWN
    assert read(our_own(with_table(program, "SVG "), honest)) == UNKNOWN
    assert read(our_own(program, honest, width=1.0)) == UNKNOWN
    assert read(our_own(program, honest, Encoding=pdf_name("/Identity-V"))) == UNKNOWN
    assert read(our_own(program, honest, whole=False)) == UNKNOWN
    assert read(our_own(program, honest, W2=array(1))) == UNKNOWN


def test_a_font_s_map_gives_its_letters() -> None:
    cmap = b"beginbfchar <01> <0042> % <02> <0041>\n endbfchar"
    cmap += b"2 beginbfrange <02><04><0061> <05><06>[<00E5><00C5>] endbfrange"
    assert "".join(unicode_map(cmap)[bytes([n])] for n in range(1, 7)) == "BabcåÅ"


@pytest.mark.parametrize(
    "cmap",
    [b"beginbfchar" * 18_000, b"beginbfrange" + b"<" * 190_000, b"beginbfrange" * 16_000 + b"<1" * 1000],
)
def test_no_map_takes_long_to_read(cmap: bytes) -> None:
    assert unicode_map(cmap) == {}


@pytest.mark.parametrize(
    "cmap",
    [
        b"x" * 300_000,
        b"beginbfrange" + b"<00000000><ffffffff><00>" * 8000 + b"endbfrange",
        b"beginbfchar<" + b"00" * 10 + b"><00>endbfchar",
        b"beginbfchar<00><" + b"00" * 1000 + b">endbfchar",
    ],
)
def test_a_map_that_no_font_needs_is_unreadable(cmap: bytes) -> None:
    with pytest.raises(Unreadable):
        unicode_map(cmap)


def line(text: str, x: int = 5, y: int = 20, size: int = 12) -> str:
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET "


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (line("kontaktman", y=34) + line("Bo Ek"), "whole"),
        (line("kontaktman", y=34) + line("Bo", y=20) + line("Ek", y=6), "whole"),
        (line("Ek", y=6) + line("Bo", y=20), "whole"),
        (line("Bo", y=34) + line("2026", y=6) + line("Ek", x=24, y=34), "whole"),
        (line("BO EK, kontaktman"), "whole"),
        (line("Bo Ek 2026"), "whole"),
        (line("Kontaktman: Bo Ek"), "whole"),
        (line("TEST – Bo Ek"), "whole"),
        (line("Digitally signed by Bo Ek.", y=34) + line("Timestamp: 2026-11-20 UTC."), "whole"),
        (line("Digitally signed by Bo", y=34) + line("Ek", y=22) + line("Date: 2026.11.20", y=8), "whole"),
        (line("Digitally signed by Bo Ek Date: 2026", size=8), "whole"),
        (line("Undertecknad av") + line("Bo Ek", x=120), "whole"),
        (line("Undertecknad av", size=8) + line("Bo Ek", x=70, size=8), "whole"),
        (line("Bo Ek", size=20) + line("Digitally signed by", x=62, y=28, size=8), "whole"),
        (line("DN: cn=Bo Ek, o=Norrbro", size=9), "whole"),
        (line("Karin Bo Ek"), "unclear"),
        (line("Bo Ek Berg"), "unclear"),
        (line("Bo Ek 0lsson"), "unclear"),
        (line("Bo Ek") + line("Berg", x=45), "unclear"),
        (line("Berg", x=45) + line("Bo Ek"), "unclear"),
        (line("Karin", x=5, y=25) + line("Bo Ek", x=38), "unclear"),
        (line("Bo Ekström och Bo Ek"), "unclear"),
        (line("Ek, Bo"), "unclear"),
        (line("Berg, Bo Ek"), "unclear"),
        (line("B oEk"), "absent"),
        (line("BoEk"), "absent"),
        (line("Bo E", y=34) + line("k", y=20), "absent"),
        (line("Bo Ekström"), "absent"),
        (line("Bo Ek-Ström"), "absent"),
        (line("Ebbo Ek"), "absent"),
        (line("Per-Bo Ek"), "absent"),
        (line("Bo Ek") + line("son", x=37), "absent"),
        (line("Bo Ek—Berg"), "unclear"),
        (line("Bo Ek |varsson"), "unclear"),
        (line("Bo Ek $venson"), "unclear"),
        (line("Bo Ek €k"), "unclear"),
        (line("Bo Ek_Berg"), "unclear"),
        (line("Bo Ek S=venson"), "unclear"),
        (line("Bo Ek Ort:quist"), "unclear"),
        (line("Bo Ek Ort: quist"), "unclear"),
        (line("Bo Ek Sundberg 5"), "unclear"),
        (line("Annan Person / Bo Ek", size=9), "unclear"),
        (line("Annan Person i stället för: Bo Ek", size=9), "unclear"),
        (line("Bo Ek, genom Annan Person", size=9), "unclear"),
        (line("Ej underskriven av: Bo Ek", size=9), "unclear"),
        (line("Företrädare för kund", y=34) + line("Bo Ek"), "unclear"),
        (line("Bo Ek", y=34) + line("lindgren"), "unclear"),
        (line("Annan Person", size=20) + line("Bo Ek", x=150, y=3, size=4), "unclear"),
        (line("brukare", size=20) + line("Bo Ek", x=150, y=3, size=4), "unclear"),
        (line("Bo", size=14) + line("Lind", x=30, size=14) + line("Ek", y=3, size=4), "unclear"),
        (line("Bo", y=30) + line("Ek", y=22, size=6), "unclear"),
        (line("Bo", y=35) + line("Ek", y=10), "unclear"),
        (line("Bo", x=5) + line("Ek", x=100), "unclear"),
        (line("Bo Ek", y=34) + line("Reason: Annan Person"), "unclear"),
        (line("Bo Ek", y=34) + line("Reason: signed by annan"), "unclear"),
        (line("Bo Ek", y=34) + line("Location: AnnanPerson"), "unclear"),
        (line("Undertecknad av Annan Person"), "other"),
        (line("Digitally signed by", y=34) + line("Annan Person"), "other"),
        (line("kontaktman: Annan Person"), "other"),
        (line("kontaktman", y=34) + line("Annan Person"), "absent"),
        (line("Kontaktman", y=34) + line("Hemtjänst Norr"), "absent"),
        (line("Digitally signed by Bo", y=34) + line("Kontaktman:", y=20) + line("Annan Person", y=6), "absent"),
        (line("Signed by: Enhetschef Hemtjänsten"), "absent"),
        (line("Undertecknat av:", y=34) + line("Norrbro Kommun"), "absent"),
        (line("Digitally signed by Scrive Sealing Service", size=8), "absent"),
        (line("Digitally signed by: A. N. Kontaktman Norr", size=8), "absent"),
        (line("Signerat av Bo Berg"), "absent"),
        (line("Signed by: BEK Date: 2026-11-20", size=9), "absent"),
        (line("Digital Signature"), "absent"),
        (line("Elektronisk underskrift", y=34) + line("Norrbro Kommun"), "absent"),
        (line("Document Digitally Signed"), "absent"),
        (line("2026-11-20 10:00:00 UTC"), "absent"),
        (line("Signed electronically"), "absent"),
        (line("k", x=5) + line("E", x=11) + line("o", x=24) + line("B", x=31), "absent"),
        (line("Bo E", x=5) + line("k", x=33), "unclear"),
        (line("Bo ", x=5) + line("Ek", x=21), "unclear"),
        (line("Annan", x=5) + line("Person", x=41), "unclear"),
    ],
)
def test_a_name_stands_whole_and_in_reading_order(content: str, found: str) -> None:
    assert named(content) == found


@pytest.mark.parametrize(
    "content",
    [
        line("Kontaktman: Bo Ek", y=34) + line("Undertecknad 2026-11-20 kl. 10:00"),
        line("Enhetschef: Bo Ek", y=34) + line("Fastställd 2026-11-20 kl. 10:00"),
        line("TEST – Fast omsorgskontakt: Bo Ek", size=10, y=34) + line("Undertecknad 2026-11-20 kl. 10:00", size=10),
        line("Företrädare för", y=34) + line("kund: Bo Ek"),
        line("På delegation för enhetschef: Bo", size=10, y=34) + line("Ek", size=10, y=22),
        line("Elektronisk stämpel: Bo Ek", y=34) + line("Stämplad 2026-11-20 kl. 10:00"),
        line("Bo Ek", y=6, size=20) + line("Digitally signed by Bo Ek", 80, 34, 8) + line("Reason: I Agree", 80, 24, 8),
        line("Digitally signed by Bo Ek", 5, 34, 8)
        + line("DN: cn=Bo Ek, o=Norrbro,", 5, 24, 8)
        + line("ou=IT, email=bo@norrbro.example, c=SE", 5, 14, 8),
        line("Digitally signed by Bo Ek", 5, 34, 8) + line("Date: 2026.11.20 10:00:00 +01'00'", 5, 24, 8),
        line("Signed by: Bo Ek", 5, 34, 8) + line("Date: Fri Nov 20 10:00:00 CET 2026", 5, 24, 8),
        line("Signerat av Bo Ek", y=34) + line("den enskilde", y=20) + line("Plats: Norrbro", y=6),
    ],
)
def test_what_our_own_stamps_and_signing_programs_say_is_understood(content: str) -> None:
    assert named(content) is Standing.WHOLE


@pytest.mark.parametrize(
    ("role", "said", "found"),
    [
        ("stödperson", "Stödperson: Bo Ek", "whole"),
        ("teamchef för (LSS)", "På delegation för teamchef för \\(LSS\\): Bo Ek", "whole"),
        ("Enhetschef Hemtjänst Norr", "Enhetschef Hemtjänst Norr: Bo Ek", "whole"),
        ("boendestödjare", "Stödperson: Bo Ek", "unclear"),
        ("stödperson", "Företrädare för stödperson Bo Ek", "unclear"),
        ("Annan Person", "Annan Person: Bo Ek", "unclear"),
        ("annan i stället för", "annan i stället för: Bo Ek", "unclear"),
    ],
)
def test_what_the_document_calls_the_one_who_signs_is_understood(role: str, said: str, found: str) -> None:
    assert standing("Bo Ek", shown(line(said, size=8)).runs, role=role) == found


LONG = "Maximiliana Alexandra Konstantina Theodora Wilhelmina Bernadott"


def signed_by(name: str, attester: str | None = None) -> ExpectedSignature:
    return ExpectedSignature("brukare", "brukare", name, attester=attester)


@pytest.mark.parametrize(
    ("certified", "rest", "found"),
    [
        (LONG + "e", "", "whole"),
        (LONG + "e", "son Berg", "whole"),
        (LONG + "e", " Maria ter Horst", "whole"),
        (LONG + "e", "\nUndertecknad 2026-11-20", "whole"),
        (LONG + "e", " Berg\nUndertecknad 2026-11-20", "whole"),
        (LONG + "e", " ej underskriven utan Annan Person", "unclear"),
        (LONG + "e", " skriver som Annan Person", "unclear"),
        (LONG + "e", " Underskriven av Annan Person", "unclear"),
        (LONG, " Horst", "whole"),
        (LONG, "e", "absent"),
        (LONG.removesuffix(" Bernadott"), " Nordenskiöld", "whole"),
        (LONG.removesuffix(" Bernadott"), " Nordenskiö", "unclear"),
        (LONG.removesuffix(" Bernadott"), " Berg", "unclear"),
        (LONG.removesuffix(" Bernadott"), " Berg,,,,,,,,", "unclear"),
        ("Bo Ek", " Berg", "unclear"),
    ],
)
def test_a_name_that_was_cut_goes_on_with_more_of_a_name(certified: str, rest: str, found: str) -> None:
    assert standing(certified, runs(f"{certified}{rest}")) == found


@pytest.mark.parametrize(
    "whole",
    [
        "María Fernanda Guadalupe Concepción Hernández Rodríguez Villanueva Ortega Castellanos",
        "Anna Maria Charlotta Elisabet Margareta Nordenskiöld-Hammarskjöld Oxenstierna",
        f"{LONG}e ter Horst",
        f"{LONG}e de las Casas",
        f"{LONG} d'Aubigné (dödsbo)",
        f"{LONG} Ej Via 2",
        "x" * 80,
    ],
)
def test_a_name_too_long_for_a_certificate_stands_whole_where_the_record_has_it(whole: str) -> None:
    lines = f"Kontaktman: {whole}\nUndertecknad 2026-11-20 kl. 10:00"
    for shown_as in (lines, lines.replace(whole, common_name(whole))):
        assert standing(common_name(whole), runs(shown_as), known=signed_by(whole)) is Standing.WHOLE
    more = lines.replace(whole, f"{whole} Berg")
    assert standing(common_name(whole), runs(more), known=signed_by(whole)) is not Standing.WHOLE


@pytest.mark.parametrize(
    "attester",
    ["Lars Ek", "Omar al-Hassan", "Piet ter Horst", "Marie d'Aubigné", "Eva Lind (chef)", "Kim 2 Berg", "Ola Via Ej"],
)
def test_who_has_attested_is_understood_where_the_record_says_so(attester: str) -> None:
    said = runs(f"Bo Ek\nIdentiteten intygad av {attester}")
    assert standing("Bo Ek", said, known=signed_by("Bo Ek", attester)) is Standing.WHOLE
    for known in (None, signed_by("Bo Ek"), signed_by("Bo Ek", "Lars"), signed_by("Bo Ek", f"{attester} Berg")):
        assert standing("Bo Ek", said, known=known) is Standing.UNCLEAR


@pytest.mark.parametrize(
    "beside",
    [
        "UPPHÄVD",
        "Undertecknare\nEva Lindberg",
        "och\nNamnteckning av\nEva Lindberg",
        "Ombud Eva Lindberg",
        "Eva Lindberg",
    ],
)
def test_an_attester_s_name_takes_nothing_more_with_it(beside: str) -> None:
    said = runs(f"Bo Ek\nIdentiteten intygad av Lars Ek\n{beside}")
    assert standing("Bo Ek", said, known=signed_by("Bo Ek", "Lars Ek")) is Standing.UNCLEAR


@pytest.mark.parametrize(
    ("role", "said", "alone"),
    [
        ("stödpedagog LSS", "Stödpedagog LSS: Bo Ek", "whole"),
        ("Boende Stöd", "Boende Stöd: Bo Ek", "unclear"),
        ("ombud genom fullmakt", "Ombud genom fullmakt: Bo Ek", "unclear"),
        ("annan person", "Annan Person: Bo Ek", "unclear"),
        ("har aldrig skrivit under", "Har aldrig skrivit under: Bo Ek", "unclear"),
        ("EVA LIND", "EVA LIND: Bo Ek", "unclear"),
        ("Kontaktman Eva Lindberg", "Kontaktman Eva Lindberg: Bo Ek", "unclear"),
        ("Eva lindberg e.u.", "Eva lindberg e.u.: Bo Ek", "unclear"),
        ("Kund EVA Lindberg", "Kund EVA Lindberg: Bo Ek", "unclear"),
        ("Eva-Lindberg", "Eva-Lindberg: Bo Ek", "unclear"),
        ("Lindberg 19121212-1212", "Lindberg 19121212-1212: Bo Ek", "unclear"),
        ("fast vårdkontakt", "Fast vårdkontakt: Bo Ek", "whole"),
        ("enhetschef i hemtjänsten Norr", "Enhetschef i hemtjänsten Norr: Bo Ek", "whole"),
    ],
)
def test_a_word_of_a_municipality_s_own_is_understood_in_a_document_that_is_known(
    role: str, said: str, alone: str
) -> None:
    drawn_as = shown(line(said, size=8)).runs
    found = [standing("Bo Ek", drawn_as, role=role, known=known) for known in (None, signed_by("Bo Ek"))]
    assert found == [alone, "whole"]


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        ("Identiteten intygad av Anna von Essen", "unclear"),
        ("Identiteten intygad av Bo Ek. Underskriven av Annan Person", "unclear"),
        ("Identiteten intygad av ingen. Ej underskriven av henne", "unclear"),
        ("Identiteten intygad av Bo Ek som skrev under", "unclear"),
        ("Orsak: Karin von Essen skrev", "unclear"),
        ("Orsak: Detta är inte hennes underskrift", "unclear"),
        ("Orsak: Godkänd", "whole"),
        ("Orsak: 19121212-1212", "unclear"),
        ("19121212-1212", "unclear"),
        ("19121212 - 1212", "unclear"),
        ("2026-11-20 10.30", "whole"),
        ("20.11.2026 10.30.15", "whole"),
        ("2026-11-20 10.30 191212-1212", "unclear"),
        ("1912-12-12 12.12", "unclear"),
        ("191212 - 1212", "unclear"),
        ("19121212 1212", "unclear"),
        ("19 121212-1212", "unclear"),
        ("191212; 1212", "unclear"),
        ("1 191212-1212", "unclear"),
        ("2026-11-20 10:00:00 191272-1212", "unclear"),
        ("2026-11-20 10:00", "whole"),
        ("2012-11-20 10:00", "whole"),
        ("20/11/2026 10:00:00 +01'00'", "whole"),
        ("Orsak: ombud E. Lindberg", "unclear"),
        ("Orsak: gjord av A. Ek", "unclear"),
        ("Orsak: e-underskrift av eva lindberg", "unclear"),
        ("Orsak: underskriften är makulerad", "unclear"),
        ("Orsak: återkallad", "unclear"),
        ("DN: cn=Bo Ek, o=för E. Lindberg", "unclear"),
        ("Reason: I approve", "whole"),
        ("Orsak: \xdf\xdf\xdf\xdf\xdf\xdf xxxxxxxx Orsak: Karin Berg", "unclear"),
    ],
)
def test_what_stands_under_a_name_says_no_other(beside: str, found: str) -> None:
    assert named(line("Bo Ek", y=34, size=7) + line(beside, y=24, size=7)) == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Olga Ivanova", "Signed by: Ольга Иванова"),
        ("Åsa Öhman", "Digitally signed by Asa Ohman"),
        ("Åsa Öhman", "Digitally signed by Aasa Oehman"),
        ("Anna-Karin Ek", "Signerat av Anna Karin Berg"),
        ("Astrid Maria Nyström", "Signed by: Astrid Lindgren"),
        ("Елена Иванова", "Signed by: Elena Ivanova"),
    ],
)
def test_a_name_in_another_spelling_is_not_said_to_be_another(name: str, said: str) -> None:
    assert standing(name, [Run(said, 0, 0, 100, 9)]) is Standing.ABSENT


@pytest.mark.parametrize(
    "words", ["signed by ", "Annan ", "1 ", "reason: a ", "identiteten intygad av A ", "identiteten intygad av A-"]
)
def test_no_words_take_long_to_understand(words: str) -> None:
    text, before = (words * 10_000)[:10_000], process_time()
    assert standing("Bo Ek", [Run(text, 0, 0, 100, 9)]) is Standing.ABSENT
    assert process_time() - before < 1


def test_a_name_is_told_whatever_its_apostrophe_and_hyphen() -> None:
    assert named(line("Ann\u00adLis O’Hara"), "Ann-Lis O'Hara") is Standing.WHOLE


def test_a_name_may_be_broken_at_its_hyphen_and_between_its_words() -> None:
    assert named(line("Ann-", y=34) + line("Lis", y=20) + line("Ek", y=6), "Ann-Lis Ek") is Standing.WHOLE
    assert named(line("Ann Elind"), "Anne Lind") is Standing.ABSENT


@pytest.mark.parametrize("role", ["ß-roll", "İlk kontakt", "ŉ roll", "ǰ roll", "Straße", "kund\N{NO-BREAK SPACE}"])
def test_a_role_is_told_whatever_its_capitals_are(role: str) -> None:
    said = runs(f"{role[:1].upper()}{role[1:]}: Bo Ek")
    assert standing("Bo Ek", said, role=role, known=signed_by("Bo Ek")) is Standing.WHOLE


@pytest.mark.parametrize(("stretch", "problem"), [(0.5, "stamp_unreadable"), (0.8, None), (1.3, "stamp_unreadable")])
def test_gaps_are_measured_by_how_wide_letters_are_drawn(stretch: float, problem: str | None) -> None:
    """The program once read Anna Lind of what people see as An Nalind."""
    size, at, content = 18, 4.0, ""
    for text, wide, gap in (("AN", 1.389, 0.115), ("NA ", 1.667, -0.119), ("LIND", 2.278, 0)):
        content += f"BT /F1 {size} Tf {stretch} 0 0 1 {at:.3f} 20 Tm ({text}) Tj ET "
        at += (wide * stretch + gap) * size
    found = shown(content)
    assert found.problem == problem
    if problem is None:
        assert standing("Anna Lind", found.runs) is Standing.UNCLEAR


@pytest.mark.parametrize(("gap", "found"), [(0.03, "absent"), (0.045, "unclear"), (0.15, "unclear"), (0.17, "whole")])
def test_letters_drawn_narrow_are_parted_by_narrower_gaps(gap: float, found: str) -> None:
    size, end = 10, 5 + 1.223 * 8
    content = f"BT /F1 {size} Tf 0.8 0 0 1 5 20 Tm (Bo) Tj 0.8 0 0 1 {end + gap * size:.3f} 20 Tm (Ek) Tj ET"
    assert standing("Bo Ek", shown(content).runs) == found


def test_another_name_in_the_stamp_fails_against_the_record(plan: Plan, trust: Trust, record: Expected) -> None:
    pdf = stages(Signing(plan.world, stamp={"kontaktman": "Undertecknad av Annan Person"}))[-1].pdf
    alone = verify(pdf, trust, None, LATER)
    assert (alone.verdict, alone.rule(RuleId.IDENTITY).reason) == (Verdict.INDETERMINATE, "stamp_without_name")
    told = verify(pdf, trust, record, LATER).rule(RuleId.IDENTITY)
    assert (told.verdict, told.reason) == (RuleVerdict.FAILED, "stamp_other_name")


def test_names_are_compared_word_by_word(plan: Plan, trust: Trust, record: Expected) -> None:
    first, *others = record.signatures or ()
    ending = first.name[-3:]
    other = replace(record, signatures=(replace(first, name=f"{first.name[:-3]} {ending}"), *others))
    assert verify(plan.sealed, trust, other, LATER).rule(RuleId.IDENTITY).reason == "other_person"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("0 0 100 20 re f", "stamp_without_text"),
        ("", "passed_without_record"),
        (line("Bo Ek Berg"), "stamp_name_unclear"),
        (line("Bo Ek") + "1 g 0 0 200 50 re f", "stamp_unreadable"),
    ],
)
def test_a_stamp_drawn_by_others(
    content: str, reason: str, plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown(content)
    monkeypatch.setattr("signatures.verify.people.shown_in", lambda *_: found)
    report = verify(stages(Signing(plan.world, people=[("kontaktman", "Bo Ek")]))[-1].pdf, trust, None, LATER)
    assert report.rule(RuleId.IDENTITY).reason == reason


@pytest.mark.parametrize(
    "font",
    [
        standard(FirstChar=NumberObject(32), Widths=array(278)),
        standard(FirstChar=NumberObject(32), LastChar=NumberObject(33), Widths=array(278)),
        standard(Encoding=dictionary(Differences=ArrayObject([NumberObject(66), TextStringObject("/A")]))),
        standard(Encoding=dictionary(Differences=ArrayObject([NumberObject(300), pdf_name("/A")]))),
        standard(Encoding=dictionary(Other=pdf_name("/A"))),
        standard(Encoding=TextStringObject("/WinAnsiEncoding")),
        standard(CharProcs=dictionary()),
    ],
    ids=[
        "widths that stop short",
        "a last character that is not the last",
        "a string for a name",
        "a code that no byte has",
        "an encoding by other means",
        "a string for an encoding",
        "what another kind of font has",
    ],
)
def test_a_standard_font_that_readers_set_differently_is_unreadable(font: DictionaryObject) -> None:
    assert drawn(form(b"BT /F1 12 Tf 5 20 Td (Bo Ek) Tj ET", font)).problem is not None
