"""A municipality's own templates and stylesheets: they replace ours, stay inside their bounds, and hide nothing."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.documents import bounded, bounded_process, templating
from pipeline.documents.bounded import Limits
from pipeline.documents.dress import Dress
from pipeline.documents.render import render_plan
from pipeline.documents.rendering import Document
from pipeline.errors import EnvironmentFailed, Misuse
from tests.documents.builders import document, rendering, sample, sized, squeezed, text_of
from tests.documents.dresses import FONTS, dressed, loaded
from tests.plugins.judge_process import Judge

HEAD, PLAN, CSS = "gemensamt/huvud.html.j2", "genomforandeplan/plan.html.j2", "genomforandeplan/plan.css"
BUNDLED_CSS = (Path(templating.templates()) / CSS).read_text("utf-8")


@pytest.fixture(autouse=True, scope="module")
def _ended() -> Iterator[None]:
    yield
    bounded.stop()


def made(workspace: Path, tree: dict[str, Any] | None = None) -> Document:
    return render_plan(replace(rendering(tree or sample("skyddad")), dress=loaded(workspace)))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the bounded process does it, but here: for what needs no bounds to be stopped."""
    monkeypatch.setattr(bounded, "_ask", bounded_process._answer)


def refused(workspace: Path) -> Misuse:
    with pytest.raises(Misuse) as error:
        made(workspace)
    assert error.value.params["drakt"] == "prov"
    return error.value


def test_a_bundled_dress_is_made_here_and_a_workspaces_own_files_are_not(tmp_path: Path) -> None:
    assert not rendering(sample("skyddad")).dress.untrusted
    assert not loaded(dressed(tmp_path)).untrusted
    assert loaded(dressed(tmp_path, {"egen.css": ""})).untrusted


def test_a_block_a_template_and_a_stylesheet_replace_ours_by_name(tmp_path: Path, judge: Judge) -> None:
    files = {
        HEAD: '{% include "standard/huvud.html.j2" %}<p>Tillägg i brevhuvudet</p>',
        "gemensamt/block.html.j2": bundled("gemensamt/block.html.j2").replace("<h2>{{", "<h2>Avsnitt: {{"),
        PLAN: bundled(PLAN).replace("</main>", "<p>Tillägg i planen</p></main>"),
        CSS: BUNDLED_CSS + ".underskrift { padding-left: 40pt }",
        "egen.css": "h1 { border: 4pt solid #004488; padding: 9pt }",
    }
    first = made(dressed(tmp_path, files))
    plain = document(sample("skyddad"), kod="0000")
    text = squeezed(text_of(first.pdf))
    assert squeezed("Tillägg i brevhuvudet") in text
    assert squeezed("Tillägg i planen") in text
    assert squeezed("Avsnitt: Det här ska göras") in text
    assert first.placeholders[0].rect[0] == pytest.approx(plain.placeholders[0].rect[0] + 40, abs=1)
    assert judge.pdf(first.pdf)["failed"] == {}
    kept = bounded._kept[0].pid
    assert made(tmp_path).pdf == first.pdf
    assert bounded._kept[0].pid == kept, "the process is kept for the next document"


