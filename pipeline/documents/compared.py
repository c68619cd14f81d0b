"""Two versions of a plan in the words of its document: what each says of an insats, a goal, a person, and so on.

Both plans are reduced first (`alike`), and what is compared is what the plan document would print of them. So a change
reads as the plan does, nothing that the plan document leaves out comes out here, and what only machines use is silent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pipeline.documents import about, insatser, people, sections
from pipeline.documents.lines import fact, kept
from pipeline.documents.reduced import reduced
from pipeline.documents.view import Fact, Item, Lines, Section
from pipeline.documents.words import Words, sentence
from pipeline.plan.changes import Change, Changes, Kind, Matched, changes
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Insats, Mal
from pipeline.plan.profile import Profil
from pipeline.plan.protection import guarded
from pipeline.plan.time_sum import TimeSum

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version:
    """One version to be compared; `sums` are those of the plan as it was sent, whether `plan` is reduced or not."""

    number: int
    plan: Genomforandeplan
    sums: TimeSum


@dataclass(frozen=True, slots=True)
class Said:
    """What stands under one label in the earlier and in the later version; ``()`` where it says nothing."""

    label: str
    before: Lines
    after: Lines


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that has changed and what is said of it: an insats, a goal, a part of the plan."""

    kind: Kind
    heading: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """All that the documents of two versions say differently."""

    changes: Changes
    """Of the reduced plans; its time is that of the plans as they were sent."""
    before: Version
    after: Version
    """With their plans reduced."""
    per_insats: tuple[Group | None, ...]
    """For each of the changes' insatser in turn; None where nothing that is printed has changed."""
    mal: tuple[Group, ...]
    other: tuple[Group, ...]
    notes: Lines
    """Sentences on order and numbering."""

    @property
    def insatser(self) -> tuple[Group, ...]:
        """The insatser that have changed."""
        return tuple(group for group in self.per_insats if group is not None)


def compared(w: Words, profil: Profil, before: Version, after: Version) -> Compared:
    """What the later version says otherwise; each plan as it was sent, or reduced already."""
    one = replace(before, plan=reduced(_as_in(before.plan, after.plan), profil))
    other = replace(after, plan=reduced(_as_in(after.plan, before.plan), profil))
    found = changes(one.plan, other.plan, (one.sums, other.sums))
    return Compared(
        changes=found,
        before=one,
        after=other,
        per_insats=_insatser(w, found, one, other),
        mal=tuple(group for group in _mal(w, found, one.plan, other.plan) if group is not None),
        other=_others(w, profil, one.plan, other.plan),
        notes=_notes(w, found.everything),
    )


def _as_in(plan: Genomforandeplan, other: Genomforandeplan) -> Genomforandeplan:
    """The plan, which shows no more of the person than the other where only that one protects her."""
    if plan.brukare.skydd != "ingen" or other.brukare.skydd == "ingen":
        return plan
    return guarded(plan).model_copy(update={"brukare": other.brukare})


def said(before: Iterable[Fact], after: Iterable[Fact]) -> tuple[Said, ...]:
    """What two lists of facts say differently, label by label; of several paragraphs only those that differ."""
    old, new = list(before), []
    for now in after:
        if now in old:
            old.remove(now)
        else:
            new.append(now)
    found = []
    for now in new:
        was = next((known for known in old if known.label == now.label), None)
        if was is not None:
            old.remove(was)
        found.append(_said(now.label, was.lines if was else (), now.lines))
    return (*found, *(Said(gone.label, gone.lines, ()) for gone in old))


def _said(label: str, before: Lines, after: Lines) -> Said:
    gone = tuple(line for line in before if line not in after)
    come = tuple(line for line in after if line not in before)
    return Said(label, gone, come) if gone or come else Said(label, before, after)


@dataclass(frozen=True, slots=True)
class _List(Generic[T]):
    """One of the plan's two lists that are compared item by item.

    `from_others` are labels that repeat other items' words, with the fields that make them a change of this one.
    """

    name: Callable[[T], str]
    name_label: str
    before: Sequence[Item]
    after: Sequence[Item]
    from_others: Mapping[str, frozenset[str]]


def _insatser(w: Words, found: Changes, before: Version, after: Version) -> tuple[Group | None, ...]:
    of: _List[Insats] = _List(
        lambda insats: insats.rubrik,
        w("andring.namn_insats"),
        insatser.insatser(w, before.plan, before.sums).items,
        insatser.insatser(w, after.plan, after.sums).items,
        {
            w("etikett.mal"): frozenset(("mal_ref", "mal_avbojt")),
            w("etikett.hor_till"): frozenset(("beviljad_ref", "livsomrade")),
        },
    )
    return tuple(_group(row, of) for row in found.insatser)


