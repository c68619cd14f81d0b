"""The insatser in words: what, how, when, by whom, where, the person's own part, and which goals each leads to."""

from pipeline.documents.lines import closed, code, each, fact, kept, listed_plain
from pipeline.documents.view import Fact, Item, Lines, Section, Visit
from pipeline.documents.words import Words, listed, number, sentence
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_plan import Frekvens, Insats, Nar
from pipeline.plan.time_sum import TimeSum


def insatser(w: Words, plan: Genomforandeplan, sums: TimeSum) -> Section:
    """Each insats under its own heading, in the order of the plan."""
    timed = zip(plan.insatser, sums.per_insats, strict=True)
    return Section("insatser", w("rubrik.insatser"), items=tuple(_insats(w, plan, i, average) for i, average in timed))


def visits(w: Words, plan: Genomforandeplan) -> tuple[Visit, ...]:
    """The overview of page 1: each insats with its days and hours."""
    return tuple(_visit(w, i) for i in plan.insatser)


def _visit(w: Words, insats: Insats) -> Visit:
    days = _short_when(w, insats.nar)
    hours = insats.nar.klockslag if insats.nar and insats.nar.veckodagar else None
    return Visit(insats.rubrik, listed_plain(days, hours), days)


def _insats(w: Words, plan: Genomforandeplan, insats: Insats, average: int | None) -> Item:
    heading = f"{insats.nummer}. {insats.rubrik}" if insats.nummer else insats.rubrik
    return Item(
        heading,
        kept(
            _goals(w, plan, insats),
            fact(w, "behov", insats.behov),
            fact(w, "vad", insats.vad),
            fact(w, "hur", insats.hur),
            fact(w, "nar", _when(w, plan, insats.nar) if insats.nar else None),
            fact(w, "vem", insats.vem),
            fact(w, "var", insats.var),
            fact(w, "min_delaktighet", insats.min_delaktighet),
            code(w, "utforandesatt", "utforandesatt", insats.utforandesatt),
            fact(w, "bemanning", w("mening.dubbelbemanning") if insats.dubbelbemanning else None),
            fact(w, "tid", _time(w, insats, average)),
            fact(w, "hor_till", _belongs(w, plan, insats)),
        ),
    )


def _goals(w: Words, plan: Genomforandeplan, insats: Insats) -> Fact | None:
    texts = [m.text for m in plan.mal if m.mal_id in insats.mal_ref]
    if insats.mal_avbojt:
        texts.append(w("mening.mal_avbojt", text=insats.mal_avbojt))
    return each(w, "mal", texts)


def _belongs(w: Words, plan: Genomforandeplan, insats: Insats) -> str | None:
    """The granted insats and the area of life that this one belongs to."""
    granted = next((b.rubrik for b in plan.uppdrag.beviljade_insatser if b.id == insats.beviljad_ref), None)
    return listed_plain(granted, w(f"kod.livsomrade.{insats.livsomrade}") if insats.livsomrade else None)


def _short_when(w: Words, nar: Nar | None) -> str:
    """Days, and how often where it is not every week; the plan's own words where no days are named."""
    if nar is None:
        return w("korthet.tid_saknas")
    if not nar.veckodagar:
        return nar.text
    named = [w(f"kod.veckodag.{d}") for d in nar.veckodagar]
    days = w("mening.varje_dag") if len(named) == 7 else listed(named, w("mening.och"))
    return sentence(f"{days} {_seldom(w, nar)}".strip().replace(" ,", ","))


def _seldom(w: Words, nar: Nar) -> str:
    """How often, only where naming the days alone would promise every week."""
    how = nar.frekvens
    if how is None or (how.per in ("vecka", "dag") and (how.varje or 1) == 1):
        return ""
    by_week = how.per in ("vecka", "2_veckor") and how.antal == len(nar.veckodagar)
    return _period(w, how) if by_week else f", {frequency(w, how)}"


