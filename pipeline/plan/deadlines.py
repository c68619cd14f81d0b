"""Deadlines: what a routine wants done by when, judged for one file with what has happened to it so far.

Counted in calendar days; a month is the same day next month, clamped to the month's end; no shift at weekends, but a
due day that falls on one is named. A start event that the file should carry and lacks gives `unknown`; one that lies
ahead (adoption, a review) gives `not_started`. Never a guess.
"""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pipeline.plan.history import Event, History
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.profile import Frist, Profil
from pipeline.texts import text


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

    def events(self, *slag: str) -> list[Event]:
        return sorted((e for e in self.history.events if e.slag in slag), key=lambda e: e.datum)

    def begun(self, status: Status, start: date, due: date | None, note: str, version: int | None = None) -> Deadline:
        return Deadline(self.frist.kod, start, due, status, note, self.frist.kalla, version)

    def not_begun(self, status: Status, missing: str | None = None) -> Deadline:
        return Deadline(self.frist.kod, None, None, status, "", self.frist.kalla, None, missing)

    def dated(self, start: date, due: date, met: date | None, *notes: str) -> Deadline:
        """The deadline with its day known: met, late or open."""
        if met is not None:
            return self.begun(Status.MET, start, due, "; ".join((*notes, *_lateness((met - due).days))))
        status = Status.LATE if self.today > due else Status.OPEN
        return self.begun(status, start, due, "; ".join((*notes, *_weekend(due))))


def deadlines(
    file: Genomforandeplan | Uppdrag, profil: Profil, today: date, history: History | None = None
) -> tuple[Deadline, ...]:
    """Every deadline that `profil` sets for `file` on `today`, in the profile's order.

    `history` holds all that has happened, this file's own version included once it has been accepted; for an order it
    holds the versions of the plan that answers it, if one has come. None judges the file alone.
    """
    facts = history or History()
    return tuple(
        deadline
        for frist in profil.frister
        if not frist.omraden or file.verksamhetsomrade in frist.omraden
        for deadline in _COUNTING[frist.fran](_Case(frist, file, today, facts))
    )


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day when it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _due(frist: Frist, start: date) -> date:
    if frist.antal is None:
        raise ValueError(f"deadline {frist.kod} has no length")
    return add_months(start, frist.antal) if frist.enhet == "manad" else start + timedelta(days=frist.antal)


def _weekend(day: date) -> tuple[str, ...]:
    names = {5: "frist.lordag", 6: "frist.sondag"}
    return (text(names[day.weekday()]).sv,) if day.weekday() in names else ()


def _lateness(days: int) -> tuple[str, ...]:
    if days <= 0:
        return ()
    return (text("frist.klar_en_dag_sent").sv if days == 1 else text("frist.klar_sent", dagar=days).sv,)


def _met_on(case: _Case) -> date | None:
    """The first day something met a deadline that is met once."""
    met = [event.datum for event in case.events(*case.frist.mots_av)]
    arrived = case.history.versions[0].accepted if case.history.versions else case.today
    if "upprattad" in case.frist.mots_av:
        if case.plan is not None and case.plan.handelser.upprattad is not None:
            met.append(case.plan.handelser.upprattad)
        elif case.plan is None and case.history.versions:
            met.append(arrived)
    if "planens_ankomst" in case.frist.mots_av and (case.plan is not None or case.history.versions):
        met.append(arrived)
    return min(met, default=None)


def _from_file_event(case: _Case, slag: str, path: str, carried: date | None) -> Iterator[Deadline]:
    recorded = case.events(slag)
    start = carried or (recorded[-1].datum if recorded else None)
    if start is None:
        yield case.not_begun(Status.UNKNOWN, missing=path)
    else:
        yield case.dated(start, _due(case.frist, start), _met_on(case))


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
    recorded = case.events("bestallning_mottagen")
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
    adopted = max((v.adopted for v in case.history.versions if v.adopted is not None), default=None)
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
    decision = case.file.uppdrag
    came: date | None = None
    current: str | None = None
    adopted = False
    arrivals = [(v.beslut_id, v.accepted, v.adopted is not None) for v in case.history.versions]
    for beslut_id, day, is_adopted in (*arrivals, (decision.beslut_id, case.today, False)):
        if current is not None and beslut_id != current and adopted:
            came = day
        current, adopted = beslut_id, adopted or is_adopted
    if came is None:
        return None
    since = min(came, decision.beslut_datum or came)
    return None if any(event.datum >= since for event in case.events(*case.frist.mots_av)) else came


_COUNTING: dict[str, Callable[[_Case], Iterator[Deadline]]] = {
    "insats_paborjad": _from_start,
    "verkstalld": _from_execution,
    "mottagen": _from_arrival,
    "forsegling": _from_sealing,
    "faststalld": _from_adoption,
}
