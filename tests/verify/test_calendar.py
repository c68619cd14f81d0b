"""Certificates and answers may last to the end of the calendar, and what a file says of time may be anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from signatures.verify import Trust, Verdict, to_json, to_text, verify
from signatures.verify.calendar import ALWAYS, NEVER, in_zone, moved
from signatures.verify.chain import Material, Problem, Purpose, chain
from signatures.verify.etsi import to_etsi
from signatures.verify.revocation import Evidence
from tests.attacks.fixtures import good_plan
from tests.attacks.pki import NOW, Kind, certify, name
from tests.attacks.plans import stamp

LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # without a well-defined end (RFC 5280, 4.1.2.5)
EAST, WEST = timezone(timedelta(hours=1)), timezone(timedelta(hours=-1))


def test_moments_end_with_the_calendar() -> None:
    minute = timedelta(minutes=1)
    assert moved(NOW, minute) == NOW + minute
    assert (moved(LAST, minute), moved(NEVER, -minute)) == (ALWAYS, NEVER)
    assert in_zone(NOW, EAST) == NOW
    assert in_zone(LAST, EAST).isoformat().startswith("9999-12-31T23:59:59")
    assert in_zone(NEVER, WEST).isoformat().startswith("0001-01-01T00:00:00")
    assert in_zone(LAST.replace(tzinfo=WEST), UTC).isoformat().startswith("9999-12-31T23:59:59")


def test_a_seal_whose_certificate_has_no_end_is_told_in_every_form(trust: Trust) -> None:
    world, before = good_plan().world, good_plan().at["enhetschef"]
    authority = certify(name("Norrbro Time-stamp Authority"), world.tsa.key, world.root, Kind(tsa=True, ends=LAST))
    sealed = stamp(before, replace(world, tsa=authority), NOW + timedelta(minutes=15))
    report = verify(sealed, trust, None, NOW + timedelta(days=1))
    assert (report.verdict, report.checkable_until) == (Verdict.VALID, LAST)
    assert "9999-12-31" in to_text(report)
    assert str(to_json(report)["checkable_until"]).startswith("9999-12-31T23:59:59")
    assert to_etsi(report)


@pytest.mark.parametrize("at", [ALWAYS, NEVER])
def test_a_chain_at_the_end_of_the_calendar_is_out_of_its_period(at: datetime) -> None:
    world = good_plan().world
    roots = {each: [world.root.asn1()] for each in Purpose}
    material = Material(roots, [], Evidence([], [], NOW), frozenset())
    found = chain(material, world.tsa.asn1(), Purpose.TIME_STAMP, at, evidence=False)
    assert found.problem is Problem.OUT_OF_PERIOD
