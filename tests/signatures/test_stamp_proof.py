"""That a time-stamp unit's own certificates are good is judged once, and holds no longer than what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.errors import IssuerUnavailable
from signatures.issuer import Issuer
from signatures.pades import sign
from signatures.stamp_proof import stamps_at
from signatures.tsa import LocalTimestamper, Stamping

from .plans import NOW, base, issuer, request, stranger
from .tsa_server import unit

MINUTE = timedelta(minutes=1)
CLOCKS = 5  # minutes that two clocks may differ
UNIT, LISTED = (-31, 12), (-18, 26)  # minutes from NOW: the unit's certificate, and the list that it is not on


@cache
def authority() -> Issuer:
    begins, ends = UNIT
    return unit(issuer(), "http://127.0.0.1:9/crl", (NOW + begins * MINUTE, NOW + ends * MINUTE))


@cache
def revocations(*revoked: int) -> bytes:
    """The root's list, ending within the hour."""
    by, (begins, ends) = authority(), LISTED
    made = x509.CertificateRevocationListBuilder().issuer_name(by.root.subject)
    made = made.last_update(NOW + begins * MINUTE).next_update(NOW + ends * MINUTE)
    for serial in revoked:
        gone = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - 20 * MINUTE)
        made = made.add_revoked_certificate(gone.build())
    return made.sign(by.root_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class Elsewhere:
    """A place to have time stamps from, whose list is the same for as long as it is told."""

    def __init__(self, told: Iterable[bytes], trusted: Issuer | None = None) -> None:
        self.told, self.here = tuple(told), LocalTimestamper(authority())
        self.trusted = LocalTimestamper(trusted) if trusted else self.here

    def at(self, now: datetime) -> Stamping:
        return replace(self.here.at(now), crls=self.told)

    def roots(self) -> tuple[asn1.Certificate, ...]:
        return self.trusted.roots()

    def trust_pem(self) -> bytes:
        return self.trusted.trust_pem()


def held(minute: float, place: Elsewhere | None = None) -> bool:
    try:
        stamps_at(place or Elsewhere([revocations()]), NOW + minute * MINUTE)
    except IssuerUnavailable as error:
        assert error.code == "kedjan_haller_inte"
        return False
    return True


def expected(minute: float) -> bool:
    return all(begins - CLOCKS <= minute <= ends + CLOCKS for begins, ends in (UNIT, LISTED))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-40, 40), min_size=2, max_size=6))
@example([0, 16.9, 17.1])
@example([0, 17.1, 16.9, 0])
@example([-22.9, -23.1, -22.9])
def test_in_whatever_order_it_is_asked_the_answer_is_that_moments(minutes: list[float]):
    edges = {edge + moved for span in (UNIT, LISTED) for edge in span for moved in (-CLOCKS, 0, CLOCKS)}
    for minute in minutes:
        if all(abs(minute - edge) > 1 / 60 for edge in edges):
            assert held(minute) == expected(minute), minute


def test_nothing_is_signed_when_the_unit_has_ended_within_the_hour():
    by, place = authority(), Elsewhere([revocations()])
    at = partial(request, "brukare")
    pdf = sign(base(), at(NOW), by, place)
    assert pdf.startswith(base())
    sign(base(), at(NOW + 16 * MINUTE), by, place)
    with pytest.raises(IssuerUnavailable) as caught:
        sign(base(), at(NOW + 18 * MINUTE), by, place)
    assert caught.value.code == "kedjan_haller_inte"


def test_a_unit_that_a_new_list_revokes_is_not_believed_a_moment_later():
    assert held(0)
    revoked = authority().tsa
    assert revoked is not None
    assert not held(0, Elsewhere([revocations(revoked.serial_number)]))
    assert held(0)


def test_without_any_list_it_is_not_believed():
    assert held(0)
    assert not held(0, Elsewhere([]))


def test_a_root_that_is_trusted_no_more_ends_it():
    assert held(0)
    assert not held(0, Elsewhere([revocations()], stranger()))
