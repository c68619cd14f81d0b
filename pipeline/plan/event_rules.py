"""What is demanded of an event before it is recorded: of whom it speaks, of which version, and of its particulars.

`RULES` says for each `slag` whether it needs a plan and which version it concerns; `judge` puts an event to its rule
and to what is known of the plan or order that it names. A stop finding refuses the event; a gap goes with its receipt.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from pipeline.plan.findings import Finding, Level
from pipeline.plan.history import VersionFact, in_force, newest, newest_on
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.model_handelse import (
    Bedomning,
    Drojsmal,
    KontrollUpprattad,
    Manadsgenomgang,
    SamtyckeAterkallat,
    Slag,
    Svar,
    UppfoljningGjord,
)
from pipeline.plan.person_id import holds_number
from pipeline.texts import text

Concerns = Literal["whole", "newest", "newest_on", "in_force", "named"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one `slag` asks for.

    Without `needs_plan` it may stand on an order alone. `concerns` is the version it is about: none (``whole``),
    the newest, the newest on its day, the one in force on its day, or the one its `uppgifter` name. A version that is
    in force or named has been sealed; `not_sealed` is the code of the refusal when there is none.
    """

    needs_plan: bool
    concerns: Concerns
    not_sealed: str = "ej_i_kraft"


RULES: Mapping[Slag, Rule] = {
    "bestallning_bekraftad": Rule(needs_plan=False, concerns="whole"),
    "insats_paborjad": Rule(needs_plan=False, concerns="whole"),
    "verkstalld": Rule(needs_plan=False, concerns="whole"),
    "avslutad": Rule(needs_plan=False, concerns="whole"),
    "genomgangen": Rule(needs_plan=True, concerns="newest"),
    "kommunicerad": Rule(needs_plan=True, concerns="newest_on"),
    "overlamnad": Rule(needs_plan=True, concerns="in_force", not_sealed="ej_arkiverad"),
    "planerare_meddelad": Rule(needs_plan=True, concerns="newest_on"),
    "aterkoppling_skickad": Rule(needs_plan=True, concerns="newest_on"),
    "manadsgenomgang": Rule(needs_plan=True, concerns="in_force"),
    "uppfoljning": Rule(needs_plan=True, concerns="in_force"),
    "kontroll_upprattad": Rule(needs_plan=False, concerns="whole"),
    "bedomning": Rule(needs_plan=True, concerns="named", not_sealed="version_ej_forseglad"),
    "drojsmal": Rule(needs_plan=False, concerns="whole"),
    "avvikelse": Rule(needs_plan=False, concerns="whole"),
    "samtycke_aterkallat": Rule(needs_plan=True, concerns="whole"),
    "skydd_andrat": Rule(needs_plan=False, concerns="whole"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here of what the event names.

    `versions` are those of the plan, none for an order alone. `files` are what the event is held against, newest last:
    the content of the version it concerns, else of the newest, else the order; of every version for a consent.
    """

    versions: tuple[VersionFact, ...]
    files: tuple[Genomforandeplan | Uppdrag, ...]


def alone(event: Handelse, today: date) -> tuple[Finding, ...]:
    """What can be said of the event by itself: its days and who reports it."""
    return tuple(_alone(event, today))


def concerned(event: Handelse, versions: Sequence[VersionFact]) -> VersionFact | Finding | None:
    """The version the event concerns, or the stop finding that there is none; None when it concerns the whole."""
    rule = RULES[event.slag]
    if not versions and rule.needs_plan:
        return _stop("handelse_kraver_plan", "plan_id")
    match rule.concerns:
        case "whole":
            return None
        case "newest":
            return newest(versions) or _stop("plan_aterkallad", "plan_id")
        case "newest_on":
            return newest_on(versions, event.datum) or _stop("plan_aterkallad", "plan_id")
        case "in_force":
            return in_force(versions, event.datum) or _none_sealed(rule, versions)
        case "named":
            return _named(event, rule, versions)


def judge(event: Handelse, known: Known) -> tuple[Finding, ...]:
    """What the particulars of the event say against what is known of its plan or order."""
    check = _CONTENT.get(event.slag)
    return () if check is None else tuple(check(event, known))


def _none_sealed(rule: Rule, versions: Sequence[VersionFact]) -> Finding:
    if any(v.sealed is not None for v in versions):
        return _stop("handelse_fore_planen", "datum")
    return _stop(rule.not_sealed, "slag")


def _named(event: Handelse, rule: Rule, versions: Sequence[VersionFact]) -> VersionFact | Finding:
    number = cast(Bedomning, event.uppgifter).version
    found = next((v for v in versions if v.version == number), None)
    if found is None:
        return _stop("okand_version", "uppgifter.version")
    if found.sealed is None:
        return _stop(rule.not_sealed, "uppgifter.version")
    return found if found.sealed <= event.datum else _stop("handelse_fore_planen", "datum")


def _stop(code: str, field: str, source: str = "P") -> Finding:
    return _finding(Level.STOP, code, field, source)


def _finding(level: Level, code: str, field: str, source: str = "P", **params: object) -> Finding:
    told = text(f"mottagning.{code}", **params)
    return Finding(code, level, field, told.sv, source, told.en)


def _alone(event: Handelse, today: date) -> Iterator[Finding]:
    if event.datum > today:
        yield _stop("framtida_datum", "datum")
    if holds_number(event.av, today=today):
        yield _stop("av_personnummer", "av")
    match event.uppgifter:
        case UppfoljningGjord(nasta=day) if day is not None and day <= event.datum:
            yield _stop("nasta_inte_senare", "uppgifter.nasta")
        case Manadsgenomgang(atgard_senast=day) if day is not None and day < event.datum:
            yield _stop("dag_fore_handelsen", "uppgifter.atgard_senast")
        case Drojsmal(nytt_datum=day) if day is not None and day < event.datum:
            yield _stop("dag_fore_handelsen", "uppgifter.nytt_datum")
        case Bedomning() as judged:
            for key in ("senaste_insats", "senaste_plan"):
                day = getattr(judged, key)
                if isinstance(day, date) and day > event.datum:
                    yield _stop("dag_efter_handelsen", f"uppgifter.{key}")


def _follow_up(event: Handelse, known: Known) -> Iterator[Finding]:
    """The goals followed up are those of the version in force, each once (S1.10, S2.10)."""
    told, plan = cast(UppfoljningGjord, event.uppgifter), cast(Genomforandeplan, known.files[-1])
    wanted, seen = {goal.mal_id for goal in plan.mal}, set[str]()
    for i, goal in enumerate(told.mal):
        if goal.mal_id not in wanted:
            yield _stop("okant_mal", f"uppgifter.mal[{i}].mal_id")
        elif goal.mal_id in seen:
            yield _stop("mal_upprepat", f"uppgifter.mal[{i}].mal_id")
        seen.add(goal.mal_id)
    if left := len(wanted - seen):
        yield _finding(Level.GAP, "mal_ej_foljt", "uppgifter.mal", antal=left)


REVIEW = ("kunde_paverka", "tydlig", "utforbar_av_annan_personal", "enligt_uppdraget", "foljs")
"""The questions of a manadsgenomgang: the routine's four (S3.3) and whether the plan is followed (S3, purpose)."""


def _review(event: Handelse, _known: Known) -> Iterator[Finding]:
    """A deficiency says what is done about it, and by when (S3.4); the last question is not left out."""
    told = cast(Manadsgenomgang, event.uppgifter)
    answers: list[Svar | None] = [getattr(told, key) for key in REVIEW]
    if any(answer is not None and answer.svar in ("nej", "delvis") for answer in answers):
        if told.atgard is None:
            yield _finding(Level.GAP, "brist_utan_atgard", "uppgifter.atgard")
        if told.atgard_senast is None:
            yield _finding(Level.GAP, "brist_utan_dag", "uppgifter.atgard_senast")
    if told.foljs is None:
        yield _finding(Level.GAP, "foljs_ej_besvarad", "uppgifter.foljs")


def _assessment(event: Handelse, _known: Known) -> Iterator[Finding]:
    """Whoever is asked to make something clearer has to be told what."""
    told = cast(Bedomning, event.uppgifter)
    if told.utfall == "fortydligande" and told.kommentar is None:
        yield _finding(Level.GAP, "fortydligande_utan_kommentar", "uppgifter.kommentar")


def _consent(event: Handelse, known: Known) -> Iterator[Finding]:
    """The consent withdrawn is one that the plan holds, and had been given by then (S2.9)."""
    wanted = cast(SamtyckeAterkallat, event.uppgifter).samtycke_id
    plans = [file for file in known.files if isinstance(file, Genomforandeplan)]
    given = [consent.datum for plan in plans for consent in plan.samtycken if consent.samtycke_id == wanted]
    if not given:
        yield _stop("okant_samtycke", "uppgifter.samtycke_id")
    elif event.datum < min(given):
        yield _stop("samtycke_ej_givet_an", "datum")


def _check_made(event: Handelse, known: Known) -> Iterator[Finding]:
    """A plan that the handläggare has seen ought to be here."""
    if cast(KontrollUpprattad, event.uppgifter).finns and not known.versions:
        yield _finding(Level.GAP, "plan_ej_har", "uppgifter.finns")


def _began(event: Handelse, known: Known) -> Iterator[Finding]:
    """The file's own day goes before the event's: say so where they differ."""
    file = known.files[-1]
    begun = file.handelser.insats_paborjad if file.handelser is not None else None
    carried = begun if event.slag == "insats_paborjad" else file.uppdrag.verkstalld
    if carried is not None and carried != event.datum:
        yield _finding(Level.GAP, "annan_dag_i_filen", "datum")


_CONTENT: Mapping[str, Callable[[Handelse, Known], Iterator[Finding]]] = {
    "insats_paborjad": _began,
    "verkstalld": _began,
    "manadsgenomgang": _review,
    "uppfoljning": _follow_up,
    "kontroll_upprattad": _check_made,
    "bedomning": _assessment,
    "samtycke_aterkallat": _consent,
}
