"""Good plans, unfinished plans and no plans: what verification says of them, now and long after."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from signatures.verify import Expected, RuleId, RuleVerdict, Trust, Verdict, to_json, to_text, verify
from tests.attacks.model import Plan
from tests.attacks.pki import NOW, Kind, certify, ec_key, name
from tests.attacks.plans import PEOPLE, Signing, stages, stamp

LATER = NOW + timedelta(hours=1)


def not_passed(report: object) -> dict[str, str]:
    return {r.id.value: r.reason for r in report.rules if r.verdict is not RuleVerdict.PASSED}


def test_a_sealed_plan_on_record_passes_all_twelve_rules(plan: Plan, trust: Trust, record: Expected) -> None:
    report = verify(plan.sealed, trust, record, LATER)
    assert (report.verdict, not_passed(report), len(report.rules)) == (Verdict.VALID, {}, 12)
    assert [(s.role, s.signer, s.level, s.trusted) for s in report.signatures] == [
        (role, person, "B-LTA", True) for role, person in PEOPLE
    ]
    assert [s.time for s in report.signatures] == [NOW + timedelta(minutes=5 * n) for n in range(3)]


def test_a_sealed_plan_unknown_here_is_judged_by_its_signatures(plan: Plan, trust: Trust) -> None:
    report = verify(plan.sealed, trust, None, LATER)
    assert (report.verdict, not_passed(report)) == (Verdict.VALID, {"R2": "no_record"})


@pytest.mark.parametrize("days", [2, 365, 6 * 365, 3640])
def test_it_stays_valid_after_the_signers_certificates_expired(
    days: int, plan: Plan, trust: Trust, record: Expected
) -> None:
    assert verify(plan.sealed, trust, record, NOW + timedelta(days=days)).verdict is Verdict.VALID


def test_without_renewal_it_is_indeterminate_when_the_seal_has_expired(
    plan: Plan, trust: Trust, record: Expected
) -> None:
    report = verify(plan.sealed, trust, record, NOW + timedelta(days=20 * 365))
    assert report.verdict is Verdict.INDETERMINATE
    assert report.rule(RuleId.TIMES).reason == "out_of_period"
    assert not any(s.trusted for s in report.signatures)


def test_a_renewal_in_time_carries_the_proof_on(plan: Plan, trust: Trust, record: Expected) -> None:
    renewed_at = NOW + timedelta(days=9 * 365)
    kind = Kind(tsa=True, starts=renewed_at - timedelta(days=1), ends=renewed_at + timedelta(days=3650))
    authority = certify(name("Norrbro Time-stamp Authority II"), plan.world.tsa.key, plan.world.root, kind)
    renewed = stamp(plan.sealed, replace(plan.world, tsa=authority), renewed_at, "Arkivstampel2")
    report = verify(renewed, trust, record, NOW + timedelta(days=15 * 365))
    assert (report.verdict, not_passed(report)) == (Verdict.VALID, {})
    assert report.checkable_until == authority.cert.not_valid_after_utc


def test_a_renewal_too_late_does_not(plan: Plan, trust: Trust) -> None:
    late = NOW + timedelta(days=11 * 365)
    kind = Kind(tsa=True, starts=late - timedelta(days=1), ends=late + timedelta(days=3650))
    authority = certify(name("Norrbro Time-stamp Authority II"), plan.world.tsa.key, plan.world.root, kind)
    renewed = stamp(plan.sealed, replace(plan.world, tsa=authority), late, "Arkivstampel2")
    report = verify(renewed, trust, None, late + timedelta(days=1))
    assert report.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("stage", ["brukare", "kontaktman", "enhetschef"])
def test_a_half_signed_plan_is_judged_for_what_is_there(stage: str, plan: Plan, trust: Trust, record: Expected) -> None:
    count = [role for role, _ in PEOPLE].index(stage) + 1
    open_case = replace(record, signatures=(record.signatures or ())[:count], sealed=False)
    report = verify(plan.at[stage], trust, open_case, LATER)
    assert (report.verdict, not_passed(report)) == (
        Verdict.INDETERMINATE,
        {"R6": "not_sealed", "R12": "not_sealed"},
    )
    assert [s.level for s in report.signatures] == ["B-LT"] * count


def test_a_plan_that_nobody_signed_has_nothing_to_decide_by(plan: Plan, trust: Trust) -> None:
    report = verify(plan.at["base"], trust, None, LATER)
    assert report.verdict is Verdict.INDETERMINATE
    assert report.rule(RuleId.SIGNATURES).reason == "no_signatures"


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-", b"hej", b"PK\x03\x04" + bytes(500), b"%PDF-1.7\nstartxref\n0\n%%EOF\n"]
)
def test_what_is_no_pdf_is_invalid(data: bytes, trust: Trust) -> None:
    report = verify(data, trust, None, LATER)
    assert report.verdict is Verdict.INVALID
    assert report.rule(RuleId.FILE).verdict is RuleVerdict.FAILED
    assert {r.verdict for r in report.rules if r.id is not RuleId.FILE} == {RuleVerdict.NOT_CHECKED}


def test_a_client_who_did_not_sign_leaves_two_signatures(plan: Plan, trust: Trust) -> None:
    pdf = stages(Signing(plan.world, people=PEOPLE[1:]))[-1].pdf
    report = verify(pdf, trust, None, LATER)
    assert (report.verdict, report.rule(RuleId.FIELDS).reason) == (Verdict.INDETERMINATE, "left_open")


def test_trust_for_people_does_not_extend_to_time_stamps_nor_back(plan: Plan) -> None:
    own, other = plan.world.root.pem(), plan.other.root.pem()
    people_only, times_only = (verify(plan.sealed, t, None, LATER) for t in (Trust(own, other), Trust(other, own)))
    assert (people_only.verdict, times_only.verdict) == (Verdict.INDETERMINATE, Verdict.INDETERMINATE)
    assert people_only.rule(RuleId.TIMES).reason == "unknown_issuer"
    assert times_only.rule(RuleId.TRUST).reason == "unknown_issuer"
    assert times_only.rule(RuleId.TIMES).verdict is RuleVerdict.PASSED


def test_no_trust_at_all_is_no_trust_in_the_machines_own_list(plan: Plan) -> None:
    report = verify(plan.sealed, Trust(b"", b""), None, LATER)
    assert report.verdict is Verdict.INDETERMINATE
    assert not any(s.trusted for s in (*report.signatures, *report.stamps))


@pytest.mark.parametrize("behind", [timedelta(), timedelta(hours=1), timedelta(days=1)])
def test_a_seal_in_the_future_is_not_believed(behind: timedelta, plan: Plan, trust: Trust, record: Expected) -> None:
    """Nor is it held against the file: the reader's clock may be behind."""
    report = verify(plan.sealed, trust, record, NOW - behind)
    assert (report.verdict, report.rule(RuleId.TIMES).reason) == (Verdict.INDETERMINATE, "future")
    assert "klocka" in report.rule(RuleId.TIMES).text_sv


