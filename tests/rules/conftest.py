"""Builders for plans, orders and routines: a plan that no routine remarks on, to be broken on purpose."""

import copy
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.plan.check import check
from pipeline.plan.deadlines import Deadline, deadlines
from pipeline.plan.findings import Finding
from pipeline.plan.history import History
from pipeline.plan.model import Genomforandeplan, Uppdrag
from pipeline.plan.profile import Profil, parse_profile
from pipeline.plan.tasks import tasks

RUTINER = Path(__file__).parents[2] / "templates" / "rutiner"
TODAY = date(2026, 11, 22)

INSATS = {
    "insats_id": "I1",
    "rubrik": "Dusch",
    "utforandesatt": "stodjande",
    "mal_ref": ["M2"],
    "vad": "Hjälp att duscha.",
    "hur": "Ställ fram duschstolen.",
    "var": "Hemma",
    "nar": {"text": "Två gånger i veckan", "veckodagar": ["man", "tor"], "frekvens": {"antal": 2, "per": "vecka"}},
    "vem": "Kontaktman",
    "behov": "Jag orkar inte duscha själv.",
    "beviljad_ref": "B1",
    "tid": {"minuter_per_tillfalle": 30, "tillfallen_per_vecka": 2, "minuter_per_vecka": 60},
}
PLAN: dict[str, Any] = {
    "schema": "genomforandeplan/1",
    "plan_id": "GP-1",
    "profil": "omsorg_lifecare",
    "kommun": {"kod": "9901", "namn": "Norrbro kommun", "namnd": "Omsorgsnämnden"},
    "verksamhetsomrade": "hemtjanst",
    "handelser": {
        "insats_paborjad": "2026-11-02",
        "upprattad": "2026-11-12",
        "genomgangen_med_brukare": "2026-11-13",
    },
    "utforare": {"namn": "Norrbro hemtjänst", "regi": "egen"},
    "brukare": {
        "fornamn": "Aina",
        "efternamn": "Björkqvist",
        "tilltalsnamn": "Aina",
        "person_id": {"typ": "personnummer", "varde": "194201199124"},
        "skydd": "ingen",
    },
    "roller": {
        "kontaktman": {"namn": "Emma Sjöö", "personal_id": "nb-1042"},
        "vice_kontaktman": {"namn": "Yusuf Haddad", "personal_id": "nb-1077"},
        "enhetschef": {"namn": "Carina Ström", "personal_id": "nb-0007"},
        "planerare": {"namn": "Lena Ek"},
        "handlaggare": {"namn": "Petra Wallin", "personal_id": "nb-0055"},
    },
    "uppdrag": {
        "beslut_id": "BI-1",
        "verkstalld": "2026-11-02",
        "galler_tom": "2027-10-31",
        "beslutsmal": ["Bo kvar hemma."],
        "beviljad_tid": {"typ": "rambeslut", "minuter_per_vecka": 60},
        "beviljade_insatser": [{"id": "B1", "rubrik": "Personlig omvårdnad"}],
    },
    "viktigt_for_mig": "Ring på två gånger.",
    "viktig_information": [{"typ": "allergi", "text": "Tål inte parfym."}],
    "mal": [
        {"mal_id": "M1", "niva": "beslut", "text": "Jag bor kvar hemma och känner mig trygg."},
        {"mal_id": "M2", "niva": "delmal", "overordnat": "M1", "text": "Jag duschar tryggt.", "matt": "2 ggr/vecka"},
    ],
    "insatser": [INSATS],
    "delaktighet": {"status": "deltog", "beskrivning": "Vi satt vid köksbordet.", "hansyn": "Duschen flyttades."},
    "deltagare": [{"namn": "Aina Björkqvist", "roll": "brukare"}, {"namn": "Emma Sjöö", "roll": "kontaktman"}],
    "samverkan": [{"part": "halso_och_sjukvard", "hur": "Kontaktas vid behov."}],
    "uppfoljning": {"nasta": "2027-05-12", "hur": "Möte hemma."},
    "overlamning": {"satt": "personligen", "transportskydd": "Låst väska"},
}
ORDER: dict[str, Any] = {
    "schema": "uppdrag/1",
    "profil": "omsorg_lifecare",
    "kommun": PLAN["kommun"],
    "verksamhetsomrade": "hemtjanst",
    "handelser": {"bestallning_mottagen": "2026-11-16", "insats_paborjad": "2026-11-18"},
    "utforare": PLAN["utforare"],
    "brukare": PLAN["brukare"],
    "uppdrag": {"beslut_id": "BI-1", "verkstalld": "2026-11-18"},
}

_STEP = re.compile(r"[^.\[\]]+")
_MISSING = object()


def _put(tree: dict[str, Any], path: str, value: object) -> None:
    *steps, last = [int(step) if step.isdigit() else step for step in _STEP.findall(path)]
    place: Any = tree
    for step in steps:
        place = place[step]
    if value is _MISSING:
        del place[last]
    else:
        place[last] = copy.deepcopy(value)


def built(base: dict[str, Any], profil: str, edits: dict[str, object]) -> dict[str, Any]:
    tree = copy.deepcopy(base)
    tree["profil"] = profil
    for path, value in edits.items():
        _put(tree, path, value)
    return tree


@pytest.fixture(scope="session")
def routine() -> Callable[[str], Profil]:
    """The routine of that name, as it is shipped."""
    read = {path.stem: parse_profile(path.read_text("utf-8")) for path in RUTINER.glob("*.toml")}
    return read.__getitem__


@pytest.fixture(scope="session")
def plan() -> Callable[..., Genomforandeplan]:
    """A plan with nothing to remark on, with `edits` by path (``insatser[0].vad``)."""

    def make(profil: str = "omsorg_lifecare", /, **edits: object) -> Genomforandeplan:
        return Genomforandeplan.model_validate(built(PLAN, profil, edits))

    return make


@pytest.fixture(scope="session")
def order() -> Callable[..., Uppdrag]:
    def make(profil: str = "omsorg_lifecare", /, **edits: object) -> Uppdrag:
        return Uppdrag.model_validate(built(ORDER, profil, edits))

    return make


Findings = Callable[..., tuple[Finding, ...]]


@pytest.fixture(scope="session")
def findings(routine: Callable[[str], Profil]) -> Findings:
    """What the file's own routine says of it."""

    def judge(
        file: Genomforandeplan | Uppdrag,
        code: str | None = None,
        *,
        today: date = TODAY,
        history: History | None = None,
    ) -> tuple[Finding, ...]:
        found = check(file, routine(file.profil), today, history)
        return tuple(f for f in found if code in (None, f.code))

    return judge


@pytest.fixture(scope="session")
def due(routine: Callable[[str], Profil]) -> Callable[..., Deadline]:
    """The one deadline of that code that the file's own routine sets."""

    def judge(
        file: Genomforandeplan | Uppdrag, code: str, *, today: date = TODAY, history: History | None = None
    ) -> Deadline:
        (found,) = [d for d in deadlines(file, routine(file.profil), today, history) if d.code == code]
        return found

    return judge


@pytest.fixture(scope="session")
def task(routine: Callable[[str], Profil]) -> Callable[..., Deadline | None]:
    """The task of that code that the file's own routine sets, if anything has brought it."""

    def judge(
        file: Genomforandeplan | Uppdrag, code: str, *, today: date = TODAY, history: History | None = None
    ) -> Deadline | None:
        found = [d for d in tasks(file, routine(file.profil), today, history) if d.code == code]
        assert len(found) <= 1
        return found[0] if found else None

    return judge
