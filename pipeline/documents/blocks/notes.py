"""The note for the person's own record, as text to paste: what has happened to the plan, when and by whom.

The sentences stand in the catalogue under what brought the note about (``anteckning.<vid>``), a sentence a line; one
whose particulars the file does not carry is left out. Nothing more is said than the routines ask for.
"""

from collections.abc import Callable, Iterator, Mapping
from string import Formatter

from pipeline.documents.endings import swedish_day
from pipeline.documents.facts import Facts
from pipeline.documents.people import role_name
from pipeline.documents.view import Section
from pipeline.documents.words import Words
from pipeline.plan.slots import drawn_up_by_role


def anteckning(w: Words, f: Facts) -> Section:
    """Drawn up, revised, gone through, made known, handed over, adopted or secured (S1.4, S1.7, S3.5, S4.7)."""
    later = f"anteckning.{f.vid}.senare"
    key = later if f.earlier is not None and later in w.entries else f"anteckning.{f.vid}"
    return Section("anteckning", "", lines=tuple(_sentences(w.entries.get(key, ""), _particulars(w, f))))


def _sentences(text: str, told: Mapping[str, str]) -> Iterator[str]:
    for line in text.splitlines():
        if all(told.get(name) for _text, name, *_rest in Formatter().parse(line) if name):
            yield line.format(**told)


def _particulars(w: Words, f: Facts) -> dict[str, str]:
    plan = f.plan
    drawn_up = plan.handelser.upprattad
    chief = next((s.signer for s in f.slots if s.role == "enhetschef"), None)
    told = {
        "plan_id": plan.plan_id,
        "version": str(f.version),
        "upprattad": w.day(drawn_up) if drawn_up else "",
        "upprattad_av": _author(w, f),
        "orsak": " ".join((plan.andringsorsak or "").split()),
        "faststalld": w.day(swedish_day(f.adopted)) if f.adopted else "",
        "faststalld_av": " ".join((w("kod.roll.enhetschef"), chief or "")).strip(),
        "dag": w.day(f.event.datum if f.event else f.day),
        "av": f.by or "",
    }
    return told | dict(_of_event(w, f))


def _of_event(w: Words, f: Facts) -> Iterator[tuple[str, str]]:
    """What the event says in short: its codes in words, its numbers and lines as they stand."""
    for name, value in (f.event.uppgifter if f.event else None) or ():
        if isinstance(value, str):
            yield name, w.entries.get(f"anteckning.ord.{name}.{value}", " ".join(value.split()))
        elif isinstance(value, int) and not isinstance(value, bool):
            yield name, str(value)


def _author(w: Words, f: Facts) -> str:
    who = drawn_up_by_role(f.plan)
    word = role_name(w, f.plan.handelser.upprattad_av or "kontaktman", who)
    return f"{word} {who.namn}" if who and who.namn else word


BLOCKS: Mapping[str, Callable[[Words, Facts], Section]] = {"anteckning": anteckning}
