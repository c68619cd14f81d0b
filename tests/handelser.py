"""One event of every kind, with particulars that hold for the sample plan ``hemtjanst-kort``."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
YES = {"svar": "ja"}
REVIEWED = dict.fromkeys(("kunde_paverka", "tydlig", "utforbar_av_annan_personal", "enligt_uppdraget", "foljs"), YES)
JUDGED = dict.fromkeys(("aktuell", "tid", "delaktighet", "vad", "mal", "nar", "hur"), YES)
GOALS = [{"mal_id": f"M{number}", "uppnatt": "delvis"} for number in (1, 2, 3)]
ORDER = "NB-2026-2217"


@dataclass(frozen=True)
class Kind:
    """One `slag` with particulars that hold, the version it concerns, and whether an order without a plan will do."""

    told: Json
    version: int | None
    on_order: bool


KINDS = {
    "bestallning_bekraftad": Kind({}, None, True),
    "insats_paborjad": Kind({}, None, True),
    "verkstalld": Kind({}, None, True),
    "avslutad": Kind({"orsak": "Flyttar"}, None, True),
    "genomgangen": Kind({"med": "brukare"}, 1, False),
    "kommunicerad": Kind({"satt": "Muntligt vid besök"}, 1, False),
    "overlamnad": Kind({"mottagare": "brukare", "satt": "personligen"}, 1, False),
    "planerare_meddelad": Kind({}, 1, False),
    "aterkoppling_skickad": Kind({"till": "Petra Wallin"}, 1, False),
    "manadsgenomgang": Kind(REVIEWED, 1, False),
    "uppfoljning": Kind({"mal": GOALS, "ovrig_information_kontrollerad": True}, 1, False),
    "kontroll_upprattad": Kind({"finns": False, "kontakt": "Ringt enheten"}, None, True),
    "bedomning": Kind({"version": 1, "utfall": "fullstandig", **JUDGED}, 1, False),
    "drojsmal": Kind({"orsak": "Sjukhusvistelse"}, None, True),
    "avvikelse": Kind({"orsak": "Ingen plan inom en månad"}, None, True),
    "samtycke_aterkallat": Kind({"samtycke_id": "S1"}, None, False),
    "skydd_andrat": Kind({"skydd": "sekretessmarkering"}, None, True),
}
SLAG = sorted(KINDS)


def event(slag: str, number: object, datum: str, **more: Any) -> Json:
    """The event, with an id of its own; `more` says what it is about."""
    told = {"schema": "handelse/1", "handelse_id": f"NB-{slag}-{number}", "slag": slag, "datum": datum, "av": "nb-1042"}
    return told | {"uppgifter": KINDS[slag].told} | more
