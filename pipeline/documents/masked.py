"""A masked copy of a sealed plan, for release to others: `render_masked`.

A document made anew from the plan without the masked fields (`pipeline.documents.masking`), scrubbed of what repeats
them (`pipeline.documents.scrubbing`); never the original with something laid over it. It names the original by its
SHA-256, carries no data, has no place for a signature and calls itself a copy on every page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pipeline.documents import masking, pages
from pipeline.documents.compose import compose
from pipeline.documents.endings import swedish_day
from pipeline.documents.layouts import layout
from pipeline.documents.lines import day, each, fact, kept
from pipeline.documents.masking import Path
from pipeline.documents.reduced import reduced
from pipeline.documents.rendering import Document, Rendering, type_size
from pipeline.documents.scrubbing import Scrubber
from pipeline.documents.view import Section, Slot, View
from pipeline.documents.words import HIDDEN, Words, grouped, swedish
from pipeline.errors import Refused
from pipeline.plan.slots import EndedSlot

_SECTION_OF = {"uppdrag": "beslut", "roller": "kontakter"}


@dataclass(frozen=True, slots=True)
class MaskedCopy:
    """What a copy is made of: the sealed version, the fields to mask, the original's hash and the day it is copied."""

    rendering: Rendering
    paths: Sequence[Path]
    sha256: str
    day: date


def render_masked(copy: MaskedCopy) -> Document:
    """The copy, in the plan's dress and type size.

    Raises Refused("mask_i_plan_id") when the plan's own id says what is to be masked, and as `render_plan` does.
    """
    r = copy.rendering
    w = swedish().with_roles(r.dress.worded(r.profil).termer.model_dump())
    paths = tuple(dict.fromkeys((*_always(r), *copy.paths)))
    plan, secrets = masking.masked(r.plan, paths)
    scrubber = Scrubber(secrets, masking.open_names(plan))
    if scrubber.finds(r.plan.plan_id):
        raise Refused("mask_i_plan_id")
    open_view = _composed(w, replace(r, plan=plan, ended=tuple(_ended(paths, e) for e in r.ended)), paths)
    view = _as_copy(w, scrubber.every(open_view), copy, paths)
    size = type_size(r.plan)
    way = layout(reduced(plan, r.profil), r.dress)
    sheet = pages.Sheet("genomforandeplan", way.template, "plan.css", view.frame, r.dress, size, pictures=way.pictures)
    made = pages.make(sheet, None, view=view, size=size, draft=False, notice=w("maskerad.rad"), **way.values)
    return Document(made.content, (), made.pages, view.frame.pdf_title, view.frame.lang)


def _as_copy(w: Words, view: View, copy: MaskedCopy, paths: Sequence[Path]) -> View:
    """The same, called a copy on every page, with a section of its own about what it is a copy of."""
    plan_id, version = copy.rendering.plan.plan_id, copy.rendering.version
    about = Section(
        "kopia",
        w("rubrik.kopia"),
        (w("maskerad.galler"), w("maskerad.annan_text"), w("maskerad.andra_ord")),
        kept(
            fact(w, "original", w("maskerad.original", plan_id=plan_id, version=version)),
            fact(w, "originalets_summa", grouped(copy.sha256)),
            day(w, "kopierad", copy.day),
            each(w, "maskerat", dict.fromkeys(_named(w, path) for path in paths)),
        ),
    )
    frame = replace(
        view.frame,
        title=w("dokument.maskerad"),
        pdf_title=w("dokument.maskerad_pdf", plan_id=plan_id, version=version),
        marks=(w("maskerad.rad"), *view.frame.marks),
    )
    return replace(view, frame=frame, sections=(*view.sections, about))


def _named(w: Words, path: Path) -> str:
    """A masked field in the document's own words: ``Insats 3: Hur``."""
    names = [name for name, _ in path]
    last = names[-2] if names[-1] == "varde" else names[-1]
    keys = (f"rubrik.{last}", f"etikett.{last}") if len(path) == 1 else (f"etikett.{last}", f"rubrik.{last}")
    word = next((w.entries[key] for key in keys if key in w.entries), last.replace("_", " "))
    item = next((index for name, index in path if name == "insatser" and index is not None), None)
    return word if item is None else w("maskerad.insats", nummer=item + 1, falt=word)


def _always(r: Rendering) -> Iterator[Path]:
    return (masking.read_path(path, r.plan) for path in masking.ALWAYS)


def usual(r: Rendering) -> tuple[Path, ...]:
    """The fields that are masked where nobody has chosen any."""
    return tuple(masking.read_path(path, r.plan) for path in masking.USUALLY)


def _ended(paths: Sequence[Path], ending: EndedSlot) -> EndedSlot:
    """How a slot ended, without the basis of a representative whose basis is masked."""
    hides = any(path in ((("foretradare", None),), (("foretradare", None), ("underlag", None))) for path in paths)
    return replace(ending, basis=HIDDEN) if hides and ending.basis else ending


def _composed(w: Words, r: Rendering, paths: Sequence[Path]) -> View:
    view = compose(r)
    closed = {_SECTION_OF.get(path[0][0], path[0][0]) for path in paths if len(path) == 1 and path[0][1] is None}
    if any(_tells_time([name for name, _ in path]) for path in paths):
        closed.add("tid")
    sections = tuple(Section(s.key, s.heading, (HIDDEN,)) if s.key in closed else s for s in view.sections)
    ended: dict[str, EndedSlot] = {e.role: e for e in r.ended}
    return replace(view, sections=sections, slots=tuple(_signed(w, slot, ended.get(slot.role)) for slot in view.slots))


def _tells_time(names: Sequence[str]) -> bool:
    """Whether the sums of the time section could be reckoned back to the field."""
    timed = {"insatser": ("tid", "nar"), "uppdrag": ("beviljad_tid",), "schemaperiod": ("veckor",)}
    return names[0] in timed and (len(names) == 1 or names[1] in timed[names[0]])


def _signed(w: Words, slot: Slot, ending: EndedSlot | None) -> Slot:
    """A slot that somebody signed in the original, and when."""
    if not slot.is_open:
        return slot
    at = ending.at if ending else None
    facts = kept(
        fact(w, "underskrift", w(f"kod.utfall.{ending.outcome}" if ending else "kod.utfall.signed")),
        day(w, "undertecknad", swedish_day(at) if isinstance(at, (date, datetime)) else None),
    )
    return replace(slot, is_open=False, ended=(*facts, *slot.basis))
