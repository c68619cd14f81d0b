"""A rendering becomes the ordered view that HTML and Word print."""

from collections.abc import Sequence

from pipeline.documents import about, endings, insatser, people, sections, timing
from pipeline.documents.reduced import reduced
from pipeline.documents.rendering import Rendering
from pipeline.documents.view import Section, Short, View
from pipeline.documents.words import Words, swedish
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Sekretess
from pipeline.plan.profile import Profil


def compose(r: Rendering) -> View:
    """The whole document in words, from the reduced plan alone."""
    plan = reduced(r.plan, r.profil, r.ended)
    w = swedish().with_roles(r.profil.termer.model_dump())
    return View(
        title=w("dokument.titel"),
        pdf_title=w("dokument.titel_pdf", plan_id=plan.plan_id, version=r.version),
        lang="sv",
        plan_id=plan.plan_id,
        version=w("dokument.version", version=r.version),
        sender=tuple(x for x in (plan.kommun.namn, plan.kommun.forvaltning) if x),
        marks=(w("dokument.skyddade"),) if plan.brukare.skydd != "ingen" else (),
        secrecy=_secrecy(w, plan.sekretess),
        head=about.head(w, plan),
        short=_short(w, plan),
        sections=tuple(s for s in _sections(w, plan, r.profil, r.version) if s.says_something),
        slots=endings.slots(w, plan, r.slots, r.ended),
        test=w("dokument.test") if r.test else None,
    )


def _secrecy(w: Words, marking: Sekretess | None) -> str:
    """The secrecy marking with its law, authority and day; a softer line where the plan carries none."""
    if marking is None:
        return w("dokument.forvaras")
    return w("dokument.sekretess", lagrum=marking.lagrum, myndighet=marking.myndighet, datum=w.day(marking.datum))


def _sections(w: Words, plan: Genomforandeplan, profil: Profil, version: int) -> Sequence[Section]:
    return (
        insatser.insatser(w, plan),
        timing.tid(w, plan, profil.innehall.tid),
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
        about.om(w, plan, version, profil.kalla.namn),
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
