"""Templates and their data are kept in: no code from a plan, no file, no network, no silent fault."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.documents import pdf
from pipeline.documents.pdf import Data, Source
from pipeline.documents.templating import environment, fill
from pipeline.errors import EnvironmentFailed, Misuse
from tests.documents.builders import document, sample, squeezed, text_of

PAGE = """<!DOCTYPE html><html lang="sv"><title>Prov</title>
<body style="font-family: Atkinson Hyperlegible Next"><h1>Prov</h1>{0}"""
DATA = (Data("prov.json", "Prov", b"{}", date(2026, 1, 1)),)


def made(body: str, css: str = "") -> bytes:
    return pdf.make(Source(PAGE.format(body), (css,)), DATA, "urn:x").content


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7 * 191 }}",
        "{% include '../texter/sv.toml' %}",
        "<script>alert(1)</script>",
        "<img src=file:///etc/passwd>",
        "</p><style>* { display: none }</style>",
        "<link rel=attachment href=file:///etc/passwd>",
        "&lt;b&gt; & \"citat\" 'apostrof'",
    ],
)
def test_a_plans_text_stays_text(hostile: str) -> None:
    tree = sample("skyddad")
    tree["viktigt_for_mig"] = hostile
    assert squeezed(hostile) in squeezed(text_of(document(tree).pdf))


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ words.__init__.__globals__ }}",
        "{{ frame.__class__.__module__ }}",
        "{{ list.append(1) }}",
    ],
)
def test_a_template_cannot_reach_out_of_the_sandbox(template: str) -> None:
    from jinja2.exceptions import SecurityError, UndefinedError

    class Words:
        pass

    with pytest.raises((SecurityError, UndefinedError)):
        environment("genomforandeplan").from_string(template).render(words=Words(), frame=Words(), list=[])


def test_a_template_sees_no_other_folder() -> None:
    for name in ("../texter/sv.toml", "/etc/passwd", "../overlamningskvitto/dokument.toml"):
        with pytest.raises(Misuse):
            fill("genomforandeplan", name)


def test_a_missing_name_in_a_template_stops(tmp_path: Path) -> None:
    with pytest.raises(Misuse) as refusal:
        fill("genomforandeplan", "plan.html.j2", large=False)
    assert refusal.value.code == "dokument_mall"


@pytest.mark.parametrize(
    "body",
    [
        "<img src='file:///etc/passwd' alt='x'>",
        "<img src='http://127.0.0.1:9/x.png' alt='x'>",
        "<img src='data:image/png;base64,AAAA' alt='x'>",
        "<link rel='stylesheet' href='file:///etc/passwd'>",
        "<link rel='attachment' href='file:///etc/passwd'>",
        "<a rel='attachment' href='file:///etc/hostname'>x</a>",
        "<p>x<svg xmlns='http://www.w3.org/2000/svg'><title>x</title><image href='file:///etc/x' width='1'/></svg>",
        "<p style='background: url(file:///etc/passwd)'>x</p>",
        "<style>@import url(file:///etc/passwd);</style>",
    ],
)
def test_the_fetcher_serves_nothing_but_what_was_bundled(body: str) -> None:
    with pytest.raises(EnvironmentFailed) as failure:
        made(body)
    assert failure.value.code == "dokument_varning"


@pytest.mark.parametrize("css", ["p { farg: red }", "@font-face { font-family: x; src: url(file:///etc/passwd) }"])
def test_a_stylesheet_fault_stops(css: str) -> None:
    with pytest.raises(EnvironmentFailed):
        made("<p>Text</p>", css)


def test_a_missing_glyph_stops_even_past_the_first_check() -> None:
    with pytest.raises(EnvironmentFailed):
        made("<p>한</p>")


def test_a_picture_without_words_stops() -> None:
    with pytest.raises(EnvironmentFailed):
        pdf.make(Source(PAGE.format("<img src='dress:x'>"), (), {"dress:x": ("image/svg+xml", SVG)}), DATA, "urn:x")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0H1V1Z"/></svg>'


def test_a_lost_promise_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pdf._OPTIONS, "pdf_variant", "pdf/a-3b")
    with pytest.raises(EnvironmentFailed) as failure:
        made("<p>Text</p>")
    assert failure.value.code == "dokument_forlorad"
    assert "StructTreeRoot" in str(failure.value.params["fel"])


def test_rendering_needs_no_home_and_writes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made("<p>Text</p>")
    assert list(tmp_path.iterdir()) == []
