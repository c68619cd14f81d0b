"""What a plan, an order and an event are: the three kinds of file, as frozen types.

Attribute names are exactly those of the JSON (``schema`` is `schema_`). A file is accepted exactly when its JSON Schema
in ``schemas/`` accepts it and the byte rules of `pipeline.plan.reading` hold. A key left out is None, a list left out
is ``()``. The smaller objects stand in `model_parts` (shared by plan and order), `model_plan` and `model_handelse`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pipeline.plan.model_handelse import Handelse
from pipeline.plan.model_parts import Beslut, Brukare, Kommun, Omsorgskontakt, Roll, Utforare, Verksamhetsomrade
from pipeline.plan.model_plan import (
    Anpassning,
    Delaktighet,
    Deltagare,
    Foretradare,
    Handelser,
    Insats,
    Invandning,
    Mal,
    Narstaende,
    Overlamning,
    Risk,
    Samtycke,
    Samverkan,
    Schemaperiod,
    Sekretess,
    Underskrift,
    Uppfoljning,
    ViktigInformation,
)
from pipeline.plan.model_types import Datum, FilId, Lista, Omittable, Part, ProfilNamn, Sprakkod, Text, few_keys

__all__ = ["Genomforandeplan", "Handelse", "Roller", "Uppdrag", "UppdragHandelser", "UppdragRoller"]


class Roller(Part):
    """Who does what around the person; kontaktman and enhetschef are always there."""

    kontaktman: Roll
    vice_kontaktman: Roll | None = None
    fast_omsorgskontakt: Omsorgskontakt | None = None
    enhetschef: Roll
    planerare: Roll | None = None
    handlaggare: Roll | None = None


class Genomforandeplan(Part):
    """``genomforandeplan/1``: one version of a plan as its sender wrote it."""

    schema_: Annotated[Literal["genomforandeplan/1"], Field(alias="schema")]
    plan_id: FilId
    andringsorsak: Text | None = None
    profil: ProfilNamn
    kommun: Kommun
    verksamhetsomrade: Verksamhetsomrade
    lagrum: Lista[Text] = ()
    handelser: Handelser
    utforare: Utforare
    brukare: Brukare
    anpassning: Omittable[Anpassning] = None
    foretradare: Lista[Foretradare] = ()
    narstaende: Lista[Narstaende] = ()
    roller: Roller
    uppdrag: Beslut
    viktigt_for_mig: Text | None = None
    viktig_information: Lista[ViktigInformation] = ()
    mal: Lista[Mal] = ()
    insatser: Annotated[Lista[Insats], Field(min_length=1)]
    delaktighet: Delaktighet
    deltagare: Lista[Deltagare] = ()
    samtycken: Lista[Samtycke] = ()
    risker: Lista[Risk] = ()
    oppnar_inte_dorren: Text | None = None
    samverkan: Lista[Samverkan] = ()
    uppfoljning: Uppfoljning
    sekretess: Sekretess | None = None
    invandning: Invandning | None = None
    overlamning: Overlamning | None = None
    underskrifter: Lista[Underskrift] = ()
    schemaperiod: Omittable[Schemaperiod] = None
    sammanfattning: Annotated[Omittable[Mapping[Sprakkod, Text]], BeforeValidator(few_keys)] = None


class UppdragHandelser(Part):
    """The days an order carries."""

    bestallning_mottagen: Datum | None = None
    insats_paborjad: Datum | None = None


class UppdragRoller(Part):
    """Who is already known when an order comes."""

    kontaktman: Omittable[Roll] = None
    vice_kontaktman: Roll | None = None
    fast_omsorgskontakt: Omsorgskontakt | None = None
    enhetschef: Omittable[Roll] = None
    planerare: Roll | None = None
    handlaggare: Roll | None = None


class Uppdrag(Part):
    """``uppdrag/1``: an order received, before there is a plan; it opens the plan's deadlines."""

    schema_: Annotated[Literal["uppdrag/1"], Field(alias="schema")]
    profil: ProfilNamn
    kommun: Kommun
    verksamhetsomrade: Verksamhetsomrade
    lagrum: Lista[Text] = ()
    handelser: Omittable[UppdragHandelser] = None
    utforare: Utforare
    brukare: Brukare
    roller: Omittable[UppdragRoller] = None
    uppdrag: Beslut
