"""No personal data where it does not belong, after a plan has been through everything.

What a plan says of people (names, numbers, addresses, telephones, free text) stands in the documents of outbox and,
encrypted, in the archive. It stands in no log, no file name, no trail entry, no receipt, and nowhere in the raw bytes
of the archive, the databases and the keys.
"""

import json
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, ROLES, SAMPLES, WHY, Json, ask, put, sample, today
from tests.handelser import event as of_kind

PERSONAL = (
    "brukare", "foretradare", "narstaende", "roller", "uppdrag.beslutsmal", "uppdrag.beviljade_insatser",
    "viktigt_for_mig", "viktig_information", "mal", "insatser", "delaktighet", "deltagare", "samtycken", "risker",
    "oppnar_inte_dorren", "samverkan", "uppfoljning.hur", "overlamning.transportskydd", "utforare.telefon",
)  # fmt: skip
"""The parts of a plan that are about people or in somebody's own words."""

CODES = {
    "livsomrade", "utforandesatt", "niva", "inriktning", "mal_ref", "mal_id", "insats_id", "typ", "roll", "satt",
    "beviljad_ref", "id", "skydd", "status", "metod", "omfattar", "givet_av", "form", "samtycke_id", "samtycke_ref",
    "omrade", "part", "ansvarig", "modersmal", "onskat", "per", "dygnsdel", "veckodagar", "datum", "bedomd",
    "galler_tom", "klart_senast", "overordnat", "samma_som", "titel", "relation", "ort", "rubrik", "klockslag",
}  # fmt: skip
"""Keys whose values are codes, days or words that any plan, template or word list may hold."""

LEAST = 5  # characters: shorter ones turn up by chance in a million encrypted bytes


def leaves(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in CODES:
                yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, str):
        yield value
        if key in {"namn", "fornamn", "efternamn"}:
            yield from value.split()


def part(plan: Json, path: str) -> object:
    found: object = plan
    for name in path.split("."):
        found = found.get(name, ()) if isinstance(found, dict) else ()
    return found


def secrets_of(*plans: Json) -> set[str]:
    found = {leaf for plan in plans for path in PERSONAL for leaf in leaves(part(plan, path), path)}
    numbers = {str(plan["brukare"]["person_id"]["varde"]) for plan in plans}
    for number in numbers:
        found |= {number, number[2:], f"{number[:8]}-{number[8:]}", f"{number[2:8]}-{number[8:]}"}
    return {secret for secret in found if len(secret) >= LEAST}


