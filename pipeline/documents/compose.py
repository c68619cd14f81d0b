"""A rendering becomes the ordered view that HTML and Word print."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.documents import about, endings, insatser, people, sections, timing
from pipeline.documents.framing import frame
from pipeline.documents.reduced import reduced
from pipeline.documents.rendering import Rendering
from pipeline.documents.view import Section, Short, View
from pipeline.documents.words import Words, swedish
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.time_sum import time_sum


def compose(r: Rendering) -> View:
    """The whole document in words, from the reduced plan alone."""
    plan = reduced(r.plan, r.profil, r.ended)
    w = swedish().with_roles(r.dress.worded(r.profil).termer.model_dump())
    view = View(
        frame=frame(w, plan, r.version, name="utkast" if r.draft else "titel", dress=r.dress, test=r.test),
        head=about.head(w, plan),
        short=_short(w, plan),
        sections=tuple(s for s in _sections(w, plan, r) if s.says_something),
        slots=endings.slots(w, plan, r.slots, r.ended),
    )
    return _as_draft(w, view) if r.draft else view


def _as_draft(w: Words, view: View) -> View:
    """The same, saying on every page that it is a draft, and at each open slot that nobody signs it."""
    mark = w("utkast.ord_test" if view.frame.test else "utkast.ord")
    slots = tuple(replace(slot, prompt=w("utkast.plats")) if slot.is_open else slot for slot in view.slots)
    return replace(view, frame=replace(view.frame, test=mark), slots=slots)


def _sections(w: Words, plan: Genomforandeplan, r: Rendering) -> Sequence[Section]:
    sums = time_sum(r.plan)
    return (
        insatser.insatser(w, plan, sums),
        timing.tid(w, plan, r.profil.innehall.tid, sums),
        sections.viktigt_for_mig(w, plan),
        sections.viktig_information(w, plan),
        sections.risker(w, plan),
        sections.oppnar_inte_dorren(w, plan),
        sections.mal(w, plan),
        sections.sprak(w, plan),
        sections.delaktighet(w, plan),
        sections.deltagare(w, plan),
        sections.invandning(w, plan),
        people.kontakter(w, plan),
        people.narstaende(w, plan),
        people.foretradare(w, plan),
        sections.samverkan(w, plan),
        people.samtycken(w, plan),
        sections.uppfoljning(w, plan),
        sections.overlamning(w, plan),
        about.beslut(w, plan),
        about.om(w, plan, r.version, r.profil.kalla.namn),
    )


def _short(w: Words, plan: Genomforandeplan) -> Short:
    follow_up = plan.uppfoljning.nasta
    unit = plan.utforare.enhet or plan.utforare.namn
    return Short(
        intro=w("korthet.ingress", tilltalsnamn=plan.brukare.tilltalsnamn, utforare=unit),
        visits=insatser.visits(w, plan),
        calls=people.calls(w, plan),
        contact=(plan.brukare.kontaktvag,) if plan.brukare.kontaktvag else (),
        follow_up=w.day(follow_up) if follow_up else w("korthet.ingen_uppfoljning"),
    )
