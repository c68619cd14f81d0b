"""`diff`: what changed between two versions, for people and for programs; a look-up like any other."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import PLAN, WHY, Said, ask, put, run_cli, sample
from tests.cli.test_schemas import fits
from tests.plan.versions import (
    EVERYTHING,
    a_walk,
    another_goal,
    contact_moves,
    later,
    less_shopping,
    shower_on_tuesday,
)

WHY_CHANGED = "Aina vill duscha på tisdagar."


@pytest.fixture(scope="module")
def revised(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose plan has three versions: as sent, the shower moved, and much else changed."""
    home = Path(shutil.copytree(waiting, tmp_path_factory.mktemp("revised") / "town"))
    second = later(shower_on_tuesday, why=WHY_CHANGED)
    third = later(*EVERYTHING, why="Nytt beslut.")
    for number, plan in enumerate((second, third), 2):
        said = ask("process", put(home.parent / f"v{number}.json", plan), home=home)
        assert said.code == 0, said
    return home


def diff(home: Path, *words: object) -> Said:
    return fits("diff", ask("diff", PLAN, *words, *WHY, home=home))


def told(said: Said) -> dict[str, tuple[str, str]]:
    return {change["field"]: (change["kind"], change["what"]) for change in said.value["changes"]}


def test_two_versions_by_number(revised: Path) -> None:
    said = diff(revised, "--from", 1, "--to", 2)
    assert (said.value["from"], said.value["to"], said.value["reason"]) == (1, 2, WHY_CHANGED)
    assert told(said) == {
        "andringsorsak": ("added", "Därför ändrad"),
        "insatser[0].nar.text": ("changed", "Dusch: När"),
        "insatser[0].nar.veckodagar": ("changed", "Dusch: När"),
    }
    (days,) = [c for c in said.value["changes"] if c["field"].endswith("veckodagar")]
    assert (days["before"], days["after"]) == (["man", "tor"], ["tis", "tor"])
    assert said.value["summary"] == "1 insats ändrad."
    assert said.value["withheld"] == []


def test_by_default_the_two_newest(revised: Path) -> None:
    assert diff(revised).value == diff(revised, "--from", 2, "--to", 3).value
    assert diff(revised, "--to", 2).value == diff(revised, "--from", 1, "--to", 2).value
    assert diff(revised, "--from", 1).value == diff(revised, "--from", 1, "--to", 3).value


def test_insatser_time_goals_decision_and_people(revised: Path) -> None:
    said = diff(revised, "--from", 1, "--to", 3)
    assert told(said) | {
        "insatser[4]": ("added", "Promenad"),
        "insatser[3]": ("removed", "Tvätt"),
        "insatser[2].tid.minuter_per_vecka": ("changed", "Inköp: Tid"),
        "mal[2].klart_senast": ("changed", "Jag går med till affären varje vecka: Klart senast"),
        "roller.kontaktman.telefon": ("changed", "Kontaktman: Telefon"),
        "uppdrag.beviljade_insatser[2]": ("added", "Beviljat (Ledsagning)"),
        "uppdrag.beslut_id": ("changed", "Beslutet: Beslut"),
    } == told(said)
    time = said.value["time"]
    assert time["planned"] == {"before": 210, "after": 195}
    assert time["granted"] == {"before": 210, "after": 240}
    assert (time["difference"], time["moved"], time["moves"]) == (-15, 30, [])
    assert said.value["decision"] == {
        "not_taken_up": [{"id": "B3", "rubrik": "Ledsagning"}],
        "beyond": [],
        "difference": -45,
    }


def test_people_read_marks_and_words(revised: Path) -> None:
    said = run_cli("diff", PLAN, "--from", 1, *WHY, home=revised)
    assert said.code == 0
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[0] == f"{PLAN}  version 1 → version 3"
    assert lines[1] == "Därför är planen ändrad: Nytt beslut."
    assert lines[2] == (
        "2 insatser ändrade, 1 ny insats, 1 borttagen insats, 1 mål ändrat, tiden 15 minuter mindre i veckan, "
        "beslutet ändrat."
    )
    for line in ("~ Dusch – ändrad", "+ Promenad – ny", "− Tvätt – borttagen", "− Telefon 0980-319212"):
        assert line in lines
    assert "~ Planerad tid: 3 timmar 30 minuter → 3 timmar 15 minuter" in lines
    assert "Planen tar inte upp: Ledsagning." in lines


