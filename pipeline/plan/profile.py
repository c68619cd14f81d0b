"""A routine profile: what one municipality's routine demands, as data.

A profile is a TOML file in ``templates/rutiner/``. The code knows this schema and nothing of any municipality: every
level, deadline, word and sentence is the profile's. Each rule names the requirement it comes from (``S1.13``), or ``P``
where it is the product's own. A rule that is left out means that the routine is silent. Attribute names are exactly the
TOML's. What a profile demands of the content is `profile_content`.
"""

import json
import tomllib
from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from pipeline.errors import Misuse
from pipeline.plan.model_parts import Verksamhetsomrade
from pipeline.plan.profile_content import Innehall
from pipeline.plan.profile_types import ProfilePart, Requirement, Words

UpprattadAv = Literal["kontaktman", "vice_kontaktman", "socialsekreterare", "extern_utforare"]
RoleName = Literal["brukare", "kontaktman", "enhetschef"]
Ansvarig = Literal["kontaktman", "vice_kontaktman", "enhetschef", "planerare", "handlaggare"]
"""Who has something to do, by role."""


class Kalla(ProfilePart):
    """The routine's source: its number in the requirements, its name and the days it has been in force."""

    id: Words
    namn: Words
    tillampas: Words
    giltig_from: date | None = None
    reviderad: date | None = None


class Termer(ProfilePart):
    """The municipality's own word for each person in the plan."""

    brukare: Words
    kontaktman: Words
    vice_kontaktman: Words
    socialsekreterare: Words
    extern_utforare: Words
    enhetschef: Words
    handlaggare: Words
    planerare: Words


class Upprattas(ProfilePart):
    """Who draws the plan up in some areas; no areas means all that no earlier entry names."""

    omraden: tuple[Verksamhetsomrade, ...] = ()
    regi: Literal["egen", "privat"] | None = None
    av: tuple[UpprattadAv, ...] = Field(min_length=1)
    kalla: Requirement


class Frist(ProfilePart):
    """One deadline: how long after which event, and what meets it.

    `fran` is ``insats_paborjad`` or ``verkstalld`` (days the file carries), ``mottagen`` (an order's arrival, due at
    once), ``forsegling`` (each version's own sealing) or ``faststalld`` (recurring: the latest of the adoption and the
    last event that met it). Without `antal` there is no date. `mots_av` are slag of events, or ``upprattad`` (the
    plan's own day) or ``planens_ankomst``. `tunn_plan_dagar`: so soon after its adoption a thin first plan is followed
    up. `efter_avslut`: wanted also when the insats has ended.
    """

    kod: Words
    omraden: tuple[Verksamhetsomrade, ...] = ()
    antal: int | None = Field(default=None, ge=0)
    enhet: Literal["dag", "manad"] = "dag"
    fran: Literal["insats_paborjad", "verkstalld", "mottagen", "forsegling", "faststalld"]
    mots_av: tuple[Words, ...] = Field(min_length=1)
    planens_tidigare_dag: bool = False
    vid_nytt_beslut: bool = False
    tunn_plan_dagar: int | None = Field(default=None, ge=1)
    efter_avslut: bool = False
    ansvarig: Ansvarig | None = None
    kalla: Requirement
    anm: Words | None = None

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if (self.antal is None) != (self.fran == "forsegling"):
            raise ValueError("a deadline has antal, except one counted from forsegling, which has no date")
        earlier = self.planens_tidigare_dag or self.vid_nytt_beslut or self.tunn_plan_dagar is not None
        if self.fran != "faststalld" and earlier:
            raise ValueError("only a recurring deadline (fran = faststalld) can come earlier")
        return self


class AttGora(ProfilePart):
    """Something to do that has no length of its own: what brings it, and what settles it.

    `vid` is what brings it: an order's arrival, the newest version's acceptance or sealing (from `fran_version` on), or
    what an event says: an assessment asks for a clarification, a review found a deficiency, other information was not
    checked at a follow-up, the plan was missing at the check, a day was promised at a delay, the person has got a
    protection that the file lacks, a consent was withdrawn. `mots_av` are slag of events, or ``ny_version`` or
    ``planens_ankomst``. Its date, if any, is the event's own; with `genast` it is else due on the day it came.
    """

    kod: Words
    omraden: tuple[Verksamhetsomrade, ...] = ()
    vid: Literal[
        "uppdrag_mottaget", "version_mottagen", "version_forseglad", "fortydligande", "brist", "ovrig_information",
        "plan_saknas", "drojsmal", "skydd", "samtycke",
    ]  # fmt: skip
    fran_version: int = Field(default=1, ge=1)
    mots_av: tuple[Words, ...] = Field(min_length=1)
    genast: bool = False
    efter_avslut: bool = False
    ansvarig: Ansvarig | None = None
    kalla: Requirement
    anm: Words | None = None


class KallaISystem(ProfilePart):
    """The requirement that holds when the plan is made in one system (S1.9: Lifecare)."""

    system: Literal["lifecare", "procapita", "treserva", "annat"]
    kalla: Requirement


