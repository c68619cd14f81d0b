"""Builders: the sample plans, a plan with every field of the schema filled, and their documents."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

from pipeline.documents.bundle import templates
from pipeline.documents.dress import load_dress
from pipeline.documents.pdf import Data, Pdf, Source, make
from pipeline.documents.render import Document, Rendering, render_plan
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.profile import Profil, parse_profile
from pipeline.plan.reading import read_file
from pipeline.plan.schemas import Kind, schema_for
from pipeline.plan.slots import EndedSlot, ended_at_intake, slots

SAMPLES = ("hemtjanst-kort", "lss-avstar", "skyddad")
Tree = dict[str, Any]
XHTML = "{http://www.w3.org/1999/xhtml}"


def sample(name: str) -> Tree:
    return json.loads((files("pipeline.samples") / f"{name}.json").read_bytes())


def plan_of(tree: Tree) -> Genomforandeplan:
    value = read_file(json.dumps(tree).encode()).value
    assert isinstance(value, Genomforandeplan)
    return value


def profil(name: str) -> Profil:
    return parse_profile((templates() / "rutiner" / f"{name}.toml").read_text("utf-8"))


def sized(tree: Tree, size: int) -> Tree:
    return tree | {"anpassning": {**tree.get("anpassning", {}), "teckenstorlek_pt": size}}


def rendering(tree: Tree, *, kod: str | None = None, version: int = 1, ended: EndedSlot | None = None) -> Rendering:
    plan = plan_of(tree)
    dress = load_dress(templates(), kod or plan.kommun.kod)
    routine = dress.worded(profil(plan.profil))
    ending = ended or ended_at_intake(plan, routine)
    return Rendering(
        plan=plan,
        profil=routine,
        dress=dress,
        version=version,
        slots=slots(plan, routine),
        ended=(ending,) if ending else (),
        test=True,
    )


def document(tree: Tree, *, kod: str | None = None, version: int = 1, ended: EndedSlot | None = None) -> Document:
    """The document of a plan, made once for all tests that ask for the same."""
    return _document(json.dumps(tree), kod, version, ended)


@cache
def _document(content: str, kod: str | None, version: int, ended: EndedSlot | None) -> Document:
    return render_plan(rendering(json.loads(content), kod=kod, version=version, ended=ended))


def page(html: str, *styles: str, served: Mapping[str, tuple[str, bytes]] | None = None) -> Pdf:
    """Any HTML as a finished PDF, made and looked at as every document is."""
    data = Data("prov.json", "Prov", b"{}", None)
    return make(Source(html, styles, served or {}), (data,), "urn:plansigill:plan:prov")


def text_of(pdf: bytes, page: int | None = None) -> str:
    """The text of a PDF in reading order, as pdftotext has it."""
    only = ["-f", str(page), "-l", str(page)] if page else []
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", *only, "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def squeezed(text: str) -> str:
    """Without white space and in small letters, so that line breaks do not matter."""
    return "".join(text.split()).casefold()


def words_with_boxes(pdf: bytes) -> list[list[tuple[float, float, float, float, str]]]:
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    pages = ET.fromstring(done.stdout).iter(f"{XHTML}page")  # noqa: S314  our own file, through pdftotext
    names = ("xMin", "yMin", "xMax", "yMax")
    return [[(*(float(w.get(n, "0")) for n in names), w.text or "") for w in p.iter(f"{XHTML}word")] for p in pages]


def full_plan(**changes: Any) -> Tree:
    """A plan with every field the schema knows filled, each text different; a list has one item."""
    counter = iter(range(1, 10_000))
    tree: Tree = _filled(schema_for(Kind.GENOMFORANDEPLAN), "plan", counter)
    tree |= {"profil": "sas_aldre_ifo", "plan_id": "GP-FULL-1"}
    tree["kommun"]["kod"] = "9901"
    tree["brukare"] |= {"skydd": "ingen", "person_id": {"typ": "personnummer", "varde": "194201199124"}}
    tree["underskrifter"][0]["roll"] = "brukare"
    tree["insatser"][0]["ej_tidsatt"] = False
    tree["schemaperiod"]["veckor"] = 4
    return tree | changes


def _filled(schema: Tree, key: str, counter: Iterator[int]) -> Any:
    if "anyOf" in schema:
        return _filled(next(s for s in reversed(schema["anyOf"]) if s.get("type") != "null"), key, counter)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1]
    return _BY_TYPE[schema["type"]](schema, key, counter)


def _object(schema: Tree, _key: str, counter: Iterator[int]) -> Any:
    if "properties" not in schema:
        return {"fi": f"Yhteenveto {next(counter)}"}
    return {name: _filled(inner, name, counter) for name, inner in schema["properties"].items()}


def _string(schema: Tree, key: str, counter: Iterator[int]) -> str:
    if schema.get("format") == "date":
        number = next(counter)
        return f"20{30 + number // 300}-{1 + number % 12:02}-{1 + number % 28:02}"
    if "pattern" in schema:
        return {"sprak": "sv", "sammanfattning_sprak": "fi"}.get(key, "0000")
    return f"{key.replace('_', ' ').capitalize()} nummer {next(counter)}x"


_BY_TYPE: dict[str, Callable[[Tree, str, Iterator[int]], Any]] = {
    "object": _object,
    "array": lambda schema, key, counter: [_filled(schema["items"], key, counter)],
    "string": _string,
    "boolean": lambda *_: True,
    "integer": lambda schema, _key, counter: max(schema.get("minimum", 0), min(3, schema.get("maximum", 3))),
    "number": lambda *_: 0.5,
}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no object or list, with the names of its keys."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value
