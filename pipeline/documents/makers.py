"""Ways of making a document's PDF that is more than blocks, by the name that a declaration gives (`gors`)."""

from collections.abc import Callable, Mapping

from pipeline.documents.dress import Dress
from pipeline.documents.facts import Facts
from pipeline.documents.summary import Summary, render_summary


def sammanfattning(facts: Facts, dress: Dress) -> bytes:
    """The plan's summary in the language that this paper is for."""
    plan = facts.plan.model_copy(update={"sammanfattning": dict(facts.sammanfattning)})
    wanted = Summary(plan, facts.profil, dress, facts.version or 0, facts.variant or "", test=facts.test)
    return render_summary(wanted).pdf


MAKERS: Mapping[str, Callable[[Facts, Dress], bytes]] = {"sammanfattning": sammanfattning}
