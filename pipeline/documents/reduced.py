"""The plan reduced to what its document prints: by the profile's print switches and by the person's protection.

Nothing downstream sees more than this, neither the view nor the data embedded in the PDF. `PRINTED` lists every field
of the plan that some reader finds in the document; what is not listed is deliberately left out: codes that only
machines use (``kommun.kod``, ``profil``, ``system``, ``besok``), staff ids, the way a signature is wished for, how the
type was set, and summaries in other languages, which are documents of their own and never signed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Roller, Uppdrag, UppdragRoller
from pipeline.plan.model_parts import Brukare, PersonId, Roll, SammaSom
from pipeline.plan.model_plan import AnledningSaknas, Insats, Nar, Samtycke
from pipeline.plan.profile import Profil
from pipeline.plan.slots import EndedSlot
from pipeline.plan.weekdays import names_a_day

Spec = Mapping[str, "Spec | None"]

_ROLES = ("kontaktman", "vice_kontaktman", "fast_omsorgskontakt", "enhetschef", "planerare", "handlaggare")
_ROLL: Spec = dict.fromkeys(("namn", "titel", "benamning", "telefon", "sprak", "samma_som"))


def _all(*names: str) -> Spec:
    return dict.fromkeys(names)


PRINTED: Spec = {
    **_all("schema", "plan_id", "andringsorsak", "verksamhetsomrade", "lagrum", "viktigt_for_mig"),
    **_all("oppnar_inte_dorren"),
    "kommun": _all("namn", "namnd", "forvaltning"),
    "handelser": _all("insats_paborjad", "upprattad", "genomgangen_med_brukare", "upprattad_av"),
    "utforare": _all("namn", "enhet", "regi", "telefon"),
    "brukare": {
        **_all("fornamn", "efternamn", "tilltalsnamn", "telefon", "kommunikation", "kontaktvag"),
        "person_id": _all("typ", "varde"),
        "adress": _all("gata", "postnr", "ort"),
        "sprak": _all("modersmal", "onskat", "tolk", "minoritetssprak"),
    },
    "anpassning": _all("bildstod"),
    "foretradare": _all(
        "namn", "roll", "omfattning", "tradd_i_kraft", "underlag", "far_ta_del", "far_underteckna", "anm"
    ),
    "narstaende": _all("namn", "relation", "telefon", "deltog"),
    "roller": dict.fromkeys(_ROLES, _ROLL),
    "uppdrag": {
        **_all("beslut_id", "beslut_datum", "bestallning_id", "verkstalld", "galler_from", "galler_tom", "beslutsmal"),
        "beviljad_tid": _all("typ", "minuter_per_vecka", "minuter_per_manad"),
        "beviljade_insatser": _all("id", "rubrik", "behov"),
    },
    "viktig_information": _all("typ", "text"),
    "mal": _all("mal_id", "niva", "overordnat", "text", "inriktning", "matt", "klart_senast", "nulage"),
    "insatser": {
        **_all("insats_id", "nummer", "rubrik", "livsomrade", "utforandesatt", "mal_ref", "mal_avbojt", "vad", "hur"),
        **_all("var", "vem", "min_delaktighet", "beviljad_ref", "behov", "ej_tidsatt", "dubbelbemanning"),
        "nar": {
            **_all("text", "veckodagar", "klockslag", "dygnsdel", "veckor"),
            "frekvens": _all("antal", "per", "varje"),
        },
        "tid": _all("minuter_per_tillfalle", "tillfallen_per_vecka", "minuter_per_vecka"),
    },
    "delaktighet": _all("status", "metod", "beskrivning", "hansyn"),
    "deltagare": _all("namn", "roll", "satt"),
    "samtycken": _all(
        "samtycke_id", "typ", "till", "omfattar", "givet_av", "form", "datum", "galler_tom", "aterkallat"
    ),
    "risker": _all("omrade", "beskrivning", "atgard", "ansvarig", "bedomd"),
    "samverkan": _all("part", "vem", "hur"),
    "uppfoljning": _all("nasta", "hur", "intervall_manader", "manadsgenomgang"),
    "sekretess": _all("lagrum", "myndighet", "datum"),
    "invandning": _all("finns", "text", "datum", "noterad_av"),
    "overlamning": _all("satt", "mottagare", "planerad", "transportskydd"),
    "underskrifter": {
        "roll": None,
        "anledning_saknas": _all("kod", "text", "registrerad_av", "datum", "erbjuden_antal_ganger"),
    },
    "schemaperiod": _all("veckor"),
}

LINKS = frozenset({"schema", "mal_id", "insats_id", "samtycke_id", "id", "overordnat", "mal_ref", "beviljad_ref"})
"""Keys that tie the embedded data together; the document prints what they point at instead."""


def reduced(plan: Genomforandeplan, profil: Profil, ended: tuple[EndedSlot, ...] = ()) -> Genomforandeplan:
    """The plan without what the profile's print switches, the person's protection and the outcomes take away."""
    consents = plan.samtycken if profil.utskrift.samtycken else ()
    signatures = tuple(u for u in plan.underskrifter if u.anledning_saknas and _is_outcome(u.anledning_saknas, ended))
    insatser = tuple(_said_once(i) for i in plan.insatser)
    objection = plan.invandning if plan.invandning and plan.invandning.finns is not False else None
    shown = plan.model_copy(
        update={
            "samtycken": consents,
            "underskrifter": signatures,
            "insatser": insatser,
            "invandning": objection,
            "sammanfattning": None,
        }
    )
    return shown if plan.brukare.skydd == "ingen" else _protected(shown)


def _said_once(insats: Insats) -> Insats:
    """Without `tillfallen_per_vecka` where `frekvens` says the same in words a person uses."""
    if insats.tid is None or insats.nar is None or insats.nar.frekvens is None:
        return insats
    return insats.model_copy(update={"tid": insats.tid.model_copy(update={"tillfallen_per_vecka": None})})


def _is_outcome(reason: AnledningSaknas, ended: tuple[EndedSlot, ...]) -> bool:
    """Whether the file's own reason is how the brukare's slot ended; a later outcome replaces it."""
    return any(e.role == "brukare" and e.reason == reason.kod and e.by == reason.registrerad_av for e in ended)


def _protected(plan: Genomforandeplan) -> Genomforandeplan:
    """Without address, telephone, relatives, places and weekly pattern (OSL 21 kap. 3 §)."""
    return plan.model_copy(
        update={
            "brukare": _protected_person(plan),
            "utforare": plan.utforare.model_copy(update={"telefon": None}),
            "narstaende": (),
            "foretradare": tuple(f for f in plan.foretradare if f.roll != "vardnadshavare"),
            "deltagare": tuple(d for d in plan.deltagare if d.roll not in ("narstaende", "annan")),
            "samtycken": (),
            "roller": plan.roller.model_copy(update=_without_phones(plan.roller)),
            "insatser": tuple(
                i.model_copy(
                    update={
                        "var": None,
                        "nar": _without_days(i.nar),
                    }
                )
                for i in plan.insatser
            ),
        }
    )


def _without_days(nar: Nar | None) -> Nar | None:
    """How often, without days and hours; nothing where the plan's own words name a day."""
    if nar is None or names_a_day(nar.text):
        return None
    return nar.model_copy(update={"veckodagar": (), "klockslag": None, "dygnsdel": None})


