"""`plansigill diff`: what one version of a plan says otherwise than another, as text and as JSON.

It reads what plans say, so it is a look-up with a purpose, logged like `show` and `get`; only files that the asker
brings along are compared without one. A protected person's address, telephone, relatives and weekdays are not shown:
that they have changed is said by field, without values.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.app import load_profiles, open_workspace
from pipeline.archive import lookup
from pipeline.console.diff_lines import Told, lines
from pipeline.console.files import named, read_bytes
from pipeline.console.printing import Answer, Json
from pipeline.documents.change_words import what
from pipeline.documents.changed import summary
from pipeline.documents.compared import Compared, Version, compared
from pipeline.documents.words import Words, swedish
from pipeline.errors import Misuse, Refused
from pipeline.plan.against_decision import AgainstDecision, against_decision
from pipeline.plan.changes import Change, changes
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.protection import guarded
from pipeline.plan.reading import read_file
from pipeline.plan.time_moved import TimeMoved
from pipeline.plan.time_sum import time_sum


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be compared: two versions of a plan, or a version (or a file) with a file."""

    plan: str
    older: int | None
    newer: int | None
    file: Path | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its plan, and its version in the archive or else its file."""

    plan: Genomforandeplan
    version: int | None
    file: str | None = None

    def shown(self, *, protected: bool) -> Version:
        """What may be shown of it, where the person is protected now although the plan is open."""
        plan = guarded(self.plan) if protected and self.plan.brukare.skydd == "ingen" else self.plan
        return Version(self.version or 0, plan, time_sum(self.plan))


def needs_purpose(wanted: Wanted) -> bool:
    """Whether the archive is looked into."""
    return wanted.file is None or not Path(wanted.plan).is_file()


def answer(home: Path, wanted: Wanted, purpose: str) -> Answer:
    """The answer of the command; exit code 0 also where nothing differs.

    Raises `Refused` for an unknown plan or version, where there is no earlier version and for a file that is no plan,
    and `Misuse` for one that cannot be read.
    """
    older, newer, protected = _sides(home, wanted, purpose)
    profil = load_profiles().get(newer.plan.profil)
    if profil is None:
        raise Refused("profil_okand")
    w = swedish().with_roles(profil.termer.model_dump())
    found = compared(w, profil, older.shown(protected=protected), newer.shown(protected=protected))
    told = _told(w, older.plan, newer.plan, found)
    value = {
        "plan_id": newer.plan.plan_id,
        "from": older.version,
        "to": newer.version,
        "reason": found.after.plan.andringsorsak,
        "summary": summary(w, found),
        "changes": [_change(one) for one in told.changes],
        "time": _time(found.changes.tid),
        "decision": _decision(against_decision(found.after.plan), found.changes.tid),
        "withheld": told.withheld,
    }
    return Answer([value], lines(w, profil, found, told, (_called(w, older), _called(w, newer))))


def _sides(home: Path, wanted: Wanted, purpose: str) -> tuple[Side, Side, bool]:
    """The earlier, the later, and whether the archive knows the person as protected."""
    if wanted.file is None:
        (older, newer), protected = _archived(home, wanted, purpose, _two)
        return older, newer, protected
    two_files = not needs_purpose(wanted)
    if wanted.newer is not None or (two_files and wanted.older is not None):
        raise Misuse("diff_med_fil")
    newer = _file(home, wanted.file)
    if two_files:
        return _file(home, Path(wanted.plan)), newer, False
    (older,), protected = _archived(home, wanted, purpose, _one)
    return older, newer, protected


def _file(home: Path, path: Path) -> Side:
    return Side(_plan(read_bytes(path)), None, named(home, path))


def _called(w: Words, side: Side) -> str:
    return side.file or w("dokument.version", version=side.version).lower()


Choice = Callable[[Wanted, tuple[int, ...]], tuple[int, ...]]


def _archived(home: Path, wanted: Wanted, purpose: str, choice: Choice) -> tuple[list[Side], bool]:
    tools = open_workspace(home)
    access = lookup.Access(purpose, tools.now())
    got = lookup.contents(tools, wanted.plan, access, lambda known: choice(wanted, known))
    return [Side(_plan(one.data), one.version) for one in got.versions], got.protected


def _two(wanted: Wanted, known: tuple[int, ...]) -> tuple[int, ...]:
    """The versions asked for; by default the newest, and the one before it."""
    newer = known[-1] if wanted.newer is None else wanted.newer
    earlier = [number for number in known if number < newer]
    if wanted.older is None and not earlier and newer in known:
        raise Refused("ingen_tidigare_version")
    return (wanted.older or (earlier[-1] if earlier else 0), newer)


def _one(wanted: Wanted, known: tuple[int, ...]) -> tuple[int, ...]:
    return (wanted.older or known[-1],)


def _plan(data: bytes) -> Genomforandeplan:
    value = read_file(data).value
    if not isinstance(value, Genomforandeplan):
        raise Refused("ingen_plan")
    return value


def _told(w: Words, before: Genomforandeplan, after: Genomforandeplan, found: Compared) -> Told:
    """All changes; of a protected person only what a document may say, with the other fields named."""
    everything = changes(before, after).everything
    plans = (found.before.plan, found.after.plan)
    if any(plan.brukare.skydd != "ingen" for plan in plans):
        shown = found.changes.everything
    else:
        shown, plans = everything, (before, after)
    old, new = (plan.model_dump(mode="json", by_alias=True) for plan in plans)
    withheld = Counter(change.place for change in everything) - Counter(change.place for change in shown)
    return Told(tuple((change, what(w, change, old, new)) for change in shown), tuple(sorted(withheld)))


def _change(told: tuple[Change, str]) -> Json:
    change, called = told
    found = {"kind": str(change.kind), "field": change.field, "what": called}
    return found | {"before": change.before, "after": change.after}


def _time(tid: TimeMoved) -> Json:
    granted = [None if sums.granted is None else sums.granted.per_week for sums in (tid.before, tid.after)]
    return {
        "planned": {"before": tid.before.planned, "after": tid.after.planned},
        "granted": {"before": granted[0], "after": granted[1]},
        "difference": tid.difference,
        "insatser": [
            {"rubrik": row.rubrik, "before": row.before, "after": row.after}
            for row in tid.per_insats
            if row.before != row.after
        ],
        "moved": tid.moved,
        "moves": [{"from": m.source.rubrik, "to": m.target.rubrik, "minutes": m.minutes} for m in tid.moves],
    }


def _decision(against: AgainstDecision, tid: TimeMoved) -> Json:
    """The later version against its decision; time from the plan in full."""
    granted = tid.after.granted
    return {
        "not_taken_up": [{"id": one.id, "rubrik": one.rubrik} for one in against.not_taken_up],
        "beyond": [insats.rubrik for insats in against.beyond] if against.taken_up else [],
        "difference": None if granted is None else tid.after.planned - granted.per_week,
    }
