"""A dress tried on: a specimen sheet of it, and every kind of document that there is, made from sample plans.

Everything in it is fictional, and marked TEST.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files

from pipeline.documents import letterhead, office, pages
from pipeline.documents.bundle import templates
from pipeline.documents.colours import WHITE, contrast
from pipeline.documents.dress import LEAST, Dress, Mark
from pipeline.documents.kinds import Form
from pipeline.documents.paper import render
from pipeline.documents.render import render_plan
from pipeline.documents.rendering import Rendering
from pipeline.documents.specimens import specimens
from pipeline.documents.view import Frame
from pipeline.documents.word.document import PAPER_TEMPLATE, TEMPLATE, render_word
from pipeline.documents.word.pdf import render_word_plan
from pipeline.documents.words import Words, number, swedish
from pipeline.errors import EnvironmentFailed
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Kommun
from pipeline.plan.profile import parse_profile
from pipeline.plan.reading import read_file
from pipeline.plan.slots import slots

SHEET = "provblad"
SIZES = (12, 14, 18, 24, 36)
SAMPLE = "hemtjanst-kort.json"
SIZE, LARGE = 12, 24


@dataclass(frozen=True, slots=True)
class Picture:
    """A logotype on the sheet: which, how wide, and what is said of it."""

    address: str
    mark: Mark
    width_mm: float
    text: str


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour on the sheet, with its contrast figures as they are written."""

    name: str
    value: str
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """A colour's contrast against white and against the surface, and what it must be; None for the surface itself."""

    name: str
    value: str
    white: float
    surface: float
    least: float | None


def tried_on(dress: Dress) -> Iterator[tuple[str, bytes]]:
    """The name and the PDF of each document: the sheet, the plan (also in large type), every kind."""
    yield SHEET, sheet(dress)
    plan = _plan(dress)
    yield from _in_word(dress, plan)
    yield "genomforandeplan", _rendered(dress, plan)
    yield f"genomforandeplan-{LARGE}", _rendered(dress, _sized(plan, LARGE))
    if dress.providers:
        yield "genomforandeplan-utforare", _rendered(dress, _provided(plan, dress.providers[0].name))
    for kind, facts in specimens():
        subject = facts.subject.model_copy(update={"kommun": _kommun(dress, facts.subject.kommun)})
        also: tuple[Form, ...] = ("word",) if PAPER_TEMPLATE in dress.word_templates and "pdf" in kind.form else ()
        wanted = kind.model_copy(update={"form": (*kind.form, *also)})
        forms = render(wanted, replace(facts, subject=subject), dress)
        if "pdf" in forms:
            yield kind.slag, forms["pdf"]


def _in_word(dress: Dress, plan: Genomforandeplan) -> Iterator[tuple[str, bytes]]:
    """The plan by way of Word, where the dress has one: judged, and as LibreOffice shows it, where that is installed.

    Raises as `render_word_plan` does.
    """
    if dress.format != "word" and not dress.word and TEMPLATE not in dress.word_templates:
        return
    for ending, sized in (("", plan), (f"-{LARGE}", _sized(plan, LARGE))):
        rendering = _rendering(dress, sized)
        render_word(rendering)
        if dress.format == "word" and _office_is_here():
            yield f"genomforandeplan-word{ending}", render_word_plan(rendering)[0].pdf


def _office_is_here() -> bool:
    with suppress(EnvironmentFailed):
        return bool(office.programs())
    return False


def figures(dress: Dress) -> tuple[Figures, ...]:
    """Each colour's contrast."""
    surface = dress.farger.yta
    return tuple(
        Figures(name, value, contrast(value, WHITE), contrast(value, surface), LEAST.get(name))
        for name, value in dress.farger.model_dump().items()
    )


