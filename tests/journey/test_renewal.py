"""Proof that is kept alive: archive time stamps are renewed before they end, and everything before stays valid."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from pipeline import acts
from pipeline.app import open_workspace
from pipeline.archive import lookup
from pipeline.casework.tools import Tools
from pipeline.console import renewing
from pipeline.console.verification import judge as our_judge
from pipeline.errors import EnvironmentFailed, Misuse, Refused
from pipeline.renewals import renew_due, renewals
from pipeline.standing import due, everything
from pipeline.store import rows
from pipeline.store import tables as t
from signatures.authority import create_issuer
from signatures.issuer import Issuer
from signatures.tsa import LocalTimestamper
from tests.journey.conftest import START, Town, sample
from tests.plugins.judge_process import Judge

PLAN = "hemtjanst-kort"


def later(town: Town, **span: float) -> Tools:
    """The workspace opened again when so much time has passed, as a daemon started then would open it."""
    moment = START + timedelta(**span)
    return open_workspace(town.home, lambda: moment)


@pytest.fixture
def town(new_town: Callable[..., Town], closed_once: Path) -> Town:
    return new_town(of=closed_once, now=START + timedelta(days=1))


@pytest.fixture
def sealed() -> str:
    return str(sample(PLAN)["plan_id"])


def issued(tools: Tools, plan_id: str, version: int = 1) -> list[rows.FileRow]:
    with tools.db.read() as conn:
        v = rows.version_row(conn, plan_id, version)
        assert v is not None
        return list(rows.files_of(conn, v, *rows.ISSUED))


def test_a_file_that_says_until_no_time_is_judged_anew_and_holds_up_no_other(town: Town, sealed: str) -> None:
    (before,) = renewals(town.tools)
    with town.tools.db.write() as conn:
        conn.execute(t.file.update().where(t.file.c.plan_id == sealed).values(holds_until="x"))
    assert renewals(town.tools) == (before,)


def test_a_file_says_until_when_it_holds_and_is_left_alone_until_then(town: Town, sealed: str) -> None:
    (each,) = renewals(town.tools)
    ends = datetime.fromisoformat(each.holds_until)
    assert ends.year == START.year + 10  # the time-stamp unit's own end
    assert each.due == (ends - timedelta(days=365)).date()
    assert renew_due(town.tools) == ()
    assert renewing.renew(town.home, None).values == [{"results": []}]


def test_renewed_it_is_valid_when_an_unrenewed_one_can_no_longer_be_judged(
    town: Town, sealed: str, judge: Judge
) -> None:
    (before,) = issued(town.tools, sealed)
    old = town.tools.read(before)
    tools = later(town, days=9.5 * 365)
    told = [d for d in due(tools) if d["code"] == "fornyelse"]
    assert [(d["plan_id"], d["status"]) for d in told] == [(sealed, "late")]
    assert len(renew_due(tools)) == 1
    acts.rest(tools, sealed)
    first, second = issued(tools, sealed)
    new = tools.read(second)
    assert (first.sha256, second.kind, second.revision) == (before.sha256, "renewed", before.revision + 1)
    assert new.startswith(old)  # nothing before was touched
    assert judge.pdf(new)["passed"]
    assert [d for d in due(tools) if d["code"] == "fornyelse"] == []
    assert renew_due(tools) == ()

    after = later(town, days=12 * 365)
    assert our_judge(after, new)["verdict"] == "valid"
    assert our_judge(after, old)["verdict"] == "indeterminate"
    archive = our_judge(tools, old)
    assert archive["verdict"] == "valid"
    assert archive["archive"]["newer_revision"] == second.revision  # type: ignore[index]
    assert our_judge(tools, new[:-1])["verdict"] == "invalid"


def test_a_renewed_file_takes_the_place_of_the_one_before(town: Town, sealed: str) -> None:
    tools = later(town, days=9.5 * 365)
    renew_due(tools)
    acts.rest(tools, sealed)
    new = issued(tools, sealed)[-1]
    got = lookup.get(tools, sealed, lookup.Access("prov", tools.now()))
    assert (got.sha256, got.kind) == (new.sha256, "renewed")
    with tools.db.read() as conn:
        (v,) = rows.versions(conn, sealed)
        assert v.state == "archived"
        types = [row.type for row in conn.execute(t.trail.select().where(t.trail.c.plan_id == sealed))]
        assert types.count("renewed") == 1
    assert new.ocfl_path is not None
    files = everything(tools, sealed, (v,))["versions"][0]["files"]  # type: ignore[index]
    assert [f["kind"] for f in files][-2:] == ["sealed", "renewed"]


def test_a_version_that_was_superseded_after_it_was_sealed_is_renewed_too(town: Town, sealed: str) -> None:
    other = sample(PLAN, andringsorsak="Ändrad tid.")
    town.ready(other)
    town.sign_all(sealed)
    tools = later(town, days=9.5 * 365)
    assert {(r.version.version, r.version.state) for r in renew_due(tools)} == {(1, "superseded"), (2, "archived")}
    acts.rest(tools, sealed)
    assert [len(issued(tools, sealed, number)) for number in (1, 2)] == [2, 2]


def test_without_a_time_stamp_server_it_waits_visibly_and_nothing_is_lost(town: Town, sealed: str) -> None:
    config = "test = true\n[timestamp]\nurl = 'http://127.0.0.1:9/tsa'\nroots = 'keys/root_cert.pem'\n"
    (town.home / "plansigill.toml").write_text(config, "utf-8")
    tools = later(town, days=9.5 * 365)
    renew_due(tools)
    with pytest.raises(EnvironmentFailed) as failure:
        acts.rest(tools, sealed)
    assert failure.value.code == "tidsstampel_onabar"
    assert len(issued(tools, sealed)) == 1
    with tools.db.read() as conn:
        waiting = [(s["kind"], s["error_code"]) for s in rows.waiting_steps(conn, sealed)]
    assert waiting == [("renew", "tidsstampel_onabar")]
    (town.home / "plansigill.toml").write_text("test = true\n", "utf-8")
    again = later(town, days=9.5 * 365 + 1)
    acts.rest(again, sealed)
    assert [f.kind for f in issued(again, sealed)] == ["sealed", "renewed"]


def test_a_time_stamp_that_lasts_no_longer_is_not_kept(town: Town, sealed: str) -> None:
    (each,) = renewals(town.tools, sealed)
    answer = renewing.renew(town.home, sealed)  # the same unit: nothing is won
    assert (answer.exit_code, answer.values[0]["results"][0]["outcome"]) == (1, "failed")  # type: ignore[index]
    assert [f.sha256 for f in issued(town.tools, sealed)] == [each.file.sha256]


def test_files_sealed_before_that_was_noted_are_judged_once(town: Town, sealed: str) -> None:
    with town.tools.db.write() as conn:
        conn.execute(t.file.update().values(holds_until=None))
    (each,) = renewals(town.tools)
    assert each.holds_until.startswith(str(START.year + 10))


def fallen(town: Town, algorithm: str, day: str) -> None:
    told = f'test = true\n[[renewal.weakened]]\nalgorithm = "{algorithm}"\nfrom = {day}\n'
    (town.home / "plansigill.toml").write_text(told, "utf-8")


@cache
def longer() -> Issuer:
    """Another root with its time-stamp unit, which has RSA-3136, whose certificate ends before the workspace's own."""
    key = rsa.generate_private_key(65537, 3136)
    with patch("signatures.authority.generate_key", lambda: key):
        return Issuer.load(
            create_issuer(START - timedelta(days=30), "Ny stämpel", test=True, passphrase=b"prov"), b"prov"
        )


