"""Rules of the content table about the person's part: participation, consents, what matters, the go-through."""

from collections.abc import Iterator
from datetime import date

from pipeline.plan.content import Case, Hit, Rule, blank
from pipeline.plan.slots import took_part


def delaktighet(case: Case) -> Iterator[Hit]:
    """How the person took part, when they did; otherwise the status is enough."""
    if took_part(case.plan) and blank(case.plan.delaktighet.beskrivning):
        yield Hit("delaktighet.beskrivning", "delaktighet")


def hansyn(case: Case) -> Iterator[Hit]:
    """What regard was taken to the person's views and wishes, when they took part (S3.2)."""
    if took_part(case.plan) and blank(case.plan.delaktighet.hansyn):
        yield Hit("delaktighet.hansyn", "hansyn")


def deltagare(case: Case) -> Iterator[Hit]:
    """Who took part in drawing the plan up."""
    if not case.plan.deltagare:
        yield Hit("deltagare", "deltagare")


def samtycke_deltagande(case: Case) -> Iterator[Hit]:
    """Every relative or other person who took part has a consent to it that held when the plan was drawn up (S2.9)."""
    plan = case.plan
    day = plan.handelser.upprattad or case.today
    valid = _consents(case, day)
    refs: dict[str, set[str]] = {}
    places: dict[str, str] = {}
    for i, person in enumerate(plan.deltagare):
        if person.roll in ("narstaende", "annan"):
            places.setdefault(_same(person.namn), f"deltagare[{i}].samtycke_ref")
            refs.setdefault(_same(person.namn), set()).add(person.samtycke_ref or "")
    for i, relative in enumerate(plan.narstaende):
        if relative.deltog:
            places.setdefault(_same(relative.namn), f"narstaende[{i}].samtycke_ref")
        refs.setdefault(_same(relative.namn), set()).add(relative.samtycke_ref or "")
    for name, place in places.items():
        if valid.isdisjoint(refs[name]):
            yield Hit(place, "samtycke_deltagande")


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()


def _consents(case: Case, day: date) -> set[str]:
    """The consents to take part that were given, not withdrawn and not run out on `day`."""
    withdrawn = {
        str(event.uppgifter.get("samtycke_id"))
        for event in case.history.events
        if event.slag == "samtycke_aterkallat" and event.datum <= day
    }
    return {
        consent.samtycke_id
        for consent in case.plan.samtycken
        if consent.typ == "deltagande"
        and consent.datum <= day
        and (consent.aterkallat is None or consent.aterkallat > day)
        and (consent.galler_tom is None or consent.galler_tom >= day)
        and consent.samtycke_id not in withdrawn
    }


def viktig_information(case: Case) -> Iterator[Hit]:
    """At least one thing that whoever comes must know (S1.13)."""
    if not case.plan.viktig_information:
        yield Hit("viktig_information", "viktig_information")


def viktigt_for_mig(case: Case) -> Iterator[Hit]:
    """What matters to the person (S4.5)."""
    if blank(case.plan.viktigt_for_mig):
        yield Hit("viktigt_for_mig", "viktigt_for_mig")


def genomgangen(case: Case) -> Iterator[Hit]:
    """The plan has been gone through with the person, when they took part (S1.6)."""
    if took_part(case.plan) and case.plan.handelser.genomgangen_med_brukare is None:
        yield Hit("handelser.genomgangen_med_brukare", "genomgangen")


RULES: dict[str, Rule] = {
    "viktig_information": viktig_information,
    "viktigt_for_mig": viktigt_for_mig,
    "delaktighet": delaktighet,
    "hansyn": hansyn,
    "deltagare": deltagare,
    "samtycke_deltagande": samtycke_deltagande,
    "genomgangen": genomgangen,
}
