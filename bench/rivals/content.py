"""What every engine sets: two plans, each as the product's own rendering and as the words of its view.

A rival gets the words as plain JSON and places them with a template of its own; the HTML engines get our HTML and CSS.
The two-page plan is the ten-page sample cut down, and set in small type without page breaks of its own: no plan that a
routine accepts fits two pages in 14 points.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import pikepdf

from pipeline.documents import pages, pdf
from pipeline.documents.bundle import templates
from pipeline.documents.compose import compose
from pipeline.documents.dress import load_dress
from pipeline.documents.render import Document, Rendering, render_plan
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile import parse_profile
from pipeline.plan.reading import read_file
from pipeline.plan.slots import slots

SAMPLE = "hemtjanst-kort"
LEFT_OUT = (
    "viktig_information", "risker", "samverkan", "samtycken", "narstaende", "oppnar_inte_dorren", "deltagare",
    "overlamning",
)  # fmt: skip
FREE_TEXTS = frozenset((
    "namn", "rubrik", "vad", "hur", "vem", "var", "min_delaktighet", "text", "viktigt_for_mig", "beskrivning", "hansyn",
    "behov", "matt", "beslutsmal", "oppnar_inte_dorren", "atgard", "transportskydd", "titel", "enhet", "efternamn",
))  # fmt: skip
SMALL_CSS = """
@page { margin: 40pt 48pt 54pt !important }
* { break-before: auto !important; break-inside: auto !important }
:root, .sidfot .sida, .forsta-sidfot .sida { font-size: 8pt !important }
body { line-height: 1.3 !important }
h2 { margin: .6em 0 .25em !important }
h3 { margin: .3em 0 .2em !important }
p, .fakta, .post, .ruta { margin-bottom: .15em !important }
.sidhuvud, .sidfot, .forsta-sidfot, .brevhuvud { font-size: 8pt !important }
.underskrift { margin-bottom: .5em !important }
.plats { height: 36pt !important }
"""

Json = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One document to be made by every engine: our rendering, the HTML and CSS it makes, and the words."""

    name: str
    rendering: Rendering
    html: str
    css: tuple[str, ...]
    served: Mapping[str, tuple[str, bytes]]
    words: Json
    data: bytes
    points: float


def jobs(number: int) -> tuple[Job, Job]:
    """The two-page plan and the ten-page one, with texts of their own for every `number`: no two plans are alike."""
    sample: Json = json.loads((files("pipeline.samples") / f"{SAMPLE}.json").read_bytes())
    varied = _varied(sample, f"{number:03}") | {"plan_id": f"GP-BENCH-{number:03}"}
    return _job("two pages", _cut(varied)), _job("ten pages", varied)


def _varied(value: Any, mark: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _varied(inner, mark, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_varied(inner, mark, key) for inner in value]
    return f"{value} {mark}" if key in FREE_TEXTS and isinstance(value, str) else value


def render(job: Job) -> Document:
    """Our rendering of a job, from plan values to the bytes of a PDF/A-3a and PDF/UA-1."""
    with _styled(job.name):
        return render_plan(job.rendering)


class _styled:  # noqa: N801  used as a statement's word
    """The two-page plan's measures, put on as a municipality's own stylesheet would be."""

    def __init__(self, name: str) -> None:
        self._small = name == "two pages"

    def __enter__(self) -> None:
        self._plain = pages.plain
        if self._small:
            pages.plain = lambda kind, *told: self._plain(kind, *told) + (SMALL_CSS if kind != pages.SHARED else "")

    def __exit__(self, *_: object) -> None:
        pages.plain = self._plain


def _cut(sample: Json) -> Json:
    kept = {key: value for key, value in sample.items() if key not in LEFT_OUT}
    first = kept["insatser"][0] | {"mal_ref": [kept["mal"][0]["mal_id"]]}
    person = {key: value for key, value in kept["brukare"].items() if key not in ("sprak", "kommunikation")}
    roles = {key: kept["roller"][key] for key in ("kontaktman", "enhetschef", "handlaggare")}
    return kept | {"mal": kept["mal"][:1], "insatser": [first], "brukare": person, "roller": roles}


def _job(name: str, tree: Json) -> Job:
    plan = read_file(json.dumps(tree).encode()).value
    if not isinstance(plan, Genomforandeplan):
        raise TypeError(name)
    dress = load_dress(templates(), plan.kommun.kod)
    profil = dress.worded(parse_profile((templates() / "rutiner" / f"{plan.profil}.toml").read_text("utf-8")))
    rendering = Rendering(plan, profil, dress, 1, slots(plan, profil))
    source = _asked(name, rendering)
    points = 8.0 if name == "two pages" else 14.0
    words = asdict(compose(rendering)) | {"size": f"{points:.0f}pt"}
    return Job(name, rendering, source.html, source.styles, source.served, words, json.dumps(words).encode(), points)


class _Asked(Exception):
    """What our rendering asks WeasyPrint for."""


def _asked(name: str, rendering: Rendering) -> pdf.Source:
    """HTML and CSS as our rendering hands them on, without any of it being set: no engine has seen the text."""

    def ask(source: pdf.Source, *_: object) -> pdf.Pdf:
        raise _Asked(source)

    make, pdf.make = pdf.make, ask
    try:
        with _styled(name):
            render_plan(rendering)
    except _Asked as asked:
        (source,) = asked.args
        return source
    finally:
        pdf.make = make
    raise TypeError(name)


def texts(words: Json) -> Iterator[str]:
    """Every text that a document of these words must show."""
    for section in words["sections"]:
        yield section["heading"]
        yield from _facts(section)
        for item in section["items"]:
            yield item["heading"]
            yield from _facts(item)
    for slot in words["slots"]:
        yield slot["heading"]
        yield from slot["intent"]


def _facts(holder: Json) -> Iterator[str]:
    yield from holder["lines"]
    for fact in holder["facts"]:
        yield fact["label"]
        yield from fact["lines"]


def missing(words: Json, content: bytes) -> list[str]:
    """Those texts that a PDF does not show, by pdftotext."""
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=content, capture_output=True, check=True)
    shown = _squeezed(done.stdout.decode())
    return [text for text in texts(words) if not _shown(_squeezed(text), shown)]


def _shown(text: str, page: str) -> bool:
    """In one piece, or broken by a page's end."""
    half = len(text) // 2
    return text in page or (half > 10 and text[: half // 2] in page and text[-half // 2 :] in page)


def pages_of(content: bytes) -> int:
    """How many A4 pages a PDF has."""
    with pikepdf.open(BytesIO(content)) as document:
        return len(document.pages)


def claims(content: bytes) -> str:
    """What a PDF says of itself: tags, PDF/A and PDF/UA. Our own is judged by veraPDF in the tests."""
    with pikepdf.open(BytesIO(content)) as document:
        told = document.open_metadata()
        tagged = "tags" if "/StructTreeRoot" in document.Root else ""
        archive = (
            f"A-{told['pdfaid:part']}{told.get('pdfaid:conformance', '').lower()}" if "pdfaid:part" in told else ""
        )
        universal = f"UA-{told['pdfuaid:part']}" if "pdfuaid:part" in told else ""
    return ", ".join(part for part in (tagged, archive, universal) if part) or "-"


def _squeezed(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).casefold()
