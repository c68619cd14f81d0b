"""Everything the project can make, as one list of specimens: kind, dress, type size, layout, plan, stage, route.

A new kind of document, dress or sample joins by itself: kinds are those that are declared, dresses those that lie in
`templates/kommuner`. A new sort of plan is a line in `PLANS`, a document without a declaration one in `MADE`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

from pipeline.casework.papers import field_specs, names
from pipeline.documents import paper
from pipeline.documents.bundle import templates
from pipeline.documents.dress import STANDARD, Dress, load_dress
from pipeline.documents.fonts import signature_fonts
from pipeline.documents.kinds import kinds
from pipeline.documents.provblad import sheet
from pipeline.documents.render import render_edition
from pipeline.documents.rendering import Document, Placeholder
from pipeline.documents.specimens import facts_for, of_plan
from pipeline.plan.model import Uppdrag
from pipeline.plan.schemas import Kind, schema_for
from signatures.fields import prepare
from signatures.pades import seal, sign
from signatures.tsa import LocalTimestamper
from tests.conformance.pairwise import pairwise
from tests.documents.builders import Tree, full_plan, plan_of, rendering, sample
from tests.signatures.plans import NOW, issuer, request

SIZES = (12, 14, 18, 24, 30, 36)
LAYOUTS = ("standard", "storstil", "lattlast")
STAGES = ("dokument", "falt")
FEW = ("langst", "tommast", "skrifter", "skyddad-allt")
PLAN, SHEET = "genomforandeplan", "provblad"
ROUTES = ("html", "word")
"""Laid out by WeasyPrint from HTML, or in Word and then by LibreOffice."""
HIDDEN_WHEN_LARGE = 30
"""From this size the prompt over a signature's place is left out (matt.css.j2)."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One file that can be made; `layout`, `stage` and `route` vary for the plan alone."""

    kind: str
    dress: str
    size: int
    plan: str
    layout: str = "standard"
    stage: str = "dokument"
    route: str = "html"

    def __str__(self) -> str:
        """Its id among the tests."""
        return "-".join((self.kind, self.dress, str(self.size), self.plan, self.layout, self.stage, self.route))

    def tree(self) -> Tree:
        """The plan it is made of, with the person's wishes."""
        return PLANS[self.plan]() | {"anpassning": {"format": self.layout, "teckenstorlek_pt": self.size}}

    @property
    def hidden(self) -> frozenset[str]:
        """Classes of its HTML that are not shown."""
        return frozenset({"uppmaning"} if self.size >= HIDDEN_WHEN_LARGE else ())


def specimens(*, every: bool) -> Iterator[Specimen]:
    """A pairwise selection, or every specimen there is.

    In the selection what is for the staff has two dresses and two plans, the fullest and one of a protected person.
    """
    choose: Callable[[Mapping[str, Sequence[Any]]], Any] = _every if every else pairwise
    plans = {"kind": (PLAN,), "dress": dresses(), "size": SIZES, "plan": tuple(PLANS), "layout": LAYOUTS}
    routes = ROUTES if every else ROUTES[:1]  # a few by way of Word are judged in tests/documents/test_word_pdf.py
    yield from (Specimen(*row) for row in choose(plans | {"stage": STAGES, "route": routes}))
    few = tuple(PLANS) if every else FEW
    persons = tuple(slag for slag, found in kinds().items() if found.till == "brukare" and "pdf" in found.form)
    yield from (Specimen(*row) for row in choose({"kind": persons, "dress": dresses(), "size": SIZES, "plan": few}))
    yield from (Specimen(SHEET, dress, 14, "hemtjanst-kort") for dress in dresses())
    staff = tuple(slag for slag, found in kinds().items() if found.till != "brukare" and "pdf" in found.form)
    worn = dresses() if every else (STANDARD, next(slug for slug in dresses() if slug != STANDARD))
    read = few if every else ("langst", "skyddad-allt")
    yield from (Specimen(*row) for row in choose({"kind": staff, "dress": worn, "size": (12,), "plan": read}))


def to_sign(*, every: bool) -> Iterator[Specimen]:
    """Plans that are signed and sealed: two that differ in all, or a pairwise selection."""
    if every:
        axes = {"kind": (PLAN,), "dress": dresses(), "size": SIZES, "plan": tuple(PLANS), "layout": LAYOUTS}
        yield from (Specimen(*row) for row in pairwise(axes | {"stage": STAGES[:1], "route": ROUTES}))
    else:
        yield Specimen(PLAN, dresses()[0], 18, "hemtjanst-kort", "lattlast")
        yield Specimen(PLAN, dresses()[-1], 12, "tommast")


