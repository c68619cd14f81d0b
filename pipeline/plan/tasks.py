"""Things to do: what a routine wants done when something has come or been recorded, until something settles it.

A task is told as a deadline; most have no date, since the routine sets none. Of events that bring a task the latest of
its kind decides: the next review or follow-up has the word. Nothing is told where nothing has brought the task.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args

from pipeline.plan.deadlines import Deadline, Status, lateness, weekend
from pipeline.plan.event_rules import REVIEW
from pipeline.plan.history import Event, History, VersionFact, has_ended, newest
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.profile import Ansvarig, AttGora, Profil
from pipeline.plan.protection import latest_change
from pipeline.texts import text


@dataclass(frozen=True, slots=True)
class _Case:
    """One task of the profile, put to one file."""

    task: AttGora
    file: Genomforandeplan | Uppdrag
    profil: Profil
    today: date
    history: History

    def latest(self, slag: str) -> Event | None:
        found = [e for e in reversed(self.history.events) if e.slag == slag]  # of one day, the one that came last
        return max(found, key=lambda e: e.datum, default=None)


@dataclass(frozen=True, slots=True)
class _Brought:
    """What brought a task: from which day, with which day of its own, about which version, left to whom."""

    start: date
    due: date | None = None
    version: int | None = None
    note: str = ""
    responsible: Ansvarig | None = None


def tasks(
    file: Genomforandeplan | Uppdrag, profil: Profil, today: date, history: History | None = None
) -> tuple[Deadline, ...]:
    """Every task that `profil` sets for `file`, in the profile's order; `history` as for `deadlines`."""
    facts = history or History()
    ended = has_ended(facts, file.uppdrag.beslut_id)
    return tuple(
        _told(case, brought)
        for task in profil.att_gora
        if not task.omraden or file.verksamhetsomrade in task.omraden
        for case in (_Case(task, file, profil, today, facts),)
        for brought in _BRINGING[task.vid](case)
        if not ended or task.efter_avslut
    )


def _told(case: _Case, brought: _Brought) -> Deadline:
    task, due, met = case.task, brought.due, _settled(case, brought)
    due = due or (brought.start if task.genast else None)
    late = due is not None and case.today > due
    status = Status.MET if met is not None else Status.LATE if late else Status.OPEN
    after = () if due is None else lateness((met - due).days) if met is not None else weekend(due)
    note = "; ".join(part for part in (brought.note, *after) if part)
    return Deadline(
        code=task.kod,
        from_=brought.start,
        due=due,
        status=status,
        note=note,
        source=task.kalla,
        version=brought.version,
        responsible=brought.responsible or task.ansvarig,
    )


def _settled(case: _Case, brought: _Brought) -> date | None:
    """The first day something settled the task: an event of that version, or one since; a newer version; the plan."""
    task, versions = case.task, [v for v in case.history.versions if not v.withdrawn]
    met = [e.datum for e in case.history.events if e.slag in task.mots_av and _answers(e, brought)]
    if "ny_version" in task.mots_av and brought.version is not None:
        met += [v.accepted for v in versions if v.version > brought.version]
    if "planens_ankomst" in task.mots_av:
        met += [v.accepted for v in versions if v.beslut_id == case.file.uppdrag.beslut_id]
    carried = case.file.uppdrag.bestallning_bekraftad
    if "bestallning_bekraftad" in task.mots_av and carried is not None:
        met.append(carried)
    return min(met, default=None)


def _answers(event: Event, brought: _Brought) -> bool:
    if brought.version is not None and event.version is not None:
        return event.version == brought.version
    return event.datum >= brought.start


def _order(case: _Case) -> Iterator[_Brought]:
    """An order came (S0.3): until its plan does, as with a deadline from an arrival."""
    if isinstance(case.file, Uppdrag):
        carried = case.file.handelser.bestallning_mottagen if case.file.handelser else None
        arrived = case.latest("bestallning_mottagen")
        yield _Brought(carried or (arrived.datum if arrived else case.today))


def _accepted(case: _Case) -> Iterator[_Brought]:
    found = newest(case.history.versions)
    if found is not None:
        yield from _of_version(case, found, found.accepted)


def _sealed(case: _Case) -> Iterator[_Brought]:
    sealed = [v for v in case.history.versions if v.sealed is not None]
    if sealed and sealed[-1].sealed is not None:
        yield from _of_version(case, sealed[-1], sealed[-1].sealed)


def _of_version(case: _Case, version: VersionFact, start: date) -> Iterator[_Brought]:
    if version.version >= case.task.fran_version:
        number = version.version
        yield _Brought(start, version=number, note=text("frist.version", version=number).sv)


