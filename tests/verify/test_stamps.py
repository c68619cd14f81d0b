"""What a visible signature shows, whoever drew it: what nobody sees is no name, and no drawing takes long to read."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, FloatObject, StreamObject, pdf_name

from signatures.verify import Expected, RuleId, RuleVerdict, Trust, Verdict, verify
from signatures.verify.letters import Unreadable, unicode_map
from signatures.verify.people import _stands
from signatures.verify.stamps import GAP, Shown, shown_in
from tests.attacks.model import Plan
from tests.attacks.plans import Signing, stages
from tests.verify.test_hostile import LATER

START = "BT /F1 12 Tf 5 20 Td "


def dictionary(**entries: object) -> DictionaryObject:
    return DictionaryObject({pdf_name("/" + key): value for key, value in entries.items()})


def form(content: bytes, font: DictionaryObject | None = None, **others: object) -> StreamObject:
    fonts = dictionary(F1=font or dictionary(Type=pdf_name("/Font"), Subtype=pdf_name("/Type1")))
    box = ArrayObject(FloatObject(n) for n in (0, 0, 200, 50))
    facts = {"Subtype": pdf_name("/Form"), "BBox": box, "Resources": dictionary(Font=fonts, XObject=dictionary())}
    return StreamObject(dict(dictionary(**{**facts, **others})), stream_data=content)


def shown(content: str | bytes, font: DictionaryObject | None = None) -> Shown:
    raw = content if isinstance(content, bytes) else content.encode("cp1252")
    return shown_in(dictionary(AP=dictionary(N=form(raw, font))))


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
        "% (Bo Ek) Tj\n(Annan) Tj",
        "(Annan) Tj % ET\r%% (Bo Ek) Tj",
        "(Annan) Tj 3 Tr (Bo Ek) Tj",
        "(Annan) Tj 7 Tr (Bo Ek) Tj",
        "(Annan) Tj 0 Tz (Bo Ek) Tj",
        "(Annan) Tj /F1 0 Tf (Bo Ek) Tj",
        "(Annan) Tj /F1 0.001 Tf (Bo Ek) Tj",
        "(Annan) Tj 0 0 0 12 5 20 Tm (Bo Ek) Tj",
        "(Annan) Tj 1 g (Bo Ek) Tj",
        "(Annan) Tj 1 1 1 rg (Bo Ek) Tj",
        "(Annan) Tj 0 0 0 0 k (Bo Ek) Tj",
        "(Annan) Tj (Bo Ek) 0 0 Td",
        "(Bo Ek) (Annan) Tj",
        "(Bo Ek) [(Annan)] TJ",
    ],
)
def test_what_nobody_sees_is_not_shown(content: str) -> None:
    assert shown(START + content + " ET").text == "Annan"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("(50 % av \\(Bo\\) \\% (Ek)) Tj", "50 % av (Bo) % (Ek)"),
        ("(Bo) Tj ( Ek) Tj", "Bo Ek"),
        ("(Bo Ek) Tj 0 -14 Td (kontaktman) Tj", "Bo Ek\nkontaktman"),
        ("14 TL (Bo Ek) Tj T* (kontaktman) Tj", "Bo Ek\nkontaktman"),
        ("14 TL (Bo Ek) Tj (kontaktman) '", "Bo Ek\nkontaktman"),
        ("(Bo Ek) Tj 30 0 Td (str\\366m) Tj", f"Bo Ek{GAP}ström"),
        ("(Bo Ek) Tj 30 0.1 Td (str\\366m) Tj", f"Bo Ek{GAP}ström"),
        ("[(Bo) -300 (E) 20 (k)] TJ", f"Bo{GAP}Ek"),
        ("q 3 Tr Q (Bo Ek) Tj", "Bo Ek"),
        ("0 0 9 9 re f 1 g (Bo Ek) Tj", "Bo Ek"),
        ("<426F20456B> Tj", "Bo Ek"),
    ],
)
def test_what_is_shown_is_read(content: str, text: str) -> None:
    assert shown(START + content + " ET").text == text


@pytest.mark.parametrize(
    "content",
    [
        "BT /F1 12 Tf 5000 0 Td (Bo Ek) Tj ET",
        "BT /F1 12 Tf 5 -20 Td (Bo Ek) Tj ET",
        "1 0 0 1 0 900 cm " + START + "(Bo Ek) Tj ET",
        "/OC /X BDC " + START + "(Bo Ek) Tj ET EMC",
        START + "(Bo Ek",
        START + "<426F20456B Tj",
        "BT (Bo Ek) Tj ET",
    ],
)
def test_what_cannot_be_said_to_show_is_unreadable(content: str) -> None:
    assert shown(content).text in {None, ""}


def test_a_drawing_without_text_is_told_from_no_drawing() -> None:
    assert shown("0 0 100 20 re f") == Shown("", drawn=True)
    assert shown("q 9 0 0 9 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /G ID (bcd EI Q") == Shown("", drawn=True)
    assert shown("% DSBlank\n") == Shown("", drawn=False)


def test_a_form_hands_its_state_to_the_forms_in_it() -> None:
    outer, inner = form(b"3 Tr /A Do"), form((START + "(Bo Ek) Tj ET").encode())
    outer["/Resources"]["/XObject"][pdf_name("/A")] = inner
    assert shown_in(dictionary(AP=dictionary(N=outer))) == Shown("", drawn=False)


@pytest.mark.parametrize(
    "content",
    [b"\\(" * 95_000, b"((" * 95_000, b"(" + b"\\)" * 90_000, b"<" * 190_000, b"<4" * 90_000, b"% " * 300_000],
    ids=["escaped", "nested", "unended", "angles", "hexes", "large"],
)
def test_no_drawing_takes_long_to_read(content: bytes) -> None:
    assert shown(START.encode() + content).text in {None, ""}


def test_a_form_that_draws_itself_is_unreadable() -> None:
    itself = form(b"/A Do " * 3)
    itself["/Resources"]["/XObject"][pdf_name("/A")] = itself
    assert shown_in(dictionary(AP=dictionary(N=itself))).text is None


def test_more_text_than_a_stamp_needs_is_unreadable() -> None:
    assert shown(START + "(" + "Bo Ek " * 1600 + ") Tj ET").text is not None
    assert shown(START + "(" + "Bo Ek " * 1700 + ") Tj ET").text is None


def test_more_drawing_than_a_stamp_needs_is_unreadable() -> None:
    """Each form is small enough, and so are few of them."""
    inner = form(b"q Q " * 40_000)
    outer = form(b"/A Do " * 5, Resources=dictionary(XObject=dictionary(A=inner)))
    assert shown_in(dictionary(AP=dictionary(N=outer))).text is not None
    outer = form(b"/A Do " * 7, Resources=dictionary(XObject=dictionary(A=inner)))
    assert shown_in(dictionary(AP=dictionary(N=outer))).text is None


def test_more_fonts_than_a_stamp_needs_are_unreadable() -> None:
    outer = form(b"BT " + b"".join(b"/F%d 9 Tf () Tj " % n for n in range(40)))
    for n in range(40):
        cmap = StreamObject(stream_data=b"beginbfchar<42><0042>endbfchar")
        outer["/Resources"]["/Font"][pdf_name(f"/F{n}")] = dictionary(ToUnicode=cmap)
    assert shown_in(dictionary(AP=dictionary(N=outer))).text is None


def test_a_font_s_map_gives_its_letters() -> None:
    cmap = b"beginbfchar <01> <0042> % <02> <0041>\n endbfchar"
    cmap += b"2 beginbfrange <02><04><0061> <05><06>[<00E5><00C5>] endbfrange"
    assert "".join(unicode_map(cmap)[bytes([n])] for n in range(1, 7)) == "BabcåÅ"
    font = dictionary(Subtype=pdf_name("/Type1"), ToUnicode=StreamObject(stream_data=cmap))
    assert shown("BT /F1 12 Tf 5 20 Td <0102> Tj ET", font).text == "Ba"
    assert shown("BT /F1 12 Tf 5 20 Td <0109> Tj ET", font).text is None


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kontaktman\nBo Ek", True),
        ("kontaktman\nBo\nEk\n2026", True),
        ("BO EK, kontaktman", True),
        ("Bo Ek 2026", True),
        ("Bo Ekström och Bo Ek", True),
        ("Bo Ekström", False),
        ("Bo Ek-Ström", False),
        ("Bo Eḱ", False),
        ("Ebbo Ek", False),
        ("Per-Bo Ek", False),
        ("", False),
    ],
)
def test_a_name_stands_as_whole_words(text: str, found: bool) -> None:
    assert _stands("Bo Ek", text, cut=False) is found


def test_a_name_cut_in_the_certificate_may_go_on() -> None:
    assert _stands("Bo Ek", "Bo Ekström", cut=True)
    assert not _stands("Bo Ek", "Ebbo Ekström", cut=True)


def test_a_longer_name_in_the_stamp_is_another(plan: Plan, trust: Trust, record: Expected) -> None:
    pdf = stages(Signing(plan.world, stamp={"kontaktman": "Bo Ekström"}))[-1].pdf
    alone = verify(pdf, trust, None, LATER)
    assert (alone.verdict, alone.rule(RuleId.IDENTITY).reason) == (Verdict.INDETERMINATE, "stamp_without_name")
    told = verify(pdf, trust, record, LATER).rule(RuleId.IDENTITY)
    assert (told.verdict, told.reason) == (RuleVerdict.FAILED, "stamp_other_name")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"0 0 100 20 re f", "stamp_without_text"),
        (b"", "passed_without_record"),
        (b"BT /F1 12 Tf 5 20 Td (Bo Ek) Tj 30 0 Td (son) Tj ET", "stamp_unreadable"),
    ],
)
def test_a_stamp_drawn_by_others(
    content: bytes, reason: str, plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = shown(content)
    monkeypatch.setattr("signatures.verify.people.shown_in", lambda _: drawn)
    report = verify(stages(Signing(plan.world, people=[("kontaktman", "Bo Ek")]))[-1].pdf, trust, None, LATER)
    assert report.rule(RuleId.IDENTITY).reason == reason
