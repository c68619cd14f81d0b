"""The organisation's seal on a document of its own: whose it is, that it holds, what is refused.

EU DSS, pdfsig and veraPDF judge a whole certificate in `tests/cli/test_document_words.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from signatures.authentication_context import AUTHENTICATION_CONTEXT
from signatures.errors import SignatureError
from signatures.eseal import ESealRequest, eseal
from signatures.fields import FieldSpec, prepare
from signatures.issuer import Issued, Issuer, Organisation
from signatures.tsa import LocalTimestamper
from signatures.verify import Trust, verify

from .plans import LATIN, NOW, issuer, plan
from .tsa_server import unit

TOWN = Organisation("Norrbro kommun", "212000-0000")
ASKED = "ab" * 32
LINES = ("Elektronisk stämpel: Norrbro kommun", "Stämplad 2026-03-02 kl. 10:00")
ORDER = ESealRequest("kommun", TOWN, ASKED, LINES, "Intygar vad dokumentet säger", NOW)


@cache
def certificate_to_be() -> bytes:
    pdf, anchors = plan('<div class="plats" id="plats-kommun"></div>')
    field = FieldSpec("kommun", *anchors["plats-kommun"], "Elektronisk stämpel", ("kommun",))  # type: ignore[arg-type]
    return prepare(pdf, [field], "", LATIN)


@cache
def made() -> tuple[bytes, tuple[Issued, ...]]:
    log: list[Issued] = []
    return eseal(certificate_to_be(), ORDER, logged(log.append), LocalTimestamper(issuer())), tuple(log)


def logged(log: Callable[[Issued], object]) -> Issuer:
    return replace(issuer(), log=log)


def trust() -> Trust:
    return Trust(issuer().trust_pem(), LocalTimestamper(issuer()).trust_pem())


def test_it_is_valid_and_says_which_organisation() -> None:
    report = verify(made()[0], trust(), None, NOW + timedelta(hours=1))
    assert report.verdict == "valid", [(r.id, r.text_sv) for r in report.rules]
    (fact,) = report.signatures
    assert (fact.field, fact.signer, fact.level, fact.trusted) == ("kommun", "Norrbro kommun", "B-LTA", True)


def test_its_certificate_names_the_organisation_and_nobody_else() -> None:
    (fact,) = verify(made()[0], trust(), None, NOW + timedelta(hours=1)).signatures
    certificate = x509.load_der_x509_certificate(fact.certificate)
    said = {a.oid: a.value for a in certificate.subject}
    assert said == {
        NameOID.COUNTRY_NAME: "SE",
        NameOID.ORGANIZATION_NAME: "TEST Norrbro kommun",
        NameOID.ORGANIZATION_IDENTIFIER: "NTRSE-2120000000",
        NameOID.COMMON_NAME: "Norrbro kommun",
    }
    assert AUTHENTICATION_CONTEXT not in {e.oid for e in certificate.extensions}, "nobody was identified"
    (issued,) = made()[1]
    assert (issued.serial, issued.evidence_sha256) == (certificate.serial_number, ASKED)


def test_without_a_known_number_there_is_none() -> None:
    for number in (None, "", "000"):
        subject = Organisation("Norrbro kommun", number).subject(test=False)
        assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER) == []


def test_without_its_entry_in_the_log_there_is_no_seal() -> None:
    def full(_: Issued) -> None:
        raise OSError("the trail is full")

    with pytest.raises(OSError, match="the trail is full"):
        eseal(certificate_to_be(), ORDER, logged(full), LocalTimestamper(issuer()))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"field": "annat"}, "falt_saknas"),
        ({"lines": ("Elektronisk stämpel",)}, "namn_saknas"),
        ({"lines": (*LINES, "19121212-1212")}, "personnummer_synligt"),
        ({"now": NOW + timedelta(days=365 * 16)}, "kedjan_haller_inte"),
    ],
)
def test_what_is_refused(change: dict[str, object], code: str) -> None:
    sealing = partial(eseal, issuer=issuer(), timestamper=LocalTimestamper(issuer()))
    with pytest.raises(SignatureError) as caught:
        sealing(certificate_to_be(), replace(ORDER, **change))  # type: ignore[arg-type]
    assert caught.value.code == code


def test_an_issuer_near_its_end_seals_nothing() -> None:
    late = NOW + timedelta(days=365 * 14 + 180)
    near = unit(issuer(), "http://127.0.0.1:9/crl", (late - timedelta(days=1), late + timedelta(days=1)))
    with pytest.raises(SignatureError) as caught:
        eseal(certificate_to_be(), replace(ORDER, now=late), near, LocalTimestamper(near))
    assert caught.value.code == "utgiven_for_kort"


def test_a_sealed_one_is_not_sealed_again() -> None:
    with pytest.raises(SignatureError) as caught:
        eseal(made()[0], ORDER, issuer(), LocalTimestamper(issuer()))
    assert caught.value.code == "falt_fyllt"
