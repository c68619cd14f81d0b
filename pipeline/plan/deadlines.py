"""Deadlines: what a routine wants done by when, judged for one file with what has happened to it so far.

Counted in calendar days; a month is the same day next month, clamped to the month's end; no shift at weekends, but a
due day that falls on one is named. A start event that the file should carry and lacks gives `unknown`; one that lies
ahead (adoption, a review) gives `not_started`. Never a guess.
"""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from pipeline.plan.history import Event, History, has_ended
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.profile import Ansvarig, Frist, Profil
from pipeline.texts import text

ARRIVAL = "bestallning_mottagen"
"""The slag of the event that an order came; its `beslut_id` in `uppgifter` tells a plan of a new decision."""


class Status(StrEnum):
    """Where a deadline stands; the day it is due it is still open."""

    OPEN = "open"
    LATE = "late"
    MET = "met"
    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline of one file; `due` is None where the routine sets no date or the start is not known."""

    code: str
    from_: date | None
    due: date | None
    status: Status
    note: str
    """Swedish: a weekend, how late it was met, why it came at once; empty when there is nothing to say."""
    source: str
    version: int | None = None
    """The version it concerns, for a deadline that every version has of its own."""
    missing: str | None = None
    """Path of the event that the file should carry, when the status is `unknown`."""
    responsible: Ansvarig | None = None
    """The role that the routine, or the event behind it, names."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One deadline of the profile, put to one file."""

    frist: Frist
    file: Genomforandeplan | Uppdrag
    today: date
    history: History

    @property
    def plan(self) -> Genomforandeplan | None:
        return self.file if isinstance(self.file, Genomforandeplan) else None

    @property
    def first_answer(self) -> date | None:
        """The day the first version that answers the file's decision was accepted."""
        decision = self.file.uppdrag.beslut_id
        return next((v.accepted for v in self.history.versions if v.beslut_id == decision), None)

    def events(self, *slag: str) -> list[Event]:
        return sorted((e for e in self.history.events if e.slag in slag), key=lambda e: e.datum)

    def begun(self, status: Status, start: date, due: date | None, note: str, version: int | None = None) -> Deadline:
        return Deadline(self.frist.kod, start, due, status, note, self.frist.kalla, version)

    def not_begun(self, status: Status, missing: str | None = None) -> Deadline:
        return Deadline(self.frist.kod, None, None, status, "", self.frist.kalla, None, missing)

    def dated(self, start: date, due: date, met: date | None, *notes: str) -> Deadline:
        """The deadline with its day known: met, late or open."""
        if met is not None:
            return self.begun(Status.MET, start, due, "; ".join((*notes, *lateness((met - due).days))))
        status = Status.LATE if self.today > due else Status.OPEN
        return self.begun(status, start, due, "; ".join((*notes, *weekend(due))))


def deadlines(
    file: Genomforandeplan | Uppdrag, profil: Profil, today: date, history: History | None = None
) -> tuple[Deadline, ...]:
    """Every deadline that `profil` sets for `file` on `today`, in the profile's order.

    `history` holds all that has happened, this file's own version included once it has been accepted; for an order it
    holds the versions of the plan that answers it, if one has come. None judges the file alone. When the insats has
    ended nothing more is due but what the routine wants all the same.
    """
    facts = history or History()
    ended = has_ended(facts, file.uppdrag.beslut_id)
    return tuple(
        replace(deadline, responsible=frist.ansvarig)
        for frist in profil.frister
        if not frist.omraden or file.verksamhetsomrade in frist.omraden
        for deadline in _COUNTING[frist.fran](_Case(frist, file, today, facts))
        if not ended or frist.efter_avslut or deadline.status is Status.MET
    )


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day when it is shorter; never after the calendar's end."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _due(frist: Frist, start: date) -> date:
    if frist.antal is None:
        raise ValueError(f"deadline {frist.kod} has no length")
    if frist.enhet == "manad":
        return add_months(start, frist.antal)
    return start + timedelta(days=min(frist.antal, (date.max - start).days))


def weekend(day: date) -> tuple[str, ...]:
    """A note when the day falls on a Saturday or Sunday."""
    names = {5: "frist.lordag", 6: "frist.sondag"}
    return (text(names[day.weekday()]).sv,) if day.weekday() in names else ()


def lateness(days: int) -> tuple[str, ...]:
    """How late something was met, in words; nothing when it was met in time."""
    if days <= 0:
        return ()
    return (text("frist.klar_en_dag_sent").sv if days == 1 else text("frist.klar_sent", dagar=days).sv,)


def _met_on(case: _Case) -> date | None:
    """The first day something met a deadline that is met once.

    A revised plan carries the day of its revision, so an earlier version that answers the same decision goes before.
    """
    met = [event.datum for event in case.events(*case.frist.mots_av)]
    first = case.first_answer
    if "upprattad" in case.frist.mots_av:
        drawn_up = case.plan.handelser.upprattad if case.plan is not None else first
        met += [day for day in (drawn_up, first) if drawn_up is not None and day is not None]
    if "planens_ankomst" in case.frist.mots_av:
        arrived = first or (case.today if case.plan is not None else None)
        met += [arrived] if arrived is not None else []
    return min(met, default=None)


