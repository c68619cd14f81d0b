"""The report as data and as text for people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from ..words import sentence
from .calendar import in_zone
from .model import Report, Rule, RuleId, RuleVerdict, SignatureFact
from .people import TEST_MARK

Language = Literal["sv", "en"]
_SWEDEN = ZoneInfo("Europe/Stockholm")
_ABOUT_CHANGE = (RuleId.FILE, RuleId.FIELDS, RuleId.SIGNATURES, RuleId.CHANGES, RuleId.SEAL, RuleId.METADATA)


def to_json(report: Report) -> dict[str, object]:
    """The report as plain data; times are ISO 8601 in UTC.

    Keys: `verdict`, `rules` (`id`, `verdict`, `reason`, `text`, `text_en`, `evidence`), `signatures` (`role`, `signer`,
    `time`, `level`, `trusted`, `field`, `issuer`), `stamps` (the same), `checkable_until`, `sha256`, `verified_at`.
    """
    return {
        "verdict": report.verdict.value,
        "rules": [_rule(r) for r in report.all_rules],
        "signatures": [_fact(s) for s in report.signatures],
        "stamps": [_fact(s) for s in report.stamps],
        "checkable_until": _iso(report.checkable_until),
        "sha256": report.sha256,
        "verified_at": _iso(report.verified_at),
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id.value,
        "verdict": rule.verdict.value,
        "reason": rule.reason,
        "text": rule.text_sv,
        "text_en": rule.text_en,
        "evidence": list(rule.evidence),
    }


def _fact(fact: SignatureFact) -> dict[str, object]:
    return {
        "role": fact.role,
        "signer": fact.signer,
        "time": _iso(fact.time),
        "level": fact.level,
        "trusted": fact.trusted,
        "field": fact.field,
        "issuer": fact.issuer,
    }


def _iso(moment: datetime | None) -> str | None:
    return in_zone(moment, UTC).isoformat().replace("+00:00", "Z") if moment else None


def to_text(report: Report, lang: Language = "sv") -> str:
    """The report for people: is it unchanged, who signed and when, who vouches, and what other programs may say."""
    lines = [_say("verdict", report.verdict.value, lang)]
    if any(s.issuer.startswith(TEST_MARK) for s in report.signatures):
        lines.append(_say("report", "test_marked", lang))
    lines.append("")
    lines += [_say("report", "question_changed", lang), "  " + _say("report", _unchanged(report), lang), ""]
    lines += [_say("report", "question_who", lang), *("  " + line for line in _who(report, lang)), ""]
    lines += [_say("report", "question_trust", lang), *("  " + line for line in _trust(report, lang)), ""]
    lines += [_say("report", "question_rules", lang), *("  " + line for line in _rules(report, lang)), ""]
    if report.signatures:
        lines += [_say("report", "question_adobe", lang), "  " + _say("report", "adobe", lang), ""]
    lines += [_say("report", "fingerprint", lang, sha256=report.sha256)]
    lines += [_say("report", "verified_at", lang, time=_local(report.verified_at, lang))]
    return "\n".join(lines) + "\n"


def _unchanged(report: Report) -> str:
    verdicts = {report.rule(r).verdict for r in _ABOUT_CHANGE} | {report.rule(RuleId.BASE).verdict} - {
        RuleVerdict.NOT_CHECKED
    }
    if RuleVerdict.FAILED in verdicts:
        return "unchanged_no"
    return "unchanged_unknown" if RuleVerdict.NOT_CHECKED in verdicts else "unchanged_yes"


def _who(report: Report, lang: Language) -> list[str]:
    if not report.signatures:
        return [_say("report", "no_signatures", lang)]
    lines = []
    for key, facts in (("signature_line", report.signatures), ("seal_line", report.stamps)):
        for fact in facts:
            role = fact.role[:1].upper() + fact.role[1:] or _say("report", "role_unknown", lang)
            time = _local(fact.time, lang)
            which = key if fact.trusted else f"{key}_doubtful"
            lines.append(_say("report", which, lang, role=role, signer=fact.signer, time=time, level=fact.level or "–"))
    return lines


def _trust(report: Report, lang: Language) -> list[str]:
    facts = (*report.signatures, *report.stamps)
    pairs = dict.fromkeys((f.signer, f.issuer) for f in facts)
    lines = [_say("report", "issuer_line", lang, signer=signer, issuer=issuer) for signer, issuer in pairs]
    lines += [_text(report.rule(r), lang) for r in (RuleId.TRUST, RuleId.TIMES)]
    if report.checkable_until and report.rule(RuleId.DURABILITY).verdict is RuleVerdict.PASSED:
        date = in_zone(report.checkable_until, _SWEDEN).date().isoformat()
        lines.append(_say("report", "checkable_until", lang, date=date))
    return lines


def _rules(report: Report, lang: Language) -> list[str]:
    return [
        f"{rule.id.value:<4}{_say('rule_verdict', rule.verdict.value, lang)}: {_text(rule, lang)}"
        for rule in report.all_rules
    ]


def _text(rule: Rule, lang: Language) -> str:
    return rule.text_sv if lang == "sv" else rule.text_en


def _local(moment: datetime | None, lang: Language) -> str:
    if moment is None:
        return _say("report", "time_unknown", lang)
    return in_zone(moment, _SWEDEN).strftime("%Y-%m-%d %H:%M")


def _say(group: str, key: str, lang: Language, **params: str) -> str:
    found = sentence(group, key, **params)
    return found.sv if lang == "sv" else found.en