def _every(axes: Mapping[str, Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    return product(*axes.values())


@cache
def dresses() -> tuple[str, ...]:
    """Every dress there is, by its folder."""
    return tuple(sorted(path.parent.name for path in (templates() / "kommuner").glob("*/kommun.toml")))


def dress_of(slug: str) -> Dress:
    """The dress of a folder; the standard one is that of a municipality nobody knows."""
    import tomllib

    found = tomllib.loads((templates() / "kommuner" / slug / "kommun.toml").read_text("utf-8"))
    dress = load_dress(templates(), "0000" if slug == STANDARD else found["kod"])
    assert dress.slug == slug
    return dress


def _longest() -> Tree:
    """Every field filled, with many of everything that there can be many of, and long texts."""
    tree = full_plan()
    text = "Ställ fram duschstolen och lägg halkmattan rätt; individanpassningsplaneringsöverläggning, 09:00–10:00. "
    for key, many in (("insatser", 8), ("mal", 4), ("narstaende", 4), ("viktig_information", 4)):
        tree[key] = [tree[key][0] | _numbered(key, n) for n in range(1, many + 1)]
    for insats in tree["insatser"]:
        insats |= {"vad": text, "hur": text * 3}
    return tree | {"viktigt_for_mig": f"{text * 4}\n\n{text * 3}"}


def _numbered(key: str, number: int) -> Tree:
    """What tells the items of a list apart where the file has ids."""
    return {
        "insatser": {"insats_id": f"I{number}", "nummer": number, "rubrik": f"Insats nummer {number} med lång rubrik"},
        "mal": {"mal_id": f"M{number}", "overordnat": None},
    }.get(key, {})


def _emptiest() -> Tree:
    """Only what the schema requires."""
    tree: Tree = _required(schema_for(Kind.GENOMFORANDEPLAN), full_plan())
    return tree | {"profil": "sas_aldre_ifo"}


def _required(schema: Tree, value: Any) -> Any:
    if "anyOf" in schema:
        schema = next(s for s in reversed(schema["anyOf"]) if s.get("type") != "null")
    if isinstance(value, dict) and "properties" in schema:
        wanted = schema.get("required", ())
        return {key: _required(schema["properties"][key], value[key]) for key in wanted if key in value}
    if isinstance(value, list):
        return [_required(schema["items"], item) for item in value[: schema.get("minItems", 0)]]
    return value


def _scripts() -> Tree:
    """Names and texts in every script that the bundled fonts can write."""
    tree = sample("hemtjanst-kort")
    tree["brukare"] |= {"fornamn": "Ελένη", "efternamn": "Łukasiewicz-Nguyễn"}
    tree["narstaende"][0]["namn"] = "ኣበባ ተስፋይ"
    tree["viktigt_for_mig"] = "محمد هو أخي وأعيش معه في الشمال. Мария är min syster.\nRing alltid محمد först."
    return tree


def _protected() -> Tree:
    tree = full_plan()
    tree["brukare"]["skydd"] = "skyddad_folkbokforing"
    tree["foretradare"][0]["roll"] = "vardnadshavare"
    return tree


PLANS: Mapping[str, Callable[[], Tree]] = {
    "langst": _longest,
    "tommast": _emptiest,
    "hemtjanst-kort": lambda: sample("hemtjanst-kort"),
    "lss-avstar": lambda: sample("lss-avstar"),
    "skyddad": lambda: sample("skyddad"),
    "skrifter": _scripts,
    "skyddad-allt": _protected,
}
"""The plans that specimens are made of, by what they try."""


def make(specimen: Specimen) -> bytes:
    """The file of a specimen, made anew."""
    return MADE.get(specimen.kind, _around)(specimen)


def _plan(specimen: Specimen) -> bytes:
    tree = specimen.tree()
    made = document(tree, specimen.dress, specimen.route)
    return made.pdf if specimen.stage == "dokument" else with_fields(tree, made)


def document(tree: Tree, dress: str, route: str = "html") -> Document:
    """The plan's own document, by either route whatever the dress prefers."""
    worn = replace(dress_of(dress), format="word" if route == "word" else "pdf", word=False)
    return render_edition(replace(rendering(tree), dress=worn))[0]


def with_fields(tree: Tree, made: Document) -> bytes:
    """The document with its empty fields, placed as the journey places them."""
    r = rendering(tree)
    places = [_place(p) for p in made.placeholders]
    any_order = r.profil.underskrifter.personal_far_byta_plats
    return prepare(made.pdf, field_specs(r.slots, places, any_order=any_order), names(r.plan, {}), signature_fonts())


def _place(placeholder: Placeholder) -> dict[str, object]:
    return {"role": placeholder.role, "page": placeholder.page, "rect": list(placeholder.rect)}


def signed_stages(specimen: Specimen) -> Iterator[tuple[str, bytes]]:
    """The document after its fields, after each signature and after the seal, by people and an issuer of the tests."""
    tree = specimen.tree()
    made, stamps, now = document(tree, specimen.dress, specimen.route), LocalTimestamper(issuer()), NOW
    base = pdf = with_fields(tree, made)
    yield "falt", pdf
    for place in made.placeholders:
        now += timedelta(hours=1)
        pdf = sign(pdf, request(place.role, now, base), issuer(), stamps)
        yield place.role, pdf
    yield "forseglad", seal(pdf, issuer(), stamps, now + timedelta(hours=1))


def _around(specimen: Specimen) -> bytes:
    """A document around the plan; one about an order is made of the sample order, whatever the plan."""
    declared = kinds()[specimen.kind]
    facts = facts_for(declared)
    if not isinstance(facts.subject, Uppdrag):
        facts = of_plan(plan_of(specimen.tree()), facts.profil, declared)
    return paper.render(declared, facts, dress_of(specimen.dress))["pdf"]


MADE: Mapping[str, Callable[[Specimen], bytes]] = {
    PLAN: _plan,
    SHEET: lambda specimen: sheet(dress_of(specimen.dress)),
}
"""How a kind is made that has no declaration."""