def _from_file_event(case: _Case, slag: str, path: str, carried: date | None) -> Iterator[Deadline]:
    recorded = case.events(slag)
    start = carried or (recorded[-1].datum if recorded else None)
    if start is None:
        yield case.not_begun(Status.UNKNOWN, missing=path)
        return
    found = case.dated(start, _due(case.frist, start), _met_on(case))
    revised = case.plan is not None and case.plan.andringsorsak is not None and case.first_answer is None
    # of a revised plan without its history nobody can tell how late the first one was
    yield replace(found, note="") if revised and found.status is Status.MET else found


def _from_start(case: _Case) -> Iterator[Deadline]:
    happened = case.file.handelser
    carried = happened.insats_paborjad if happened is not None else None
    return _from_file_event(case, "insats_paborjad", "handelser.insats_paborjad", carried)


def _from_execution(case: _Case) -> Iterator[Deadline]:
    return _from_file_event(case, "verkstalld", "uppdrag.verkstalld", case.file.uppdrag.verkstalld)


def _from_arrival(case: _Case) -> Iterator[Deadline]:
    """An order's own arrival: a task at once, until the plan comes; a plan has no such deadline (S1.3)."""
    if not isinstance(case.file, Uppdrag):
        return
    received = case.file.handelser.bestallning_mottagen if case.file.handelser else None
    recorded = case.events(ARRIVAL)
    start = received or (recorded[0].datum if recorded else case.today)
    yield case.dated(start, _due(case.frist, start), _met_on(case))


def _from_sealing(case: _Case) -> Iterator[Deadline]:
    """No date: open for each version from its sealing, met by the event that names that version (S4.2)."""
    sealed = [(version.version, version.sealed) for version in case.history.versions if version.sealed is not None]
    if not sealed:
        yield case.not_begun(Status.NOT_STARTED)
    answers = case.events(*case.frist.mots_av)
    for version, day in sealed:
        met = any(version in (event.version, event.uppgifter.get("version")) for event in answers)
        status = Status.MET if met else Status.OPEN
        yield case.begun(status, day, None, text("frist.version", version=version).sv, version)


def _from_adoption(case: _Case) -> Iterator[Deadline]:
    """Recurring: from the latest of the adoption and the last event that met it, or an earlier day of its own."""
    signed = [v for v in case.history.versions if v.adopted is not None]
    adopted = max((v.adopted for v in signed if v.adopted is not None), default=None)
    if adopted is None:
        yield case.not_begun(Status.NOT_STARTED)
        return
    came = _unanswered_order(case) if case.frist.vid_nytt_beslut else None
    if came is not None:
        yield case.dated(came, came, None, text("frist.nytt_beslut").sv)
        return
    done = [event for event in case.events(*case.frist.mots_av) if event.datum >= adopted]
    start = done[-1].datum if done else adopted
    due = _due(case.frist, start)
    if case.frist.planens_tidigare_dag:
        own = _own_day(case, done[-1] if done else None)
        due = min(due, own) if own is not None else due
    early = case.frist.tunn_plan_dagar
    if early is not None and not done and [v.thin for v in signed] == [True]:
        soon = start + timedelta(days=min(early, (date.max - start).days))
        if soon < due:
            yield case.dated(start, soon, None, text("frist.tunn_plan").sv)
            return
    yield case.dated(start, due, None)


def _own_day(case: _Case, last: Event | None) -> date | None:
    """The day set for the next time: by the last follow-up if there has been one, else by the plan."""
    if last is None:
        return case.plan.uppfoljning.nasta if case.plan is not None else None
    said = last.uppgifter.get("nasta")
    day = date.fromisoformat(said) if isinstance(said, str) else said
    return day if isinstance(day, date) and day > last.datum else None


def _unanswered_order(case: _Case) -> date | None:
    """The day a new `beslut_id` came to an adopted plan, while no follow-up has answered it (S1.10, S2.10)."""
    came: date | None = None
    new = ""
    known: set[str] = set()
    adopted = False
    for day, beslut_id, is_adopted in _arrivals(case):
        if known and beslut_id not in known and adopted:
            came, new = day, beslut_id
        known.add(beslut_id)
        adopted = adopted or is_adopted
    if came is None:
        return None
    decision = case.file.uppdrag
    decided = decision.beslut_datum if decision.beslut_id == new else None
    since = min(came, decided or came)
    return None if any(event.datum >= since for event in case.events(*case.frist.mots_av)) else came


def _arrivals(case: _Case) -> list[tuple[date, str, bool]]:
    """When each decision came and whether that version was adopted: by versions, by orders, by the file at hand."""
    orders = [(e.datum, str(e.uppgifter["beslut_id"])) for e in case.events(ARRIVAL) if "beslut_id" in e.uppgifter]
    found = [
        *((v.accepted, v.beslut_id, v.adopted is not None) for v in case.history.versions),
        *((day, beslut_id, False) for day, beslut_id in orders),
    ]
    found.sort(key=lambda arrival: arrival[0])
    current = case.file.uppdrag.beslut_id
    return found if current in {beslut_id for _, beslut_id, _ in found} else [*found, (case.today, current, False)]


_COUNTING: dict[str, Callable[[_Case], Iterator[Deadline]]] = {
    "insats_paborjad": _from_start,
    "verkstalld": _from_execution,
    "mottagen": _from_arrival,
    "forsegling": _from_sealing,
    "faststalld": _from_adoption,
}
