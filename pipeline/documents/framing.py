"""What stands round every document: title, sender, version, secrecy marking."""

from pipeline.documents.dress import Dress
from pipeline.documents.lines import fact
from pipeline.documents.view import Fact, Frame
from pipeline.documents.words import Words
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.model_parts import Kommun, Utforare
from pipeline.plan.model_plan import Sekretess


def frame(w: Words, plan: Genomforandeplan, version: int | None, *, name: str, dress: Dress, test: bool) -> Frame:
    """The frame of the document called ``dokument.<name>``; its PDF title carries no personal data.

    `version` is None for a plan that has not been handed in.
    """
    return Frame(
        title=w(f"dokument.{name}"),
        pdf_title=w(f"dokument.{name}_pdf", plan_id=plan.plan_id, version=version),
        lang="sv",
        plan_id=plan.plan_id,
        version=w("dokument.version", version=version) if version else w("utkast.version"),
        sender=sender(plan.kommun, dress),
        marks=(w("dokument.skyddade"),) if plan.brukare.skydd != "ingen" else (),
        secrecy=secrecy(w, plan.sekretess, dress),
        test=w("dokument.test") if test else None,
        provider=provider(plan.utforare),
        diary=diary(w, plan, dress),
    )


def sender(given: Kommun, dress: Dress) -> tuple[str, ...]:
    """Whose document it is: the municipality first. The dress may write the names its own way."""
    own = dress.namn
    names = (own.kommun or given.namn, own.namnd, own.forvaltning or given.forvaltning)
    return tuple(name for name in names if name)


def provider(utforare: Utforare) -> str | None:
    """The private provider that carries the plan out, who stands beside the municipality."""
    return utforare.namn if utforare.regi == "privat" else None


def diary(w: Words, subject: Genomforandeplan | Uppdrag, dress: Dress) -> Fact | None:
    """The diary's number, where the dress says which of the file's ids that is."""
    numbers = {
        "beslut_id": subject.uppdrag.beslut_id,
        "bestallning_id": subject.uppdrag.bestallning_id,
        "plan_id": subject.plan_id if isinstance(subject, Genomforandeplan) else None,
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
