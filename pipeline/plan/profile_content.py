"""What a routine demands of a plan's content: one optional rule for each code, with its level and its source."""

from typing import Literal

from pydantic import Field

from pipeline.plan.findings import Level
from pipeline.plan.model_parts import Verksamhetsomrade
from pipeline.plan.profile_types import ProfilePart, Requirement, Words


class Krav(ProfilePart):
    """One demand: how much a breach weighs, where the demand comes from, and in which areas (none named: all)."""

    niva: Level
    kalla: Requirement
    omraden: tuple[Verksamhetsomrade, ...] = ()


class TidKrav(Krav):
    """Planned minutes a week against granted ones: a finding when over, or when not equal."""

    villkor: Literal["gap_if_over", "gap_if_not_equal"]
    tolerans_minuter: int = Field(ge=0)


class MalSmartKrav(Krav):
    """Wording to advise against in a goal: phrases anywhere, and words that say what staff do."""

    undvik: tuple[Words, ...]
    personalens_gorande: tuple[Words, ...]
    personalens_verb_forst: tuple[Words, ...]


class OverlamningKrav(Krav):
    """Planned hand-over: in person (`kalla`), and with the paper kept safe on the way (`kalla_transport`)."""

    kalla_transport: Requirement


class Innehall(ProfilePart):
    """The content table. What no routine decides (the last block) every profile has to state."""

    vad: Krav | None = None
    hur: Krav | None = None
    nar: Krav | None = None
    nar_fordelad: Krav | None = None
    var: Krav | None = None
    vem: Krav | None = None
    utforandesatt: Krav | None = None
    behov: Krav | None = None
    beviljat_tackt: Krav | None = None
    mal: Krav | None = None
    mal_uppnas: Krav | None = None
    mal_matt: Krav | None = None
    mal_smart: MalSmartKrav | None = None
    viktig_information: Krav | None = None
    viktigt_for_mig: Krav | None = None
    delaktighet: Krav | None = None
    hansyn: Krav | None = None
    deltagare: Krav | None = None
    samtycke_deltagande: Krav | None = None
    samverkan: Krav | None = None
    uppfoljning_datum: Krav | None = None
    uppfoljning_hur: Krav | None = None
    daterad: Krav | None = None
    genomgangen: Krav | None = None
    overlamning: OverlamningKrav | None = None
    planerare: Krav | None = None
    tid: TidKrav | None = None
    aktuell: Krav | None = None
    beslutsmal: Krav | None = None

    andringsorsak: Krav
    skydd: Krav
    person_id: Krav
    personal_id: Krav
    handelse_saknas: Krav
    anledning_saknas: Krav