class Signering(ProfilePart):
    """What is asked of one role's signature, and the sentence the signer sees, in the first person.

    `krav` ``obligatorisk_om_deltog`` asks only when the person took part; otherwise `text_ej_tillfragad` stands in the
    document. `oppnas_av` ``genomgang``: the slot opens when the go-through is recorded.
    """

    krav: Literal["obligatorisk", "obligatorisk_om_deltog", "frivillig"]
    avsikt: Literal["godkanner", "bekraftar_genomgang", "upprattat", "faststaller"]
    mening: Words
    mening_foretradare: Words | None = None
    oppnas_av: Literal["genomgang"] | None = None
    oppnas_kalla: Requirement | None = None
    text_ej_tillfragad: Words | None = None
    kalla: Requirement
    kalla_i_system: KallaISystem | None = None
    anm: Words | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.krav == "obligatorisk_om_deltog") != (self.text_ej_tillfragad is not None):
            raise ValueError("obligatorisk_om_deltog and text_ej_tillfragad belong together")
        if (self.oppnas_av is None) != (self.oppnas_kalla is None):
            raise ValueError("oppnas_av and oppnas_kalla belong together")
        return self


class Underskrifter(ProfilePart):
    """The three slots in signing order; only the staff may change places, the brukare is always first."""

    personal_far_byta_plats: bool
    personal_far_byta_plats_kalla: Requirement
    samma_person_far: bool = False
    """Whether one employee may fill both staff slots (P); nobody ever fills the brukare's and another."""
    brukare: Signering
    kontaktman: Signering
    enhetschef: Signering

    @model_validator(mode="after")
    def _roles(self) -> Self:
        staff = (self.kontaktman, self.enhetschef)
        if any(s.krav != "obligatorisk" or s.oppnas_av is not None for s in staff):
            raise ValueError("the staff always sign, and nothing but the order opens their slots")
        if self.brukare.mening_foretradare is None:
            raise ValueError("signering.brukare lacks mening_foretradare")
        return self


class Omsignering(ProfilePart):
    """Signing again after a change: every new version is signed anew.

    With `personal_ensam_inom_beslut` a change within the same decision may be adopted by the staff alone (S0.9).
    """

    personal_ensam_inom_beslut: bool
    kalla: Requirement


class Utskrift(ProfilePart):
    """What of the plan's data is printed; the data itself is always kept."""

    samtycken: bool
    samtycken_kalla: Requirement


class Dokument(ProfilePart):
    """A kind of document around the plan that the routine wants, and where: its folder in ``templates/``.

    `vid` narrows what brings it about; left out, all that the kind itself names. `titel` is what the routine calls it,
    where that is not the kind's own title (S3.5).
    """

    slag: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    vid: tuple[Words, ...] = ()
    omraden: tuple[Verksamhetsomrade, ...] = ()
    titel: Words | None = None
    kalla: Requirement


class Ersattning(ProfilePart):
    """What a provider is paid for a first plan judged fullständig, when the client has been away for `ny_ar` years."""

    minuter: int = Field(ge=1)
    ny_ar: int = Field(ge=1)
    kalla: Requirement


class Lagrum(ProfilePart):
    """One law reference and the days it holds; `amne` is what it is cited for, `lag` matches the plan's `lagrum`."""

    amne: Literal["medverkan", "dokumentation"]
    lag: Literal["SoL", "LSS"]
    from_: date | None = Field(default=None, alias="from")
    tom: date | None = None
    text: Words


class Profil(ProfilePart):
    """One routine, whole."""

    profil: str = Field(pattern=r"^[a-z0-9_]+$")
    kalla: Kalla
    termer: Termer
    upprattas: tuple[Upprattas, ...] = Field(min_length=1)
    innehall: Innehall
    frister: tuple[Frist, ...] = ()
    att_gora: tuple[AttGora, ...] = ()
    underskrifter: Underskrifter
    omsignering: Omsignering
    utskrift: Utskrift
    dokument: tuple[Dokument, ...] = ()
    ersattning: Ersattning | None = None
    lagrum: tuple[Lagrum, ...] = ()


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a profile holds no {type(value).__name__}")


def parse_profile(text: str) -> Profil:
    """The profile in `text` (TOML); raises `Misuse` ``profil_ogiltig`` naming the first thing that is wrong."""
    try:
        return Profil.model_validate_json(json.dumps(tomllib.loads(text), default=_iso), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Misuse("profil_ogiltig", stalle=where or "-", fel=first["msg"]) from None
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise Misuse("profil_ogiltig", stalle="-", fel=str(error)) from None


def law(profil: Profil, *, amne: str, lagrum: Iterable[str], day: date) -> tuple[str, ...]:
    """The law references for `amne` in force on `day`, for the laws that a plan's `lagrum` names (all when none)."""
    named = {word.split()[0].casefold() for word in lagrum if word.split()}
    return tuple(
        ref.text
        for ref in profil.lagrum
        if ref.amne == amne
        and (not named or ref.lag.casefold() in named)
        and (ref.from_ is None or ref.from_ <= day)
        and (ref.tom is None or day <= ref.tom)
    )


def drawn_up_by(profil: Profil, omrade: str, regi: str) -> Upprattas:
    """Who the routine has draw the plan up in an area under that regi: the first entry that names it (S2.2)."""
    for entry in profil.upprattas:
        if (not entry.omraden or omrade in entry.omraden) and entry.regi in (None, regi):
            return entry
    return profil.upprattas[-1]
