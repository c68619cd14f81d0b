"""``handelse/1``: something that happened around a plan or an order, with the particulars its `slag` asks for."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from pipeline.plan.model_parts import Skydd
from pipeline.plan.model_types import (
    Antal,
    Datum,
    DatumEllerOrd,
    FilId,
    Lista,
    Omittable,
    Part,
    Text,
)


class Svar(Part):
    """The answer to one question of a review or an assessment."""

    svar: Literal["ja", "delvis", "nej", "ej_aktuellt"]
    kommentar: Text | None = None


class IngaUppgifter(Part):
    """An event that is its date and nothing more."""


class Avslutad(Part):
    """The insats has ended."""

    orsak: Text | None = None


class Genomgangen(Part):
    """The plan has been gone through with the person (S1.6)."""

    med: Literal["brukare", "foretradare"]
    kommentar: Text | None = None


class Kommunicerad(Part):
    """The plan has been made known, and how."""

    satt: Text


class Overlamnad(Part):
    """The signed plan has been handed over (S1.6)."""

    mottagare: Literal["brukare", "foretradare"]
    satt: Literal["personligen", "sakert_meddelande", "rekommenderat_brev"]
    transportskydd: Text | None = None
    exemplar: Omittable[Antal] = None
    kvitterad: Omittable[bool] = None
    kommentar: Text | None = None


class AterkopplingSkickad(Part):
    """The feedback has gone to the handläggare (S0.6)."""

    till: Text


class Manadsgenomgang(Part):
    """The monthly review: four questions, and whether the plan is followed (S3.1)."""

    kunde_paverka: Svar
    tydlig: Svar
    utforbar_av_annan_personal: Svar
    enligt_uppdraget: Svar
    foljs: Omittable[Svar] = None
    atgard: Text | None = None
    atgard_senast: Datum | None = None
    ansvarig: Text | None = None


class UppfoljtMal(Part):
    """How far one goal has been reached."""

    mal_id: Text
    uppnatt: Literal["helt", "delvis", "nej", "ej_aktuellt"]
    kommentar: Text | None = None


class UppfoljningGjord(Part):
    """The follow-up of a plan, goal by goal (S2.10)."""

    mal: Lista[UppfoljtMal]
    deltagare: Lista[Text] = ()
    hur_stodet_fungerar: Text | None = None
    andrade_behov: Text | None = None
    ovrig_information_kontrollerad: Omittable[bool] = None
    handlaggare_informerad: Omittable[bool] = None
    nasta: Datum | None = None


class KontrollUpprattad(Part):
    """The handläggare has looked whether the plan exists (S4.4)."""

    finns: bool
    kontakt: Text | None = None


class Bedomning(Part):
    """The handläggare's assessment of one version: seven questions and a verdict (S4.5)."""

    version: Antal
    aktuell: Svar
    tid: Svar
    delaktighet: Svar
    vad: Svar
    mal: Svar
    nar: Svar
    hur: Svar
    utfall: Literal["fullstandig", "fortydligande"]
    kommentar: Text | None = None
    senaste_insats: Omittable[DatumEllerOrd] = None
    senaste_plan: Omittable[DatumEllerOrd] = None


class Drojsmal(Part):
    """The plan is delayed, and why."""

    orsak: Text
    nytt_datum: Datum | None = None


class Avvikelse(Part):
    """A deviation to report."""

    orsak: Text
    kontakt: Text | None = None


class SamtyckeAterkallat(Part):
    """A consent has been withdrawn."""

    samtycke_id: Text


class SkyddAndrat(Part):
    """The person's protection has changed."""

    skydd: Skydd


Slag = Literal[
    "bestallning_bekraftad",
    "insats_paborjad",
    "verkstalld",
    "avslutad",
    "genomgangen",
    "kommunicerad",
    "overlamnad",
    "planerare_meddelad",
    "aterkoppling_skickad",
    "manadsgenomgang",
    "uppfoljning",
    "kontroll_upprattad",
    "bedomning",
    "drojsmal",
    "avvikelse",
    "samtycke_aterkallat",
    "skydd_andrat",
]

Uppgifter = (
    IngaUppgifter
    | Avslutad
    | Genomgangen
    | Kommunicerad
    | Overlamnad
    | AterkopplingSkickad
    | Manadsgenomgang
    | UppfoljningGjord
    | KontrollUpprattad
    | Bedomning
    | Drojsmal
    | Avvikelse
    | SamtyckeAterkallat
    | SkyddAndrat
)

_ONLY_A_DATE: dict[str, type[Part]] = dict.fromkeys(
    ("bestallning_bekraftad", "insats_paborjad", "verkstalld", "planerare_meddelad"), IngaUppgifter
)
UPPGIFTER: dict[str, type[Part]] = {
    **_ONLY_A_DATE,
    "avslutad": Avslutad,
    "genomgangen": Genomgangen,
    "kommunicerad": Kommunicerad,
    "overlamnad": Overlamnad,
    "aterkoppling_skickad": AterkopplingSkickad,
    "manadsgenomgang": Manadsgenomgang,
    "uppfoljning": UppfoljningGjord,
    "kontroll_upprattad": KontrollUpprattad,
    "bedomning": Bedomning,
    "drojsmal": Drojsmal,
    "avvikelse": Avvikelse,
    "samtycke_aterkallat": SamtyckeAterkallat,
    "skydd_andrat": SkyddAndrat,
}
"""Which particulars each `slag` carries; where all of them are optional, `uppgifter` itself may be left out."""

_LEFT_OUT: Any = object()


class Handelse(Part):
    """One event; it names the plan or the decision it belongs to, or both."""

    schema_: Annotated[Literal["handelse/1"], Field(alias="schema")]
    handelse_id: FilId
    plan_id: Omittable[FilId] = None
    beslut_id: Text | None = Field(default=_LEFT_OUT, validate_default=True)
    slag: Slag
    datum: Datum
    av: Text
    uppgifter: Uppgifter | None = Field(default=_LEFT_OUT, validate_default=True)

    @field_validator("beslut_id", mode="wrap")
    @classmethod
    def _belongs_somewhere(cls, value: object, handler: Any, info: ValidationInfo) -> str | None:
        if value is not _LEFT_OUT:
            if value is None:
                raise PydanticCustomError("null", "null is not allowed here")
            return str(handler(value))
        if info.data.get("plan_id") is None:
            raise PydanticCustomError("plan_eller_beslut", "plan_id or beslut_id is needed")
        return None

    @field_validator("uppgifter", mode="plain")
    @classmethod
    def _by_slag(cls, value: object, info: ValidationInfo) -> Part | None:
        model = UPPGIFTER.get(info.data.get("slag", ""))
        if model is None:
            return None  # the unknown slag is already an error of its own
        if value is _LEFT_OUT:
            if any(field.is_required() for field in model.model_fields.values()):
                raise PydanticCustomError("missing", "uppgifter is needed for this slag")
            return None
        return model.model_validate(value)