def _when(w: Words, plan: Genomforandeplan, nar: Nar) -> str:
    """The plan's own words, then what they leave unsaid of days, part of the day, hours, frequency and weeks."""
    said = nar.text.casefold()
    days = [w(f"kod.veckodag.{d}") for d in nar.veckodagar]
    hours = w("mening.klockan", tid=nar.klockslag) if nar.klockslag else ""
    extra = [
        listed(days) if any(d not in said for d in days) else "",
        nar.dygnsdel if nar.dygnsdel and nar.dygnsdel.casefold() not in said else "",
        hours if nar.klockslag and nar.klockslag.casefold() not in said else "",
        frequency(w, nar.frekvens) if nar.frekvens else "",
        weeks(w, plan, nar),
    ]
    more = sentence(listed_plain(*extra))
    return f"{closed(nar.text)} {closed(more)}" if more else nar.text


def frequency(w: Words, frekvens: Frekvens) -> str:
    """How often, in plain Swedish: ``2 gånger i veckan``, ``1 gång var 3:e vecka``."""
    times = w("mening.en_gang") if frekvens.antal == 1 else w("mening.ganger", antal=frekvens.antal)
    return f"{times} {_period(w, frekvens)}"


def _period(w: Words, frekvens: Frekvens) -> str:
    return w.every(frekvens.per, frekvens.varje or 1)


def days(w: Words, plan: Genomforandeplan, nar: Nar) -> Lines:
    """The days, how often where the days alone do not say it, and which weeks; empty where the plan names none."""
    named = [w(f"kod.veckodag.{d}") for d in nar.veckodagar]
    which = w("mening.varje_dag") if len(named) == 7 else listed(named)
    how = nar.frekvens
    weekly = how is not None and how.per == "vecka" and (how.varje or 1) == 1 and how.antal == len(named)
    often = frequency(w, how) if how is not None and not weekly else ""
    return tuple(said for said in (which, often, weeks(w, plan, nar)) if said)


def weeks(w: Words, plan: Genomforandeplan, nar: Nar) -> str:
    """Which weeks of the schedule period; empty where the plan names none."""
    if not nar.veckor:
        return ""
    named = listed([str(v) for v in nar.veckor])
    if plan.schemaperiod is None:
        return w("mening.veckor", veckor=named)
    return w("mening.veckor_av", veckor=named, antal=plan.schemaperiod.veckor)


def _time(w: Words, insats: Insats, average: int | None) -> str | None:
    """How long each time and in a week, `average` minutes over the period; an insats without a set time says so."""
    untimed = w("mening.ej_tidsatt") if insats.ej_tidsatt else None
    tid = insats.tid
    if tid is None:
        return untimed
    each = (
        w("mening.per_tillfalle", minuter=w.minutes(tid.minuter_per_tillfalle)) if tid.minuter_per_tillfalle else None
    )
    often = w("mening.tillfallen", antal=number(tid.tillfallen_per_vecka)) if tid.tillfallen_per_vecka else None
    spent = sentence(listed_plain(each, often, *_weekly(w, insats, tid.minuter_per_vecka, average)))
    return f"{untimed} {spent}" if untimed else spent


def _weekly(w: Words, insats: Insats, stated: int, average: int | None) -> tuple[str, ...]:
    """The stated minutes a week, and their average where the insats is not given every week."""
    mean = w("mening.per_vecka_snitt", minuter=w.minutes(stated if average is None else average))
    if average is not None and average != stated:
        return w("mening.per_vecka_nar", minuter=w.minutes(stated)), mean
    return (w("mening.per_vecka", minuter=w.minutes(stated)),) if is_weekly(insats) else (mean,)


def is_weekly(insats: Insats) -> bool:
    """Whether the insats is given every week, so that its minutes a week are those of each."""
    nar = insats.nar
    how = nar.frekvens if nar else None
    whole = how is None or (how.per in ("dag", "vecka") and (how.varje or 1) == 1)
    return whole and not (nar and nar.veckor)
