"""That the time stamps' own certificates are good, judged once for as long as nothing about it changes.

A time-stamp unit serves thousands of acts, and its path, lists and answers are the same for each of them. What is
judged again and again must come out the same unless one of these begins or ends in between; a proof is used again only
until then, only for these very bytes, and never into another hour.
"""

# mypy: allow-untyped-calls
# pyHanko's own functions are only half typed.

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from asn1crypto import cms, crl, ocsp
from asn1crypto import x509 as asn1
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import extract_ts_certs
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .coroutines import finished
from .trust import CLOCKS_DIFFER, Proof, judged_at, translated
from .tsa import Stamping, Timestamper


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a verdict rests on; every value is DER. `units` are the stamps' signers, `others` lie above them.

    `between` tells where `now` lies among the moments at which any of it begins or ends.
    """

    units: tuple[bytes, ...]
    others: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    between: tuple[datetime, int, int]
    now: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class Stamps:
    """Where an act's time stamp comes from, the bytes one takes, and the proof that its certificates are good."""

    stamper: TimeStamper
    size: int
    proof: Proof


def stamps_at(timestamper: Timestamper, now: datetime) -> Stamps:
    """What an act made at `now` needs of a place to have time stamps from.

    Raises TimestampUnavailable (retriable), or IssuerUnavailable `kedjan_haller_inte`.
    """
    stamping = timestamper.at(now)
    token = finished(stamping.stamper.async_dummy_response("sha256"))
    return Stamps(stamping.stamper, len(token.dump()), _proof(token, stamping, timestamper, now))


def _proof(token: cms.ContentInfo, stamping: Stamping, timestamper: Timestamper, now: datetime) -> Proof:
    found = SimpleCertificateStore()
    units = tuple(each.dump() for each in extract_ts_certs(token, found))
    others = tuple(dict.fromkeys(each.dump() for each in (*found, *stamping.certificates)))
    roots = tuple(each.dump() for each in timestamper.roots())
    turns = _turns((*roots, *others), stamping.crls, stamping.ocsps)
    between = (now.replace(minute=0, second=0, microsecond=0), bisect_left(turns, now), bisect_right(turns, now))
    return _proven(_Asked(units, others, roots, stamping.crls, stamping.ocsps, between, now))


@lru_cache(maxsize=8)
def _proven(asked: _Asked) -> Proof:
    context = judged_at(asked.now, asked.roots, asked.others, asked.crls, asked.ocsps)
    with translated():
        paths = tuple(_path(unit, context) for unit in asked.units)
    return Proof(paths, tuple(context.ocsps), tuple(context.crls))


def _path(unit: bytes, context: ValidationContext) -> ValidationPath:
    validator = CertificateValidator(asn1.Certificate.load(unit), validation_context=context)
    path: ValidationPath = finished(validator.async_validate_usage(set(), {"time_stamping"}))
    return path


@lru_cache(maxsize=8)
def _turns(certificates: tuple[bytes, ...], crls: tuple[bytes, ...], ocsps: tuple[bytes, ...]) -> list[datetime]:
    """The moments, in order, at which a verdict may turn; clocks that differ may move each of them."""
    moments = {*_of_certificates(certificates), *_of_lists(crls), *_of_answers(ocsps)}
    return sorted({each + moved for each in moments for moved in (-CLOCKS_DIFFER, timedelta(), CLOCKS_DIFFER)})


def _of_certificates(given: tuple[bytes, ...]) -> Iterator[datetime]:
    for each in map(asn1.Certificate.load, given):
        yield from (each.not_valid_before, each.not_valid_after)


def _of_lists(given: tuple[bytes, ...]) -> Iterator[datetime]:
    for each in given:
        told = crl.CertificateList.load(each)["tbs_cert_list"]
        yield from _known(told, "this_update", "next_update")


def _of_answers(given: tuple[bytes, ...]) -> Iterator[datetime]:
    for each in given:
        told = ocsp.OCSPResponse.load(each).response_data
        yield from _known(told, "produced_at")
        for answer in told["responses"]:
            yield from _known(answer, "this_update", "next_update")


def _known(told: Any, *names: str) -> Iterator[datetime]:
    yield from (each for each in (told[name].native for name in names) if each is not None)