def test_a_signature_that_does_not_hold_has_no_level(plan: Plan, trust: Trust) -> None:
    at = plan.sealed.index(b"stream") + 200
    spoilt = plan.sealed[:at] + bytes([plan.sealed[at] ^ 1]) + plan.sealed[at + 1 :]
    for pdf, level in ((plan.sealed, "B-LTA"), (spoilt, "")):
        assert {s.level for s in verify(pdf, trust, None, LATER).signatures} == {level}


def test_another_identifier_than_the_recorded_one(plan: Plan, trust: Trust, record: Expected) -> None:
    moment = NOW
    holder = plan.world.signer(PEOPLE[0][1], moment, serial="PNOSE-191212121212")
    pdf = stages(Signing(plan.world, holders={"brukare": holder}), plan.at["base"])[-1].pdf
    for value, verdict in (("19121212-1212", Verdict.VALID), ("19131313-1313", Verdict.INVALID)):
        first = replace((record.signatures or ())[0], id_value=value)
        expected = replace(record, signatures=(first, *(record.signatures or ())[1:]))
        assert verify(pdf, trust, expected, LATER).verdict is verdict


def test_another_title_than_the_recorded_one(plan: Plan, trust: Trust, record: Expected) -> None:
    report = verify(plan.sealed, trust, replace(record, title="Beslut"), LATER)
    assert (report.verdict, report.rule(RuleId.METADATA).reason) == (Verdict.INVALID, "other_title")


