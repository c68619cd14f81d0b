"""Rules that no routine decides: protected identities, valid numbers, who signs, events that deadlines count from."""

from collections.abc import Iterator

from pipeline.errors import Refused
from pipeline.plan import person_id as numbers
from pipeline.plan.content import Case, Hit, Rule, blank
from pipeline.plan.deadlines import deadlines
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.slots import allowed, drawn_up_by_field, drawn_up_by_role, outcome_for
from pipeline.plan.weekdays import names_a_day

_TOLD = ("rubrik", "vad", "hur", "vem", "var", "min_delaktighet")
"""Texts of an insats that could say on which days it is given as well as `nar` does."""


def skydd(case: Case) -> Iterator[Hit]:
    """A protected identity: no address, phone, relatives or weekday pattern in the file, and an internal id."""
    person = case.file.brukare
    if person.skydd == "ingen":
        return
    if person.adress is not None:
        yield Hit("brukare.adress", "skydd_adress")
    if person.telefon is not None:
        yield Hit("brukare.telefon", "skydd_telefon")
    if person.person_id.typ != "internt":
        yield Hit("brukare.person_id.typ", "skydd_person_id")
    if isinstance(case.file, Genomforandeplan):
        yield from _protected_plan(case.file)


def _protected_plan(plan: Genomforandeplan) -> Iterator[Hit]:
    if plan.narstaende:
        yield Hit("narstaende", "skydd_narstaende")
    for i, someone in enumerate(plan.deltagare):
        if someone.roll == "narstaende":
            yield Hit(f"deltagare[{i}]", "skydd_narstaende")
    for i, insats in enumerate(plan.insatser):
        if insats.nar is not None and insats.nar.veckodagar:
            yield Hit(f"insatser[{i}].nar.veckodagar", "skydd_veckodagar")
        told = {name: getattr(insats, name) for name in _TOLD} | {"nar.text": insats.nar.text if insats.nar else None}
        for name in (name for name, text in told.items() if text is not None and names_a_day(text)):
            yield Hit(f"insatser[{i}].{name}", "skydd_veckodagar")
    for lang, text in (plan.sammanfattning or {}).items():
        if names_a_day(text):
            yield Hit(f"sammanfattning.{lang}", "skydd_veckodagar")


def person_id(case: Case) -> Iterator[Hit]:
    """A valid number of its type (Luhn, date; samordningsnummer day + 60)."""
    found = numbers.fault(case.file.brukare.person_id, today=case.today)
    if found is not None:
        yield Hit("brukare.person_id.varde", f"person_id.{found}")


def personal_id(case: Case) -> Iterator[Hit]:
    """Whoever drew the plan up, and the enhetschef, can be looked up: the middle slot and the last need a signer."""
    field, drew_up = drawn_up_by_field(case.plan), drawn_up_by_role(case.plan)
    if drew_up is None or blank(drew_up.personal_id):
        yield Hit(f"roller.{field}.personal_id", "personal_id")
    if blank(case.plan.roller.enhetschef.personal_id):
        yield Hit("roller.enhetschef.personal_id", "personal_id")


def handelse_saknas(case: Case) -> Iterator[Hit]:
    """An event that the file should carry and that a deadline counts from; each missing event is named once."""
    missing = [d.missing for d in deadlines(case.file, case.profil, case.today, case.history) if d.missing is not None]
    for path in dict.fromkeys(missing):
        yield Hit(path, f"handelse_saknas_{path.rpartition('.')[2]}")


def anledning_saknas(case: Case) -> Iterator[Hit]:
    """A reason for a missing signature is one that this routine takes, and says why where the code alone does not."""
    for i, entry in enumerate(case.plan.underskrifter):
        why = entry.anledning_saknas
        if why is None:
            continue
        try:
            allowed(case.profil, entry.roll, outcome_for(why.kod), why.kod, why.text)
        except Refused as refusal:
            yield Hit(f"underskrifter[{i}].anledning_saknas", f"fel.{refusal.code}", refusal.params)


RULES: dict[str, Rule] = {
    "skydd": skydd,
    "person_id": person_id,
    "personal_id": personal_id,
    "handelse_saknas": handelse_saknas,
    "anledning_saknas": anledning_saknas,
}
FOR_ORDERS = ("skydd", "person_id", "handelse_saknas")
"""The rules that an order is put to as well."""
