"""Making and opening a workspace: what is private, what is refused, what is never made anew."""

import stat

import pytest

from pipeline.app import make_workspace, open_workspace
from pipeline.console.verification import judge
from pipeline.errors import EnvironmentFailed, Misuse
from tests.journey.conftest import PLAN_ID, START, Town, sample


def mode(path: object) -> int:
    return stat.S_IMODE(path.stat().st_mode)  # type: ignore[attr-defined]


def test_keys_are_for_nobody_else(town: Town) -> None:
    assert mode(town.home / "master.key") == 0o600
    assert {mode(town.home / name) for name in ("keys", "archive")} == {0o700}
    assert {mode(path) & 0o077 for path in (town.home / "keys").iterdir() if path.suffix in {".pem", ".db"}} == {0}


def test_a_workspace_is_never_remade(town: Town) -> None:
    with pytest.raises(Misuse) as refused:
        make_workspace(town.home, test=True, clock=lambda: START)
    assert refused.value.code == "arbetsyta_finns"


def test_a_lost_settings_file_does_not_let_init_replace_the_issuer(town: Town) -> None:
    town.ready(sample("hemtjanst-kort"))
    (town.home / "plansigill.toml").unlink()
    issuer = (town.home / "keys" / "issuing_key.pem").read_bytes()
    with pytest.raises(Misuse) as refused:
        make_workspace(town.home, test=True, clock=lambda: START)
    assert refused.value.code == "arbetsyta_finns"
    assert (town.home / "keys" / "issuing_key.pem").read_bytes() == issuer


def test_a_lost_database_is_an_error_and_not_an_empty_archive(town: Town) -> None:
    town.ready(sample("hemtjanst-kort"))
    town.tools.db.engine.dispose()
    (town.home / "archive" / "index.db").rename(town.home / "archive" / "lost.db")
    with pytest.raises(EnvironmentFailed) as failed:
        open_workspace(town.home)
    assert failed.value.code == "index_saknas"
    assert not (town.home / "archive" / "index.db").exists()


def test_another_master_key_opens_nothing(town: Town) -> None:
    (town.home / "master.key").write_bytes(bytes(32))
    with pytest.raises(Misuse) as refused:
        open_workspace(town.home)
    assert refused.value.code == "huvudnyckel_fel"


def test_without_a_time_stamp_server_nothing_is_trusted_but_all_is_judged(closed_town: Town) -> None:
    sealed = (closed_town.tools.outbox / f"{PLAN_ID}_v1.pdf").read_bytes()
    (closed_town.home / "plansigill.toml").write_text("test = false\n")
    real = open_workspace(closed_town.home, closed_town.clock)
    assert judge(real, sealed)["verdict"] == "indeterminate"
    real.db.engine.dispose()