def _clarification(case: _Case) -> Iterator[_Brought]:
    """The last word on the newest version assessed asks for something clearer (S4.6)."""
    judged = [(e.version or e.uppgifter.get("version"), e) for e in case.history.events if e.slag == "bedomning"]
    known = [(number, e) for number, e in reversed(judged) if isinstance(number, int)]
    number, last = max(known, key=lambda found: (found[0], found[1].datum), default=(0, None))
    if last is not None and last.uppgifter.get("utfall") == "fortydligande":
        yield _Brought(last.datum, version=number, note=text("frist.version", version=number).sv)


def _deficiency(case: _Case) -> Iterator[_Brought]:
    """The latest review answers some question nej or delvis (S3.4; of the last question S3, purpose)."""
    last = case.latest("manadsgenomgang")
    if last is None:
        return
    lacking = [key for key in REVIEW if _answer(last, key) in ("nej", "delvis")]
    if lacking:
        note = text("frist.foljs_inte").sv if "foljs" in lacking else ""
        own, said = _day(last.uppgifter.get("atgard_senast")), last.uppgifter.get("ansvarig")
        yield _Brought(last.datum, own, last.version, note, _role(case, said))


def _answer(event: Event, key: str) -> object:
    answer = event.uppgifter.get(key)
    return answer.get("svar") if isinstance(answer, dict) else None


def _role(case: _Case, said: object) -> Ansvarig | None:
    """The role that `said` means: by its name, the routine's word, or whoever fills it; never the text itself."""
    if not isinstance(said, str):
        return None
    wanted = " ".join(said.split()).casefold()
    for role in get_args(Ansvarig):
        person = getattr(case.file.roller, role, None)
        names = (role, getattr(case.profil.termer, role), *(getattr(person, key, None) for key in _NAMES))
        if wanted in {name.casefold() for name in names if name}:
            found: Ansvarig = role
            return found
    return None


_NAMES = ("namn", "personal_id", "benamning", "titel")


def _other_information(case: _Case) -> Iterator[_Brought]:
    """*Uppgifter och övrig information* was not checked at the latest follow-up (S1.11)."""
    last = case.latest("uppfoljning")
    if last is not None and last.uppgifter.get("ovrig_information_kontrollerad") is not True:
        yield _Brought(last.datum, version=last.version)


def _missing(case: _Case) -> Iterator[_Brought]:
    """The latest check found no plan, and none had come here by then (S4.4)."""
    last = case.latest("kontroll_upprattad")
    if last is not None and last.uppgifter.get("finns") is False:
        there = [v for v in case.history.versions if not v.withdrawn and v.accepted <= last.datum]
        if not there:
            yield _Brought(last.datum)


def _delay(case: _Case) -> Iterator[_Brought]:
    """The latest word on a delay promises the plan to a day (S4.4)."""
    last = case.latest("drojsmal")
    promised = _day(last.uppgifter.get("nytt_datum")) if last is not None else None
    if last is not None and promised is not None:
        yield _Brought(last.datum, promised)


def _protection(case: _Case) -> Iterator[_Brought]:
    """The person has got a protected identity that the file does not know of: it may print what must not be."""
    change = latest_change(case.history.events)
    if change is not None and change.uppgifter.get("skydd") != "ingen" and case.file.brukare.skydd == "ingen":
        yield _Brought(change.datum)


def _consent(case: _Case) -> Iterator[_Brought]:
    """A consent that the file still holds as given has been withdrawn."""
    if not isinstance(case.file, Genomforandeplan):
        return
    held = {consent.samtycke_id for consent in case.file.samtycken if consent.aterkallat is None}
    events = [e for e in case.history.events if e.slag == "samtycke_aterkallat"]
    withdrawn = [e.datum for e in events if e.uppgifter.get("samtycke_id") in held]
    if withdrawn:
        yield _Brought(min(withdrawn))


def _day(said: object) -> date | None:
    """A day as an event carries it: a date, or one written."""
    day = date.fromisoformat(said) if isinstance(said, str) else said
    return day if isinstance(day, date) else None


_BRINGING: dict[str, Callable[[_Case], Iterator[_Brought]]] = {
    "uppdrag_mottaget": _order,
    "version_mottagen": _accepted,
    "version_forseglad": _sealed,
    "fortydligande": _clarification,
    "brist": _deficiency,
    "ovrig_information": _other_information,
    "plan_saknas": _missing,
    "drojsmal": _delay,
    "skydd": _protection,
    "samtycke": _consent,
}
