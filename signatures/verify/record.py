"""Rules R2 and R3: what is signed, and by whom in which field, is what the archive's record says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from .facts import Case
from .model import NO_RECORD, Expected, Finding, failed, not_checked, passed
from .opening import Opened


def base_is_the_recorded_one(case: Case) -> Finding:
    """R2. The document that the first person signed is, byte for byte, the one the record names.

    A stretch of the file from its first byte to an end-of-file mark has the recorded SHA-256, and it is the revision
    just before the first signature. Without a record this cannot be asked; the signatures then decide alone.
    """
    if case.expected is None or case.expected.base_sha256 is None:
        return not_checked(NO_RECORD)
    reader, signatures = case.opened.reader, case.opened.signatures
    before = int(signatures[0].signed_revision) - 1 if signatures else case.opened.last_revision
    for end, hexdigest in _revision_hashes(case.opened.pdf):
        if hexdigest == case.expected.base_sha256.lower():
            start = _startxref(case.opened.pdf[:end])
            if before >= 0 and start == reader.xrefs.get_startxref_for_revision(before):
                return passed(evidence=(f"sha256 {hexdigest}, {end} bytes",))
    return failed("other_base", evidence=(f"expected sha256 {case.expected.base_sha256}",))


def _revision_hashes(pdf: bytes) -> Iterator[tuple[int, str]]:
    """Length and SHA-256 of every prefix of the file that ends with an end-of-file mark, with or without line end."""
    state, at = sha256(), 0
    for mark in re.finditer(rb"%%EOF(\r\n|\n|\r)?", pdf):
        for end in (mark.start() + 5, mark.end()):
            if end > at:
                state.update(pdf[at:end])
                at = end
                yield end, state.hexdigest()


def _startxref(prefix: bytes) -> int | None:
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", prefix[-128:])
    return int(found.group(1)) if found else None


def fields_are_the_recorded_ones(case: Case) -> Finding:
    """R3. The signed fields are those the record says, one signature in each, none left open, none filled too late.

    Too late is: in a field that an earlier signature had locked (FieldMDP), or after the archive time stamp.
    """
    late = tuple(_filled_late(case.opened))
    if late:
        return failed("filled_late", fields=", ".join(late))
    signed = Counter(str(s.field_name) for s in case.opened.approvals)
    if case.expected is not None and case.expected.signatures is not None:
        return _compared(signed, case.expected, case.opened.empty_fields)
    if not signed:
        return not_checked("no_signatures")
    if max(signed.values()) > 1:
        return failed("surplus", fields=", ".join(f for f, n in signed.items() if n > 1))
    if case.opened.empty_fields:
        return not_checked("left_open", fields=", ".join(case.opened.empty_fields))
    return passed("passed_without_record", count=str(len(signed)))


def _compared(signed: Counter[str], expected: Expected, empty: tuple[str, ...]) -> Finding:
    wanted = Counter(s.field for s in expected.signatures or ())
    if missing := wanted - signed:
        return failed("missing", fields=", ".join(sorted(missing)))
    if surplus := signed - wanted:
        return failed("surplus", fields=", ".join(sorted(surplus)))
    if expected.sealed and empty:
        return failed("left_open", fields=", ".join(empty))
    return passed(count=str(signed.total())) if wanted else passed("none_expected")


def _filled_late(opened: Opened) -> Iterator[str]:
    for signature in opened.approvals:
        earlier = [s for s in opened.signatures if int(s.signed_revision) < int(signature.signed_revision)]
        name = str(signature.field_name)
        sealed = any(s in opened.stamps for s in earlier)
        if sealed or any(s.fieldmdp is not None and s.fieldmdp.is_locked(name) for s in earlier):
            yield name
