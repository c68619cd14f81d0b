"""The twelve rules. Each function takes the same case and returns one finding; `RULES` lists them in order.

A reason (the second word of a finding) is a key of `texts.toml` under the rule's id. What each rule demands is in its
docstring; the threats behind them are those of the project's threat model.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from . import metadata, people
from .chain import Problem
from .changes import review
from .crossrefs import oddities
from .facts import Case
from .integrity import UNPROVABLE
from .model import Finding, RuleId, failed, not_checked, passed
from .policy import POLICY
from .proof import Link, walk
from .record import base_is_the_recorded_one, fields_are_the_recorded_ones
from .strength import Strength, weaknesses

CLOCK_TOLERANCE = timedelta(minutes=5)


def file_is_sound(case: Case) -> Finding:
    """R1. The bytes are one PDF, read strictly, within bounds, and all readers find the same objects in it.

    The first is `opening.open_pdf`'s, which has already answered; the second `crossrefs.oddities`'. What came after the
    first signature, or with a record after the recorded document, must be written by the letter.
    """
    opened = case.opened
    found = oddities(opened.pdf, opened.reader, case.baseline if opened.signatures else opened.last_revision)
    evidence = tuple(o.what for o in found[:20])
    if any(o.proven for o in found):
        return failed("two_readings", evidence=evidence)
    if found:
        return not_checked("odd_syntax", evidence=evidence)
    return passed(size=str(len(opened.pdf)), revisions=str(opened.last_revision + 1))


def signatures_are_intact(case: Case) -> Finding:
    """R4. Every signature is mathematically right, and its place in the file holds nothing else.

    Digest, public-key signature, signing-certificate attribute and the signature's own time stamp agree; the byte range
    covers the whole revision except one hole; the hole is `<`, hexadecimal digits, `>`, and after the signature's last
    byte holds only zeros; what no signature covers inside the CMS proves itself (see `loose.py`).
    """
    if not case.integrity:
        return not_checked("no_signatures")
    problems = [i for i in case.integrity if i.problem]
    if not problems:
        return passed(count=str(len(case.integrity)))
    worst = next((p for p in problems if p.problem not in UNPROVABLE), problems[0])
    evidence = tuple(f"{p.field}: {p.problem}" for p in problems)
    verdict = not_checked if worst.problem in UNPROVABLE else failed
    return verdict(str(worst.problem), field=worst.field, evidence=evidence)


def nothing_else_was_changed(case: Case) -> Finding:
    """R5. After the first signature nothing was changed but what signing adds.

    Two independent looks: `changes.review`, and pyHanko's difference analysis from the first signature on, which covers
    every later revision (the locks of the later signatures are R3's). With a record the comparison starts at the
    recorded document, else at the first signature. What signing changes and something else in the file uses as well,
    or a page without one place in the tree, leaves it open.
    """
    opened = case.opened
    if not opened.signatures:
        return not_checked("no_signatures")
    found = review(opened.reader, case.baseline)
    if found.unexplained:
        return failed("changed", evidence=found.unexplained[:20])
    if not _allowed(opened.signatures[0]):
        return failed("forbidden", fields=str(opened.signatures[0].field_name))
    if found.unclear:
        return not_checked("unclear", evidence=found.unclear[:20])
    if found.visible_added:
        return not_checked("visible_added", fields=", ".join(found.visible_added))
    return passed()


def _allowed(signature: EmbeddedPdfSignature) -> bool:
    signature.compute_integrity_info(POLICY)  # type: ignore[no-untyped-call]  # pyHanko's is half typed
    return bool(signature.summarise_integrity_info()["docmdp_ok"])


def seal_covers_everything(case: Case) -> Finding:
    """R6. The last act on the file is an archive time stamp, and it covers the whole file."""
    if not case.opened.stamps:
        sealed = case.expected is not None and case.expected.sealed
        return failed("seal_missing") if sealed else not_checked("not_sealed")
    last = case.opened.signatures[-1]
    whole = last.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    if last is not case.opened.stamps[-1] or not whole:
        return failed("added_after_seal")
    return passed(field=str(last.field_name))


_TRUST_FAILURES = (Problem.REVOKED, Problem.WRONG_USE)


def signers_are_trusted(case: Case) -> Finding:
    """R7. Every signer's certificate leads to a trusted root for people, and was good when the person signed.

    Good is: within its time, for signing, and shown unrevoked by evidence that lies in the file. An unknown root is not
    a sign of tampering: the signature's mathematics may be right, but whose it is cannot be said.
    """
    if case.none_expected:
        return passed("none_expected")
    if not case.walk.proofs:
        return not_checked("unreadable" if case.opened.approvals else "no_signatures")
    for proof in case.walk.proofs:
        name = str(proof.signature.field_name)
        signer = people.common_name(proof.cert)
        if proof.chain is None:
            return not_checked("no_time", field=name, signer=signer)
        if proof.chain.problem:
            verdict = failed if proof.chain.problem in _TRUST_FAILURES else not_checked
            return verdict(proof.chain.problem.value, field=name, signer=signer)
        if proof.signed_at is None:
            return not_checked("no_trusted_time", field=name, signer=signer)
    roots = sorted({people.common_name(p.chain.certs[0]) for p in case.walk.proofs if p.chain and p.chain.certs})
    return passed(roots=", ".join(roots))


def signers_are_the_right_people(case: Case) -> Finding:
    """R8. Each certificate names the person the record names, and the visible stamp shows that very name."""
    if case.none_expected:
        return passed("none_expected")
    if not case.opened.approvals:
        return not_checked("no_signatures")
    findings = [people.compare(s, case.expected) for s in case.opened.approvals]
    for finding in findings:
        if finding is not None and finding.verdict == "failed":
            return finding
    unclear = next((f for f in findings if f is not None), None)
    if unclear is not None:
        return unclear
    known = case.expected is not None and case.expected.signatures is not None
    return passed() if known else passed("passed_without_record")


def metadata_is_unchanged(case: Case) -> Finding:
    """R9. Title, language, PDF/A and PDF/UA marks and the rest of the metadata read as they did when first signed."""
    opened = case.opened
    if not opened.signatures:
        return not_checked("no_signatures")
    resolvers = [opened.reader.get_historical_resolver(n) for n in range(case.baseline, opened.last_revision + 1)]
    before = metadata.statements(resolvers[0])
    for resolver in resolvers[1:]:
        if changed := metadata.changed(before, metadata.statements(resolver)):
            return failed("changed", what=", ".join(changed))
    if case.expected is not None and case.expected.title is not None:
        found = metadata.title(resolvers[-1])
        if found != case.expected.title:
            return failed("other_title")
    return passed()


def algorithms_are_strong(case: Case) -> Finding:
    """R10. Every algorithm and key was good at the moment for which what it made is proven to have existed.

    `strength.py` has the table and the moments. One that was no longer good when it was used fails. One that was, but
    whose work no archive time stamp proves to be older than its end, may since have been forged: not checked.
    """
    if not case.opened.signatures:
        return not_checked("no_signatures")
    found = weaknesses(case.opened, case.walk, case.now, case.weakened)
    if not found:
        return passed()
    broken = [w.what for w in found if w.strength is Strength.BROKEN]
    if broken:
        return failed("broken", what=", ".join(broken))
    return not_checked("weak", what=", ".join(w.what for w in found))


def times_agree(case: Case) -> Finding:
    """R11. Every time stamp is trusted, none lies in the future, and each is no earlier than the one before it.

    One in the future does not show that the file was changed: the clock here may be behind. A signature may have
    several of its own: see `proof.Walk.in_order`.
    """
    if not case.opened.signatures:
        return not_checked("no_signatures")
    links = case.walk.links
    if not case.walk.proofs and case.opened.approvals:
        return not_checked("unreadable")
    if not case.walk.in_order:
        return failed("out_of_order", evidence=tuple(link.token.time.isoformat() for link in links))
    if any(link.problem is Problem.REVOKED for link in links):
        return failed("revoked")
    if any(link.token.time > case.now + CLOCK_TOLERANCE for link in links):
        return not_checked("future")
    return _trusted_times(case, links)


def _trusted_times(case: Case, links: tuple[Link, ...]) -> Finding:
    unstamped = [str(p.signature.field_name) for p in case.walk.proofs if p.stamp is None]
    if unstamped:
        return not_checked("unstamped", fields=", ".join(unstamped))
    for link in links:
        if link.problem:
            return not_checked(link.problem.value, authority=people.common_name(link.token.signer))
    return passed(count=str(len(links)))


def will_stay_checkable(case: Case) -> Finding:
    """R12. What lies in the file is enough to check it until the last archive time stamp ends.

    It ends with its certificate, or before that with an algorithm of its own (`strength.py`). The same walk is taken
    once more as if it were its last day. After that day only a renewed
    archive time stamp, made before it, carries the proof on.
    """
    until = case.checkable_until
    if until is None:
        return not_checked("not_sealed" if not case.opened.stamps else "unknown")
    if until <= case.now:
        return not_checked("ended", until=until.date().isoformat())
    later = walk(case.opened, case.material, until - timedelta(seconds=1))
    if not later.trusted:
        return not_checked("insufficient", until=until.date().isoformat())
    return passed(until=until.date().isoformat())


RULES: dict[RuleId, Callable[[Case], Finding]] = {
    RuleId.FILE: file_is_sound,
    RuleId.BASE: base_is_the_recorded_one,
    RuleId.FIELDS: fields_are_the_recorded_ones,
    RuleId.SIGNATURES: signatures_are_intact,
    RuleId.CHANGES: nothing_else_was_changed,
    RuleId.SEAL: seal_covers_everything,
    RuleId.TRUST: signers_are_trusted,
    RuleId.IDENTITY: signers_are_the_right_people,
    RuleId.METADATA: metadata_is_unchanged,
    RuleId.ALGORITHMS: algorithms_are_strong,
    RuleId.TIMES: times_agree,
    RuleId.DURABILITY: will_stay_checkable,
}
