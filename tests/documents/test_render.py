"""The document as a file: structure, places for signatures, order, endings, the same bytes every time."""

import hashlib
import os
import subprocess
import sys
from datetime import date
from io import BytesIO

import pikepdf
import pytest

from pipeline.documents.render import Document
from pipeline.plan.slots import EndedSlot
from tests.documents.builders import SAMPLES, document, rendering, sample, sized, squeezed, text_of, words_with_boxes

ORDER = (
    "Genomförandeplan",
    "Din plan i korthet",
    "De här kan du ringa",
    "Nästa uppföljning",
    "Det här ska göras",
    "1. Dusch",
    "Min delaktighet:",
    "5. Egen tid",
    "Det här är viktigt för mig",
    "Viktig information",
    "Om jag inte öppnar dörren",
    "Så har jag varit delaktig",
    "Samverkan med andra",
    "Uppföljning",
    "Beslutet som planen bygger på",
    "Underskrifter",
)


@pytest.fixture(scope="module")
def home_care() -> Document:
    return document(sample("hemtjanst-kort"))


def test_the_text_comes_in_reading_order(home_care: Document) -> None:
    text = squeezed(text_of(home_care.pdf))
    places = [text.index(squeezed(heading)) for heading in ORDER[:5]]
    assert places == sorted(places)
    at = 0
    for heading in ORDER:
        at = text.index(squeezed(heading), at)


def test_page_one_is_the_plan_in_short(home_care: Document) -> None:
    page = text_of(home_care.pdf, 1)
    for said in ("Måndag och torsdag, 09:00–10:00", "Onsdag varannan vecka", "0980-319212", "Emma Sjöö", "12 maj 2027"):
        assert said in page
    assert "Sida 1 av " in page
    assert "Det här ska göras" not in page


def test_what_identifies_the_file_as_archivable_and_accessible(home_care: Document) -> None:
    with pikepdf.open(BytesIO(home_care.pdf)) as pdf:
        root = pdf.Root
        xmp = root.Metadata.read_bytes().decode()
        assert xmp.count("<rdf:RDF") == 1
        assert 'pdfaid:part="3"' in xmp
        assert 'pdfaid:conformance="A"' in xmp
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
        assert str(root.Lang) == "sv"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert str(root.OutputIntents[0].S) == "/GTS_PDFA1"
        assert str(pdf.docinfo["/Title"]) == "Genomförandeplan GP-NB-2026-000417, version 1"
        assert {str(f.AFRelationship) for f in root.AF} == {"/Data"}


