"""A municipality's dress: found by its code, the workspace's own first; refused with place, rule and a way out."""

import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.documents.bundle import templates
from pipeline.documents.colours import contrast, darkened
from pipeline.documents.dress import load_dress, named_dress
from pipeline.errors import Misuse
from tests.documents.dresses import COLOURS, KOD, SQUARE, SVG, dressed, loaded, mark

DRAWN = {"logotyp.svg": SVG.format(SQUARE)}


def refusal(workspace: Path, kod: str = KOD) -> Misuse:
    with pytest.raises(Misuse) as refused:
        loaded(workspace, kod)
    assert refused.value.code == "dokument_drakt"
    return refused.value


def broken(refused: Misuse) -> tuple[object, object]:
    return refused.params["plats"], refused.params["regel"]


def test_norrbro_wears_its_own_and_anyone_else_the_standard() -> None:
    own, other = load_dress(templates(), "9901"), load_dress(templates(), "0180")
    assert (own.slug, other.slug) == ("norrbro", "standard")
    assert own.logotyp is not None
    assert own.logotyp.alt == "Norrbro kommun"
    assert other.logotyp is None


def test_the_workspaces_own_dress_comes_before_the_installations(tmp_path: Path) -> None:
    workspace = dressed(tmp_path, slug="vart-norrbro", kod="9901")
    assert loaded(workspace, "9901").slug == "vart-norrbro"
    assert loaded(workspace, "9903").slug == load_dress(templates(), "9903").slug
    own = named_dress(templates(), "norrbro", dressed(tmp_path, slug="norrbro", kod="9908"))
    assert own.logotyp is None


def test_the_workspace_may_have_a_standard_of_its_own(tmp_path: Path) -> None:
    workspace = dressed(tmp_path, slug="standard", kod=None, sidfot=["Vår egen rad"])
    assert loaded(workspace, "0180").foot.lines == ("Vår egen rad",)


def test_a_dress_that_changes_is_read_anew(tmp_path: Path) -> None:
    workspace = dressed(tmp_path, sidfot=["Före"])
    before = loaded(workspace)
    stamp = (workspace / "kommuner/prov/kommun.toml").stat()
    os.utime(
        dressed(tmp_path, sidfot=["Efter"]) / "kommuner/prov/kommun.toml", ns=(stamp.st_atime_ns, stamp.st_mtime_ns)
    )
    assert (before.foot.lines, loaded(workspace).foot.lines) == (("Före",), ("Efter",))


def test_another_municipalitys_broken_field_stops_nobody_else_but_a_file_nobody_can_read_does(tmp_path: Path) -> None:
    dressed(tmp_path, slug="annan", kod="9907", farger=COLOURS | {"text": "#eeeeee"})
    assert loaded(dressed(tmp_path)).slug == "prov"
    (tmp_path / "kommuner/annan/kommun.toml").write_text("kod = 9")
    assert loaded(tmp_path).slug == "prov"
    (tmp_path / "kommuner/annan/kommun.toml").write_text("kod = ")
    assert broken(refusal(tmp_path)) == ("kommun.toml", "toml")


def test_two_dresses_of_one_municipality_are_refused(tmp_path: Path) -> None:
    dressed(tmp_path, slug="prov-ny")
    assert broken(refusal(dressed(tmp_path))) == ("kod", "kod_dubbel")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1


@pytest.mark.parametrize(
    ("name", "colour", "least"), [("text", "#666666", 7), ("rubrik", "#e08000", 4.5), ("linje", "#7fc8ff", 3)]
)
def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(
    tmp_path: Path, name: str, colour: str, least: float
) -> None:
    refused = refusal(dressed(tmp_path, farger=COLOURS | {name: colour}))
    assert broken(refused) == (f"farger.{name}", "kontrast")
    near = refused.sv.rsplit(" ", 1)[1].rstrip(".")
    assert near in refused.en
    assert least <= contrast(near, "#eeeeee") < least + 0.3, near
    assert loaded(dressed(tmp_path, farger=COLOURS | {name: near}))


def test_a_darkened_colour_keeps_its_hue_and_one_that_will_do_is_itself() -> None:
    red, green, blue = (int(str(darkened("#e08000", ("#ffffff",), 7))[i : i + 2], 16) for i in (1, 3, 5))
    assert red > green > blue
    assert darkened("#0b4a63", ("#ffffff",), 7) == "#0b4a63"


def test_a_surface_too_dark_for_any_text_is_refused_with_a_lighter_one(tmp_path: Path) -> None:
    refused = refusal(dressed(tmp_path, farger=COLOURS | {"yta": "#335577"}))
    assert broken(refused) == ("farger.yta", "kontrast_yta")
    near = refused.sv.rsplit(" ", 1)[1].rstrip(".")
    assert contrast("#000000", near) >= 7


