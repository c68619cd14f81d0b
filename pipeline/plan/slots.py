"""The three signature slots: who is asked, for what, in which words, and how a slot may end.

The table of outcomes and reason codes is the product's; what is asked of each role is the profile's.
"""

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.errors import Refused
from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Roll
from pipeline.plan.profile import Profil, RoleName, Signering

TOOK_PART = frozenset({"deltog", "deltog_delvis", "via_foretradare"})
"""The `delaktighet.status` of a person who took part, in person or through a representative."""

SIGNED, REPRESENTED, PAPER = "signed", "represented", "paper"
DECLINED, UNABLE, NOT_PARTICIPATING = "declined", "unable", "not_participating"

OUTCOME_OF_CODE = {
    "vill_inte": DECLINED,
    "instammer_inte": DECLINED,
    "saknar_eid_avbojer_papper": DECLINED,
    "annat": DECLINED,
    "kan_inte_fysiskt": UNABLE,
    "kan_inte_ta_stallning": UNABLE,
    "sprakhinder": UNABLE,
    "foretradare_ej_nadd": UNABLE,
    "avliden_avslutad": UNABLE,
    "deltog_inte": NOT_PARTICIPATING,
    "avstod": NOT_PARTICIPATING,
    "ej_tillfragad": NOT_PARTICIPATING,
}
ONLY_WHERE_VOLUNTARY = frozenset({"avstod", "ej_tillfragad"})


@dataclass(frozen=True, slots=True)
class SlotDemand:
    """What one slot asks: of whom, whether it must be signed, and the sentence the signer sees before signing."""

    role: RoleName
    required: bool
    asked: bool
    """False where the routine does not ask: the slot ends at intake and the document says why."""
    intent: str
    sentence: str
    word: str
    """The word to show for whoever fills the slot."""
    name: str | None
    personal_id: str | None
    source: str
    represented_sentence: str | None = None
    """The sentence of a representative who signs in the brukare's place."""
    opens_when: str | None = None
    """``genomgang``: the slot opens when the go-through is recorded (S1.6); None: at once."""
    not_asked_text: str | None = None


@dataclass(frozen=True, slots=True)
class EndedSlot:
    """A slot that has ended, as the document prints it."""

    role: RoleName
    outcome: str
    reason: str | None
    text: str | None
    by: str | None
    at: date | datetime | None
    scan_sha256: str | None = None
    basis: str | None = None


def slots(plan: Genomforandeplan, profil: Profil) -> tuple[SlotDemand, ...]:
    """The slots in signing order: brukare, whoever drew the plan up, enhetschef."""
    drawer = plan.handelser.upprattad_av or "kontaktman"
    words = profil.termer
    signs = profil.underskrifter
    return (
        _brukare_slot(plan, profil),
        _staff_slot(plan, "kontaktman", signs.kontaktman, drawn_up_by_role(plan), getattr(words, drawer)),
        _staff_slot(plan, "enhetschef", signs.enhetschef, plan.roller.enhetschef, words.enhetschef),
    )


def took_part(plan: Genomforandeplan) -> bool:
    """Whether the person took part, in person or through a representative (the latter: the profile's assumption)."""
    return plan.delaktighet.status in TOOK_PART


def drawn_up_by_field(plan: Genomforandeplan) -> str:
    """The key in `roller` of whoever drew the plan up and fills the middle slot.

    A socialsekreterare is the handläggare of the plan; an external provider's own staff stand as kontaktman (S2.2).
    """
    keys = {"vice_kontaktman": "vice_kontaktman", "socialsekreterare": "handlaggare"}
    return keys.get(plan.handelser.upprattad_av or "kontaktman", "kontaktman")


def drawn_up_by_role(plan: Genomforandeplan) -> Roll | None:
    """Whoever drew the plan up, or None when the plan does not say who that is."""
    roll = getattr(plan.roller, drawn_up_by_field(plan))
    return roll if isinstance(roll, Roll) else None


def _brukare_slot(plan: Genomforandeplan, profil: Profil) -> SlotDemand:
    rule = profil.underskrifter.brukare
    person = plan.brukare
    named = person.skydd == "ingen" and person.fornamn is not None and person.efternamn is not None
    asked = rule.krav != "obligatorisk_om_deltog" or took_part(plan)
    return SlotDemand(
        role="brukare",
        required=asked and rule.krav != "frivillig",
        asked=asked,
        intent=rule.avsikt,
        sentence=rule.mening,
        word=profil.termer.brukare,
        name=f"{person.fornamn} {person.efternamn}" if named else person.tilltalsnamn,
        personal_id=None,
        source=rule.kalla,
        represented_sentence=rule.mening_foretradare,
        opens_when=rule.oppnas_av,
        not_asked_text=None if asked else rule.text_ej_tillfragad,
    )