def test_the_same_content_is_no_error(revised: Path) -> None:
    said = diff(revised, "--from", 2, "--to", 2)
    assert said.value["changes"] == []
    plain = run_cli("diff", PLAN, "--from", 2, "--to", 2, *WHY, home=revised)
    assert (plain.code, len(plain.out.splitlines())) == (0, 2)
    assert "Inget är ändrat" in plain.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((PLAN, "--to", 4), "okand_version"),
        ((PLAN, "--from", 7), "okand_version"),
        ((PLAN, "--to", 1), "ingen_tidigare_version"),
        (("GP-FINNS-INTE",), "okand_plan"),
    ],
)
def test_what_is_not_there_is_a_negative_answer(revised: Path, words: tuple[object, ...], code: str) -> None:
    said = ask("diff", *words, *WHY, home=revised)
    assert (said.code, said.error) == (1, code)


def test_an_erased_version_is_told_and_not_read(revised: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(revised, tmp_path / "town"))
    connection = sqlite3.connect(home / "archive" / "index.db")
    connection.execute("update version set state = 'erased' where version = 1")
    connection.commit()
    connection.close()
    assert ask("diff", PLAN, "--from", 1, *WHY, home=home).error == "gallrad"
    assert ask("diff", PLAN, "--from", 2, *WHY, home=home).code == 0


def accesses(home: Path) -> list[tuple[str, str, str, str]]:
    connection = sqlite3.connect(home / "archive" / "index.db")
    try:
        return connection.execute("select action, purpose, criterion, plans from access order by id").fetchall()
    finally:
        connection.close()


def test_it_is_a_look_up_for_a_purpose(revised: Path) -> None:
    before = accesses(revised)
    for words in ((), ("--purpose", " ")):
        said = ask("diff", PLAN, *words, home=revised)
        assert (said.code, said.error) == (2, "andamal_saknas")
    assert accesses(revised) == before
    ask("diff", PLAN, "--purpose", "tillsyn", home=revised)
    ask("diff", PLAN, "--to", 9, "--purpose", "tillsyn", home=revised)
    ask("diff", "GP-FINNS-INTE", "--purpose", "tillsyn", home=revised)
    logged = ("diff", "tillsyn", "plan_id")
    assert accesses(revised)[len(before) :] == [
        (*logged, json.dumps([PLAN])),
        (*logged, json.dumps([PLAN])),
        (*logged, "[]"),
    ]


def test_a_version_with_a_file(revised: Path, tmp_path: Path) -> None:
    file = put(tmp_path / "utkast.json", later(shower_on_tuesday, contact_moves, why=WHY_CHANGED))
    said = fits("diff", ask("diff", PLAN, "--from", 2, "--with", file, *WHY, home=revised))
    assert (said.value["from"], said.value["to"]) == (2, None)
    assert set(told(said)) == {"roller.kontaktman.telefon"}
    said = fits("diff", ask("diff", PLAN, "--with", file, *WHY, home=revised))
    assert said.value["from"] == 3
    assert ask("diff", PLAN, "--with", file, home=revised).error == "andamal_saknas"
    assert ask("diff", PLAN, "--to", 2, "--with", file, *WHY, home=revised).error == "diff_med_fil"


def test_two_files_need_neither_workspace_nor_purpose(in_tmp: Path) -> None:
    put(in_tmp / "a.json", sample())
    put(in_tmp / "b.json", later(a_walk, less_shopping, another_goal))
    said = fits("diff", ask("diff", "a.json", "--with", "b.json"))
    assert (said.value["from"], said.value["to"]) == (None, None)
    assert said.value["time"]["moves"] == [{"from": "Inköp", "to": "Promenad", "minutes": 15}]
    assert run_cli("diff", "a.json", "--with", "b.json").out.startswith(f"{PLAN}  a.json → b.json\n")
    assert {path.name for path in in_tmp.iterdir()} == {"a.json", "b.json"}


