"""Time travel: the same files one, six and twenty years on, renewed in time, renewed too late, and not at all.

The clock is a parameter to us and to EU DSS alike; `pdfsig` knows only the machine's, and openssl only single
certificates, so they have no word here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from signatures.verify import Expected, RuleVerdict, Trust, verify
from tests.attacks.fixtures import good_plan
from tests.attacks.others import dss
from tests.attacks.pki import NOW, Kind, certify, name
from tests.attacks.plans import stamp
from tests.plugins.judge_process import Judge

YEAR = timedelta(days=365)


@cache
def file(renewals: tuple[int, ...]) -> bytes:
    """The sealed plan with an archive time stamp after so many years, each time from an authority made the day before.

    An authority's certificate lives for ten years; the first is as old as the plan.
    """
    pdf, world = good_plan().sealed, good_plan().world
    for number, years in enumerate(renewals, 2):
        moment = NOW + years * YEAR
        kind = Kind(tsa=True, starts=moment - timedelta(days=1), ends=moment + 10 * YEAR)
        authority = certify(name(f"Norrbro Time-stamp Authority {number}"), world.tsa.key, world.root, kind)
        pdf = stamp(pdf, replace(world, tsa=authority), moment, f"Arkivstampel{number}")
    return pdf


IN_TIME, TOO_LATE = (9, 18), (11, 18)
JOURNEYS = [
    ((), 1, "valid", {}),
    ((), 6, "valid", {}),
    ((), 20, "indeterminate", {"R7": "no_trusted_time", "R11": "out_of_period", "R12": "ended"}),
    ((9,), 12, "valid", {}),
    ((9,), 20, "indeterminate", {"R7": "no_trusted_time", "R11": "out_of_period", "R12": "ended"}),
    (IN_TIME, 20, "valid", {}),
    (TOO_LATE, 20, "indeterminate", {"R7": "no_trusted_time", "R11": "out_of_period", "R12": "insufficient"}),
]


def at(years: int) -> datetime:
    return NOW + years * YEAR


@pytest.mark.parametrize(("renewals", "years", "verdict", "why"), JOURNEYS)
def test_years_later(
    renewals: tuple[int, ...], years: int, verdict: str, why: dict[str, str], trust: Trust, record: Expected
) -> None:
    report = verify(file(renewals), trust, record, at(years))
    assert (report.verdict, {r.id.value: r.reason for r in report.rules if r.verdict is not RuleVerdict.PASSED}) == (
        verdict,
        why,
    )


@pytest.mark.parametrize(("renewals", "years", "verdict", "why"), JOURNEYS)
def test_dss_says_the_same_years_later(
    renewals: tuple[int, ...], years: int, verdict: str, why: object, trust: Trust, judge: Judge
) -> None:
    assert dss(judge, file(renewals), trust.roots_pem, at(years)) == verdict


def test_a_changed_file_stays_changed(trust: Trust, record: Expected) -> None:
    """Expiry must not turn "somebody changed it" into "nobody can tell"."""
    pdf = file(()).replace(b"Dusch", b"Disch", 1)
    assert {str(verify(pdf, trust, record, at(years)).verdict) for years in (1, 6, 20)} == {"invalid"}