def _staff_slot(plan: Genomforandeplan, role: RoleName, rule: Signering, roll: Roll | None, word: str) -> SlotDemand:
    in_system = rule.kalla_i_system
    return SlotDemand(
        role=role,
        required=True,
        asked=True,
        intent=rule.avsikt,
        sentence=rule.mening,
        word=(roll.benamning if roll else None) or word,
        name=roll.namn if roll else None,
        personal_id=roll.personal_id if roll else None,
        source=in_system.kalla if in_system and plan.uppdrag.system == in_system.system else rule.kalla,
    )


def is_open(demand: SlotDemand, plan: Genomforandeplan, history: History | None = None) -> bool:
    """Whether what `demand` waits for has happened: the go-through, in the file or recorded later (S1.6)."""
    if demand.opens_when is None or plan.handelser.genomgangen_med_brukare is not None:
        return True
    return went_through(history, version=None)


def went_through(history: History | None, version: int | None) -> bool:
    """Whether a go-through has been recorded: for `version`, or since the latest version when None is given.

    An event that names no version counts for the version that was the latest on its day.
    """
    facts = history or History()
    latest = facts.versions[-1] if facts.versions else None
    wanted = version if version is not None else (latest.version if latest else None)
    since = latest.accepted if latest else date.min
    return any(
        event.slag == "genomgangen" and (event.version == wanted if event.version is not None else event.datum >= since)
        for event in facts.events
    )


def staff_may_adopt_alone(plan: Genomforandeplan, profil: Profil, earlier: History | None) -> bool:
    """Whether this version is a change within the decision that the staff may adopt without the brukare (S0.9).

    `earlier` holds the versions before this one; the last adopted of them has to answer the same decision.
    """
    adopted = [version for version in (earlier or History()).versions if version.adopted is not None]
    same = bool(adopted) and adopted[-1].beslut_id == plan.uppdrag.beslut_id
    return profil.omsignering.personal_ensam_inom_beslut and same


def ended_at_intake(plan: Genomforandeplan, profil: Profil) -> EndedSlot | None:
    """The brukare's slot when the file itself ends it: its `anledning_saknas`, or that the routine does not ask.

    Raises `Refused` when the file's reason is not one that the routine allows.
    """
    for entry in plan.underskrifter:
        why = entry.anledning_saknas
        if why is None:
            continue
        outcome = outcome_for(why.kod)
        allowed(profil, entry.roll, outcome, why.kod, why.text)
        return EndedSlot(entry.roll, outcome, why.kod, why.text, why.registrerad_av, why.datum)
    demand = _brukare_slot(plan, profil)
    if demand.asked:
        return None
    return EndedSlot("brukare", NOT_PARTICIPATING, "deltog_inte", demand.not_asked_text, None, None)


def outcome_for(code: str) -> str:
    """The outcome that a reason code means; raises `Refused` ``anledning_okand`` for any other code."""
    if code not in OUTCOME_OF_CODE:
        raise Refused("anledning_okand", koder=", ".join(sorted(OUTCOME_OF_CODE)))
    return OUTCOME_OF_CODE[code]


def allowed(profil: Profil, role: str, outcome: str, code: str | None, text: str | None = None) -> None:
    """Raises `Refused` unless `role`'s slot may end so: for staff only `signed`, for the brukare by the code table."""
    if role != "brukare":
        if outcome != SIGNED:
            raise Refused("utfall_bara_underskrift")
        return
    if outcome in (SIGNED, REPRESENTED, PAPER):
        if code is not None:
            raise Refused("anledning_utan_plats")
        return
    if code is None or outcome_for(code) != outcome:
        fitting = sorted(c for c, o in OUTCOME_OF_CODE.items() if o == outcome and _may_use(c, profil))
        raise Refused("anledning_passar_inte", koder=", ".join(fitting) or "-")
    if not _may_use(code, profil):
        raise Refused("anledning_bara_frivillig")
    if code == "annat" and not (text and text.strip()):
        raise Refused("anledning_kraver_text")


def _may_use(code: str, profil: Profil) -> bool:
    return code not in ONLY_WHERE_VOLUNTARY or profil.underskrifter.brukare.krav == "frivillig"