def headings(pdf: bytes) -> list[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        found: list[str] = []

        def walk(node: pikepdf.Object) -> None:
            if isinstance(node, pikepdf.Dictionary):
                if str(node.get("/S", "")) in ("/H1", "/H2", "/H3", "/Table", "/TH", "/Figure"):
                    found.append(str(node.S)[1:])
                if "/K" in node:
                    walk(node.K)
            elif isinstance(node, pikepdf.Array):
                for kid in node:
                    walk(kid)

        walk(opened.Root.StructTreeRoot.K)
        return found


def test_the_structure_tree_tells_headings_table_and_picture(home_care: Document) -> None:
    found = headings(home_care.pdf)
    assert found[:3] == ["Figure", "H1", "H2"]
    assert found.count("H1") == 1
    assert found.count("Table") == 1
    assert found.count("TH") == 2 + 5
    assert all(b <= a + 1 for a, b in zip(levels(found), levels(found)[1:], strict=False))


def levels(found: list[str]) -> list[int]:
    return [int(name[1]) for name in found if name[0] == "H"]


def test_each_open_slot_has_a_place_on_a_page_in_signing_order(home_care: Document) -> None:
    assert [p.role for p in home_care.placeholders] == ["brukare", "kontaktman", "enhetschef"]
    with pikepdf.open(BytesIO(home_care.pdf)) as pdf:
        for place in home_care.placeholders:
            llx, lly, urx, ury = place.rect
            box = [float(v) for v in pdf.pages[place.page].MediaBox]
            assert box[0] < llx < urx < box[2]
            assert box[1] < lly < ury < box[3]
            assert urx - llx > 250
            assert ury - lly > 80
        assert len(pdf.pages) == home_care.pages


def test_each_place_lies_right_under_its_prompt(home_care: Document) -> None:
    """The rectangle in points from the bottom left, against where Poppler finds the words above it."""
    for place in home_care.placeholders:
        words = words_with_boxes(home_care.pdf)[place.page]
        prompts = [842 - bottom for *_, bottom, word in words if word == "skriver"]
        gaps = [prompt - place.rect[3] for prompt in prompts]
        assert any(0 < gap < 20 for gap in gaps), (place, gaps)


@pytest.mark.parametrize("size", [12, 18, 24, 36])
def test_each_place_stands_on_the_page_of_its_sentence(size: int) -> None:
    made = document(sized(sample("hemtjanst-kort"), size))
    sentences = ("jag godkänner den", "Jag har upprättat", "Jag fastställer")
    for place, said in zip(made.placeholders, sentences, strict=True):
        assert squeezed(said) in squeezed(text_of(made.pdf, place.page + 1)), (size, place.role)


def test_a_slot_that_ended_without_a_signature_says_who_why_and_when() -> None:
    made = document(sample("lss-avstar"))
    text = squeezed(text_of(made.pdf))
    assert [p.role for p in made.placeholders] == ["kontaktman", "enhetschef"]
    for said in (
        "Skrev inte under.",
        "Vill inte skriva under.",
        "Milo vill inte skriva under något papper om sig själv.",
        "Registrerat av: Zelal Demir, 9 november 2026",
        "Erbjuden: 2 gånger",
        "Stödperson: Zelal Demir",
    ):
        assert squeezed(said) in text


def test_a_later_outcome_replaces_what_the_file_said() -> None:
    ending = EndedSlot("brukare", "unable", "sprakhinder", "Tolk fanns inte.", "Emma Sjöö", date(2026, 11, 20))
    text = squeezed(text_of(document(sample("lss-avstar"), ended=ending).pdf))
    assert squeezed("Språkhinder. Tolk fanns inte. Registrerat av: Emma Sjöö, 20 november 2026") in text
    assert squeezed("något papper om sig själv") not in text
    assert squeezed("Erbjuden:") not in text


def test_a_represented_slot_keeps_its_place_and_prints_the_basis_and_the_representatives_sentence() -> None:
    ending = EndedSlot("brukare", "represented", None, None, "Ali Rahimi", date(2026, 11, 20), basis="Förordnande 12")
    made = document(sample("hemtjanst-kort"), ended=ending)
    assert [p.role for p in made.placeholders] == ["brukare", "kontaktman", "enhetschef"]
    text = squeezed(text_of(made.pdf))
    assert squeezed("Underlag: Förordnande 12") in text
    slot = rendering(sample("hemtjanst-kort")).slots[0]
    assert squeezed(f"”{slot.represented_sentence}”") in text
    assert squeezed(f"”{slot.sentence}”") not in text


def test_someone_who_did_not_take_part_is_not_asked_and_the_document_says_so() -> None:
    """S2.8: neither approval nor signature is needed, and the plan says that the person did not take part."""
    tree = sample("hemtjanst-kort") | {"profil": "sas_aldre_ifo"}
    tree["delaktighet"] = {"status": "ville_inte"}
    made = document(tree)
    text = squeezed(text_of(made.pdf))
    assert "brukare" not in [p.role for p in made.placeholders]
    assert squeezed("Jag ville inte vara med. Det har respekterats.") in text
    assert squeezed("Har inte deltagit i planeringen.") in text


def test_time_is_compared_where_the_profile_compares_it() -> None:
    """S4.5: planned time against granted time, both figures where the decision is per month."""
    tree = sample("hemtjanst-kort") | {"profil": "rambeslut_stad"}
    tree["uppdrag"]["beviljad_tid"] = {"typ": "rambeslut", "minuter_per_manad": 1000}
    text = squeezed(text_of(document(tree).pdf))
    assert squeezed("16 timmar 40 minuter i månaden, vilket är 3 timmar 51 minuter i veckan") in text
    assert squeezed("Planerad tid: 3 timmar 30 minuter i veckan") in text
    assert squeezed("21 minuter i veckan mindre än beviljat") in text
    assert squeezed("Skillnad:") not in squeezed(text_of(document(sample("lss-avstar")).pdf))


CODE = (
    "import hashlib, sys; from tests.documents.builders import document, sample\n"
    "for name in sys.argv[1:]: print(hashlib.sha256(document(sample(name)).pdf).hexdigest())"
)


def test_the_same_inputs_give_the_same_bytes_in_any_process(home_care: Document) -> None:
    def digests(seed: str, zone: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", CODE, *SAMPLES],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
        )
        return done.stdout.split()

    first = digests("1", "UTC")
    assert first == digests("4242", "Asia/Tokyo")
    assert first[0] == hashlib.sha256(home_care.pdf).hexdigest()


def test_no_clock_is_read(home_care: Document) -> None:
    """The embedded data is dated the day the plan was drawn up; nothing else carries a date."""
    with pikepdf.open(BytesIO(home_care.pdf)) as pdf:
        params = pdf.attachments["genomforandeplan.json"].get_file().obj.Params
        assert {str(params.CreationDate), str(params.ModDate)} == {"D:20261112000000Z"}
        assert not {"/CreationDate", "/ModDate"} & set(pdf.docinfo.keys())
        assert b"CreateDate" not in pdf.Root.Metadata.read_bytes()


def test_another_version_gives_other_bytes(home_care: Document) -> None:
    other = document(sample("hemtjanst-kort"), version=2)
    assert other.pdf != home_care.pdf
    assert other.title.endswith("version 2")
