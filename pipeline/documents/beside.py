"""Tables that set the decision and one or two versions of a plan side by side: insats by insats, and their time."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.documents import insatser, timing
from pipeline.documents.compared import Compared, Group, Version
from pipeline.documents.reduced import reduced
from pipeline.documents.view import Lines, Section, Table
from pipeline.documents.words import Words, listed, sentence
from pipeline.plan.against_decision import against_decision
from pipeline.plan.changes import Kind, Matched
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import BeviljadInsats
from pipeline.plan.model_plan import Insats
from pipeline.plan.profile import Profil

Row = tuple[Lines, ...]


def versions(w: Words, found: Compared) -> Section:
    """Every insats of both versions beside what was granted, marked as new, gone, changed or unchanged."""
    cells = _cells(w, found.before), _cells(w, found.after)
    rows = [
        ((_name(row),), (_decided(w, found, row),), *_both(w, row, group, cells))
        for row, group in zip(found.changes.insatser, found.per_insats, strict=True)
    ]
    missing = against_decision(found.after.plan).not_taken_up
    rows += [((one.rubrik,), (w("andring.beviljad"),), *_untaken(w, one, found)) for one in missing]
    return _beside(w, rows, (found.before, found.after), ())


def decision(w: Words, profil: Profil, version: Version) -> Section:
    """The plan beside its decision alone: each insats, and what was granted and nothing takes up."""
    shown = replace(version, plan=reduced(version.plan, profil))
    against, cells = against_decision(shown.plan), _cells(w, shown)
    rows: list[Row] = [
        ((insats.rubrik,), (_granted(w, shown.plan, insats),), cells[place] or (w("andring.ej_sagt"),))
        for place, insats in enumerate(shown.plan.insatser)
    ]
    rows += [((one.rubrik,), (w("andring.beviljad"),), (w("andring.tas_inte_upp"),)) for one in against.not_taken_up]
    return _beside(w, rows, (shown,), (_coverage(w, against.not_taken_up),) if against.taken_up else ())


def time(w: Words, profil: Profil, found: Compared) -> Section:
    """The minutes a week of each insats whose time differs, the sums, what is granted, and where time went."""
    tid = found.changes.tid
    rows = [(row.rubrik, (row.before, row.after)) for row in tid.per_insats if row.before != row.after]
    moves = (
        w("andring.flyttad", minuter=w.minutes(m.minutes), fran=m.source.rubrik, till=m.target.rubrik)
        for m in tid.moves
    )
    moved = (w("andring.flyttad_flera", minuter=w.minutes(tid.moved)),) if tid.moved and not tid.moves else ()
    return _time(w, profil, rows, (found.before, found.after), (*moves, *moved))


def planned_time(w: Words, profil: Profil, version: Version) -> Section:
    """The minutes a week of each insats, their sum, and what is granted."""
    rows = [(i.rubrik, (m,)) for i, m in zip(version.plan.insatser, version.sums.per_insats, strict=True)]
    return _time(w, profil, rows, (version,), ())


def _names(w: Words, versions: Sequence[Version]) -> Lines:
    return tuple(w("dokument.version", version=version.number) for version in versions)


def _beside(w: Words, rows: Sequence[Row], versions: Sequence[Version], lines: Lines) -> Section:
    """The table; without the decision's column where no decision names any insats."""
    columns = (w("andring.insats"), w("andring.beslut"), *_names(w, versions))
    if not any(version.plan.uppdrag.beviljade_insatser for version in versions):
        rows, columns = [(row[0], *row[2:]) for row in rows], (columns[0], *columns[2:])
    return Section("jamforelse", w("andring.jamforelse"), lines, tables=(Table(columns, tuple(rows)),))