def test_nothing_is_fetched(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when the issuer is missing and the certificate says, pointing inside the network, where to find it."""
    kind = Kind(signer=True, ends=NOW + timedelta(days=1), fetch_from="http://169.254.169.254/latest")
    holder = certify(name(PEOPLE[0][1]), ec_key(), plan.other.issuing, kind)
    pdf = stages(Signing(plan.world, holders={"brukare": holder}, careless=True))[-1].pdf

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("verification touched the network")

    for touch in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, touch, refused)
    report = verify(pdf, Trust(plan.other.root.pem(), plan.world.root.pem()), None, LATER)
    assert report.rule(RuleId.TRUST).reason == "unknown_issuer"
    assert {r.reason for r in report.rules} & {"unreadable", "malformed"} == set()


def test_a_walk_that_breaks_proves_nothing(plan: Plan, trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("signatures.verify.judging.walk", broken)
    report = verify(plan.sealed, trust, None, LATER)
    assert report.verdict is Verdict.INDETERMINATE
    assert not_passed(report).items() >= {"R7": "unreadable", "R11": "unreadable"}.items()


def test_it_can_be_asked_from_inside_a_running_event_loop(plan: Plan, trust: Trust) -> None:
    import asyncio

    async def ask() -> Verdict:
        return verify(plan.sealed, trust, None, LATER).verdict

    assert asyncio.run(ask()) is Verdict.VALID


def test_the_answer_depends_on_nothing_but_what_is_given(plan: Plan, trust: Trust, record: Expected) -> None:
    assert verify(plan.sealed, trust, record, LATER) == verify(plan.sealed, trust, record, LATER)


def test_now_must_know_its_time_zone(plan: Plan, trust: Trust) -> None:
    with pytest.raises(ValueError, match="aware"):
        verify(plan.sealed, trust, None, datetime(2026, 11, 20))  # noqa: DTZ001 - that is the point


def test_a_report_is_neither_true_nor_false(plan: Plan, trust: Trust) -> None:
    with pytest.raises(TypeError):
        bool(verify(plan.sealed, trust, None, LATER))


def test_json_has_the_published_shape(plan: Plan, trust: Trust, record: Expected) -> None:
    data = json.loads(json.dumps(to_json(verify(plan.sealed, trust, record, LATER))))
    assert data["verdict"] == "valid"
    assert [r["id"] for r in data["rules"]] == [f"R{n}" for n in range(1, 13)]
    assert {"id", "verdict", "text"} <= data["rules"][0].keys()
    assert (
        data["signatures"][0].items()
        >= {
            "role": "brukare",
            "signer": "Astrid Nyström",
            "time": "2026-11-20T10:00:00Z",
            "level": "B-LTA",
            "trusted": True,
        }.items()
    )
    assert data["checkable_until"] == plan.world.tsa.cert.not_valid_after_utc.astimezone(UTC).isoformat().replace(
        "+00:00", "Z"
    )


@pytest.mark.parametrize(("lang", "words"), [("sv", ("Ja.", "Adobe", "Bo Ek")), ("en", ("Yes.", "Adobe", "Bo Ek"))])
def test_text_answers_the_questions_people_ask(
    lang: str, words: tuple[str, ...], plan: Plan, trust: Trust, record: Expected
) -> None:
    text = to_text(verify(plan.sealed, trust, record, LATER), lang)
    assert all(word in text for word in words)
    assert "2026-11-20 11:05" in text  # Swedish time


def test_text_of_a_changed_file_says_no_first(plan: Plan, trust: Trust, record: Expected) -> None:
    text = to_text(verify(plan.sealed + b"x", trust, record, LATER))
    assert text.startswith("Ogiltig.")
    assert "Nej." in text
