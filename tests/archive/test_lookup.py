import json
from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa

from pipeline.archive import lookup
from pipeline.archive.lookup import Access, Criteria
from pipeline.errors import EnvironmentFailed, Misuse, Refused
from pipeline.store import rows
from pipeline.store import tables as t


@pytest.fixture
def access(now: datetime) -> Access:
    return Access("uppföljning", now, "ek-1")


def log(shelf) -> list[dict[str, object]]:
    with shelf.db.read() as conn:
        found = [dict(row) for row in conn.execute(sa.select(t.access).order_by(t.access.c.id)).mappings()]
    return [row | {"plans": json.loads(str(row["plans"]))} for row in found]


@pytest.fixture
def plans(shelf, add_plan: Callable[..., rows.VersionRow]):
    one = add_plan("GP-2026-1", state="archived")
    two = add_plan("GP-2026-2", names=("Anna", "Bjork", "Anna"), number="193001011234", unit="Södra")
    three = add_plan("GP-2026-3", names=("Karl", "Ek", "K."), number="194001011234", protected=True)
    return one, two, three


def ids(found: tuple[lookup.Found, ...]) -> list[str]:
    return [row.plan_id for row in found]


@pytest.mark.parametrize(
    ("criteria", "expected", "kind"),
    [
        (Criteria(text="GP-2026-2"), ["GP-2026-2"], "text"),
        (Criteria(text="Björkqvist"), ["GP-2026-1"], "text"),
        (Criteria(text="karl bjorkqvist"), ["GP-2026-1"], "text"),
        (Criteria(text="karl"), ["GP-2026-1"], "text"),
        (Criteria(text="Ek"), [], "text"),
        (Criteria(text="nobody"), [], "text"),
        (Criteria(text="%"), [], "plan_id"),
        (Criteria(person=("personnummer", "191212121212")), ["GP-2026-1"], "person_id"),
        (Criteria(person=("personnummer", "194001011234")), ["GP-2026-3"], "person_id"),
        (Criteria(status="archived"), ["GP-2026-1"], "status"),
        (Criteria(unit="södra"), ["GP-2026-2"], "enhet"),
        (Criteria(plans={"GP-2026-2", "GP-2026-3"}), ["GP-2026-2", "GP-2026-3"], "forfaller"),
        (Criteria(plans=()), [], "forfaller"),
        (Criteria(text="karl", status="received"), [], "text+status"),
        (Criteria(unit="Norra hemtjänsten", status="received"), ["GP-2026-3"], "status+enhet"),
    ],
)
@pytest.mark.usefixtures("plans")
def test_each_criterion_finds_its_plans_and_is_logged_by_kind(
    shelf, access: Access, criteria: Criteria, expected: list[str], kind: str
) -> None:
    assert ids(lookup.find(shelf, criteria, access)) == expected
    (row,) = log(shelf)
    assert row == {
        "id": 1,
        "at": t.stamp(access.now),
        "actor": "ek-1",
        "purpose": "uppföljning",
        "action": "find",
        "criterion": kind,
        "plans": expected,
    }


def test_a_hash_finds_the_version_it_belongs_to(shelf, plans, access: Access, add_file) -> None:
    add_file(shelf, plans[0], "sealed", b"%PDF", revision=3)
    sha256 = shelf.files("GP-2026-1")[-1].sha256
    for criteria in (Criteria(sha256=sha256.upper()), Criteria(text=sha256)):
        (found,) = lookup.find(shelf, criteria, access)
        assert (found.plan_id, found.version, found.sha256) == ("GP-2026-1", 1, sha256)
    assert {row["criterion"] for row in log(shelf)} == {"sha256"}
    assert sha256 not in json.dumps(log(shelf))
    assert lookup.find(shelf, Criteria(sha256="0" * 64), access) == ()


