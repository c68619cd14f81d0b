"""What stands round every document: title, sender, version, secrecy marking."""

from pipeline.documents.dress import Dress
from pipeline.documents.lines import fact
from pipeline.documents.view import Fact, Frame
from pipeline.documents.words import Words
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Sekretess


def frame(w: Words, plan: Genomforandeplan, version: int, *, name: str, dress: Dress, test: bool) -> Frame:
    """The frame of the document called ``dokument.<name>``; its PDF title carries no personal data."""
    return Frame(
        title=w(f"dokument.{name}"),
        pdf_title=w(f"dokument.{name}_pdf", plan_id=plan.plan_id, version=version),
        lang="sv",
        plan_id=plan.plan_id,
        version=w("dokument.version", version=version),
        sender=_sender(plan, dress),
        marks=(w("dokument.skyddade"),) if plan.brukare.skydd != "ingen" else (),
        secrecy=secrecy(w, plan.sekretess, dress),
        test=w("dokument.test") if test else None,
        provider=plan.utforare.namn if plan.utforare.regi == "privat" else None,
        diary=_diary(w, plan, dress),
    )


def _sender(plan: Genomforandeplan, dress: Dress) -> tuple[str, ...]:
    """Whose document it is: the municipality first. The dress may write the names its own way."""
    own, given = dress.namn, plan.kommun
    names = (own.kommun or given.namn, own.namnd, own.forvaltning or given.forvaltning)
    return tuple(name for name in names if name)


def _diary(w: Words, plan: Genomforandeplan, dress: Dress) -> Fact | None:
    numbers = {
        "beslut_id": plan.uppdrag.beslut_id,
        "bestallning_id": plan.uppdrag.bestallning_id,
        "plan_id": plan.plan_id,
    }
    return fact(w, "diarienummer", numbers[dress.diarienummer]) if dress.diarienummer else None


def secrecy(w: Words, marking: Sekretess | None, dress: Dress) -> str:
    """The secrecy marking with its law, authority and day; a softer line where the plan carries none."""
    if marking is None:
        return dress.sekretess.rad_utan_markning or w("dokument.forvaras")
    told = {
        "lagrum": marking.lagrum,
        "myndighet": marking.myndighet,
        "datum": w.day(marking.datum).replace(" ", "\u00a0"),
    }
    if dress.sekretess.rad is not None:
        return dress.sekretess.rad.format(**told)
    return w("dokument.sekretess", **told)