@pytest.mark.parametrize(
    ("fields", "place", "rule"),
    [
        ({"okand": 1}, "okand", "okand_nyckel"),
        ({"sidfoten": ["x"]}, "sidfoten", "menade_du"),
        ({"farger": COLOURS | {"lijne": "#000000"}}, "farger.lijne", "menade_du"),
        ({"kontakt": {"telefonnummer": "1"}}, "kontakt.telefonnummer", "menade_du"),
        ({"utforare": [{"namn": "X", "logo": 1}]}, "utforare[1].logo", "menade_du"),
        ({"kod": None}, "kod", "okand_kommun"),
        ({"farger": None}, "farger", "saknas"),
        ({"farger": COLOURS | {"yta": "vit"}}, "farger.yta", "monster_farg"),
        ({"word": "ja"}, "word", "sant_eller_falskt"),
        ({"sidfot": ["x"] * 5}, "sidfot", "for_manga"),
        ({"sidfot": ["x" * 91]}, "sidfot[1]", "for_lang"),
        ({"sidfot": ["a\nb"]}, "sidfot[1]", "en_rad"),
        ({"sidfot": ["한"]}, "sidfot[1]", "tecken"),
        ({"diarienummer": "personnummer"}, "diarienummer", "ett_av"),
        ({"logotyp": mark(plats="mitten")}, "logotyp.plats", "ett_av"),
        ({"logotyp": mark(bredd_mm=9)}, "logotyp.bredd_mm", "minst"),
        ({"logotyp": mark(minsta_bredd_mm=50)}, "logotyp.bredd_mm", "for_smal"),
        ({"logotyp": mark(frizon_mm=2.5)}, "logotyp.frizon_mm", "heltal"),
        ({"logotyp": mark(fil="annan.svg")}, "annan.svg", "fil_saknas"),
        ({"logotyp": mark(fil="../logotyp.svg")}, "logotyp.fil", "monster_svg"),
        ({"sekretess": {"rad": "{lagrum.__class__}"}}, "sekretess.rad", "platshallare"),
        ({"sekretess": {"rad": "{namn}"}}, "sekretess.rad", "platshallare"),
        ({"sekretess": {"rad": "{lagrum"}}, "sekretess.rad", "platshallare"),
        ({"sekretess": {"rad_utan_markning": "{lagrum}"}}, "sekretess.rad_utan_markning", "platshallare"),
        ({"utforare": [{"namn": "A"}, {"namn": "A"}]}, "utforare", "utforare_dubbel"),
        ({"typsnitt": {"familj": "X", "normal": "x.ttf", "fet": "x.ttf"}}, "typsnitt.licens", "saknas"),
    ],
)
def test_a_broken_field_is_named_with_its_rule(tmp_path: Path, fields: dict[str, Any], place: str, rule: str) -> None:
    workspace = dressed(tmp_path, DRAWN, **fields)
    if rule == "okand_kommun":  # it dresses nobody; asked for by name it says why
        with pytest.raises(Misuse) as error:
            named_dress(templates(), "prov", workspace)
        assert broken(error.value) == ("kod", "saknas")
        return
    refused = refusal(workspace)
    assert broken(refused) == (place, rule)
    assert place in refused.sv
    assert place in refused.en
    assert "{" not in refused.sv.replace("{namn}", "")


def test_a_dress_that_does_not_exist_is_answered_with_those_that_do(tmp_path: Path) -> None:
    for slug in ("finns-inte", "../norrbro", ""):
        with pytest.raises(Misuse) as error:
            named_dress(templates(), slug, dressed(tmp_path))
        assert error.value.code == "dokument_drakt_saknas"
        assert "norrbro" in error.value.sv
        assert "prov" in error.value.sv