def test_all_versions_come_newest_first_with_the_file_that_is_the_plan(
    shelf, plans, access: Access, add_file, add_version
) -> None:
    add_file(shelf, plans[0], "sealed", b"%PDF sealed", revision=4)
    add_file(shelf, plans[0], "signed", b"%PDF signed", revision=3)
    v2 = add_version(shelf, "GP-2026-1", 2, "awaiting_signatures")
    add_file(shelf, v2, "document", b"%PDF document")
    add_file(shelf, v2, "prepared", b"%PDF prepared")
    add_file(shelf, v2, "prepared", b"%PDF prepared anew", edition=2)
    kinds = {file.sha256: file.kind for file in shelf.files("GP-2026-1")}
    found = lookup.find(shelf, Criteria(text="GP-2026-1"), access)
    assert [(row.version, row.state, kinds[str(row.sha256)]) for row in found] == [
        (2, "awaiting_signatures", "prepared"),
        (1, "archived", "sealed"),
    ]
    assert lookup.get(shelf, "GP-2026-1", access).data == b"%PDF sealed"
    assert lookup.get(shelf, "GP-2026-1", access, version=2).data == b"%PDF prepared"
    assert [row.version for row in lookup.show(shelf, "GP-2026-1", access)] == [1, 2]
    assert [row["action"] for row in log(shelf)] == ["find", "get", "get", "show"]


@pytest.mark.parametrize("purpose", ["", "  \n"])
def test_nothing_is_looked_up_without_a_purpose(shelf, plans, now: datetime, purpose: str) -> None:
    access = Access(purpose, now)
    acts: list[Callable[[], object]] = [
        lambda: lookup.find(shelf, Criteria(text="karl"), access),
        lambda: lookup.show(shelf, "GP-2026-1", access),
        lambda: lookup.get(shelf, "GP-2026-1", access),
    ]
    for act in acts:
        with pytest.raises(Misuse, match="andamal_saknas"):
            act()
    assert log(shelf) == []


def test_what_is_not_found_is_logged_too(shelf, plans, access: Access) -> None:
    acts: list[tuple[str, Callable[[], object]]] = [
        ("okand_plan", lambda: lookup.show(shelf, "GP-none", access)),
        ("okand_plan", lambda: lookup.get(shelf, "GP-none", access)),
        ("fil_okand", lambda: lookup.get(shelf, "GP-2026-1", access, version=7)),
        ("fil_okand", lambda: lookup.get(shelf, "GP-2026-1", access)),
    ]
    for code, act in acts:
        with pytest.raises(Refused, match=code):
            act()
    assert [row["plans"] for row in log(shelf)] == [[], [], ["GP-2026-1"], ["GP-2026-1"]]


@pytest.mark.parametrize(
    ("criteria", "code"),
    [
        (Criteria(), "sokning_tom"),
        (Criteria(text=" "), "sokning_tom"),
        (Criteria(sha256="abc"), "sokord_ogiltigt"),
        (Criteria(person=("personnummer", "121212-1212")), "sokord_ogiltigt"),
    ],
)
def test_a_criterion_that_cannot_be_is_wrong_usage(shelf, access: Access, criteria: Criteria, code: str) -> None:
    with pytest.raises(Misuse, match=code):
        lookup.find(shelf, criteria, access)
    assert log(shelf) == []


def test_a_log_that_cannot_be_written_gives_no_answer(shelf, plans, access: Access) -> None:
    with shelf.db.write() as conn:
        conn.exec_driver_sql("alter table access rename to elsewhere")
    with pytest.raises(EnvironmentFailed):
        lookup.find(shelf, Criteria(text="karl"), access)


@pytest.mark.parametrize(
    "statement",
    [
        "update access set purpose = 'annat'",
        "delete from access",
        "insert or replace into access select id, at, actor, 'annat', action, criterion, plans from access",
    ],
)
def test_the_log_is_append_only(shelf, plans, access: Access, statement: str) -> None:
    lookup.find(shelf, Criteria(text="karl"), access)
    with pytest.raises(sa.exc.IntegrityError), shelf.db.write() as conn:
        conn.exec_driver_sql(statement)
    assert [row["purpose"] for row in log(shelf)] == ["uppföljning"]


def test_who_asks_is_the_account_when_nobody_is_named(shelf, plans, now: datetime) -> None:
    lookup.show(shelf, "GP-2026-1", Access("kontroll", now))
    assert [row["actor"] for row in log(shelf)] == [lookup.os_user()]
