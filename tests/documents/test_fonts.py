"""Only the bundled fonts are ever used, and what they cannot write is refused by name."""

import re
import subprocess
import sys
from io import BytesIO

import pikepdf
import pytest

from pipeline.documents.fonts import FAMILIES, coverage, path, require_writable, script, unwritable, width
from pipeline.errors import Refused
from tests.documents.builders import document, sample, text_of

OURS = {family.replace(" ", "-") for family in FAMILIES}


def font_names(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        names = {str(o.FontName) for o in opened.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o}
    return {re.sub(r"^/[A-Z]{6}\+|-(Bold|Semi-Bold|\d+).*$", "", name) for name in names}


def test_system_fonts_are_never_used_though_they_are_there() -> None:
    """The same page through plain WeasyPrint picks the system's font; through ours it cannot."""
    listed = subprocess.run(["fc-list", "DejaVu Sans", "file"], capture_output=True, text=True, check=False)
    if not listed.stdout:
        pytest.skip("no system font here to be tempted by")
    script_text = (
        "import sys\n"
        "if sys.argv[1] == 'ours':\n"
        "    from pipeline.documents.fonts import configuration; made = configuration()\n"
        "from weasyprint import HTML\n"
        "from weasyprint.text.fonts import FontConfiguration\n"
        "made = made if sys.argv[1] == 'ours' else FontConfiguration()\n"
        "page = HTML(string='<p style=\"font-family: DejaVu Sans\">Hej \u2603</p>').render(font_config=made)\n"
        "page.write_pdf()\n"
        "print(sorted({font.family for font in page.fonts.values()}))\n"
    )

    def families(whose: str) -> str:
        done = subprocess.run([sys.executable, "-c", script_text, whose], capture_output=True, text=True, check=True)
        return done.stdout

    assert "DejaVu" in families("system")
    assert "DejaVu" not in families("ours")


def test_a_document_embeds_our_fonts_alone() -> None:
    assert font_names(document(sample("hemtjanst-kort")).pdf) == {"Atkinson-Hyperlegible-Next"}


def test_names_in_other_scripts_are_written_with_the_fallbacks() -> None:
    tree = sample("hemtjanst-kort")
    tree["brukare"] |= {"fornamn": "Ελένη", "efternamn": "Łukasiewicz-Nguyễn"}
    tree["narstaende"][0]["namn"] = "ኣበባ ተስፋይ"
    tree["viktigt_for_mig"] = "محمد kallas jag. Мария är min syster."
    made = document(tree)
    text = text_of(made.pdf)
    assert font_names(made.pdf) == OURS
    for name in ("Ελένη", "Łukasiewicz-Nguyễn", "ኣበባ", "Мария"):
        assert name in text


def test_a_letter_nobody_can_write_is_refused_with_field_and_script() -> None:
    tree = sample("hemtjanst-kort")
    tree["narstaende"][0]["namn"] = "김민준"
    with pytest.raises(Refused) as refusal:
        document(tree)
    assert refusal.value.code == "dokument_tecken"
    assert refusal.value.params["falt"] == "narstaende[0].namn"
    assert "HANGUL" in refusal.value.sv
    assert "김" not in refusal.value.sv


@pytest.mark.parametrize("mark", ["\u202e", "\u202d", "\u2066"])
def test_marks_that_turn_text_round_are_refused(mark: str) -> None:
    with pytest.raises(Refused):
        require_writable([("viktigt_for_mig", f"ja{mark}jen")])


def test_swedish_and_its_neighbours_are_in_the_body_font_itself() -> None:
    body = path(FAMILIES[0])
    assert body.exists()
    assert unwritable("ÅÄÖåäö éü ÆØ čšž łńś ğışç őű – — ” ’ · § € ½") is None
    assert width("Ö") < 1.0
    assert {ord("ŋ"), ord("ŧ"), ord("đ")} <= coverage()


def test_the_script_of_a_character_is_named() -> None:
    assert (script("김"), script("漢"), script("\ue000")) == ("HANGUL", "CJK", "okänd")


def test_every_font_carries_its_licence() -> None:
    folder = path(FAMILIES[0]).parent
    licences = "".join(p.read_text("utf-8") for p in sorted(folder.glob("OFL-*.txt")))
    assert licences.count("SIL OPEN FONT LICENSE Version 1.1") == 2
    for family in FAMILIES:
        assert family in licences
        assert path(family).exists()
        assert path(family, "Bold").exists()
