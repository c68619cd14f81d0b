"""The visits as whoever plans them needs them: days, hours, minutes, and which insatser are done together (S1.12).

No secret text: of an insats nothing but its heading, its days and hours, its minutes, its staffing and its visit. Hours
and part of the day are free text in the plan, so only what can be nothing else is taken.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from pipeline.documents.facts import Facts
from pipeline.documents.insatser import days, is_weekly
from pipeline.documents.lines import fact, kept
from pipeline.documents.view import Lines, Section, Table
from pipeline.documents.words import Words
from pipeline.plan.model_plan import Insats, Nar

_HOUR = re.compile(r"(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?")
_BETWEEN = frozenset(("kl", "klockan", "ca", "cirka", "från", "till", "mellan", "och", "eller"))
_PARTS = frozenset(
    ("morgon", "förmiddag", "lunch", "mitt på dagen", "dag", "middag", "eftermiddag", "kväll", "sen kväll", "natt")
)
Timed = tuple[Insats, int | None]


def besok(w: Words, f: Facts) -> tuple[Section, ...]:
    """A table for each visit, in the order of the plan; then the insatser that stand alone."""
    timed = tuple(zip(f.plan.insatser, f.sums.per_insats if f.sums else (), strict=True))
    groups: dict[str | None, list[Timed]] = {}
    for insats, minutes in timed:
        groups.setdefault(insats.besok, []).append((insats, minutes))
    alone = groups.pop(None, [])
    found = [_visit(w, f, w("planering.besok", besok=name), group) for name, group in groups.items()]
    if alone:
        heading = w("rubrik.egna_besok") if groups else w("rubrik.besok")
        found.append(_visit(w, f, heading, alone, () if groups else (w("planering.inga_besok"),)))
    return tuple(found)


def _visit(w: Words, f: Facts, heading: str, group: Sequence[Timed], lines: Lines = ()) -> Section:
    columns = tuple(w(f"planering.kolumn.{name}") for name in ("insats", "dagar", "klockan", "gang", "vecka"))
    rows = tuple(_row(w, f, insats, minutes) for insats, minutes in group)
    return Section("besok", " ".join(heading.split()), lines=lines, tables=(Table(columns, rows),))


def _row(w: Words, f: Facts, insats: Insats, average: int | None) -> tuple[Lines, ...]:
    tid = insats.tid
    each = w("planering.minuter", antal=tid.minuter_per_tillfalle) if tid and tid.minuter_per_tillfalle else ""
    double = w("planering.dubbel") if insats.dubbelbemanning else ""
    return (
        (insats.rubrik,),
        _days(w, f, insats),
        _hours(w, insats.nar),
        tuple(x for x in (each, double) if x),
        _week(w, insats, average),
    )


def _days(w: Words, f: Facts, insats: Insats) -> Lines:
    nar = insats.nar
    if nar is None or not (nar.veckodagar or nar.frekvens or nar.veckor):
        return (w("planering.ingen_tid" if insats.ej_tidsatt else "planering.inga_dagar"),)
    return days(w, f.plan, nar)


def _hours(w: Words, nar: Nar | None) -> Lines:
    hours = (nar.klockslag or "").strip() if nar else ""
    part = (nar.dygnsdel or "").strip().casefold() if nar else ""
    if hours and _is_hours(hours):
        return (hours,)
    return (part,) if part in _PARTS else (w("planering.se_planen"),) if hours or part else ()


def _is_hours(text: str) -> bool:
    words = [word.rstrip(".") for word in re.split(r"[\s,;–—-]+", text) if word]
    return all(word.casefold() in _BETWEEN or _HOUR.fullmatch(word) for word in words)


def _week(w: Words, insats: Insats, average: int | None) -> Lines:
    """The minutes of a week; for an insats that is not given every week, the average over the period."""
    if average is None:
        return ()
    minutes = w("planering.minuter", antal=average)
    return (minutes,) if is_weekly(insats) else (minutes, w("planering.snitt"))


def planerad_tid(w: Words, f: Facts) -> Section:
    """All the minutes of a week, and how long the schedule period is."""
    period = f.plan.schemaperiod
    timed = f.sums is not None and any(minutes is not None for minutes in f.sums.per_insats)
    total = w("planering.per_vecka", antal=f.sums.planned) if f.sums and timed else None
    facts = kept(
        fact(w, "planerad_tid", total),
        fact(w, "schemaperiod", w("mening.schemaperiod", veckor=period.veckor) if period else None),
    )
    return Section("planerad_tid", w("rubrik.tid"), facts=facts)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section | tuple[Section, ...]]] = {
    "besok": besok,
    "planerad_tid": planerad_tid,
}
