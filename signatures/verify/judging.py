"""From bytes to a verdict.

1. The file is opened as a stranger's (R1). No PDF, or not readable strictly: **invalid**, and nothing more is asked.
   Larger than what is read here, or written as the strict reader cannot read it: **indeterminate**.
2. What may be trusted is gathered: the given roots, and certificates, CRLs and OCSP answers that lie in the file.
3. Each signature's integrity is judged (R4), and the walk back in time is taken (`proof.py`; R7, R11, R12).
4. Every other rule is asked. A rule that cannot be asked, or that breaks on a strange file, is "not checked".
5. Any rule failed: **invalid**. Somebody or something has changed the file, or it is not what the record says.
6. Else any rule not checked: **indeterminate**. "Could not check" is never "valid". So are a file without signatures
   (there is nothing to decide by), one not yet sealed, and one whose issuers are unknown here. The one exception is R2,
   which compares with the archive's record: where no record was given, the signatures alone decide.
7. Else: **valid**.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from asn1crypto import x509
from cryptography import x509 as readable

from ..names import printable
from ..words import rule_sentence
from .answers import may_answer_for_others
from .chain import Material, Purpose, embedded, parse_pem
from .cms import carried, names_signer
from .facts import Case
from .integrity import judge
from .model import (
    NO_RECORD,
    Expected,
    Finding,
    Report,
    Rule,
    RuleId,
    RuleVerdict,
    SignatureFact,
    Trust,
    Verdict,
    failed,
    not_checked,
)
from .opening import Opened, open_pdf
from .people import common_name, issuer_name
from .proof import Link, Proof, Walk, walk
from .reader import UNREAD, NotOpened
from .revocation import Evidence
from .rules import RULES
from .strength import in_link


def verify(pdf: bytes, trust: Trust, expected: Expected | None, now: datetime) -> Report:
    """Judge a file by the twelve rules; the module's docstring says how the verdict follows from them.

    `now` is aware. Raises ValueError only for our own input: a `now` without time zone, or trust that is no PEM.
    """
    roots = require_own(trust, now)
    try:
        opened = open_pdf(pdf)
    except NotOpened as problem:
        return _unopened(pdf, problem, now)
    case = replace(_case(opened, roots, expected, now), weakened=trust.weakened)
    findings = {rule: _asked(question, case) for rule, question in RULES.items()}
    rules = tuple(_worded(rule, finding) for rule, finding in findings.items())
    signatures, stamps = _facts(case)
    return Report(
        verdict=_verdict(findings),
        rules=rules,
        signatures=signatures,
        stamps=stamps,
        checkable_until=_until(case),
        sha256=hashlib.sha256(pdf).hexdigest(),
        verified_at=now,
    )


def require_own(trust: Trust, now: datetime) -> dict[Purpose, list[x509.Certificate]]:
    """The trusted roots; ValueError where our own input is wrong, as `verify` says."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return {Purpose.PERSON: parse_pem(trust.roots_pem), Purpose.TIME_STAMP: parse_pem(trust.tsa_roots_pem)}


def rests_on(pdf: bytes, trust: Trust, now: datetime) -> frozenset[str]:
    """The algorithms and keys that the file's last archive time stamp rests on; none without one that can be read."""
    roots = require_own(trust, now)
    try:
        opened = open_pdf(pdf)
    except NotOpened:
        return frozenset()
    seals = walk(opened, _material(opened, roots, now), now).seals
    return frozenset(in_link(seals[0])) if seals else frozenset()


def _verdict(findings: dict[RuleId, Finding]) -> Verdict:
    if any(f.verdict is RuleVerdict.FAILED for f in findings.values()):
        return Verdict.INVALID
    open_questions = {rule for rule, f in findings.items() if f.verdict is RuleVerdict.NOT_CHECKED}
    if findings[RuleId.BASE].reason == NO_RECORD:
        open_questions -= {RuleId.BASE}
    return Verdict.INDETERMINATE if open_questions else Verdict.VALID


def _unopened(pdf: bytes, problem: NotOpened, now: datetime) -> Report:
    evidence = (problem.detail,) if problem.detail else ()
    if problem.reason in UNREAD:
        return _of_no_file(pdf, not_checked(problem.reason, evidence=evidence), Verdict.INDETERMINATE, now)
    return _of_no_file(pdf, failed(problem.reason, evidence=evidence), Verdict.INVALID, now)


def unfinished(pdf: bytes, now: datetime, reason: str = "too_much_work") -> Report:
    """The report on a file that was given up, because it is too much work or for another `reason`."""
    return _of_no_file(pdf, not_checked(reason), Verdict.INDETERMINATE, now)


