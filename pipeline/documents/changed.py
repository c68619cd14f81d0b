"""What changed, as parts of a document: decision, earlier version and later version side by side, and each change.

Whatever plans are given, they are reduced before anything is said of them, so that no caller can show a protected
person's address, telephone, relatives or weekdays by mistake. Every change is said in words (*Ny*, *Borttagen*,
*Ändrad*), never by colour alone.
"""

from collections.abc import Iterable, Iterator

from pipeline.documents import beside
from pipeline.documents.compared import Compared, Group, Said, Version, compared
from pipeline.documents.lines import closed
from pipeline.documents.view import Fact, Item, Lines, Section
from pipeline.documents.words import Words, sentence
from pipeline.plan.changes import Kind
from pipeline.plan.profile import Profil


def sections(w: Words, profil: Profil, before: Version | None, after: Version) -> tuple[Section, ...]:
    """What the later version says otherwise than the earlier; without an earlier one, the decision and the plan.

    Sections that would say nothing are left out.
    """
    if before is None:
        made: tuple[Section, ...] = (beside.decision(w, profil, after), beside.planned_time(w, profil, after))
    else:
        found = compared(w, profil, before, after)
        made = (
            intro(w, found),
            beside.versions(w, found),
            insatser(w, found),
            beside.time(w, profil, found),
            mal(w, found),
            other(w, found),
        )
    return tuple(section for section in made if section.says_something)


def intro(w: Words, found: Compared) -> Section:
    """Why the plan was changed, and in one sentence how."""
    why = found.after.plan.andringsorsak
    reason = (w("andring.orsak", orsak=closed(why.strip())),) if why else ()
    return Section("andringar", w("andring.rubrik"), lines=(*reason, summary(w, found), *found.notes))


def insatser(w: Words, found: Compared) -> Section:
    """The insatser that have changed, each with both texts."""
    return Section("andrade_insatser", w("andring.insatser"), items=tuple(_items(w, found.insatser, "insats")))


def mal(w: Words, found: Compared) -> Section:
    """The goals that have changed, each with both texts."""
    return Section("andrade_mal", w("andring.mal"), items=tuple(_items(w, found.mal, "mal")))


def other(w: Words, found: Compared) -> Section:
    """Everything else that has changed, part by part of the plan: decision, people, agreements, follow-up."""
    parts = (Item(group.heading, tuple(_fact(w, one) for one in group.said)) for group in found.other)
    return Section("andrat_ovrigt", w("andring.ovrigt"), items=tuple(parts))


def summary(w: Words, found: Compared) -> str:
    """One sentence: how many insatser and goals are new, gone or changed, and how the time has changed."""
    parts = [*_counts(w, found.insatser, "insats"), *_counts(w, found.mal, "mal"), *_time(w, found)]
    if any(group.heading == w("rubrik.beslut") for group in found.other):
        parts.append(w("andring.beslut_andrat"))
    if not parts:
        return w("andring.bara_annat" if found.other or found.notes else "andring.inget")
    return f"{sentence(', '.join(parts))}."


def _counts(w: Words, groups: Iterable[Group], what: str) -> Iterator[str]:
    kinds = [group.kind for group in groups]
    for kind in (Kind.CHANGED, Kind.ADDED, Kind.REMOVED):
        count = kinds.count(kind)
        if count:
            yield w(f"andring.antal.{what}_{kind}_{'en' if count == 1 else 'flera'}", antal=count)


def _time(w: Words, found: Compared) -> Iterator[str]:
    minutes = found.changes.tid.difference
    if minutes:
        yield w("andring.tid_mer" if minutes > 0 else "andring.tid_mindre", minuter=w.minutes(abs(minutes)))


def _items(w: Words, groups: Iterable[Group], what: str) -> Iterator[Item]:
    """Each change with both texts; of an insats or goal that has gone, that it has."""
    for group in groups:
        heading = titled(w, group, what)
        if group.kind is Kind.ADDED:
            yield Item(heading, tuple(Fact(one.label, one.after) for one in group.said))
        elif group.kind is Kind.REMOVED:
            yield Item(heading, lines=(w(f"andring.borta.{what}"),))
        else:
            yield Item(heading, tuple(_fact(w, one) for one in group.said))


def titled(w: Words, group: Group, what: str) -> str:
    """An insats or a goal (`what`) with what has happened to it: ``Dusch – ändrad``."""
    return w("andring.med_ord", namn=group.heading.rstrip("."), ord=w(f"andring.ord.{what}_{group.kind}"))


def _fact(w: Words, one: Said) -> Fact:
    if not one.before:
        return Fact(one.label, _marked(w("andring.nytt"), one.after))
    if not one.after:
        return Fact(one.label, _marked(w("andring.borttaget"), one.before))
    return Fact(one.label, (*_marked(w("andring.forut"), one.before), *_marked(w("andring.nu"), one.after)))


def _marked(mark: str, lines: Lines) -> Lines:
    return (f"{mark}: {lines[0]}", *lines[1:])