def bundled(name: str) -> str:
    return (Path(templating.templates()) / name).read_text("utf-8")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{ ''.__class__ }}", "SecurityError"),
        ("{{ frame.__class__.__mro__ }}", "SecurityError"),
        ("{{ words.__init__.__globals__ }}", "SecurityError"),
        ("{{ dress.overrides.__class__ }}", "SecurityError"),
        ("{{ [].append(1) }}", "SecurityError"),
        ("{{ '%s' | format(words) | attr('__class__') }}", "SecurityError"),
        ("{{ finns_inte }}", "finns_inte"),
        ("{% include '../../kommuner/norrbro/kommun.toml' %}", "TemplateNotFound"),
        ("{% include '/etc/passwd' %}", "TemplateNotFound"),
        ("{% include 'standard/../../texter/sv.toml' %}", "TemplateNotFound"),
        ("{% if %}", "huvud.html.j2:1"),
        ("{% for i in range(10 ** 9) %}x{% endfor %}", "OverflowError"),
        ("{% include 'huvud.html.j2' %}", "RecursionError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
    ],
)
def test_a_template_stays_in_the_sandbox(tmp_path: Path, template: str, fault: str) -> None:
    error = refused(dressed(tmp_path, {HEAD: template}))
    assert error.code == "dokument_drakt_mall"
    assert fault in str(error.params["fel"])


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What is asked of a server on this machine, at the port that is the list's first entry."""
    seen: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        seen.append(str(server.server_port))
        yield seen
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("egen.css", "body { background: url(file:///etc/passwd) }"),
        ("egen.css", "body { background: url(http://127.0.0.1:PORT/x) }"),
        ("egen.css", "@import url(file:///etc/passwd);"),
        ("egen.css", "@import 'http://127.0.0.1:PORT/x.css';"),
        ("egen.css", "@import url(kommun.toml);"),
        ("egen.css", "@font-face { font-family: x; src: url(http://127.0.0.1:PORT/x.ttf) } p { font-family: x }"),
        ("egen.css", "p { background: url(data:image/png;base64,AAAA) }"),
        (HEAD, "<img src='http://127.0.0.1:PORT/x.png' alt='x'>"),
        (HEAD, "<img src='/etc/passwd' alt='x'>"),
        (HEAD, "<link rel='stylesheet' href='http://127.0.0.1:PORT/x.css'>"),
        (HEAD, "<link rel='attachment' href='file:///etc/passwd'>"),
        (HEAD, "<a rel='attachment' href='file:///etc/passwd'>x</a>"),
        (HEAD, "<svg><image href='http://127.0.0.1:PORT/x.png' width='9' height='9'/></svg>"),
        (HEAD, "<style>@import url(http://127.0.0.1:PORT/x.css);</style>"),
        (HEAD, "<object data='http://127.0.0.1:PORT/x.png'></object>"),
    ],
)
def test_nothing_is_fetched(tmp_path: Path, asked: list[str], name: str, content: str) -> None:
    error = refused(dressed(tmp_path, {name: content.replace("PORT", asked[0])}))
    assert error.code == "dokument_drakt_mall"
    assert asked[1:] == []


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("egen.css", ".underskrifter { display: none }", "saknas"),
        ("egen.css", ".etikett { visibility: hidden }", "saknas"),
        ("egen.css", "main p { font-size: 0 }", "saknas"),
        ("egen.css", "main p { font-size: 7pt }", "for_liten"),
        ("egen.css", "body { font-size: 11pt }", "teckenstorlek"),
        ("egen.css", ".underskrifter { color: white }", "syns_inte"),
        ("egen.css", ".underskrifter p { color: #c0c0c0 }", "syns_inte"),
        ("egen.css", ".underskrifter p { color: transparent }", "ritas_inte syns_inte"),
        ("egen.css", ".underskrifter p { opacity: 0 }", "syns_inte tags"),
        ("egen.css", ".underskrifter h3 { position: relative; left: -700pt }", "syns_inte ritas_inte"),
        ("egen.css", ".underskrift { height: 1pt; overflow: hidden }", "syns_inte ritas_inte overlappar"),
        ("egen.css", ".underskrift { position: absolute; top: 0 }", "overlappar"),
        ("egen.css", "section { position: relative } .underskrifter::after { content: ''; position: absolute; "
         "top: 0; left: 0; width: 500pt; height: 900pt; background: white }", "syns_inte"),
        ("egen.css", ".sidfot, .forsta-sidfot { display: none }", "sidfot"),
        ("egen.css", "@page { @bottom-left { content: none } }", "sidfot"),
        (PLAN, bundled(PLAN).replace('{% include "underskrifter.html.j2" %}', ""), "saknas"),
        (PLAN, bundled(PLAN).replace("view.sections %}", "view.sections if part.key != 'uppfoljning' %}"), "saknas"),
    ],
)  # fmt: skip
def test_a_dress_that_hides_a_text_is_refused(tmp_path: Path, name: str, content: str, rule: str) -> None:
    error = refused(dressed(tmp_path, {name: content}))
    assert error.params.get("regel", error.params.get("fel")) in rule.split(), error


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("size", [12, 30])
def test_no_writing_of_any_kind_is_taken_for_hidden(tmp_path: Path, size: int) -> None:
    tree = sized(sample("skyddad"), size)
    tree["viktigt_for_mig"] = "\n".join(
        (
            "السلام عليكم ورحمة الله " * 9,
            "ኣማርኛ ትግርኛ",
            "ệ ữ e\u0301 a\u030a",
            "ﬁ fi ffl ½ ⁶",
            "xx\u00adyy \u200d",
            "å" * 300,
        )
    )
    assert made(dressed(tmp_path, {"egen.css": "h1 { color: #004488 }"}), tree).pages > 3


