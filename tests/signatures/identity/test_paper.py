"""An employee certifies the scan of an original signed in ink."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from signatures.errors import IdentityRefused
from signatures.identity import Asked, IdentityEvidence, IdType, Person, TestIdentityProvider
from signatures.identity.checks import PAPER
from signatures.identity.paper import Certified, certify

from .test_attested import ASKED, KIM, LOA3, NOW, attester

SCAN = "5ca1" * 16


def certifier(who: Person = KIM, **changed: object) -> IdentityEvidence:
    return attester(who, **{"scan_sha256": SCAN, **changed})


def refused(by: IdentityEvidence, scan: str = SCAN, minimum: str = LOA3, asked: Asked = ASKED) -> str:
    with pytest.raises(IdentityRefused) as error:
        certify(asked, by, scan, NOW, minimum=minimum)
    return error.value.code


def test_the_evidence_names_the_scan_and_who_certified_it():
    by = certifier()
    made = certify(ASKED, by, SCAN, NOW, minimum=LOA3)
    said = json.loads(made.raw)
    assert (made.method, made.level, made.name) == ("papper", PAPER, "Prov Person")
    assert said["scan_sha256"] == SCAN
    assert IdentityEvidence.from_canonical(base64.b64decode(said["certifier"])) == by


def test_what_is_not_certified():
    assert refused(certifier(version=2)) == "fel_bindning"
    assert refused(certifier(), scan="0bad" * 16) == "fel_bindning"
    assert refused(attester()) == "fel_bindning"  # who was shown no scan
    assert refused(replace(certifier(), level=PAPER), minimum=PAPER) == "for_lag_niva"
    assert refused(certifier(Person(IdType.PERSONNUMMER, "194005202389", "Prov Person"))) == "egen_intygare"
    assert refused(certifier(), asked=replace(ASKED, wanted=None)) == "ofullstandigt_underlag"


ANYONE = TestIdentityProvider(test=True)


def test_stored_evidence_must_be_what_the_certifier_vouched_for():
    way, made = Certified(ANYONE, LOA3), certify(ASKED, certifier(), SCAN, NOW, minimum=LOA3)
    assert way.prove_again(made) is False  # it holds, but a test's certifier proves nothing
    said = json.loads(made.raw)
    for changed in (
        {"level": LOA3},
        {"transaction_id": "another"},
        {"name": "Annan Person"},
        {"id_value": "199001019802"},
        {"raw": json.dumps({key: said[key] for key in said if key != "wanted"}).encode()},
        {"bound": {**made.bound, "version": 7}},
        {"raw": json.dumps({**said, "scan_sha256": "0bad" * 16}).encode()},
        {"raw": json.dumps({**said, "bound": {}}).encode()},
        {"raw": json.dumps({**said, "certifier": ""}).encode()},
    ):
        with pytest.raises(IdentityRefused):
            way.prove_again(replace(made, **changed))