def forms(secret: str) -> set[bytes]:
    """The ways a text may stand in bytes."""
    escaped = json.dumps(secret)[1:-1].encode()
    return {secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-le"), escaped, _latin(secret)}


def _latin(secret: str) -> bytes:
    return secret.encode("latin-1", "replace").replace(b"?", b"\x00?")


@dataclass(frozen=True)
class Through:
    """A workspace after everything, what was logged meanwhile, and what the plans say of people."""

    home: Path
    log: str
    secrets: set[str]

    def leaks(self, data: bytes) -> list[str]:
        return sorted(secret for secret in self.secrets if any(form in data for form in forms(secret)))


@pytest.fixture(scope="module")
def through(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Through]:
    folder = tmp_path_factory.mktemp("through")
    home = Path(shutil.copytree(made, folder / "town"))
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(extra)s", defaults={"extra": ""}))
    handler.emit = lambda record: lines.append(f"{handler.format(record)} {record.__dict__}")  # type: ignore[method-assign]
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        secrets = everything(home, folder)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    yield Through(home, "\n".join(lines), secrets)


def everything(home: Path, folder: Path) -> set[str]:
    """Two plans, one signed and one waived, look-ups, refusals, events, a new version, a withdrawal."""

    def good(*words: object) -> None:
        said = ask(*words, home=home)
        assert said.code == 0, (words, said)

    def bad(*words: object) -> None:
        assert ask(*words, home=home).code != 0

    first, other = sample(), sample("lss-avstar")
    good("process", *(SAMPLES / f"{name}.json" for name in ("hemtjanst-kort", "lss-avstar", "uppdrag-utan-plan")))
    bad("process", put(folder / "trasig.json", sample(viktigt_for_mig={"Aina": "Björkqvist"})))
    bad("process", put(folder / "annan.json", sample(brukare=other["brukare"])))
    bad(
        "process", put(folder / "tecken.json", sample(plan_id="GP-TECKEN-1", viktigt_for_mig="Jag heter Björkqvist 漢"))
    )
    bad("sign", PLAN, "--role", "kontaktman")
    bad("sign", PLAN, "--role", "brukare", "--as", "Göran Björkqvist")
    event = {"schema": "handelse/1", "handelse_id": "NB-START-1", "plan_id": PLAN, "slag": "insats_paborjad"}
    good("record", put(folder / "start.json", event | {"datum": today(), "av": "nb-1042"}))
    for role in ROLES:
        good("sign", PLAN, "--role", role)
    good("handover", PLAN, "--by", "nb-1042", "--receipt", "signed")
    followed = of_kind("uppfoljning", "hemlig", today(), plan_id=PLAN, av="Berit Hemlig")
    followed["uppgifter"] |= {"deltagare": ["Torsten Tyst"], "hur_stodet_fungerar": "Trivs inte med kvällslaget."}
    good("record", put(folder / "uppfoljning.json", followed))
    bad("record", put(folder / "fel-mal.json", followed | {"handelse_id": "NB-FEL-1", "av": "194201199124 Berit"}))
    newer = sample(viktigt_for_mig="Jag vill sova länge på lördagar.", andringsorsak="Ändrade behov hos Aina")
    good("process", put(folder / "ny.json", newer))
    told = ("--text", "Bruten arm efter fallet i badrummet.")
    waive = ("--outcome", "unable", "--reason", "kan_inte_fysiskt", "--by", "nb-1042")
    good("waive", PLAN, "--role", "brukare", *waive, *told)
    good("withdraw", PLAN, "--reason", "insats_avslutad", "--by", "nb-0007")
    for words in (("find", "Björkqvist"), ("find", "--personnummer", "194201199124"), ("show", PLAN)):
        good(*words, *WHY)
    good("diff", PLAN, *WHY)
    good("get", PLAN, "--version", "1", "--out", folder / "plan.pdf", *WHY)
    good("verify", folder / "plan.pdf")
    good("doctor")
    order: Json = json.loads((SAMPLES / "uppdrag-utan-plan.json").read_text("utf-8"))
    said = {"Berit Hemlig", "Torsten Tyst", "Trivs inte med kvällslaget."}
    return secrets_of(first, other, order, newer) | said | {told[1], "Ändrade behov hos Aina", "Jag heter Björkqvist"}


def test_the_search_would_find_a_leak(through: Through) -> None:
    """Without this the others could pass by looking for nothing."""
    assert len(through.secrets) > 80
    assert {"194201199124", "420119-9124", "Björkqvist", "Lillgatan 4, lgh 1102", "0980-319211"} <= through.secrets
    for form in forms("Björkqvist"):
        assert "Björkqvist" in through.leaks(b"\x00" + form + b"\x00")
    plain = json.dumps(sample()).encode()
    assert len(through.leaks(plain)) > 50


def test_nothing_personal_is_logged(through: Through) -> None:
    assert "step." in through.log
    assert through.leaks(through.log.encode()) == []


def test_nothing_personal_is_in_a_file_name(through: Through) -> None:
    names = [path.relative_to(through.home).as_posix() for path in through.home.rglob("*")]
    assert len(names) > 30
    assert through.leaks("\n".join(names).encode()) == []


def test_nothing_personal_is_in_the_trail(through: Through) -> None:
    connection = sqlite3.connect(through.home / "archive" / "index.db")
    try:
        entries = [bytes(entry) for (entry,) in connection.execute("select entry from trail")]
        accesses = [repr(row).encode() for row in connection.execute("select * from access")]
    finally:
        connection.close()
    assert len(entries) > 20
    assert len(accesses) == 5
    assert through.leaks(b"\n".join(entries)) == []
    assert through.leaks(b"\n".join(accesses)) == []


@pytest.mark.parametrize("folder", ["archive", "keys"])
def test_nothing_personal_is_in_the_raw_bytes_kept(through: Through, folder: str) -> None:
    files = [path for path in (through.home / folder).rglob("*") if path.is_file()]
    assert files
    leaks = {path.name: found for path in files if (found := through.leaks(path.read_bytes()))}
    assert leaks == {}


def test_receipts_say_no_value(through: Through) -> None:
    receipts = sorted((through.home / "outbox").glob("*.kvitto.json"))
    assert receipts
    assert {path.name: through.leaks(path.read_bytes()) for path in receipts} == {path.name: [] for path in receipts}
