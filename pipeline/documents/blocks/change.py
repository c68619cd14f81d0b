"""What a new version changes, and how a plan answers its decision: for the handläggare, and as a page of its own."""

from collections.abc import Callable, Mapping

from pipeline.documents import beside, changed
from pipeline.documents.compared import Compared, Version, compared
from pipeline.documents.facts import Facts
from pipeline.documents.view import Section
from pipeline.documents.words import Words
from pipeline.plan.time_sum import time_sum


def jamforelse(w: Words, f: Facts) -> Section:
    """Decision, earlier version and this one, insats by insats; of a first version, decision and plan (S0.5, S0.6)."""
    found = _compared(w, f)
    return beside.decision(w, f.profil, _now(f)) if found is None else beside.versions(w, found)


def andrad_tid(w: Words, f: Facts) -> Section:
    """Planned time before and now, against what is granted (S0.4, S4.1)."""
    found = _compared(w, f)
    return beside.planned_time(w, f.profil, _now(f)) if found is None else beside.time(w, f.profil, found)


def _where_compared(make: Callable[[Words, Compared], Section]) -> Callable[[Words, Facts], Section]:
    """A block that says nothing of a first version."""

    def block(w: Words, f: Facts) -> Section:
        found = _compared(w, f)
        return Section("", "") if found is None else make(w, found)

    return block


def _compared(w: Words, f: Facts) -> Compared | None:
    if f.earlier is None:
        return None
    sums = f.earlier_sums or time_sum(f.earlier)
    return compared(w, f.profil, Version(f.earlier_version or 0, f.earlier, sums), _now(f))


def _now(f: Facts) -> Version:
    return Version(f.version or 0, f.plan, f.sums or time_sum(f.plan))


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "andringar": _where_compared(changed.intro),
    "jamforelse": jamforelse,
    "andrade_insatser": _where_compared(changed.insatser),
    "andrad_tid": andrad_tid,
    "andrade_mal": _where_compared(changed.mal),
    "andrat_ovrigt": _where_compared(changed.other),
}
