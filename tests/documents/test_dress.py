"""A municipality's dress: found by its code, refused when it cannot be read."""

from pathlib import Path

import pytest

from pipeline.documents.bundle import templates
from pipeline.documents.dress import contrast, load_dress
from pipeline.errors import Misuse

TOML = """kod = "9909"
[farger]
text = "{text}"
rubrik = "{rubrik}"
linje = "#444444"
yta = "{yta}"
"""


def dressed(root: Path, **colours: str) -> Path:
    folder = root / "kommuner" / "prov"
    folder.mkdir(parents=True)
    values = {"text": "#111111", "rubrik": "#222222", "yta": "#eeeeee"} | colours
    (folder / "kommun.toml").write_text(TOML.format(**values))
    return root


def test_norrbro_wears_its_own_and_anyone_else_the_standard() -> None:
    own, other = load_dress(templates(), "9901"), load_dress(templates(), "0180")
    assert (own.slug, other.slug) == ("norrbro", "standard")
    assert own.logotype is not None
    assert own.logotype_alt == "Norrbro kommun"
    assert other.logotype is None


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1


@pytest.mark.parametrize(
    ("colours", "named"),
    [
        ({"text": "#666666"}, "text"),
        ({"rubrik": "#999999"}, "rubrik"),
        ({"yta": "#777777"}, "text"),
    ],
)
def test_a_dress_that_cannot_be_read_is_refused(tmp_path: Path, colours: dict[str, str], named: str) -> None:
    with pytest.raises(Misuse) as refusal:
        load_dress(dressed(tmp_path, **colours), "9909")
    assert refusal.value.code == "dokument_drakt"
    assert named in str(refusal.value.params["fel"])
    assert "contrast" in str(refusal.value.params["fel"])


def test_body_text_needs_more_contrast_than_headings(tmp_path: Path) -> None:
    assert 4.5 < contrast("#666666", "#ffffff") < 7
    dress = load_dress(dressed(tmp_path, rubrik="#5f5f5f", yta="#ffffff"), "9909")
    assert dress.farger.rubrik == "#5f5f5f"


@pytest.mark.parametrize(
    "extra", ['okand = "x"', 'logotyp = { fil = "../../../etc/passwd", alt = "x", bredd_mm = 30 }']
)
def test_unknown_keys_and_paths_are_refused(tmp_path: Path, extra: str) -> None:
    root = dressed(tmp_path)
    path = root / "kommuner" / "prov" / "kommun.toml"
    path.write_text(f"{extra}\n{path.read_text()}")
    with pytest.raises(Misuse):
        load_dress(root, "9909")
