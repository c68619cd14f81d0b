"""Why the brukare's signature is missing (S1.5): who, why, how often it was offered, who recorded it."""

from collections.abc import Callable, Mapping

from pipeline.documents.about import shown_name
from pipeline.documents.endings import unsigned
from pipeline.documents.facts import Facts
from pipeline.documents.lines import fact, kept, listed_plain
from pipeline.documents.view import Section
from pipeline.documents.words import Words, sentence


def utebliven_underskrift(w: Words, f: Facts) -> Section:
    """How the brukare's slot ended, with how the person took part: a routine may ask for either (S1.5, S2.8)."""
    ending = next((e for e in f.ended if e.role == "brukare"), None)
    if ending is None:
        return Section("utebliven_underskrift", w("rubrik.utebliven_underskrift"))
    who = sentence(listed_plain(w("kod.roll.brukare"), shown_name(f.plan.brukare)))
    facts = kept(
        fact(w, "underskrift_av", who),
        *unsigned(w, f.plan, ending),
        fact(w, "status", w(f"kod.deltagande.{f.plan.delaktighet.status}")),
    )
    return Section("utebliven_underskrift", w("rubrik.utebliven_underskrift"), facts=facts)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {"utebliven_underskrift": utebliven_underskrift}