OUTSIDE = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 4 1">{}</svg>'
)
ENTITY = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("svg", "rule"),
    [
        ("inte xml", "svg_trasig"),
        ("<svg viewBox='0 0 4 1'/>", "svg_trasig"),
        (SVG.format(""), "svg_former"),
        (SVG.format("<path d='M0 0H1V1Z'/>" * 2001), "svg_former"),
        (SVG.format("<g>" * 40 + SQUARE + "</g>" * 40), "svg_djup"),
        (SVG.replace("viewBox", "data-x").format(SQUARE), "svg_viewbox"),
        (SVG.replace("40 10", "1000 1").format(SQUARE), "svg_viewbox"),
        (ENTITY + SVG.format(SQUARE + "<text>&x;</text>"), "svg_doctype"),
        (ENTITY + SVG.format(SQUARE), "svg_doctype"),
        (BOMB + SVG.format(SQUARE + "<desc>&b;</desc>"), "svg_doctype"),
        (SVG.format(SQUARE + "<script>alert(1)</script>"), "svg_element"),
        (SVG.format(SQUARE + "<text>Hej</text>"), "svg_element"),
        (SVG.format(SQUARE + "<foreignObject/>"), "svg_element"),
        (SVG.format(SQUARE + "<image href='file:///etc/passwd'/>"), "svg_element"),
        (SVG.format(SQUARE + "<use href='#a'/>"), "svg_element"),
        (SVG.format("<path onload='x()' d='M0 0H1Z'/>"), "svg_element"),
        (SVG.format("<path fill='url(http://127.0.0.1/x)' d='M0 0H1Z'/>"), "svg_hanvisning"),
        (SVG.format("<path style='fill: url(file:///x)' d='M0 0H1Z'/>"), "svg_hanvisning"),
        (SVG.format("<style>@import url(http://127.0.0.1/x);</style>" + SQUARE), "svg_hanvisning"),
        (OUTSIDE.format("<path xlink:href='file:///x' d='M0 0H1Z'/>"), "svg_hanvisning"),
        (SVG.format("<linearGradient id='g'/>" + SQUARE), "svg_element"),
        ("<svg" + " " * 200_000 + "/>", "for_stor"),
    ],
)
def test_a_logotype_is_shapes_and_nothing_else(tmp_path: Path, svg: str, rule: str) -> None:
    assert broken(refusal(dressed(tmp_path, {"logotyp.svg": svg}, logotyp=mark()))) == ("logotyp.svg", rule)


def test_what_an_editor_leaves_in_a_logotype_is_taken_away(tmp_path: Path) -> None:
    left = (
        "<!-- x --><metadata>Anna</metadata><title>x</title><i:view xmlns:i='urn:i'/>"
        '<g xmlns:i="urn:i" i:label="Lager 1"><path style="clip-path:url(#g)" d="M0 0H1V1Z"/></g>'
    )
    found = loaded(dressed(tmp_path, {"logotyp.svg": SVG.format(left)}, logotyp=mark())).logotyp
    assert found is not None
    for gone in (b"Anna", b"title", b"view", b"Lager", b"<!--"):
        assert gone not in found.svg.replace(b"viewBox", b"")
    assert (found.width_mm, found.height_mm) == (40, 10)


def test_a_one_colour_logotype_has_one_colour(tmp_path: Path) -> None:
    two = SVG.format(SQUARE + '<path fill="#fff" d="M0 0H1V1Z"/><path style="fill: #123456" d="M0 0H1V1Z"/>')
    one = SVG.format('<path d="M0 0H1V1Z"/><path fill="#fff" d="M0 0H1V1Z"/>')
    fields = {"logotyp": mark(enfargad="enfargad.svg")}
    assert broken(refusal(dressed(tmp_path, DRAWN | {"enfargad.svg": two}, **fields))) == ("enfargad.svg", "enfargad")
    assert loaded(dressed(tmp_path, DRAWN | {"enfargad.svg": one}, **fields)).logotyp


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "hemligt.svg"
    secret.write_text(SVG.format(SQUARE))
    workspace = dressed(tmp_path / "w", logotyp=mark())
    folder = workspace / "kommuner/prov"
    (folder / "logotyp.svg").symlink_to(secret)
    assert broken(refusal(workspace)) == ("logotyp.svg", "utanfor")
    dressed(tmp_path / "w")
    (folder / "gemensamt").symlink_to(templates() / "gemensamt")
    assert broken(refusal(workspace)) == ("gemensamt", "ersatter_inget")
    (folder / "gemensamt").unlink()
    (folder / "gemensamt").mkdir()
    (folder / "gemensamt/grund.css").symlink_to("/etc/passwd")
    assert broken(refusal(workspace)) == ("gemensamt/grund.css", "utanfor")
    (folder / "gemensamt/grund.css").unlink()
    os.mkfifo(folder / "gemensamt/grund.css")
    assert broken(refusal(workspace)) == ("gemensamt/grund.css", "utanfor")


def test_a_dress_that_is_itself_a_link_is_refused(tmp_path: Path) -> None:
    elsewhere = dressed(tmp_path / "annan")
    (tmp_path / "w/kommuner").mkdir(parents=True)
    (tmp_path / "w/kommuner/prov").symlink_to(elsewhere / "kommuner/prov")
    assert broken(refusal(tmp_path / "w"))[1] == "mappnamn"


@pytest.mark.parametrize(
    "name", ["genomforandeplan/plan.cs", "plan.css", "gemensamt/block.html", "hemligt/x.css", "x.j2"]
)
def test_a_file_that_would_be_overlooked_is_refused(tmp_path: Path, name: str) -> None:
    assert broken(refusal(dressed(tmp_path, {name: ""}))) == (name, "ersatter_inget")
    assert refusal(tmp_path).sv.count("/") >= 1