def sheet(dress: Dress) -> bytes:
    """The specimen sheet: logotypes, colours, type."""
    w = swedish()
    name = _kommun(dress, None).namn
    frame = Frame(
        title=w("provblad.titel"),
        pdf_title=w("provblad.titel_pdf", drakt=dress.slug),
        lang="sv",
        plan_id=dress.slug,
        version=w("provblad.kod", kod=dress.kod) if dress.kod else w("provblad.utan_kod"),
        sender=tuple(n for n in (name, dress.namn.namnd, dress.namn.forvaltning) if n),
        marks=(),
        secrecy=dress.sekretess.rad_utan_markning or w("dokument.forvaras"),
        test=w("dokument.test"),
        provider=dress.providers[0].name if dress.providers else None,
    )
    told = json.dumps({"drakt": dress.slug, "kod": dress.kod}).encode()
    made = pages.make(
        pages.Sheet(SHEET, "provblad.html.j2", "provblad.css", frame, dress, SIZE, "urn:plansigill:drakt"),
        pages.Embedded("drakt.json", told, None),
        pictures=tuple(_pictures(w, dress)),
        columns=tuple(w(f"provblad.{key}") for key in ("mot_vitt", "mot_yta", "kravs")),
        colours=tuple(_colour(w, told) for told in figures(dress)),
        sizes=SIZES,
    )
    return made.content


def _pictures(w: Words, dress: Dress) -> Iterator[Picture]:
    mark = dress.logotyp
    if mark:
        clear = f"{mark.clear_mm:g}"
        yield Picture(letterhead.LOGOTYPE, mark, mark.width_mm, _said(w, "farg", mark.width_mm, clear))
        if mark.least_mm < mark.width_mm:
            yield Picture(letterhead.LOGOTYPE, mark, mark.least_mm, _said(w, "minst", mark.least_mm, clear))
        if mark.one_colour:
            yield Picture(letterhead.ONE_COLOUR, mark, mark.width_mm, _said(w, "enfargad", mark.width_mm, clear))
    if dress.providers and (theirs := dress.providers[0].logotyp):
        text = _said(w, "utforare", theirs.width_mm, f"{theirs.clear_mm:g}")
        yield Picture(letterhead.PROVIDER, theirs, theirs.width_mm, text)


def _said(w: Words, which: str, width: float, clear: str) -> str:
    return w(f"provblad.logotyp_{which}", bredd=f"{width:g}", frizon=clear)


def _colour(w: Words, told: Figures) -> Colour:
    least = number(told.least) if told.least else "–"
    return Colour(w(f"provblad.farg_{told.name}"), told.value, (_ratio(told.white), _ratio(told.surface), least))


def _ratio(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _kommun(dress: Dress, given: Kommun | None) -> Kommun:
    """The municipality of the samples becomes the dress's own."""
    name = dress.namn.kommun or (dress.logotyp.alt if dress.logotyp else dress.slug.capitalize())
    if given is None:
        return Kommun(kod=dress.kod or "0000", namn=name, namnd=dress.namn.namnd or name)
    return given.model_copy(update={"kod": dress.kod or "0000", "namn": name})


def _plan(dress: Dress) -> Genomforandeplan:
    value = read_file((files("pipeline.samples") / SAMPLE).read_bytes()).value
    if not isinstance(value, Genomforandeplan):
        raise TypeError(SAMPLE)
    return value.model_copy(update={"kommun": _kommun(dress, value.kommun)})


def _sized(plan: Genomforandeplan, size: int) -> Genomforandeplan:
    if plan.anpassning is None:
        raise TypeError(SAMPLE)
    return plan.model_copy(update={"anpassning": plan.anpassning.model_copy(update={"teckenstorlek_pt": size})})


def _provided(plan: Genomforandeplan, name: str) -> Genomforandeplan:
    return plan.model_copy(update={"utforare": plan.utforare.model_copy(update={"namn": name, "regi": "privat"})})


def _rendered(dress: Dress, plan: Genomforandeplan) -> bytes:
    return render_plan(_rendering(dress, plan)).pdf


def _rendering(dress: Dress, plan: Genomforandeplan) -> Rendering:
    routine = dress.worded(parse_profile((templates() / "rutiner" / f"{plan.profil}.toml").read_text("utf-8")))
    return Rendering(plan, routine, dress, 1, slots(plan, routine), test=True)