def _of_no_file(pdf: bytes, found: Finding, verdict: Verdict, now: datetime) -> Report:
    findings = {rule: not_checked("no_file") for rule in RuleId} | {RuleId.FILE: found}
    rules = tuple(_worded(rule, finding) for rule, finding in findings.items())
    return Report(verdict, rules, (), (), None, hashlib.sha256(pdf).hexdigest(), now)


def _case(
    opened: Opened, roots: dict[Purpose, list[x509.Certificate]], expected: Expected | None, now: datetime
) -> Case:
    material = _material(opened, roots, now)
    trusted = [*roots[Purpose.PERSON], *roots[Purpose.TIME_STAMP]]
    held = material.stored | {root.sha256 for root in trusted}
    integrity = judge(opened, [*material.certs, *trusted], held)
    try:
        found = walk(opened, material, now)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - altered tokens and certificates raise many things; then nothing is proven
        found = Walk((), ())
    return Case(opened, expected, material, integrity, found, now)


def _material(opened: Opened, roots: dict[Purpose, list[x509.Certificate]], now: datetime) -> Material:
    """Roots, and what the file carries; what cannot be read is not there."""
    try:
        certs, crls, ocsps = embedded(opened.reader)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken security store is no evidence
        certs, crls, ocsps = [], [], []
    stored = frozenset(c.sha256 for c in certs)
    for signature in opened.signatures:
        try:
            certs += carried(signature.signed_data)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - what a broken signature carries is no evidence either
            continue
    each = {c.sha256: c for c in certs}
    return Material(roots, list(each.values()), Evidence(crls, ocsps, now, _responders(each.values())), stored)


def _responders(certs: Iterable[x509.Certificate]) -> list[readable.Certificate]:
    """Those of the certificates that are made for answering, or may be."""
    found = []
    for each in certs:
        with suppress(ValueError):
            cert = readable.load_der_x509_certificate(each.dump())
            found += [cert] if may_answer_for_others(cert) else []
    return found


def _asked(question: Callable[[Case], Finding], case: Case) -> Finding:
    try:
        return question(case)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a strange file must end in an answer, whatever a parser raises
        return not_checked("unreadable", evidence=(type(error).__name__,))


def _until(case: Case) -> datetime | None:
    try:
        return case.checkable_until
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a strange time stamp has no end that can be told; R10 and R12 say so
        return None


def _worded(rule: RuleId, finding: Finding) -> Rule:
    said = rule_sentence(rule.value, finding.reason, **{key: printable(each) for key, each in finding.params.items()})
    return Rule(rule, finding.verdict, finding.reason, said.sv, said.en, tuple(map(printable, finding.evidence)))


def _facts(case: Case) -> tuple[tuple[SignatureFact, ...], tuple[SignatureFact, ...]]:
    sound = {i.field for i in case.integrity if i.problem is None}
    people = tuple(_person(p, case.expected, sound) for p in case.walk.proofs)
    return people, tuple(_stamp(link, sound) for link in reversed(case.walk.seals))


def _person(proof: Proof, expected: Expected | None, sound: set[str]) -> SignatureFact:
    field = str(proof.signature.field_name)
    recorded = expected.signatures or () if expected else ()
    role = next((s.role for s in recorded if s.field == field), field)
    return SignatureFact(
        role=printable(role),
        signer=_name(common_name, proof.cert),
        time=proof.signed_at,
        level=_level(proof) if field in sound else "",  # every level demands a signature that is right
        trusted=proof.trusted and field in sound,
        field=printable(field),
        issuer=_name(issuer_name, proof.cert),
        certificate=proof.cert.dump(),
        cms=proof.signature.signed_data.untag().dump(),
    )


def _name(of: Callable[[x509.Certificate], str], cert: x509.Certificate) -> str:
    """A name in a certificate as it may be shown; one that is no text is a mark for that."""
    try:
        return printable(of(cert))
    except (ValueError, TypeError, KeyError):
        return "\N{REPLACEMENT CHARACTER}"


def _level(proof: Proof) -> str:
    """The PAdES baseline level (ETSI EN 319 142-1 §6) that was not only present but held; none where the signature does
    not name its certificate, which every level demands."""
    if not names_signer(proof.signature.signed_data):
        return ""
    if proof.signed_at is None:
        return "B-B"
    if proof.chain is None or not proof.chain.holds:
        return "B-T"
    return "B-LTA" if proof.sealed_at else "B-LT"


def _stamp(link: Link, sound: set[str]) -> SignatureFact:
    signer = link.token.signer
    return SignatureFact(
        role="",
        signer=_name(common_name, signer),
        time=link.token.time if link.holds else None,
        level="",
        trusted=link.holds and link.field in sound,
        field=printable(link.field),
        issuer=_name(issuer_name, signer),
        certificate=signer.dump(),
        cms=link.token.signed_data.untag().dump(),
    )
