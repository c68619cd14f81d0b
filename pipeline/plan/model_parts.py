"""The objects that a plan and an order share: who it concerns, who does what, what has been granted."""

from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from pipeline.plan.model_types import (
    Datum,
    Kommunkod,
    Lista,
    Minuter,
    Omittable,
    Part,
    Text,
)

Verksamhetsomrade = Literal[
    "hemtjanst",
    "sarskilt_boende",
    "dagverksamhet",
    "korttid",
    "aldreomsorg_ovrig",
    "ifo_boendestod",
    "ifo_kontaktperson",
    "ifo_kontaktfamilj",
    "ifo_familjehem",
    "ifo_extern_placering",
    "ifo_ovrig",
    "lss_servicebostad",
    "lss_gruppbostad",
    "lss_daglig_verksamhet",
    "lss_personlig_assistans",
    "lss_ledsagning",
    "lss_ovrig",
]
Skydd = Literal["ingen", "sekretessmarkering", "skyddad_folkbokforing"]


class Kommun(Part):
    """The municipality and the board that answers for the plan."""

    kod: Kommunkod
    namn: Text
    namnd: Text
    forvaltning: Text | None = None
    finskt_forvaltningsomrade: Omittable[bool] = None


class Utforare(Part):
    """Who provides the insatser, in the municipality's own hands or privately."""

    namn: Text
    enhet: Text | None = None
    regi: Literal["egen", "privat"]
    telefon: Text | None = None


class PersonId(Part):
    """How the person is identified; whether the number is valid is `pipeline.plan.person_id`'s to say."""

    typ: Literal["personnummer", "samordningsnummer", "reservnummer", "internt"]
    varde: Text


class Adress(Part):
    """A postal address."""

    gata: Text
    postnr: Text
    ort: Text


class Sprak(Part):
    """The languages of the brukare."""

    modersmal: Text
    onskat: Text | None = None
    tolk: Omittable[bool] = None
    minoritetssprak: Text | None = None


class Brukare(Part):
    """The person the plan is for."""

    fornamn: Text | None = None
    efternamn: Text | None = None
    tilltalsnamn: Text
    person_id: PersonId
    adress: Adress | None = None
    telefon: Text | None = None
    sprak: Omittable[Sprak] = None
    kommunikation: Lista[Text] = ()
    skydd: Skydd
    kontaktvag: Text | None = None


class Roll(Part):
    """One member of staff; `benamning` is the word to show for the role, `personal_id` the key in personer.toml."""

    namn: Text | None = None
    titel: Text | None = None
    benamning: Omittable[Text] = None
    personal_id: Omittable[Text] = None
    telefon: Text | None = None
    sprak: Lista[Text] = ()


class SammaSom(Part):
    """The fast omsorgskontakt is the person who already fills another role."""

    samma_som: Literal["kontaktman", "vice_kontaktman"]


def _contact_form(value: object) -> str:
    refers = "samma_som" in value if isinstance(value, dict) else isinstance(value, SammaSom)
    return "samma_som" if refers else "roll"


Omsorgskontakt = Annotated[
    Annotated[SammaSom, Tag("samma_som")] | Annotated[Roll, Tag("roll")], Discriminator(_contact_form)
]


class BeviljadTid(Part):
    """Granted time, in minutes a week or a month; which of the two the decision states is kept as it stands."""

    typ: Literal["rambeslut", "insatsbeslut", "ej_tidsatt"]
    minuter_per_vecka: Minuter | None = None
    minuter_per_manad: Minuter | None = None


class BeviljadInsats(Part):
    """One granted insats, which the plan's insatser refer to by `beviljad_ref`."""

    id: Text
    rubrik: Text
    behov: Text | None = None


class Beslut(Part):
    """The decision and the order behind a plan: the object `uppdrag` of a plan and of an order."""

    beslut_id: Text
    beslut_datum: Datum | None = None
    bestallning_id: Text | None = None
    bestallning_bekraftad: Datum | None = None
    verkstalld: Datum | None = None
    galler_from: Datum | None = None
    galler_tom: Datum | None = None
    beslutsmal: Lista[Text] = ()
    beviljad_tid: BeviljadTid | None = None
    senaste_plan_hos_utforaren: Datum | None = None
    system: Omittable[Literal["lifecare", "procapita", "treserva", "annat"]] = None
    beviljade_insatser: Lista[BeviljadInsats] = ()
