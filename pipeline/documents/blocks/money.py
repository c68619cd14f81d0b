"""The basis for the provider's compensation (S4.8-S4.10)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import cast

from pipeline.documents.facts import Facts
from pipeline.documents.lines import fact, kept, listed_plain
from pipeline.documents.view import Section
from pipeline.documents.words import Words, number
from pipeline.plan.model_handelse import Bedomning


def ersattning(w: Words, f: Facts) -> Section:
    """Who is compensated for what: hours, month in arrears, and the answers that show the client to be new."""
    told = cast(Bedomning, f.told)
    rule = f.profil.ersattning
    if rule is None:
        return Section("ersattning", "")
    provider = f.subject.utforare
    facts = kept(
        fact(w, "utforare", listed_plain(provider.namn, provider.enhet)),
        fact(w, "timmar", w("mening.timmar", antal=number(rule.minuter / 60))),
        fact(w, "manad", month(w, f.day)),
        fact(w, "bedomd_version", w("mening.bedomd_fullstandig", version=told.version, datum=w.day(f.day))),
        fact(w, "insats_paborjad", _day(w, f.plan.handelser.insats_paborjad)),
        fact(w, "senaste_insats", _day(w, told.senaste_insats)),
        fact(w, "senaste_plan", _day(w, told.senaste_plan)),
        fact(w, "uppgift_av", f.by),
    )
    return Section("ersattning", w("rubrik.ersattning"), (w("mening.ersattning", ar=rule.ny_ar),), facts)


def month(w: Words, day: date) -> str:
    """A month in words: ``november 2026``."""
    return f"{w.months[day.month - 1]} {day.year}"


def _day(w: Words, value: object) -> str | None:
    if isinstance(value, date):
        return w.day(value)
    return w(f"kod.senaste.{value}") if value else None


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {"ersattning": ersattning}