def test_files_that_are_no_plans(in_tmp: Path) -> None:
    put(in_tmp / "a.json", sample())
    put(in_tmp / "uppdrag.json", sample("uppdrag-utan-plan"))
    put(in_tmp / "trasig.json", {"schema": "genomforandeplan/1"})
    put(in_tmp / "profil.json", sample(profil="finns_inte"))
    for name, code, error in (
        ("uppdrag.json", 1, "ingen_plan"),
        ("trasig.json", 1, "olasbar"),
        ("profil.json", 1, "profil_okand"),
        ("saknas.json", 2, "fil_gar_inte_att_lasa"),
    ):
        said = ask("diff", "a.json", "--with", name)
        assert (said.code, said.error) == (code, error)
    assert ask("diff", "a.json", "--from", 1, "--with", "a.json").error == "diff_med_fil"


def test_an_id_that_only_systems_use_is_told_apart(in_tmp: Path) -> None:
    other = sample()
    other["roller"]["kontaktman"]["personal_id"] = "nb-1077"
    put(in_tmp / "a.json", sample())
    put(in_tmp / "b.json", other)
    out = run_cli("diff", "a.json", "--with", "b.json").out
    assert "inte står i dokumentet" in out
    assert "~ Kontaktman: Personal-id: nb-1042 → nb-1077" in out


SECRETS = ("Hemliga gatan 1", "070-1111111", "Syster Lind", "måndag", "Fredag", "09:15", "man", "Hos systern")


def test_a_protected_person_is_named_by_fields_and_never_by_values(in_tmp: Path) -> None:
    other = sample("skyddad")
    other["brukare"] |= {
        "adress": {"gata": SECRETS[0], "postnr": "990 10", "ort": "Norrbro"},
        "telefon": SECRETS[1],
    }
    other["narstaende"] = [{"namn": SECRETS[2], "relation": "syster", "telefon": SECRETS[1]}]
    other["insatser"][0] |= {"var": SECRETS[7], "vad": "Stöd att planera månaden."}
    other["insatser"][0]["nar"] |= {"veckodagar": ["man"], "klockslag": SECRETS[5]}
    put(in_tmp / "a.json", sample("skyddad"))
    put(in_tmp / "b.json", other)
    for files in (("a.json", "b.json"), ("b.json", "a.json")):
        said = fits("diff", ask("diff", files[0], "--with", files[1]))
        assert set(told(said)) == {"insatser[0].vad"}
        assert said.value["withheld"] == [
            "brukare.adress", "brukare.telefon", "insatser.nar.klockslag", "insatser.nar.veckodagar", "insatser.var",
            "narstaende",
        ]  # fmt: skip
        plain = run_cli("diff", files[0], "--with", files[1]).out
        assert "~ brukare.adress" in plain
        for secret in SECRETS:
            assert f'"{secret}"' not in said.out and secret not in plain.replace("planera månaden", "")


def test_protection_that_comes_later_covers_the_earlier_version(in_tmp: Path) -> None:
    before = sample("hemtjanst-kort")
    after = sample("hemtjanst-kort")
    after["brukare"] = sample("skyddad")["brukare"]
    after["narstaende"] = []
    for insats in after["insatser"]:
        insats["nar"] = {"text": "Två gånger i veckan"}
        del insats["var"]
    put(in_tmp / "a.json", before)
    put(in_tmp / "b.json", after)
    for files in (("a.json", "b.json"), ("b.json", "a.json")):
        said = fits("diff", ask("diff", files[0], "--with", files[1]))
        plain = run_cli("diff", files[0], "--with", files[1]).out
        for secret in ("Lillgatan", "0980-3192", "Göran", "Måndag", "torsdag", "09:00", "194201199124", '"man"'):
            assert secret not in plain and secret not in said.out, secret
        assert "brukare.skydd" in said.value["withheld"]


def test_a_protection_recorded_since_covers_both_versions(revised: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(revised, tmp_path / "town"))
    connection = sqlite3.connect(home / "archive" / "index.db")
    connection.execute("update plan set protected = 1")
    connection.commit()
    connection.close()
    said = diff(home, "--from", 1)
    assert {"insatser.nar.text", "insatser.nar.veckodagar", "roller.kontaktman.telefon"} <= set(said.value["withheld"])
    plain = run_cli("diff", PLAN, "--from", 1, *WHY, home=home).out
    assert "+ Promenad – ny" in plain
    for secret in ("Måndag", "torsdag", "Söndag", '"son"', "09:00", "0980-3192", "Hemma hos"):
        assert secret not in plain and secret not in said.out, secret