def test_a_dress_without_a_place_for_a_signature_is_refused(tmp_path: Path) -> None:
    template = bundled("genomforandeplan/underskrifter.html.j2").replace('id="plats-', 'id="x-')
    with pytest.raises(Misuse) as error:
        made(dressed(tmp_path, {"genomforandeplan/underskrifter.html.j2": template}))
    assert error.value.code == "dokument_plats"


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Bounds that a test can wait for."""
    bounded.stop()
    monkeypatch.setattr(bounded, "LIMITS", Limits(cpu_seconds=3, memory_bytes=600_000_000))
    yield
    bounded.stop()


LOOP = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"
DOUBLING = "{% set n = namespace(s='x' * 1000) %}{% for i in range(40) %}{% set n.s = n.s ~ n.s %}{% endfor %}"


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize(
    ("name", "content", "spent"),
    [
        (HEAD, LOOP, "tid/time"),
        (HEAD, DOUBLING, "minne/memory"),
        (HEAD, "{{ ('<p>x' * 300000) | safe }}", "tid/time minne/memory"),
    ],
)
def test_a_dress_without_end_is_stopped_and_named(tmp_path: Path, name: str, content: str, spent: str) -> None:
    error = refused(dressed(tmp_path, {name: content}))
    assert error.code == "dokument_drakt_grans"
    assert error.params["mall"] == "genomforandeplan/plan.html.j2"
    assert error.params["grans"] in spent.split(" ")


def test_a_process_that_dies_takes_nothing_with_it(tmp_path: Path) -> None:
    workspace = dressed(tmp_path, {"egen.css": ""})
    made(workspace)
    os.kill(bounded._kept[0].pid, signal.SIGKILL)
    bounded._kept[0].wait()
    with pytest.raises(Misuse):
        made(workspace)
    assert made(workspace).pages > 3


TYPE = {"familj": "Provskrift", "normal": "A.ttf", "fet": "B.ttf", "licens": "OFL.txt"}
WHOLE = {
    n: (FONTS / f"AtkinsonHyperlegibleNext-{w}.ttf").read_bytes() for n, w in (("A.ttf", "Regular"), ("B.ttf", "Bold"))
}


def arabic() -> bytes:
    return (FONTS / "NotoSansArabic-Regular.ttf").read_bytes()


def closed() -> bytes:
    """The same font, saying that it may not be embedded."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    out = BytesIO()
    with TTFont(BytesIO(WHOLE["A.ttf"])) as font:
        font["OS/2"].fsType = 2
        font.save(out)
    return out.getvalue()


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (b"inget typsnitt", "typsnitt_trasigt"),
        (WHOLE["A.ttf"][:9000], "typsnitt_trasigt"),
        (arabic(), "typsnitt_tecken"),
        (closed(), "typsnitt_licens"),
    ],
)
def test_a_font_that_may_not_or_cannot_be_used_is_refused(tmp_path: Path, file: bytes, rule: str) -> None:
    error = refused(dressed(tmp_path, WHOLE | {"A.ttf": file, "OFL.txt": "Licens"}, typsnitt=TYPE))
    assert (error.params["plats"], error.params["regel"]) == ("A.ttf", rule)


def test_a_font_without_its_licence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse) as error:
        loaded(dressed(tmp_path, WHOLE, typsnitt=TYPE))
    assert (error.value.params["plats"], error.value.params["regel"]) == ("OFL.txt", "fil_saknas")


def test_a_workspaces_own_font_is_used(tmp_path: Path) -> None:
    workspace = dressed(tmp_path, WHOLE | {"OFL.txt": "Licens"}, typsnitt=TYPE)
    dress: Dress = loaded(workspace)
    assert dress.untrusted
    assert b"Provskrift" in made(workspace).pdf


def test_what_is_no_fault_of_the_dress_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_ask", lambda _: ({"error": FULL}, b""))
    with pytest.raises(EnvironmentFailed) as error:
        made(dressed(tmp_path, {"egen.css": ""}))
    assert error.value.code == "lagring"


FULL = {"kind": "EnvironmentFailed", "code": "lagring", "params": {"orsak": "ENOSPC"}}
