"""When the signatures in a file of ours say that they were made, and when they were stamped.

Read from the bytes that our own writer has just put together: a reader of PDF takes the signatures' digits one by one,
which costs more than the signing. What a stranger's file says is `verify`'s to find out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from asn1crypto import cms
from cryptography import x509

from .verify.cms import signature_tokens, token

_RANGE = re.compile(rb"/ByteRange \[\s*0 (\d+) (\d+) \d+\s*\]")
_SAID = re.compile(rb"/M \(D(?::|\\072)(\d{14})Z\)")


class Moment(NamedTuple):
    """One person's signature: the time that it states and shows (ISO 32000-2 12.8.1, `M`), and its time stamp's."""

    stated: datetime
    stamped: datetime


def moments(pdf: bytes) -> list[Moment]:
    """Of every person's signature, in the order in which they were made."""
    return [_moment(pdf, found) for found in _RANGE.finditer(pdf)]


def newest(pdf: bytes) -> tuple[str, x509.Certificate]:
    """In which field the newest signature was made, and under which certificate; read as a stranger's file is."""
    from .verify.opening import open_pdf

    found = open_pdf(pdf).signatures[-1]
    return str(found.field_name), x509.load_der_x509_certificate(found.signer_cert.dump())


def _moment(pdf: bytes, found: re.Match[bytes]) -> Moment:
    before, after = (int(at) for at in found.groups())
    head = pdf.rfind(b" obj", 0, found.start())
    said = _SAID.search(pdf, head, pdf.find(b"endobj", after))
    if said is None:
        raise TypeError("every signature that is made here says when")
    held = cms.ContentInfo.load(bytes.fromhex(pdf[before + 1 : after - 1].decode("ascii")))["content"]
    (stamp,) = signature_tokens(held)
    stated = datetime.strptime(said[1].decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Moment(stated, token(stamp).time)
