"""A specimen of every kind of document, from the bundled sample files and made-up events: for looking and judging.

The people, the events and the days are fictional. A new kind joins by itself; an event that brings one about needs its
particulars in `TOLD`.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.documents.bundle import templates
from pipeline.documents.facts import Facts, FileFact, SlotFact, Verdict
from pipeline.documents.kinds import Kind, kinds
from pipeline.documents.reduced import consents, reduced, reduced_order
from pipeline.plan.deadlines import Deadline, Status
from pipeline.plan.findings import Finding, Level
from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Handelse, Uppdrag
from pipeline.plan.profile import Profil, parse_profile
from pipeline.plan.reading import read_file
from pipeline.plan.slots import EndedSlot
from pipeline.plan.time_sum import time_sum

DAY = date(2026, 11, 25)
AT = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)
DIGEST = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
HOME_CARE, ORDER = "hemtjanst-kort.json", "uppdrag-utan-plan.json"

_YES, _PARTLY = {"svar": "ja"}, {"svar": "delvis", "kommentar": "Duschen görs ibland på eftermiddagen."}
TOLD: dict[str, dict[str, Any]] = {
    "avslutad": {"orsak": "Flyttar till särskilt boende."},
    "genomgangen": {"med": "brukare"},
    "kommunicerad": {"satt": "Genomgång på arbetsplatsträff."},
    "overlamnad": {"mottagare": "brukare", "satt": "personligen", "transportskydd": "Låst väska", "kvitterad": True},
    "aterkoppling_skickad": {"till": "biståndshandläggare"},
    "manadsgenomgang": {
        "kunde_paverka": _YES, "tydlig": _YES, "utforbar_av_annan_personal": _YES, "enligt_uppdraget": _YES,
        "foljs": _PARTLY, "atgard": "Planeraren lägger duschen på förmiddagen igen.",
        "atgard_senast": "2026-12-02", "ansvarig": "planerare",
    },
    "uppfoljning": {
        "mal": [
            {"mal_id": "M1", "uppnatt": "helt", "kommentar": "Känner sig trygg."},
            {"mal_id": "M2", "uppnatt": "delvis", "kommentar": "En dusch i veckan sedan september."},
            {"mal_id": "M3", "uppnatt": "nej"},
        ],
        "deltagare": ["Aina Björkqvist", "Emma Sjöö"],
        "hur_stodet_fungerar": "Stödet fungerar bra på förmiddagar.",
        "andrade_behov": "Behöver hjälp med strumpor.",
        "ovrig_information_kontrollerad": True, "handlaggare_informerad": False, "nasta": "2027-05-24",
    },
    "kontroll_upprattad": {"finns": False, "kontakt": "Enhetschefen ringdes samma dag."},
    "bedomning": {
        "version": 1, "aktuell": _YES, "tid": _YES, "delaktighet": _YES, "vad": _YES, "mal": _YES, "nar": _YES,
        "hur": _PARTLY, "utfall": "fullstandig", "senaste_insats": "ingen", "senaste_plan": "2019-03-01",
    },
    "drojsmal": {"orsak": "Personen har varit på sjukhus.", "nytt_datum": "2026-12-09"},
    "avvikelse": {"orsak": "Planen saknas en månad efter verkställigheten.", "kontakt": "Mejl till enhetschefen."},
    "samtycke_aterkallat": {"samtycke_id": "S1"},
    "skydd_andrat": {"skydd": "ingen"},
}  # fmt: skip
"""Particulars of an event of each slag that has any."""


def specimens(plan_file: str = HOME_CARE) -> Iterator[tuple[Kind, Facts]]:
    """Every kind, with facts that call for it, of the sample plan `plan_file` (or of the sample order)."""
    for kind in kinds().values():
        yield kind, facts_for(kind, plan_file)


def facts_for(kind: Kind, plan_file: str = HOME_CARE) -> Facts:
    """Facts for one kind, under the first routine that wants it."""
    routine = _routine(kind)
    return _order(routine) if cause_of(kind) == "uppdrag_mottaget" else of_plan(_plan(plan_file), routine, kind)


def cause_of(kind: Kind) -> str:
    """What brings the kind about first of all."""
    return next((vid for vid in kind.vid if vid != "begaran"), "begaran")


def of_plan(plan: Genomforandeplan, routine: Profil, kind: Kind) -> Facts:
    """Facts about a plan when what brings the kind about has happened, as a second version with everything in it."""
    about, _, which = cause_of(kind).partition(":")
    late = Deadline(which or "plan_klar", date(2026, 10, 2), date(2026, 11, 16), Status.LATE, "", "P")
    return Facts(
        subject=reduced(plan, routine),
        profil=routine,
        day=DAY,
        vid=cause_of(kind),
        test=True,
        version=2,
        content_sha256=DIGEST[::-1],
        sums=time_sum(plan),
        earlier=reduced(plan, routine),
        earlier_version=1,
        earlier_sums=time_sum(plan),
        event=_event(plan.plan_id, which) if about == "handelse" else None,
        by="Petra Wallin" if about == "handelse" else None,
        deadline=late,
        deadlines=(late,),
        findings=(Finding("viktigt_for_mig", Level.GAP, "viktigt_for_mig", "Skriv vad som är viktigt.", "S4.5", ""),),
        slots=_SLOTS,
        ended=(EndedSlot("brukare", "declined", "vill_inte", "Vill tänka över saken.", "Emma Sjöö", DAY),),
        samtycken=consents(plan, History()),
        sammanfattning={"fi": "Tässä on suunnitelma lyhyesti."},
        variant="fi" if kind.for_varje else None,
        files=(
            FileFact(1, "sealed", f"{plan.plan_id}_v1.pdf", DIGEST, date(2026, 5, 4), b"%PDF-1.7"),
            FileFact(2, "sealed", f"{plan.plan_id}_v2.pdf", DIGEST[::-1], DAY, b"%PDF-1.7"),
        ),
        sha256=DIGEST,
        sealed=AT,
        adopted=AT,
        states={1: "superseded", 2: "archived"},
        verdict=Verdict("valid", (("R1", "passed", "Filen är hel: inget har lagts till efter förseglingen."),), AT),
    )


_SLOTS = (
    SlotFact("brukare", "declined", None, AT, "vill_inte", "Vill tänka över saken.", "Emma Sjöö"),
    SlotFact("kontaktman", "signed", "Emma Sjöö", AT, None, None, None),
    SlotFact("enhetschef", "signed", "Carina Ström", AT, None, None, None),
)


def _order(routine: Profil) -> Facts:
    value = _sample(ORDER)
    if not isinstance(value, Uppdrag):
        raise TypeError(ORDER)
    return Facts(subject=reduced_order(value), profil=routine, day=DAY, test=True)


def _plan(name: str) -> Genomforandeplan:
    value = _sample(name)
    if not isinstance(value, Genomforandeplan):
        raise TypeError(name)
    return value


def _sample(name: str) -> object:
    return read_file((files("pipeline.samples") / name).read_bytes()).value


def _event(plan_id: str, slag: str) -> Handelse:
    told: dict[str, Any] = {"schema": "handelse/1", "handelse_id": "prov-1", "plan_id": plan_id, "slag": slag}
    told |= {"datum": DAY.isoformat(), "av": "prov"} | ({"uppgifter": TOLD[slag]} if slag in TOLD else {})
    value = read_file(json.dumps(told).encode()).value
    if not isinstance(value, Handelse):
        raise TypeError(slag)
    return value


def _routine(kind: Kind) -> Profil:
    return next((r for r in _routines() if any(d.slag == kind.slag for d in r.dokument)), _routines()[0])


@cache
def _routines() -> tuple[Profil, ...]:
    paths = sorted((templates() / "rutiner").glob("*.toml"))
    return tuple(parse_profile(path.read_text("utf-8")) for path in paths)
