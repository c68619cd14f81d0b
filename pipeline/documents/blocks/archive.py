"""What the archive holds: the plan's versions, every file with its hash, and what verifying one of them said."""

from collections.abc import Callable, Mapping

from pipeline.documents.facts import Facts, SlotFact
from pipeline.documents.lines import day, fact, kept, listed_plain
from pipeline.documents.view import Fact, Item, Section
from pipeline.documents.words import Words, clock, grouped, sentence
from pipeline.plan.deadlines import add_months

AUTHORITY_MONTHS = 2
"""So long after an insats has ended its documents may stay with a provider (research, the municipality's own rule)."""


def avslutet(w: Words, f: Facts) -> Section:
    """When the insats ended and why, and by when the documents shall be with the authority."""
    if f.event is None:
        return Section("avslutet", "")
    facts = kept(
        day(w, "avslutad", f.event.datum),
        fact(w, "orsak", getattr(f.told, "orsak", None)),
        day(w, "till_myndigheten", add_months(f.event.datum, AUTHORITY_MONTHS)),
    )
    return Section("avslutet", w("rubrik.avslutet"), facts=facts)


def versionerna(w: Words, f: Facts) -> Section:
    """Every version of the plan and how it ended."""
    facts = tuple(
        Fact(w("dokument.version", version=version), (sentence(w(f"kod.lage.{state}")),))
        for version, state in sorted(f.states.items())
    )
    return Section("versionerna", w("rubrik.versionerna"), facts=facts)


def filerna(w: Words, f: Facts) -> Section:
    """Every file that the archive has issued, by name, day and SHA-256."""
    items = tuple(
        Item(file.name, kept(day(w, "gjord", file.made), fact(w, "kontrollsumma", grouped(file.sha256))))
        for file in f.files
    )
    return Section("filerna", w("rubrik.filerna"), (w("mening.filerna"),) if items else (), items=items)


def filen(w: Words, f: Facts) -> Section:
    """The sealed file that is judged."""
    facts = kept(
        fact(w, "plan_id", f.plan.plan_id),
        fact(w, "version", str(f.version)),
        fact(w, "forseglad", clock(w, f.sealed) if f.sealed else None),
        fact(w, "faststalld", clock(w, f.adopted) if f.adopted else None),
        fact(w, "kontrollsumma", grouped(f.sha256) if f.sha256 else None),
        fact(w, "lage", sentence(w(f"kod.lage.{f.states[f.version]}")) if f.version else None),
    )
    return Section("filen", w("rubrik.filen"), facts=facts)


def domen(w: Words, f: Facts) -> Section:
    """The verdict, and each numbered rule with its own."""
    found = f.verdict
    if found is None:
        return Section("domen", "")
    facts = tuple(Fact(rule, (w(f"kod.regel.{verdict}"), said)) for rule, verdict, said in found.rules)
    lines = (w(f"mening.dom_{found.verdict}"), w("mening.provad", tid=clock(w, found.at)))
    return Section("domen", w("rubrik.domen"), lines, facts)


def underskrifterna(w: Words, f: Facts) -> Section:
    """Who signed and when, or how the slot ended without a signature."""
    return Section("underskrifterna", w("rubrik.underskrifter"), facts=kept(*(_slot(w, slot) for slot in f.slots)))


def _slot(w: Words, slot: SlotFact) -> Fact | None:
    ended = w(f"kod.utfall.{slot.outcome}") if slot.outcome else w("mening.oppen_plats")
    why = w(f"kod.anledning.{slot.reason}") if slot.reason else None
    when = clock(w, slot.at) if slot.at else None
    lines = tuple(line for line in (listed_plain(slot.signer, when), ended, why, slot.text) if line)
    return Fact(sentence(w(f"kod.roll.{slot.role}")), lines)


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {
    "avslutet": avslutet,
    "versionerna": versionerna,
    "filerna": filerna,
    "filen": filen,
    "domen": domen,
    "underskrifterna": underskrifterna,
}