def stamped_by_another(tools: Tools) -> Tools:
    """The workspace after a change to that time-stamp authority, which it trusts beside the old one."""
    trust = replace(tools.trust, tsa_roots_pem=tools.trust.tsa_roots_pem + longer().trust_pem())
    return replace(tools, make_timestamper=lambda: LocalTimestamper(longer()), make_trust=lambda: trust)


def test_an_algorithm_that_falls_makes_what_rests_on_it_due_at_once(town: Town, sealed: str) -> None:
    fallen(town, "RSA-3072", "2027-03-01")
    tools = later(town, days=2)
    (each,) = renewals(tools)
    assert each.holds_until.startswith("2027-03-01")
    assert [(d["plan_id"], d["status"]) for d in due(tools) if d["code"] == "fornyelse"] == [(sealed, "late")]

    assert len(renew_due(tools)) == 1
    with pytest.raises(EnvironmentFailed) as failure:
        acts.rest(tools, sealed)  # the same unit, the same algorithm: nothing is won
    assert failure.value.code == "fornyelse_utan_verkan"

    better = stamped_by_another(later(town, days=3))
    acts.rest(better, sealed)
    old, new = issued(better, sealed)
    assert [d for d in due(better) if d["code"] == "fornyelse"] == []
    after = stamped_by_another(later(town, days=365))
    assert our_judge(after, after.read(new))["verdict"] == "valid"
    assert our_judge(after, after.read(old))["verdict"] == "indeterminate"


def test_an_algorithm_that_nobody_uses_changes_nothing(town: Town, sealed: str) -> None:
    (before,) = renewals(town.tools)
    fallen(town, "SHA512", "2026-11-21")
    assert renewals(later(town, days=2)) == (before,)


def test_an_algorithm_that_is_not_known_is_refused(town: Town) -> None:
    fallen(town, "SHA25", "2027-03-01")
    with pytest.raises(Misuse) as refused:
        renewals(later(town, days=2))
    assert (refused.value.code, refused.value.params["rule"]) == ("installning_ogiltig", "SHA25")


def test_a_plan_that_is_not_archived_or_not_known_is_said_to_be(town: Town) -> None:
    plan_id = town.ready(sample("lss-avstar"))
    for wanted, code in ((plan_id, "inget_att_fornya"), ("GP-INGEN-1", "okand_plan")):
        with pytest.raises(Refused) as refused:
            renewing.renew(town.home, wanted)
        assert refused.value.code == code
