"""An employee certifies the scan of an original signed in ink."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from signatures.errors import IdentityRefused
from signatures.identity import IdentityEvidence, IdType, Person
from signatures.identity.checks import PAPER
from signatures.identity.paper import certify

from .test_attested import ASKED, LOA3, NOW, attester

SCAN = b"%PDF-1.7 a scan"


def refused(by: IdentityEvidence, scan: bytes = SCAN, minimum: str = LOA3) -> str:
    with pytest.raises(IdentityRefused) as error:
        certify(ASKED, by, scan, NOW, minimum=minimum)
    return error.value.code


def test_the_evidence_names_the_scan_and_who_certified_it():
    by = attester()
    made = certify(ASKED, by, SCAN, NOW, minimum=LOA3)
    said = json.loads(made.raw)
    assert (made.method, made.level, made.name) == ("papper", PAPER, "Prov Person")
    assert said["scan_sha256"] == hashlib.sha256(SCAN).hexdigest()
    assert IdentityEvidence.from_canonical(base64.b64decode(said["certifier"])) == by


def test_what_is_not_certified():
    assert refused(attester(), b"<html>") == "ofullstandigt_underlag"
    assert refused(attester(version=2)) == "fel_bindning"
    assert refused(replace(attester(), level=PAPER), minimum=PAPER) == "for_lag_niva"
    assert refused(attester(Person(IdType.PERSONNUMMER, "194005202389", "Prov Person"))) == "fel_person"
