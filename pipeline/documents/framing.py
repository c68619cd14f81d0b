"""What stands round every document: title, sender, version, secrecy marking."""

from pipeline.documents.view import Frame
from pipeline.documents.words import Words
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Sekretess


def frame(w: Words, plan: Genomforandeplan, version: int | None, *, name: str, test: bool) -> Frame:
    """The frame of the document called ``dokument.<name>``; its PDF title carries no personal data.

    `version` is None for a plan that has not been handed in.
    """
    return Frame(
        title=w(f"dokument.{name}"),
        pdf_title=w(f"dokument.{name}_pdf", plan_id=plan.plan_id, version=version),
        lang="sv",
        plan_id=plan.plan_id,
        version=w("dokument.version", version=version) if version else w("utkast.version"),
        sender=tuple(x for x in (plan.kommun.namn, plan.kommun.forvaltning) if x),
        marks=(w("dokument.skyddade"),) if plan.brukare.skydd != "ingen" else (),
        secrecy=secrecy(w, plan.sekretess),
        test=w("dokument.test") if test else None,
    )


def secrecy(w: Words, marking: Sekretess | None) -> str:
    """The secrecy marking with its law, authority and day; a softer line where the plan carries none."""
    if marking is None:
        return w("dokument.forvaras")
    return w("dokument.sekretess", lagrum=marking.lagrum, myndighet=marking.myndighet, datum=w.day(marking.datum))
