"""What is refused without being decided, how a refusal is reported, and that a hostile inbox harms nobody."""

import json
import os
import unicodedata
from pathlib import Path

import pytest

from pipeline.intake.names import LONGEST_NAME, is_id, new_id, split, time_of

from .conftest import START, Drop, sha256


def test_a_refused_file_lies_beside_its_two_reports(drop: Drop) -> None:
    drop.put("Plan för A.json", b"[1,")
    drop.rest()
    [case] = drop.journal.ids()
    assert drop.refused() == sorted(f"Plan för A.{case}.{end}" for end in ("json", "FEL.txt", "fel.json"))
    assert (drop.fel / f"Plan för A.{case}.json").read_bytes() == b"[1,"
    facts = json.loads((drop.fel / f"Plan för A.{case}.fel.json").read_bytes())
    assert (facts["outcome"], facts["case"], facts["sha256"]) == ("rejected", case, sha256(b"[1,"))
    assert facts["reasons"][0]["field"] == "insatser[0].vad"
    assert drop.claims() == []
    assert drop.waiting() == []


def test_the_report_says_field_rule_and_what_to_do_in_both_languages(drop: Drop) -> None:
    drop.put("a.json", b"[1,")
    drop.rest()
    swedish, _, english = drop.report().partition("-" * 60)
    [case] = drop.journal.ids()
    for part in (swedish, english):
        assert "insatser[0].vad" in part
        assert "schema" in part
        assert case in part
        assert sha256(b"[1,") in part
        assert "2026-11-22 10:16:42 UTC" in part
    assert "Fältet insatser[0].vad: " in swedish
    assert "Gör så här" in swedish
    assert "What to do" in english


def test_reports_and_logs_never_bear_the_senders_name(drop: Drop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    drop.put("Anna Andersson 19400101-1234.json", b"[1,")
    drop.put("Anna Andersson.pdf", b"%PDF")
    drop.rest()
    for path in drop.fel.glob("*.[Ff][Ee][Ll].*"):
        assert "Anna" not in path.read_text("utf-8")
    assert len(list(drop.fel.glob("*.fel.json"))) == 2
    assert "Anna" not in caplog.text
    assert caplog.text.count("intake.decided") == 2


def symlink(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def hard_link(path: Path) -> None:
    path.with_name(".other").write_bytes(b'{"a": 1}')
    path.hardlink_to(path.with_name(".other"))


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)


@pytest.mark.parametrize(
    ("make", "rule"),
    [(symlink, "inte_vanlig_fil"), (fifo, "inte_vanlig_fil"), (hard_link, "flera_namn"), (huge, "for_stor")],
)
def test_what_is_no_plain_file_is_moved_undecided(drop: Drop, make, rule: str) -> None:  # type: ignore[no-untyped-def]
    make(drop.inbox / "x.json")
    before = os.lstat(drop.inbox / "x.json")
    drop.rest()
    [moved] = [path for path in drop.fel.iterdir() if ".fel." not in path.name.lower()]
    assert os.lstat(moved).st_ino == before.st_ino
    facts = json.loads(next(drop.fel.glob("*.fel.json")).read_bytes())
    assert [reason["rule"] for reason in facts["reasons"]] == [rule]
    assert drop.journal.outcomes() == []
    assert drop.claims() == []


def test_other_files_are_refused_under_their_own_suffix(drop: Drop) -> None:
    drop.put("Bild.JPG", b"\xff\xd8")
    drop.put("utan ändelse", b"?")
    drop.rest()
    moved = [name for name in drop.refused() if ".fel." not in name.lower()]
    assert [name.partition(".")[0] for name in moved] == ["Bild", "utan ändelse"]
    assert moved[0].endswith(".jpg")


def test_an_empty_file_is_decided_like_any(drop: Drop) -> None:
    drop.put("tom.json", b"")
    drop.rest()
    assert drop.journal.outcomes() == ["rejected"]
    assert len(drop.refused()) == 3


def test_a_folder_is_reported_once_and_left_alone(drop: Drop) -> None:
    (drop.inbox / "Veckans planer").mkdir()
    (drop.inbox / "Veckans planer" / "plan.json").write_bytes(b'{"a": 1}')
    drop.rest()
    reports = drop.refused()
    assert len(reports) == 2
    assert drop.waiting() == ["Veckans planer"]
    again = drop.restarted()
    again.rest()
    again.rest()
    assert again.refused() == reports
    assert drop.journal.outcomes() == []


def test_nothing_in_fel_is_overwritten_or_written_through(drop: Drop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    drop.put("a.json", b"[1,")
    drop.fel.mkdir()

    def plants() -> None:
        [case] = drop.journal.ids()
        (drop.fel / f"a.{case}.json").symlink_to(outside)
        (drop.fel / f"a.{case}.FEL.txt").symlink_to(outside)

    drop.journal.committed = plants  # type: ignore[method-assign]
    drop.rest()
    [case] = drop.journal.ids()
    assert outside.read_bytes() == b"mine"
    assert (drop.fel / f"a.{case}.json").is_symlink()
    assert (drop.fel / f"a.{case}-2.json").read_bytes() == b"[1,"
    assert not (drop.fel / f"a.{case}.FEL.txt").is_symlink()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("rad\nbrytning\x07.json", "rad_brytning_"),
        ("gpj.\u202esv.json", "gpj._sv"),
        ("a:b*c?.json", "a_b_c_"),
        ("   .json", "fil"),
        ("plan.json ", "plan.json"),
        (unicodedata.normalize("NFD", "Åsa Öberg.json"), "Åsa Öberg"),
    ],
)
def test_odd_names_are_made_harmless(drop: Drop, name: str, stem: str) -> None:
    assert split(name)[0] == stem
    drop.put(name, b"[1,")
    drop.rest()
    assert len(drop.refused()) == 3
    assert all(found.startswith(f"{stem}.") for found in drop.refused())


def test_a_name_that_is_no_utf8_is_carried(drop: Drop) -> None:
    drop.put(os.fsdecode(b"\xe5sa.json"), b"[1,")
    drop.rest()
    assert len(drop.refused()) == 3
    assert all(name.startswith("_sa.") for name in drop.refused())


@pytest.mark.parametrize("sign", ["a", "å", "\U0001f474"])
def test_a_very_long_name_is_cut(drop: Drop, sign: str) -> None:
    name = sign * (250 // len(sign.encode())) + ".json"
    drop.put(name, b"[1,")
    drop.rest()
    assert len(drop.refused()) == 3
    assert all(len(found.partition(".")[0]) <= LONGEST_NAME for found in drop.refused())


def test_ids_sort_by_time_and_tell_it() -> None:
    ids = [new_id(START.replace(second=second)) for second in range(60)]
    assert ids == sorted(ids)
    assert all(is_id(case) for case in ids)
    assert [time_of(case).second for case in ids] == list(range(60))
    assert new_id(START) != new_id(START)