def _cells(w: Words, version: Version) -> tuple[Lines, ...]:
    """When each insats is given, and its minutes a week."""
    visits = zip(version.plan.insatser, insatser.visits(w, version.plan), strict=True)
    when = (visit.when if insats.nar else None for insats, visit in visits)
    spent = (None if m is None else w("mening.per_vecka", minuter=w.minutes(m)) for m in version.sums.per_insats)
    return tuple(tuple(line for line in cell if line) for cell in zip(when, spent, strict=True))


def _name(row: Matched[Insats]) -> str:
    insats = row.after or row.before
    return insats.rubrik if insats else ""


def _decided(w: Words, found: Compared, row: Matched[Insats]) -> str:
    if row.after is not None:
        return _granted(w, found.after.plan, row.after)
    return "" if row.before is None else _granted(w, found.before.plan, row.before)


def _granted(w: Words, plan: Genomforandeplan, insats: Insats) -> str:
    granted = (one.rubrik for one in plan.uppdrag.beviljade_insatser if one.id == insats.beviljad_ref)
    return next(granted, w("andring.ej_i_beslutet"))


def _both(w: Words, row: Matched[Insats], group: Group | None, cells: tuple[Sequence[Lines], Sequence[Lines]]) -> Row:
    """The cells of the earlier and the later version; a new name is told by the old one in the earlier cell."""
    old = () if row.was is None else cells[0][row.was]
    new = () if row.now is None else cells[1][row.now]
    if row.before and row.after and row.before.rubrik != row.after.rubrik:
        old = (row.before.rubrik, *old)
    match row.kind:
        case Kind.ADDED:
            return (w("andring.fanns_inte"),), (sentence(w("andring.ord.insats_added")), *new)
        case Kind.REMOVED:
            return old, (sentence(w("andring.ord.insats_removed")),)
    if group is None:
        return old or (w("andring.ej_sagt"),), (w("andring.oforandrad"),)
    labels = ", ".join(dict.fromkeys(one.label for one in group.said))
    return old or (w("andring.ej_sagt"),), (w("andring.andrad_i", falt=labels), *new)


def _untaken(w: Words, granted: BeviljadInsats, found: Compared) -> Row:
    """What nothing takes up in the later version, and how it was in the earlier."""
    before = against_decision(found.before.plan)
    known = {one.granted.id: one for one in before.taken_up}
    if granted.id not in known:
        return (w("andring.ej_beviljad_da"),), (w("andring.tas_inte_upp"),)
    was = w("andring.togs_upp" if known[granted.id].insatser else "andring.tas_inte_upp")
    return (was,), (w("andring.tas_inte_upp"),)


def _coverage(w: Words, missing: Sequence[BeviljadInsats]) -> str:
    if not missing:
        return w("andring.allt_tas_upp")
    return w("andring.saknas", insatser=listed([one.rubrik for one in missing]))


def _time(
    w: Words,
    profil: Profil,
    insats_rows: Iterable[tuple[str, Sequence[int | None]]],
    versions: Sequence[Version],
    lines: Lines,
) -> Section:
    """The time table; empty where no version states any time."""
    heading = w("andring.tid")
    if not any(minutes for version in versions for minutes in version.sums.per_insats):
        return Section("andrad_tid", heading)
    rows: list[Row] = [((rubrik,), *((_minutes(w, m),) for m in minutes)) for rubrik, minutes in insats_rows]
    rows.append(((w("etikett.planerad_tid"),), *((_minutes(w, version.sums.planned),) for version in versions)))
    rule = profil.innehall.tid
    told = [{fact.label: fact.lines for fact in timing.against(w, v.plan, rule, v.sums)} for v in versions]
    labels = dict.fromkeys(label for facts in told for label in facts)
    rows += [((label,), *(facts.get(label, (w("andring.ej_sagt"),)) for facts in told)) for label in labels]
    table = Table((w("andring.insats"), *_names(w, versions)), tuple(rows))
    return Section("andrad_tid", heading, lines, tables=(table,))


def _minutes(w: Words, minutes: int | None) -> str:
    return w("andring.ingen_tid") if minutes is None else w.minutes(minutes)
