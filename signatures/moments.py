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
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

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


def newest_signer(pdf: bytes) -> x509.Certificate:
    """The certificate under which the newest of them was made."""
    *_, newest = _RANGE.finditer(pdf)
    return x509.load_der_x509_certificate(extract_certs_for_validation(_held(pdf, newest)).signer_cert.dump())


def _held(pdf: bytes, found: re.Match[bytes]) -> cms.SignedData:
    before, after = (int(at) for at in found.groups())
    return cms.ContentInfo.load(bytes.fromhex(pdf[before + 1 : after - 1].decode("ascii")))["content"]


def _moment(pdf: bytes, found: re.Match[bytes]) -> Moment:
    head = pdf.rfind(b" obj", 0, found.start())
    said = _SAID.search(pdf, head, pdf.find(b"endobj", int(found[2])))
    if said is None:
        raise TypeError("every signature that is made here says when")
    (stamp,) = signature_tokens(_held(pdf, found))
    stated = datetime.strptime(said[1].decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Moment(stated, token(stamp).time)
