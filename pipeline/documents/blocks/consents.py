"""The person's own sheet of consents: to whom, about what, for how long, and how to take one back (S2.9)."""

from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import date

from pipeline.documents.facts import Facts
from pipeline.documents.lines import fact, listed_plain
from pipeline.documents.people import role_name, samtycke
from pipeline.documents.view import Fact, Section
from pipeline.documents.words import Words
from pipeline.plan.model_plan import Samtycke


def samtycken_nu(w: Words, f: Facts) -> Section:
    """The consents that hold on the document's day; one without an end, or with a far one, says when to ask again."""
    items = tuple(samtycke(w, s, _at_most_a_year(w, s)) for s in f.samtycken if _holds(s, f.day))
    return Section("samtycken_nu", w("rubrik.samtycken_nu"), items=items)


def samtycken_forut(w: Words, f: Facts) -> Section:
    """Those that were withdrawn or have run out."""
    items = tuple(samtycke(w, s) for s in f.samtycken if not _holds(s, f.day))
    return Section("samtycken_forut", w("rubrik.samtycken_forut"), items=items)


def _holds(s: Samtycke, day: date) -> bool:
    return (s.aterkallat is None or s.aterkallat > day) and (s.galler_tom is None or s.galler_tom >= day)


def _at_most_a_year(w: Words, s: Samtycke) -> Fact | None:
    """A consent should not hold for more than a year at a time (P): the day to ask again."""
    end = _a_year_on(s.datum)
    far = s.galler_tom is None or s.galler_tom > end
    return fact(w, "hur_lange", w("samtyckesblad.ett_ar", datum=w.day(end)) if far else None)


def _a_year_on(day: date) -> date:
    leap = (day.month, day.day) == (2, 29) and not isleap(day.year + 1)
    return day.replace(year=day.year + 1, day=28 if leap else day.day)


def andra_mig(w: Words, f: Facts) -> Section:
    """That a consent can be taken back at any time, and whom to tell."""
    who = f.plan.roller.kontaktman
    phone = w("mening.telefon", nummer=who.telefon) if who and who.telefon else None
    named = listed_plain(who.namn if who else None, role_name(w, "kontaktman", who), phone)
    lines = (w("samtyckesblad.ingen_orsak"), w("samtyckesblad.sag_till", vem=named))
    return Section("andra_mig", w("rubrik.andra_mig"), lines=lines)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "samtycken_nu": samtycken_nu,
    "samtycken_forut": samtycken_forut,
    "andra_mig": andra_mig,
}