def _mal(w: Words, found: Changes, before: Genomforandeplan, after: Genomforandeplan) -> tuple[Group | None, ...]:
    of: _List[Mal] = _List(
        lambda goal: goal.text,
        w("andring.namn_mal"),
        sections.mal(w, before).items,
        sections.mal(w, after).items,
        {w("etikett.overordnat"): frozenset(("overordnat",)), w("etikett.insatser"): frozenset()},
    )
    return tuple(_group(row, of) for row in found.mal)


def _group(row: Matched[T], of: _List[T]) -> Group | None:
    """A row in words; None where both versions print the same of it."""
    if row.kind is None:
        return None
    was = None if row.before is None else of.name(row.before)
    now = None if row.after is None else of.name(row.after)
    own = {change.place.split(".")[1] for change in row.fields if "." in change.place}
    hidden = {label for label, fields in of.from_others.items() if was and now and not own & fields}
    before = () if row.was is None else of.before[row.was].facts
    after = () if row.now is None else of.after[row.now].facts
    told = [one for one in said(before, after) if one.label not in hidden]
    if was and now and was != now:
        told.insert(0, Said(of.name_label, (was,), (now,)))
    return Group(row.kind, now or was or "", tuple(told)) if told or row.kind is not Kind.CHANGED else None


def _others(w: Words, profil: Profil, before: Genomforandeplan, after: Genomforandeplan) -> tuple[Group, ...]:
    """The other parts of the plan, in the order in which the plan prints them."""
    parts = zip(_parts(w, profil, before), _parts(w, profil, after), strict=True)
    told = ((new.heading, said(_flat(old), _flat(new))) for old, new in parts)
    return tuple(Group(Kind.CHANGED, heading, facts) for heading, facts in told if facts)


def _secrecy(w: Words, plan: Genomforandeplan) -> str | None:
    """The marking itself, whatever words the dress has for it."""
    marking = plan.sekretess
    if marking is None:
        return None
    return w("dokument.sekretess", lagrum=marking.lagrum, myndighet=marking.myndighet, datum=w.day(marking.datum))


def _parts(w: Words, profil: Profil, plan: Genomforandeplan) -> tuple[Section, ...]:
    om = about.om(w, plan.model_copy(update={"andringsorsak": None}), 0, profil.kalla.namn)
    around = kept(
        fact(w, "kontaktvag", plan.brukare.kontaktvag),
        fact(w, "utforarens_telefon", plan.utforare.telefon),
        fact(w, "sekretess", _secrecy(w, plan)),
    )
    return (
        about.beslut(w, plan),
        sections.viktigt_for_mig(w, plan),
        sections.viktig_information(w, plan),
        sections.risker(w, plan),
        sections.oppnar_inte_dorren(w, plan),
        sections.sprak(w, plan),
        sections.delaktighet(w, plan),
        sections.deltagare(w, plan),
        sections.invandning(w, plan),
        Section("brukare", sentence(w("kod.roll.brukare")), facts=about.head(w, plan)),
        people.kontakter(w, plan),
        people.narstaende(w, plan),
        people.foretradare(w, plan),
        sections.samverkan(w, plan),
        people.samtycken(w, plan),
        sections.uppfoljning(w, plan),
        sections.overlamning(w, plan),
        replace(om, facts=om.facts + around),
    )


def _flat(section: Section) -> list[Fact]:
    """A section as facts: its own lines under its heading, each item under its own."""
    lines = [Fact(section.heading, section.lines)] if section.lines else []
    items = [
        Fact(item.heading, (*item.lines, *(f"{f.label}: {line}" for f in item.facts for line in f.lines)))
        for item in section.items
    ]
    return [*lines, *section.facts, *items]


def _notes(w: Words, found: Iterable[Change]) -> Lines:
    """What has happened to order and numbering, which reads as no change of any one insats or goal."""
    places = {(change.kind, change.place) for change in found}
    order = [w(f"andring.ordning_{name}") for name in ("insatser", "mal") if (Kind.MOVED, name) in places]
    renumbered = any(place == "insatser.nummer" for _kind, place in places)
    return (*order, w("andring.nummer")) if renumbered else tuple(order)