def _protected_person(plan: Genomforandeplan) -> Brukare:
    person_id = plan.brukare.person_id
    if person_id.typ != "internt":
        person_id = PersonId(typ="internt", varde=plan.plan_id)
    return plan.brukare.model_copy(update={"adress": None, "telefon": None, "person_id": person_id})


def reduced_order(order: Uppdrag) -> Uppdrag:
    """An order as a document may print it: a protected person without address, telephone and number."""
    person = order.brukare
    if person.skydd == "ingen":
        return order
    internal = person.person_id
    if internal.typ != "internt":
        internal = PersonId(typ="internt", varde=order.uppdrag.beslut_id)
    provider = order.utforare.model_copy(update={"telefon": None})
    hidden = person.model_copy(update={"adress": None, "telefon": None, "person_id": internal})
    roles = order.roller and order.roller.model_copy(update=_without_phones(order.roller))
    return order.model_copy(update={"brukare": hidden, "utforare": provider, "roller": roles})


def _without_phones(roller: Roller | UppdragRoller) -> dict[str, Roll | SammaSom | None]:
    roles = {name: getattr(roller, name) for name in type(roller).model_fields}
    return {n: r.model_copy(update={"telefon": None}) if isinstance(r, Roll) else r for n, r in roles.items()}


def consents(plan: Genomforandeplan, history: History) -> tuple[Samtycke, ...]:
    """The plan's consents with those withdrawn by an event; none of a protected person's, which name relatives."""
    if plan.brukare.skydd != "ingen":
        return ()
    withdrawn = {e.uppgifter.get("samtycke_id"): e.datum for e in history.events if e.slag == "samtycke_aterkallat"}
    return tuple(
        s.model_copy(update={"aterkallat": s.aterkallat or withdrawn.get(s.samtycke_id)}) for s in plan.samtycken
    )


def printed(plan: Genomforandeplan, profil: Profil, ended: tuple[EndedSlot, ...] = ()) -> dict[str, Any]:
    """The reduced plan as JSON values: what the document prints and what is embedded in it."""
    dump = reduced(plan, profil, ended).model_dump(mode="json", by_alias=True)
    kept: dict[str, Any] = _keep(dump, PRINTED)
    return kept


def _keep(value: Any, spec: Spec | None) -> Any:
    if isinstance(value, list):
        return [_keep(item, spec) for item in value]
    if spec is None or not isinstance(value, dict):
        return value
    kept = {key: _keep(value[key], inner) for key, inner in spec.items() if key in value}
    return {key: item for key, item in kept.items() if item not in (None, [], {})}


def fields(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON values with its path, such as ``insatser[2].nar.text``."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from fields(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from fields(item, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value


def texts(plan: Genomforandeplan, profil: Profil, ended: tuple[EndedSlot, ...]) -> Iterator[tuple[str, str]]:
    """Every text that the document prints of the plan and of how slots ended, with its field."""
    yield from fields(printed(plan, profil, ended))
    for slot in ended:
        for name, value in (("text", slot.text), ("registrerad_av", slot.by), ("underlag", slot.basis)):
            if value:
                yield f"underskrifter.{slot.role}.{name}", value
